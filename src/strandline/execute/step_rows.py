"""Actions as rows of the journal and back, so that a run that was killed can be understood."""

from __future__ import annotations

from typing import Any

from strandline.core.actions import (
    ACTIONS,
    TRASH,
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
from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.states import Kind
from strandline.db.journal import StepRow
from strandline.execute.run_actions import (
    Empty,
    Export,
    GiveBack,
    Import,
    Publish,
    PutBack,
    Replacement,
    Restore,
    Share,
)

DAMAGED = "damaged"
"""What a row says of a file that went to the trash for another reason, and was no good."""


def row_of(run: str, seq: int, action: Action) -> StepRow:
    """The intent to carry out ``action``, with all that recovery and undo will ask."""
    common = (run, seq, action.name, action.path)
    because = action.because.value
    if isinstance(action, Link):  # there may be a hundred thousand
        at = (action.source, action.track, action.playlist, because)
        return StepRow(*common, *at, kind=action.kind.value, named_for=action.named_for)
    if isinstance(action, (Export, Lyrics)):
        whose = (None, action.track, action.playlist, because)
        return StepRow(*common, *whose, replaced=action.old, sha256=action.sha256)
    if isinstance(action, (Replacement, PutBack)):
        return _row_of_form(common, action)
    seen: EntryState | None = getattr(action, "expected", None)
    replaces: EntryState | None = getattr(action, "replaces", None)
    kind: Kind | None = getattr(action, "kind", None)
    return StepRow(
        *common,
        source=LibPath(source) if (source := _source_of(action)) else None,
        track=action.track,
        playlist=action.playlist,
        because=because,
        target=_target_of(action, seen),
        replaced=replaces.target if replaces else getattr(action, "successor", None),
        kind=kind.value if kind else _mark_of(action),
        inode=seen.ino if seen else None,
        size=seen.size if seen and seen.type == "file" else None,
        mtime_ns=seen.mtime_ns if seen and seen.type == "file" else None,
        sha256=getattr(action, "sha256", None),
        named_for=getattr(action, "named_for", None),
        trash_path=f"{back_to}/{action.path}" if (back_to := _back_to(action)) else None,
    )


def _row_of_form(common: tuple[str, int, str, LibPath], action: Replacement | PutBack) -> StepRow:
    """Of both files all that recovery and undo will ask: the new one's in columns of its own."""
    at = (LibPath(action.source), action.track, action.playlist, action.because.value)
    kind: str | None = None
    if isinstance(action, PutBack):
        new, made, old = (
            action.expected,
            action.sha256,
            _text_of(action.replaces, action.replaced_sha256),
        )
        target: str = action.gives_way
    else:
        new, made, old = action.new, action.made, _text_of(action.expected, action.sha256)
        kind, target = _part_of(action), action.settings
    return StepRow(
        *common,
        *at,
        replaced=old,
        inode=new.ino,
        size=new.size,
        mtime_ns=new.mtime_ns,
        sha256=made,
        named_for=action.named_for,
        kind=kind,
        target=target,
    )


def _part_of(action: Replacement) -> str:
    """``audio``, or ``audio -0.025057``; nothing where the sound is the same."""
    offset = "unknown" if action.offset is None else str(action.offset)
    return action.part if action.offset == 0 else f"{action.part} {offset}"


def _offset_in(kind: str) -> float | None:
    return None if kind == "unknown" else float(kind or 0)


def _text_of(seen: EntryState, sha256: str) -> str:
    return f"{seen.ino} {seen.size} {seen.mtime_ns} {sha256}".rstrip()


def replaced_file(row: StepRow) -> tuple[EntryState, str]:
    """The file that gave way in a step of ``reapply`` or its undo, and its sha256.

    Raises ValueError for a row that says something else.
    """
    ino, size, mtime_ns, *sha256 = (row.replaced or "").split()
    return EntryState("file", 0, int(ino), int(size), int(mtime_ns)), "".join(sha256)


def _back_to(action: Action) -> str | None:
    return action.back_to if isinstance(action, Trash) else None


def _target_of(action: Action, seen: EntryState | None) -> str | None:
    """What the old link held; of a move, the playlist whose entry the file was."""
    return action.leaves if isinstance(action, Move) else seen.target if seen else None


def _source_of(action: Action) -> str | None:
    if isinstance(action, (Import, GiveBack)):
        return action.file
    return action.keeper if isinstance(action, Trash) else getattr(action, "source", None)


def _mark_of(action: Action) -> str | None:
    """What else must be known and has no column of its own."""
    match action:
        case RenameFolder(aside=True):
            return "parked"
        case Import():
            return action.mode
        case Share():
            return action.criterion
        case Restore(primary=True):
            return Kind.PRIMARY.value
        case Trash(damaged=True):
            return DAMAGED
        case _:
            return None


_KINDS: tuple[type[Action], ...] = (
    *ACTIONS, Restore, Empty, Export, Import, GiveBack, Share,
    Replacement, PutBack, Lyrics,
)  # fmt: skip
_CLASSES = {kind.name: kind for kind in _KINDS}


def action_of(row: StepRow) -> Action:
    """The action a row was made from. Device numbers are not kept: they change between mounts."""
    kind = _CLASSES[row.action or ""]
    if kind is Download and row.sha256:
        kind = Publish
    if kind is Move and (row.source or "").startswith(TRASH):
        kind = TakeBack
    path, because = LibPath(row.path or ""), Because(row.because)
    playlist = PlaylistId(row.playlist) if row.playlist else None
    track = TrackId(row.track) if row.track else None
    fields = _of_own_file if kind in (Import, GiveBack) else _particulars
    if kind in (Replacement, PutBack):
        fields = _of_form
    return kind(path, because, playlist, track, **fields(kind, row))


def _particulars(  # noqa: C901 - one case an action
    kind: type[Action], row: StepRow
) -> dict[str, Any]:
    """The fields beyond those that every action has."""
    seen, replaces = _seen_of(row), _link_seen(row.replaced)
    source, named = LibPath(row.source or ""), row.named_for
    if kind is Share:
        return {"source": source, "expected": seen, "criterion": row.kind or ""}
    if kind in (Export, Lyrics):
        return {"sha256": row.sha256, "old": row.replaced}
    if kind is CreateFolder:
        return {"named_for": named or ""}
    if kind is RenameFolder:
        aside = row.kind == "parked"
        return {"source": source, "expected": seen, "named_for": named or "", "aside": aside}
    if kind is Download:
        return {"named_for": named, "replaces": replaces}
    if kind is Publish:
        arrived = {"expected": seen, "sha256": row.sha256}
        return {"named_for": named, "replaces": replaces, **arrived}
    if kind is TakeBack:
        place = (row.source or "").removeprefix(TRASH)
        back = {"place": place, "expected": seen, "sha256": row.sha256 or ""}
        return {"named_for": named, "replaces": replaces, **back}
    if kind is Move:
        seen = _seen_of(row._replace(target=None))
        leaves = PlaylistId(row.target) if row.target else None
        moved = {"source": source, "expected": seen, "leaves": leaves, "sha256": row.sha256}
        return {"named_for": named, "replaces": replaces, **moved}
    if kind in (Link, Relink):
        fields: dict[str, Any] = {"source": source, "kind": Kind(row.kind), "named_for": named}
        return fields | ({"expected": seen} if kind is Relink else {})
    if kind is Trash:
        keeper, successor = (LibPath(it) if it else None for it in (row.source, row.replaced))
        other = (row.trash_path or "").partition("/")[0]
        back_to = other if other not in ("", row.run_id) else None
        gone = {"expected": seen, "keeper": keeper, "successor": successor}
        return gone | {"back_to": back_to, "damaged": row.kind == DAMAGED}
    if kind is Restore:
        primary = row.kind == Kind.PRIMARY.value
        kept = {"sha256": row.sha256, "primary": primary, "named_for": named}
        return {"source": source, "expected": seen, **kept}
    assert kind in (RemoveFolder, Unlink, Empty)
    emptied = {"source": row.source or "", "sha256": row.sha256}
    return {"expected": seen, **(emptied if kind is Empty else {})}


def _of_own_file(kind: type[Action], row: StepRow) -> dict[str, Any]:
    """The fields of what comes from outside of the library, or goes there."""
    fields: dict[str, Any] = {"file": row.source or "", "expected": _seen_of(row)}
    if kind is GiveBack:
        return fields
    own = {"mode": row.kind or "", "sha256": row.sha256 or "", "named_for": row.named_for}
    return fields | own | {"replaces": _link_seen(row.replaced)}


def _of_form(kind: type[Action], row: StepRow) -> dict[str, Any]:
    """The fields of what changes places with another form of itself."""
    old, old_sha256 = replaced_file(row)
    new = EntryState("file", 0, row.inode or 0, row.size or 0, row.mtime_ns or 0)
    common = {"named_for": row.named_for, "source": LibPath(row.source or "")}
    if kind is PutBack:
        back: dict[str, Any] = {"gives_way": LibPath(row.target or ""), "replaces": old}
        back["replaced_sha256"] = old_sha256
        return common | back | {"expected": new, "sha256": row.sha256 or ""}
    made = {"new": new, "made": row.sha256 or "", "expected": old, "sha256": old_sha256}
    part, _, offset = (row.kind or "").partition(" ")
    heard = {"part": part, "offset": _offset_in(offset)}
    return common | made | heard | {"settings": row.target or ""}


def _seen_of(row: StepRow) -> EntryState:
    if row.target is not None:
        return EntryState("link", 0, row.inode or 0, target=row.target)
    if row.size is not None:
        return EntryState("file", 0, row.inode or 0, row.size, row.mtime_ns or 0)
    return EntryState("folder", 0, row.inode or 0)


def _link_seen(text: str | None) -> EntryState | None:
    return EntryState("link", 0, 0, target=text) if text is not None else None
