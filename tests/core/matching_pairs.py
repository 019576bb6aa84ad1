"""Pairs of a file and a track with what a person would say: same, different, or unsure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from strandline.core.ids import TrackId
from strandline.core.matching.files import FileTags, Maker, OwnFile
from strandline.core.states import WantedTrack


class Pair(NamedTuple):
    """One question with its answer."""

    kind: str
    file: OwnFile
    track: WantedTrack
    label: str


class Base(NamedTuple):
    """A made-up recording."""

    artist: str
    title: str
    seconds: int
    isrc: str


BASES = [
    Base(artist, title, seconds, f"QZX{number:02d}24{number * 37 % 100000:05d}")
    for number, (artist, title, seconds) in enumerate(
        [
            ("Harbour Lights", "Slow Tide", 214),
            ("Mara Ilves", "Käärme ja Kuu", 187),
            ("Σοφία Μελά", "Το Κύμα", 243),
            ("נועה ברק", "לילה בעיר", 201),
            ("서하늘", "밤의 정원", 226),
            ("Tønder & Sæby", "Blå Nat over Fjorden", 301),
            ("DJ Quarry", "Granite", 388),
            ("The Paper Kites of Lund", "Everything Left Unsaid", 233),
            ("Ødegård", "Number of the Least", 259),
            ("Kiko Barros", "Corazón de Sal", 195),
            ("Lowland Choir", "Hymn for 12 Voices", 412),
            ("Vera Zhou", "Paper Lanterns", 178),
            ("Nils Frahling", "Kreis", 512),
            ("Brick & Ivory", "Rust Never Asks", 221),
            ("Młoda Wisła", "Żółte Światło", 240),
            ("Yellow Crane", "1987", 205),
            ("Agnes Dole", "Don't Wait Up", 192),
            ("Comet, The", "Glass Elevator", 266),
            ("Ravine", "We Were Never Strangers Here", 318),
            ("Sol y Sombra", "Nochebuena Eterna", 229),
            ("Pico Lane", "7 Doors", 174),
            ("Otto Wren x Lumi", "Afterglow Parade", 345),
            ("Ivy Tran", "Mother Tongue", 208),
            ("Studio Nord", "Lange Schatten im August", 277),
        ],
        1,
    )
]


def track_of(base: Base, **changes: object) -> WantedTrack:
    """TIDAL's row of it."""
    track = WantedTrack(
        TrackId(str(9_000_000 + base.seconds * 31)),
        base.artist,
        base.title,
        None,
        base.seconds,
        base.isrc,
        album="A Record",
    )
    return track._replace(**changes)


def file_of(base: Base, name: str = "", **changes: object) -> OwnFile:
    """A file with its tags, made by no tool in particular."""
    tags = FileTags(title=base.title, artists=(base.artist,), duration=base.seconds + 0.3)
    return OwnFile(f"/music/{name or 'x.mp3'}", tags._replace(**changes))


def pairs() -> Iterator[Pair]:
    """All of them, made from every recording by every kind."""
    for base in BASES:
        yield from _same(base)
        yield from _different(base)
        yield from _unsure(base)
    yield from _by_hand()


def _versioned(base: Base, file: str, track: str, label: str, **of_file: object) -> Pair:
    """Titles with an ending each; no code."""
    tags = {"isrc": None} | of_file
    return Pair(
        f"{file!r} against {track!r}",
        file_of(base, title=base.title + file, **tags),
        track_of(base, title=base.title + track),
        label,
    )


