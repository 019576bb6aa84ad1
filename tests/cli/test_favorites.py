"""Favourite tracks, albums and mixes as playlists: off by default, and as careful as with any."""

from __future__ import annotations

import pytest

from tests.cli.terminal import Terminal, two_playlists


def configure(t: Terminal, tidal: str, sync: str = "") -> None:
    t.settings.write_text(f'[audio]\nformat = "original"\n[tidal]\n{tidal}\n[sync]\n{sync}\n')


def execute(t: Terminal, *words: str) -> None:
    said = t("sync-execute", "--yes", *words)
    assert said.code == 0, said.err


def files(t: Terminal) -> dict[str, str]:
    """What stands in each playlist folder: a file, or where a link leads."""
    return {
        str(path.relative_to(t.playlists)): str(path.readlink()) if path.is_symlink() else "file"
        for path in sorted(t.playlists.rglob("*"))
        if not path.is_dir()
    }


def test_nothing_of_them_comes_unasked(t: Terminal) -> None:
    t.account.favorite(t.track("Loved"))
    t.account.mix("My Mix 1", [t.track("Mixed")])
    two_playlists(t)
    execute(t)
    assert sorted(path.name for path in t.playlists.iterdir()) == ["Deep House", "Sunday"]


def test_favourite_tracks_are_a_playlist_that_shares_its_audio(t: Terminal) -> None:
    deep, _ = two_playlists(t)
    t.account.favorite(deep.tracks[0], t.track("Loved"))
    configure(t, "favorite_tracks = true")
    execute(t)
    assert files(t) == {
        "Deep House/Ana - x.flac": "file",
        "Deep House/Ana - y.flac": "file",
        "Favourite tracks/Ana - Loved.flac": "file",
        "Favourite tracks/Ana - x.flac": "../Deep House/Ana - x.flac",
        "Sunday/Ana - x.flac": "../Deep House/Ana - x.flac",
    }
    items = t("sync-status", "--json").json["items"]
    assert {item["playlist"]: item["status"] for item in items}["favorite-tracks"] == "in_sync"
    check = t("sync-check", "--playlist", "favourite tracks", "--exit-code", "--json")
    assert (check.code, check.json["tidal"]["complete"]) == (0, True)


def test_switched_off_again_they_stay_as_they_are(t: Terminal) -> None:
    two_playlists(t)
    song = t.account.track("Song", "Ana", album="Blue")
    assert song.album
    t.account.favorite(song, song.album)
    t.account.mix("My Mix 1", [t.track("Mixed")])
    configure(t, 'favorite_tracks = true\nfavorite_albums = true\nmixes = "mirror"')
    execute(t)
    before = files(t)
    configure(t, "")
    t.account.unfavorite(song)
    document = t("sync-check", "--exit-code", "--json")
    assert (document.code, document.json["excluded"]["playlists"]) == (0, 3)
    execute(t)
    assert files(t) == before
    for named in ("favorite_tracks true", "favorite_albums true", "mixes mirror"):
        assert f"`strandline config set tidal.{named}`" in why_of_each_playlist(t)


def why_of_each_playlist(t: Terminal) -> str:
    return "".join(t("why", it["name"]).out for it in t("sync-status", "--json").json["items"])


def test_an_album_out_of_the_favourites_is_cleared_like_a_deleted_playlist(t: Terminal) -> None:
    two_playlists(t)
    album = t.account.track("Opener", "Ana", album="Blue").album
    assert album
    t.account.favorite(album)
    configure(t, "favorite_albums = true")
    execute(t)
    assert (t.playlists / "Ana - Blue/Ana - Opener.flac").is_file()
    t.account.unfavorite(album)
    configure(t, "favorite_albums = true", 'deleted_playlists = "keep"')
    execute(t)
    assert (t.playlists / "Ana - Blue/Ana - Opener.flac").is_file()
    configure(t, "favorite_albums = true")
    execute(t)
    assert not (t.playlists / "Ana - Blue").exists()
    assert list(t.library.glob(".strandline/trash/*/Playlists/Ana - Blue/Ana - Opener.flac"))


