"""tracks and why: where is X, why is X not here, why did X move, what comes next."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from contextlib import closing

from mutagen.flac import FLAC

from strandline.demo.effects import status
from strandline.demo.model import Availability
from tests.cli.finding import find, playlist, titles, why
from tests.cli.terminal import Terminal


def test_a_track_is_found_with_all_the_places_where_it_is(synced: Terminal) -> None:
    deep, sunday = playlist(synced, "Deep House"), playlist(synced, "Sunday")
    synced.account.add(deep, deep.tracks[0])
    assert synced("sync-execute", "--yes").code == 0
    (track,) = find(synced, "x")
    assert (track["artist"], track["title"], track["status"]) == ("Ana", "x", "downloaded")
    assert track["error"] is None
    assert track["path"] == "Playlists/Deep House/Ana - x.flac"
    assert track["quality"] == {"asked": "lossless", "got": "lossless", "codec": "flac"}
    nowhere = {"in_rekordbox": False, "rekordbox_playlist_id": None}
    assert track["playlists"] == [
        {
            "playlist": deep.uuid,
            "name": "Deep House",
            "positions": [1, 3],
            "path": "Playlists/Deep House/Ana - x.flac",
            "kind": "primary",
            "status": "synced",
            **nowhere,
        },
        {
            "playlist": sunday.uuid,
            "name": "Sunday",
            "positions": [1],
            "path": "Playlists/Sunday/Ana - x.flac",
            "kind": "symlink",
            "status": "synced",
            **nowhere,
        },
    ]


def test_words_are_found_in_any_case_with_or_without_accents(t: Terminal) -> None:
    low = t.track("Låg Vatten", "Ōkawa Static")
    t.account.playlist("A", [low, t.track("Other", "Ana")])
    assert t("sync-check").code == 0
    for words in (["okawa"], ["ŌKAWA", "lag"], ["static", "vatten"], [str(low.id)]):
        assert titles(t, *words) == ["Låg Vatten"], words
    assert titles(t, "okawa", "other") == []
    assert "No track matches." in t("tracks", "okawa", "other").err
    assert titles(t, "%") == []


def test_tracks_of_a_playlist_and_of_a_status(synced: Terminal) -> None:
    synced.account.add(playlist(synced, "Sunday"), synced.track("z"))
    assert synced("sync-check").code == 0
    assert titles(synced) == ["x", "y", "z"]
    assert titles(synced, "--playlist", "sunday") == ["x", "z"]
    assert titles(synced, "--status", "not_downloaded") == ["z"]
    assert titles(synced, "--playlist", "Deep House", "--status", "not_downloaded") == []
    assert titles(synced, "--status", "not_downloaded", "--status", "downloaded", "x") == ["x"]
    assert synced("tracks", "--playlist", "nonsense").code == 2
    assert synced("tracks", "--status", "nonsense").code == 2


def test_what_failed_and_why_is_one_command(synced: Terminal) -> None:
    synced.account.add(playlist(synced, "Sunday"), synced.track("z"))
    synced.tidal.faults.on("/mediatracks/**", status(404), times=None)
    assert synced("sync-execute", "--yes").code == 4
    (track,) = find(synced, "--status", "error")
    assert track["title"] == "z"
    assert track["error"]
    assert track["path"] is None
    assert [entry["kind"] for entry in track["playlists"]] == ["missing"]
    assert track["error"] in synced("tracks", "--status", "error").out
    assert "Each sync tries again" in synced("why", "Ana - z").out


def test_what_tidal_does_not_have_is_unavailable_with_a_reason(synced: Terminal) -> None:
    z = synced.track("z")
    synced.account.add(playlist(synced, "Sunday"), z)
    synced.account.withhold(z, Availability.NOT_READY)
    synced("sync-execute", "--yes")
    (track,) = find(synced, "--status", "unavailable")
    assert track["title"] == "z"
    assert track["error"]
    assert "TIDAL does not have it" in synced("why", "z").out


def test_what_the_settings_leave_out_is_excluded(synced: Terminal) -> None:
    x, y = playlist(synced, "Deep House").tracks
    synced.settings.write_text(
        synced.settings.read_text() + f'[sync]\nexclude = ["Sun*"]\nignore = ["{y.id}"]\n'
    )
    synced.account.playlist("Sunday 2", [synced.track("z")])
    assert synced("sync-check").code == 0
    assert titles(synced, "--status", "excluded") == ["y", "z"]
    (track,) = find(synced, str(x.id))
    assert [entry["status"] for entry in track["playlists"]] == ["synced", "excluded"]
    assert why(synced, "Sunday 2")["left_out_by"] == "sync.exclude"


def test_counts_by_status_are_those_of_sync_status(synced: Terminal) -> None:
    synced.account.add(playlist(synced, "Sunday"), synced.track("z"))
    w = synced.track("w")
    synced.account.add(playlist(synced, "Sunday"), w)
    synced.account.withhold(w, Availability.GREYED_OUT)
    synced("sync-check")
    counted = synced("sync-status", "--json").json["tracks"]
    found = Counter(track["status"] for track in find(synced))
    assert {key: n for key, n in counted.items() if n and key != "total"} == dict(found)


def test_a_link_that_is_gone_is_missing_and_a_version_of_ones_own_is_yours(
    synced: Terminal,
) -> None:
    link = synced.playlists / "Sunday" / "Ana - x.flac"
    link.unlink()
    assert synced("sync-check").code == 0
    entry = find(synced, "x")[0]["playlists"][1]
    assert (entry["kind"], entry["path"], entry["status"]) == ("missing", None, "needs_symlink")
    shutil.copyfile(synced.playlists / "Deep House" / "Ana - x.flac", link)
    assert synced("sync-check").code == 0
    assert find(synced, "x")[0]["playlists"][1]["kind"] != "yours", "a copy to the byte is ours"
    tags = FLAC(link)
    tags["comment"] = "mine"
    tags.save()
    assert synced("sync-execute", "--yes").code == 0
    entry = find(synced, "x")[0]["playlists"][1]
    path = "Playlists/Sunday/Ana - x.flac"
    assert (entry["kind"], entry["path"], entry["status"]) == ("yours", path, "synced")
    assert "your own version" in synced("why", "x").out
    assert link.is_file()
    assert not link.is_symlink()


def test_in_a_pipe_a_track_is_a_line_of_fields(synced: Terminal) -> None:
    line = synced("tracks", "x").out.rstrip("\n")
    assert line.split("\t")[1:5] == [
        "downloaded",
        "Ana - x",
        "Playlists/Deep House/Ana - x.flac",
        "Deep House, Sunday",
    ]


def test_nothing_asks_tidal_or_changes_the_library(synced: Terminal) -> None:
    before, asked = synced.tree(), len(synced.tidal.requests)
    synced("tracks")
    synced("why", "x")
    assert synced.tree() == before
    assert len(synced.tidal.requests) == asked


def test_names_cannot_move_the_cursor(t: Terminal) -> None:
    t.account.playlist("A\x1b[2J", [t.track("x\x1b[31m")])
    t("sync-check")
    for words in (["tracks"], ["why", "x"]):
        assert "\x1b" not in t(*words).out


def test_a_shell_completes_playlists_and_statuses(synced: Terminal) -> None:
    for words, expected in (
        (["why", "Su"], "Sunday"),
        (["tracks", "--playlist", "Su"], "Sunday"),
        (["tracks", "--status", "un"], "unavailable"),
    ):
        said = synced.process(
            env={
                "_STRANDLINE_COMPLETE": "bash_complete",
                "COMP_WORDS": " ".join(["strandline", *words]),
                "COMP_CWORD": str(len(words)),
            }
        )
        assert expected in said.out, (words, said)


def test_a_database_without_a_check_answers_too(synced: Terminal) -> None:
    with closing(sqlite3.connect(synced.state / "strandline.db")) as db, db:
        db.execute("DELETE FROM last_checks")
    assert why(synced, "x")["checked"] is None
    assert "Last check: none so far" in synced("why", "x").out
