"""What the scan sees, compared with what really is there; and what it reads of it."""

from __future__ import annotations

import hashlib
import os
import random
import unicodedata
from collections.abc import Iterable
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sound
from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen.id3 import ID3, TSRC, TXXX

from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.states import (
    CachedEvidence,
    FoundFile,
    FoundLink,
    Kind,
    Ledger,
    LedgerEntry,
    LedgerFile,
    Scan,
    Snapshot,
    Stamp,
    WantedTrack,
)
from strandline.errors import LibraryError
from strandline.library.evidence import unexplained
from strandline.library.scan import FilesystemScanService

NOTHING = Ledger({}, {}, {})
NO_WISHES = Snapshot({}, {})
X = LibPath("Playlists/A/x.mp3")
Y = LibPath("Playlists/A/y.mp3")


class Cache:
    """Keeps evidence in memory, and counts how often it was asked to save."""

    def __init__(self) -> None:
        self.rows: dict[LibPath, CachedEvidence] = {}
        self.saved: list[LibPath] = []

    def load(self) -> dict[LibPath, CachedEvidence]:
        return dict(self.rows)

    def save(self, rows: Iterable[CachedEvidence]) -> None:
        for row in rows:
            self.rows[row.path] = row
            self.saved.append(row.path)

    def forget(self, paths: Iterable[LibPath]) -> None:
        for path in paths:
            self.rows.pop(path, None)


@pytest.fixture
def mp3(tmp_path: Path) -> Path:
    (tmp_path / "mp3/Playlists/A").mkdir(parents=True)
    return tmp_path / "mp3"


def scan(
    mp3: Path,
    ledger: Ledger = NOTHING,
    snapshot: Snapshot = NO_WISHES,
    cache: Cache | None = None,
) -> Scan:
    return FilesystemScanService(mp3, cache or Cache()).scan(ledger, snapshot)


def write(mp3: Path, path: LibPath, content: bytes) -> LibPath:
    (mp3 / path).parent.mkdir(parents=True, exist_ok=True)
    (mp3 / path).write_bytes(content)
    return path


@cache
def song(seconds: float) -> bytes:
    """A short MP3 without tags."""
    with TemporaryDirectory() as folder:
        return sound.mp3(Path(folder) / "x.mp3", seconds=seconds).read_bytes()


def tagged(track: str | None = None, isrc: str | None = None, seconds: float = 0.3) -> bytes:
    """A short MP3 with our id in it, as strandline writes it."""
    tags = ID3()
    if track:
        tags.add(TXXX(encoding=3, desc="STRANDLINE_TRACK_ID", text=[track]))
    if isrc:
        tags.add(TSRC(encoding=3, text=[isrc]))
    file = BytesIO(song(seconds))
    tags.save(file)
    return file.getvalue()


def stamp(mp3: Path, path: LibPath) -> Stamp:
    here = (mp3 / path).lstat()
    return Stamp(here.st_ino, here.st_size, here.st_mtime_ns)


def sha256(mp3: Path, path: LibPath) -> str:
    return hashlib.sha256((mp3 / path).read_bytes()).hexdigest()


def owning(
    mp3: Path, path: LibPath, track: str = "7", *, stamped: bool = True, hashed: bool = True
) -> Ledger:
    """A ledger that has one primary, as it is now."""
    here = stamp(mp3, path)
    file = LedgerFile(
        TrackId(track), path, here if stamped else None, here.size,
        sha256(mp3, path) if hashed else None,
    )  # fmt: skip
    return Ledger({}, {}, {TrackId(track): file})


def wanting(track: str, isrc: str | None = None) -> Snapshot:
    wish = WantedTrack(TrackId(track), "Artist", "Title", None, 0, isrc)
    return Snapshot({}, {TrackId(track): wish})


# ---------------------------------------------------------------- what is there


def test_no_playlists_folder_is_an_empty_scan(tmp_path: Path) -> None:
    assert scan(tmp_path / "mp3") == Scan({}, {}, {}, root=str(tmp_path / "mp3"))