def test_albums_of_one_name_are_told_apart_by_their_ids(t: Terminal) -> None:
    two_playlists(t)
    albums = [t.account.track(name, "Ana", album="Blue").album for name in ("One", "Two")]
    t.account.favorite(*(album for album in albums if album))
    configure(t, "favorite_albums = true")
    execute(t)
    folders = {path.name for path in t.playlists.iterdir()} - {"Deep House", "Sunday"}
    ids = {f"Ana - Blue [{album.id}]" for album in albums if album}
    assert len(folders) == 2
    assert folders - ids == {"Ana - Blue"}


def test_a_mix_that_is_another_one_today_stops_no_run(t: Terminal) -> None:
    deep, _ = two_playlists(t)
    mix = t.account.mix("My Mix 1", [deep.tracks[0], *(t.track(f"Old {n}") for n in range(12))])
    configure(t, 'mixes = "mirror"', "max_removals = 0")
    execute(t)
    t.account.remix(mix, *(t.track(f"New {n}") for n in range(12)))
    execute(t, "--full")
    inside = {path.stem for path in (t.playlists / "My Mix 1").iterdir()}
    assert inside == {f"Ana - New {n}" for n in range(12)}
    t.account.drop_mix(mix)
    execute(t)
    assert not (t.playlists / "My Mix 1").exists()


def test_what_leaves_a_playlist_as_well_still_counts_as_removed(t: Terminal) -> None:
    songs = [t.track(f"Song {n}") for n in range(12)]
    crate = t.account.playlist("Crate", songs)
    mix = t.account.mix("My Mix 1", songs)
    configure(t, 'mixes = "mirror"', "max_removals = 0")
    execute(t)
    t.account.remix(mix)
    t.account.clear(crate)
    said = t("sync-execute", "--yes", "--full", "--json")
    assert (said.code, said.json["error"]) == (5, "mass_removal")


def test_audio_lies_in_a_mix_only_if_nothing_else_has_it(t: Terminal) -> None:
    song = t.track("Song")
    t.account.mix("A mix, the first in the alphabet", [song])
    t.account.playlist("Zulu", [song])
    configure(t, 'mixes = "mirror"')
    execute(t)
    assert (t.playlists / "A mix, the first in the alphabet/Ana - Song.flac").is_symlink()
    assert (t.playlists / "Zulu/Ana - Song.flac").is_file()


def test_favourites_do_not_hide_that_every_playlist_is_gone(t: Terminal) -> None:
    deep, sunday = two_playlists(t)
    t.account.favorite(t.track("Loved"))
    configure(t, "favorite_tracks = true")
    execute(t)
    t.account.delete(deep)
    t.account.delete(sunday)
    said = t("sync-execute", "--yes", "--json")
    assert (said.code, said.json["error"]) == (5, "empty_tidal")


def test_collected_mixes_only_get_more(t: Terminal) -> None:
    mix = t.account.mix("My Mix 1", [t.track("Monday"), t.track("Both")])
    configure(t, 'mixes = "collect"')
    execute(t)
    t.account.remix(mix, t.track("Tuesday"), mix.tracks[1])  # type: ignore[arg-type]
    execute(t, "--full")
    names = ("Ana - Both.flac", "Ana - Monday.flac", "Ana - Tuesday.flac")
    assert files(t) == {f"My Mix 1/{name}": "file" for name in names}
    tracks = t("tracks", "Tuesday", "--json").json["tracks"]
    assert tracks[0]["playlists"][0]["positions"] == [3]
    t.account.drop_mix(mix)
    execute(t, "--full")
    assert len(files(t)) == 3


def test_dated_mixes_have_the_day_in_their_names(t: Terminal) -> None:
    mix = t.account.mix("My Mix 1", [t.track("Song")])
    configure(t, 'mixes = "dated"')
    execute(t)
    (folder,) = t.playlists.iterdir()
    assert folder.name.startswith("My Mix 1 20")
    (item,) = t("sync-status", "--json").json["items"]
    assert item["playlist"] == f"mix-{mix.id}-{folder.name[-10:]}"
    t.account.drop_mix(mix)
    execute(t)
    assert len(files(t)) == 1


@pytest.mark.parametrize("text", ['mixes = "weekly"', "favorite_tracks = 1"])
def test_a_wrong_value_names_its_key_and_line(t: Terminal, text: str) -> None:
    configure(t, text)
    said = t("sync-check")
    assert said.code == 2
    assert text.split(maxsplit=1)[0] in said.err
    assert "line 4" in said.err
