"""Plans carried out on a real folder and a real database."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.stage import Stage

from strandline.errors import Exit


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_a_track_in_two_playlists_is_downloaded_once_and_linked_once(stage: Stage) -> None:
    stage.lists("aaaaaaaa", "Deep", "1", "2").lists("bbbbbbbb", "House", "1")
    result = stage.sync()
    assert result.exit is Exit.DONE, result
    assert sorted(stage.source.asked) == ["1", "2"]
    tree = stage.tree()
    assert tree["House/Artist 1 - Title 1.flac"] == "link ../Deep/Artist 1 - Title 1.flac"
    assert tree["Deep/Artist 1 - Title 1.flac"].startswith("file ")
    assert result.done == {"create_folder": 2, "download": 2, "link": 1}


def test_a_second_run_plans_nothing(stage: Stage) -> None:
    stage.lists("aaaaaaaa", "Deep", "1", "2").lists("bbbbbbbb", "House", "1")
    stage.sync()
    pending = stage.pending()
    assert not pending.actions
    assert not pending.notes
