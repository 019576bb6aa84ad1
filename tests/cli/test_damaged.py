"""Damaged files stay until something whole stands in for them; changed ones are a person's edit."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from mutagen.flac import FLAC

from strandline.core.ids import TrackId
from strandline.demo.effects import status
from strandline.library.audio.packets import packets_hash
from strandline.library.tags.write import TrackTags, write_tags
from tests.cli.terminal import Terminal

X = "Playlists/Deep House/Ana - x.flac"
STREAM = "/v1/tracks/*/playbackinfopostpaywall"


def primary(t: Terminal) -> Path:
    return t.playlists / "Deep House" / "Ana - x.flac"


def put_back(path: Path, seen: os.stat_result) -> None:
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def spoil(path: Path, *, at: float = 0.6) -> bytes:
    """A hundred bytes of rubbish inside a frame; nobody changed the tags or the size."""
    data = bytearray(path.read_bytes())
    start = int(len(data) * at)
    data[start : start + 100] = bytes(range(100, 200))
    with path.open("r+b") as file:
        file.write(data)
    return bytes(data)


def retag(path: Path, title: str) -> None:
    """As a tagger does it in place: another title of the same length, so the same size."""
    tags = FLAC(path)
    tags["title"] = title
    tags.save()


def forget_packets(t: Terminal) -> None:
    """As in a library of an earlier version."""
    with closing(sqlite3.connect(t.state / "strandline.db")) as db:
        db.execute("DELETE FROM packet_hashes")
        db.commit()


@pytest.mark.parametrize("known", ["packets known", "no packets known"])
def test_a_file_retagged_with_its_time_put_back_is_a_persons_edit_and_kept(
    synced: Terminal, known: str
) -> None:
    if known == "no packets known":
        forget_packets(synced)
    path = primary(synced)
    seen = path.stat()
    retag(path, "y")
    put_back(path, seen)
    now = path.stat()
    assert (now.st_ino, now.st_size, now.st_mtime_ns) == (
        seen.st_ino, seen.st_size, seen.st_mtime_ns,
    )  # fmt: skip
    mine = path.read_bytes()

    said = synced("verify", "--json")

    assert (said.code, said.json["corrupt"], said.json["changed"]) == (0, [], [X])
    assert "edited by somebody, and kept" not in synced("verify").out
    assert synced("sync-execute", "--yes", "--json").json["actions"] == []
    assert path.read_bytes() == mine


@pytest.mark.parametrize("verified", [True, False])
def test_rubbish_inside_a_frame_is_not_believed_whichever_command_comes_first(
    synced: Terminal, verified: bool
) -> None:
    if verified:
        assert synced("verify").code == 0
    whole = primary(synced).read_bytes()
    bad = spoil(primary(synced))

    said = synced("sync-check", "--json")
    assert [a["because"] for a in said.json["actions"]] == ["damaged_on_disk"] * 2
    done = synced("sync-execute", "--yes", "--json")

    assert done.code == 0
    assert primary(synced).read_bytes()[-500:] == whole[-500:]
    trashed = next((synced.library / ".strandline/trash").rglob("Ana - x.flac"))
    assert trashed.read_bytes() == bad
    assert synced("verify", "--json").json["ok"] == 2


def test_a_damaged_file_stays_while_its_replacement_cannot_be_had(synced: Terminal) -> None:
    deep = next(p for p in synced.account.playlists.values() if p.title == "Deep House")
    x = next(track for track in deep.tracks if track.title == "x")
    synced.account.add(deep, synced.track("z"))
    bad = spoil(primary(synced))
    assert synced("verify").code == 4
    synced.tidal.faults.on(STREAM.replace("*", str(x.id)), status(500), times=None)

    said = synced("sync-execute", "--yes", "--json")

    assert said.code == 4
    assert X in [item["path"] for item in said.json["result"]["failed"]]
    assert primary(synced).read_bytes() == bad
    assert (synced.playlists / "Sunday" / "Ana - x.flac").resolve() == primary(synced)
    assert not list((synced.library / ".strandline").rglob("Ana - x.flac"))
    assert synced("verify", "--json").json["corrupt"] == [X]
    (told,) = synced("tracks", "x", "--json").json["tracks"]
    assert (told["status"], told["path"], told["quality"]) == ("error", X, None)
    assert told["error"].startswith("The file on disk is damaged; ")
    assert [entry["kind"] for entry in told["playlists"]] == ["primary", "symlink"]
    assert f"File: mp3/{X}" in synced("why", "x").out
    synced.tidal.faults.clear()
    healed = synced("sync-execute", "--yes", "--json")
    assert healed.code == 0
    done = healed.json["result"]["done"]
    assert (done["download"], done["trash"]) == (1, 1)
    assert synced("sync-execute", "--yes", "--json").json["actions"] == []


def test_undoing_a_repair_brings_the_damaged_file_back_as_what_it_is(synced: Terminal) -> None:
    bad = spoil(primary(synced))
    repaired = synced("sync-execute", "--yes", "--json")
    assert primary(synced).read_bytes() != bad

    assert synced("undo", repaired.json["result"]["run"], "--yes").code == 0

    assert primary(synced).read_bytes() == bad
    assert synced("verify", "--json").json["corrupt"] == [X]
    reasons = {a["because"] for a in synced("sync-check", "--json").json["actions"]}
    assert reasons == {"damaged_on_disk"}


def test_a_plan_that_replaces_many_damaged_files_is_a_mass_removal(t: Terminal) -> None:
    t.account.playlist("Deep House", [t.track(f"x{n}") for n in range(8)])
    assert t("sync-execute", "--yes").code == 0
    for path in t.playlists.glob("*/*.flac"):
        spoil(path)
    before = t.tree()

    said = t("sync-execute", "--yes", "--json")

    assert (said.code, said.json["error"]) == (5, "mass_removal")
    assert "8 of them replaced as damaged" in said.json["message"]
    assert t.tree() == before
    assert t("sync-execute", "--yes", "--max-removals", "100%").code == 0
    assert t("verify", "--json").json["ok"] == 8


def test_a_retagged_mp3_is_known_by_its_packets(t: Terminal) -> None:
    t.settings.write_text('[audio]\nformat = "mp3"\nbitrate = 128\n')
    t.account.playlist("Deep House", [t.track("x")])
    assert t("sync-execute", "--yes").code == 0
    path = t.playlists / "Deep House" / "Ana - x.mp3"
    seen = path.stat()
    write_tags(path, TrackTags(track_id=TrackId("7"), title="mine", artist="me"))
    put_back(path, seen)
    mine = path.read_bytes()

    assert t("verify", "--json").json["changed"] == ["Playlists/Deep House/Ana - x.mp3"]
    assert path.read_bytes() == mine


@pytest.mark.parametrize("form", ["original", "flac", "mp3"])
def test_a_download_is_known_by_its_packets_from_the_first_day(t: Terminal, form: str) -> None:
    t.settings.write_text(f'[audio]\nformat = "{form}"\nbitrate = 128\n')
    t.account.playlist("Deep House", [t.track("x")])
    assert t("sync-execute", "--yes").code == 0
    (path,) = t.playlists.glob("*/*")
    with closing(sqlite3.connect(t.state / "strandline.db")) as db:
        ((packets,),) = db.execute("SELECT packets FROM packet_hashes")

    assert packets == packets_hash(path)


def test_rot_that_still_decodes_is_told_by_a_time_of_change_that_did_not_move(t: Terminal) -> None:
    """Nobody can put back when a file's entry changed: it is as old as what is stored."""
    t.settings.write_text('[audio]\nformat = "mp3"\nbitrate = 320\n')
    t.account.playlist("Deep House", [t.track("x")])
    assert t("sync-execute", "--yes").code == 0
    path = t.playlists / "Deep House" / "Ana - x.mp3"
    seen, data = path.stat(), bytearray(path.read_bytes())
    data[-3_000] ^= 1
    with path.open("r+b") as file:
        file.write(data)
    put_back(path, seen)
    with closing(sqlite3.connect(t.state / "strandline.db")) as db:
        later = "2100-01-01 00:00:00.000000"  # as if the medium itself had changed a bit
        db.execute("UPDATE tracks SET last_verified_at = ?", (later,))
        db.commit()

    assert t("verify", "--json").json["corrupt"] == ["Playlists/Deep House/Ana - x.mp3"]