@pytest.mark.parametrize("linked", ["mp3", "mp3/Playlists"])
def test_a_playlists_folder_that_is_a_link_is_an_error_not_an_empty_library(
    tmp_path: Path, linked: str
) -> None:
    (tmp_path / "real/Playlists").mkdir(parents=True)
    (tmp_path / linked).parent.mkdir(exist_ok=True)
    (tmp_path / linked).symlink_to(tmp_path / "real")
    with pytest.raises(LibraryError, match="cannot be read"):
        scan(tmp_path / "mp3")


def oracle(mp3: Path) -> tuple[dict[str, FoundFile], dict[str, FoundLink], set[str]]:
    """The same by other means."""
    files, links, others = {}, {}, set()
    for folder, below, names in os.walk(mp3 / "Playlists"):
        for name in (*below, *names):
            path = os.path.join(folder, name)
            lib = LibPath(os.path.relpath(path, mp3))
            here = os.lstat(path)
            if os.path.islink(path):
                links[lib] = FoundLink(lib, here.st_dev, here.st_ino, os.readlink(path))
            elif os.path.isfile(path):
                files[lib] = FoundFile(
                    lib, here.st_dev, here.st_ino, here.st_size, here.st_mtime_ns, here.st_ctime_ns
                )
            else:
                others.add(lib)
    return files, links, others


def test_two_thousand_entries_are_exactly_what_a_slow_walk_finds(mp3: Path) -> None:
    rng = random.Random(7)
    for number in range(2000):
        folder = mp3 / "Playlists" / f"P{rng.randrange(40)}" / rng.choice(["", "", "", "mine/deep"])
        folder.mkdir(parents=True, exist_ok=True)
        match rng.randrange(4):
            case 0:
                (folder / f"{number}.mp3").symlink_to(f"../P{rng.randrange(50)}/{number}.mp3")
            case 1 if number % 50 == 0:
                os.mkfifo(folder / f"{number}.pipe")
            case _:
                (folder / f"{number}.bin").write_bytes(b"x" * rng.randrange(9))
    found, (files, links, others) = scan(mp3), oracle(mp3)
    assert found.files == files
    assert found.links == links
    assert found.others == {path for path in others if path.count("/") > 1}
    assert sorted(found.folders) == sorted(os.listdir(mp3 / "Playlists"))


def test_what_is_no_folder_is_reported_and_not_entered(mp3: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/x.mp3").write_bytes(b"")
    (mp3 / "Playlists/Linked").symlink_to(tmp_path / "outside")
    (mp3 / "Playlists/loop").symlink_to(".")
    (mp3 / "Playlists/file.mp3").write_bytes(b"")
    os.mkfifo(mp3 / "Playlists/pipe")
    found = scan(mp3)
    assert {name: folder.is_folder for name, folder in found.folders.items()} == {
        "A": True, "Linked": False, "loop": False, "file.mp3": False, "pipe": False,
    }  # fmt: skip
    assert not found.files
    assert not found.links


def test_links_in_loops_and_nowhere_are_only_read(mp3: Path) -> None:
    (mp3 / "Playlists/A/a").symlink_to("b")
    (mp3 / "Playlists/A/b").symlink_to("a")
    (mp3 / "Playlists/A/self").symlink_to(".")
    (mp3 / "Playlists/A/up").symlink_to("../..")
    assert {link.target for link in scan(mp3).links.values()} == {"a", "b", ".", "../.."}


def test_users_folders_are_listed_however_deep_but_not_without_end(mp3: Path) -> None:
    deep = mp3 / "Playlists/A"
    for depth in range(40):
        deep = deep / "d"
        deep.mkdir()
        (deep / f"{depth}.txt").write_bytes(b"")
    found = scan(mp3)
    assert LibPath("Playlists/A/d/d/d/2.txt") in found.files
    assert len(found.files) == 32
    assert LibPath("Playlists/A/d") in found.others


def test_both_spellings_of_an_accent_are_two_files_as_the_disk_has_them(mp3: Path) -> None:
    names = [unicodedata.normalize(form, "Café.txt") for form in ("NFC", "NFD")]
    for name in names:
        (mp3 / "Playlists/A" / name).write_text(name)
    assert set(scan(mp3).files) == {
        LibPath(f"Playlists/A/{name}") for name in os.listdir(mp3 / "Playlists/A")
    }


@pytest.mark.skipif(os.uname().sysname == "Darwin", reason="macOS has no such names")
def test_names_that_are_no_text_are_foreign_and_do_no_harm(mp3: Path) -> None:
    inside = os.fsencode(mp3 / "Playlists/A")
    open(inside + b"/caf\xe9.mp3", "wb").close()
    os.symlink(b"../caf\xe9", inside + b"/link.mp3")
    os.mkdir(os.fsencode(mp3 / "Playlists") + b"/caf\xe9")
    found = scan(mp3)
    assert found.others == {
        "Playlists/A/caf\\xe9.mp3", "Playlists/A/link.mp3", "Playlists/caf\\xe9",
    }  # fmt: skip
    assert not found.files
    assert not found.links
    assert list(found.folders) == ["A"]
    assert "".join(found.others).encode()


NAMES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=40
).filter(lambda name: name not in (".", "..") and len(name.encode()) < 200)


