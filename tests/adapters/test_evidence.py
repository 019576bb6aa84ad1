"""What the scan reads of files: who they are, whether they play, and no more than it must."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import sound
from odd import WHOLE
from scans import NOTHING, Cache, X, scan, tagged, write

from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.states import (
    FoundFile,
    Kind,
    Ledger,
    LedgerEntry,
    LedgerFile,
    Snapshot,
    Stamp,
    WantedTrack,
)
from strandline.library.audio.packets import packets_hash
from strandline.library.scan.evidence import unexplained
from strandline.library.tags.write import TrackTags, write_tags

Y = LibPath("Playlists/A/y.mp3")


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


def test_a_code_of_a_recording_is_no_reason_to_read_the_persons_files_whole(mp3: Path) -> None:
    for path in (X, Y):
        write(mp3, path, tagged(isrc="USABC2400001"))
    found = scan(mp3, snapshot=wanting("7", "USABC2400001")).evidence
    assert [found[path].sha256 for path in (X, Y)] == [None, None]


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
    from strandline.library.audio import headers

    real = headers.read_identity

    def vanishing(path: str) -> headers.FileIdentity:
        if path.endswith("x.mp3"):
            Path(path).unlink()
        return real(path)

    monkeypatch.setattr(headers, "read_identity", vanishing)
    found = scan(mp3)
    assert set(found.files) == set(found.evidence) == {Y}


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


@pytest.mark.parametrize("kind", WHOLE)
def test_a_good_file_of_an_old_database_is_whole_whatever_its_format(mp3: Path, kind: str) -> None:
    song = WHOLE[kind](mp3 / "Playlists/A")
    for other in song.parent.iterdir():
        if other != song:
            other.unlink()
    path = LibPath(f"Playlists/A/{song.name}")
    ledger = owning(mp3, path, stamped=False, hashed=False)
    old = ledger.files[TrackId("7")]._replace(size=None)
    ledger = Ledger({}, {}, {TrackId("7"): old})

    assert scan(mp3, ledger).evidence[path].playable


@pytest.mark.parametrize("cache", ["packets known", "no packets known"])
def test_one_of_ours_that_was_spoilt_is_damaged_and_a_retagged_one_is_not(
    mp3: Path, cache: str
) -> None:
    song = sound.flac(mp3 / "Playlists/A/x.flac")
    path = LibPath("Playlists/A/x.flac")
    ledger, kept = owning(mp3, path), Cache()
    if cache == "packets known":
        kept.sounds[sha256(mp3, path)] = packets_hash(song)
    whole = song.read_bytes()

    write_tags(song, TrackTags(track_id=TrackId("7"), title="mine", artist="me"))
    assert scan(mp3, ledger, cache=kept).evidence[path].playable
    song.write_bytes(whole[:200_000] + b"rubbish" * 15 + whole[200_105:])
    found = scan(mp3, ledger, cache=kept).evidence[path]

    assert (found.playable, found.sha256) == (False, sha256(mp3, path))
