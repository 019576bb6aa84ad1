"""why: who a track or playlist is, why it lies there, what was done and what will be."""

from __future__ import annotations

import re
import shlex

import pytest

from strandline.demo.effects import status
from strandline.demo.model import Availability
from tests.cli.finding import find, playlist, titles, why
from tests.cli.terminal import Terminal


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ('ignore = ["{y}", "7"]', "it is in sync.ignore"),
        ('exclude = ["Deep*", "Sun*"]', "sync.exclude leaves out Deep House"),
        ('include = ["Sun*"]', "sync.include leaves out Deep House"),
    ],
)
def test_why_names_the_setting_that_leaves_a_track_out_and_undoes_just_that(
    synced: Terminal, settings: str, told: str
) -> None:
    y = playlist(synced, "Deep House").tracks[1]
    plain = synced.settings.read_text()
    synced.settings.write_text(f"{plain}[sync]\n{settings.replace('{y}', str(y.id))}\n")
    assert synced("sync-check").code == 0
    said = synced("why", "y").out
    assert f"Why: {told}. To have it again: `strandline config " in said
    assert synced(*undoing(said)).code == 0
    assert find(synced, "y")[0]["status"] == "downloaded"
    kept = synced.settings.read_text()
    assert ('"7"' in kept, '"Sun*"' in kept) == ('"7"' in settings, '"Sun*"' in settings)


def undoing(said: str) -> list[str]:
    """The command that is named."""
    (command,) = re.findall(r"again: `strandline (.*)`$", said, re.MULTILINE)
    return shlex.split(command)


def test_a_playlist_that_is_kept_tells_what_is_kept(synced: Terminal) -> None:
    synced.account.delete(playlist(synced, "Deep House"))
    assert synced("config", "set", "sync.deleted_playlists", "keep").code == 0
    assert synced("sync-execute", "--yes").code == 0
    said = synced("why", "Deep House").out
    assert "Gone from TIDAL; kept as it was: 2 files and links." in said
    assert "`strandline config unset sync.deleted_playlists`" in said
    assert "0 of 0" not in said


def test_a_track_is_meant_by_id_address_path_and_words(synced: Terminal) -> None:
    x = playlist(synced, "Deep House").tracks[0]
    file = synced.playlists / "Sunday" / "Ana - x.flac"
    for what in (
        str(x.id),
        f"https://tidal.com/browse/track/{x.id}",
        f"https://listen.tidal.com/album/5/track/{x.id}?u",
        f"tidal.com/track/{x.id}/u",
        "Playlists/Sunday/Ana - x.flac",
        "mp3/Playlists/Deep House/Ana - x.flac",
        str(file),
        "ana x",
        "Ana - x",
    ):
        assert why(synced, what)["track"] == str(x.id), what
    assert why(synced, "Ana", "-", "x")["track"] == str(x.id)


def test_why_tells_who_it_is_and_why_it_is_there(synced: Terminal) -> None:
    answer = why(synced, "x")
    deep = playlist(synced, "Deep House")
    assert answer["what"] == "track"
    assert answer["identity"]["by"] == "ledger"
    assert answer["primary"] == {
        "playlist": deep.uuid,
        "name": "Deep House",
        "because": "alphabet",
    }
    assert [step["action"] for step in answer["history"]] == ["download", "link"]
    assert answer["history"][0]["because"] == "new_playlist"
    assert answer["next"] == []
    assert answer["checked"].endswith("Z")
    assert why(synced, "y")["primary"]["because"] == "only_playlist"
    said = synced("why", "x").out
    assert "it comes first in the alphabet" in said
    assert "as strandline left it" in said
    assert "Nothing is to be done" in said


def test_why_it_moved_is_in_its_history(synced: Terminal) -> None:
    synced.account.remove(playlist(synced, "Deep House"), 0)
    run = synced("sync-execute", "--yes", "--json").json["result"]["run"]
    move = why(synced, "x")["history"][-1]
    assert (move["run"], move["action"]) == (run, "move")
    assert move["because"] == "left_primary_playlist"
    assert "moved here from Deep House" in synced("why", "x").out
    assert why(synced, "Playlists/Deep House/Ana - x.flac")["title"] == "x"  # where it was


