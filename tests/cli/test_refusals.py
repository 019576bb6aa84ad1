"""Whom TIDAL refuses is what the run says, and nothing else is marked."""

from __future__ import annotations

import re

import pytest
from tidalapi.session import Config

from strandline.demo import effects
from strandline.demo.faults import Effect
from strandline.tidal.retry import RateLimiter
from tests.cli.refused import FOLDERS, INFO, ITEMS, heals, many, nothing_marked, pkce, sync
from tests.cli.terminal import Terminal


def test_a_block_of_some_questions_costs_no_track(t: Terminal) -> None:
    many(t)
    t.tidal.blocks.refuse_playback(4006, questions=15)
    said = sync(t)
    assert said.code == 0, said
    assert said.json["result"]["done"]["download"] == 12
    assert nothing_marked(t)


def test_a_block_that_stays_ends_with_8_and_marks_no_track(t: Terminal) -> None:
    many(t, 30)
    t.tidal.blocks.refuse_playback(4006)
    said = sync(t)
    assert said.code == 8
    assert len(t.tidal.asked(INFO)) <= 4 + 20
    result = said.json["result"]
    assert result["failed"] == []
    assert len([item for item in result["skipped"] if item["action"] == "download"]) == 30
    assert result["stopped"]["error"] == "account_refused"
    assert nothing_marked(t)
    assert t("sync-execute", "--yes").code == 8, "it is no more true the second time"
    assert nothing_marked(t)
    assert heals(t, 30)


@pytest.mark.parametrize(
    ("effect", "says"),
    [
        (effects.status(400, sub_status=1002), "HTTP 400, 1002"),
        (effects.status(404, "html"), "HTTP 404"),
        (effects.status(404, "empty"), "HTTP 404"),
        (effects.status(410), "HTTP 410"),
        (effects.status(451, "empty"), "HTTP 451"),
        (effects.redirect("https://newapi.tidal.com/", 308), "HTTP 308"),
    ],
)
def test_changed_answers_end_with_8_and_name_the_request(
    t: Terminal, effect: effects.Effect, says: str
) -> None:
    many(t)
    t.tidal.faults.on(INFO, effect, times=None)
    for _ in range(3):
        said = t("sync-execute", "--yes")
        assert said.code == 8, said
        assert "TIDAL's answers changed" in said.err
        assert "/v1/tracks/*/playbackinfopostpaywall" in said.err
        assert says in said.err
        assert "newer strandline" in said.err
        assert nothing_marked(t)
    assert heals(t)


@pytest.mark.parametrize("number", [1, 2, 3, 12])
@pytest.mark.parametrize(
    ("status", "sub_status"), [(401, 4005), (404, 2001), (403, 4032), (401, 4035)]
)
def test_every_track_refused_alike_is_never_the_tracks(
    t: Terminal, number: int, status: int, sub_status: int
) -> None:
    many(pkce(t), number)
    t.tidal.faults.on(INFO, effects.status(status, sub_status=sub_status), times=None)
    for _ in range(2):
        assert sync(t).code == 8
        assert nothing_marked(t)
    assert heals(t, number)


@pytest.mark.parametrize("status", [403, 404, 410, 451])
@pytest.mark.parametrize("number", [3, 12])
def test_audio_that_its_server_refuses_for_every_track_is_no_tracks_fault(
    t: Terminal, status: int, number: int
) -> None:
    """TIDAL names the addresses and all is well; its audio server gives none of it out."""
    many(t, number)
    t.tidal.faults.on("/mediatracks/**", effects.status(status, "html"), times=None)
    said = sync(t)
    assert (said.code, nothing_marked(t)) == (8, True), said
    assert heals(t, number)


def test_what_is_still_on_its_way_when_the_run_gives_up_is_not_marked_either(t: Terminal) -> None:
    """Six at once; five refused alike end the run, and the sixth comes after that."""
    t.settings.write_text(t.settings.read_text() + "[download]\nworkers = 6\n")
    many(t, 6)
    t.tidal.faults.on("/mediatracks/**", effects.status(451, "html"), times=None)
    said = sync(t)
    assert (said.code, nothing_marked(t)) == (8, True), said
    assert heals(t, 6)


def test_audio_that_its_server_refuses_for_some_tracks_is_their_failure(t: Terminal) -> None:
    many(t)
    for track in list(t.account.tracks.values())[2:4]:
        t.tidal.faults.on(f"/mediatracks/{track.id}-*/*", effects.status(403, "html"), times=None)
    said = sync(t)
    assert said.code == 4
    assert said.json["result"]["done"]["download"] == 10


def test_a_device_login_that_plays_nothing_is_told_of_the_other_one(t: Terminal) -> None:
    many(t)
    t.tidal.faults.on(INFO, effects.status(401, sub_status=4005), times=None)
    said = t("sync-execute", "--yes")
    assert said.code == 6
    assert "strandline auth login --pkce" in said.err
    assert nothing_marked(t)
    t.tidal.faults.clear()
    assert heals(pkce(t))


def test_a_login_revoked_on_the_way_ends_with_6_at_once(t: Terminal) -> None:
    many(t, 30)
    t.tidal.faults.on(INFO, before=t.tidal.logins.revoke, nth=5, times=1)
    said = sync(t)
    assert said.code == 6, said
    result = said.json["result"]
    assert result["failed"] == []
    assert len(t.tidal.asked("/v1/oauth2/token")) == 1, "one refusal of the refresh is enough"
    assert len(t.tidal.asked(INFO)) <= 5 + 2 * 4
    assert nothing_marked(t)
    assert heals(t.logged_in(), 30)


