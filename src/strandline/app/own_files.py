"""The person's files below the folders they name, read and compared with the playlists' tracks."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from strandline.core.actions import EntryState
from strandline.core.ids import TrackId
from strandline.core.matching.files import OwnFile
from strandline.core.matching.listening import Heard, Hearing
from strandline.core.matching.matching import Decided, Matches, match_files
from strandline.db.reviews import ACCEPT, AnswerRow, FoundDoubtful
from strandline.errors import DownloadError, UsageError
from strandline.library.exports.reading import NotUnderstoodError
from strandline.library.file_lists import is_elsewhere, is_list, read_list
from strandline.library.sound_files import sound_files
from strandline.library.user_files import InspectedFile, inspect_files

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from strandline.app.session import Session
    from strandline.core.states import WantedTrack
    from strandline.db.store import Store

SAME_LENGTH = 0.6
"""Seconds within which two files can have one sound, by their headers."""


class Unreadable(NamedTuple):
    """A file that is no sound, or that nobody can read."""

    file: str
    because: str


@dataclass(slots=True)
class Found:
    """What lies below the folders: files with what tells that they are still the same."""

    files: list[OwnFile] = field(default_factory=list)
    seen: dict[str, EntryState] = field(default_factory=dict)
    unreadable: list[Unreadable] = field(default_factory=list)
    streams: dict[TrackId, str] = field(default_factory=dict)
    """Tracks that a list names as streams of TIDAL's, each as it is written there."""

    @property
    def total(self) -> int:
        """Files that were looked at."""
        return len(self.files) + len(self.unreadable)


def require_there(paths: Iterable[Path]) -> None:
    """UsageError for the first that leads to no file or folder."""
    for path in paths:
        if not os.path.exists(path):
            raise UsageError(f"There is no file or folder {path}.", code="no_such_path")


def find_files(paths: Sequence[Path], session: Session, ours: Collection[str]) -> Found:
    """Every sound file below ``paths``, with its tags; links are not followed.

    ``ours``: full paths of what strandline made itself. Raises UsageError for what is not there.
    """
    found, inodes = Found(), set[tuple[int, int]]()
    own = os.path.join(os.path.realpath(session.config.library), ".strandline")
    session.progress.phase("read", total=None)
    files = (file for path in paths for file in _files_of(path, own, found) if file not in ours)
    for looked in inspect_files(files):
        _keep(looked, found, inodes)
        session.progress.advance(1)
    return found


def _files_of(path: Path, own: str, found: Found) -> Iterator[str]:
    """Of a folder what is in it, of a list what it names; of another file that one."""
    top = os.path.abspath(path)
    if not is_list(top) or not os.path.isfile(top):
        yield from _files_below(path, own)
        return
    try:
        for listed in read_list(top):
            if listed.stream is not None:
                found.streams[listed.stream] = listed.entry
            elif os.path.isfile(listed.path):
                yield listed.path
            else:
                there = os.path.lexists(listed.path)
                why = "it is no file" if there else "there is no such file"
                if not there and is_elsewhere(listed.entry):
                    why = "it is a path of Windows, and leads nowhere here"
                found.unreadable.append(Unreadable(_printable(listed.entry), why))
    except (NotUnderstoodError, OSError) as error:
        raise UsageError(f"{path} cannot be read as a list of files: {error}.") from error


def _printable(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "replace")


def _files_below(path: Path, own: str) -> Iterator[str]:
    """Full paths, in order; a file that is named itself comes whatever its ending."""
    require_there([path])
    top = os.path.abspath(path)
    if (os.path.realpath(top) + os.sep).startswith(own + os.sep):
        raise UsageError(f"{path} is strandline's own folder.", hint="`strandline trash restore`.")
    if not os.path.isdir(top):
        yield top
        return
    yield from sound_files(top)


def _keep(it: InspectedFile, found: Found, inodes: set[tuple[int, int]]) -> None:
    """One file; of one that has several names the first is enough."""
    if it.because:
        found.unreadable.append(Unreadable(_printable(it.file), it.because))
    elif it.seen and it.tags and (it.seen.dev, it.seen.ino) not in inodes:
        inodes.add((it.seen.dev, it.seen.ino))
        found.files.append(OwnFile(it.file, it.tags, it.seen.mtime_ns))
        found.seen[it.file] = it.seen


def compare(
    found: Found,
    tracks: Iterable[WantedTrack],
    decided: Mapping[str, Decided],
    heard: Mapping[str, Mapping[TrackId, Heard]] | None = None,
) -> Matches:
    """What each file is, by its tags, by what was said of its sound before, by what was heard."""
    told = dict(decided)
    for path, sounds in (heard or {}).items():
        told[path] = told.get(path, Decided())._replace(heard=sounds)
    return match_files(found.files, tracks, told)


def decided_before(files: Iterable[OwnFile], store: Store) -> Mapping[str, Decided]:
    """The answers by file; only files as long as one that was asked about are read whole."""
    answers = store.reviews.answers()
    lengths = [answer.seconds for answer in answers]
    of_sound: dict[str, list[AnswerRow]] = {}
    for answer in answers:
        of_sound.setdefault(answer.sound, []).append(answer)
    decided: dict[str, Decided] = {}
    for file in files:
        if not _may_be_one_of(file.tags.duration, lengths):
            continue
        if given := of_sound.get(sound_of(file.path) or ""):
            decided[file.path] = _said(given)
    return decided


def _said(given: Iterable[AnswerRow]) -> Decided:
    yes, no, heard = None, set[TrackId](), dict[TrackId, Heard]()
    for it in given:
        track, same = TrackId(it.track), it.answer == ACCEPT
        if it.heard is not None:
            heard[track] = Heard(Hearing.SAME if same else Hearing.DIFFERENT, it.heard)
        elif same:
            yes = track
        else:
            no.add(track)
    return Decided(yes, frozenset(no), heard)


def _may_be_one_of(seconds: float | None, lengths: Sequence[float | None]) -> bool:
    return seconds is None or any(
        length is None or abs(length - seconds) <= SAME_LENGTH for length in lengths
    )


def sound_of(file: str) -> str | None:
    """The hash of a file's packets: the same under any name and tags. None: it cannot be read."""
    from strandline.library.audio.packets import packets_hash

    try:
        return packets_hash(file)
    except (DownloadError, OSError):
        return None


class Noted(NamedTuple):
    """A file that a person is asked about: its number, and the hash of its packets."""

    number: int
    sound: str


def note_doubtful(found: Found, matches: Matches, store: Store) -> dict[str, Noted]:
    """Keep what a person is to be asked, by file; of one that cannot be read nothing."""
    known = {(row.file, row.size, row.mtime_ns): row.sound for row in store.reviews.items()}
    rows: dict[str, FoundDoubtful] = {}
    for it in matches.doubtful:
        path, seen = it.file.path, found.seen[it.file.path]
        sound = known.get((path, seen.size, seen.mtime_ns)) or sound_of(path)
        if sound is None:
            continue
        candidates = tuple((one.track, one.because) for one in it.candidates)
        length = it.file.tags.duration
        stamp = sound, path, seen.size, seen.mtime_ns
        rows[path] = FoundDoubtful(*stamp, length, it.because, candidates)
    numbers = store.reviews.note(rows.values())
    return {path: Noted(numbers[row.sound], row.sound) for path, row in rows.items()}