def test_an_mp3_whose_header_promises_more_than_there_is_is_told_of_and_kept(t: Terminal) -> None:
    t.settings.write_text('[audio]\nformat = "mp3"\nbitrate = 128\n')
    t.account.playlist("Deep House", [t.track("x")])
    assert t("sync-execute", "--yes").code == 0
    path = t.playlists / "Deep House" / "Ana - x.mp3"
    data = bytearray(path.read_bytes())
    at = data.find(b"Info") + 8
    data[at : at + 4] = (9_000).to_bytes(4, "big")
    path.write_bytes(data)
    forget_packets(t)

    said = t("verify", "--json")

    assert (said.code, said.json["corrupt"]) == (0, [])
    assert said.json["odd_headers"] == ["Playlists/Deep House/Ana - x.mp3"]
    assert t("sync-execute", "--yes", "--json").json["actions"] == []
    assert path.read_bytes() == data


@pytest.mark.parametrize("comes", [True, False])
def test_a_damaged_file_of_another_format_goes_once_its_successor_has_come(
    synced: Terminal, comes: bool
) -> None:
    bad = spoil(primary(synced))
    synced.settings.write_text('[audio]\nformat = "mp3"\nbitrate = 128\n')
    if not comes:
        synced.tidal.faults.on(STREAM, status(500), times=None)
    link = synced.playlists / "Sunday" / "Ana - x.flac"

    said = synced("sync-execute", "--yes", "--json")

    assert said.code in ((0,) if comes else (4, 8))
    if comes:
        assert not primary(synced).exists()
        assert primary(synced).with_suffix(".mp3").is_file()
        trashed = next((synced.library / ".strandline/trash").rglob("Ana - x.flac"))
        assert trashed.read_bytes() == bad
        assert (synced.playlists / "Sunday" / "Ana - x.mp3").resolve().is_file()
        assert synced("sync-execute", "--yes", "--json").json["actions"] == []
    else:
        assert primary(synced).read_bytes() == bad
        assert link.resolve() == primary(synced)


