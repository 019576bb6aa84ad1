"""New forms of files change places with the old ones, and what belongs to them follows at once.

Under another ending the links to the old file are named anew while both stand, so that none of
them leads nowhere; only then the old one goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from strandline.core.actions import Because, Link, Trash, Unlink
from strandline.core.ids import LibPath, link_target
from strandline.core.states import Kind
from strandline.errors import ItemError
from strandline.execute.batch import Batch
from strandline.execute.dependencies import extension_of
from strandline.execute.handlers.apply import ActionApplier, Applied
from strandline.execute.handlers.inspect import is_it
from strandline.execute.handlers.replace_form import replace_form
from strandline.execute.result import FetchedTrack
from strandline.execute.run_actions import Prepared, Reapply, Replacement
from strandline.execute.run_log import Refused, Step

if TYPE_CHECKING:
    from strandline.core.actions import Action
    from strandline.core.ids import PlaylistId, TrackId
    from strandline.core.states import LedgerEntry
    from strandline.db.store import Store
    from strandline.execute.ports import Clock, StopFlag
    from strandline.execute.run_log import RunLog
    from strandline.library.files import LibraryFiles

SECOND = (Kind.SYMLINK, Kind.HARDLINK, Kind.COPY)
"""Kinds of entries that are made of the primary."""


class Exchanges:
    """Carries out what was prepared; only the calling thread touches library and database."""

    def __init__(
        self, files: LibraryFiles, store: Store, run_log: RunLog, clock: Clock, stop: StopFlag
    ) -> None:
        self._files, self._store, self._run_log, self._clock = files, store, run_log, clock
        self._batch = Batch(files, run_log, stop)
        self._applier = ActionApplier(files, run_log.result.run)
        self._seconds: dict[TrackId, list[LedgerEntry]] | None = None

    def carry_out(self, came: Sequence[tuple[Step, Prepared]]) -> None:
        """Intents, with what tells the files again; then the exchanges; then done.

        Raises LibraryError when the disk fails.
        """
        self._note(came)
        several = [_Exchange(Step(step.seq, _replacement(step, it)), it) for step, it in came]
        for one in several:
            one.following = self._run_log.extend(list(self._following(one.action)))
        steps = [step for one in several for step in one.steps]
        self._run_log.begin(steps)
        of_step = {step.seq: one for one in several for step in one.steps}
        self._batch.settle(steps, lambda step: self._act(step, of_step[step.seq]), whole=True)
        for one in several:
            if one.is_done and one.action.path != one.action.source:
                note_offset(one.action, self._store, self._run_log.result.run, self._clock)

    def refuse(self, step: Step, error: Exception) -> None:
        """The file stays as it is."""
        self._run_log.begin([Step(step.seq, _as_it_was(step))])
        self._run_log.refuse([Refused(step, error)])

    def _note(self, came: Sequence[tuple[Step, Prepared]]) -> None:
        """Facts about the new contents, before they get their names."""
        self._store.packets.note({it.sha256: it.packets for _, it in came if it.packets})
        known = [
            (step.action.track, it.sha256, extension_of(it.path), quality)
            for step, it in came
            if step.action.track and (quality := it.quality or it.came)
        ]
        if known:
            self._store.qualities.save(known, self._clock())

    def _act(self, step: Step, one: _Exchange) -> Applied:
        """The links are made within the exchange; here is told what became of each."""
        if step.seq != one.step.seq:
            return one.applied_of(step)
        run = self._run_log.result.run
        try:
            done = replace_form(
                one.action, one.made.temp, self._files, run, between=lambda: self._follow(one)
            )
        except ItemError:
            if one.is_followed:
                self._as_before(one)
            raise
        one.is_done = True
        if one.made.lyrics:
            self._run_log.lyrics.append((one.action, one.action.path, one.made.lyrics))
        if one.action.path == one.action.source:
            note_offset(one.action, self._store, run, self._clock)
        if one.made.quality and one.action.track:
            item = FetchedTrack(one.action.track, one.action.path, one.made.quality)
            self._run_log.result.items.append(item)
        return done

    def _follow(self, one: _Exchange) -> None:
        """Each link goes and is made under its new name; what is another thing by now stays."""
        stays: set[PlaylistId | None] = set()
        one.is_followed = True
        for step in one.following:
            if step.action.playlist in stays:
                continue
            try:
                one.applied[step.seq] = self._applier.do(step.action)
            except ItemError as error:
                one.errors[step.seq] = error
                stays.add(step.action.playlist)

    def _as_before(self, one: _Exchange) -> None:
        """The old file cannot leave: what followed leads to it again, and the new one goes."""
        for step in reversed(one.following):
            if (applied := one.applied.pop(step.seq, None)) is None:
                continue
            with suppress(ItemError):
                self._reverse(step.action, applied, one.action.source)
        with suppress(ItemError):
            self._files.unpublish(one.action.path, one.action.new)

    def _reverse(self, action: Action, applied: Applied, audio: LibPath) -> None:
        """Of an unlink, a trash or a link."""
        at = action.path, action.because, action.playlist, action.track
        here = self._files.see(action.path)
        if isinstance(action, Unlink):
            self._applier.do(Link(*at, source=audio, kind=Kind.SYMLINK, named_for=None))
        elif isinstance(action, Trash) and applied.trash_path:
            self._files.restore(applied.trash_path, action.path)
        elif here is not None:
            gone = Unlink if here.type == "link" else Trash
            self._applier.do(gone(*at, expected=here))

    # ------------------------------------------------------------ what follows

    def _following(self, action: Replacement) -> Iterator[Action]:
        """Of each entry that is made of the file: what takes the old one away, and the new one."""
        if action.path == action.source or action.track is None:
            return
        old, new = extension_of(action.source), extension_of(action.path)
        for entry in self._entries(action.track):
            seen = self._files.see(entry.path)
            if seen is None or (seen.type == "link") is not (entry.kind is Kind.SYMLINK):
                continue
            if seen.type == "link" and seen.target != link_target(entry.path, action.source):
                continue
            stem = entry.path.removesuffix(old)
            path = LibPath(stem + new) if stem != entry.path else entry.path
            if path == entry.path:
                continue
            why = Because.PRIMARY_MOVED, entry.playlist, entry.track
            gone = Unlink if seen.type == "link" else Trash
            yield gone(entry.path, *why, expected=seen)
            named_for = entry.named_for
            yield Link(path, *why, source=action.path, kind=entry.kind, named_for=named_for)

    def _entries(self, track: TrackId) -> list[LedgerEntry]:
        if self._seconds is None:
            self._seconds, ledger = {}, self._store.load_ledger()
            for entry in ledger.entries.values():
                if entry.kind in SECOND:
                    holder = ledger.shared.get(entry.track, entry.track)
                    self._seconds.setdefault(holder, []).append(entry)
        return self._seconds.get(track, [])


class _Exchange:
    """One file and what follows it."""

    def __init__(self, step: Step, made: Prepared) -> None:
        assert isinstance(step.action, Replacement)
        self.step, self.action, self.made = step, step.action, made
        self.following: list[Step] = []
        self.applied: dict[int, Applied] = {}
        self.errors: dict[int, ItemError] = {}
        self.is_followed = self.is_done = False

    @property
    def steps(self) -> list[Step]:
        """All of them, the file's first."""
        return [self.step, *self.following]

    def applied_of(self, step: Step) -> Applied:
        """What became of a step that follows. Raises the ItemError that it met."""
        if step.seq in self.applied:
            return self.applied[step.seq]
        error = self.errors.get(step.seq)
        raise error or ItemError(f"{step.action.path}: its audio did not change, so it stays.")


