"""The stand-in TIDAL, asked by the real tidalapi."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests
import tidalapi.session
from requests.adapters import HTTPAdapter
from tidalapi.exceptions import AuthenticationError, ObjectNotFound

from strandline.demo.account import Account
from strandline.demo.catalog import sample_account
from strandline.demo.large import large_account
from strandline.demo.server import StandIn
from strandline.demo.things import Availability

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Session = Any
"""A ``tidalapi.Session``, whose own annotations do not say what it gives."""


class Redirected(HTTPAdapter):
    """Sends whatever was meant for TIDAL to another origin, path kept."""

    def __init__(self, origin: str) -> None:
        self.origin = urlsplit(origin)
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> Any:
        url = urlsplit(str(request.url))
        at = (self.origin.scheme, self.origin.netloc, url.path, url.query, "")
        request.url = urlunsplit(at)
        return super().send(request, *args, **options | {"timeout": 30})


def session_to(tidal: StandIn) -> Session:
    session: Session = tidalapi.session.Session(tidalapi.session.Config())
    for scheme in ("https://", "http://"):
        session.request_session.mount(scheme, Redirected(tidal.url))
    return session


@contextmanager
def logged_in(tidal: StandIn) -> Iterator[Session]:
    session, login = session_to(tidal), tidal.logins.issue()
    with session.request_session:
        session.load_oauth_session("Bearer", login.access_token, login.refresh_token)
        yield session


@pytest.fixture
def session(tidal: StandIn) -> Iterator[Session]:
    """Logged in to the empty account; tests fill it afterwards."""
    with logged_in(tidal) as session:
        yield session


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


# ---------------------------------------------------------------- logging in


def test_device_login_waits_until_the_user_has_said_yes(tidal: StandIn) -> None:
    tidal.logins.pending = 2
    session = session_to(tidal)

    with session.request_session:
        session.process_link_login(session.get_link_login())

        assert session.check_login()
        assert session.user.email == tidal.account.username
    assert len(tidal.asked("/v1/oauth2/token")) == 3


def test_device_login_ends_when_the_code_is_too_old() -> None:
    time = [datetime(2026, 1, 1, tzinfo=UTC)]
    with StandIn(Account(clock=lambda: time[0])) as tidal:
        session = session_to(tidal)
        with session.request_session:
            link = session.get_link_login()
            time[0] += timedelta(minutes=6)
            with pytest.raises(TimeoutError):
                session.process_link_login(link)


def test_device_login_of_a_user_who_says_no(tidal: StandIn) -> None:
    tidal.logins.denied = True
    session = session_to(tidal)
    with session.request_session as http:
        link = session.get_link_login()
        grant = "urn:ietf:params:oauth:grant-type:device_code"
        form = {"grant_type": grant, "device_code": link.device_code}
        answer = http.post(session.config.api_oauth2_token, form)

    assert (answer.status_code, answer.json()["error"]) == (400, "access_denied")


def test_expired_token_is_refreshed_by_tidalapi(tidal: StandIn, session: Session) -> None:
    before = session.access_token
    tidal.logins.expire()

    assert session.user.playlists() == []
    assert session.access_token != before
    assert tidal.logins.refreshes == 1


def test_token_expires_by_the_clock_of_the_account() -> None:
    time = [datetime(2026, 1, 1, tzinfo=UTC)]
    with StandIn(Account(clock=lambda: time[0])) as tidal:
        token = tidal.logins.issue().access_token
        assert tidal.logins.check(token) is None
        time[0] += tidal.logins.lifetime
        refused = tidal.logins.check(token)

    assert refused is not None
    assert refused.json() == {
        "status": 401,
        "subStatus": 11003,
        "userMessage": "The token has expired. (Expired on time)",
    }


def test_rotated_refresh_token_ends_the_old_one(tidal: StandIn, session: Session) -> None:
    tidal.logins.rotates = True
    first = session.refresh_token

    assert session.token_refresh(first)
    with pytest.raises(AuthenticationError, match="invalid_grant"):
        session.token_refresh(first)


@pytest.mark.parametrize("how", ["refused", "revoked"])
def test_login_that_is_over(tidal: StandIn, session: Session, how: str) -> None:
    if how == "refused":
        tidal.logins.refuses_refresh = True
        tidal.logins.expire()
        expected: type[Exception] = AuthenticationError
    else:
        tidal.logins.revoke()
        expected = requests.HTTPError

    with pytest.raises(expected):
        session.user.playlists()


def test_saved_session_file_logs_in_again(tidal: StandIn, session: Session, tmp_path: Path) -> None:
    file = tmp_path / "session.json"
    session.save_session_to_file(file)
    again = session_to(tidal)

    with again.request_session:
        assert again.login_session_file(file)
    assert session.access_token in tidal.logins.secrets


def test_api_without_a_token_is_refused_and_audio_with_one_is_noticed(tidal: StandIn) -> None:
    track = tidal.account.track("Lamplit")
    login = tidal.logins.issue()
    headers = {"Authorization": f"Bearer {login.access_token}"}

    assert requests.get(f"{tidal.url}/v1/sessions", timeout=30).status_code == 401
    assert requests.get(f"{tidal.url}/v1/sessions", headers=headers, timeout=30).ok
    assert tidal.leaks == []

    audio = f"{tidal.url}/mediatracks/{track.id}-LOSSLESS/0.flac"
    assert requests.get(audio, headers=headers, timeout=30).ok
    assert [request.path for request in tidal.leaks] == [f"/mediatracks/{track.id}-LOSSLESS/0.flac"]


# ---------------------------------------------------------------- the collection


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


# ---------------------------------------------------------------- unavailable tracks


def test_placeholder_hides_what_the_track_was(tidal: StandIn, session: Session) -> None:
    track = tidal.account.track("Straßenbahn", "DJ Lampenfieber", version="Dub")
    playlist = tidal.account.playlist("Set", [track])
    tidal.account.withhold(track)

    (seen,) = session.playlist(playlist.uuid).items()

    assert (seen.id, seen.name, seen.artist.name) == (track.id, "Unavailable", "Unknown Artist")
    assert (seen.available, seen.stream_ready, seen.isrc) == (False, False, None)


def test_greyed_out_track_keeps_its_name(tidal: StandIn, session: Session) -> None:
    track = tidal.account.track("Straßenbahn")
    tidal.account.withhold(track, Availability.GREYED_OUT)

    seen = session.track(track.id)

    assert (seen.name, seen.available) == ("Straßenbahn", False)


@pytest.mark.parametrize("how", [Availability.GREYED_OUT, Availability.NOT_READY])
def test_withheld_track_does_not_play(tidal: StandIn, session: Session, how: Availability) -> None:
    track = tidal.account.track("Straßenbahn")
    seen = session.track(track.id)
    tidal.account.withhold(track, how)

    with pytest.raises(requests.HTTPError) as refused:
        seen.get_stream()

    assert refused.value.response.status_code == 401
    assert refused.value.response.json()["subStatus"] == 4005


def test_gone_track_stands_in_the_playlist_only(tidal: StandIn, session: Session) -> None:
    track = tidal.account.track("Straßenbahn")
    playlist = tidal.account.playlist("Set", [track])
    tidal.account.withhold(track, Availability.GONE)

    (seen,) = session.playlist(playlist.uuid).tracks()

    assert seen.available
    with pytest.raises(ObjectNotFound):
        session.track(track.id)


# ---------------------------------------------------------------- whole accounts


def test_sample_account_is_read_by_tidalapi_as_a_whole() -> None:
    with StandIn(sample_account()) as tidal, logged_in(tidal) as session:
        playlists = session.user.playlist_and_favorite_playlists()
        read = {playlist.name: len(playlist.items()) for playlist in playlists}

    wanted = {
        playlist.title: len(playlist.entries) for playlist in tidal.account.playlists.values()
    }
    assert read == wanted


def test_large_account_has_every_track_somewhere_and_none_twice_in_a_playlist() -> None:
    account = large_account(playlists=20, tracks=300, entries=1000)

    rows = [[track.id for track in playlist.tracks] for playlist in account.playlists.values()]

    assert sum(map(len, rows)) == 1000
    assert set().union(*rows) == set(account.tracks)
    assert all(len(set(row)) == len(row) for row in rows)


def test_accounts_made_alike_are_alike() -> None:
    one, other = sample_account(), sample_account()

    assert list(one.playlists) == list(other.playlists)
    assert list(one.tracks) == list(other.tracks)


def test_account_that_stands_still_answers_the_same_bytes(tidal: StandIn) -> None:
    playlist = tidal.account.playlist("Set", [tidal.account.track("One")])
    headers = {"Authorization": f"Bearer {tidal.logins.issue().access_token}"}
    url = f"{tidal.url}/v1/playlists/{playlist.uuid}/items"
    moving = requests.get(url, headers=headers, timeout=30)
    tidal.account.still = True

    still = [requests.get(url, headers=headers, timeout=30) for _ in range(2)]

    assert {answer.content for answer in still} == {moving.content}