@settings(max_examples=60, deadline=None)
@given(st.sets(NAMES, max_size=8))
def test_any_name_a_disk_can_hold_is_found(
    tmp_path_factory: pytest.TempPathFactory, names: set[str]
) -> None:
    mp3 = tmp_path_factory.mktemp("library") / "mp3"
    (mp3 / "Playlists/A").mkdir(parents=True)
    for name in names:
        (mp3 / "Playlists/A" / name).write_bytes(b"")
    there = {f"Playlists/A/{name}" for name in os.listdir(mp3 / "Playlists/A")}
    assert set(scan(mp3).files) == there


# The superuser may read everything, so an error is put in the system's place.
@pytest.mark.parametrize("sub_folder", [False, True])
def test_a_folder_that_cannot_be_read_is_unknown_and_not_empty(
    mp3: Path, monkeypatch: pytest.MonkeyPatch, sub_folder: bool
) -> None:
    (mp3 / "Playlists/A/mine").mkdir()
    write(mp3, X, b"")
    write(mp3, LibPath("Playlists/B/y.txt"), b"")
    refused, real = "mine" if sub_folder else "A", os.open

    def denied(path: str, *args: object, **kwargs: object) -> int:
        if path == refused:
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", denied)
    found = scan(mp3)
    assert found.unreadable == {"A": "Permission denied"}
    assert found.folders["A"].is_folder
    assert set(found.files) == {"Playlists/B/y.txt"}


def test_scanning_changes_nothing(mp3: Path) -> None:
    write(mp3, X, tagged("7"))
    before = {path: os.lstat(mp3 / path) for path in (".", "Playlists/A", X)}
    scan(mp3)
    for path, stat in before.items():
        now = os.lstat(mp3 / path)
        assert (now.st_mtime_ns, now.st_ctime_ns) == (stat.st_mtime_ns, stat.st_ctime_ns)
    assert sorted(os.listdir(mp3.parent)) == ["mp3"]


# ---------------------------------------------------------------- what is read of it


