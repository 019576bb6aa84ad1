"""What the person wants of a run, as far as deciding needs to know it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from strandline.core.favorites import is_mix
from strandline.core.ids import PlaylistId, TrackId
from strandline.core.names import AUDIO_EXTENSIONS
from strandline.core.same_recordings import NOTHING_SAID, Answers
from strandline.core.states import Kind, WantedTrack


@dataclass(frozen=True, slots=True)
class Policy:
    """Names, links, scope and the order in which playlists hold the audio."""

    link_kind: Kind = Kind.SYMLINK
    audio_format: str = "mp3"
    lossless: bool = True
    """Whether lossless quality is asked for; else what comes is AAC."""
    track_template: str = "{artist} - {title}"
    primary_priority: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    left_out: frozenset[PlaylistId] = frozenset()
    """Playlists of others, favourites and mixes, where those are not wanted."""
    keep_deleted: bool = False
    """What is deleted in TIDAL is left as it is, too."""
    ignore: frozenset[TrackId] = frozenset()
    """Tracks that are left as they are, in every playlist: never fetched, never taken away."""
    recordings: bool = False
    """The same recording under several ids is one file."""
    answers: Answers = NOTHING_SAID
    """What the person said of single ids."""
    pool: bool = False
    """All audio lies in the pool, and playlists hold links alone."""
    only: frozenset[PlaylistId] | None = None
    """The playlists of ``--playlist``; None means all."""

    @property
    def is_scoped(self) -> bool:
        """Whether some playlists may be out of scope."""
        narrow = self.only is not None or self.include or self.exclude
        return bool(narrow or self.left_out or self.keep_deleted)

    def excludes(self, playlist: PlaylistId, name: str) -> bool:
        """Whether the settings leave it out, whatever ``--playlist`` says."""
        if playlist in self.left_out or (self.include and not matches(name, self.include)):
            return True
        return matches(name, self.exclude)

    def in_scope(self, playlist: PlaylistId, name: str) -> bool:
        """Out of scope is left exactly as it is, whatever TIDAL says."""
        if self.only is not None and playlist not in self.only:
            return False
        return not self.excludes(playlist, name)

    def rank(self, playlist: PlaylistId, name: str) -> tuple[int, str, str]:
        """Who holds the audio first: the priority list, the alphabet, the id; mixes last of all."""
        folded = name.casefold()
        listed = [wish.casefold() for wish in self.primary_priority]
        if folded in listed:
            return listed.index(folded), folded, playlist
        # what lies in a mix would have to move whenever that changes
        return len(listed) + is_mix(playlist), folded, playlist

    def extension(self, track: WantedTrack) -> str:
        """What a download of this track will probably end in."""
        if self.audio_format == "mp3":
            return ".mp3"
        if not (self.lossless and track.lossless):
            return ".m4a"
        return ".aiff" if self.audio_format == "aiff" else ".flac"

    def extension_may_be(self, extension: str) -> bool:
        """Whether a download may end in it: what comes is stored as it is, unless encoded."""
        return self.audio_format != "mp3" and extension in AUDIO_EXTENSIONS


def idle_patterns(patterns: Iterable[str], names: Iterable[str]) -> list[str]:
    """Those that no name matches."""
    folded = [name.casefold() for name in names]
    return [
        pattern
        for pattern in patterns
        if not any(fnmatchcase(name, pattern.casefold()) for name in folded)
    ]


def literal(name: str) -> str:
    """The pattern that matches just this name."""
    return re.sub(r"([*?[])", r"[\1]", name)


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether any of the patterns matches, in any case."""
    folded = name.casefold()
    return any(fnmatchcase(folded, pattern.casefold()) for pattern in patterns)
