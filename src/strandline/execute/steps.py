"""Actions as rows of the journal and back, so that a run that was killed can be understood."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from strandline.core.actions import (
    ACTIONS,
    TRASH,
    Action,
    Because,
    CreateFolder,
    Download,
    Link,
    Lyrics,
    Move,
    Relink,
    RemoveFolder,
    RenameFolder,
    Seen,
    TakeBack,
    Trash,
    Unlink,
)
from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.states import Kind
from strandline.db.journal import StepRow

if TYPE_CHECKING:
    from strandline.core.lyrics import Lyrics as Words
    from strandline.core.quality import Quality
    from strandline.execute.ports import Fetched, Order
    from strandline.library.files import LibraryFiles, Temp

DAMAGED = "damaged"
"""What a row says of a file that went to the trash for another reason, and was no good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore(Action):
    """Bring a file back from a run's trash to where it was; part of an undo only."""

    name: ClassVar[str] = "restore"
    source: str
    """Its place in the trash, as the journal noted it."""
    seen: Seen
    sha256: str | None = None
    primary: bool = False
    """It was the track's primary, and is again."""
    named_for: str | None = None
    """The TIDAL name its name was given for, as far as the journal knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty(Action):
    """Remove a file from the trash for good; ``path`` is where it was before."""

    name: ClassVar[str] = "empty"
    source: str
    """Its place in the trash."""
    seen: Seen
    sha256: str | None = None
    """Of what may be removed; None where a person asked for it, whatever it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish(Download):
    """A download that came, was checked and tagged, and is about to get its name."""

    seen: Seen
    """The temporary file; its inode stays when it is renamed."""
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Export(Action):
    """Write a file for a DJ program, or take one away that strandline wrote.

    ``path`` is ``exports/…``, below the library, or a full one.
    """

    name: ClassVar[str] = "export"
    content: Callable[[], Iterable[bytes]] | None = field(default=None, compare=False, repr=False)
    sha256: str | None
    """Of the content; None: the file goes."""
    old: str | None
    """The sha256 of the file that gives way; None for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import(Action):
    """Give a person's own file the place of a track's primary audio."""

    name: ClassVar[str] = "import"
    file: str
    """Its full path, outside of what strandline writes."""
    mode: str
    """``copy``, ``hardlink`` or ``move``."""
    seen: Seen
    sha256: str
    named_for: str | None
    replaces: Seen | None = None
    """Our own link that stands at ``path`` and gives way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share(Action):
    """Put a link to ``source`` in the place of a file with the same sound, which goes to the trash.

    No entry of a playlist is touched by it: the file is a person's, and so is the link then.
    """

    name: ClassVar[str] = "share"
    source: LibPath
    seen: Seen
    criterion: str
    """One of ``core.same_sound``; the two are compared by it once more just before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBack(Action):
    """Move an imported file back to where the person had it; part of an undo only."""

    name: ClassVar[str] = "give_back"
    file: str
    """Its full path then."""
    seen: Seen


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that is to take another's place; without a ``temp`` that one is right as it is."""

    temp: Temp | None
    path: LibPath
    """Where it comes to stand; its ending follows the audio."""
    seen: Seen
    sha256: str
    packets: str = ""
    """A hash of the sound, whatever its tags (``library.packets``)."""
    quality: Quality | None = None
    """Of audio that was fetched anew."""
    lyrics: Words | None = None
    """For a file beside it."""
    settings: str | None = None
    """In the stead of the action's, where those could not all be followed."""
    came: Quality | None = None
    """Of audio that was converted: as what it was made of had come from TIDAL."""
    offset: float | None = 0.0
    """Seconds by which the sound begins later than in the old file; None: unknown."""


@dataclass(frozen=True, slots=True)
class Refetch:
    """What is asked of TIDAL for a file that is made anew, and what is made of the answer."""

    order: Order
    prepare: Callable[[Reapply, LibraryFiles, Fetched], Prepared]
    """Called as ``Reapply.prepare`` is; what came is used up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reapply(Action):
    """Make a track's audio file anew by today's settings; the old one goes to the trash."""

    name: ClassVar[str] = "reapply"
    prepare: Callable[[Reapply, LibraryFiles], Prepared] | None = field(
        default=None, compare=False, repr=False
    )
    """Makes the new file; called in a thread that has neither the database nor the library's
    names. Raises StrandlineError."""
    fetch: Refetch | None = field(default=None, compare=False, repr=False)
    """Where the audio comes from TIDAL, in the stead of ``prepare``."""
    part: str
    """``tags`` or ``audio``."""
    source: LibPath
    """Where the old file stands."""
    seen: Seen
    sha256: str
    """Of the old file."""
    named_for: str | None
    settings: str = ""
    """What of the settings it is made by, in a form that can be compared with tomorrow's."""
    changes: tuple[str, ...] = ()
    """What becomes another, in words for a person and a script: ``id3``, ``cover`` …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement(Reapply):
    """The same once the new file is there and about to get its name."""

    new: Seen
    """The temporary file; its inode stays when it is renamed."""
    made: str
    """Its sha256."""
    offset: float | None = 0.0
    """Seconds by which its sound begins later; None: unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBack(Action):
    """Put the file that ``reapply`` replaced in its place again; part of an undo only."""

    name: ClassVar[str] = "put_back"
    source: str
    """Its place in the trash, as the journal noted it."""
    seen: Seen
    sha256: str
    gives_way: LibPath
    """Where the file stands that goes to the trash in its stead."""
    replaces: Seen
    replaced_sha256: str = ""
    named_for: str | None = None


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
    seen: Seen | None = getattr(action, "seen", None)
    replaces: Seen | None = getattr(action, "replaces", None)
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
            action.seen,
            action.sha256,
            _text_of(action.replaces, action.replaced_sha256),
        )
        target: str = action.gives_way
    else:
        new, made, old = action.new, action.made, _text_of(action.seen, action.sha256)
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


