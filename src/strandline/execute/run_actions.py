"""The actions that only a run or its undo has, beside those of a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from strandline.core.actions import Action, Download, EntryState
from strandline.core.ids import LibPath

if TYPE_CHECKING:
    from strandline.core.lyrics import Lyrics as Words
    from strandline.core.quality import Quality
    from strandline.execute.ports import DownloadRequest, Fetched
    from strandline.library.files import LibraryFiles, Temp


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore(Action):
    """Bring a file back from a run's trash to where it was; part of an undo only."""

    name: ClassVar[str] = "restore"
    source: str
    """Its place in the trash, as the journal noted it."""
    expected: EntryState
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
    expected: EntryState
    sha256: str | None = None
    """Of what may be removed; None where a person asked for it, whatever it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish(Download):
    """A download that came, was checked and tagged, and is about to get its name."""

    expected: EntryState
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
    expected: EntryState
    sha256: str
    named_for: str | None
    replaces: EntryState | None = None
    """Our own link that stands at ``path`` and gives way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share(Action):
    """Put a link to ``source`` in the place of a file with the same sound, which goes to the trash.

    No entry of a playlist is touched by it: the file is a person's, and so is the link then.
    """

    name: ClassVar[str] = "share"
    source: LibPath
    expected: EntryState
    criterion: str
    """One of ``core.same_sound``; the two are compared by it once more just before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBack(Action):
    """Move an imported file back to where the person had it; part of an undo only."""

    name: ClassVar[str] = "give_back"
    file: str
    """Its full path then."""
    expected: EntryState


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that is to take another's place; without a ``temp`` that one is right as it is."""

    temp: Temp | None
    path: LibPath
    """Where it comes to stand; its ending follows the audio."""
    expected: EntryState
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

    order: DownloadRequest
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
    expected: EntryState
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

    new: EntryState
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
    expected: EntryState
    sha256: str
    gives_way: LibPath
    """Where the file stands that goes to the trash in its stead."""
    replaces: EntryState
    replaced_sha256: str = ""
    named_for: str | None = None
