"""Exports are read by programs that are not ours, with the names that hurt."""

from __future__ import annotations

import plistlib
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import rbox
from pyrekordbox.rbxml import RekordboxXml
from serato_tools.crate import Crate
from tests.mpd import mpd, without_mpd
from traktor_nml_utils import TraktorCollection

from strandline.core.exports import (
    ROOT,
    ExportFolder,
    ExportPlaylist,
    ExportTrack,
    Handover,
    Unfit,
)
from strandline.core.ids import PlaylistId, TrackId
from strandline.demo import music
from strandline.library.exports import itunes, m3u8, rekordbox, serato, traktor

NAMES = (
    "Plain", "Emoji 🌒 & Bell", "50% #1 [x] (y) {z}", "it's \"quoted\" <b>", "שלום עולם",
    "夜のバス",
    "a+b;c=d@e,f!g~h", "Ōkawa", "#comment", "x?y", "é", "back\\slash", "semi:colon",
)  # fmt: skip
ORDER = (3, 0, 1, 3, 12, 2)
"""TIDAL's order, with one track twice."""
ORDERED = tuple(TrackId(str(100 + number)) for number in ORDER)


@pytest.fixture
def handover(tmp_path: Path) -> Handover:
    """A track a name; its file is really there."""
    return handed_over(tmp_path / "Müsic & more #1" / " leading")


def handed_over(music_folder: Path) -> Handover:
    music_folder.mkdir(parents=True)
    tracks = {}
    for number, name in enumerate(NAMES):
        path = music_folder / f"{name}.flac"
        path.write_bytes(music.flac(number, 1))
        id = TrackId(str(100 + number))
        title = f"{name}\x07"  # XML has no form for a bell
        tracks[id] = ExportTrack(
            id, str(path), path.stat().st_size, title, f"A & {name}", "Album <1>", None, "House",
            2024, 201, "ZZSTR2600001", 3, 1, date(2026, 11, 8), 124.5, "F#m",
        )  # fmt: skip
    playlists = [
        ExportPlaylist(PlaylistId("a"), "Peak & <Time> 🌒", "Peak Time", "gigs", ORDERED),
        ExportPlaylist(PlaylistId("b"), "Twice", "Twice", ROOT, ORDERED[:2]),
        ExportPlaylist(PlaylistId("c"), "twice", "twice [c]", ROOT, ORDERED[:1]),
        ExportPlaylist(PlaylistId("d"), "Empty", "Empty", ROOT, ()),
    ]
    folders = [
        ExportFolder("gigs", "Gigs / 2026", "year"),
        ExportFolder("year", "Year", ROOT),
        ExportFolder("none", "Without any playlist", ROOT),
    ]
    return Handover(tracks, playlists, folders)


def paths(handover: Handover) -> list[str]:
    """Those of the first playlist, in its order."""
    return [handover.tracks[id].path for id in handover.playlists[0].tracks]


def fitting(handover: Handover, unfit: Unfit) -> Handover:
    """Without what a format cannot hold."""
    tracks = {id: it for id, it in handover.tracks.items() if unfit(it) is None}
    playlists = [
        it._replace(tracks=tuple(id for id in it.tracks if id in tracks))
        for it in handover.playlists
    ]
    return Handover(tracks, playlists, handover.folders)


def contents(several: Iterable[tuple[str, Callable[[], Iterable[bytes]]]]) -> dict[str, bytes]:
    """Of each file its content."""
    return {name: b"".join(make()) for name, make in several}


def written(folder: Path, name: str, blocks: Iterable[bytes]) -> Path:
    file = folder / name
    file.write_bytes(b"".join(blocks))
    return file


