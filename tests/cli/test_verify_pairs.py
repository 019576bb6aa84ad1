"""verify of large files reads them with BLAKE3 where it is known, and sha256 has the last word."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from blake3 import blake3

from strandline.demo import music
from strandline.library.hashing import hash_pairs
from tests.cli.terminal import Terminal
from tests.cli.test_verify import primary, rot

X = "Playlists/Deep House/Ana - x.flac"


@pytest.fixture
def verified(synced: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Every file counts as large, and was verified once."""
    monkeypatch.setattr(hash_pairs, "LARGE", 1)
    assert synced("verify").code == 0
    return synced


def known(t: Terminal) -> dict[str, str]:
    with closing(sqlite3.connect(t.state / "strandline.db")) as db:
        return dict(db.execute("SELECT sha256, blake3 FROM content_hashes"))


def pretend(t: Terminal, of: str, blake: str) -> None:
    """A wrong row."""
    with closing(sqlite3.connect(t.state / "strandline.db")) as db, db:
        assert db.execute(
            "UPDATE content_hashes SET blake3 = ? WHERE sha256 = ?", (blake, of)
        ).rowcount


def pair(path: Path) -> tuple[str, str]:
    data = path.read_bytes()
    return sha256(data).hexdigest(), blake3(data).hexdigest()


def files(t: Terminal) -> list[Path]:
    return [path for path in t.playlists.glob("*/*") if not path.is_symlink()]


def test_the_first_verify_learns_the_pair_of_every_file(verified: Terminal) -> None:
    assert known(verified) == dict(map(pair, files(verified)))
    assert len(known(verified)) == 2


def test_the_second_one_reads_with_blake3_alone(
    verified: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hash_pairs, "sha256", None)
    assert verified("verify", "--json").json["ok"] == 2


def test_a_flipped_bit_is_found_although_the_blake3_is_known(verified: Terminal) -> None:
    before = known(verified)
    rot(primary(verified))
    for _ in range(2):
        said = verified("verify", "--json")
        assert (said.code, said.json["corrupt"], said.json["ok"]) == (4, [X], 1)
    assert known(verified) == before  # the pair of the damage is no track's
    assert verified("sync-execute", "--yes").code == 0
    assert verified("verify", "--json").json["ok"] == 2


def test_a_file_somebody_changed_is_kept_and_its_own_pair_takes_the_place(
    verified: Terminal,
) -> None:
    old, _ = pair(primary(verified))
    primary(verified).write_bytes(music.flac(7, 1))
    assert verified("verify", "--json").json["changed"] == [X]
    assert known(verified) == dict(map(pair, files(verified)))
    assert old not in known(verified)
    assert verified("verify", "--json").json["changed"] == []


def test_a_wrong_row_makes_no_whole_file_corrupt_and_is_put_right(verified: Terminal) -> None:
    right = known(verified)
    for sha in right:
        pretend(verified, sha, "0" * 64)
    said = verified("verify", "--json")
    assert (said.code, said.json["ok"]) == (0, 2)
    assert known(verified) == right


def test_a_wrong_row_hides_damage_only_if_it_is_the_row_of_that_very_damage(
    verified: Terminal,
) -> None:
    sha, _ = pair(primary(verified))
    rot(primary(verified))
    _, of_damage = pair(primary(verified))
    pretend(verified, sha, "0" * 64)
    assert verified("verify", "--json").json["corrupt"] == [X]
    pretend(verified, sha, of_damage)
    assert verified("verify", "--json").json["ok"] == 2


def test_a_file_cut_off_and_one_that_grew_are_not_what_they_were(verified: Terminal) -> None:
    whole = primary(verified).read_bytes()
    primary(verified).write_bytes(whole[:2000])
    assert verified("verify", "--json").json["corrupt"] == [X]
    primary(verified).write_bytes(whole + b"more")
    assert verified("verify", "--json").json["changed"] == [X]


def test_a_copy_is_read_with_the_pair_of_its_primary(
    fresh: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    t = fresh.logged_in()
    t.settings.write_text('[audio]\nformat = "original"\n[sync]\nlink_mode = "copy"\n')
    x = t.track("x")
    t.account.playlist("A", [x])
    t.account.playlist("B", [x])
    assert t("sync-execute", "--yes").code == 0
    monkeypatch.setattr(hash_pairs, "LARGE", 1)
    assert t("verify").code == 0
    assert len(known(t)) == 1
    rot(t.playlists / "B" / "Ana - x.flac")
    assert t("verify", "--json").json["corrupt"] == ["Playlists/B/Ana - x.flac"]


def test_small_files_have_no_pairs(synced: Terminal) -> None:
    assert max(path.stat().st_size for path in files(synced)) < hash_pairs.LARGE
    assert synced("verify").code == 0
    assert known(synced) == {}
