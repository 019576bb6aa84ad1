"""A small library with its database and a TIDAL that is only rows: for tests of plan and execution.

``Stage`` says what TIDAL wants, ``sync()`` does all that a run does after the snapshot: recovery,
scan, decision, execution, a last look. Audio is real and made by the demo's generator, so every
check passes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from strandline.app.taken_back import from_trash
from strandline.core.decide import SyncDecisionEngine
from strandline.core.ids import PlaylistId, TrackId
from strandline.core.lyrics import Lyrics
from strandline.core.plan import Plan
from strandline.core.policy import Policy
from strandline.core.remote import ItemKind, ReadPlaylist, RemoteItem, RemotePlaylist, RemoteTrack
from strandline.core.states import Kind, Ledger
from strandline.db.schema.upgrade import create_fresh
from strandline.db.store import Store
from strandline.demo import music
from strandline.execute.executor import Executor
from strandline.execute.ports import Cover, DownloadRequest, Fetched, RunSettings, StopFlag
from strandline.execute.recovery import recover
from strandline.execute.result import Result
from strandline.execute.stray_links import knowing_strays
from strandline.library.files import LibraryFiles, Syscalls, temporary_folder_path
from strandline.library.scan.service import FilesystemScanService

START = datetime(2026, 11, 22, 15, 30, tzinfo=UTC).replace(tzinfo=None)
SECONDS = 1
Tree = dict[str, str]


def audio(track: str) -> bytes:
    """What TIDAL delivers for a track: one second of FLAC, untagged."""
    return music.flac(int(track), SECONDS)


@dataclass
class Fetches:
    """An AudioSourcePort that needs no network. ``deliver`` may lie, fail or wait."""

    deliver: Callable[[str], bytes] = audio
    asked: list[str] = field(default_factory=list)

    def fetch(
        self, order: DownloadRequest, files: LibraryFiles, count: Callable[[int], None]
    ) -> Fetched:
        self.asked.append(order.track)
        data = self.deliver(order.track)
        temp = files.new_temp()
        try:
            count(len(data))
            os.write(temp.fd, data)
        except BaseException:
            temp.discard()
            raise
        return Fetched(temp)

    def cover(self, order: DownloadRequest) -> Cover | None:
        return None

    def lyrics(self, order: DownloadRequest) -> Lyrics | None:
        return None


class Ticks:
    """A clock that moves a second at each look."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@cache
def empty_database() -> bytes:
    """The file of a database in which nothing is yet."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "strandline.db")
        create_fresh(path)
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            db.execute("PRAGMA journal_mode = DELETE")
        return path.read_bytes()


@dataclass
class Stage:
    """Everything below ``home``: the library, the database, and what TIDAL lists."""

    home: Path
    playlists: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    policy: Policy = field(default_factory=lambda: Policy(audio_format="original"))
    settings: RunSettings = field(
        default_factory=lambda: RunSettings(
            workers=1, encoders=1, audio_format="original", reserve=0, batch=4
        )
    )
    source: Fetches = field(default_factory=Fetches)
    calls: Callable[[], Syscalls] = Syscalls

    def __post_init__(self) -> None:
        (self.root / "mp3" / "Playlists").mkdir(parents=True, exist_ok=True)
        if not self.database.exists():
            self.database.write_bytes(empty_database())

    @property
    def root(self) -> Path:
        return self.home / "library"

    @property
    def database(self) -> Path:
        return self.home / "strandline.db"

    @property
    def shelf(self) -> Path:
        """Where the playlist folders are."""
        return self.root / "mp3" / "Playlists"

    # ------------------------------------------------------------ what TIDAL says

    def lists(self, id: str, name: str, *tracks: str) -> Stage:
        """TIDAL lists this playlist (again)."""
        self.playlists[id] = (name, tracks)
        return self

    def drops(self, id: str) -> Stage:
        """TIDAL no longer lists it."""
        del self.playlists[id]
        return self

    def snapshot(self, store: Store) -> None:
        """Store what TIDAL says."""
        store.snapshots.begin_snapshot("1")
        for id, (name, tracks) in self.playlists.items():
            items = [_item(place, track) for place, track in enumerate(tracks)]
            header = RemotePlaylist(PlaylistId(id), name, num_tracks=len(tracks))
            store.snapshots.save_playlists([ReadPlaylist(header, tuple(items))])
        seen = [PlaylistId(id) for id in self.playlists]
        store.snapshots.finish_snapshot(complete=True, reason="", seen=seen)

    # ------------------------------------------------------------ what a run does

    def open(self) -> Store:
        return Store.open(self.database, self.root, Ticks())

    def files(self) -> LibraryFiles:
        return LibraryFiles(self.root, self.calls())

    def plan(self, store: Store) -> Plan:
        snapshot, ledger = store.load_snapshot(), store.load_ledger()
        scan = FilesystemScanService(self.root / "mp3", store.evidence).scan(ledger, snapshot)
        ledger = knowing_strays(ledger, scan, store)
        plan = SyncDecisionEngine(self.policy).decide(snapshot, ledger, scan)
        return from_trash(plan, store, self.root)

    def executor(self, files: LibraryFiles, store: Store, stop: StopFlag | None = None) -> Executor:
        return Executor(files, store, self.source, clock=Ticks(), settings=self.settings, stop=stop)

    def sync(self, stop: StopFlag | None = None, *, watch: Watch | None = None) -> Result:
        """Recovery, snapshot, scan, plan, execution, and a last look for what is true only now."""
        with self.open() as store, self.files() as files:
            if watch:
                watch(store)
            recover(files, store, START)
            self.snapshot(store)
            result = self.executor(files, store, stop).run(self.plan(store), "sync-execute")
            store.apply(self.plan(store).facts, START)
            return result

    def recover(self, *, watch: Watch | None = None) -> list[str]:
        with self.open() as store, self.files() as files:
            if watch:
                watch(store)
            return recover(files, store, START)

    def pending(self) -> Plan:
        """What a check would find now."""
        with self.open() as store:
            return self.plan(store)

    def ledger(self) -> Ledger:
        with self.open() as store:
            return store.load_ledger()

    # ------------------------------------------------------------ looking

    def tree(self) -> Tree:
        """Every entry below ``Playlists``: what it is, by content."""
        return dict(sorted(_entries(self.shelf)))

    def heard(self) -> set[tuple[str, str]]:
        """What a player finds in each playlist folder, whatever the names: links are followed."""
        return {
            (path.parent.name, _said(os.path.realpath(path))) for path in self.shelf.glob("*/*")
        }

    def contents(self) -> set[str]:
        """The sha256 of every regular file below the library, trash included, temps not (I1)."""
        places = [self.shelf, self.root / ".strandline" / "trash"]
        return {
            said.removeprefix("file ")
            for place in places
            for _, said in _entries(place)
            if said.startswith("file ")
        }

    def put(self, path: str, data: bytes) -> Path:
        """A file of the user's."""
        place = self.shelf / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        return place

    def clone(self, home: Path) -> Stage:
        """The same stage elsewhere, cut off or not: files keep their inodes, folders are known."""
        home.mkdir(parents=True)
        inodes = list(_link_tree(self.root, home / "library"))
        for end in ("", "-wal"):
            if (part := Path(f"{self.database}{end}")).exists():
                shutil.copyfile(part, home / f"{self.database.name}{end}")
        other = replace(self, home=home, playlists=dict(self.playlists), source=Fetches())
        with closing(sqlite3.connect(other.database)) as db, db:
            db.executemany("UPDATE playlists SET folder_inode = ? WHERE folder_inode = ?", inodes)
            db.executemany("UPDATE run_steps SET inode = ? WHERE inode = ?", inodes)
        return other


