"""reapply --layout: a library goes into the pool and back, and nothing is fetched."""

from __future__ import annotations

from strandline.core.layout import Layout
from strandline.db.store import Store
from tests.cli.own_music import flac
from tests.cli.pool import POOL, SYNCED, X, pool, settle, tree
from tests.cli.terminal import Terminal, two_playlists

DEFAULT = '[audio]\nformat = "original"\n'
IN_PLAYLISTS = {
    "Playlists/Deep House/Ana - x.flac": None,
    "Playlists/Deep House/Ana - y.flac": None,
    "Playlists/Sunday/Ana - x.flac": "../Deep House/Ana - x.flac",
}


def relaid(t: Terminal, settings: str) -> None:
    """The library in the layout of these settings."""
    t.settings.write_text(settings)
    said = t("reapply", "--layout", "--yes")
    assert said.code == 0, said.err
    assert t("sync-check", "--exit-code").code == 0
    assert "reapply --layout" not in t("sync-check").out


def test_a_library_goes_into_the_pool_and_back(synced: Terminal) -> None:
    inode = (synced.playlists / "Deep House" / "Ana - x.flac").stat().st_ino
    relaid(synced, POOL)
    assert tree(synced) == SYNCED
    assert (pool(synced) / "Ana - x.flac").stat().st_ino == inode
    relaid(synced, DEFAULT)
    assert tree(synced) == IN_PLAYLISTS
    assert not pool(synced).exists()


def test_a_dry_run_of_a_change_of_layout_changes_nothing(synced: Terminal) -> None:
    before = synced.tree()
    synced.settings.write_text(POOL)
    said = synced("reapply", "--layout", "--dry-run", "--json")
    assert said.code == 3
    assert said.json["counts"]["move"] == 2
    assert synced.tree() == before
    synced.settings.write_text(DEFAULT)
    assert synced("reapply", "--layout", "--dry-run").code == 0


def test_a_change_of_layout_is_undone_and_done_again(synced: Terminal) -> None:
    relaid(synced, POOL)
    said = synced("undo", "last", "--yes")
    assert said.code == 0, said.err
    assert tree(synced) == IN_PLAYLISTS
    assert synced("sync-check", "--exit-code").code == 0
    assert not pool(synced).exists()
    relaid(synced, POOL)
    relaid(synced, DEFAULT)
    said = synced("undo", "last", "--yes")
    assert said.code == 0, said.err
    assert tree(synced) == SYNCED
    assert synced("sync-check", "--exit-code").code == 0


def test_excluded_playlists_go_into_the_pool_as_well(synced: Terminal) -> None:
    relaid(synced, f'{POOL}[sync]\nexclude = ["*"]\n')
    assert tree(synced) == SYNCED
    relaid(synced, f'{DEFAULT}[sync]\nexclude = ["*"]\n')
    assert tree(synced) == IN_PLAYLISTS


def test_every_move_into_the_pool_is_in_the_list_of_moves(synced: Terminal) -> None:
    relaid(synced, POOL)
    moves = (synced.library / ".strandline" / "moves.json").read_text()
    assert "Playlists/Deep House/Ana - x.flac" in moves
    assert X in moves


def test_twenty_times_to_and_fro_is_the_same_tree_and_nothing_is_fetched(synced: Terminal) -> None:
    synced.tidal.requests.clear()
    for _ in range(20):
        relaid(synced, POOL)
        assert tree(synced) == SYNCED
        relaid(synced, DEFAULT)
        assert tree(synced) == IN_PLAYLISTS
    assert not synced.tidal.asked("**/playbackinfo*")


def test_the_layout_is_of_the_whole_library_and_changed_by_itself(synced: Terminal) -> None:
    synced.settings.write_text(POOL)
    assert synced("reapply", "--layout", "--playlist", "Sunday", "--yes").code == 2
    assert synced("reapply", "--layout", "--tags", "--yes").code == 2


def test_an_empty_library_changes_its_layout_at_once(t: Terminal) -> None:
    t.settings.write_text(DEFAULT)
    t.account.playlist("Empty", [])
    settle(t)
    relaid(t, POOL)
    t.account.add(next(iter(t.account.playlists.values())), t.track("z"))
    settle(t)
    assert "Tracks/Ana - z.flac" in tree(t)


