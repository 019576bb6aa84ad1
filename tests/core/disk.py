"""A library in memory: the scan it would give, and plans applied to it by the rules of the disk.

Content is text: ``id:123|anything`` carries an embedded track id, ``isrc:QZ1|anything`` the code of
a recording, ``broken`` does not play.
"""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from strandline.core.actions import (
    Action,
    Conflict,
    CreateFolder,
    Download,
    EntryState,
    Link,
    Move,
    Relink,
    RemoveFolder,
    RenameFolder,
    Trash,
    Unlink,
)
from strandline.core.ids import (
    POOL_FOLDER,
    LibPath,
    TrackId,
    entry_path,
    folder_of,
    is_beside,
    link_target,
    resolve,
)
from strandline.core.ledger_facts import (
    ActionResult,
    LedgerFact,
    facts_of,
    renamed_path,
    with_facts,
)
from strandline.core.states import (
    Evidence,
    FoundFile,
    FoundFolder,
    FoundLink,
    Kind,
    Ledger,
    Scan,
    Snapshot,
)
from strandline.library.scan.evidence import our_files, unexplained, worth_hashing


@dataclass(frozen=True)
class File:
    """A regular file: its inode, its bytes, and when they were written."""

    ino: int
    content: str
    mtime_ns: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content.encode()).hexdigest()

    @property
    def embedded(self) -> TrackId | None:
        return TrackId(self._tag("id")) if self._tag("id") else None

    @property
    def isrc(self) -> str | None:
        return self._tag("isrc") or None

    def _tag(self, name: str) -> str:
        tags = (part for part in self.content.split("|") if part.startswith(f"{name}:"))
        return next(tags, "").removeprefix(f"{name}:")


NOTHING = Snapshot({}, {})


def placed(text: str) -> LibPath:
    """The path of ``Folder/name``; ``../Tracks/name`` is in the pool."""
    if text.startswith(f"{POOL_FOLDER}/"):
        return entry_path(POOL_FOLDER, text[len(POOL_FOLDER) + 1 :])
    return LibPath(f"Playlists/{text}")


def short(path: LibPath) -> str:
    """The same the other way round."""
    return f"../{path}" if path.startswith("Tracks/") else path.removeprefix("Playlists/")


