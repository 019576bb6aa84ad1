"""Which tags of a file are to be written anew, by today's settings and by what TIDAL says. Pure.

In a file that nobody has written to since strandline did, all of strandline's own tags follow. In
one that a person or a DJ program has written to, whatever is there stays; what the settings want
and is lacking comes to it, and what is still TIDAL's own word goes where it is not wanted.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

Texts = Mapping[str, tuple[str, ...]]
"""Values by the name of a Vorbis comment."""

TRACK_ID = "STRANDLINE_TRACK_ID"
BPM_AND_KEY = ("BPM", "INITIALKEY")
REPLAYGAIN = (
    "REPLAYGAIN_TRACK_GAIN", "REPLAYGAIN_TRACK_PEAK", "REPLAYGAIN_ALBUM_GAIN",
    "REPLAYGAIN_ALBUM_PEAK",
)  # fmt: skip
EDITED = "edited"
"""The token of a file that somebody else had written to when it was made anew."""
_WORDS = {
    "DATE": "year", "ALBUMARTIST": "album artist", "TRACKNUMBER": "track number",
    "DISCNUMBER": "disc number", "INITIALKEY": "key", "ITUNESADVISORY": "explicit",
    TRACK_ID: "track id",
}  # fmt: skip


class TagFacts(NamedTuple):
    """What the tags of a file hold."""

    id3: int = 0
    """The version of ID3v2; 0 for none, and in files of another kind."""
    has_id3: bool = False
    """Files of this kind have ID3."""
    texts: Texts = MappingProxyType({})
    """Of the fields that strandline writes."""
    cover: int = 0
    """Pixels of the front picture's longer side; 0 for none, -1 for one that cannot be read."""
    lyrics: bool = False
    lyrics_file: bool = False
    """There is a file of lyrics beside it, whosever it is."""


class TagWish(NamedTuple):
    """What the settings want, and what TIDAL says of the track."""

    texts: Texts
    """Without ReplayGain, which TIDAL is asked for by itself."""
    id3: int = 3
    bpm_and_key: bool = True
    replaygain: bool = True
    lyrics: str = "off"
    cover: int = 1000
    """Pixels; 0 for none."""
    has_cover: bool = True
    """TIDAL has one."""
    can_ask: bool = True
    """TIDAL has the track, so its loudness and lyrics can be asked for."""


class TagChange(NamedTuple):
    """What is to be done to the tags of one file."""

    write: tuple[str, ...] = ()
    """Names of texts that are written, or written anew."""
    drop: tuple[str, ...] = ()
    id3: bool = False
    """Another version of ID3."""
    ask: frozenset[str] = frozenset()
    """What TIDAL is asked for: ``cover``, ``lyrics``, ``replaygain``."""
    shrink: bool = False
    """The cover in the file is made smaller."""
    drop_cover: bool = False
    drop_lyrics: bool = False

    @property
    def is_none(self) -> bool:
        """Whether everything is as it is to be."""
        return self == TagChange()

    @property
    def words(self) -> tuple[str, ...]:
        """For a person and a script, each once."""
        names = [_word(name) for name in (*self.write, *self.drop)]
        more = {
            "id3": self.id3,
            "cover": self.shrink or self.drop_cover,
            "lyrics": self.drop_lyrics,
        }
        names += [name for name, so in more.items() if so]
        return tuple(dict.fromkeys([*names, *sorted(self.ask)]))


def _word(name: str) -> str:
    return "replaygain" if name in REPLAYGAIN else _WORDS.get(name, name.lower())


def token(what: str, wish: TagWish) -> str:
    """What a file remembers of having been asked for, so that it is not asked for again."""
    if what == "lyrics" and wish.lyrics == "file":
        return "lyrics:file"
    return f"cover:{wish.cover}" if what == "cover" else what


def tag_change(
    facts: TagFacts, wish: TagWish, *, ours: bool, asked: frozenset[str] = frozenset()
) -> TagChange:
    """``ours``: nobody else has written to the file. ``asked``: tokens of what TIDAL was asked."""
    write, drop = _texts(facts, wish) if ours else _lacking(facts, wish)
    ask = {what for what in _wanted(facts, wish, ours=ours) if token(what, wish) not in asked}
    if not wish.replaygain and ours:
        drop += [name for name in REPLAYGAIN if name in facts.texts]
    return TagChange(
        tuple(write),
        tuple(drop),
        facts.has_id3 and facts.id3 != wish.id3,
        frozenset(ask),
        shrink=ours and 0 < wish.cover < facts.cover,
        drop_cover=ours and not wish.cover and facts.cover != 0,
        drop_lyrics=ours and wish.lyrics != "embed" and facts.lyrics,
    )


def _texts(facts: TagFacts, wish: TagWish) -> tuple[list[str], list[str]]:
    """All that TIDAL says; what it says no more stays, for it was true once."""
    wanted = {k: v for k, v in wish.texts.items() if wish.bpm_and_key or k not in BPM_AND_KEY}
    write = [name for name, values in wanted.items() if facts.texts.get(name) != values]
    unwanted = () if wish.bpm_and_key else BPM_AND_KEY
    return write, [name for name in unwanted if name in facts.texts]


def _lacking(facts: TagFacts, wish: TagWish) -> tuple[list[str], list[str]]:
    """Of a file that somebody has written to: the track's id, tempo and key."""
    names = (TRACK_ID, *BPM_AND_KEY) if wish.bpm_and_key else (TRACK_ID,)
    write = [name for name in names if name in wish.texts and name not in facts.texts]
    theirs = {name for name in BPM_AND_KEY if facts.texts.get(name) != wish.texts.get(name)}
    unwanted = () if wish.bpm_and_key else BPM_AND_KEY
    return write, [name for name in unwanted if name in facts.texts and name not in theirs]


def _wanted(facts: TagFacts, wish: TagWish, *, ours: bool) -> set[str]:
    """What is to be asked for; a cover that is large enough, or anybody else's, is not."""
    found = set()
    if wish.has_cover and 0 <= facts.cover < wish.cover and (ours or not facts.cover):
        found.add("cover")
    there = {"embed": facts.lyrics, "file": facts.lyrics_file}
    if not there.get(wish.lyrics, True) and wish.can_ask:
        found.add("lyrics")
    lacks_gain = not any(name in facts.texts for name in REPLAYGAIN)
    if wish.replaygain and lacks_gain and wish.can_ask:
        found.add("replaygain")
    return found
