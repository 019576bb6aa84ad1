"""The sample account: invented artists, and every kind of name and mishap a collection meets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strandline.demo.account import Account
from strandline.demo.model import Availability, Quality
from strandline.demo.recordings import Clock, now

if TYPE_CHECKING:
    from strandline.demo.model import Track

_LONG = (
    "Sleep When the Bassline Stops Because the Neighbours Have Already Called Twice and the "
    "Third Time They Bring Cake"
)
_RELEASES = (
    # key, artists, album, quality, (title, version, bpm) …
    ("ferry", ("The Quiet Ferrymen",), "Low Water Marks", Quality.HI_RES_LOSSLESS, (
        ("Low Water", None, 118),
        ("Low Water", "Extended Mix", 118),
        ("Low Water", "Mirelle Quast Remix", 124),
        ("Ballast & Bell", None, 121),
    )),
    ("quast", ("Mirelle Quast",), "Lamplit", Quality.LOSSLESS, (
        ("Lamplit", None, 124),
        ("Left/Right/Left", None, 125),
        ("Who Let the Fog In?", None, 122),
        ("Halogène", "Dub", 123),
    )),
    ("okawa", ("Ōkawa Static",), "夜のバス", Quality.HI_RES_LOSSLESS, (
        ("夜のバス", None, 130),
        ("Platform 9:15", None, 132),
        ("Vending Machine Choir", "Live at Hall B", 128),
    )),
    ("zwoelf", ("Zwölf Uhr Süd", "DJ Lampenfieber"), "Straßenbahn", Quality.LOSSLESS, (
        ("Straßenbahn", None, 126),
        ("Straßenbahn", "Instrumental", 126),
        ("Grüße aus der Kabine", None, 127),
    )),
    ("moth", ("Kettle & Moth",), "Small Hours, Smaller Rooms", Quality.LOSSLESS, (
        ("Small Hours", None, 98),
        ("…and Then the Kettle", None, 96),
        ("AUX", None, 101),
        ("aux", None, 102),
        (_LONG, "Very Long Goodbye Version", 100),
    )),
    ("rook", ("Halden Rook",), "Tin Sun 🌞", Quality.HIGH, (
        ("Tin Sun 🌞", None, 110),
        ("Paper Ceiling", "feat. The Quiet Ferrymen", 112),
        ("\"Quotes\" <and> Brackets", None, 114),
    )),
)  # fmt: skip

_KEYS = (
    ("D", "MINOR"), ("FSharp", "MINOR"), None, ("Bb", "MAJOR"), ("Ab", "MINOR"),
    ("E", "DORIAN"), ("CSharp", "MAJOR"), ("UNKNOWN", "UNKNOWN"), ("A", "HARMONIC_MINOR"),
)  # fmt: skip
"""What TIDAL says, or does not; the modes have no name that DJ programs know."""

_LYRICS = {
    "ferry 0": "[00:00.40]The water is low tonight\n[00:01.60]and the ferry waits for light",
    "moth 0": "[00:00.50]Two cups and the radio on\n[00:01.90]small hours, soon they are gone",
}
"""With times; most tracks have none."""

_PLAYLISTS = (
    ("Friday 🌒 Warm-up", ("ferry 0", "moth 0", "rook 0", "quast 0", "zwoelf 0", "rook 1")),
    ("House / Techno", ("quast 0", "quast 1", "ferry 2", "okawa 0", "zwoelf 0", "quast 3")),
    ("Peak Time", ("okawa 0", "okawa 1", "quast 1", "ferry 1", "zwoelf 1")),
    ("Deep House", ("ferry 0", "ferry 1", "ferry 2", "ferry 3", "quast 2")),
    ("deep house", ("moth 0", "moth 2", "moth 3", "ferry 0")),
    ("Encore?", ("moth 4", "ferry 0", "moth 1", "ferry 0")),
    ("Unsorted", ()),
)


def sample_account(*, seconds: int = 3, clock: Clock = now) -> Account:
    """A small account to try strandline on; every track is ``seconds`` long."""
    account = Account(clock=clock)
    account.seconds = seconds
    shelf = _shelf(account)
    lists = {
        title: account.playlist(title, [shelf[key] for key in keys]) for title, keys in _PLAYLISTS
    }
    gigs = account.folder("Gigs")
    account.put_into(gigs, lists["Peak Time"])
    account.put_into(account.folder("2026", gigs), lists["Encore?"])
    account.add(lists["Peak Time"], account.video("Platform 9:15 (Video)", "Ōkawa Static"))
    account.withhold(shelf["zwoelf 1"], Availability.PLACEHOLDER)
    account.follow("Night Bus Radio", [shelf["okawa 0"], shelf["okawa 2"]], creator="Ōkawa Static")
    account.favorite(shelf["ferry 0"])
    return account


def _shelf(account: Account) -> dict[str, Track]:
    """Every track, by release and place: ``ferry 0``."""
    shelf: dict[str, Track] = {}
    for key, artists, title, quality, songs in _RELEASES:
        album = None
        for place, (song, version, bpm) in enumerate(songs):
            track = account.track(
                song, artists, version=version, album=album or title, quality=quality
            )
            track.number, track.bpm, track.key = place + 1, bpm, _KEYS[len(shelf) % len(_KEYS)]
            if lines := _LYRICS.get(f"{key} {place}"):
                track.subtitles = lines
                track.lyrics = "\n".join(line.partition("]")[2] for line in lines.split("\n"))
            album = track.album
            shelf[f"{key} {place}"] = track
    return shelf