def test_a_renamed_folder_is_in_the_history_of_its_tracks(synced: Terminal) -> None:
    synced.account.rename(playlist(synced, "Deep House"), "House")
    assert synced("sync-execute", "--yes").code == 0
    assert "rename_folder" in [step["action"] for step in why(synced, "y")["history"]]


def test_what_the_next_run_will_do_is_what_the_last_check_decided(synced: Terminal) -> None:
    synced.account.add(playlist(synced, "Sunday"), synced.track("z"))
    synced.account.remove(playlist(synced, "Deep House"), 1)
    assert synced("sync-check").code == 0
    (action,) = why(synced, "z")["next"]
    assert (action["action"], action["because"]) == ("download", "new_in_playlist")
    assert "The next sync will:" in synced("why", "z").out
    assert "download it in Sunday (new in the playlist)" in synced("why", "z").out
    assert [it["action"] for it in why(synced, "y")["next"]] == ["trash"]
    assert [it["action"] for it in why(synced, "Sunday")["next"]] == ["download"]
    assert synced("sync-execute", "--yes").code == 0
    assert why(synced, "z")["next"] == []


def test_a_check_of_one_playlist_leaves_what_was_decided_of_the_others(synced: Terminal) -> None:
    synced.account.add(playlist(synced, "Sunday"), synced.track("z"))
    assert synced("sync-check").code == 0
    assert synced("sync-check", "--playlist", "Deep House").code == 0
    assert [it["action"] for it in why(synced, "z")["next"]] == ["download"]
    assert why(synced, "Deep House")["checked"] >= why(synced, "Sunday")["checked"]


def test_a_track_in_the_trash_is_explained_by_its_place_there(synced: Terminal) -> None:
    synced.account.remove(playlist(synced, "Deep House"), 1)
    run = synced("sync-execute", "--yes", "--json").json["result"]["run"]
    place = f".strandline/trash/{run}/Playlists/Deep House/Ana - y.flac"
    assert why(synced, place)["title"] == "y"
    answer = why(synced, "y")
    assert (answer["path"], answer["in_trash"]) == (None, place)
    said = synced("why", "y").out
    assert f"In the trash: {place}" in said
    assert f"`strandline trash restore {run[-8:]}`" in said
    assert answer["history"][-1]["because"] == "left_every_playlist"
    assert "no playlist lists it any more" in synced("why", "y").out
    assert titles(synced, "y") == []


def test_a_playlist_that_is_gone_is_remembered_with_what_became_of_it(synced: Terminal) -> None:
    deep = playlist(synced, "Deep House")
    synced.account.delete(deep)
    assert synced("sync-execute", "--yes").code == 0
    answer = why(synced, "deep house")
    assert (answer["what"], answer["playlist"], answer["status"]) == ("playlist", deep.uuid, "gone")
    assert answer["history"][-1]["action"] == "remove_folder"
    said = synced("why", "Deep House").out
    assert "Deep House: gone from TIDAL, and from the disk" in said
    assert "moved to the trash (the playlist is gone from TIDAL)" in said


def test_a_file_that_is_gone_or_changed_since_the_check_is_told(synced: Terminal) -> None:
    file = synced.playlists / "Deep House" / "Ana - x.flac"
    file.rename(synced.folder / "elsewhere")
    assert why(synced, "x")["identity"]["by"] == "gone"
    file.write_bytes(b"other")
    assert why(synced, "x")["identity"]["by"] == "changed"


def test_a_persons_own_file_is_told_to_be_theirs(synced: Terminal) -> None:
    (synced.playlists / "Sunday" / "mine.mp3").write_bytes(b"mine")
    answer = why(synced, "Playlists/Sunday/mine.mp3")
    assert (answer["what"], answer["path"]) == ("file", "Playlists/Sunday/mine.mp3")
    assert "it is yours" in synced("why", "Playlists/Sunday/mine.mp3").out


