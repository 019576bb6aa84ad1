"""The stand-in's playlists and folders, read by the real tidalapi."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from tidalapi.exceptions import ObjectNotFound
from tidalapi_side import Session

from strandline.demo.server import StandIn


def folder_pages(session: Session, **params: Any) -> list[dict[str, Any]]:
    """Every page of a folder in the collection, by following the cursor."""
    pages: list[dict[str, Any]] = []
    cursor = None
    while cursor is not None or not pages:
        params = {"folderId": "root", "limit": 50, **params, "cursor": cursor}
        pages.append(collection(session, **params).json())
        cursor = pages[-1]["cursor"]
    return pages


def collection(session: Session, **params: Any) -> Any:
    return session.request.request(
        "GET",
        "my-collection/playlists/folders",
        params=params,
        base_url=session.config.api_v2_location,
    )


def names(page: dict[str, Any]) -> list[str]:
    return [item["name"] for item in page["items"]]


def test_playlists_own_and_followed(tidal: StandIn, session: Session) -> None:
    account = tidal.account
    account.playlist("Mine")
    account.follow("Theirs")
    account.follow("TIDAL's", creator=None)

    own = session.user.playlists()
    both = session.user.playlist_and_favorite_playlists()

    assert [(p.name, type(p).__name__) for p in own] == [("Mine", "UserPlaylist")]
    assert {p.name: p.creator.id for p in both} == {
        "Mine": account.user_id,
        "Theirs": 777,
        "TIDAL's": 0,
    }


def test_collection_is_paged_by_cursor_and_ignores_offset(tidal: StandIn, session: Session) -> None:
    for number in range(120):
        tidal.account.playlist(f"Crate {number:03d}")

    pages = folder_pages(session, includeOnly="PLAYLIST", order="NAME")

    assert [len(page["items"]) for page in pages] == [50, 50, 20]
    every = [name for page in pages for name in names(page)]
    assert every == [f"Crate {number:03d}" for number in range(120)]
    assert {page["totalNumberOfItems"] for page in pages} == {120}
    assert names(collection(session, limit=50, offset=50, order="NAME").json()) == names(pages[0])


@pytest.mark.parametrize("params", [{"limit": 51}, {"limit": 50, "cursor": "never given out"}])
def test_collection_refuses(session: Session, params: dict[str, Any]) -> None:
    with pytest.raises(requests.HTTPError, match="400"):
        collection(session, **params)


def test_folders_hold_folders_and_playlists(tidal: StandIn, session: Session) -> None:
    gigs = tidal.account.folder("Gigs")
    year = tidal.account.folder("2026", parent=gigs)
    tidal.account.playlist("Loose")
    tidal.account.playlist("Peak Time", folder=gigs)
    moved = tidal.account.playlist("Encore?")
    tidal.account.put_into(year, moved)

    assert names(folder_pages(session)[0]) == ["Gigs", "Loose"]
    assert names(folder_pages(session, folderId=gigs.id)[0]) == ["2026", "Peak Time"]
    assert names(folder_pages(session, folderId=year.id)[0]) == ["Encore?"]
    assert names(folder_pages(session, includeOnly="FOLDER")[0]) == ["Gigs"]
    (folder,) = session.user.favorites.playlist_folders()
    assert [playlist.name for playlist in folder.items()] == ["Peak Time"]
    assert folder.total_number_of_items == 2


def test_items_keep_order_repeats_and_videos(tidal: StandIn, session: Session) -> None:
    account = tidal.account
    one, two, clip = account.track("One"), account.track("Two"), account.video("Clip")
    playlist = account.playlist("Set", [one, two, clip, one])

    seen = session.playlist(playlist.uuid)

    assert [item.name for item in seen.items()] == ["One", "Two", "Clip", "One"]
    assert [track.name for track in seen.tracks()] == ["One", "Two", "One"]
    assert (seen.num_tracks, seen.num_videos) == (3, 1)
    uuids = [track.item_uuid for track in seen.tracks()]
    assert len(set(uuids)) == 3
    assert seen.last_updated == playlist.last_updated.replace(
        microsecond=playlist.last_updated.microsecond // 1000 * 1000
    )


def test_items_come_a_hundred_at_a_time(tidal: StandIn, session: Session) -> None:
    playlist = tidal.account.playlist("Long", [tidal.account.track(f"T{n}") for n in range(101)])
    seen = session.playlist(playlist.uuid)

    assert [t.name for t in seen.items(limit=100, offset=100)] == ["T100"]
    assert len(seen.tracks()) == 101
    with pytest.raises(requests.HTTPError) as refused:
        seen.items(limit=101)
    assert refused.value.response.json()["userMessage"] == "Too big page, max page size is [100]"


def test_every_change_moves_last_updated_unless_made_silently(tidal: StandIn) -> None:
    account = tidal.account
    tracks = [account.track(f"T{n}") for n in range(4)]
    playlist = account.playlist("Set", tracks[:3])
    seen = [playlist.etag]

    changes: list[Callable[[], None]] = [
        lambda: account.add(playlist, tracks[3], at=1),
        lambda: account.move(playlist, 0, 3),
        lambda: account.reorder(playlist, [3, 2, 1, 0]),
        lambda: account.replace(playlist, 0, tracks[1]),
        lambda: account.rename(playlist, "Other"),
        lambda: account.remove(playlist, tracks[1]),
        lambda: account.remove(playlist, 0),
        lambda: account.clear(playlist),
    ]
    for change in changes:
        change()
        seen.append(playlist.etag)
    with account.silently():
        account.add(playlist, tracks[0])

    assert len(set(seen)) == len(seen)
    assert playlist.etag == seen[-1]
    assert playlist.tracks == [tracks[0]]


def test_reordered_playlist_is_read_in_its_new_order(tidal: StandIn, session: Session) -> None:
    account = tidal.account
    playlist = account.playlist("Set", [account.track(name) for name in "abcd"])

    account.move(playlist, 3, 0)
    account.add(playlist, account.track("x"), at=2)

    tracks = session.playlist(playlist.uuid).tracks()
    assert "".join(track.name for track in tracks) == "daxbc"
    assert [track.index for track in tracks] == sorted(track.index for track in tracks)


def test_deleted_playlist_is_not_found(tidal: StandIn, session: Session) -> None:
    playlist = tidal.account.playlist("Gone soon")
    tidal.account.delete(playlist)

    with pytest.raises(ObjectNotFound):
        session.playlist(playlist.uuid)


def test_playlist_no_longer_followed_leaves_the_collection_only(
    tidal: StandIn, session: Session
) -> None:
    theirs = tidal.account.follow("Theirs")
    tidal.account.unfollow(theirs)

    assert names(folder_pages(session)[0]) == []
    assert session.user.playlist_and_favorite_playlists() == []
    assert session.playlist(theirs.uuid).name == "Theirs"


def test_sort_keys_stay_in_order_however_often_the_same_gap_is_filled(tidal: StandIn) -> None:
    account = tidal.account
    playlist = account.playlist("Set", [account.track("first"), account.track("last")])

    for number in range(20):
        account.add(playlist, account.track(f"T{number}"), at=1)

    keys = [entry.index for entry in playlist.entries]
    assert keys == sorted(set(keys))
    assert [track.title for track in playlist.tracks][:3] == ["first", "T19", "T18"]


def test_favourites_and_albums(tidal: StandIn, session: Session) -> None:
    first = tidal.account.track("One", album="Low Water Marks")
    tidal.account.track("Two", album=first.album).number = 2
    tidal.account.favorite(first)

    assert [track.name for track in session.user.favorites.tracks()] == ["One"]
    album = session.album(first.album.id if first.album else 0)
    assert [track.name for track in album.tracks()] == ["One", "Two"]