@pytest.mark.parametrize("size", [50, 20, 7])
def test_a_shorter_page_is_asked_for_again_as_tidal_says(t: Terminal, size: int) -> None:
    tracks = [t.track(f"x{place:03}") for place in range(130)]
    t.account.playlist("Deep House", tracks)
    for place in range(60):
        t.account.playlist(f"P{place}", tracks[:1], folder=None)
    t.tidal.blocks.page_size = size
    found = t("sync-check", "--json")
    assert found.code == 0, found
    document = found.json
    assert document["tidal"]["complete"], document["tidal"]["incomplete"]
    assert (document["tidal"]["playlists"], document["tidal"]["tracks"]) == (61, 130)
    refused = [r for r in t.tidal.asked(ITEMS) if int(r.query["limit"]) > size]
    assert len(refused) <= 8, "what TIDAL gives is remembered within a run"


def withdraw(t: Terminal, *, pkce: bool = False) -> None:
    config = Config()
    t.tidal.logins.withdrawn.add(config.client_id_pkce if pkce else config.client_id)


def test_a_withdrawn_client_is_told_as_such_and_makes_no_circle(t: Terminal) -> None:
    many(t, 2)
    assert sync(t).code == 0
    withdraw(t)
    t.tidal.logins.expire()
    for words in (("sync-check",), ("auth", "login", "--device"), ("sync-execute", "--yes")):
        said = t(*words)
        assert said.code == 6, said
        assert "has withdrawn the client" in said.err
        assert "newer strandline" in said.err
        assert re.search(r"auth login --pkce", said.err)


def test_a_tier_or_country_without_a_number_is_a_failure_and_no_evidence(t: Terminal) -> None:
    many(t)
    bad = t.account.playlists[next(iter(t.account.playlists))].entries[3].item.id
    t.tidal.faults.on(f"/v1/tracks/{bad}/playbackinfopostpaywall", effects.status(403, "empty"),
                      times=None)  # fmt: skip
    said = sync(t)
    assert said.code == 4
    assert [item["track"] for item in said.json["result"]["failed"]] == [str(bad)]
    assert said.json["unavailable"] == []


@pytest.mark.parametrize(
    ("effect", "code", "says"),
    [
        (effects.status(401, sub_status=11002), 6, "no longer accepts the login"),
        (effects.status(401, sub_status=8003), 6, "has withdrawn the client"),
        (effects.status(403, sub_status=4033), 8, "its subscription"),
        (effects.status(402, "empty"), 8, "gives this account nothing"),
        (effects.status(403, sub_status=4035), 8, "to the place"),
        (effects.status(400, sub_status=1002), 8, "TIDAL's answers changed"),
        (effects.status(404), 8, "TIDAL's answers changed"),
        (effects.status(404, "html"), 8, "TIDAL's answers changed"),
        (effects.status(451, "empty"), 8, "TIDAL's answers changed"),
    ],
)
def test_refused_lists_end_with_what_it_is_about(
    t: Terminal, effect: effects.Effect, code: int, says: str
) -> None:
    many(t, 2)
    assert sync(t).code == 0
    tree = t.tree()
    for path in ("/v1/users/*/playlistsAndFavoritePlaylists", FOLDERS):
        t.tidal.faults.on(path, effect, times=None)
    for words in (("sync-check",), ("sync-execute", "--yes")):
        said = t(*words)
        assert said.code == code, said
        assert says in said.err
    assert t.tree() == tree
    assert nothing_marked(t)
    t.logged_in()
    assert heals(t, 2)


@pytest.mark.parametrize(
    ("effect", "says"),
    [
        (effects.status(410), "newer strandline"),
        (effects.status(400, sub_status=1002), "GET /v1/playlists/*/items"),
        (effects.status(401, sub_status=4006), "gives this account nothing now"),
        (effects.status(403, "empty"), "gives this account nothing now"),
    ],
)
def test_items_that_are_refused_for_every_playlist_are_no_playlists_fault(
    t: Terminal, effect: Effect, says: str
) -> None:
    for name in "ABC":
        t.account.playlist(name, [t.track(name)])
    t.tidal.faults.on(ITEMS, effect, times=None)
    for words in (("sync-execute", "--yes"), ("sync-check", "--exit-code")):
        said = t(*words)
        assert (said.code, said.err.count("Error:")) == (8, 1)
        assert says in said.err
    t.tidal.faults.clear()
    assert sync(t).json["result"]["done"]["download"] == 3


def test_items_that_are_refused_for_some_playlists_are_told_in_one_line(t: Terminal) -> None:
    for name in "ABCD":
        playlist = t.account.playlist(name, [t.track(name)])
        if name != "D":
            path = ITEMS.replace("*", playlist.uuid)
            t.tidal.faults.on(path, effects.status(410), times=None)
    said = t("sync-execute", "--yes")
    assert said.code == 4
    assert said.err.count("TIDAL's answers changed") == 1
    assert len(list(t.playlists.glob("*/*"))) == 1


def test_answers_that_make_no_sense_end_with_what_to_do_next(
    t: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RateLimiter, "wait", lambda _: None)
    many(t, 2)
    for path in (INFO, "/v1/sessions"):
        t.tidal.faults.on(path, effects.status(200, "html"), times=None)
        said = t("sync-execute", "--yes")
        assert said.code == 8
        assert "not JSON" in said.err
        assert "newer strandline" in said.err
    assert nothing_marked(t)


def test_an_audio_server_with_a_fault_ends_with_what_to_do_next(t: Terminal) -> None:
    many(t, 2)
    t.tidal.faults.on("/mediatracks/**", effects.status(500, "empty"), times=None)
    said = t("sync-execute", "--yes")
    assert said.code == 8
    assert "audio server has a fault" in said.err
    assert "Try again later" in said.err
    assert nothing_marked(t)