def finish_following(actions: Sequence[Action], files: LibraryFiles, run: str) -> None:
    """After a kill: the links to a file that came under another ending follow it, as planned.

    Before the old one goes. Raises LibraryError; what is another thing by now stays.
    """
    paths = {
        action.path
        for action in actions
        if isinstance(action, Replacement) and action.path != action.source
        if (here := files.see(action.path)) is not None and is_it(here, action.new)
    }
    came = {it.track for it in actions if isinstance(it, Link) and it.source in paths}
    applier = ActionApplier(files, run)
    for action in actions if came else ():
        if action.track not in came or not isinstance(action, (Unlink, Trash, Link)):
            continue
        with suppress(ItemError):
            here = files.see(action.path)
            if isinstance(action, Link):
                if here is None:
                    applier.do(action)
            elif here is not None and is_it(here, action.expected):
                applier.do(replace(action, expected=here))


def note_offset(action: Replacement, store: Store, run: str, clock: Clock) -> None:
    """For the cues of DJ programs: where the sound begins in the new file."""
    same_place = action.path == action.source
    if action.track is None or (same_place and action.offset == 0):
        return
    store.moves.measured(action.track, action.path, action.offset, run, clock())


def _replacement(step: Step, made: Prepared) -> Replacement:
    kept = _kept(step) | {"path": made.path}
    if made.settings is not None:
        kept["settings"] = made.settings
    return Replacement(**kept, new=made.expected, made=made.sha256, offset=made.offset)


def _as_it_was(step: Step) -> Replacement:
    """For the journal, of a step whose new file never came to be."""
    assert isinstance(step.action, Reapply)
    return Replacement(**_kept(step), new=step.action.expected, made=step.action.sha256)


def _kept(step: Step) -> dict[str, Any]:
    kept = {field.name: getattr(step.action, field.name) for field in fields(Reapply)}
    return kept | {"prepare": None, "fetch": None}
