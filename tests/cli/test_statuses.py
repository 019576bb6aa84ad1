"""The status columns of the database after a check: what a reader with SQL meets."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from strandline.app.statuses import broken_links
from strandline.core.ids import LibPath
from strandline.core.states import FoundFile, FoundLink, Scan
from strandline.demo.effects import short_page
from strandline.demo.model import Availability
from tests.cli.terminal import Terminal

_ENTRIES = """
    SELECT playlists.name || '/' || tracks.title, playlist_tracks.{column}
    FROM playlist_tracks JOIN playlists ON playlists.id = playlist_id
    JOIN tracks ON tracks.id = track_id
"""


def entries(t: Terminal, column: str = "sync_status") -> dict[str, str | int | None]:
    """By ``playlist/title``."""
    return ask(t, _ENTRIES.format(column=column))


def ask(t: Terminal, query: str) -> dict[str, str | int | None]:
    with closing(sqlite3.connect(t.state / "strandline.db")) as db:
        return dict(db.execute(query).fetchall())


def playlists(t: Terminal) -> dict[str, str | int | None]:
    return ask(t, "SELECT name, sync_status FROM playlists")


def tracks(t: Terminal) -> dict[str, str | int | None]:
    return ask(t, "SELECT title, download_status FROM tracks")


def test_after_a_sync_everything_is_synced(synced: Terminal) -> None:
    assert set(entries(synced).values()) == {"synced"}
    assert set(playlists(synced).values()) == {"in_sync"}
    assert set(tracks(synced).values()) == {"downloaded"}
    assert entries(synced, "is_primary") == {
        "Deep House/x": 1,
        "Deep House/y": 1,
        "Sunday/x": 0,
    }


def test_a_new_playlist_needs_a_download_and_a_link(synced: Terminal) -> None:
    deep = next(iter(synced.account.playlists.values()))
    synced.account.playlist("New", [synced.track("z"), deep.entries[0].item])
    assert synced("sync-check").code == 0
    assert playlists(synced)["New"] == "needs_download"
    assert entries(synced)["New/z"] == "unknown"
    assert entries(synced)["New/x"] == "needs_symlink"
    assert tracks(synced)["z"] == "not_downloaded"


def test_a_track_that_leaves_needs_removal_and_its_heir_a_move(synced: Terminal) -> None:
    deep, _ = synced.account.playlists.values()
    synced.account.clear(deep)
    assert synced("sync-check").code == 0
    found = entries(synced)
    assert found["Deep House/y"] == "needs_removal"
    assert found["Sunday/x"] == "needs_move"
    assert found["Deep House/x"] == "needs_removal"
    assert playlists(synced) == {"Deep House": "needs_update", "Sunday": "needs_update"}


def test_a_link_to_nowhere_is_not_valid_until_it_is_mended(synced: Terminal) -> None:
    link = synced.playlists / "Sunday" / "Ana - x.flac"
    link.unlink()
    link.symlink_to("../Gone/x.flac")
    assert synced("sync-check").code == 0
    assert entries(synced, "symlink_valid")["Sunday/x"] == 0
    assert entries(synced)["Sunday/x"] == "needs_symlink"
    assert synced("sync-execute", "--yes").code == 0
    assert entries(synced, "symlink_valid")["Sunday/x"] == 1


def test_a_link_that_is_not_there_is_neither_valid_nor_broken(synced: Terminal) -> None:
    link = synced.playlists / "Sunday" / "Ana - x.flac"
    text = link.readlink()
    link.unlink()
    assert synced("sync-check").code == 0
    assert entries(synced, "symlink_valid")["Sunday/x"] is None
    assert entries(synced)["Sunday/x"] == "needs_symlink"
    link.symlink_to(text)  # by hand
    assert synced("sync-check").code == 0
    assert entries(synced, "symlink_valid")["Sunday/x"] == 1
    assert entries(synced)["Sunday/x"] == "synced"


LINK = LibPath("Playlists/B/x.mp3")
DEEPER = LibPath("Playlists/B/mine/x.mp3")


@pytest.mark.parametrize(
    ("link", "text", "broken"),
    [
        (LINK, "../A/x.mp3", False),
        (LINK, "./../A/./x.mp3", False),
        (LINK, "../A/y.mp3", True),
        (LINK, "x.mp3", True),
        (LINK, "/Playlists/A/x.mp3", True),
        (LINK, "../../../../A/x.mp3", True),
        (LINK, "", True),
        (DEEPER, "../A/x.mp3", True),
        (DEEPER, "../../A/x.mp3", False),
    ],
)
def test_a_link_is_broken_when_no_file_of_the_library_is_where_it_leads(
    link: LibPath, text: str, broken: bool
) -> None:
    file = FoundFile(LibPath("Playlists/A/x.mp3"), 1, 1, 1, 1, 1)
    scan = Scan({}, {file.path: file}, {link: FoundLink(link, 1, 2, text)})
    assert (link in broken_links(scan)) == broken


def test_a_playlist_that_could_not_be_read_whole_is_unknown(synced: Terminal) -> None:
    deep, _ = synced.account.playlists.values()
    synced.tidal.faults.on(f"/v1/playlists/{deep.uuid}/items", short_page(), times=None)
    assert synced("sync-check", "--full").code == 4
    assert playlists(synced) == {"Deep House": "unknown", "Sunday": "in_sync"}


def test_an_unavailable_track_is_no_reason_to_sync(t: Terminal) -> None:
    x = t.track("x")
    t.account.playlist("A", [x, t.track("y")])
    t.account.withhold(x, Availability.PLACEHOLDER)
    assert t("sync-execute", "--yes").code == 0
    assert playlists(t) == {"A": "in_sync"}
    counts = t("sync-status", "--json").json["tracks"]
    assert (counts["downloaded"], counts["unavailable"]) == (1, 1)


def test_an_unavailable_track_is_named_until_it_is_there(t: Terminal) -> None:
    x = t.track("x")
    listing = [t.account.playlist(name, [x]) for name in ("A", "B")]
    t.account.withhold(x, Availability.GREYED_OUT)
    for words in (["sync-check"], ["sync-execute", "--yes"], ["sync-check", "--playlist", "A"]):
        assert f"Ana - x [{x.id}] (A" in t(*words).out
    (told,) = t("sync-check", "--json").json["unavailable"]
    assert (told["track"], told["title"]) == (str(x.id), "x")
    assert told["playlists"] == [playlist.uuid for playlist in listing]
    t.account.withhold(x, Availability.AVAILABLE)
    assert t("sync-execute", "--yes", "--full", "--json").json["unavailable"] == []


def test_a_track_that_the_disk_has_is_not_missed(synced: Terminal) -> None:
    for track in list(synced.account.tracks.values()):
        synced.account.withhold(track)
    assert synced("sync-check", "--json").json["unavailable"] == []


def test_a_check_of_one_playlist_says_nothing_of_the_others(synced: Terminal) -> None:
    deep, sunday = synced.account.playlists.values()
    synced.account.add(deep, synced.track("z"))
    synced.account.add(sunday, synced.track("w"))
    assert synced("sync-check", "--playlist", "Sunday").code == 0
    assert playlists(synced) == {"Deep House": "in_sync", "Sunday": "needs_download"}


def test_a_playlist_whose_links_lead_to_audio_that_is_gone_needs_a_download(
    synced: Terminal,
) -> None:
    (synced.playlists / "Deep House" / "Ana - x.flac").unlink()
    assert synced("sync-check").code == 0
    assert playlists(synced) == {"Deep House": "needs_download", "Sunday": "needs_download"}
    assert synced("sync-execute", "--yes").code == 0
    assert playlists(synced) == {"Deep House": "in_sync", "Sunday": "in_sync"}


def test_a_playlist_whose_links_lead_to_audio_that_was_renamed_needs_an_update(
    synced: Terminal,
) -> None:
    audio = synced.playlists / "Deep House" / "Ana - x.flac"
    audio.rename(synced.playlists / audio.name)
    assert synced("sync-check").code == 0
    assert playlists(synced) == {"Deep House": "needs_update", "Sunday": "needs_update"}


def test_of_playlists_out_of_scope_a_check_of_one_says_nothing_though_their_links_lead_nowhere(
    synced: Terminal,
) -> None:
    (synced.playlists / "Deep House" / "Ana - x.flac").unlink()
    assert synced("sync-check", "--playlist", "Deep House").code == 0
    assert playlists(synced) == {"Deep House": "needs_download", "Sunday": "in_sync"}
