"""reapply --names: files and links follow the template, and where they were before is kept."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from mutagen.flac import FLAC

from strandline.library.files.syscalls import Syscalls
from tests.cli.terminal import Terminal, two_playlists


def names(t: Terminal) -> set[str]:
    return {str(path.relative_to(t.playlists)) for path in t.playlists.glob("*/*")}


def template(t: Terminal, text: str, more: str = "") -> None:
    t.settings.write_text(f'{more}[audio]\nformat = "flac"\n[names]\ntrack = "{text}"\n')


@pytest.fixture
def named(t: Terminal) -> Terminal:
    """Two playlists under the usual names, and the wish for others."""
    two_playlists(t)
    assert t("sync-execute", "--yes").code == 0
    template(t, "{title} - {artist}")
    return t


def follow(t: Terminal, *more: str) -> Any:
    said = t("reapply", "--names", "--yes", "--json", *more)
    assert said.code == 0, said.err or said.out
    return said.json


def settled(t: Terminal) -> None:
    assert t("reapply", "--names", "--dry-run").code == 0
    assert t("sync-check", "--exit-code").code == 0
    assert t("verify").code == 0


def test_files_and_links_get_the_names_of_the_template(named: Terminal) -> None:
    assert t_dry(named) == 3
    before = named.tree()
    document = follow(named)
    assert document["counts"]["move"] == 2
    assert names(named) == {
        "Deep House/x - Ana.flac", "Deep House/y - Ana.flac", "Sunday/x - Ana.flac",
    }  # fmt: skip
    link = named.playlists / "Sunday" / "x - Ana.flac"
    assert os.readlink(link) == "../Deep House/x - Ana.flac"
    moves = json.loads((named.library / ".strandline" / "moves.json").read_text())
    assert {(move["from"], move["to"], move["offset"]) for move in moves["moves"]} == {
        (f"Playlists/Deep House/Ana - {it}.flac", f"Playlists/Deep House/{it} - Ana.flac", 0.0)
        for it in "xy"
    }
    settled(named)
    assert named("undo", "last", "--yes").code == 0
    after = named.tree()
    assert {k: v for k, v in after.items() if k.endswith(".flac") and "link" not in v} == {
        k: v for k, v in before.items() if k.endswith(".flac") and "link" not in v
    }
    assert named("sync-check", "--exit-code").code == 0


def t_dry(t: Terminal) -> int:
    return t("reapply", "--names", "--dry-run").code


def test_a_sync_leaves_names_as_they_are(named: Terminal) -> None:
    before = names(named)
    assert named("sync-execute", "--yes").code == 0
    assert names(named) == before


def test_one_playlist_may_follow_alone(named: Terminal) -> None:
    follow(named, "--playlist", "sunday")
    assert names(named) == {
        "Deep House/Ana - x.flac", "Deep House/Ana - y.flac", "Sunday/x - Ana.flac",
    }  # fmt: skip
    assert named("sync-check", "--exit-code").code == 0


def test_a_name_that_you_gave_stays(named: Terminal) -> None:
    mine = named.playlists / "Deep House" / "My favourite.flac"
    (named.playlists / "Deep House" / "Ana - y.flac").rename(mine)
    assert named("sync-execute", "--yes").code == 0
    document = follow(named)
    assert [left["path"] for left in document["left"]] == ["Playlists/Deep House/My favourite.flac"]
    assert mine.is_file()
    settled(named)


def test_names_that_collide_get_their_ids(t: Terminal) -> None:
    one, two = t.track("x"), t.account.track("x", "Ben")
    t.account.playlist("Deep", [one, two])
    assert t("sync-execute", "--yes").code == 0
    template(t, "{title}")
    follow(t)
    assert names(t) == {"Deep/x.flac", f"Deep/x [{two.id}].flac"}
    settled(t)
    before = t.tree()
    assert t("reapply", "--names", "--yes").code == 0
    assert t.tree() == before


def test_a_file_of_yours_in_the_way_keeps_its_place(named: Terminal) -> None:
    own = named.playlists / "Deep House" / "x - Ana.flac"
    own.write_bytes(b"mine")
    follow(named)
    assert own.read_bytes() == b"mine"
    assert len([name for name in names(named) if name.startswith("Deep House/x - Ana [")]) == 1


def test_only_the_case_changes(t: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a disk that takes both spellings for one name."""
    t.account.playlist("Deep", [t.track("x")])
    template(t, "{artist} feat {title}")
    assert t("sync-execute", "--yes").code == 0
    template(t, "{artist} FEAT {title}")
    exclusive = Syscalls.rename_noreplace

    def taken(self: Syscalls, old: int, name: str, new: int, to: str) -> None:
        if name != to and name.casefold() == to.casefold():
            raise FileExistsError(17, "File exists", to)
        exclusive(self, old, name, new, to)

    look = Syscalls.lstat

    def either(self: Syscalls, folder: int, name: str) -> os.stat_result:
        there = {it.casefold(): it for it in self.names(folder)}
        return look(self, folder, there.get(name.casefold(), name))

    monkeypatch.setattr(Syscalls, "rename_noreplace", taken)
    monkeypatch.setattr(Syscalls, "lstat", either)
    follow(t)
    assert names(t) == {"Deep/Ana FEAT x.flac"}


def test_names_and_tags_follow_in_one_run_and_go_back_in_one(named: Terminal) -> None:
    template(named, "{title} - {artist}", "tags = {cover = 300}\n")
    files = {p.name: p.read_bytes() for p in Path(named.playlists / "Deep House").iterdir()}
    said = named("reapply", "--names", "--tags", "--yes", "--json")
    assert said.code == 0, said.err
    assert said.json["result"]["done"] == {"move": 2, "unlink": 1, "link": 1, "reapply": 2}
    assert FLAC(named.playlists / "Deep House" / "x - Ana.flac")["title"] == ["x"]
    assert named("reapply", "--names", "--tags", "--dry-run").code == 0
    assert named("sync-check", "--exit-code").code == 0
    assert named("undo", "last", "--yes").code == 0
    assert {p.name: p.read_bytes() for p in (named.playlists / "Deep House").iterdir()} == files
    assert named("sync-check", "--exit-code").code == 0


@pytest.mark.parametrize("mode", ["copy", "hardlink"])
def test_copies_and_hard_links_are_renamed_too(t: Terminal, mode: str) -> None:
    two_playlists(t)
    more = f'sync = {{link_mode = "{mode}"}}\n'
    template(t, "{artist} - {title}", more)
    assert t("sync-execute", "--yes").code == 0
    template(t, "{title} - {artist}", more)
    follow(t)
    assert names(t) == {
        "Deep House/x - Ana.flac", "Deep House/y - Ana.flac", "Sunday/x - Ana.flac",
    }  # fmt: skip
    settled(t)