def _same(base: Base) -> Iterator[Pair]:
    plain = track_of(base)
    swapped = base.title.swapcase()
    shop = f"{base.artist} - {base.title}".replace("/", "_")
    first, *others = base.artist.split(" x ")
    broken = base.title.encode().decode("latin-1")
    yield Pair("tags alone", file_of(base), plain, "same")
    yield Pair("other case", file_of(base, title=swapped), plain, "same")
    yield Pair("mojibake", file_of(base, title=broken), plain, "same")
    yield Pair("code and words", file_of(base, isrc=base.isrc.lower()), plain, "same")
    yield Pair("another code", file_of(base, isrc="GBAAA0300001"), plain, "same")
    yield Pair("id of TIDAL", file_of(base, tidal_id=plain.id, title="?"), plain, "same")
    yield Pair("own id", file_of(base, own_id=plain.id, title="My name for it"), plain, "same")
    yield Pair(
        "name alone", file_of(base, f"03 - {shop}.mp3", title=None, artists=()), plain, "same"
    )
    yield Pair("number in title", file_of(base, title=f"04 - {base.title}"), plain, "same")
    video = f"{base.artist} - {base.title} (Official Video)"
    yield Pair("artist in title", file_of(base, title=video), plain, "same")
    yield Pair("original mix", file_of(base, title=f"{base.title} (Original Mix)"), plain, "same")
    yield Pair("catalogue", file_of(base, title=f"{base.title} [QRY042]"), plain, "same")
    guest = f"{base.title} (feat. Bo Ek)"
    yield Pair("a guest in the title", file_of(base, title=guest), plain, "same")
    yield Pair("more artists", file_of(base, artists=(f"{first}, Bo Ek", *others)), plain, "same")
    yield Pair("spotDL", file_of(base, maker=Maker.SPOTDL, isrc=base.isrc), plain, "same")
    yield _versioned(base, " (Club Edit)", " [Club Edit]", "same")
    yield _versioned(base, " - Bo Ek Remix", " (Bo Ek Remix)", "same")
    yield _versioned(base, " Extended Mix", " (Extended Version)", "same")
    yield _versioned(base, " Pt. 2", " (Part II)", "same")
    yield Pair(
        "version beside",
        file_of(base, version="Festival Mix"),
        track_of(base, version="Festival Mix"),
        "same",
    )


def _different(base: Base) -> Iterator[Pair]:
    plain = track_of(base)
    for ending in (
        " (Club Edit)",
        " (Festival Mix)",
        " (DJ Tool)",
        " (2024 Rework)",
        " - Live in Oslo",
        " (Instrumental)",
        " (Acoustic)",
        " (Sped Up)",
        " (Bo Ek Remix)",
        " (Karaoke Version)",
        " (Demo)",
        " Pt. 2",
        " (VIP)",
        " (A Cappella)",
    ):
        yield _versioned(base, ending, "", "different")
        yield Pair(
            f"a code that lies, {ending!r}",
            file_of(base, isrc=base.isrc),
            track_of(base, title=base.title + ending),
            "different",
        )
    yield _versioned(base, " (Bo Ek Remix)", " (Una Sand Remix)", "different")
    yield _versioned(base, " (Live in Oslo)", " (Live in Bergen)", "different")
    yield _versioned(base, " (Part 1)", " (Part 2)", "different")
    yield _versioned(base, " (Club Edit)", " (Festival Edit)", "different")
    yield _versioned(base, " (Clean)", " (Explicit)", "different")
    yield Pair("far length", file_of(base, duration=base.seconds + 61.0), plain, "different")
    yield Pair("another's", file_of(base, artists=("Quite Someone Else",)), plain, "different")
    yield Pair("other words", file_of(base, title="Nothing Of The Kind"), plain, "different")
    yield Pair("a sequel", file_of(base, title=f"{base.title} 2"), plain, "different")
    yield Pair(
        "clean and explicit flags",
        file_of(base, explicit=False, isrc=base.isrc),
        track_of(base, explicit=True),
        "different",
    )
    yield Pair(
        "spotDL, wrong sound",
        file_of(base, maker=Maker.SPOTDL, isrc=base.isrc, duration=base.seconds + 31.0),
        plain,
        "different",
    )


