"""What the settings leave out is left alone and counted; a pattern that does nothing is told."""

from __future__ import annotations

import pytest

from strandline.demo import effects
from tests.cli.terminal import Terminal, two_playlists

AUDIO = '[audio]\nformat = "original"\n'


def configure(t: Terminal, text: str) -> None:
    t.settings.write_text(AUDIO + text)


def codes(document: dict[str, list[dict[str, str]]]) -> list[str]:
    return [warning["code"] for warning in document["warnings"]]


@pytest.mark.parametrize(
    "setting", [f'{key} = ["Hause"]' for key in ("include", "exclude", "primary_priority")]
)
def test_a_pattern_that_matches_nothing_is_told(t: Terminal, setting: str) -> None:
    two_playlists(t)
    configure(t, f"[sync]\n{setting}\n")
    said = t("sync-check")
    assert "Warning: " in said.out
    assert "matches the name of no playlist" in said.out
    document = t("sync-check", "--json").json
    assert codes(document) == ["pattern_matches_nothing"]
    assert "Hause" in document["warnings"][0]["message"]
    assert codes(t("sync-execute", "--yes", "--json").json) == ["pattern_matches_nothing"]
    assert "Warning: " in t("sync-execute", "--yes").out


def test_patterns_that_match_are_no_reason_to_warn(t: Terminal) -> None:
    two_playlists(t)
    configure(t, '[sync]\ninclude = ["deep*"]\nexclude = ["*day"]\nprimary_priority = ["sunday"]\n')
    assert t("sync-check", "--json").json["warnings"] == []


def test_excluded_playlists_are_counted_and_have_their_status(t: Terminal) -> None:
    two_playlists(t)
    configure(t, '[sync]\nexclude = ["sun*"]\n')
    assert t("sync-check", "--json").json["excluded"] == {"playlists": 1, "tracks": 0}
    assert t("sync-execute", "--yes").code == 0
    status = t("sync-status", "--json").json
    assert (status["playlists"]["total"], status["playlists"]["excluded"]) == (1, 1)
    assert status["playlists"]["in_sync"] == 1
    assert {item["name"]: item["status"] for item in status["items"]} == {
        "Deep House": "in_sync",
        "Sunday": "excluded",
    }
    assert status["tracks"] == {
        "total": 2, "downloaded": 2, "not_downloaded": 0, "downloading": 0, "error": 0,
        "unavailable": 0, "excluded": 0,
    }  # fmt: skip
    assert "1 excluded" in t("sync-status").out


def test_excluded_is_what_the_settings_say_now(t: Terminal) -> None:
    two_playlists(t)
    t("sync-execute", "--yes")
    configure(t, '[sync]\ninclude = ["deep*"]\n')
    assert t("sync-status", "--json").json["playlists"]["excluded"] == 1
    configure(t, "")
    assert t("sync-status", "--json").json["playlists"]["excluded"] == 0


def test_a_playlist_asked_for_that_the_settings_leave_out_is_told(t: Terminal) -> None:
    two_playlists(t)
    configure(t, '[sync]\nexclude = ["sun*"]\n')
    document = t("sync-check", "--playlist", "Sunday", "--json").json
    assert codes(document) == ["playlist_excluded"]
    assert document["actions"] == []


def test_playlists_of_others_switched_off_stay_as_they_are(t: Terminal) -> None:
    t.account.playlist("Mine", [t.track("x")])
    theirs = t.account.follow("Theirs", [t.track(f"y{number}") for number in range(29)])
    assert t("sync-execute", "--yes").code == 0
    before = t.tree()
    configure(t, "[tidal]\nfavorite_playlists = false\n")
    said = t("sync-execute", "--yes", "--json")
    assert (said.code, said.json["in_sync"]) == (0, True)
    assert said.json["excluded"] == {"playlists": 1, "tracks": 0}
    assert (said.json["tidal"]["playlists"], said.json["tidal"]["tracks"]) == (1, 1)
    assert set(said.json["counts"].values()) == {0}
    t.account.unfollow(theirs)
    assert t("sync-execute", "--yes").code == 0
    assert t.tree() == before
    status = t("sync-status", "--json").json
    assert (status["playlists"]["total"], status["playlists"]["excluded"]) == (1, 1)
    assert "1 playlist is left out by the settings" in t("sync-check").out


