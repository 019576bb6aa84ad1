"""What lies in the trash with the right id and hash comes back from there, not from the network."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.terminal import Terminal, two_playlists

INFO = "/v1/tracks/*/playbackinfopostpaywall"


def put_away(t: Terminal) -> None:
    """``Deep House`` has lost x and y, ``Sunday`` x; all of it lies in the trash."""
    deep, sunday = two_playlists(t)
    assert t("sync-execute", "--yes").code == 0
    t.account.clear(deep)
    t.account.clear(sunday)
    assert t("sync-execute", "--yes").code == 0
    assert not list(t.playlists.glob("*/*"))
    tracks = sorted(t.account.tracks.values(), key=lambda track: track.title)
    t.account.add(deep, *tracks)
    t.account.add(sunday, tracks[0])


def trashed(t: Terminal) -> list[Path]:
    return sorted(p for p in (t.library / ".strandline" / "trash").rglob("*") if p.is_file())


def test_a_track_that_comes_back_is_taken_from_the_trash(t: Terminal) -> None:
    put_away(t)
    asked, held = len(t.tidal.asked(INFO)), [path.read_bytes() for path in trashed(t)]
    check = t("sync-check", "--json").json
    assert (check["counts"]["download"], check["counts"]["move"]) == (0, 2)
    (x, y) = [action for action in check["actions"] if action["action"] == "move"]
    assert x["because"] == "in_trash"
    assert x["source"].startswith("../.strandline/trash/")
    assert (t.library / "mp3" / x["source"]).resolve() in trashed(t)
    assert x["path"] == "Playlists/Deep House/Ana - x.flac"
    assert "restore 2 tracks from the trash" in t("sync-check").out

    done = t("sync-execute", "--yes", "--json")
    assert (done.code, done.json["result"]["done"]["move"]) == (0, 2)
    assert done.json["result"]["done"]["link"] == 1
    assert len(t.tidal.asked(INFO)) == asked
    places = [t.library / "mp3" / action["path"] for action in (x, y)]
    assert [path.read_bytes() for path in places] == held
    assert trashed(t) == []
    assert t("sync-check", "--json").json["in_sync"] is True
    assert t("verify", "--json").json["ok"] == 2


def test_bringing_it_back_can_be_undone_and_done_again(t: Terminal) -> None:
    put_away(t)
    done = t("sync-execute", "--yes", "--json").json
    undone = t("undo", done["result"]["run"], "--yes")
    assert undone.code == 0, undone.err
    assert len(trashed(t)) == 2
    assert not list(t.playlists.glob("*/*"))
    again = t("sync-execute", "--yes", "--json").json
    assert (again["result"]["done"]["move"], again["result"]["done"]["download"]) == (2, 0)
    assert t("sync-check", "--json").json["in_sync"] is True


def test_a_saved_plan_brings_it_back(t: Terminal) -> None:
    put_away(t)
    plan = t.folder / "plan.json"
    assert t("sync-check", "--out", str(plan)).code == 0
    done = t("sync-execute", "--yes", "--plan", str(plan), "--json")
    assert (done.code, done.json["result"]["done"]["move"]) == (0, 2), done.err


@pytest.mark.parametrize("spoil", ["changed", "gone", "link"])
def test_what_the_trash_no_longer_holds_as_it_was_is_fetched(t: Terminal, spoil: str) -> None:
    put_away(t)
    first, _ = trashed(t)
    if spoil == "changed":
        data = bytearray(first.read_bytes())
        data[-1] ^= 1
        first.write_bytes(data)
    else:
        first.rename(t.folder / "aside")
        if spoil == "link":
            first.symlink_to(t.folder / "aside")
    done = t("sync-execute", "--yes", "--json")
    assert done.code == 0, done.err
    counts = done.json["result"]["done"]
    assert (counts["download"], counts["move"]) == (1, 1)
    assert t("sync-check", "--json").json["in_sync"] is True


def test_another_format_is_fetched(t: Terminal) -> None:
    put_away(t)
    t.settings.write_text('[audio]\nformat = "mp3"\n')
    assert t("sync-check", "--json").json["counts"]["download"] == 2


def test_what_was_emptied_from_the_trash_is_fetched(t: Terminal) -> None:
    put_away(t)
    assert t("trash", "empty", "--yes").code == 0
    assert t("sync-check", "--json").json["counts"]["download"] == 2


def test_a_file_trashed_as_damaged_does_not_come_back(t: Terminal) -> None:
    deep, _ = two_playlists(t)
    assert t("sync-execute", "--yes").code == 0
    x = t.playlists / deep.title / "Ana - x.flac"
    x.write_bytes(x.read_bytes()[:1000])
    assert t("verify").code == 4
    assert t("sync-execute", "--yes").code == 0
    whole = x.read_bytes()
    x.unlink()
    said = t("sync-execute", "--yes", "--json")
    assert (said.code, said.json["result"]["done"]["download"]) == (0, 1)
    assert x.read_bytes() == whole
