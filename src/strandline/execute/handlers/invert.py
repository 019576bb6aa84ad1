"""Inverts single steps, by what is on disk now."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from strandline.core.actions import (
    Action,
    Because,
    CreateFolder,
    Download,
    EntryState,
    Link,
    Lyrics,
    Move,
    Relink,
    RemoveFolder,
    RenameFolder,
    TakeBack,
    Trash,
    Unlink,
)
from strandline.core.folder_names import may_be_ours
from strandline.core.ids import (
    PLAYLISTS,
    TRACKS,
    LibPath,
    PlaylistId,
    folder_of,
    folder_path,
    in_pool,
    is_beside,
    link_target,
    name_of,
    stem_of,
)
from strandline.core.states import Kind
from strandline.db.journal import StepRow
from strandline.execute.later_changes import LedgerToday, path_today
from strandline.execute.run_actions import (
    Empty,
    Export,
    GiveBack,
    Import,
    PutBack,
    Replacement,
    Restore,
    Share,
)
from strandline.execute.step_rows import action_of
from strandline.execute.trash import export_back, form_back, restore
from strandline.library.files import LibraryFiles

_GONE = "it was removed from the trash for good"


class CannotError(Exception):
    """This step cannot be undone; the text says why."""


_NO_WAY = {
    Empty.name: _GONE,
    GiveBack.name: "the file is where it was before: import it again",
}


TAKEN_BACK_BY: Mapping[str, tuple[str, ...]] = {
    CreateFolder.name: (RemoveFolder.name,),
    RenameFolder.name: (RenameFolder.name,),
    RemoveFolder.name: (CreateFolder.name,),
    Move.name: (Move.name, Trash.name),  # what came out of the trash is called a move as well
    Link.name: (Unlink.name, Trash.name),
    Relink.name: (Link.name, Restore.name),
    Unlink.name: (Link.name,),
    Download.name: (Trash.name,),
    Restore.name: (Trash.name,),
    Import.name: (Trash.name, GiveBack.name),
    Trash.name: (Restore.name,),
    Share.name: (Restore.name,),
    Export.name: (Export.name,),
    Lyrics.name: (Lyrics.name,),
    Replacement.name: (PutBack.name,),
    PutBack.name: (PutBack.name,),
}
"""By action: what an undo has done at the place once it is taken back, the last thing it does."""


class Inverter:
    """Inverts single steps."""

    def __init__(
        self,
        files: LibraryFiles,
        today: LedgerToday,
        now: Mapping[str, str],
        names: Mapping[tuple[str, str], str | None],
        owners: Mapping[LibPath, PlaylistId],
        emptied: Mapping[str, str],
    ) -> None:
        """``owners``: whose each download or link of the run was, by its path. ``emptied``: places
        in the trash of what was removed for good, each with words for that.
        """
        self._emptied = emptied
        self._files, self._today = files, today
        self._ledger, self._scan = today.ledger, today.scan
        self._now, self._names = now, names
        self._owners = owners
        self._then: dict[str, str] = {}
        self._coming: dict[LibPath, EntryState] = {}
        """Files that this undo puts back in their places before anything moves."""

    def settle(self, renames: Iterable[StepRow], back: Mapping[str, str]) -> None:
        """Which folders get their old names, before anything else is asked about.

        A link of the time before the run leads to names of that time: those that the run changed,
        and that stay changed, are called something else today.
        """
        for row in renames:
            old, new = (folder_of(LibPath(path or "")) for path in (row.source, row.path))
            today = self._now.get(new, new)
            self._then[old] = old if back.get(today) == old else today
        self._then = {**self._now, **self._then}

    def of(self, row: StepRow) -> list[Action]:  # noqa: C901 - one case an action
        """Raises CannotError."""
        action = action_of(row)
        match action:
            case CreateFolder():
                return self._created(action)
            case RenameFolder():
                return [self._renamed(action)]
            case RemoveFolder():
                return self._folder_again(action)
            case Move():
                return self._moved(action)
            case Link():
                return [self._linked(action)]
            case Relink():
                return self._relinked(action, row)
            case Unlink():
                return [self._link_again(action, action.path, action.expected.target)]
            case Download() | TakeBack() | Restore() | Import():
                return [self._came(action, row)]
            case Trash():
                return [self._back(action, row)]
            case Export() | Lyrics():
                return [self._exported(action, row)]
            case Share():
                return self._apart(action, row)
            case Replacement() | PutBack():
                return self._form_back(row)
            case _:
                why = _NO_WAY.get(action.name, "nothing is known of such a step")
                raise CannotError(why)

    def _apart(self, action: Share, row: StepRow) -> list[Action]:
        """The link goes, if it is still that, and the file comes back."""
        if self._is_free(action.path):
            return [self._back(action, row)]
        seen = self._there(action.path)
        if seen.type != "link" or seen.target != link_target(action.path, action.source):
            raise CannotError("something else is there now")
        gone = Unlink(action.path, action.because, expected=seen)
        return [gone, self._back(action, row)]

    def _form_back(self, row: StepRow) -> list[Action]:
        """The file before it stands there again; nothing where it was right as it was."""
        if not row.trash_path:
            return []
        path = LibPath(row.path or "")
        here = self._same(path, row.inode)
        if (here.size, here.mtime_ns) != (row.size, row.mtime_ns):
            raise CannotError("the file was written to since")
        kept = self._files.see_trashed(row.trash_path)
        if kept is None:
            raise CannotError(self._emptied.get(row.trash_path, "it is no longer in the trash"))
        back = form_back(row, here, kept)
        self._coming[back.path] = kept
        return [back]

    def _exported(self, action: Export | Lyrics, row: StepRow) -> Export | Lyrics:
        """The file that gave way comes back; one that is new goes."""
        if self._files.hash_of_export(action.path) != action.sha256:
            raise CannotError("the file was written again since, or is gone")
        if action.old and not row.trash_path:
            raise CannotError("the file before it is not kept")
        return export_back(self._files, row, gives_way=action.sha256)

    def _created(self, action: CreateFolder) -> list[Action]:
        seen = self._files.see(action.path)
        if seen is None or seen.type != "folder":
            return []
        return [RemoveFolder(action.path, action.because, action.playlist, expected=seen)]

    def _folder_again(self, action: RemoveFolder) -> list[Action]:
        """Nothing where it is the playlist's folder again already."""
        name, seen = folder_of(action.path), self._files.see(action.path)
        known = self._ledger.playlists.get(action.playlist) if action.playlist else None
        if known and known.folder == name and seen is not None and seen.type == "folder":
            return []
        return [CreateFolder(action.path, action.because, action.playlist, named_for=name)]

    def _renamed(self, action: RenameFolder) -> RenameFolder:
        name = folder_of(action.path)
        if (today := self._now.get(name, name)) != name:
            raise CannotError(f"it was renamed again since, and is {folder_path(today)} now")
        seen = self._same(action.path, action.expected.ino)
        known = self._ledger.playlists.get(action.playlist) if action.playlist else None
        found = self._scan.folders.get(name)
        if known and found and not may_be_ours(known, found, self._ledger, self._scan):
            raise CannotError("a folder of yours is there now")
        return RenameFolder(
            action.source,
            action.because,
            action.playlist,
            source=action.path,
            expected=seen,
            named_for=folder_of(action.source),
            aside=True,
        )

    def _moved(self, action: Move) -> list[Action]:
        """Back to the playlist it came from, and the link that gave way stands there again."""
        home = action.leaves or action.playlist
        if is_beside(action.source):
            raise CannotError("it was beside the playlists' folders, where no file belongs")
        links: list[Action] = list(self._link_in_place(action))
        if self._is_back(action):
            return links
        seen = self._same(action.path, action.expected.ino)
        known = self._ledger.files.get(action.track) if action.track else None
        ours = {action.expected[3:5], known.stamp[1:] if known and known.stamp else None}
        if seen[3:5] not in ours:  # the number alone is given to the next file that is made
            raise CannotError("the file was written to since")
        back = Move(
            action.source,
            action.because,
            home,
            action.track,
            source=action.path,
            expected=seen,
            named_for=self._name(action, action.source, home),
            leaves=action.playlist if action.leaves else None,
        )
        return [back, *links]

    def _link_in_place(self, action: Move) -> Iterator[Link]:
        if action.replaces:
            yield self._link_again(action, action.path, action.replaces.target)
        elif in_pool(action.source):  # its link was gone already when a run before was cut off
            text = link_target(action.path, action.source)
            yield self._link_again(action, action.path, text)

    def _is_back(self, action: Move) -> bool:
        """An undo that was cut off has moved it, and what is left is the link in its place."""
        there = self._files.see(action.source)
        back = there is not None and there.ino == action.expected.ino
        return back and self._is_free(action.path)

    def _is_free(self, path: LibPath) -> bool:
        """What the run made is gone: an undo that was cut off took it, and brought nothing yet."""
        return not self._coming.get(path) and self._files.see(path) is None

    def _name(
        self, action: Action, path: LibPath, playlist: PlaylistId | None = None
    ) -> str | None:
        """What a name that comes back was given for, so that it follows TIDAL as before.

        By the journal. Of what it does not know, a name that stays was given for the same, and
        one that TIDAL changed was not the person's own.
        """
        playlist = playlist or action.playlist
        for then in (path, *(path_today(path, {new: old}) for old, new in self._now.items())):
            if (playlist or "", then) in self._names:
                return self._names[playlist or "", then]
        if name_of(path) == name_of(action.path):
            return getattr(action, "named_for", None)
        named_anew = action.because in (Because.RENAMED_IN_TIDAL, Because.SETTINGS_CHANGED)
        return stem_of(name_of(path)) if named_anew else None

    def _linked(self, action: Link | Relink) -> Unlink | Trash:
        """What the run made goes; of a copy or a hard link, the primary stays."""
        seen = self._there(action.path)
        if action.kind is not Kind.SYMLINK and seen.type == "file":
            return self._trash(action, seen, keeper=action.source)
        if seen.target not in {link_target(action.path, action.source), *self._texts_at(action)}:
            raise CannotError("something else is there now")
        return Unlink(action.path, action.because, action.playlist, action.track, expected=seen)

    def _texts_at(self, action: Link | Relink) -> Collection[str]:
        """Of our link that leads where its audio was, before the person renamed the folder."""
        if action.playlist is None or action.track is None:
            return ()
        known = self._ledger.audio_of(action.track)
        here = known is not None and known.path == action.source
        return self._today.texts.get((action.playlist, action.track), ()) if here else ()

    def _relinked(self, action: Relink, row: StepRow) -> list[Action]:
        """And what stood there before stands there again; nothing where that is so already."""
        free = self._is_free(action.path)
        if row.target is None:
            back = self._back(action, row)
            return [back] if free else [self._linked(action), back]
        again = self._link_again(action, action.path, row.target)
        if free:
            return [again]
        made = self._linked(action)
        here = link_target(action.path, again.source)
        stays = isinstance(made, Unlink) and made.expected.target == here
        return [] if stays else [made, again]

    def _link_again(self, action: Action, path: LibPath, target: str | None) -> Link:
        """Leads to where that audio is now, or comes back to."""
        return Link(
            path,
            action.because,
            action.playlist,
            action.track,
            source=path_today(_resolved(path, target or ""), self._then),
            kind=Kind.SYMLINK,
            named_for=self._name(action, path),
        )

    def _away(self, action: Action, row: StepRow) -> Trash:
        seen = self._same(action.path, row.inode)
        if (seen.size, seen.mtime_ns) != (row.size, row.mtime_ns):
            raise CannotError("the file was written to since")
        if isinstance(action, Download) and action.because is Because.DAMAGED_ON_DISK:
            # that was the file before it: this one is whole, should it ever come back
            action = replace(action, because=Because.MISSING_ON_DISK)
        return self._trash(action, seen)

    def _came(self, action: Action, row: StepRow) -> Trash | GiveBack:
        """A file that was moved here goes back, if there is a way; all others go away."""
        away = self._away(action, row)
        if not isinstance(action, Import) or action.mode != "move":
            return away
        if not self._files.has_way_back(action.path, action.file):
            return away
        at = action.path, action.because, action.playlist, action.track
        return GiveBack(*at, file=action.file, expected=away.expected)

    def _trash(self, action: Action, seen: EntryState, keeper: LibPath | None = None) -> Trash:
        return Trash(
            action.path, action.because, action.playlist, action.track, expected=seen, keeper=keeper
        )

    def _back(self, action: Trash | Relink | Share, row: StepRow) -> Restore:
        """Of a copy made anew, an old journal does not know where the old one lies."""
        place = row.trash_path or f"{row.run_id}/{row.path}"
        seen = self._files.see_trashed(place)
        if seen is None:
            raise CannotError(self._emptied.get(place, "it is no longer in the trash"))
        back = restore(action.path, place, seen, row)
        if back.playlist is None and back.because is Because.DAMAGED_ON_DISK:
            back = replace(back, playlist=self._owners.get(back.path))
        return replace(back, named_for=self._name(back, back.path))

    def _there(self, path: LibPath) -> EntryState:
        seen = self._coming.get(path) or self._files.see(path)
        if seen is None:
            raise CannotError("it is gone")
        return seen

    def _same(self, path: LibPath, ino: int | None) -> EntryState:
        seen = self._there(path)
        if seen.ino != ino:
            raise CannotError("something else is there now")
        return seen


def _resolved(path: LibPath, target: str) -> LibPath:
    """Where a link's text leads. Raises CannotError outside the playlists."""
    place = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    inside = place.startswith((f"{PLAYLISTS}/", f"{TRACKS}/")) and not is_beside(place)
    if not target or target.startswith("/") or not inside:
        raise CannotError("the link led out of the library")
    return LibPath(place)
