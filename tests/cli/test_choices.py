"""Settings that change what a sync does, through the command line."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from strandline.demo import music
from tests.cli.terminal import Terminal, two_playlists

ORIGINAL = '[audio]\nformat = "original"\n'


def configure(t: Terminal, text: str) -> None:
    t.settings.write_text(ORIGINAL + text)


def downloader(t: Terminal, body: str) -> str:
    """A program of the user's; the settings that name it."""
    script = t.folder / "get.py"
    script.write_text(f"import sys, pathlib\ntrack, folder = sys.argv[1:]\n{body}\n")
    words = [sys.executable, str(script), "{track_id}", "{directory}"]
    return f'[download]\nsource = "command"\ncommand = {words!r}\n'


def test_the_users_own_downloader_brings_the_audio(t: Terminal) -> None:
    deep, _ = two_playlists(t)
    for entry in deep.entries:
        (t.folder / f"{entry.item.id}.flac").write_bytes(music.flac(entry.item.id, 1))
    body = f"data = pathlib.Path({str(t.folder)!r}, track + '.flac').read_bytes()\n"
    configure(t, downloader(t, body + "pathlib.Path(folder, 'any name.flac').write_bytes(data)"))
    assert t("sync-execute", "--yes").code == 0
    assert (t.playlists / "Deep House" / "Ana - x.flac").exists()
    assert t.tidal.asked("/v1/tracks/*/playbackinfopostpaywall") == []


def test_a_downloader_that_brings_nothing_fails_track_by_track(t: Terminal) -> None:
    two_playlists(t)
    configure(t, downloader(t, "print('no luck')"))
    said = t("sync-execute", "--yes", "--json")
    assert said.code == 4
    assert len(said.json["result"]["failed"]) == 2
    assert "no luck" in t.log.read_text()


@pytest.mark.parametrize("mode", ["hardlink", "copy"])
def test_other_forms_of_links(t: Terminal, mode: str) -> None:
    two_playlists(t)
    configure(t, f'[sync]\nlink_mode = "{mode}"\n')
    assert t("sync-execute", "--yes").code == 0
    primary, second = (t.playlists / name / "Ana - x.flac" for name in ("Deep House", "Sunday"))
    assert not second.is_symlink()
    assert second.read_bytes() == primary.read_bytes()
    assert (second.stat().st_ino == primary.stat().st_ino) == (mode == "hardlink")
    before = t.tree()
    assert t("sync-execute", "--yes", "--json").json["actions"] == []
    assert t("verify").code == 0
    assert t.tree() == before
    saved = t("dedupe-report", "--json").json["bytes_saved"]
    assert (saved > 0) == (mode == "hardlink")


def test_the_form_of_links_can_be_changed_later(synced: Terminal) -> None:
    second = synced.playlists / "Sunday" / "Ana - x.flac"
    for mode, is_link in (("hardlink", False), ("auto", True), ("copy", False), ("auto", True)):
        configure(synced, f'[sync]\nlink_mode = "{mode}"\n')
        assert synced("sync-execute", "--yes").code == 0
        assert second.is_symlink() == is_link, mode
        assert synced("sync-check", "--exit-code").code == 0


def test_a_copy_the_user_put_in_a_links_place_gives_way_as_the_same_audio(
    synced: Terminal,
) -> None:
    primary, second = (synced.playlists / n / "Ana - x.flac" for n in ("Deep House", "Sunday"))
    second.unlink()
    second.write_bytes(primary.read_bytes())
    reasons = {a["because"] for a in synced("sync-check", "--json").json["actions"]}
    assert reasons == {"same_audio"}
    assert synced("sync-execute", "--yes").code == 0
    assert second.is_symlink()


def test_a_copy_of_audio_that_came_long_ago_is_made_once(synced: Terminal) -> None:
    primary, second = (synced.playlists / n / "Ana - x.flac" for n in ("Deep House", "Sunday"))
    long_ago = 1_500_000_000 * 10**9
    os.utime(primary, ns=(long_ago, long_ago))
    configure(synced, '[sync]\nlink_mode = "copy"\n')
    assert synced("sync-execute", "--yes").code == 0
    assert abs(second.stat().st_mtime_ns - long_ago) < 2 * 10**9
    assert synced("sync-check", "--json").json["actions"] == []


def test_only_the_playlists_that_are_included_and_not_excluded(t: Terminal) -> None:
    for name in ("House 1", "House 2", "Techno"):
        t.account.playlist(name, [t.track(name)])
    configure(t, '[sync]\ninclude = ["house*"]\nexclude = ["* 2"]\n')
    assert t("sync-execute", "--yes").code == 0
    assert [path.name for path in t.playlists.iterdir()] == ["House 1"]


def test_a_playlist_with_priority_holds_the_audio(t: Terminal) -> None:
    two_playlists(t)
    configure(t, '[sync]\nprimary_priority = ["Sunday"]\n')
    assert t("sync-execute", "--yes").code == 0
    assert is_file(t.playlists / "Sunday" / "Ana - x.flac")
    assert (t.playlists / "Deep House" / "Ana - x.flac").is_symlink()


def is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def test_playlists_of_others_only_when_wanted(t: Terminal) -> None:
    t.account.playlist("Mine", [t.track("x")])
    t.account.follow("Theirs", [t.track("y")])
    configure(t, "[tidal]\nfavorite_playlists = false\n")
    assert t("sync-check", "--json").json["tidal"]["playlists"] == 1
    configure(t, "")
    assert t("sync-check", "--json").json["tidal"]["playlists"] == 2


def test_mp3_is_what_comes_unless_something_else_is_asked_for(t: Terminal) -> None:
    two_playlists(t)
    t.settings.write_text("")
    assert t("sync-execute", "--yes").code == 0
    assert (t.playlists / "Deep House" / "Ana - x.mp3").exists()