def test_pyrekordbox_finds_every_file_and_playlist(tmp_path: Path, handover: Handover) -> None:
    file = written(tmp_path, "rekordbox.xml", rekordbox.rekordbox_xml(handover))
    read = RekordboxXml(file)
    assert read.num_tracks == len(NAMES)
    for track in read.get_tracks():
        assert Path("/" + track["Location"]).is_file()  # it takes the first slash away
    top = {node.name: node for node in read.root_playlist_folder.get_playlists()}
    assert list(top) == ["Year", "Empty", "Twice", "twice (2)"]
    peak = read.get_playlist("Year", "Gigs / 2026", "Peak & <Time> 🌒")
    assert peak.get_tracks() == [100 + number for number in ORDER]
    first = read.get_track(TrackID=101)
    assert (first["Name"], first["AverageBpm"], first["Tonality"]) == (NAMES[1], 124.5, "F#m")
    assert (first["TotalTime"], first["Kind"]) == (201, "FLAC File")


def test_rbox_reads_the_same(tmp_path: Path, handover: Handover) -> None:
    file = written(tmp_path, "rekordbox.xml", rekordbox.rekordbox_xml(handover))
    read = rbox.RekordboxXml(str(file))
    places = {track.trackid: "/" + track.location for track in read.get_tracks()}
    assert sorted(places.values()) == sorted(track.path for track in handover.tracks.values())
    node = read.root_playlist
    for name in ("Year", "Gigs / 2026", "Peak & <Time> 🌒"):
        node = next(child for child in node.nodes if child.name == name)
    assert len(node.tracks) == len(ORDER)


def nml_nodes(node: Any) -> Iterator[Any]:
    yield node
    for child in node.subnodes.node if node.subnodes else ():
        yield from nml_nodes(child)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # leaves it open
def test_traktor_nml_utils_reads_places_order_and_folders(
    tmp_path: Path, handover: Handover
) -> None:
    fit = fitting(handover, traktor.unfit)
    file = written(tmp_path, "traktor.nml", traktor.traktor_nml(fit))
    nml = TraktorCollection(file).nml
    assert nml.version == 19
    assert nml.collection.entries == len(nml.collection.entry) == len(fit.tracks)
    for entry in nml.collection.entry:
        at = entry.location
        assert Path(at.dir.replace("/:", "/") + at.file).is_file()
        assert (entry.musical_key.value_attribute, entry.tempo.bpm) == (18, 124.5)
    found = {node.name: node for node in nml_nodes(nml.playlists.node)}
    assert list(found)[:3] == ["$ROOT", "Year", "Gigs / 2026"]
    keys = [entry.primarykey.key for entry in found["Peak & <Time> 🌒"].playlist.entry]
    assert [key.removeprefix("Macintosh HD").replace("/:", "/") for key in keys] == paths(fit)


def test_serato_tools_reads_the_crates(tmp_path: Path, handover: Handover) -> None:
    crates = contents(serato.serato_crates(handover))
    assert [name.removeprefix("Subcrates/") for name in crates] == [
        "strandline.crate",
        "strandline%%Year.crate",
        "strandline%%Year%%Gigs - 2026.crate",
        "strandline%%Year%%Gigs - 2026%%Peak & (Time) 🌒.crate",
        "strandline%%Empty.crate",
        "strandline%%Twice.crate",
        "strandline%%twice (2).crate",
    ]
    file = written(tmp_path, "peak.crate", [list(crates.values())[3]])
    assert Crate(str(file)).tracks() == [path[1:] for path in paths(handover)]
    assert crates["Subcrates/strandline%%Twice.crate"].count(b"otrk") == 2


def test_a_percent_sign_beside_a_border_begins_no_other_crate() -> None:
    folders = [ExportFolder("f", "Gigs #1 %", ROOT)]
    names = ("same", "% off", "50%%%", "%%", "a" * 188 + "%b")
    playlists = [
        ExportPlaylist(PlaylistId(str(number)), name, name, "f", ())
        for number, name in enumerate(names)
    ]
    crates = [name for name, _ in serato.serato_crates(Handover({}, playlists, folders))]
    stems = [name.removeprefix("Subcrates/").removesuffix(".crate") for name in crates]
    assert all("%%%" not in stem and not stem.endswith("%") for stem in stems)
    assert all(stem.rpartition("%%")[0] in stems for stem in stems if "%%" in stem)
    assert {stem.split("%%")[1] for stem in stems[1:]} == {"Gigs #1 ％", "a" * 188}


