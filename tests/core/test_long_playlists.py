"""Names of a long playlist: asked one by one, and the same as if all taken ones were listed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from strandline.core.entry_paths import _Taken
from strandline.core.ids import LibPath, entry_path, name_of
from strandline.core.names import collision_key

NAMES = st.sampled_from(["a.mp3", "A.mp3", "a.flac", "b.mp3", "B.m4a", "c.mp3"])
PATHS = st.sets(NAMES.map(lambda name: LibPath(f"Playlists/L/{name}")))


@given(PATHS, PATHS, st.lists(st.tuples(NAMES, PATHS), max_size=3))
def test_a_name_is_taken_while_another_has_it_or_may_get_it(
    on_disk: set[LibPath], own: set[LibPath], claims: list[tuple[str, set[LibPath]]]
) -> None:
    taken = _Taken(on_disk)
    for name, whose in claims:
        taken.claim(LibPath(f"Playlists/L/{name}"), whose)
    of_others = {collision_key(name_of(path)) for path in on_disk - own}
    avoided = taken.but(own)
    for name in ("a.mp3", "a.flac", "b.mp3", "b.m4a", "c.mp3", "d.mp3"):
        may_get = name.partition(".")[0] in {given.partition(".")[0] for given in taken._given}
        assert (name in avoided) == (name in of_others or may_get)


def test_asking_for_a_name_lists_nothing() -> None:
    """A list of all that is taken, made for each track, made plans of long playlists quadratic."""

    class Folder(dict[str, set[LibPath]]):
        def __iter__(self) -> None:  # type: ignore[override]
            raise AssertionError("all names were gone through")

        keys = values = items = __iter__  # type: ignore[assignment]

    taken = _Taken([])
    taken._on_disk = Folder({"a.mp3": {LibPath("Playlists/L/a.mp3")}})
    assert "a.mp3" in taken.but(set())
    assert "b.mp3" not in taken.but(set())


def test_a_settled_track_keeps_every_ending_of_its_name_for_itself() -> None:
    """Else a new one gets another name once the scan's facts are in the ledger (I21)."""
    there = entry_path("A", "Ana - Song.mp3")
    settled, foreign = _Taken([there], {there}), _Taken([there])
    for ending in (".flac", ".m4a", ".aiff"):
        key = collision_key(f"Ana - Song{ending}")
        assert settled.is_taken(key, set())
        assert not foreign.is_taken(key, set())
