"""No silent hole: what has no readable name is there all the same, under its id."""

from __future__ import annotations

import os
import unicodedata
from typing import Any

import pytest

from strandline.demo import effects
from tests.cli.terminal import Terminal, two_playlists

FOLDERS = "/v2/my-collection/playlists/folders"


@pytest.mark.parametrize("title", ["\u3000", None, "", 1999, " \t"], ids=repr)
def test_a_playlist_without_a_readable_name_is_synced(t: Terminal, title: Any) -> None:
    playlist = t.account.playlist("A", [t.track("x")])
    playlist.title = title
    name = f"Untitled [{playlist.uuid[:8]}]"
    said = t("sync-execute", "--yes", "--json")
    assert (said.code, said.json["result"]["done"]["download"]) == (0, 1)
    assert (t.playlists / name / "Ana - x.flac").is_file()
    (item,) = t("sync-status", "--json").json["items"]
    assert (item["name"], item["status"]) == (name, "in_sync")
    assert t("sync-check", "--playlist", name, "--json").json["in_sync"] is True


@pytest.mark.parametrize("title", ["", None, 1999, "\u3000"], ids=repr)
def test_a_track_that_plays_without_a_readable_title_is_synced(t: Terminal, title: Any) -> None:
    track = t.track("x")
    track.title = title
    t.account.playlist("A", [track, t.track("y")])
    said = t("sync-execute", "--yes", "--json")
    assert (said.code, said.json["unavailable"]) == (0, [])
    assert (t.playlists / "A" / f"Ana - Untitled [{track.id}].flac").is_file()
    assert t("sync-check", "--json").json["in_sync"] is True
    track.title = "Named"
    with t.account.changing(next(iter(t.account.playlists.values()))):
        pass
    assert t("sync-execute", "--yes").code == 0
    assert (t.playlists / "A" / "Ana - Named.flac").is_file()


def test_two_untitled_playlists_have_a_folder_each(t: Terminal) -> None:
    for number in range(2):
        t.account.playlist("\u3000", [t.track(f"x{number}")])
    assert t("sync-execute", "--yes").code == 0
    assert len(list(t.playlists.iterdir())) == 2


@pytest.mark.parametrize("status", [403, 404, 410, 451])
def test_a_list_that_is_no_longer_given_out_leaves_the_other(t: Terminal, status: int) -> None:
    deep, _ = two_playlists(t)
    assert t("sync-execute", "--yes").code == 0
    t.tidal.faults.on(FOLDERS, effects.status(status), times=None)
    t.account.add(deep, t.track("z"))
    said = t("sync-execute", "--yes", "--json")
    assert (said.code, said.json["result"]["done"]["download"]) == (0, 1)
    t.account.delete(deep)
    said = t("sync-execute", "--yes", "--max-removals", "100%", "--json")
    assert (said.code, said.json["tidal"]["complete"]) == (0, True)
    assert [folder.name for folder in t.playlists.iterdir()] == ["Sunday"]


@pytest.mark.parametrize("apart", [True, False], ids=["all of it", "folders and links alone"])
def test_a_library_that_came_from_a_mac_spells_its_accents_otherwise(
    t: Terminal, apart: bool
) -> None:
    """Links that hold the other spelling are ours as well, and are made right, not once more."""
    tracks = [t.track("Für Elise", "Björk"), t.track("Ünder", "Ärt")]
    for name in ("Café", "Ärger"):
        t.account.playlist(name, tracks)
    assert t("sync-execute", "--yes").code == 0
    for path in sorted(t.playlists.rglob("*"), key=lambda path: -len(path.parts)):
        spelled = path.with_name(unicodedata.normalize("NFD", path.name))
        if path.is_symlink():
            spelled.symlink_to(unicodedata.normalize("NFD", os.readlink(path)))
            path.unlink()
        elif apart or path.is_dir():
            path.rename(spelled)
    said = t("sync-execute", "--yes", "--json").json["result"]["done"]
    assert {name: n for name, n in said.items() if n} == {"rename_folder": 2, "relink": 2}
    links = [path for path in t.playlists.rglob("*") if path.is_symlink()]
    assert len(links) == 2
    assert all(path.exists() for path in links)
    assert t("sync-check", "--exit-code").code == 0
