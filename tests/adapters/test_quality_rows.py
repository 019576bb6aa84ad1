"""What the database keeps of the quality that came, and of whom it is true."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.stage import START, Stage

from strandline.core.ids import LibPath, TrackId
from strandline.core.ledger_facts import FileIs
from strandline.core.quality import Quality

AAC = Quality("lossless", "high", "aac", 44_100, None, "STEREO")
FLAC = Quality("lossless", "lossless", "flac", 44_100, 16)
ONE, TWO = TrackId("1"), TrackId("2")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path).lists("a", "Deep", "1", "2")
    assert stage.sync().done["download"] == 2
    return stage


def test_what_came_is_kept_with_what_was_asked(stage: Stage) -> None:
    with stage.open() as store:
        assert store.qualities.of([ONE, TWO]) == {ONE: FLAC, TWO: FLAC}
        assert store.qualities.counts() == (2, 0, 0, 0)


def test_files_of_an_earlier_version_are_unknown_not_lower(stage: Stage) -> None:
    with stage.open() as store:
        store._connection.execute("DELETE FROM audio_qualities")
        store._connection.execute("UPDATE tracks SET audio_quality = 'LOW'")
        assert store.qualities.of([ONE]) == {}
        assert store.qualities.counts() == (0, 2, 0, 0)


def test_lower_ones_are_counted_with_those_that_tidal_has_as_asked(stage: Stage) -> None:
    with stage.open() as store:
        for track in (ONE, TWO):
            file = store.load_ledger().files[track]
            assert file.sha256
            store.qualities.save([(track, file.sha256, ".flac", AAC)], START)
        store._connection.execute("INSERT INTO track_tags VALUES ('1', 'LOSSLESS')")
        store._connection.execute("INSERT INTO track_tags VALUES ('2', '')")
        assert store.qualities.counts() == (2, 0, 2, 1)


def test_a_retagged_file_keeps_its_quality_and_a_file_of_another_format_has_none(
    stage: Stage,
) -> None:
    with stage.open() as store:
        file = store.load_ledger().files[ONE]
        store.apply([FileIs(file._replace(sha256="0" * 64))], START)
        assert store.qualities.of([ONE])[ONE].got == "lossless"
        other = LibPath(file.path.removesuffix(".flac") + ".mp3")
        store.apply([FileIs(file._replace(sha256="1" * 64, path=other))], START)
        assert store.qualities.of([ONE]) == {}
        assert store.qualities.counts().unknown == 1


def test_the_content_itself_decides_between_two_that_came(stage: Stage) -> None:
    with stage.open() as store:
        file = store.load_ledger().files[ONE]
        assert file.sha256
        store.qualities.save([(ONE, "f" * 64, ".flac", AAC)], START.replace(year=2030))
        assert store.qualities.of([ONE])[ONE].got == "lossless"


def test_a_track_without_a_file_has_no_quality(stage: Stage) -> None:
    stage.lists("a", "Deep", "2").sync()
    with stage.open() as store:
        assert set(store.qualities.of([ONE, TWO])) == {TWO}
        assert store.qualities.counts() == (1, 0, 0, 0)


def test_below_the_floor_nothing_is_stored(tmp_path: Path) -> None:
    stage = Stage(tmp_path).lists("a", "Deep", "1")
    stage.settings = replace(stage.settings, quality_floor="hires")
    result = stage.sync()
    assert [(item.code, item.track) for item in result.failed] == [("below_floor", "1")]
    assert "quality_floor" in result.failed[0].error
    assert result.items == []
    assert stage.contents() == set()