def test_playlists_of_others_switched_on_again_are_read_whole(t: Terminal) -> None:
    theirs = t.account.follow("Theirs", [t.track("x")])
    configure(t, "[tidal]\nfavorite_playlists = false\n")
    assert t("sync-execute", "--yes", "--json").json["excluded"] == {"playlists": 1, "tracks": 0}
    t.account.add(theirs, t.track("y"))
    assert t("sync-check").code == 0
    configure(t, "")
    assert t("sync-execute", "--yes", "--json").json["result"]["done"]["download"] == 2


def test_deleted_playlists_may_be_kept(t: Terminal) -> None:
    deep, sunday = two_playlists(t)
    assert t("sync-execute", "--yes").code == 0
    before = t.tree()
    configure(t, '[sync]\ndeleted_playlists = "keep"\n')
    t.account.delete(deep)
    said = t("sync-execute", "--yes", "--json")
    assert (said.code, said.json["excluded"]) == (0, {"playlists": 1, "tracks": 0})
    assert said.json["counts"]["trash"] == 0
    assert t.tree() == before
    status = t("sync-status", "--json").json
    assert {item["name"]: item["status"] for item in status["items"]} == {
        "Deep House": "excluded",
        "Sunday": "in_sync",
    }
    assert t("verify").code == 0
    configure(t, "")
    assert t("sync-execute", "--yes", "--max-removals", "100%").code == 0
    assert sorted(path.name for path in t.playlists.iterdir()) == [sunday.title]


def test_a_playlist_that_its_owner_deleted_is_named_and_the_rest_goes_on(t: Terminal) -> None:
    t.account.playlist("Mine", [t.track("x")])
    dead = t.account.follow("Theirs", [])

    def hollow(page: dict[str, list[dict[str, object]]]) -> None:
        for wrapped in page["items"]:
            if str(wrapped.get("trn")).endswith(dead.uuid):
                wrapped["data"] = None
            elif isinstance(told := wrapped.get("playlist"), dict) and told["uuid"] == dead.uuid:
                wrapped["playlist"] = None

    for path in (
        "/v2/my-collection/playlists/folders",
        "/v1/users/*/playlistsAndFavoritePlaylists",
    ):
        t.tidal.faults.on(path, effects.edit(hollow), times=None)
    t.tidal.faults.on(f"/v1/playlists/{dead.uuid}", effects.status(404), times=None)
    said = t("sync-execute", "--yes", "--json")
    assert (said.code, said.json["result"]["done"]["download"]) == (0, 1)
    assert codes(said.json) == ["playlist_without_data"]
    assert "'Theirs'" in said.json["warnings"][0]["message"]
    assert codes(t("sync-check", "--offline", "--json").json) == ["playlist_without_data"]


def test_links_of_a_left_out_playlist_that_lead_to_audio_again_are_counted_everywhere(
    t: Terminal,
) -> None:
    two_playlists(t)
    assert t("sync-execute", "--yes").code == 0
    (t.playlists / "Deep House" / "Ana - x.flac").unlink()
    configure(t, '[sync]\nexclude = ["sun*"]\n')
    assert t("sync-check", "--json").json["library"]["links"] == 0
    assert t("dedupe-report", "--json").json["links"] == 0
    assert t("sync-execute", "--yes").code == 0
    assert t("sync-check", "--json").json["library"]["links"] == 1
    assert t("dedupe-report", "--json").json["links"] == 1
    assert t("sync-status", "--json").json["dedupe"]["links"] == 1
