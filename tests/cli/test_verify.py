"""verify: what decays, goes missing or is changed is found, told apart, and healed by a sync."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from strandline.db.ledger import LedgerRows
from strandline.demo import music
from strandline.library.hashing import workers
from tests.cli.terminal import Terminal


@pytest.fixture(autouse=True, params=["file by file", "folder by folder"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many small files are read folder by folder, others file by file: the same is found."""
    monkeypatch.setattr(workers, "MANY", 1 if request.param == "folder by folder" else 1 << 30)


def primary(t: Terminal) -> Path:
    return t.playlists / "Deep House" / "Ana - x.flac"


def verified(t: Terminal) -> dict[str, bool]:
    """Whether it was ever, by title."""
    with closing(sqlite3.connect(t.state / "strandline.db")) as db:
        return {
            title: when is not None
            for title, when in db.execute("SELECT title, last_verified_at FROM tracks")
        }


def rot(path: Path) -> None:
    """A bit flips, and nobody wrote to the file."""
    seen = path.stat()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    with path.open("r+b") as file:
        file.write(data)
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def test_a_sound_library_is_all_ok(synced: Terminal) -> None:
    said = synced("verify", "--json")
    assert said.code == 0
    assert said.json["schema"] == "strandline.verify/1"
    assert (said.json["checked"], said.json["ok"]) == (2, 2)
    for kind in ("corrupt", "missing", "broken_links"):
        assert said.json[kind] == []


def test_folder_by_folder_nothing_is_left_to_be_read_of_a_sound_library(
    synced: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "MANY", 1)
    monkeypatch.setattr(LedgerRows, "files", None)
    assert synced("verify", "--json").json["ok"] == 2
    assert set(verified(synced).values()) == {True}


def test_a_rotten_file_is_found_and_the_next_sync_fetches_it_again(synced: Terminal) -> None:
    rot(primary(synced))
    assert synced("verify", "--quick").code == 0  # size and time are as they were
    said = synced("verify", "--json")
    assert said.code == 4
    assert said.json["corrupt"] == ["Playlists/Deep House/Ana - x.flac"]
    assert (said.json["checked"], said.json["ok"]) == (2, 1)
    healed = synced("sync-execute", "--yes", "--json")
    assert healed.code == 0
    done = healed.json["result"]["done"]
    assert (done["trash"], done["download"]) == (1, 1)
    assert synced("verify", "--json").json["ok"] == 2


def test_a_rotten_file_stays_so_however_often_it_is_looked_at(synced: Terminal) -> None:
    rot(primary(synced))
    for _ in range(2):
        assert synced("verify", "--json").json["corrupt"] == ["Playlists/Deep House/Ana - x.flac"]


def test_a_check_after_verify_plans_the_healing(synced: Terminal) -> None:
    rot(primary(synced))
    assert synced("verify").code == 4
    reasons = [action["because"] for action in synced("sync-check", "--json").json["actions"]]
    assert reasons == ["damaged_on_disk", "damaged_on_disk"]


@pytest.mark.parametrize("words", [[], ["--quick"]])
def test_a_file_cut_off_is_corrupt(synced: Terminal, words: list[str]) -> None:
    path = primary(synced)
    path.write_bytes(path.read_bytes()[:2000])
    assert synced("verify", "--json", *words).json["corrupt"] == [
        "Playlists/Deep House/Ana - x.flac"
    ]


@pytest.mark.parametrize("words", [[], ["--quick"]])
def test_a_file_somebody_changed_is_no_corrupt_one(synced: Terminal, words: list[str]) -> None:
    primary(synced).write_bytes(music.flac(7, 1))
    said = synced("verify", "--json", *words)
    assert said.code == 0
    assert said.json["changed"] == ["Playlists/Deep House/Ana - x.flac"]
    assert synced("verify", "--json").json["changed"] == []


def test_a_missing_file_is_told(synced: Terminal) -> None:
    primary(synced).unlink()
    said = synced("verify", "--json")
    assert said.code == 4
    assert said.json["missing"] == ["Playlists/Deep House/Ana - x.flac"]
    assert said.json["broken_links"] == ["Playlists/Sunday/Ana - x.flac"]
    assert synced("sync-execute", "--yes").code == 0
    assert synced("verify").code == 0


def test_a_broken_link_is_told_and_healed(synced: Terminal) -> None:
    link = synced.playlists / "Sunday" / "Ana - x.flac"
    link.unlink()
    link.symlink_to("../Nowhere/x.flac")
    said = synced("verify", "--json")
    assert (said.code, said.json["broken_links"]) == (4, ["Playlists/Sunday/Ana - x.flac"])
    assert synced("sync-execute", "--yes").code == 0
    assert synced("verify").code == 0


def test_only_the_playlist_that_was_named_is_verified(synced: Terminal) -> None:
    assert synced("verify", "--json", "--playlist", "Sunday").json["checked"] == 1


def test_verify_touches_nothing_below_the_library(synced: Terminal) -> None:
    rot(primary(synced))
    before = synced.tree()
    assert synced("verify").code == 4
    assert synced.tree() == before


def test_a_rotten_copy_is_found_and_made_again(t: Terminal) -> None:
    t.settings.write_text('[audio]\nformat = "original"\n[sync]\nlink_mode = "copy"\n')
    x = t.track("x")
    t.account.playlist("A", [x])
    t.account.playlist("B", [x])
    assert t("sync-execute", "--yes").code == 0
    copy = t.playlists / "B" / "Ana - x.flac"
    assert not copy.is_symlink()
    rot(copy)
    assert t("verify", "--json").json["corrupt"] == ["Playlists/B/Ana - x.flac"]
    assert t("sync-execute", "--yes").code == 0
    assert copy.read_bytes() == (t.playlists / "A" / "Ana - x.flac").read_bytes()


def test_a_hard_link_that_became_a_file_of_its_own_is_told_and_healed(t: Terminal) -> None:
    t.settings.write_text('[audio]\nformat = "original"\n[sync]\nlink_mode = "hardlink"\n')
    x = t.track("x")
    t.account.playlist("A", [x])
    t.account.playlist("B", [x])
    assert t("sync-execute", "--yes").code == 0
    link = t.playlists / "B" / "Ana - x.flac"
    data = link.read_bytes()
    link.unlink()
    link.write_bytes(data)
    said = t("verify", "--json")
    assert (said.code, said.json["broken_links"]) == (4, ["Playlists/B/Ana - x.flac"])
    assert t("sync-execute", "--yes").code == 0
    assert t("verify").code == 0


def test_what_verify_read_is_known_as_verified_and_what_is_damaged_is_not(synced: Terminal) -> None:
    rot(primary(synced))
    assert synced("verify").code == 4
    assert verified(synced) == {"x": False, "y": True}