def test_a_change_of_layout_is_not_through_while_audio_lies_where_it_was(pooled: Terminal) -> None:
    """It was cut off at once, and a run of one playlist does not end it."""
    with Store.open(pooled.state / "strandline.db", pooled.library) as store:
        store.library.save_layout(Layout.TO_PLAYLIST)
    pooled.settings.write_text(DEFAULT)
    (pooled.playlists / "Sunday" / "Ana - x.flac").unlink()
    asked = len(pooled.tidal.asked("**/playbackinfo*"))
    assert pooled("sync-execute", "--playlist", "Sunday", "--yes").code == 0
    assert pool(pooled).exists()
    assert "The change to the layout playlist was not finished." in pooled("sync-check").out
    relaid(pooled, DEFAULT)
    assert not pool(pooled).exists()
    assert len(pooled.tidal.asked("**/playbackinfo*")) == asked


# ---------------------------------------------------------------- other commands


def test_an_imported_file_goes_into_the_pool_and_back_again(t: Terminal) -> None:
    t.settings.write_text(POOL)
    two_playlists(t)
    assert t("sync-check").code == 0
    bought = flac(t.folder / "bought" / "a.flac", 100000001, artist="Ana", title="x")
    said = t("import", str(bought), "--mode", "move", "--yes", "--json")
    assert said.code == 0, said.err or said.out
    assert [it["path"] for it in said.json["accepted"]] == [X], said.out
    assert not bought.exists()
    assert (pool(t) / "Ana - x.flac").is_file()
    settle(t)
    assert tree(t) == SYNCED
    run = next(it["run"] for it in t("history", "--json").json["runs"] if it["command"] == "import")
    assert t("undo", run, "--yes").code == 0
    assert bought.is_file()
    assert X not in tree(t)


def test_tags_are_written_anew_in_the_pool(t: Terminal) -> None:
    off = "[tags]\nbpm_and_key = false\nreplaygain = false\ncover = 0\n"
    t.settings.write_text(POOL + off)
    two_playlists(t)
    settle(t)
    t.settings.write_text(POOL)
    said = t("reapply", "--tags", "--yes", "--json")
    assert said.code == 0, said.err or said.out
    assert said.json["result"]["done"]["reapply"] == 2
    assert tree(t) == SYNCED
    assert t("reapply", "--tags", "--dry-run").code == 0
    settle(t)
    assert t("verify").code == 0
    assert t("undo", "last", "--yes").code == 0
    assert tree(t) == SYNCED
    assert t("sync-check", "--exit-code").code == 0


def test_files_renamed_in_the_pool_go_back_into_the_playlists_all_the_same(
    pooled: Terminal,
) -> None:
    for path in [*pool(pooled).iterdir(), *pooled.playlists.rglob("*.flac")]:
        path.rename(path.with_name(path.name.replace(" ", "_")))
    relaid(pooled, DEFAULT)
    assert tree(pooled) == {
        "Playlists/Deep House/Ana_-_x.flac": None,
        "Playlists/Deep House/Ana_-_y.flac": None,
        "Playlists/Sunday/Ana_-_x.flac": "../Deep House/Ana_-_x.flac",
    }
    assert not pool(pooled).exists()


def test_what_was_lost_in_the_pool_is_fetched_after_the_layout_changed(pooled: Terminal) -> None:
    for n in range(8):  # so many that those with nothing to do are told by their folders
        pooled.account.playlist(f"More {n}", [pooled.track(f"more {n}")])
    settle(pooled)
    (pool(pooled) / "Ana - x.flac").unlink()
    pooled.settings.write_text(DEFAULT)
    said = pooled("reapply", "--layout", "--yes")
    assert said.code == 0, said.err
    said = pooled("sync-check", "--exit-code")
    assert said.code == 3, said.out
    settle(pooled)
    assert IN_PLAYLISTS.items() <= tree(pooled).items()
    assert "reapply --layout" not in pooled("sync-check").out