def _unsure(base: Base) -> Iterator[Pair]:
    plain = track_of(base)
    yield Pair("4 s", file_of(base, duration=base.seconds + 4.0), plain, "unsure")
    yield Pair("no length", file_of(base, duration=None), plain, "unsure")
    yield Pair("no artist", file_of(base, artists=()), plain, "unsure")
    yield _versioned(base, " (2011 Remaster)", "", "unsure")
    yield _versioned(base, " (2009 Remaster)", " (2011 Remaster)", "unsure")
    yield _versioned(base, " (Live)", " (Live in Oslo)", "unsure")
    yield _versioned(base, " (Remix)", " (Bo Ek Remix)", "unsure")
    far = {"isrc": base.isrc, "duration": base.seconds + 40.0}
    yield Pair("code, far length", file_of(base, **far), plain, "unsure")
    other, another = "Sixteen Others", ("Quite Someone Else",)
    named = {"tidal_id": plain.id, "duration": base.seconds + 40.0}
    yield Pair("code, other words", file_of(base, isrc=base.isrc, title=other), plain, "unsure")
    yield Pair("code, another's", file_of(base, isrc=base.isrc, artists=another), plain, "unsure")
    yield Pair("id, far length", file_of(base, **named), plain, "unsure")
    yield Pair(
        "SoulSync's id, other words",
        file_of(base, tidal_id=plain.id, maker=Maker.SOULSYNC, title="Sixteen Others"),
        plain,
        "unsure",
    )
    yield Pair("Atmos", file_of(base, isrc=base.isrc), track_of(base, mode="DOLBY_ATMOS"), "unsure")


def _by_hand() -> Iterator[Pair]:
    def pair(label: str, file: tuple[str, str], track: tuple[str, str], **tags: object) -> Pair:
        base = Base(*track, 240, "QZX992400001")
        made = file_of(base, title=file[1], artists=(file[0],), **tags)
        return Pair(f"{file} against {track}", made, track_of(base), label)

    one, cut = "Ivy Tran", {"cut": True}
    yield pair("same", (one, "Paper&amp;Ink"), (one, "Paper & Ink"))
    yield pair("same", (one, "F**k the Rain"), (one, "Fuck the Rain"))
    yield pair("same", (one, "Rocket Season 3"), (one, "Rocket Season III"))
    halls = "Cathedrals of Ordinary Silence"
    yield pair("same", (one, halls), (one, f"{halls}s and Light"), **cut)
    yield pair("same", ("Tran, The", "Silver"), ("The Tran", "Silver"))
    yield pair("same", (one, "Wondreful Country"), (one, "Wonderful Country"))
    yield pair("same", ("Bo Ek feat. Ivy Tran", "Silver"), ("Bo Ek", "Silver (feat. Ivy Tran)"))
    yield pair("same", ("Beyonse Karlsson", "Silver"), ("Beyonce Karlsson", "Silver"))
    yield pair("same", (one, "Silver (Taken from Home)"), (one, "Silver"))
    slow = "Symphony No. 5: II. Andante"
    yield pair("same", (one, slow), (one, "Symphony No. 5 - II. Andante"))
    yield pair("different", (one, "Symphony No. 5: III. Finale"), (one, slow))
    yield pair("different", (one, "Symphony No. 6: II. Andante"), (one, slow))
    yield pair("different", (one, "Trust"), (one, "Trust In Rain"))
    yield pair("different", (one, "🌊"), (one, "🔥"))
    yield pair("same", (one, "🌊"), (one, "🌊"))
    yield pair("different", (one, "夜の川"), (one, "朝の山"))
    yield pair("different", (one, "Silver (Vol. 1)"), (one, "Silver (Vol. 2)"))
    yield pair("different", (one, "Silver (from a DJ Mix) [Mixed]"), (one, "Silver"))
    yield pair("different", (one, "Silver (Intro)"), (one, "Silver"))
    yield pair("different", (one, "Silver (Nightcore)"), (one, "Silver"))
    yield pair("different", (one, "Silver (Slowed + Reverb)"), (one, "Silver"))
    yield pair("different", (one, "Silver (Mono)"), (one, "Silver (Mono Live)"))
    yield pair("different", (one, "Silver (Radio Edit)"), (one, "Silver (Extended Mix)"))
    yield pair("different", (one, "Silver (Dub)"), (one, "Silver (Dub Instrumental)"))
    yield pair("unsure", (one, "Silver (Radio Edit)"), (one, "Silver (Radio Mix)"))
    yield pair("unsure", (one, "Everything Now Again"), (one, "Everything New Again"))
    yield pair("unsure", (one, "Beautiful Strangers"), (one, "Beautiful Stranger"))
    yield pair("unsure", (one, "Silver (2011)"), (one, "Silver"))
    yield pair("unsure", ("DJ Ivy Tran", "Silver"), (one, "Silver"))
    yield pair("unsure", (one, "Silver (feat. Bo Ek)"), (one, "Silver (feat. Una Sand)"))
