"""Applies actions to the disk: preconditions, the act, and what it left there."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from strandline.core.actions import (
    Action,
    CreateFolder,
    EntryState,
    Link,
    Lyrics,
    Move,
    Relink,
    RemoveFolder,
    TakeBack,
    Trash,
    Unlink,
)
from strandline.core.ids import LibPath, is_beside, link_target
from strandline.core.ledger_facts import ActionResult
from strandline.core.same_sound import Criterion
from strandline.core.states import Kind, Stamp
from strandline.errors import ChangedMeanwhileError, DiffersError, DownloadError, ItemError
from strandline.execute.run_actions import (
    Empty,
    Export,
    GiveBack,
    Import,
    PutBack,
    Restore,
    Share,
)
from strandline.library.files import LibraryFiles, TrashPath
from strandline.library.hashing.sha256 import sha256_file


class Applied(NamedTuple):
    """What a finished act left. ``trash_path`` is where the file went, if it went to the trash."""

    outcome: ActionResult
    trash_path: str | None = None
    left: str | None = None
    """Why the folder that was to go is still there, though strandline is done with it."""


def stamp_of(seen: EntryState | None) -> Stamp | None:
    """What the ledger keeps of a regular file."""
    return Stamp(seen.ino, seen.size, seen.mtime_ns) if seen and seen.type == "file" else None


class ActionApplier:
    """Carries out one action at a time. Durable only after ``files.flush()``.

    Raises ChangedMeanwhileError when the disk is not what the plan saw, other ItemErrors, and
    LibraryError when no further action can succeed.
    """

    def __init__(self, files: LibraryFiles, run: str) -> None:
        self._files = files
        self._run = run
        self._mp3 = f"{files.root}/mp3/"

    def do(self, action: Action) -> Applied:
        """Carry out any action but a folder's rename and a download."""
        match action:
            case Link():
                return self._link(action)
            case CreateFolder():
                return self._create_folder(action)
            case RemoveFolder():
                return self._remove_folder(action)
            case Move():
                return self._move(action)
            case Relink():
                return self._relink(action)
            case Unlink():
                self._files.remove_link(action.path, action.expected)
                return Applied(ActionResult(action.path))
            case Trash():
                return self._trash(action)
            case Restore() | TakeBack() | Empty() | PutBack():
                return self._from_trash(action)
            case Export() | Lyrics() | Import() | GiveBack() | Share():
                return self._of_a_person(action)
            case _:
                raise AssertionError(f"{action.name} is carried out elsewhere")

    def _create_folder(self, action: CreateFolder) -> Applied:
        """A folder that someone made in the meantime is as good."""
        return Applied(ActionResult(action.path, ino=self._files.make_folder(action.path).ino))

    def _remove_folder(self, action: RemoveFolder) -> Applied:
        if not self._files.remove_folder(action.path, action.expected):
            left = f"{action.path} holds files of yours, so it stays"
            return Applied(ActionResult(action.path), left=left)
        return Applied(ActionResult(action.path))

    def _move(self, action: Move) -> Applied:
        try:
            replaces = action.replaces
            moved = self._files.move(
                action.source, action.path, action.expected, replaces, self._run
            )
        except ItemError:
            link = action.replaces is not None and action.replaces.type == "link"
            if link and action.replaces and not is_beside(action.source):
                self._keep_whole(action.path, action.source, action.replaces)
            raise
        return Applied(ActionResult(action.path, stamp_of(moved)))

    def _keep_whole(self, path: LibPath, source: LibPath, link: EntryState) -> None:
        """The link that was to give way stays, and follows audio whose folder was renamed."""
        with suppress(ItemError):
            self._require_primary(source)
            if (text := link_target(path, source)) != link.target:
                self._files.replace_link(path, text, link)

    def _link(self, action: Link) -> Applied:
        self._require_primary(action.source, action.through)
        match action.kind:
            case Kind.HARDLINK:
                made = self._files.make_hardlink(action.path, action.source)
            case Kind.COPY:
                made = self._files.make_copy(action.path, action.source)
            case _:
                target = link_target(action.path, action.source)
                return Applied(
                    ActionResult(action.path, self._files.make_link(action.path, target))
                )
        return Applied(ActionResult(action.path, stamp_of(made)))

    def _relink(self, action: Relink) -> Applied:
        self._require_primary(action.source, action.through)
        if action.kind is Kind.SYMLINK and action.expected.type == "link":
            target = link_target(action.path, action.source)
            link = self._files.replace_link(action.path, target, action.expected)
            return Applied(ActionResult(action.path, link))
        if action.kind is Kind.COPY and action.expected.type == "file":
            copy = self._files.replace_copy(action.path, action.source, action.expected, self._run)
            old = trash_place(self._files, self._run, action)
            return Applied(ActionResult(action.path, stamp_of(copy)), old)
        trashed = self._clear(action)
        return Applied(self._link(as_link(action)).outcome, trashed)

    def _clear(self, action: Relink) -> str | None:
        """A link simply goes; an old copy goes to the trash."""
        if action.expected.type == "link":
            self._files.remove_link(action.path, action.expected)
            return None
        return self._files.to_trash(action.path, self._run, action.expected)

    def _trash(self, action: Trash) -> Applied:
        if action.successor is not None and action.is_replaced:
            return self._replaced(action, action.successor)
        if action.successor is not None:
            self._require_primary(action.successor)
        kept = self._other_copy(action, action.keeper) if action.keeper is not None else None
        to = action.back_to or self._run
        gone = self._files.to_trash(action.path, to, action.expected)
        return Applied(ActionResult(action.path, keeper=kept), gone)

    def _replaced(self, action: Trash, successor: LibPath) -> Applied:
        """A damaged file, once what stands in for it is there; often the two changed places."""
        files = self._files
        here = files.see(action.path)
        another = here is not None and here.ino != action.expected.ino
        if another and (gone := trash_place(files, self._run, action)) is not None:
            return Applied(ActionResult(action.path), gone)
        there = files.see(successor)
        if successor == action.path or there is None or there.type != "file":
            raise ChangedMeanwhileError(
                f"{action.path}: stays, because nothing came to replace it."
            )
        return Applied(
            ActionResult(action.path), files.to_trash(action.path, self._run, action.expected)
        )

    def _from_trash(self, action: Restore | TakeBack | Empty | PutBack) -> Applied:
        match action:
            case PutBack():
                from strandline.execute.handlers.replace_form import put_back

                return put_back(action, self._files, self._run)
            case Restore():
                return self._restore(action)
            case TakeBack():
                return self._take_back(action)
            case Empty():
                return self._empty(action)

    def _restore(self, action: Restore) -> Applied:
        restored = self._files.restore(action.source, action.path)
        return Applied(ActionResult(action.path, stamp_of(restored), action.sha256))

    def _take_back(self, action: TakeBack) -> Applied:
        """Killed in between, our link is gone and the file still in the trash: do it again."""
        found = self._files.see_trashed(action.place)
        if found is None or found._replace(dev=0) != action.expected._replace(dev=0):
            raise ChangedMeanwhileError(f"{action.source}: what lay in the trash has changed.")
        if action.replaces is not None and self._files.see(action.path) is not None:
            self._files.remove_link(action.path, action.replaces)
        restored = self._files.restore(action.place, action.path)
        return Applied(ActionResult(action.path, stamp_of(restored), action.sha256))

    def _empty(self, action: Empty) -> Applied:
        """Gone for good: so it is looked at, and read, once more just before."""
        if action.sha256 is not None:
            try:
                content = sha256_file(self._files.root / ".strandline" / "trash" / action.source)
            except OSError as error:
                raise ChangedMeanwhileError(f"{action.source}: {error.strerror}.") from error
            if content != action.sha256:
                raise ChangedMeanwhileError(f"{action.source}: what lay in the trash has changed.")
        self._files.empty_file(action.source, action.expected)
        return Applied(ActionResult(action.path))

    def _export(self, action: Export | Lyrics) -> Applied:
        if action.content is None:
            gone = self._files.remove_export(action.path, action.old or "", self._run)
            return Applied(ActionResult(action.path), gone)
        content = action.content()
        made, kept = self._files.write_export(action.path, content, action.old, self._run)
        return Applied(ActionResult(action.path, stamp_of(made), action.sha256), kept)

    def _of_a_person(self, action: Export | Lyrics | Import | GiveBack | Share) -> Applied:
        """A file of playlists is written; a person's file comes in, goes back, or gives way."""
        if isinstance(action, (Export, Lyrics)):
            return self._export(action)
        if isinstance(action, Import):
            return self._import(action)
        if isinstance(action, Share):
            return self._share(action)
        self._files.give_back(action.path, action.file, action.expected)
        return Applied(ActionResult(action.path))

    def _import(self, action: Import) -> Applied:
        """Only audio that is whole: one that breaks off would be fetched again later."""
        from strandline.library.audio.check import UNSUPPORTED, check_audio

        self._files.require_outside(action.file, action.expected)
        try:
            check_audio(action.file, expected_duration=None)
        except DownloadError as error:
            if error.code != UNSUPPORTED:
                raise ItemError(f"{action.file}: its audio is damaged: {error}") from error
        except OSError as error:
            why = f"cannot be read: {error.strerror}"
            raise ChangedMeanwhileError(f"{action.file}: {why}.") from error
        made = self._files.take_in(
            action.file, action.path, action.expected, action.mode, action.sha256, action.replaces
        )
        return Applied(ActionResult(action.path, stamp_of(made), action.sha256))

    def _share(self, action: Share) -> Applied:
        """Both are read and compared now: the last copy of a sound never goes (I3)."""
        kept = self._files.see(action.source)
        if kept is None or kept.type != "file":
            raise ChangedMeanwhileError(f"{action.source}: the file to link to is not there.")
        one, other = (real_path(self._files, it) for it in (action.path, action.source))
        if kept.ino == action.expected.ino or not same_sound(one, other, action.criterion):
            raise DiffersError(
                f"{action.path}: no longer sounds the same as {action.source}, so it stays."
            )
        if self._files.see(action.source) != kept:
            raise ChangedMeanwhileError(f"{action.source}: changed while it was compared.")
        text = link_target(action.path, action.source)
        gone = self._files.replace_by_link(action.path, text, action.expected, self._run)
        return Applied(ActionResult(action.path), gone)

    def _require_primary(self, source: LibPath, through: str | None = None) -> None:
        """A link is never made dangling. The cheapest look there is: it is for every link."""
        path = self._mp3 + source
        try:
            if through is None:
                there = stat.S_ISREG(os.lstat(path).st_mode)
            else:
                same = os.readlink(path) == through
                there = same and stat.S_ISREG(os.stat(path).st_mode)
        except OSError:
            there = False
        if not there:
            raise ChangedMeanwhileError(f"{source}: the audio to link to is not there.")

    def _other_copy(self, action: Trash, keeper: LibPath) -> Stamp | None:
        """The first copy, which is read and compared before the second goes, now (I3)."""
        kept = self._files.see(keeper)
        if kept is None or kept.type != "file":
            raise ChangedMeanwhileError(f"{keeper}: the copy to keep is not there.")
        if (kept.dev, kept.ino) == (action.expected.dev, action.expected.ino):
            self._require_second_name(action.path, keeper)
        elif not self._files.verify_file(
            keeper, action.expected.size, content_of(self._files, action.path)
        ):
            raise DiffersError(
                f"{action.path}: differs from {keeper}, so it stays, as a file of yours."
            )
        return stamp_of(kept)

    def _require_second_name(self, path: LibPath, keeper: LibPath) -> None:
        """One file with two names may lose one of them; a name spelled in two ways may not."""
        try:
            names = os.lstat(real_path(self._files, path)).st_nlink
        except OSError as error:
            raise ChangedMeanwhileError(f"{path}: {error.strerror}.") from error
        if names < 2:
            raise ChangedMeanwhileError(f"{path} and {keeper} are one and the same file.")


