"""Where playlists lie on a stick: TIDAL's folders stay whole, however long their names are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from strandline.core.exports import ROOT, ExportFolder, ExportPlaylist, Handover, tree_of
from strandline.core.ids import PlaylistId
from strandline.core.names import collision_key
from strandline.core.stick import playlist_paths

NAMES = st.sampled_from(["Gigs", "gigs", "夜" * 90, "é" * 100, "x" * 300, "x" * 301, "a/b", "CON"])


def places(names: list[str], folders: list[str]) -> list[str]:
    """The file of each playlist; each folder lies in the one before, the playlists in the last."""
    above = [ROOT, *(str(number) for number in range(len(folders)))]
    tree = [ExportFolder(above[n + 1], name, above[n]) for n, name in enumerate(folders)]
    lists = [
        ExportPlaylist(PlaylistId(f"p{number}"), name, name, above[-1], ())
        for number, name in enumerate(names)
    ]
    return list(playlist_paths(tree_of(Handover({}, lists, tree))))


def test_a_long_name_stays_in_its_folder() -> None:
    short, long = sorted(places(["Deep", "A" + "é" * 100], ["2026", "Gigs"]), key=len)
    assert short == "Playlists/2026/Gigs/Deep.m3u8"
    assert long.rpartition("/")[0] == "Playlists/2026/Gigs"


def test_a_name_is_cut_only_where_the_path_has_no_room() -> None:
    name = (
        "A name of a hundred bytes, as people give when they tell the whole story of a night " + "é"
    )
    assert places([name], ["2026"]) == [f"Playlists/2026/{name}.m3u8"]


@given(st.lists(NAMES, min_size=1, max_size=5, unique=True), st.lists(NAMES, max_size=6))
def test_all_of_a_folder_lie_together_and_no_path_is_too_long(
    names: list[str], folders: list[str]
) -> None:
    found = places(names, folders)
    assert len({collision_key(path) for path in found}) == len(names)
    assert len({path.rpartition("/")[0] for path in found}) == 1
    assert all(len(path.encode()) <= 230 for path in found)
