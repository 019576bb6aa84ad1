"""sync.dedupe = "recording" and recordings pin, forbid, forget: one file for one recording."""

from __future__ import annotations

import hashlib
import json
import os

import pytest

from strandline.demo.model import Availability, Playlist, Track
from tests.cli.terminal import Terminal

CODE = "GBAYE0601498"


def dedupe(t: Terminal, value: str = "recording") -> None:
    assert t("config", "set", "sync.dedupe", value).code == 0


def twins(t: Terminal, **fields: object) -> tuple[Track, Track]:
    """One recording on two albums."""
    one, other = (t.account.track("x", "Ana", isrc=CODE, album=name) for name in "AB")
    return one, other


def two_playlists(t: Terminal, one: Track, other: Track) -> tuple[Playlist, Playlist]:
    return t.account.playlist("Deep House", [one]), t.account.playlist("Sunday", [other])


@pytest.fixture
def merged(t: Terminal) -> Terminal:
    """Two ids of one recording in two playlists, as one file."""
    dedupe(t)
    two_playlists(t, *twins(t))
    assert t("sync-execute", "--yes").code == 0
    return t


@pytest.fixture
def apart(t: Terminal) -> Terminal:
    """The same two as two files."""
    two_playlists(t, *twins(t))
    assert t("sync-execute", "--yes").code == 0
    return t


def music(t: Terminal) -> dict[str, str]:
    """What each playlist folder holds: the text of a link, or the bytes' hash."""
    return {
        str(path.relative_to(t.playlists)): os.readlink(path)
        if path.is_symlink()
        else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(t.playlists.glob("*/*"))
    }


def in_sync(t: Terminal) -> bool:
    return t("sync-check", "--exit-code").code == 0


def test_one_recording_under_two_ids_is_fetched_once_and_linked(merged: Terminal) -> None:
    t = merged
    link = t.playlists / "Sunday" / "Ana - x.flac"
    assert os.readlink(link) == "../Deep House/Ana - x.flac"
    assert in_sync(t)
    assert t("verify").code == 0
    status = t("sync-status", "--json").json
    assert status["tracks"]["downloaded"] == 2
    assert status["same_recording"] == status["dedupe"]["links"] == 1
    first, second = sorted(t("tracks", "--json").json["tracks"], key=lambda it: it["track"])
    assert second["recording"] == first["track"]
    assert first["recording"] is None
    assert {first["path"], second["path"]} == {"Playlists/Deep House/Ana - x.flac"}
    assert second["playlists"][0]["kind"] == "symlink"
    assert second["quality"]["got"] == "lossless"
    (about,) = t("why", second["track"], "--json").json["answers"]
    assert about["identity"]["same_recording"] == [first["track"]]
    assert f"The same recording as track {first['track']}" in t("why", second["track"]).out
    assert "1 track shares the file" in t("sync-status").out


def test_switching_it_on_shows_what_would_merge_and_undo_brings_it_back(apart: Terminal) -> None:
    t = apart
    before = music(t)
    dedupe(t)
    plan = t("sync-check", "--json").json
    assert [(it["action"], it["because"]) for it in plan["actions"]] == [
        ("trash", "same_recording"), ("link", "same_recording"),
    ]  # fmt: skip
    assert "the same recording is there already, under another id" in t("sync-check").out
    assert t("sync-execute", "--yes").code == 0
    assert in_sync(t)
    assert t("undo", "last", "--yes").code == 0
    assert music(t) == before
    dedupe(t, "track")
    assert in_sync(t)


def test_switching_it_off_takes_the_file_out_of_the_trash(apart: Terminal) -> None:
    t = apart
    before = music(t)
    dedupe(t)
    assert t("sync-execute", "--yes").code == 0
    dedupe(t, "track")
    assert t("sync-check", "--json").json["counts"]["move"] == 1
    assert t("sync-execute", "--yes").code == 0
    assert music(t) == before
    assert in_sync(t)
    assert t("sync-status", "--json").json["same_recording"] == 0


def test_switching_it_off_fetches_what_never_had_a_file(merged: Terminal) -> None:
    t = merged
    dedupe(t, "track")
    assert t("sync-execute", "--yes").code == 0
    assert not (t.playlists / "Sunday" / "Ana - x.flac").is_symlink()
    assert in_sync(t)


def test_merging_more_than_may_go_is_a_safety_stop(t: Terminal) -> None:
    for number in range(8):
        code = f"GBAYE06014{number:02}"
        pair = [t.account.track(f"x{number}", "Ana", isrc=code, album=name) for name in "AB"]
        two_playlists(t, *pair)
    assert t("sync-execute", "--yes").code == 0
    before = music(t)
    dedupe(t)
    said = t("sync-execute", "--yes", "--json")
    assert (said.code, said.json["error"]) == (5, "mass_removal")
    assert music(t) == before
    assert t("sync-execute", "--yes", "--accept-removals", "8").code == 0
    assert in_sync(t)