@pytest.mark.parametrize("mode", ["copy", "hardlink"])
def test_with_copies_and_hard_links_a_damaged_file_is_replaced_everywhere(
    t: Terminal, mode: str
) -> None:
    t.settings.write_text(f'[audio]\nformat = "original"\n[sync]\nlink_mode = "{mode}"\n')
    x = t.track("x")
    t.account.playlist("Deep House", [x])
    t.account.playlist("Sunday", [x])
    assert t("sync-execute", "--yes").code == 0
    whole = primary(t).read_bytes()
    for path in t.playlists.glob("*/*"):
        spoil(path, at=0.6 if path == primary(t) else 0.7)

    t.tidal.faults.on(STREAM, status(500), times=None)
    assert t("sync-execute", "--yes").code in (4, 8)
    assert len(list(t.playlists.glob("*/*"))) == 2
    t.tidal.faults.clear()
    assert t("sync-execute", "--yes").code == 0

    assert {path.read_bytes()[-500:] for path in t.playlists.glob("*/*")} == {whole[-500:]}
    assert t("sync-execute", "--yes", "--json").json["actions"] == []
    assert t("verify").code == 0


def test_a_damaged_file_is_shown_where_it_lies_before_a_sync_has_tried(synced: Terminal) -> None:
    spoil(primary(synced))
    synced("verify")
    assert synced("sync-check").code == 0
    (told,) = synced("tracks", "x", "--json").json["tracks"]
    shown = told["status"], told["path"], told["error"]
    assert shown == ("not_downloaded", X, "The file on disk is damaged")
    primary(synced).unlink()
    assert synced("sync-check").code == 0
    (told,) = synced("tracks", "x", "--json").json["tracks"]
    assert (told["path"], told["error"]) == (None, None)