def test_an_external_disk_gets_its_own_files_alone(handover: Handover) -> None:
    away = handover.tracks[TrackId("100")]._replace(path="/Volumes/GIGS/Music/x.flac")
    home = handover.tracks[TrackId("101")]
    on_disk, at_home = map(serato.unfit, ("/Volumes/GIGS/_Serato_", "/Users/ana/Music/_Serato_"))
    assert [on_disk(it) for it in (away, home)] == [None, "on_another_disk"]
    assert [at_home(it) for it in (away, home)] == ["on_another_disk", None]
    one = Handover({away.id: away}, [ExportPlaylist(PlaylistId("p"), "P", "P", ROOT, (away.id,))])
    assert (
        "Music/x.flac".encode("utf-16-be")
        in contents(serato.serato_crates(one))["Subcrates/strandline%%P.crate"]
    )
    assert "/Volumes" not in b"".join(contents(serato.serato_crates(one)).values()).decode(
        "utf-16-be", "ignore"
    )


def test_plistlib_reads_tracks_playlists_and_folders(handover: Handover) -> None:
    read = plistlib.loads(b"".join(itunes.itunes_xml(handover)))
    for id, track in read["Tracks"].items():
        assert track["Track ID"] == int(id)
        assert Path(unquote(urlsplit(track["Location"]).path)).is_file()
        assert (track["Total Time"], track["BPM"]) == (201_000, 124)
    lists = {one["Name"]: one for one in read["Playlists"]}
    assert lists["Year"]["Folder"]
    gigs, peak = lists["Gigs / 2026"], lists["Peak & <Time> 🌒"]
    assert peak["Parent Persistent ID"] == gigs["Playlist Persistent ID"]
    assert [it["Track ID"] for it in peak["Playlist Items"]] == [100 + number for number in ORDER]
    assert "Playlist Items" not in lists["Empty"]


def listed_by(lines: Iterable[str]) -> list[str]:
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("absolute", [False, True])
def test_every_line_of_an_m3u8_is_a_file(
    tmp_path: Path, handover: Handover, absolute: bool
) -> None:
    folder = tmp_path / "exports" / "m3u8"
    files = contents(m3u8.m3u8_files(handover, None if absolute else str(folder)))
    assert list(files) == ["Peak Time.m3u8", "Twice.m3u8", "twice [c].m3u8", "Empty.m3u8"]
    text = files["Peak Time.m3u8"].decode()
    assert text.startswith("#EXTM3U\n#PLAYLIST:Peak & <Time> 🌒\n#EXTINF:201,")
    folder.mkdir(parents=True)
    places = [str((folder / line).resolve()) for line in listed_by(text.split("\n"))]
    assert places == paths(handover)


@pytest.mark.skipif(not shutil.which("mpv"), reason="mpv is not installed")
def test_mpv_plays_what_an_m3u8_lists(tmp_path: Path, handover: Handover) -> None:
    fit = fitting(handover, m3u8.unfit)
    every = fit.playlists[0]._replace(tracks=tuple(fit.tracks))
    file = written(tmp_path, "every.m3u8", m3u8.m3u8(every, fit.tracks, str(tmp_path)))
    quiet = ["--no-config", "--ao=null", "--vo=null", "--untimed", "--length=0.01"]
    command = ["mpv", *quiet, "--msg-level=all=info", str(file)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120)
    said = ended.stdout + ended.stderr
    assert "Failed" not in said
    assert said.count("Playing: ") == len(fit.tracks), said