def test_a_playlist_is_meant_by_name_address_and_folder(synced: Terminal) -> None:
    deep = playlist(synced, "Deep House")
    for what in (
        "deep house",
        deep.uuid,
        f"https://tidal.com/playlist/{deep.uuid}",
        "Playlists/Deep House",
        str(synced.playlists / "Deep House"),
    ):
        answer = why(synced, what)
        assert (answer["what"], answer["playlist"]) == ("playlist", deep.uuid), what
    assert answer["status"] == "in_sync"
    assert [step["action"] for step in answer["history"]].count("download") == 2


@pytest.mark.parametrize("what", ["Ana - xx", "Deep Huose", "https://tidal.com/track/9", "A/b"])
def test_of_something_unknown_the_nearest_are_named(synced: Terminal, what: str) -> None:
    said = synced("why", what, "--json")
    assert (said.code, said.json["error"]) == (2, "unknown")
    if what == "Deep Huose":
        assert "'Deep House'" in said.json["hint"]
    if what == "Ana - xx":
        assert "'Ana - x'" in said.json["hint"]


def test_words_of_a_playlists_name_are_nearer_than_a_title_written_alike(synced: Terminal) -> None:
    synced.account.playlist("Other", [synced.track("Sleepers")])
    assert synced("sync-check").code == 0
    said = synced("why", "Deep", "--json").json["hint"]
    assert said.startswith("Did you mean 'Deep House'")
    synced.account.playlist("deep house", [synced.track("Deeq (Long Goodbye)")])
    assert synced("sync-check").code == 0
    said = synced("why", "Deep", "--json").json["hint"]
    assert said == "Did you mean 'Deep House', 'deep house'?"


@pytest.mark.parametrize("what", ["100000113", "https://tidal.com/browse/track/100000113"])
def test_no_title_is_like_a_number(synced: Terminal, what: str) -> None:
    said = synced("why", what, "--json").json
    assert said["message"] == "No playlist lists the track 100000113."
    assert "Did you mean" not in said["hint"]


@pytest.mark.parametrize("address", ["https://tidal.com/album/500", "tidal.com/browse/album/500"])
def test_an_albums_address_is_told_from_a_tracks(synced: Terminal, address: str) -> None:
    said = synced("why", address)
    assert said.code == 2
    assert "is the address of an album; `why` explains tracks and playlists." in said.err


def test_an_address_of_a_track_within_its_album_is_a_tracks(synced: Terminal) -> None:
    x = find(synced, "x")[0]["track"]
    assert why(synced, f"https://tidal.com/album/500/track/{x}")["track"] == x


def test_a_playlist_names_the_tracks_that_tidal_does_not_have(synced: Terminal) -> None:
    z = synced.track("z")
    synced.account.add(playlist(synced, "Sunday"), z)
    synced.account.withhold(z, Availability.NOT_READY)
    synced("sync-execute", "--yes")
    said = synced("why", "Sunday").out
    assert "1 of 2 tracks downloaded" in said
    assert "1 track that TIDAL does not have:\n" in said
    assert "Ana - z [" in said
    assert len(why(synced, "Sunday")["unavailable"]) == 1
    assert why(synced, "Deep House")["unavailable"] == []


def test_a_playlist_that_could_not_be_read_says_why(synced: Terminal) -> None:
    deep = playlist(synced, "Deep House")
    assert why(synced, "Deep House")["incomplete"] is None
    synced.account.add(deep, synced.track("z"))
    synced.tidal.faults.on(f"/v1/playlists/{deep.uuid}/items", status(500), times=None)
    assert synced("sync-check").code == 4
    said = synced("why", "Deep House").out
    reason = why(synced, "Deep House")["incomplete"]
    assert reason
    assert f"It could not be read completely at the last check: {reason}\n" in said
    assert "Nothing is removed from it until it can." in said
    assert "Nothing is to be done" not in said


def test_of_nothing_at_all_something_is_asked_for(synced: Terminal) -> None:
    said = synced("why", " ")
    assert said.code == 2
    assert "Give a track, a path, a playlist or some words." in said.err


def test_where_too_many_match_a_person_has_to_say_more(t: Terminal) -> None:
    t.account.playlist("A", [t.track(f"song {number}") for number in range(21)])
    t("sync-check")
    said = t("why", "song", "--json")
    assert (said.code, said.json["error"]) == (2, "ambiguous")
    assert "'Ana - song 0'" in said.json["message"]