def test_a_library_as_the_ledger_has_it_is_not_read_at_all(
    mp3: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(mp3, X, tagged("7"))
    ledger = owning(mp3, X)

    def asked(_: object) -> None:
        raise AssertionError("the cache was loaded")

    monkeypatch.setattr(Cache, "load", asked)
    assert scan(mp3, ledger).evidence == {}


def test_a_file_the_ledger_does_not_know_tells_who_it_is(mp3: Path) -> None:
    write(mp3, X, tagged("7", "USABC2400001"))
    found = scan(mp3).evidence[X]
    assert (found.embedded, found.isrc, found.playable) == ("7", "USABC2400001", True)
    assert found.duration == pytest.approx(0.3, abs=0.1)
    assert found.sha256 is None


def test_what_was_read_once_is_not_read_again_until_it_changes(mp3: Path) -> None:
    cache = Cache()
    write(mp3, X, tagged("7"))
    first = scan(mp3, cache=cache)
    assert cache.saved == [X]
    assert scan(mp3, cache=cache) == first
    assert cache.saved == [X]
    write(mp3, X, tagged("8"))
    assert scan(mp3, cache=cache).evidence[X].embedded == "8"
    assert cache.saved == [X, X]


def test_what_is_gone_is_forgotten(mp3: Path) -> None:
    cache = Cache()
    for path in (X, Y):
        write(mp3, path, tagged("7"))
    scan(mp3, cache=cache)
    (mp3 / X).unlink()
    scan(mp3, cache=cache)
    assert set(cache.rows) == {Y}


@pytest.mark.parametrize("content", [b"", b"<html>no</html>", b"\0" * 5000])
def test_what_cannot_be_played_is_said_to_be_so(mp3: Path, content: bytes) -> None:
    write(mp3, X, content)
    assert scan(mp3).evidence[X].playable is False


def test_one_of_ours_that_was_cut_off_is_no_longer_playable(mp3: Path) -> None:
    whole = tagged("7", seconds=3)
    write(mp3, X, whole)
    ledger = owning(mp3, X)
    write(mp3, X, whole[: len(whole) // 2])
    found = scan(mp3, ledger).evidence[X]
    assert (found.playable, found.embedded) == (False, "7")


def test_one_of_ours_that_was_retagged_is_whole_and_hashed(mp3: Path) -> None:
    write(mp3, X, tagged("7"))
    ledger = owning(mp3, X)
    write(mp3, X, tagged("7", "USABC2400001"))
    found = scan(mp3, ledger).evidence[X]
    assert (found.playable, found.embedded, found.sha256) == (True, "7", sha256(mp3, X))


@pytest.mark.parametrize("hashed", [True, False], ids=["hash stored", "old database"])
def test_a_byte_equal_copy_of_one_of_ours_is_hashed_and_so_is_ours_if_need_be(
    mp3: Path, hashed: bool
) -> None:
    for path in (X, Y):
        write(mp3, path, tagged())
    found = scan(mp3, owning(mp3, X, hashed=hashed, stamped=hashed)).evidence
    assert found[Y].sha256 == sha256(mp3, Y)
    assert (X in found) is not hashed
    if not hashed:
        assert found[X].sha256 == sha256(mp3, X)


def test_a_copy_of_one_of_ours_that_is_gone_is_hashed(mp3: Path) -> None:
    write(mp3, X, tagged())
    ledger = owning(mp3, X)
    write(mp3, Y, (mp3 / X).read_bytes())
    (mp3 / X).unlink()
    assert scan(mp3, ledger).evidence[Y].sha256 == sha256(mp3, Y)


def test_nothing_is_hashed_where_the_embedded_ids_tell_files_apart(mp3: Path) -> None:
    write(mp3, X, tagged("7"))
    write(mp3, Y, tagged("8"))
    both = Snapshot({}, {**wanting("7").tracks, **wanting("8").tracks})
    found = scan(mp3, snapshot=both).evidence
    assert [found[path].sha256 for path in (X, Y)] == [None, None]


def test_two_files_of_one_track_are_hashed_to_see_whether_they_are_equal(mp3: Path) -> None:
    for path in (X, Y):
        write(mp3, path, tagged("7"))
    found = scan(mp3, snapshot=wanting("7")).evidence
    assert found[X].sha256 == found[Y].sha256 == sha256(mp3, X)


def test_the_users_own_duplicates_are_nobodys_business(mp3: Path) -> None:
    for path in (X, Y):
        write(mp3, path, tagged())
    found = scan(mp3, snapshot=wanting("7")).evidence
    assert [found[path].sha256 for path in (X, Y)] == [None, None]


def test_copies_of_a_file_known_by_its_isrc_are_hashed(mp3: Path) -> None:
    for path in (X, Y):
        write(mp3, path, tagged(isrc="USABC2400001"))
    found = scan(mp3, snapshot=wanting("7", "USABC2400001")).evidence
    assert found[X].sha256 == found[Y].sha256 == sha256(mp3, X)


def test_evidence_kept_without_a_hash_is_completed_when_a_hash_is_needed(mp3: Path) -> None:
    cache = Cache()
    write(mp3, X, tagged())
    assert scan(mp3, cache=cache).evidence[X].sha256 is None
    write(mp3, Y, tagged())
    ledger = owning(mp3, Y)
    assert scan(mp3, ledger, cache=cache).evidence[X].sha256 == sha256(mp3, X)
    assert cache.saved == [X, X]


def test_a_file_that_vanishes_while_it_is_read_is_no_longer_there(
    mp3: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (X, Y):
        write(mp3, path, tagged("7"))
    from strandline.library import identity

    real = identity.read_identity

    def vanishing(path: str) -> identity.FileIdentity:
        if path.endswith("x.mp3"):
            Path(path).unlink()
        return real(path)

    monkeypatch.setattr(identity, "read_identity", vanishing)
    found = scan(mp3)
    assert set(found.files) == set(found.evidence) == {Y}


# ---------------------------------------------------------------- deciding what to read


def file(path: LibPath, ino: int = 1, size: int = 2, mtime: int = 3) -> dict[LibPath, FoundFile]:
    return {path: FoundFile(path, 0, ino, size, mtime, 4)}


def ledger_of(stamp: Stamp | None, size: int | None = 2) -> Ledger:
    return Ledger({}, {}, {TrackId("7"): LedgerFile(TrackId("7"), X, stamp, size, None)})


def test_a_file_is_explained_only_by_its_own_stamp() -> None:
    ledger = ledger_of(Stamp(1, 2, 3))
    assert unexplained(file(X), ledger) == []
    assert unexplained(file(X, ino=9), ledger) == [X]
    assert unexplained(file(X, size=9), ledger) == [X]
    assert unexplained(file(X, mtime=9), ledger) == [X]
    assert unexplained(file(Y), ledger) == [Y]


def test_in_an_old_database_the_size_explains_unless_there_is_nothing() -> None:
    assert unexplained(file(X), ledger_of(None)) == []
    assert unexplained(file(X, size=9), ledger_of(None)) == [X]
    assert unexplained(file(X), ledger_of(None, size=None)) == [X]
    assert unexplained(file(X, size=0), ledger_of(None, size=0)) == [X]


def test_only_audio_is_asked_for() -> None:
    paths = [LibPath(f"Playlists/A/{name}") for name in ("c.jpg", "n.txt", "x.MP3", "y.flac", "z")]
    found = {path: FoundFile(path, 0, 1, 2, 3, 4) for path in paths}
    assert unexplained(found, NOTHING) == paths[2:4]


@pytest.mark.parametrize("kind", [Kind.COPY, Kind.HARDLINK])
def test_copies_and_hard_links_are_explained_by_their_stamps(kind: Kind) -> None:
    entry = LedgerEntry(
        PlaylistId("p"), TrackId("7"), Y, kind, None, Stamp(5, 2, 3) if kind is Kind.COPY else None
    )
    ledger = Ledger({}, {(entry.playlist, entry.track): entry}, ledger_of(Stamp(1, 2, 3)).files)
    ino = 5 if kind is Kind.COPY else 1
    assert unexplained(file(Y, ino=ino), ledger) == []
    assert unexplained(file(Y, ino=8), ledger) == [Y]
