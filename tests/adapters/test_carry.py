"""What DJ programs and people wrote into a file, in the file that is made of it."""

from __future__ import annotations

import base64
import itertools
from pathlib import Path
from typing import Any

import mutagen
import pytest
from mutagen import id3
from mutagen.aiff import AIFF
from mutagen.flac import FLAC, MetadataBlock, Picture
from mutagen.id3 import ID3
from mutagen.mp4 import MP4, AtomDataType, MP4FreeForm
from serato_tools.track_beatgrid import TrackBeatgrid
from serato_tools.track_cues_v2 import TrackCuesV2

from strandline.core.ids import TrackId
from strandline.demo import music
from strandline.library.audio.containers import Container
from strandline.library.audio.encode import encode_mp3
from strandline.library.audio.headers import read_identity
from strandline.library.audio.lossless import encode_aiff, encode_flac
from strandline.library.audio.packets import packets_hash
from strandline.library.tags.carry import carry, not_carried
from strandline.library.tags.id3_frames import CannotCarryError, parse_tag
from strandline.library.tags.write import TrackTags, write_tags

TRACK = TrackId("4711")
CUES = base64.b64encode(
    b"\x01\x01COLOR\0\0\0\0\x04\0\xff\xff\xffCUE\0\0\0\0\x0e\0\0\0\0\x30\x39\0\xcc\0\0\0\0a\0\0"
    b"BPMLOCK\0\0\0\0\x01\0\0"
)
MARKERS2 = (b"\x01\x01" + CUES).ljust(470, b"\0")
GRID = bytes.fromhex("0100000000013d3c3e82432f000000")
SERATO = {
    "Serato Markers2": MARKERS2, "Serato BeatGrid": GRID, "Serato Overview": bytes(range(240)),
    "Serato Analysis": b"\x02\x01", "Serato Autotags": b"\x01\x01115.00\0-3.257\x000.000\0",
}  # fmt: skip
TRAKTOR = b"DMRT" + bytes(range(256)) * 4
JPEG = b"\xff\xd8\xff\xe0" + bytes(64) + b"\xff\xd9"


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A second of sound without any tags, by ending."""
    folder = tmp_path_factory.mktemp("sounds")
    (folder / "raw.flac").write_bytes(music.flac(7, 1))
    encode_flac(folder / "raw.flac", folder / "a.flac", rate=44_100, bits=16)
    encode_aiff(folder / "raw.flac", folder / "a.aiff", rate=44_100, bits=16)
    encode_mp3(folder / "raw.flac", folder / "a.mp3", 128)
    (folder / "a.m4a").write_bytes(music.m4a(7, 1, 96))
    return {it: (folder / f"a.{it}").read_bytes() for it in ("mp3", "aiff", "flac", "m4a")}


@pytest.fixture
def files(sounds: dict[str, bytes], tmp_path: Path) -> Files:
    return Files(sounds, tmp_path)


class Files:
    def __init__(self, sounds: dict[str, bytes], folder: Path) -> None:
        self.sounds, self.folder, self.number = sounds, folder, itertools.count()

    def bare(self, ending: str) -> Path:
        path = self.folder / f"{next(self.number)}.{ending}"
        path.write_bytes(self.sounds[ending])
        return path

    def tagged(self, ending: str) -> Path:
        """As strandline leaves it."""
        path = self.bare(ending)
        write_tags(path, TrackTags(
            track_id=TRACK, title="Low Water", version="Dub", artist="Ana", artists=("Ana",),
            album="Marks", track_number=3, year=2024, isrc="DEA260000001", bpm=124, key="F#m",
            cover=JPEG,
        ))  # fmt: skip
        return path

    def made_of(self, source: Path, ending: str) -> Path:
        target = self.bare(ending)
        sound = packets_hash(target)
        carry(source, target, TRACK)
        assert packets_hash(target) == sound
        assert read_identity(target).embedded == TRACK
        return target


def raw_frames(path: Path) -> list[tuple[str, bytes]]:
    if path.suffix == ".aiff":
        from mutagen.aiff import AIFFFile

        with path.open("rb") as file:
            form: Any = AIFFFile(file)
            data = form["ID3"].read()
    else:
        data = path.read_bytes()
    return [(frame.name, frame.data) for frame in parse_tag(lambda size: data[:size]).frames]


def add_id3(path: Path, *frames: Any, version: int = 3) -> None:
    tagged: Any = mutagen.File(path)
    for frame in frames:
        tagged.tags.add(frame)
    tagged.save(v2_version=version)


def geobs(data: dict[str, bytes] = SERATO) -> list[Any]:
    mime = "application/octet-stream"
    return [id3.GEOB(encoding=0, mime=mime, desc=desc, data=it) for desc, it in data.items()]


OTHERS = (
    *geobs(),
    id3.GEOB(encoding=0, mime="application/octet-stream", desc="Serato Markers_", data=b"\2\5abc"),
    id3.GEOB(encoding=0, mime="application/json", desc="CuePoints", data=b"e30="),
    id3.PRIV(owner="TRAKTOR4", data=TRAKTOR),
    id3.POPM(email="traktor@native-instruments.de", rating=204, count=7),
    id3.TXXX(encoding=1, desc="EnergyLevel", text=["7"]),
    id3.COMM(encoding=1, lang="eng", desc="", text=["8A - wärmer"]),
    id3.UFID(owner="http://musicbrainz.org", data=b"f9a1"),
)


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize(("old", "new"), list(itertools.product(("mp3", "aiff"), repeat=2)))
def test_between_mp3_and_aiff_every_frame_goes_over_byte_for_byte(
    files: Files, old: str, new: str, version: int
) -> None:
    source = files.tagged(old)
    add_id3(source, *OTHERS, version=version)
    before = raw_frames(source)
    assert not_carried(source, Container(new)) == ()
    assert raw_frames(files.made_of(source, new)) == before


def test_frames_that_nobody_knows_go_over(files: Files) -> None:
    source = files.tagged("mp3")
    data = source.read_bytes()
    end = 10 + (data[6] << 21 | data[7] << 14 | data[8] << 7 | data[9])
    unknown = b"XDJ7" + (5).to_bytes(4, "big") + b"\0\0" + b"\0\xffabc"
    frames = unknown + data[10:end].rstrip(b"\0")
    head = b"ID3\x03\0\0" + bytes(len(frames) >> shift & 127 for shift in (21, 14, 7, 0))
    source.write_bytes(head + frames + data[end:])
    assert ("XDJ7", b"\0\xffabc") in raw_frames(source)
    assert ("XDJ7", b"\0\xffabc") in raw_frames(files.made_of(source, "aiff"))
    assert not_carried(source, Container.FLAC) == ("XDJ7",)


def test_what_tells_of_the_old_encoding_alone_is_left_behind(files: Files) -> None:
    source = files.tagged("mp3")
    add_id3(
        source,
        id3.GEOB(encoding=0, mime="", desc="Serato Offsets_", data=b"\1\2"),
        id3.COMM(encoding=0, lang="eng", desc="iTunSMPB", text=[" 00000000 00000210"]),
        id3.TSSE(encoding=0, text=["LAME 3.99"]),
    )
    kept = {name for name, _ in raw_frames(files.made_of(source, "aiff"))}
    assert not kept & {"GEOB", "COMM", "TSSE"}


@pytest.mark.parametrize("old", ["mp3", "aiff"])
def test_seratos_frames_are_read_by_serato_tools_in_the_aiff(files: Files, old: str) -> None:
    source = files.tagged(old)
    add_id3(source, *geobs())
    made = files.made_of(source, "aiff")
    cues = TrackCuesV2(str(made))
    assert cues.raw_data == MARKERS2
    assert [entry.position for entry in cues.entries if hasattr(entry, "position")] == [12345]
    assert TrackBeatgrid(str(made)).raw_data == GRID


def test_seratos_data_is_in_flac_as_serato_writes_it_there_and_back_again(files: Files) -> None:
    source = files.tagged("mp3")
    add_id3(source, *geobs())
    made = files.made_of(source, "flac")
    flac: Any = FLAC(made)
    for name, desc in (
        ("SERATO_MARKERS_V2", "Serato Markers2"), ("SERATO_BEATGRID", "Serato BeatGrid"),
        ("SERATO_OVERVIEW", "Serato Overview"), ("SERATO_ANALYSIS", "Serato Analysis"),
        ("SERATO_AUTOGAIN", "Serato Autotags"),
    ):  # fmt: skip
        (text,) = flac[name]
        assert all(len(line) <= 72 for line in text.split("\n"))
        assert "=" not in text
        letters = text.replace("\n", "")
        plain = base64.b64decode(letters + "=" * (-len(letters) % 4))
        head = b"application/octet-stream\0\0" + desc.encode() + b"\0"
        assert plain == head + SERATO[desc]
    back = files.made_of(made, "aiff")
    assert {f.desc: f.data for f in AIFF(back).tags.getall("GEOB")} == SERATO


def test_seratos_older_cues_are_kept_beside_the_newer_ones(files: Files) -> None:
    source = files.tagged("mp3")
    add_id3(source, *geobs(SERATO | {"Serato Markers_": b"\2\5abc"}))
    back = files.made_of(files.made_of(source, "flac"), "mp3")
    assert {f.desc: f.data for f in ID3(back).getall("GEOB")}["Serato Markers_"] == b"\2\5abc"
    alone = files.tagged("mp3")
    add_id3(alone, *geobs({"Serato Markers_": b"\2\5abc"}))
    assert not_carried(alone, Container.FLAC) == ("GEOB Serato Markers_",)


def test_seratos_atoms_are_in_the_flac_that_comes_for_an_m4a(files: Files) -> None:
    source = files.tagged("m4a")
    m4a: Any = MP4(source)
    whole = b"application/octet-stream\0\0Serato Markers2\0" + MARKERS2
    text = base64.b64encode(whole).rstrip(b"=")
    m4a.tags["----:com.serato.dj:markersv2"] = [MP4FreeForm(text, AtomDataType.UTF8)]
    m4a.save()
    made: Any = FLAC(files.made_of(source, "flac"))
    assert made["SERATO_MARKERS_V2"][0].replace("\n", "").encode() == text


@pytest.mark.parametrize(
    ("frame", "name"),
    [(id3.PRIV(owner="TRAKTOR4", data=TRAKTOR), "PRIV TRAKTOR4"),
     (id3.POPM(email="a", rating=1), "POPM"),
     (id3.GEOB(encoding=0, mime="", desc="CuePoints", data=b"e30="), "GEOB CuePoints")],
)  # fmt: skip
@pytest.mark.parametrize("new", ["flac", "m4a"])
def test_what_has_no_form_in_the_new_kind_is_named_and_nothing_is_written(
    files: Files, frame: Any, name: str, new: str
) -> None:
    source = files.tagged("mp3")
    add_id3(source, frame)
    assert not_carried(source, Container(new)) == (name,)
    target = files.bare(new)
    before = target.read_bytes()
    with pytest.raises(CannotCarryError, match=name):
        carry(source, target, TRACK)
    assert target.read_bytes() == before


def test_between_two_flac_files_every_block_goes_over(files: Files) -> None:
    source = files.tagged("flac")
    flac: Any = FLAC(source)
    flac.tags.append(("TRAKTOR4", "armoured ~ text"))
    flac.tags.append(("RATING", "204"))
    flac.tags.append(("rating", "5"))
    for kind in (3, 4, 8):
        picture = Picture()
        picture.type, picture.mime, picture.data, picture.desc = kind, "image/png", b"\x89PNG", "x"
        flac.add_picture(picture)
    program = MetadataBlock(b"riffabcdefgh")
    program.code = 2
    flac.metadata_blocks.append(program)
    flac.save()
    made: Any = FLAC(files.made_of(source, "flac"))
    again: Any = FLAC(source)
    assert list(made.tags) == list(again.tags)
    assert [it.write() for it in made.pictures] == [it.write() for it in again.pictures]
    assert [it.data for it in made.metadata_blocks if it.code == 2] == [b"riffabcdefgh"]
    assert not_carried(source, Container.MP3) == ("APPLICATION", "TRAKTOR4")


def test_between_two_m4a_files_every_atom_goes_over(files: Files) -> None:
    source = files.tagged("m4a")
    m4a: Any = MP4(source)
    m4a.tags["----:com.native-instruments.traktor:cues"] = [
        MP4FreeForm(TRAKTOR, AtomDataType.IMPLICIT)
    ]
    m4a.tags["----:com.serato.dj:markers"] = [b"AAAA"]
    m4a.tags["xdj7"] = ["unknown"]
    m4a.save()
    made: Any = MP4(files.made_of(source, "m4a"))
    again: Any = MP4(source)
    assert dict(made.tags) == {k: v for k, v in again.tags.items() if k != "©too"}
    assert made.tags["----:com.native-instruments.traktor:cues"][0].dataformat == 0


@pytest.mark.parametrize(
    ("old", "new"), list(itertools.permutations(("mp3", "aiff", "flac", "m4a"), 2))
)
def test_texts_numbers_and_pictures_are_the_same_in_every_kind(
    files: Files, old: str, new: str
) -> None:
    made, own = files.made_of(files.tagged(old), new), files.tagged(new)
    assert facts(made) == facts(own)


def facts(path: Path) -> dict[str, Any]:
    found: Any = mutagen.File(path)
    if isinstance(found, FLAC):
        told = {key.upper(): list(found.tags[key]) for key in dict(found.tags)}
        told.pop("ENCODER", None)
        return told | {"pictures": [(it.mime, it.data) for it in found.pictures]}
    if isinstance(found, MP4):
        return {k: v for k, v in found.tags.items() if k != "©too"}
    return {key: getattr(it, "text", None) or getattr(it, "data", None)
            for key, it in found.tags.items()}  # fmt: skip


def test_a_persons_own_file_gets_the_tracks_id_and_keeps_all_else(files: Files) -> None:
    source = files.bare("mp3")
    tag = ID3()
    tag.add(id3.TIT2(encoding=3, text=["My own name"]))
    tag.save(source, v2_version=4)
    made = files.made_of(source, "flac")
    assert FLAC(made)["TITLE"] == ["My own name"]
    bare = files.made_of(files.bare("flac"), "mp3")
    assert [name for name, _ in raw_frames(bare)] == ["TXXX"]


def test_a_tag_that_is_damaged_is_no_tag_to_carry(files: Files) -> None:
    source = files.tagged("mp3")
    data = bytearray(source.read_bytes())
    data[14:18] = b"\xff\xff\xff\xff"
    source.write_bytes(data)
    with pytest.raises(CannotCarryError):
        not_carried(source, Container.FLAC)
