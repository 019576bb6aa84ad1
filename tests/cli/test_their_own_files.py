"""export relocate and match on files as the programs themselves write them: of every shape.

Each shape is one that rekordbox 5 to 7, Traktor 2 to 4 or Serato writes on macOS or Windows; in
it, ``{x}`` stands for a track of the library, as that program spells its place.
"""

from __future__ import annotations

import struct
from pathlib import Path
from urllib.parse import quote

import pytest
from pyrekordbox.rbxml import RekordboxXml
from serato_tools.crate import Crate
from traktor_nml_utils import TraktorCollection

from tests.cli.terminal import Terminal


def shape(name: str) -> str:
    """A file with gaps."""
    return (Path(__file__).parent / "shapes" / name).read_text()


REKORDBOX_6 = shape("rekordbox-6.xml")
REKORDBOX_5 = shape("rekordbox-5.xml")
XML = {
    "rekordbox 6": REKORDBOX_6,
    "rekordbox 5": REKORDBOX_5,
    "lines of Windows": REKORDBOX_6.replace("\n", "\r\n"),
    "a mark of UTF-8": "\ufeff" + REKORDBOX_6,
    "another order": REKORDBOX_5.replace('TrackID="22184" Name="x"', 'Name="x" TrackID="22184"'),
    "no declaration": REKORDBOX_5.partition("\n")[2],
}
SPELLED = {
    "as rekordbox does": lambda path: quote(path, safe="/:!$'()*,;=@~"),
    "all encoded": lambda path: quote(path, safe="/"),
    "in small letters": lambda path: quote(path, safe="/").replace("%C3%A9", "%c3%a9"),
    "as entities": lambda path: (
        quote(path, safe="/").replace("%26", "&amp;").replace("%27", "&#39;")
    ),
    "with two slashes": lambda path: "/" + quote(path, safe="/"),
}
NML_3 = shape("traktor-3.nml")
NML = {
    "Traktor 3": NML_3,
    "lines of Windows": NML_3.replace("\n", "\r\n"),
    "closed in themselves": NML_3.replace("></LOCATION>", "/>").replace("></PRIMARYKEY>", "/>"),
    "another order": NML_3.replace(
        'DIR="{folder}" FILE="{file}" VOLUME="Macintosh HD"',
        'VOLUME="Macintosh HD" FILE="{file}" DIR="{folder}"',
    ),
    "a disk of another name": NML_3.replace("Macintosh HD", "osx"),
    "Traktor 4": NML_3.replace('VERSION="19"', 'VERSION="20"'),
    "a history": NML_3.replace(
        "</PRIMARYKEY>\n",
        '</PRIMARYKEY>\n<EXTENDEDDATA DECK="1" DURATION="2.5" EXTENDEDTYPE="HistoryData">'
        "</EXTENDEDDATA>\n",
    ),
    "without ids of disks": NML_3.replace(' VOLUMEID="Macintosh HD"', ""),
}


@pytest.fixture
def moved(t: Terminal) -> tuple[Terminal, Path, Path]:
    """A library in which one track has gone to another place: where it was, and is."""
    name = "100% é & it's (#1)"
    t.account.playlist("Deep", [t.track(name)])
    assert t("sync-execute", "--yes").code == 0
    (old,) = t.playlists.resolve().rglob("*.flac")
    t.account.rename(next(iter(t.account.playlists.values())), "Deeper")
    assert t("sync-execute", "--yes").code == 0
    (new,) = t.playlists.resolve().rglob("*.flac")
    assert old.name == new.name
    return t, old, new


def relocated(t: Terminal, data: bytes, name: str) -> tuple[Path, int]:
    """The file that comes of it, and how many of its tracks had moved."""
    mine, out = t.folder / f"mine {name}", t.folder / f"out {name}"
    mine.write_bytes(data)
    said = t("export", "relocate", "--from", str(mine), "--to", str(out), "--json")
    assert said.code == 0, said.err
    return out, len(said.json["moved"])


@pytest.mark.parametrize("spelled", SPELLED)
@pytest.mark.parametrize("shape", XML)
def test_a_rekordbox_xml_gets_the_new_place_and_nothing_else(
    moved: tuple[Terminal, Path, Path], shape: str, spelled: str
) -> None:
    t, old, new = moved
    spell = SPELLED[spelled]
    out, count = relocated(t, XML[shape].replace("{x}", spell(str(old))).encode(), "a.xml")
    first, _, _ = spell(str(new)).rpartition(quote("Deeper"))
    assert count == 1
    text = out.read_bytes().decode()
    before, *after = XML[shape].split("{x}")
    assert text.startswith(before + first)
    assert text.endswith(after[-1])
    assert not [it for it in text.split('"') if it.endswith(spell(f"/Deep/{old.name}"))]
    if shape != "a mark of UTF-8":
        places = [it["Location"] for it in RekordboxXml(out).get_tracks()]
        assert str(new) in [f"/{it}".replace("//", "/") for it in places]
    said = t("export", "match", "--from", str(out), "--json")
    assert (said.code, said.json["tracks"], said.json["by"]["place"]) == (0, 1, 1)
    (playlist,) = said.json["playlists"]
    assert playlist["entries"] == (1 if "5.6" in text else 3)
    said = t("export", "match", "--from", str(t.folder / "mine a.xml"), "--json")
    assert (said.code, said.json["by"]["moved"]) == (0, 1)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # leaves it open
