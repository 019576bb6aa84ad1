"""Snapshots: everything TIDAL has, read with few questions, and never less than it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tidal_side import FakeTime, MemoryStore, client_of

from strandline.core.remote import ItemKind, KnownPlaylist, Origin, ReadPlaylist
from strandline.demo import effects
from strandline.demo.faults import Effect
from strandline.demo.large import large_account
from strandline.demo.server import StandIn
from strandline.demo.things import Availability, Playlist
from strandline.errors import LoginError, UnreachableError
from strandline.tidal.snapshot import SnapshotReport, TidalSnapshotService, is_unchanged

FLAT = "/v1/users/*/playlistsAndFavoritePlaylists"
FOLDERS = "/v2/my-collection/playlists/folders"
ITEMS = "/v1/playlists/*/items"


def take(
    tidal: StandIn,
    state: Path,
    store: MemoryStore,
    *,
    full: bool = False,
    followed: bool = True,
    now: datetime | None = None,
) -> SnapshotReport:
    if now is not None:
        store.now = now
    service = TidalSnapshotService(
        client_of(tidal, state, FakeTime()),
        store,
        include_followed=followed,
        now=lambda: store.now,
    )
    return service.take(full)


def crate(tidal: StandIn, name: str, size: int) -> Playlist:
    tracks = [tidal.account.track(f"{name} {number}") for number in range(size)]
    return tidal.account.playlist(name, tracks)


def names(store: MemoryStore) -> set[str]:
    return {playlist.name for playlist in store.headers.values()}


# ---------------------------------------------------------------- reading everything


def test_every_track_is_read_in_tidals_order(tidal: StandIn, tmp_path: Path) -> None:
    playlist = crate(tidal, "Warm up", 250)
    tidal.account.move(playlist, 240, 3)
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    assert report.complete
    assert (report.playlists, report.tracks) == (1, 250)
    assert store.titles("Warm up") == [track.title for track in playlist.tracks]
    assert store.user == str(tidal.account.user_id)


def test_the_same_track_twice_keeps_both_places(tidal: StandIn, tmp_path: Path) -> None:
    track, other = tidal.account.track("Anthem"), tidal.account.track("Other")
    tidal.account.playlist("Peak", [track, other, track])
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    (items,) = store.items.values()
    assert report.complete
    assert [item.position for item in items] == [0, 1, 2]
    assert len({item.item_uuid for item in items}) == 3
    assert store.titles("Peak") == ["Anthem", "Other", "Anthem"]


def test_videos_hold_their_place_and_are_counted_apart(tidal: StandIn, tmp_path: Path) -> None:
    tidal.account.playlist("Mixed", [tidal.account.video("Clip"), tidal.account.track("Song")])
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    (items,) = store.items.values()
    assert report.complete
    assert (report.tracks, report.videos) == (1, 1)
    assert [item.kind for item in items] == [ItemKind.VIDEO, ItemKind.TRACK]


def test_120_playlists_in_nested_folders_are_all_found(tidal: StandIn, tmp_path: Path) -> None:
    outer = tidal.account.folder("Outer")
    inner = tidal.account.folder("Inner", outer)
    for number in range(120):
        playlist = crate(tidal, f"Crate {number:03d}", 1)
        tidal.account.put_into((None, outer, inner)[number % 3], playlist)
    tidal.faults.on(FLAT, effects.empty_list(), times=None)  # it knows of none of them
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    assert report.complete, report.reason
    assert names(store) == {f"Crate {number:03d}" for number in range(120)}
    folders = {playlist.name: playlist.folder for playlist in store.headers.values()}
    assert [folders[f"Crate {n:03d}"] for n in range(3)] == [None, "Outer", "Inner"]


def test_an_own_playlist_that_only_one_list_knows_is_found(tidal: StandIn, tmp_path: Path) -> None:
    crate(tidal, "In both", 1)
    crate(tidal, "Flat only", 1)
    tidal.faults.on(
        FOLDERS,
        effects.edit(
            lambda page: page.update(
                items=[one for one in page["items"] if one["name"] != "Flat only"],
                totalNumberOfItems=page["totalNumberOfItems"] - 1,
            )
        ),
        times=None,
    )
    store = MemoryStore()
    assert take(tidal, tmp_path, store).complete
    assert names(store) == {"In both", "Flat only"}


def test_folders_in_a_circle_end(tidal: StandIn, tmp_path: Path) -> None:
    outer = tidal.account.folder("Outer")
    crate(tidal, "Here", 1)
    pages: list[dict[str, object]] = []
    tidal.faults.on(FOLDERS, effects.edit(pages.append), query={"folderId": "root"}, times=None)
    tidal.faults.on(
        FOLDERS,
        effects.edit(lambda page: page.update(pages[0])),  # it holds what the root holds
        query={"folderId": outer.id},
        times=None,
    )
    store = MemoryStore()
    take(tidal, tmp_path, store)
    assert names(store) == {"Here"}
    assert len(tidal.asked(FOLDERS)) == 2


def test_followed_playlists_come_along_unless_they_are_not_wanted(
    tidal: StandIn, tmp_path: Path
) -> None:
    crate(tidal, "Mine", 1)
    tidal.account.follow("Theirs", [tidal.account.track("Theirs")])
    tidal.account.follow("Editors", [tidal.account.track("Editors")], creator=None)
    store = MemoryStore()
    take(tidal, tmp_path, store)
    origins = {playlist.name: playlist.origin for playlist in store.headers.values()}
    assert origins == {
        "Mine": Origin.OWN,
        "Theirs": Origin.FOLLOWED,
        "Editors": Origin.FOLLOWED,
    }
    own = MemoryStore()
    report = take(tidal, tmp_path, own, followed=False)
    assert report.complete
    assert names(own) == {"Mine"}
    assert own.seen == set(own.headers)


def test_what_a_track_says_is_kept(tidal: StandIn, tmp_path: Path) -> None:
    track = tidal.account.track(
        "Nightfall", ("Nora Vale", "Ink & Iron"), version="Extended Mix", album="Dusk", duration=421
    )
    tidal.account.playlist("Late", [track])
    store = MemoryStore()
    take(tidal, tmp_path, store)
    (items,) = store.items.values()
    read = items[0].track
    assert read is not None
    assert read.tidal_id == str(track.id)
    assert (read.title, read.version, read.album) == ("Nightfall", "Extended Mix", "Dusk")
    assert read.artists == ("Nora Vale", "Ink & Iron")
    assert (read.duration, read.isrc, read.year) == (421, track.isrc, 2024)
    assert read.album_cover_url is not None
    assert read.album_cover_url.endswith("/1280x1280.jpg")
    assert read.tidal_release_date == datetime.fromisoformat("2024-05-17")
    assert items[0].added_at is not None
    assert items[0].added_at.tzinfo is None


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        (Availability.PLACEHOLDER, "placeholder"),
        (Availability.GREYED_OUT, "not_allowed"),
    ],
)
def test_an_unavailable_track_stays_in_its_playlist_and_says_so(
    tidal: StandIn, tmp_path: Path, how: Availability, reason: str
) -> None:
    track = tidal.account.track("Gone")
    tidal.account.playlist("Late", [track, tidal.account.track("Here")])
    tidal.account.withhold(track, how)
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    (items,) = store.items.values()
    assert report.complete
    assert items[0].track is not None
    assert items[0].track.tidal_id == str(track.id)
    assert not items[0].track.available
    assert items[0].track.unavailable_reason == reason
    assert items[0].track.placeholder is (how is Availability.PLACEHOLDER)
    assert items[1].track is not None
    assert items[1].track.available


def test_a_playlist_without_a_name_is_a_mix_unless_it_had_one(
    tidal: StandIn, tmp_path: Path
) -> None:
    mix, known = crate(tidal, "", 0), crate(tidal, "Known", 2)
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    assert report.complete
    assert names(store) == {"Known"}
    tidal.account.rename(known, "  ")
    report = take(tidal, tmp_path, store)
    assert [one.name for one in report.incomplete] == ["Known"]
    assert known.uuid in store.seen
    assert store.titles("Known") == ["Known 0", "Known 1"]
    assert mix.uuid not in store.headers


def test_an_odd_track_does_not_break_its_page(tidal: StandIn, tmp_path: Path) -> None:
    crate(tidal, "Odd", 3)

    def spoil(page: dict[str, object]) -> None:
        first = page["items"][0]["item"]
        for name in list(first):
            if name not in ("id", "title", "itemUuid"):
                first[name] = {"nonsense": [1]}

    tidal.faults.on(ITEMS, effects.edit(spoil), times=None)
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    assert report.complete
    assert store.titles("Odd") == ["Odd 0", "Odd 1", "Odd 2"]


# ---------------------------------------------------------------- few questions


def test_no_playlist_is_asked_for_one_by_one(tidal: StandIn, tmp_path: Path) -> None:
    for number in range(30):
        crate(tidal, f"Crate {number}", 2)
    report = take(tidal, tmp_path, MemoryStore())
    assert tidal.asked("/v1/playlists/*") == []
    assert len(tidal.asked(ITEMS)) == 30
    assert report.requests == len(tidal.requests) == 33


@pytest.mark.parametrize("followed", [True, False])
def test_an_unchanged_account_of_1000_playlists_takes_a_page_for_50(
    tmp_path: Path, followed: bool
) -> None:
    account = large_account(playlists=1000, tracks=1000)
    outer = account.folder("Outer")
    for playlist in list(account.playlists.values())[:100]:
        account.put_into(outer, playlist)
    with StandIn(account) as tidal:
        store = MemoryStore()
        for playlist in account.playlists.values():
            _know(store, playlist)
        report = take(tidal, tmp_path, store, followed=followed)
        assert report.complete, report.reason
        assert report.skipped_unchanged == 1000
        assert report.requests == len(tidal.requests) <= 1000 / 50 + 5
        assert len(store.unchanged) == len(store.seen) == 1000


def _know(store: MemoryStore, playlist: Playlist) -> None:
    updated = playlist.last_updated.replace(tzinfo=None)
    updated = updated.replace(microsecond=updated.microsecond // 1000 * 1000)
    store.known[playlist.uuid] = KnownPlaylist(
        updated, len(playlist.entries), 0, playlist.title, True, store.now
    )


def test_a_playlist_that_only_the_folders_show_is_not_lost_in_a_short_cut(
    tmp_path: Path,
) -> None:
    account = large_account(playlists=120, tracks=120)
    with StandIn(account) as tidal:
        store = MemoryStore()
        take(tidal, tmp_path, store)
        new = crate(tidal, "Folders only", 1)
        tidal.faults.on(FLAT, effects.edit(_without(new.title)), times=None)
        report = take(tidal, tmp_path, store)
        assert report.complete, report.reason
        assert "Folders only" in names(store)
        assert new.uuid in store.seen


def _without(title: str) -> object:
    def change(page: dict[str, object]) -> None:
        page["items"] = [one for one in page["items"] if one["playlist"]["title"] != title]
        page["totalNumberOfItems"] -= 1

    return change


def test_only_what_changed_is_read_again(tidal: StandIn, tmp_path: Path) -> None:
    calm, busy = crate(tidal, "Calm", 2), crate(tidal, "Busy", 2)
    store = MemoryStore()
    take(tidal, tmp_path, store)
    tidal.account.add(busy, tidal.account.track("New"))
    report = take(tidal, tmp_path, store)
    assert store.unchanged == [calm.uuid]
    assert report.skipped_unchanged == 1
    assert store.titles("Busy")[-1] == "New"
    assert report.tracks == 5


def test_full_reads_everything_anew(tidal: StandIn, tmp_path: Path) -> None:
    playlist = crate(tidal, "Calm", 2)
    store = MemoryStore()
    take(tidal, tmp_path, store)
    with tidal.account.silently():
        tidal.account.reorder(playlist, [1, 0])
    assert take(tidal, tmp_path, store).skipped_unchanged == 1
    assert take(tidal, tmp_path, store, full=True).skipped_unchanged == 0
    assert store.titles("Calm") == ["Calm 1", "Calm 0"]


def test_a_silent_change_is_found_within_a_week(tidal: StandIn, tmp_path: Path) -> None:
    playlist = crate(tidal, "Calm", 2)
    store = MemoryStore()
    take(tidal, tmp_path, store)
    with tidal.account.silently():
        tidal.account.reorder(playlist, [1, 0])
    take(tidal, tmp_path, store, now=store.now + timedelta(days=3))
    assert store.titles("Calm") == ["Calm 0", "Calm 1"]
    take(tidal, tmp_path, store, now=store.now + timedelta(days=4))
    assert store.titles("Calm") == ["Calm 1", "Calm 0"]


def test_what_was_not_read_whole_is_never_unchanged(tidal: StandIn, tmp_path: Path) -> None:
    crate(tidal, "Calm", 2)
    store = MemoryStore()
    take(tidal, tmp_path, store)
    ((uuid, known),) = store.known.items()
    assert is_unchanged(store.headers[uuid], known, store.now)
    assert not is_unchanged(store.headers[uuid], replace(known, complete=False), store.now)
    assert not is_unchanged(store.headers[uuid], None, store.now)


def test_the_weekly_readings_are_spread_over_several_nights(tidal: StandIn, tmp_path: Path) -> None:
    for number in range(40):
        crate(tidal, f"Crate {number}", 0)
    store = MemoryStore()
    take(tidal, tmp_path, store)
    due = [
        sum(
            not is_unchanged(one, store.known[one.tidal_id], store.now + timedelta(days=days))
            for one in store.headers.values()
        )
        for days in (3, 4, 5, 6, 7)
    ]
    assert due[0] == 0
    assert due[-1] == 40
    assert 0 < due[2] < 40


# ---------------------------------------------------------------- unknown is not empty


PAGE_2 = {"offset": "100"}

SPOILED_PAGES: dict[str, tuple[Effect, str]] = {
    "503": (effects.status(503), "fault of its own"),
    "500 html": (effects.status(500, "html"), "fault of its own"),
    "429 for ever": (effects.too_many(None), "too much"),
    "403": (effects.status(403), "refused"),
    "404": (effects.status(404), "404|refused"),
    "html": (effects.html(), "not JSON"),
    "empty body": (effects.empty_body(), "not JSON"),
    "reset": (effects.reset(0.5), "reached"),
    "wrong length": (effects.wrong_length(100), "reached"),
    "cut off": (effects.truncated(0.5), "not JSON"),
    "huge": (effects.huge(65 << 20), "MiB"),
    "deep": (effects.deep(), "nested"),
    "short page": (effects.short_page(1), "announced 150 items and delivered 149"),
    "doubled page": (effects.doubled_page(), "twice"),
    "null items": (effects.null_items(), "could not be read|announced"),
    "empty list": (effects.empty_list(150), "announced 150 items and delivered"),
    "no total": (effects.total(None), "how long"),
    "odd total": (effects.total(-1), "how long"),
    "not a page": (effects.instead(effects.json_answer([1, 2])), "promises"),
    "no items": (effects.edit(lambda page: page.pop("items")), "without a list"),
    "redirect": (effects.redirect("http://10.0.0.1/"), "redirected"),
}


@pytest.mark.parametrize("query", [{"offset": "0"}, PAGE_2], ids=["first page", "second page"])
@pytest.mark.parametrize("kind", SPOILED_PAGES)
def test_a_spoiled_page_makes_its_playlist_incomplete_and_no_other(
    tidal: StandIn, tmp_path: Path, kind: str, query: dict[str, str]
) -> None:
    import re

    effect, words = SPOILED_PAGES[kind]
    spoiled = crate(tidal, "Spoiled", 150)
    crate(tidal, "Sound", 120)
    store = MemoryStore()
    assert take(tidal, tmp_path, store).complete
    path = f"/v1/playlists/{spoiled.uuid}/items"
    tidal.faults.on(path, effect, query=query, times=None)
    report = take(tidal, tmp_path, store, full=True)
    assert not report.complete
    assert [one.name for one in report.incomplete] == ["Spoiled"]
    assert re.search(words, report.incomplete[0].reason), report.incomplete[0].reason
    assert store.reasons.keys() == {spoiled.uuid}
    assert len(store.titles("Spoiled")) == 150, "what was known stays"
    assert store.complete is True, "the list itself was whole"
    assert spoiled.uuid in store.seen


@pytest.mark.parametrize("kind", SPOILED_PAGES)
def test_a_page_that_is_spoiled_for_a_moment_only_is_no_matter_or_is_told(
    tidal: StandIn, tmp_path: Path, kind: str
) -> None:
    crate(tidal, "Spoiled", 150)
    tidal.faults.on(ITEMS, SPOILED_PAGES[kind][0], query=PAGE_2, times=1)
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    assert report.complete == (store.titles("Spoiled")[-1] == "Spoiled 149")
    assert report.complete == (not store.reasons)
    tidal.faults.clear()
    assert take(tidal, tmp_path, store).complete, "and is read again by itself"
    assert len(store.titles("Spoiled")) == 150


def test_an_empty_answer_for_a_full_playlist_is_not_believed(
    tidal: StandIn, tmp_path: Path
) -> None:
    crate(tidal, "Full", 40)
    tidal.faults.on(ITEMS, effects.empty_list(), times=None)
    report = take(tidal, tmp_path, MemoryStore())
    assert report.incomplete[0].reason == "TIDAL announced 40 items and delivered 0"


def test_a_playlist_emptied_while_we_read_is_empty(tidal: StandIn, tmp_path: Path) -> None:
    playlist = crate(tidal, "Full", 40)
    tidal.faults.on(ITEMS, before=lambda: tidal.account.clear(playlist))
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    assert report.complete
    assert store.titles("Full") == []
    assert store.headers[playlist.uuid].num_tracks == 0


def test_a_playlist_that_changes_between_two_pages_is_read_anew(
    tidal: StandIn, tmp_path: Path
) -> None:
    playlist = crate(tidal, "Moving", 150)
    tidal.faults.on(ITEMS, query=PAGE_2, before=lambda: tidal.account.remove(playlist, 0))
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    assert report.complete
    assert store.titles("Moving") == [track.title for track in playlist.tracks]


def test_a_playlist_that_never_stops_changing_is_incomplete(tidal: StandIn, tmp_path: Path) -> None:
    playlist = crate(tidal, "Moving", 150)

    def move() -> None:
        tidal.account.move(playlist, 149, 0)

    tidal.faults.on(ITEMS, query=PAGE_2, before=move, times=None)
    report = take(tidal, tmp_path, MemoryStore())
    assert "changing" in report.incomplete[0].reason
    assert len(tidal.asked(ITEMS)) == 6


def test_a_shift_that_shows_in_nothing_but_a_repeated_entry_is_noticed(
    tidal: StandIn, tmp_path: Path
) -> None:
    playlist = crate(tidal, "Moving", 150)

    def move() -> None:
        with tidal.account.silently():
            tidal.account.move(playlist, 149, 0)

    tidal.faults.on(ITEMS, query=PAGE_2, before=move, times=1)
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    assert report.complete
    assert store.titles("Moving") == [track.title for track in playlist.tracks]


def test_a_server_that_ignores_the_offset_is_noticed(tidal: StandIn, tmp_path: Path) -> None:
    crate(tidal, "Long", 250)
    tidal.faults.on(ITEMS, ask=effects.first_page, times=None)
    report = take(tidal, tmp_path, MemoryStore())
    assert not report.complete
    assert "twice" in report.incomplete[0].reason


def test_a_server_that_gives_fewer_at_a_time_is_followed(tidal: StandIn, tmp_path: Path) -> None:
    playlist = crate(tidal, "Long", 130)

    def fewer(request: object) -> object:
        return request._replace(query=request.query | {"limit": "40"})

    tidal.faults.on(ITEMS, ask=fewer, times=None)
    store = MemoryStore()
    assert take(tidal, tmp_path, store).complete
    assert store.titles("Long") == [track.title for track in playlist.tracks]


def test_an_absurd_total_ends(tidal: StandIn, tmp_path: Path) -> None:
    crate(tidal, "Endless", 5)
    tidal.faults.on(ITEMS, effects.total(10**12), times=None)
    report = take(tidal, tmp_path, MemoryStore())
    assert "delivered 5" in report.incomplete[0].reason
    assert len(tidal.asked(ITEMS)) < 10


LIST_FAULTS = {
    name: SPOILED_PAGES[name]
    for name in ("503", "403", "html", "reset", "short page", "no total", "cut off")
}


@pytest.mark.parametrize("path", [FLAT, FOLDERS])
@pytest.mark.parametrize("kind", LIST_FAULTS)
def test_a_list_that_fails_is_never_a_complete_one(
    tidal: StandIn, tmp_path: Path, kind: str, path: str
) -> None:
    for number in range(60):
        crate(tidal, f"Crate {number}", 1)
    store = MemoryStore()
    assert take(tidal, tmp_path, store).complete
    tidal.faults.on(path, LIST_FAULTS[kind][0], times=None)
    report = take(tidal, tmp_path, store, full=True)
    assert not report.complete
    assert report.reason
    assert store.complete is False
    assert store.reason == report.reason


@pytest.mark.parametrize("path", [FLAT, FOLDERS])
def test_a_list_tidal_no_longer_offers_is_made_up_for_by_the_other(
    tidal: StandIn, tmp_path: Path, path: str
) -> None:
    crates = [crate(tidal, f"Crate {number}", 1) for number in range(3)]
    store = MemoryStore()
    assert take(tidal, tmp_path, store).complete
    tidal.faults.on(path, effects.status(404), times=None)
    tidal.account.delete(crates[0])
    assert take(tidal, tmp_path, store, full=True).complete
    assert store.seen == {crates[1].uuid, crates[2].uuid}


def test_the_only_list_may_be_an_empty_one(tidal: StandIn, tmp_path: Path) -> None:
    last = crate(tidal, "Last", 1)
    store = MemoryStore()
    assert take(tidal, tmp_path, store).complete
    tidal.faults.on(FOLDERS, effects.status(404), times=None)
    tidal.account.delete(last)
    assert take(tidal, tmp_path, store, full=True).complete
    assert store.seen == set()


def test_what_the_only_list_lacks_is_not_gone_while_tidal_has_it(
    tidal: StandIn, tmp_path: Path
) -> None:
    crate(tidal, "Listed", 1)
    theirs = tidal.account.follow("Theirs", [])
    store = MemoryStore()
    assert take(tidal, tmp_path, store).complete
    tidal.faults.on(FOLDERS, effects.status(404), times=None)
    tidal.account.unfollow(theirs)
    report = take(tidal, tmp_path, store, full=True)
    assert not report.complete
    assert "1 known playlist" in report.reason


def test_a_list_that_is_not_found_for_a_moment_is_not_a_complete_one(
    tidal: StandIn, tmp_path: Path
) -> None:
    crate(tidal, "Crate", 1)
    tidal.faults.on(FOLDERS, effects.status(404), times=1)
    assert not take(tidal, tmp_path, MemoryStore()).complete


def test_two_lists_that_fail_are_an_error_and_nothing_is_stored(
    tidal: StandIn, tmp_path: Path
) -> None:
    crate(tidal, "Crate", 1)
    for path in (FLAT, FOLDERS):
        tidal.faults.on(path, effects.status(503), times=None)
    store = MemoryStore()
    with pytest.raises(UnreachableError) as caught:
        take(tidal, tmp_path, store)
    assert caught.value.exit == 8
    assert store.complete is None
    assert store.user == ""


def test_a_cursor_that_leads_nowhere_ends_and_is_told(tidal: StandIn, tmp_path: Path) -> None:
    for number in range(60):
        crate(tidal, f"Crate {number}", 1)
    tidal.faults.on(FOLDERS, effects.endless_cursor(), times=None)
    report = take(tidal, tmp_path, MemoryStore())
    assert not report.complete
    assert "circles" in report.reason
    assert len(tidal.asked(FOLDERS)) < 10


def test_a_listed_playlist_that_is_not_found_is_a_blip(tidal: StandIn, tmp_path: Path) -> None:
    playlist = crate(tidal, "Here", 3)
    store = MemoryStore()
    take(tidal, tmp_path, store)
    tidal.faults.on(ITEMS, effects.status(404), times=None)
    report = take(tidal, tmp_path, store, full=True)
    assert "404" in report.incomplete[0].reason
    assert playlist.uuid in store.seen
    assert len(store.titles("Here")) == 3


def test_a_deleted_playlist_is_missing_from_a_complete_list(tidal: StandIn, tmp_path: Path) -> None:
    gone = crate(tidal, "Gone", 1)
    crate(tidal, "Here", 1)
    store = MemoryStore()
    take(tidal, tmp_path, store)
    tidal.account.delete(gone)
    assert take(tidal, tmp_path, store).complete
    assert gone.uuid not in store.seen
    assert store.complete is True


# ---------------------------------------------------------------- while reading


def test_a_token_that_expires_between_two_pages_is_renewed(tidal: StandIn, tmp_path: Path) -> None:
    crate(tidal, "Long", 150)
    tidal.faults.on(ITEMS, query=PAGE_2, before=tidal.logins.expire)
    store = MemoryStore()
    assert take(tidal, tmp_path, store).complete
    assert len(store.titles("Long")) == 150
    assert tidal.logins.refreshes == 1


def test_a_login_that_ends_between_two_pages_is_exit_6(tidal: StandIn, tmp_path: Path) -> None:
    crate(tidal, "Long", 150)
    tidal.faults.on(ITEMS, query=PAGE_2, before=tidal.logins.revoke)
    store = MemoryStore()
    with pytest.raises(LoginError):
        take(tidal, tmp_path, store)
    assert store.complete is None, "nothing is ever removed after that"


def test_an_outage_in_the_middle_is_not_waited_for_by_every_playlist(
    tidal: StandIn, tmp_path: Path
) -> None:
    for number in range(60):
        crate(tidal, f"Crate {number:02d}", 1)
    tidal.faults.on(ITEMS, effects.status(503), nth=10, times=None)
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    assert 45 <= len(report.incomplete) <= 51
    assert len(tidal.asked(ITEMS)) < 10 + 5 * 25
    assert store.complete is True
    assert len(store.seen) == 60


def test_the_store_is_called_from_one_thread(tidal: StandIn, tmp_path: Path) -> None:
    import threading

    class Watched(MemoryStore):
        threads: set[int] = set()  # noqa: RUF012 - of the class on purpose

        def save_playlists(self, read: Sequence[ReadPlaylist]) -> None:
            self.threads.add(threading.get_ident())
            super().save_playlists(read)

    for number in range(20):
        crate(tidal, f"Crate {number}", 1)
    store = Watched()
    take(tidal, tmp_path, store)
    assert store.threads == {threading.get_ident()}