def _text_of(seen: Seen, sha256: str) -> str:
    return f"{seen.ino} {seen.size} {seen.mtime_ns} {sha256}".rstrip()


def replaced_file(row: StepRow) -> tuple[Seen, str]:
    """The file that gave way in a step of ``reapply`` or its undo, and its sha256.

    Raises ValueError for a row that says something else.
    """
    ino, size, mtime_ns, *sha256 = (row.replaced or "").split()
    return Seen("file", 0, int(ino), int(size), int(mtime_ns)), "".join(sha256)


def _back_to(action: Action) -> str | None:
    return action.back_to if isinstance(action, Trash) else None


def _target_of(action: Action, seen: Seen | None) -> str | None:
    """What the old link held; of a move, the playlist whose entry the file was."""
    return action.leaves if isinstance(action, Move) else seen.target if seen else None


def _source_of(action: Action) -> str | None:
    if isinstance(action, (Import, GiveBack)):
        return action.file
    return action.keeper if isinstance(action, Trash) else getattr(action, "source", None)


def _mark_of(action: Action) -> str | None:
    """What else must be known and has no column of its own."""
    match action:
        case RenameFolder(parked=True):
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
        return {"source": source, "seen": seen, "criterion": row.kind or ""}
    if kind in (Export, Lyrics):
        return {"sha256": row.sha256, "old": row.replaced}
    if kind is CreateFolder:
        return {"named_for": named or ""}
    if kind is RenameFolder:
        parked = row.kind == "parked"
        return {"source": source, "seen": seen, "named_for": named or "", "parked": parked}
    if kind is Download:
        return {"named_for": named, "replaces": replaces}
    if kind is Publish:
        arrived = {"seen": seen, "sha256": row.sha256}
        return {"named_for": named, "replaces": replaces, **arrived}
    if kind is TakeBack:
        place = (row.source or "").removeprefix(TRASH)
        back = {"place": place, "seen": seen, "sha256": row.sha256 or ""}
        return {"named_for": named, "replaces": replaces, **back}
    if kind is Move:
        seen = _seen_of(row._replace(target=None))
        leaves = PlaylistId(row.target) if row.target else None
        moved = {"source": source, "seen": seen, "leaves": leaves, "sha256": row.sha256}
        return {"named_for": named, "replaces": replaces, **moved}
    if kind in (Link, Relink):
        fields: dict[str, Any] = {"source": source, "kind": Kind(row.kind), "named_for": named}
        return fields | ({"seen": seen} if kind is Relink else {})
    if kind is Trash:
        keeper, successor = (LibPath(it) if it else None for it in (row.source, row.replaced))
        other = (row.trash_path or "").partition("/")[0]
        back_to = other if other not in ("", row.run_id) else None
        gone = {"seen": seen, "keeper": keeper, "successor": successor}
        return gone | {"back_to": back_to, "damaged": row.kind == DAMAGED}
    if kind is Restore:
        primary = row.kind == Kind.PRIMARY.value
        kept = {"sha256": row.sha256, "primary": primary, "named_for": named}
        return {"source": source, "seen": seen, **kept}
    assert kind in (RemoveFolder, Unlink, Empty)
    emptied = {"source": row.source or "", "sha256": row.sha256}
    return {"seen": seen, **(emptied if kind is Empty else {})}


def _of_own_file(kind: type[Action], row: StepRow) -> dict[str, Any]:
    """The fields of what comes from outside of the library, or goes there."""
    fields: dict[str, Any] = {"file": row.source or "", "seen": _seen_of(row)}
    if kind is GiveBack:
        return fields
    own = {"mode": row.kind or "", "sha256": row.sha256 or "", "named_for": row.named_for}
    return fields | own | {"replaces": _link_seen(row.replaced)}


def _of_form(kind: type[Action], row: StepRow) -> dict[str, Any]:
    """The fields of what changes places with another form of itself."""
    old, old_sha256 = replaced_file(row)
    new = Seen("file", 0, row.inode or 0, row.size or 0, row.mtime_ns or 0)
    common = {"named_for": row.named_for, "source": LibPath(row.source or "")}
    if kind is PutBack:
        back: dict[str, Any] = {"gives_way": LibPath(row.target or ""), "replaces": old}
        back["replaced_sha256"] = old_sha256
        return common | back | {"seen": new, "sha256": row.sha256 or ""}
    made = {"new": new, "made": row.sha256 or "", "seen": old, "sha256": old_sha256}
    part, _, offset = (row.kind or "").partition(" ")
    heard = {"part": part, "offset": _offset_in(offset)}
    return common | made | heard | {"settings": row.target or ""}


def _seen_of(row: StepRow) -> Seen:
    if row.target is not None:
        return Seen("link", 0, row.inode or 0, target=row.target)
    if row.size is not None:
        return Seen("file", 0, row.inode or 0, row.size, row.mtime_ns or 0)
    return Seen("folder", 0, row.inode or 0)


def _link_seen(text: str | None) -> Seen | None:
    return Seen("link", 0, 0, target=text) if text is not None else None