def same_sound(one: Path, other: Path, criterion: str) -> bool:
    """Whether two files hold the same sound, both read from beginning to end.

    FLAC's own sum is a claim of the header; here the samples themselves are compared.
    """
    from strandline.library.audio.packets import packets_hash
    from strandline.library.audio.sound_keys import samples_md5

    key = {Criterion.BYTES: sha256_file, Criterion.PACKETS: packets_hash}.get(
        Criterion(criterion), samples_md5
    )
    try:
        found = key(one)
        return found is not None and found == key(other)
    except (OSError, DownloadError):
        return False


def trash_place(files: LibraryFiles, run: str, action: Trash | Relink | Share) -> TrashPath | None:
    """Where in a run's trash the file lies: under its own path, or that path with a number."""
    if isinstance(action, Trash) and action.back_to:
        run = action.back_to
    first = TrashPath(f"{run}/{action.path}")
    seen = files.see_trashed(first)
    if seen is None or seen.ino == action.expected.ino:
        return first if seen else None
    found = files.trash_files(run).items()
    return next((path for path, seen in found if seen.ino == action.expected.ino), None)


def as_link(action: Relink) -> Link:
    """The same where nothing stands in its place any more."""
    return Link(
        action.path,
        action.because,
        action.playlist,
        action.track,
        source=action.source,
        kind=action.kind,
        named_for=action.named_for,
        through=action.through,
    )


def real_path(files: LibraryFiles, path: LibPath) -> Path:
    """Where a LibPath lies, for reading."""
    return files.root / "mp3" / path


def content_of(files: LibraryFiles, path: LibPath) -> str:
    """The sha256 of a file as it is now. Raises ChangedMeanwhileError when it cannot be read."""
    try:
        return sha256_file(real_path(files, path))
    except OSError as error:
        raise ChangedMeanwhileError(f"{path}: cannot be read: {error.strerror}.") from error
