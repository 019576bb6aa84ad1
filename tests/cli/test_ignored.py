"""Ignored tracks: every report agrees that they are excluded, and nothing else is missing."""

from __future__ import annotations

from tests.cli.terminal import Terminal, two_playlists

AUDIO = '[audio]\nformat = "original"\n'


def ignore(t: Terminal, *tracks: int) -> None:
    words = ", ".join(f'"{track}"' for track in tracks)
    t.settings.write_text(f"{AUDIO}[sync]\nignore = [{words}]\n")


def title(t: Terminal, wanted: str) -> int:
    return next(track.id for track in t.account.tracks.values() if track.title == wanted)


def test_an_ignored_track_is_not_fetched_and_counts_as_excluded(t: Terminal) -> None:
    two_playlists(t)
    ignore(t, title(t, "x"))
    checked = t("sync-check", "--json").json
    assert checked["excluded"] == {"playlists": 0, "tracks": 1}
    assert checked["counts"]["download"] == 1
    assert t("sync-execute", "--yes").code == 0
    said = t("sync-check", "--exit-code", "--json")
    assert (said.code, said.json["in_sync"]) == (0, True)
    assert "1 track is ignored by the settings." in t("sync-check").out
    status = t("sync-status", "--json").json
    assert status["playlists"]["in_sync"] == status["playlists"]["total"] == 2
    assert (status["tracks"]["total"], status["tracks"]["excluded"]) == (1, 1)
    assert status["tracks"]["downloaded"] == 1
    assert {it["name"]: (it["tracks"], it["downloaded"]) for it in status["items"]} == {
        "Deep House": (1, 1),
        "Sunday": (0, 0),
    }
    assert t("verify").code == 0


def test_a_file_that_is_there_stays_whatever_becomes_of_its_playlists(synced: Terminal) -> None:
    t = synced
    ignore(t, title(t, "x"))
    before = t.tree()
    for playlist in list(t.account.playlists.values()):
        for entry in [it for it in playlist.entries if it.item.title == "x"]:
            t.account.remove(playlist, entry.item)
        said = t("sync-execute", "--yes", "--json")
        assert (said.code, said.json["result"]["run"]) == (0, None)
    assert t.tree() == before
    assert t("verify").code == 0
    assert t("dedupe-report", "--json").json["links"] == 1


def test_an_ignored_track_that_tidal_lacks_is_neither_named_nor_asked_for(t: Terminal) -> None:
    from strandline.demo.model import Availability

    x = t.track("x")
    t.account.playlist("A", [x, t.track("y")])
    t.account.withhold(x, Availability.GREYED_OUT)
    assert len(t("sync-check", "--json").json["unavailable"]) == 1
    ignore(t, x.id)
    before = len(t.tidal.asked(f"/v1/tracks/{x.id}"))
    assert t("sync-check", "--json").json["unavailable"] == []
    assert len(t.tidal.asked(f"/v1/tracks/{x.id}")) == before
    assert t("sync-status", "--json").json["tracks"]["unavailable"] == 0


def test_what_is_no_track_id_is_an_error_that_names_the_line(t: Terminal) -> None:
    t.settings.write_text('[sync]\nignore = ["https://tidal.com/track/1"]\n')
    said = t("sync-check")
    assert said.code == 2
    assert "line 2: sync.ignore" in said.err