Watch = Callable[[Store], None]


def said_of(ledger: Ledger) -> set[tuple[str, ...]]:
    """What a ledger holds of entries and files, without what differs from one disk to the next."""
    entries = {(e.playlist, e.track, e.path, e.kind.value) for e in ledger.entries.values()}
    files = {(f.track, f.path, f.sha256 or "") for f in ledger.files.values()}
    return entries | files


def isrc_of(track: str) -> str:
    """The recording's code, as TIDAL and other tools know it."""
    return f"XXAAA26{int(track):05d}"


def _item(place: int, track: str) -> RemoteItem:
    remote = RemoteTrack(
        TrackId(track),
        title=f"Title {track}",
        artist=f"Artist {track}",
        duration=SECONDS,
        isrc=isrc_of(track),
        audio_quality="LOSSLESS",
    )
    return RemoteItem(place, f"item-{place}", None, ItemKind.TRACK, remote)


def _entries(top: Path) -> Iterable[tuple[str, str]]:
    for folder, folders, names in os.walk(top):
        for name in (*folders, *names):
            path = os.path.join(folder, name)
            yield os.path.relpath(path, top), _said(path)


def _said(path: str) -> str:
    if os.path.islink(path):
        return f"link {os.readlink(path)}"
    if os.path.isdir(path):
        return "folder"
    with open(path, "rb") as file:
        return f"file {hashlib.file_digest(file, 'sha256').hexdigest()}"


def _link_tree(source: Path, target: Path) -> Iterable[tuple[int, int]]:
    """The inodes of the new folders, each with the old one's."""
    target.mkdir()
    new, old = target.stat().st_ino, source.stat().st_ino
    yield new, old
    if target.name == Path(temporary_folder_path(old)).name:
        target = target.rename(target.with_name(Path(temporary_folder_path(new)).name))
    for entry in os.scandir(source):
        place = target / entry.name
        if entry.is_symlink():
            os.symlink(os.readlink(entry.path), place)
        elif entry.is_dir():
            yield from _link_tree(Path(entry.path), place)
        else:
            os.link(entry.path, place)


def copies(policy: Policy) -> Policy:
    """Copies in place of links, as on exFAT."""
    return replace(policy, link_kind=Kind.COPY)


def hardlinks(policy: Policy) -> Policy:
    """Hard links in place of symlinks."""
    return replace(policy, link_kind=Kind.HARDLINK)
