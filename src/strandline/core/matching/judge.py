"""Is this file that track? A verdict, the evidence it rests on, and a sentence for a person.

The order of evidence: our own id, TIDAL's id as another tool wrote it, the recording's code with
words and length that agree, words with artist and length. Album and number prove nothing.
"""

from __future__ import annotations

from enum import Enum
from functools import cached_property
from typing import Final, NamedTuple

from strandline.core.matching.artists import ALIKE, NEAR, Artists, likeness, parse_artists
from strandline.core.matching.files import OwnFile, with_version
from strandline.core.matching.likeness import Agreement, Compared, compare_titles
from strandline.core.matching.titles import Title, parse_title
from strandline.core.recordings import valid_code
from strandline.core.states import WantedTrack


class Verdict(str, Enum):
    """What follows from the evidence."""

    ACCEPT = "accept"
    REVIEW = "review"
    REJECT = "reject"


class Method(str, Enum):
    """The evidence, strongest first."""

    OWN_ID = "own_id"
    TIDAL_ID = "tidal_id"
    ISRC = "isrc"
    WORDS = "words"
    REVIEW = "review"
    """A person said so."""
    LISTENED = "listened"
    """The sound of the file and of the track are the same."""


class Judgement(NamedTuple):
    """Whether a file is a track; ``because`` is a sentence's worth of words for a person."""

    verdict: Verdict
    method: Method
    because: str
    nearness: float = 0.0
    """Of two with one verdict, the higher is the likelier; no verdict rests on it."""


ID_TOLERANCE: Final = 3.0
CODE_TOLERANCE: Final = 3.0
WORDS_TOLERANCE: Final = 2.0
WORDS_NEAR: Final = 5.0
"""Seconds that the length may differ from what TIDAL says."""


class OwnTrack:
    """A track of the playlists as it is compared."""

    def __init__(self, track: WantedTrack) -> None:
        self.track, self.id = track, track.id
        self.isrc = valid_code(track.isrc)

    @cached_property
    def title(self) -> Title:
        """The title with its version, taken apart."""
        return parse_title(with_version(self.track.title, self.track.version))

    @cached_property
    def artists(self) -> Artists:
        """Its artists and the guests that its title names."""
        return parse_artists((self.track.artist,), self.title.guests)

    @property
    def explicit(self) -> bool | None:
        """By TIDAL's flag, or by the title."""
        named = self.title.explicit
        return self.track.explicit if named is None else named


def judge(file: OwnFile, track: OwnTrack, burnt: frozenset[str] = frozenset()) -> Judgement:
    """Whether ``file`` is ``track``; ``burnt``: codes that stand for several recordings."""
    return _Case(file, track, burnt).judgement()


def sound_settles(file: OwnFile, track: OwnTrack) -> bool:
    """Whether the first minute can prove that ``file`` is ``track``.

    Not where they may differ in what is sung only later: in a version, a guest, clean words.
    """
    return _Case(file, track, frozenset()).is_audible