@dataclass
class MemoryLibrary:
    """What is below ``mp3/Playlists``, and the trash."""

    folders: dict[str, int] = field(default_factory=dict)
    files: dict[LibPath, File] = field(default_factory=dict)
    links: dict[LibPath, tuple[int, str]] = field(default_factory=dict)
    trash: list[File] = field(default_factory=list)
    touched: set[LibPath] = field(default_factory=set)
    """Every path an action took away or changed."""
    unreadable: dict[str, str] = field(default_factory=dict)
    """Folders the scan cannot enter, and why."""
    no_folders: set[str] = field(default_factory=set)
    """Names in ``folders`` that are links or files."""
    made: set[int] = field(default_factory=set)
    """The inodes of symlinks that an action made."""
    others: set[LibPath] = field(default_factory=set)
    """Sub-folders and the like."""
    outside: dict[str, File] = field(default_factory=dict)
    """Files elsewhere, by the text of a link to them."""
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(100))

    # ------------------------------------------------------------ the user's hand

    def put(self, path: str, content: str) -> LibPath:
        """A file at ``Folder/name``, made by whoever."""
        at = placed(path)
        self.folder(folder_of(at))
        self.files[at] = File(next(self.ids), content, next(self.ids) * 10**10)
        return at

    def link(self, path: str, target: str) -> LibPath:
        at = placed(path)
        self.folder(folder_of(at))
        self.links[at] = (next(self.ids), target)
        return at

    def folder(self, name: str) -> None:
        self.folders.setdefault(name, next(self.ids))

    def rename(self, old: str, new: str) -> None:
        source, path = placed(old), placed(new)
        self.folder(folder_of(path))
        if source in self.files:
            self.files[path] = self.files.pop(source)
        elif source in self.links:
            self.links[path] = self.links.pop(source)

    def delete(self, path: str) -> None:
        at = placed(path)
        self.files.pop(at, None)
        self.links.pop(at, None)

    @property
    def tree(self) -> list[str]:
        """Readable by a DJ: ``A/x.mp3`` is audio, ``B/x.mp3 -> ../A/x.mp3`` a link."""
        lines = [short(path) for path in self.files]
        lines += [f"{short(p)} -> {to}" for p, (_, to) in self.links.items()]
        inhabited = {folder_of(path) for path in [*self.files, *self.links]}
        lines += [f"{name}/" for name in self.folders if name not in inhabited]
        return sorted(lines)

    @property
    def contents(self) -> Counter[str]:
        """C of the invariants: what audio there is, trash included."""
        return Counter(file.content for file in [*self.files.values(), *self.trash])

    # ------------------------------------------------------------ what a scan would find

    def scan(self, ledger: Ledger, snapshot: Snapshot = NOTHING) -> Scan:
        files = {
            path: FoundFile(path, 1, f.ino, len(f.content), f.mtime_ns, f.mtime_ns)
            for path, f in self.files.items()
            if self._is_entered(path)
        }
        evidence = self._read(files, ledger, snapshot)
        led = {path: file for path, file in self._led().items() if self._is_entered(path)}
        return Scan(
            {
                name: FoundFolder(name, 1, ino, name not in self.no_folders)
                for name, ino in self.folders.items()
            },
            files,
            {
                path: FoundLink(path, 1, ino, to)
                for path, (ino, to) in self.links.items()
                if self._is_entered(path)
            },
            others=frozenset(self.others),
            evidence=evidence | {path: self._evidence(file) for path, file in led.items()},
            unreadable=self.unreadable,
            root="/music/mp3",
            led={
                path: FoundFile(path, 9, f.ino, len(f.content), f.mtime_ns, f.mtime_ns)
                for path, f in led.items()
            },
        )

    def _read(
        self, files: dict[LibPath, FoundFile], ledger: Ledger, snapshot: Snapshot
    ) -> dict[LibPath, Evidence]:
        """No more content than the real scan reads."""
        ours = our_files(ledger)
        told = {path: self._evidence(self.files[path]) for path in unexplained(files, ledger)}
        headers = {
            path: seen if path in ours else seen._replace(sha256=None)
            for path, seen in told.items()
        }
        read = worth_hashing(files, headers, ledger, snapshot)
        return headers | {path: self._evidence(self.files[path]) for path in read}

    def _led(self) -> dict[LibPath, File]:
        """What links lead to in the end, but for those that lead to a file at the first step."""
        found = {}
        for path in self.links:
            step: LibPath | None = path
            for _ in range(8):
                if step is None or step not in self.links:
                    break
                text = self.links[step][1]
                if text in self.outside:
                    found[path] = self.outside[text]
                    break
                step = resolve(step, text, "/music/mp3")
                if step in self.files and step != resolve(path, self.links[path][1]):
                    found[path] = self.files[step]
        return found

    def _is_entered(self, path: LibPath) -> bool:
        return is_beside(path) or folder_of(path) not in {*self.unreadable, *self.no_folders}

    def _evidence(self, file: File) -> Evidence:
        playable = bool(file.content) and "broken" not in file.content
        return Evidence(file.embedded, file.sha256, file.isrc, playable=playable)

    # ------------------------------------------------------------ doing a plan

    def do(self, action: Action, ledger: Ledger) -> Ledger:
        """One action by the rules of the disk; returns the ledger after it."""
        known = ledger.files.get(action.track) if action.track else None
        outcome = self._act(action)
        return with_facts(ledger, facts_of(action, outcome, known))

    def _act(self, action: Action) -> ActionResult:  # noqa: C901 - one case an action
        match action:
            case CreateFolder(path=path):
                assert folder_of(path) not in self.folders
                self.folder(folder_of(path))
                return ActionResult(path, ino=self.folders[folder_of(path)])
            case RenameFolder():
                return self._rename_folder(action)
            case RemoveFolder(path=path, expected=seen):
                name = folder_of(path)
                assert seen == EntryState("folder", 1, self.folders[name])
                assert not any(folder_of(p) == name for p in [*self.files, *self.links])
                del self.folders[name]
            case Download():
                self._make_way(action.path, action.replaces)
                file = File(next(self.ids), f"id:{action.track}|fetched", next(self.ids) * 10**10)
                self.files[action.path] = file
            case Move():
                self._check(action.source, action.expected)
                self._make_way(action.path, action.replaces)
                self.files[action.path] = self.files.pop(action.source)
                self.touched.add(action.source)
                stamp = self._outcome(action.path).stamp
                return ActionResult(action.path, stamp)  # its content is not read again
            case Link():
                self._free(action.path)
                self._place_link(action)
            case Relink():
                self._check(action.path, action.expected)
                self.touched.add(action.path)
                if action.path in self.files:
                    self.trash.append(self.files.pop(action.path))
                self.links.pop(action.path, None)
                self._place_link(action)
            case Unlink():
                self._check(action.path, action.expected)
                self.touched.add(action.path)
                del self.links[action.path]
            case Trash() if action.is_replaced and self._is_replaced(action):
                return ActionResult(action.path)
            case Trash():
                assert action.successor is None or action.successor in self.files
                self._check(action.path, action.expected)
                self.touched.add(action.path)
                if action.keeper:
                    keeper, second = self.files[action.keeper], self.files[action.path]
                    assert action.keeper != action.path
                    assert keeper.content == second.content
                self.trash.append(self.files.pop(action.path))
                kept = self._outcome(action.keeper).stamp if action.keeper else None
                return ActionResult(action.path, keeper=kept)
            case Conflict():
                pass
        return self._outcome(action.path)

    def _outcome(self, path: LibPath) -> ActionResult:
        file = self.files.get(path)
        if file is None:
            return ActionResult(path)
        found = FoundFile(path, 1, file.ino, len(file.content), file.mtime_ns, 0)
        return ActionResult(path, found.stamp, file.sha256)

    def _rename_folder(self, action: RenameFolder) -> ActionResult:
        old, new = folder_of(action.source), folder_of(action.path)
        assert action.expected == EntryState("folder", 1, self.folders[old])
        assert new not in self.folders
        self.folders[new] = self.folders.pop(old)
        self.files = {renamed_path(p, old, new): f for p, f in self.files.items()}
        self.links = {renamed_path(p, old, new): t for p, t in self.links.items()}
        self.touched = {renamed_path(p, old, new) for p in self.touched}
        return ActionResult(action.path, ino=self.folders[new])

    def _place_link(self, action: Link | Relink) -> None:
        if action.through is not None and action.source in self._led():
            self.links[action.path] = (next(self.ids), link_target(action.path, action.source))
            return
        source = self.files[action.source]  # a link is never made to nothing
        match action.kind:
            case Kind.SYMLINK:
                text = link_target(action.path, action.source)
                ino = next(self.ids)
                self.links[action.path] = (ino, text)
                self.made.add(ino)
            case Kind.HARDLINK:
                self.files[action.path] = source
            case _:
                self.files[action.path] = replace(source, ino=next(self.ids))

    def _check(self, path: LibPath, seen: EntryState) -> None:
        if file := self.files.get(path):
            assert seen == EntryState("file", 1, file.ino, len(file.content), file.mtime_ns)
        else:
            ino, target = self.links[path]
            assert seen == EntryState("link", 1, ino, target=target)

    def _free(self, path: LibPath) -> None:
        assert folder_of(path) in self.folders, f"no folder for {path}"
        assert path not in self.files, f"{path} is taken"
        assert path not in self.links, f"{path} is taken"

    def _make_way(self, path: LibPath, replaces: EntryState | None) -> None:
        if replaces:
            self._check(path, replaces)
            self.touched.add(path)
            if file := self.files.pop(path, None):
                self.trash.append(file)
            else:
                del self.links[path]
        self._free(path)

    def _is_replaced(self, action: Trash) -> bool:
        """The damaged file went when its successor came to its place."""
        here = self.files.get(action.path)
        gone = any(file.ino == action.expected.ino for file in self.trash)
        assert gone or (here and here.ino == action.expected.ino)
        return gone


def renames_done(library: MemoryLibrary, actions: Iterable[Action], ledger: Ledger) -> Ledger:
    """Folder renames as the executor does them: parked ones step aside first, and are one fact."""
    renames = [action for action in actions if isinstance(action, RenameFolder)]
    for action in renames:
        if action.aside:
            aside = LibPath(f"Playlists/.strandline-{action.playlist}")
            library._rename_folder(replace(action, path=aside))
    for parked in (False, True):
        changes: list[LedgerFact] = []
        for action in renames:
            if action.aside is parked:
                source = f"Playlists/.strandline-{action.playlist}" if parked else action.source
                outcome = library._rename_folder(replace(action, source=LibPath(source)))
                changes += facts_of(action, outcome, None)
        ledger = with_facts(ledger, changes)
    return ledger