@without_mpd
@pytest.mark.parametrize("absolute", [False, True])
def test_mpd_finds_every_track_of_an_m3u8_in_its_order(tmp_path: Path, absolute: bool) -> None:
    """In the names of folders it forgets blanks that stand first: those have none here."""
    handover = handed_over(tmp_path / "Müsic & more #1")
    folder = tmp_path / "exports" / "m3u8"
    folder.mkdir(parents=True)
    fit = fitting(handover, m3u8.unfit)
    every = ExportPlaylist(
        PlaylistId("e"), "Every", "#1: every & all", ROOT, (*fit.tracks, *ORDERED)
    )
    of = Handover(fit.tracks, [*fit.playlists, every])
    for name, content in contents(m3u8.m3u8_files(of, None if absolute else str(folder))).items():
        written(folder, name, [content])
    with mpd(tmp_path, tmp_path / "mpd") as player:
        for it in of.playlists:
            queued = player.queued(f"exports/m3u8/{m3u8.file_name(it)}")
            assert [f"{tmp_path}/{path}" for path in queued] == [
                of.tracks[id].path for id in it.tracks
            ]


def test_what_a_line_cannot_hold_is_told(handover: Handover) -> None:
    odd = handover.tracks[TrackId("100")]
    for path in ("/a/b\nc.mp3", "/a/b.mp3 "):
        assert m3u8.unfit(odd._replace(path=path)) == "name_not_in_format"
    assert traktor.unfit(odd._replace(path="/a/\x07.mp3")) == "name_not_in_format"
    assert rekordbox.unfit(odd._replace(path="/" + "a" * 255)) == "path_too_long"


def test_the_same_library_gives_the_same_bytes(tmp_path: Path, handover: Handover) -> None:
    for write in (rekordbox.rekordbox_xml, traktor.traktor_nml, itunes.itunes_xml):
        assert list(write(handover)) == list(write(handover))


def test_a_crate_keeps_its_name_however_deep_its_folder_is() -> None:
    names = [f"Level {number} {'é' * 30}" for number in range(6)]
    above = [ROOT, *map(str, range(5))]
    folders = [ExportFolder(str(it), names[it], above[it]) for it in range(6)]
    playlists = [
        ExportPlaylist(PlaylistId(name), name, name, "5", ())
        for name in ("Deep", "Deep2 " + "y" * 60)
    ]
    crates = contents(serato.serato_crates(Handover({}, playlists, folders)))
    stems = [name.removeprefix("Subcrates/").removesuffix(".crate") for name in crates]
    own = {stem.rpartition("%%")[2] for stem in stems}
    assert {it.name for it in playlists} | set(names) <= own
    assert all(stem.rpartition("%%")[0] in stems for stem in stems if "%%" in stem)
    assert max(len(stem.encode()) for stem in stems) <= 200


def test_controls_in_a_title_make_no_m3u8_binary(handover: Handover) -> None:
    odd = handover.tracks[TrackId("100")]._replace(title="a\x00b\x1b\x85 👩‍🎤\nc", artist="A")
    one = Handover({odd.id: odd}, [handover.playlists[0]._replace(tracks=(odd.id,))])
    (content,) = contents(m3u8.m3u8_files(one, None)).values()
    assert "#EXTINF:201,A - ab 👩‍🎤 c\n" in content.decode()


def test_a_list_of_ours_is_told_from_those_of_other_programs(handover: Handover) -> None:
    tracks = {
        id: it._replace(path=f"../Music/A/{number}.mp3")
        for number, (id, it) in enumerate(handover.tracks.items())
    }
    for playlist in handover.playlists:
        ours = b"".join(m3u8.m3u8(playlist, tracks))
        assert m3u8.is_own(ours, "../Music")
        assert m3u8.is_own(ours, "../../Music") is (not playlist.tracks)
    for other in (
        b"", b"#EXTM3U\n", b"\xff\xfe#\x00",
        ours + b"../Music/A/1.mp3\n", ours.replace(b"\n", b"\r\n"),
        ours + b"#EXTINF:1,A - b\nA/1.mp3\n", ours + b"#EXTINF:1,A - b\n",
        b"#EXTM3U\n#EXTINF:1,A - b\n../Music/A/1.mp3\n",
    ):  # fmt: skip
        assert not m3u8.is_own(other, "../Music")