class _Case:
    """One file and one track."""

    def __init__(self, file: OwnFile, track: OwnTrack, burnt: frozenset[str]) -> None:
        self.file, self.track, self.burnt = file, track, burnt
        self.titles = self._compared_titles()

    def judgement(self) -> Judgement:
        """By the strongest evidence that the file has."""
        tags = self.file.tags
        if tags.own_id == self.track.id:
            return self._by_id(Method.OWN_ID, "it has strandline's own id of the track")
        if tags.tidal_id == self.track.id:
            return self._by_id(Method.TIDAL_ID, "its tags have TIDAL's id of the track")
        if self._same_code and tags.maker is None:
            return self._by_code()
        return self._by_words()

    # ------------------------------------------------------------ what the evidence says

    def _compared_titles(self) -> Compared:
        """How the titles agree; a title that begins with the artist's name is also read without."""
        mine, theirs = self.file.title, self.track.title
        if self._is_glued:
            mine = theirs
        found = compare_titles(mine, theirs)
        if found.agreement < Agreement.EQUAL and self._head_is_artist:
            return max(found, compare_titles(mine.tail, theirs), key=lambda it: it.agreement)
        return found

    @property
    def _is_glued(self) -> bool:
        """The title with the version right behind it, as tiddl 2 writes them into FLAC."""
        track, text = self.track.track, self.file.tags.title
        glued = f"{track.title}{track.version}".casefold()
        return bool(track.version) and text is not None and text.casefold() == glued

    @property
    def _head_is_artist(self) -> bool:
        heads = self.file.title.heads
        return bool(heads) and likeness(parse_artists(heads[:1]), self.track.artists) >= ALIKE

    @cached_property
    def artists(self) -> float | None:
        """How alike the artists are; None if the file names none."""
        if self.file.artists.known:
            return likeness(self.file.artists, self.track.artists)
        return 1.0 if self._head_is_artist else None

    @cached_property
    def apart(self) -> float | None:
        """Seconds between the lengths; None if one is not known."""
        length = self.file.tags.duration
        if not length or self.track.track.duration <= 0:
            return None
        return max(0.0, abs(length - self.track.track.duration))

    @property
    def _same_code(self) -> bool:
        code = valid_code(self.file.tags.isrc)
        return code is not None and code == self.track.isrc and code not in self.burnt

    @property
    def _other_code(self) -> bool:
        code = valid_code(self.file.tags.isrc)
        return code is not None and self.track.isrc is not None and code != self.track.isrc

    @property
    def explicit(self) -> bool | None:
        """What the file says about its words."""
        named = self.file.title.explicit
        return self.file.tags.explicit if named is None else named

    @property
    def _other_words_sung(self) -> bool:
        mine, theirs = self.explicit, self.track.explicit
        return mine is not None and theirs is not None and mine is not theirs

    @property
    def _other_mode(self) -> bool:
        mode = (self.track.track.mode or "STEREO").upper()
        return mode != "STEREO" and (self.file.tags.channels or 2) <= 2

    @property
    def is_audible(self) -> bool:
        """The doubt is about nothing that may come later than the first minute."""
        versions = self.file.title.hard ^ self.track.title.hard
        same = self._is_glued or versions <= {"remaster"}
        clean = self._other_words_sung or (self._may_be_clean and not self._same_code)
        return same and not (clean or self._other_guests or self._other_mode)

    @property
    def _may_be_clean(self) -> bool:
        return bool(self.track.explicit) and self.explicit is None

    # ------------------------------------------------------------ by each kind of evidence

    def _by_id(self, method: Method, because: str) -> Judgement:
        if self.apart is None:
            return self._review(method, f"{because}, but {self._no_length}")
        if self.apart > ID_TOLERANCE:
            return self._review(method, f"{because}, but its length differs by {self._seconds}")
        if self.titles.agreement is Agreement.OTHER:
            return self._review(method, f"{because}, but its title says {self.titles.because}")
        unsure = self.file.tags.maker is not None
        if unsure and (self.titles.agreement < Agreement.EQUAL or self._artists_apart):
            return self._review(method, f"{because}, but {self._maker}")
        return self._accept(method, because)

    @property
    def _artists_apart(self) -> bool:
        return self.artists is None or self.artists < ALIKE

    def _by_code(self) -> Judgement:
        method, because = Method.ISRC, "its ISRC is the track's"
        if self.titles.agreement is Agreement.OTHER:
            return self._reject(method, f"{because}, but its title says {self.titles.because}")
        if self._other_words_sung:
            return self._reject(method, "one is explicit, the other is not")
        if doubt := self._doubt_about_code():
            return self._review(method, f"{because}, but {doubt}")
        return self._accept(method, f"{because}, and title, artist and length agree")

    def _doubt_about_code(self) -> str:
        if self._other_mode:
            return "TIDAL's is in Dolby Atmos"
        if self.titles.agreement is Agreement.APART:
            return "the title has other words"
        if self.titles.agreement is Agreement.NEAR and self.titles.because != _FEW_LETTERS:
            return self.titles.because
        if self.artists is not None and self.artists < NEAR:
            return "the artist is another"
        if self.apart is None:
            return self._no_length
        if self.apart > CODE_TOLERANCE:
            return f"its length differs by {self._seconds}"
        return ""

    def _by_words(self) -> Judgement:
        method = Method.WORDS
        if self.titles.agreement <= Agreement.APART:
            return self._reject(method, self.titles.because)
        if self.artists is not None and self.artists < NEAR:
            return self._reject(method, "another artist")
        if self._other_words_sung:
            return self._reject(method, "one is explicit, the other is not")
        if self.apart is not None and self.apart > WORDS_NEAR:
            return self._reject(method, f"its length differs by {self._seconds}")
        if doubt := self._doubt_about_words():
            return self._review(method, doubt)
        apart = f" (within {self._seconds})" if (self.apart or 0) >= 1 else ""
        return self._accept(method, f"title, artist and length agree{apart}")

    def _doubt_about_words(self) -> str:
        if self._other_mode:
            return "TIDAL's is in Dolby Atmos"
        if self.titles.agreement is Agreement.NEAR:
            return self.titles.because
        if self.artists is None:
            return "it does not name its artist"
        if self.artists < ALIKE:
            return "the artist's name differs"
        if self.apart is None:
            return self._no_length
        if self.apart > WORDS_TOLERANCE:
            return f"its length differs by {self._seconds}"
        if self._other_guests:
            return "another guest is named"
        if self._other_code and self._may_be_clean:
            return "its ISRC is another, and TIDAL's is explicit"
        return ""

    @property
    def _other_guests(self) -> bool:
        """Both titles name guests, and not one of them stands anywhere on the other side."""
        mine, theirs = self.file.artists, self.track.artists
        if not mine.guests or not theirs.guests:
            return False
        return not mine.guests & (theirs.guests | theirs.main) and not (
            theirs.guests & (mine.guests | mine.main)
        )

    # ------------------------------------------------------------ words

    @property
    def _seconds(self) -> str:
        return f"{self.apart or 0:.0f} s"

    @property
    def _no_length(self) -> str:
        ours = not self.file.tags.duration
        return "its length is not known" if ours else "TIDAL does not say how long the track is"

    @property
    def _maker(self) -> str:
        maker = self.file.tags.maker
        return (
            f"it was made by {maker.value}, whose sound may be another recording's" if maker else ""
        )

    def _accept(self, method: Method, because: str) -> Judgement:
        return Judgement(Verdict.ACCEPT, method, because, self._nearness)

    def _review(self, method: Method, because: str) -> Judgement:
        return Judgement(Verdict.REVIEW, method, because, self._nearness)

    def _reject(self, method: Method, because: str) -> Judgement:
        return Judgement(Verdict.REJECT, method, because, self._nearness)

    @property
    def _nearness(self) -> float:
        """Titles first, then artists, then the length; nothing for a title with other words."""
        if self.titles.agreement is Agreement.APART:
            return 0.0
        apart = 10.0 if self.apart is None else min(self.apart, 10.0)
        equal = self.titles.agreement is Agreement.EQUAL
        return (30 if equal else 20) + (self.artists or 0.0) * 5 - apart / 10


_FEW_LETTERS: Final = "the titles differ by a few letters"