def test_verify_names_a_link_of_another_id_that_leads_nowhere(merged: Terminal) -> None:
    (link,) = (path for path in merged.playlists.glob("*/*") if path.is_symlink())
    link.unlink()
    link.symlink_to("../nowhere/x.flac")
    said = merged("verify", "--json")
    assert said.json["broken_links"] == [f"Playlists/{link.parent.name}/{link.name}"]
    assert merged("sync-execute", "--yes").code == 0
    assert merged("verify").code == 0


def test_links_of_one_folder_that_a_bulk_renamer_renamed_are_known(t: Terminal) -> None:
    """Also once the id whose file they lead to has left."""
    dedupe(t)
    one, other = twins(t)
    both = t.account.playlist("A", [one, other])
    assert t("sync-execute", "--yes").code == 0
    for path in list((t.playlists / "A").iterdir()):
        path.rename(path.with_name(path.name.replace(" ", "_")))
    t.account.remove(both, one)
    assert t("sync-execute", "--yes").code == 0
    assert [p.is_symlink() for p in (t.playlists / "A").iterdir()] == [False]
    assert in_sync(t)


def test_a_playlist_with_both_ids_has_both_entries(t: Terminal) -> None:
    dedupe(t)
    one, other = twins(t)
    t.account.playlist("Deep House", [one, other])
    assert t("sync-execute", "--yes").code == 0
    names = sorted(path.name for path in (t.playlists / "Deep House").iterdir())
    assert names == [f"Ana - x [{other.id}].flac", "Ana - x.flac"]
    assert in_sync(t)
    assert t("export", "m3u8").code == 0
    text = (t.library / "exports" / "m3u8" / "Deep House.m3u8").read_text()
    assert text.count("Ana - x.flac") == 2
    xml = t("export", "rekordbox", "--json")
    assert xml.code == 0
    text = (t.library / "exports" / "rekordbox.xml").read_text()
    assert text.count("Location=") == 1


def test_one_id_leaves_and_the_other_has_the_file(merged: Terminal) -> None:
    t = merged
    deep = next(iter(t.account.playlists.values()))
    t.account.clear(deep)
    asked = len(t.tidal.requests)
    assert t("sync-execute", "--yes").code == 0
    assert not any("playbackinfo" in str(it) for it in t.tidal.requests[asked:])
    assert not (t.playlists / "Sunday" / "Ana - x.flac").is_symlink()
    assert in_sync(t)


def test_what_tidal_does_not_offer_has_the_sound_of_its_twin(t: Terminal) -> None:
    dedupe(t)
    one, other = twins(t)
    two_playlists(t, one, other)
    t.account.withhold(one, Availability.GREYED_OUT)
    assert t("sync-execute", "--yes").code == 0
    assert (t.playlists / "Deep House" / "Ana - x.flac").is_symlink()
    assert in_sync(t)


def test_two_are_pinned_forbidden_and_forgotten(t: Terminal) -> None:
    dedupe(t)
    one, other = t.account.track("x", "Ana"), t.account.track("x (Radio Edit)", "Ana")
    two_playlists(t, one, other)
    assert t("sync-execute", "--yes").code == 0
    words = str(one.id), f"https://tidal.com/browse/track/{other.id}"
    said = t("recordings", "pin", *words, "--json").json
    assert said["schema"] == "strandline.recordings/1"
    assert said["merges"] is True
    (told,) = said["recordings"]
    assert told["answer"] == "pin"
    assert [it["track"] for it in told["tracks"]] == [str(one.id), str(other.id)]
    (group,) = t("dedupe-report", "--recordings", "--json").json["recordings"]
    assert group["pinned"]
    assert t("sync-execute", "--yes").code == 0
    assert (t.playlists / "Sunday" / "Ana - x (Radio Edit).flac").is_symlink()
    assert t("recordings", "forbid", *words).code == 0
    assert t("sync-execute", "--yes").code == 0
    assert not (t.playlists / "Sunday" / "Ana - x (Radio Edit).flac").is_symlink()
    assert in_sync(t)
    assert len(t("recordings", "list", "--json").json["recordings"]) == 1
    assert t("recordings", "forget", *words).code == 0
    assert t("recordings", "forget", *words).code == 2
    assert t("recordings", "list").out == "You said nothing of any two tracks.\n"


def test_what_was_said_survives_a_lost_database(t: Terminal) -> None:
    one, other = twins(t)
    two_playlists(t, one, other)
    assert t("sync-check").code == 0
    assert t("recordings", "forbid", str(one.id), str(other.id)).code == 0
    file = t.folder / "recordings.json"
    assert t("recordings", "export", str(file)).code == 0
    for path in t.state.glob("strandline.db*"):
        path.unlink()
    assert t("recordings", "import", str(file), "--json").json["answers"] == 1
    assert t("sync-check").code == 0
    (told,) = t("recordings", "list", "--json").json["recordings"]
    assert told["answer"] == "forbid"
    file.write_text(json.dumps({"schema": "another"}))
    assert t("recordings", "import", str(file)).code == 2