@pytest.mark.parametrize("shape", NML)
def test_a_collection_of_traktors_gets_the_new_place_and_nothing_else(
    moved: tuple[Terminal, Path, Path], shape: str
) -> None:
    t, old, new = moved

    def told(path: Path) -> bytes:
        folder = f"{path.parent}/".replace("/", "/:")
        text = NML[shape].replace("{file}", path.name.replace("&", "&amp;"))
        query = f"{old.parent}/".replace("/", "/:")  # what a person searches for is theirs
        head, mark, rest = text.partition("QUERY=")
        return (
            head.replace("{folder}", folder) + mark + rest.replace("{folder}", query, 1)
        ).encode()

    out, count = relocated(t, told(old), "a.nml")
    assert count == 1
    assert out.read_bytes() == told(new)
    if shape != "a history":
        first = TraktorCollection(out).nml.collection.entry[0].location
        assert Path(first.dir.replace("/:", "/") + first.file).is_file()


def record(tag: str, content: bytes | str) -> bytes:
    data = content if isinstance(content, bytes) else content.encode("utf-16-be")
    return tag.encode() + struct.pack(">I", len(data)) + data


RULES = record("rart", record("brut", b"\0")) + record(
    "rurt", record("trft", "cond_con_str") + record("urkt", b"\0\0\0\7")
)


def crate(path: Path | str, version: str = "1.0/Serato ScratchLive Crate") -> bytes:
    """With columns as a person set them, rules, and fields that nobody has described."""
    track = record("ptrk", str(path).lstrip("/"))
    return (
        record("vrsn", version)
        + (RULES if "Smart" in version else b"")
        + record("osrt", record("tvcn", "bpm") + record("brev", b"\1"))
        + record("ovct", record("tvcn", "song") + record("tvcw", "250"))
        + record("otrk", track)
        + record("otrk", record("ptrk", "Users/dj/Music/é 🌒.mp3"))
        + record(
            "otrk", track + (record("uabc", b"\xde\xad\xbe\xef") if "Smart" in version else b"")
        )
        + (record("runk", b"\xff") if "Smart" in version else b"")
    )


@pytest.mark.parametrize(
    "version", ["1.0/Serato ScratchLive Crate", "1.0/Serato ScratchLive Smart Crate"]
)
def test_a_crate_gets_the_new_place_and_nothing_else(
    moved: tuple[Terminal, Path, Path], version: str
) -> None:
    t, old, new = moved
    out, count = relocated(t, crate(old, version), "a.crate")
    assert count == 1
    assert out.read_bytes() == crate(new, version)
    if "Smart" not in version:
        assert Crate(str(out)).tracks().count(str(new)[1:]) == 2


def test_what_is_none_of_these_is_refused_with_a_reason(moved: tuple[Terminal, Path, Path]) -> None:
    t, old, _ = moved
    database = record("vrsn", "2.0/Serato Scratch LIVE Database")
    database += record("otrk", record("pfil", str(old)[1:]))
    plist = (
        '<?xml version="1.0"?>\n<!DOCTYPE plist PUBLIC "-//Apple Computer//DTD PLIST 1.0//EN" "x">'
    )
    for name, data, why in (
        ("database V2", database, "Serato's library itself"),
        ("Library.xml", f'{plist}<plist version="1.0"></plist>'.encode(), "it is not a rekordbox"),
        ("cut.crate", crate(old)[:-1], "the crate is cut off"),
        ("cut.xml", REKORDBOX_6[:-20].encode(), "cut off"),
        ("doctype.xml", plist.encode() + REKORDBOX_5.partition("\n")[2].encode(), "DOCTYPE"),
        ("wide.xml", REKORDBOX_6.encode("utf-16"), "UTF-16"),
    ):
        mine, out = t.folder / name, t.folder / "out"
        mine.write_bytes(data)
        said = t("export", "relocate", "--from", str(mine), "--to", str(out), "--json")
        assert (said.code, out.exists()) == (2, False), name
        assert why in said.json["message"], name
