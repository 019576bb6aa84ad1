"""Tracks in a file instead of memory: every export has the same bytes, whatever the library."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from tempfile import gettempdir
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strandline.core.exports import ROOT, ExportFolder, ExportPlaylist, ExportTrack, Handover
from strandline.core.ids import PlaylistId, TrackId
from strandline.library.exports import itunes, m3u8, rekordbox, serato, traktor
from strandline.library.exports.spool import Spool, SpooledTracks
from strandline.library.files.errors import DiskStoppedError

NUMBERS = st.integers(1, 10**18 - 1).map(str)
IDS = NUMBERS | st.sampled_from(["1", "10", "2"])
ODDITIES = ("", "007", "x1", "١٢", "9" * 30)
ODD = IDS | st.sampled_from(ODDITIES)
TEXT = st.text(max_size=12) | st.sampled_from(["a & <b>", "50% #1", " שלום", "🌒\n", "\udc80"])
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=12)
WHERE = st.sampled_from(["/music", "/music/a b", "/mnt/STICK", "/music/é/..."])
FOLDERS = [ExportFolder("f", "Gigs", ROOT), ExportFolder("g", "2026", "f")]


@st.composite
def tracks(draw: st.DrawFn, ids: st.SearchStrategy[str] = IDS) -> list[ExportTrack]:
    """In any order, each id once."""
    several = draw(st.lists(ids, unique=True, max_size=8))
    maybe = st.none() | TEXT
    return [
        ExportTrack(
            TrackId(id), f"{draw(WHERE)}/{draw(NAMES)}.flac", draw(st.integers(0, 1 << 40)),
            draw(TEXT), draw(TEXT), draw(maybe), draw(maybe), draw(maybe), 2024, 201,
            draw(maybe), 3, None, draw(st.none() | st.dates(date(1970, 1, 1))),
            draw(st.none() | st.floats(60, 200)), draw(st.none() | st.just("F#m")),
        )
        for id in several
    ]  # fmt: skip


@st.composite
def libraries(draw: st.DrawFn) -> tuple[list[ExportTrack], list[list[TrackId]]]:
    """Tracks, and playlists of them, with repeated ones and with unknown ones."""
    several = draw(tracks())
    listed = st.sampled_from([*(it.id for it in several), TrackId("404")])
    return several, draw(st.lists(st.lists(listed, max_size=9), max_size=4))


def held(track: ExportTrack) -> bool:
    """Something every format can hold."""
    return not (m3u8.unfit(track) or traktor.unfit(track))


def handed_over(
    known: Mapping[TrackId, ExportTrack], lists: list[list[TrackId]], spooled: SpooledTracks | None
) -> Handover:
    playlists = [
        ExportPlaylist(
            PlaylistId(str(number)),
            f"List {number % 3}",
            f"List {number}",
            (ROOT, "f", "g", "?")[number % 4],
            tuple(it for it in ids if it in known) if spooled is None else spooled.listed(ids),
        )
        for number, ids in enumerate(lists)
    ]
    return Handover(known, playlists, FOLDERS)


def every_format(handover: Handover) -> dict[str, bytes]:
    files = {
        "rekordbox": b"".join(rekordbox.rekordbox_xml(handover)),
        "traktor": b"".join(traktor.traktor_nml(handover)),
        "itunes": b"".join(itunes.itunes_xml(handover)),
    }
    for base in (None, "/music/a b", "/somewhere/else", "/"):
        for name, make in m3u8.m3u8_files(handover, base):
            files[f"{base} {name}"] = b"".join(make())
    return files | {name: b"".join(make()) for name, make in serato.serato_crates(handover)}


@given(libraries())
def test_every_format_has_the_same_bytes_as_from_memory(
    library: tuple[list[ExportTrack], list[list[TrackId]]],
) -> None:
    several = [it for it in library[0] if held(it)]
    known = {it.id: it for it in sorted(several, key=lambda it: int(it.id))}
    with Spool(gettempdir()) as spool:
        spooled = SpooledTracks(spool, several)
        assert every_format(handed_over(spooled, library[1], spooled)) == every_format(
            handed_over(known, library[1], None)
        )


@given(tracks(ODD))
def test_tracks_are_read_back_whatever_their_ids_are(several: list[ExportTrack]) -> None:
    with Spool(gettempdir()) as spool:
        spooled = SpooledTracks(spool, several)
        assert dict(spooled) == {it.id: it for it in several}
        assert len(spooled) == len(several)
        assert TrackId("404404") not in spooled
        listed = spooled.listed([TrackId("404404"), *(it.id for it in several * 2)])
        assert list(listed) == [it.id for it in several * 2]
        assert (len(listed), listed[2:]) == (len(several) * 2, list(listed)[2:])
        assert not several or listed[0] == several[0].id
        numbers = [int(id) for id in spooled if id not in ODDITIES]
        assert numbers == sorted(numbers)


def test_what_was_cut_off_makes_room_for_what_comes(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        first = spool.add(b"first")
        at = spool.add(b"x" * 600_000)
        assert b"".join(spool.blocks(at, 600_000)) == b"x" * 600_000
        spool.cut(at)
        again = spool.add(b"again")
        assert spool.read(first, 5) + spool.read(again, 5) == b"firstagain"
        assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    with Spool(tmp_path) as spool:
        at = spool.add(b"x")
        monkeypatch.setattr("os.pread", full)
        with pytest.raises(DiskStoppedError, match="the disk is full"):
            spool.read(at, 1)
