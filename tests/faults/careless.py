"""What a careless line would do in the place of a right one: the stuff of ``seeded.py``."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any


def as_said(sound: Any, said: Any) -> Any:
    from strandline.core.quality import Tier

    return said or Tier.LOSSLESS


def one_tier(wish: Any, heard: Any, *, hires_first: bool = False) -> Any:
    return None if heard else wish.tier


def collected() -> tuple[str, ...]:
    from strandline.db.snapshots import _AFTER_LIST

    careless = """
        DELETE FROM playlists
        WHERE removed_from_tidal IS NOT NULL AND local_folder_path IS NULL
            AND NOT EXISTS (SELECT 1 FROM playlist_tracks WHERE playlist_id = playlists.id)
    """
    return (*_AFTER_LIST, careless)


def all_or_nothing(run: str, done: Any, store: Any, now: Any) -> list[Any]:
    from strandline.execute.recovery import _commit

    _commit(run, done, store, now)
    return []


def nothing(*_: object, **__: object) -> None: ...


def rename_over(self: Any, source: int, name: str, folder: int, new: str) -> None:
    os.rename(name, new, src_dir_fd=source, dst_dir_fd=folder)


def shift_blindly(self: Any, source: Any, target: Any, seen: Any, point: str) -> None:
    from strandline.library.files.crash import crash_point

    with self._folder(source.folder) as old, self._own_or_there(target) as new:
        crash_point(f"{point}.before_rename")
        self.calls.rename_noreplace(old, source.name, new, target.name)
        crash_point(f"{point}.after_rename")
        self._touched(old)
        self._touched(new)


def unlink(self: Any, path: str, run: str, seen: Any) -> str:
    (self.root / "mp3" / path).unlink()
    return f"{run}/{path}"


def follows(self: Any, folder: int, name: str) -> int:
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=folder)


def never_newer(self: Any, read: Any, now: Any) -> bool:
    return False


def all_gone(client: Any, user_id: str, missing: Any) -> Any:
    from strandline.tidal.absent import Whereabouts

    return dict.fromkeys(missing, Whereabouts.GONE)


def taken_anyway(base: str, extension: str, identifier: str, taken: object) -> str:
    from strandline.core.names import safe_name

    return safe_name(base, suffix=extension)


def believed(order: Any, raw: Any) -> Any:
    from strandline.library.audio.containers import HEAD, Container, container_of

    return container_of(os.pread(raw.fd, HEAD, 0)) or Container.FLAC, ""


def all_done(action: Any, files: Any, run: str) -> Any:
    from strandline.core.ledger_facts import ActionResult
    from strandline.execute.handlers.apply import Applied

    return Applied(ActionResult(action.path))


def copied_over(self: Any, path: str, primary: str, seen: Any, run: str, *_: Any) -> Any:
    top = self.root / "mp3"
    (top / path).write_bytes((top / primary).read_bytes())
    return self.see(path)


def published_piecemeal(
    self: Any, temp: Any, path: str, replaces: Any = None, run: str = ""
) -> Any:
    from strandline.library.files.crash import crash_point

    data = temp.path.read_bytes()
    with (self.root / "mp3" / path).open("wb") as file:
        for half in (data[: len(data) // 2], data[len(data) // 2 :]):
            file.write(half)
            file.flush()
            crash_point("publish.after_rename")
    temp.discard()
    return self.see(path)


def noted_first(self: Any, ready: Any, act: Any, *, whole: bool = False) -> Any:
    """The database says done, then the disk is changed."""
    from strandline.core.ledger_facts import ActionResult
    from strandline.execute.batch import Acted
    from strandline.execute.handlers.apply import Applied

    self._run_log.finish([(step, Applied(ActionResult(step.action.path))) for step in ready])
    for step in ready:
        act(step)
    return Acted()


def through_a_gap(self: Any, new: Any, path: str, seen: Any, old: Any, run: str) -> Any:
    return self._by_a_gap(new, path, seen, old, run)


def over_the_old(self: Any, new: Any, path: str, seen: Any, old: Any, run: str) -> Any:
    from strandline.library.files.crash import crash_point
    from strandline.library.files.root import entry_place

    place = entry_place(path)
    with self._folder(new.folder) as source, self._folder(place.folder) as folder:
        self.calls.rename(source, new.name, folder, place.name)
        crash_point("replace.after_rename")
    return f"{run}/{path}"


def whole_anyway(path: Any, before: Any = None, duration: Any = None) -> Any:
    from strandline.library.audio.proof import Proof

    return Proof(True)


def judged_by_times(self: Any, finding: Any) -> Any:
    from strandline.app.file_integrity import FileState

    same = finding.stamp[1:] == finding.known.stamp[1:]
    return finding._replace(state=FileState.CORRUPT if same else FileState.CHANGED)


def plays_by_belief(self: Any, *_: object) -> None:
    self._why = self._reason
    self.proven = self.in_a_pause = self._answers
    self._open.set()


def of_a_tier(self: Any, *_: object) -> bool:
    return bool(self.scope.value == "tier")


def noted_at_once(session: Any, seen: Any, *, notes: bool = True) -> None:
    """With what is only so once the plan is carried out: folders under their new names."""
    from strandline.app.observe import save
    from strandline.core.actions import RenameFolder
    from strandline.core.ledger_facts import ActionResult, facts_of

    save(session, seen, facts=notes)
    for action in seen.plan.actions:
        if isinstance(action, RenameFolder):
            outcome = ActionResult(action.path, ino=action.expected.ino)
            session.store.apply(facts_of(action, outcome, None), session.now())


def copied_unread(self: Any, fd: int, temp: Any, file: str) -> str:
    import hashlib
    from pathlib import Path

    while block := self.calls.read(fd, 1 << 20):
        self._write_all(temp.fd, block)
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()


def given_back_over(self: Any, path: str, file: str, seen: Any) -> None:
    from strandline.library.files.crash import crash_point

    crash_point("give_back.before_rename")
    os.rename(self.root / "mp3" / path, file)


def never_leaving() -> Callable[..., list[Any]]:
    """What moved is still believed at the place it left."""
    from dataclasses import replace

    from strandline.core.actions import Move
    from strandline.core.ledger_facts import facts_of as right

    def changes_of(action: Any, *others: Any) -> list[Any]:
        return right(replace(action, leaves=None) if isinstance(action, Move) else action, *others)

    return changes_of