def test_unknown_tracks_are_not_pinned(apart: Terminal) -> None:
    t = apart
    known = t("tracks", "--json").json["tracks"][0]["track"]
    assert t("recordings", "pin", known, "4711").code == 2
    assert t("recordings", "pin", known, "x").code == 2
    assert t("recordings", "pin", known, known).code == 2


def test_without_the_setting_a_pin_says_that_nothing_is_merged(apart: Terminal) -> None:
    t = apart
    one, other = (it["track"] for it in t("tracks", "--json").json["tracks"])
    assert 'only with `sync.dedupe = "recording"`' in t("recordings", "pin", one, other).err
    assert in_sync(t)


def same_sound(t: Terminal) -> tuple[Track, Track]:
    """Two tracks that TIDAL does not call the same, with one sound."""
    one = t.account.track("x", "Ana")
    other = t.account.track("Another x", "Ana", audio_id=one.tune)
    two_playlists(t, one, other)
    assert t("sync-execute", "--yes").code == 0
    return one, other


def test_two_files_of_strandlines_with_one_sound_become_one_recording(t: Terminal) -> None:
    dedupe(t)
    one, other = same_sound(t)
    before = music(t)
    found = t("dedupe-report", "--content", "--json").json
    assert found["pairs"] == [[str(one.id), str(other.id)]]
    assert "1 track has the sound of another track" in t("dedupe-report", "--content").out
    assert t("dedupe-report", "--content", "--apply", "--yes").code == 0
    assert (
        os.readlink(t.playlists / "Sunday" / "Ana - Another x.flac") == "../Deep House/Ana - x.flac"
    )
    assert in_sync(t)
    assert t("verify").code == 0
    assert [it["answer"] for it in t("recordings", "list", "--json").json["recordings"]] == ["pin"]
    assert t("undo", "last", "--yes").code == 0
    assert music(t) == before
    assert t("recordings", "list", "--json").json["recordings"] == []
    assert in_sync(t)


def test_what_was_forbidden_stays_two_files_whatever_it_sounds_like(t: Terminal) -> None:
    dedupe(t)
    one, other = (str(track.id) for track in same_sound(t))
    before = music(t)
    assert t("recordings", "forbid", one, other).code == 0
    assert t("dedupe-report", "--content", "--json").json["pairs"] == []
    assert t("dedupe-report", "--content", "--apply", "--yes").code == 0
    assert music(t) == before
    said = t("recordings", "list", "--json").json["recordings"]
    assert "pin" not in {it["answer"] for it in said}


def test_what_an_undo_cannot_take_apart_stays_pinned_until_it_can(t: Terminal) -> None:
    dedupe(t)
    same_sound(t)
    before = music(t)
    assert t("dedupe-report", "--content", "--apply", "--yes").code == 0
    run = t("history", "--json").json["runs"][0]["run"]
    (gone,) = (t.library / ".strandline" / "trash").rglob("*.flac")
    gone.rename(t.folder / "away.flac")
    assert t("undo", run, "--yes").code == 4
    assert [it["answer"] for it in t("recordings", "list", "--json").json["recordings"]] == ["pin"]
    counts = t("sync-check", "--json").json["counts"]
    assert (counts["download"], counts["link"]) == (0, 1), "the next sync merges it again"
    assert t("undo", run, "--yes").code == 4, "the file is as far away as it was"
    assert [it["answer"] for it in t("recordings", "list", "--json").json["recordings"]] == ["pin"]
    (t.folder / "away.flac").rename(gone)
    assert t("undo", run, "--yes").code == 0, "the link went with the first"
    assert music(t) == before
    assert t("recordings", "list", "--json").json["recordings"] == []
    assert in_sync(t)


def test_without_the_setting_equal_sound_is_only_told(t: Terminal) -> None:
    same_sound(t)
    before = music(t)
    assert t("dedupe-report", "--content", "--apply", "--yes").code == 0
    assert music(t) == before
    assert 'With `sync.dedupe = "recording"`' in t("dedupe-report", "--content").out
    assert t("recordings", "list", "--json").json["recordings"] == []


def test_both_ids_follow_another_format_in_one_run(merged: Terminal) -> None:
    t = merged
    before = music(t)
    assert t("config", "set", "audio.format", "mp3").code == 0
    assert t("reapply", "--audio", "--yes").code == 0
    link = t.playlists / "Sunday" / "Ana - x.mp3"
    assert os.readlink(link) == "../Deep House/Ana - x.mp3"
    assert in_sync(t)
    assert len(music(t)) == 2
    assert t("undo", "last", "--yes").code == 0
    assert music(t) == before
    assert in_sync(t)
