"""review: what a person said of a file is about its sound, and is never asked again."""

from __future__ import annotations

from pathlib import Path

import pytest
from mutagen.flac import FLAC

from tests.cli.own_music import flac
from tests.cli.terminal import Terminal, two_playlists


@pytest.fixture
def doubt(t: Terminal) -> Path:
    """A file that may be x, if only its artist were known."""
    two_playlists(t)
    assert t("sync-check").code == 0
    file = flac(t.folder / "mine" / "x.flac", title="x")
    assert t("import", str(file.parent), "--dry-run").code == 0
    return file


def track(t: Terminal) -> str:
    return t("review", "list", "--json").json["review"][0]["candidates"][0]["track"]


def test_an_accepted_file_is_taken_under_whatever_name_and_tags(t: Terminal, doubt: Path) -> None:
    id = track(t)
    assert t("review", "accept", "1", id).code == 0
    tags = FLAC(doubt)
    tags["title"], tags["comment"] = "other", "retagged"
    tags.save()
    doubt.rename(doubt.with_name("renamed.flac"))
    said = t("import", str(doubt.parent), "--dry-run", "--json").json
    assert [(it["track"], it["method"]) for it in said["accepted"]] == [(id, "review")]
    assert t("review", "list", "--json").json["review"] == []


def test_a_rejected_file_is_not_asked_about_again_until_that_is_forgotten(
    t: Terminal, doubt: Path
) -> None:
    assert t("review", "reject", "1").code == 0
    said = t("import", str(doubt.parent), "--dry-run", "--json").json
    assert (said["review"], len(said["unmatched"])) == ([], 1)
    assert t("review", "forget", "1").code == 0
    said = t("import", str(doubt.parent), "--dry-run", "--json").json
    assert [it["number"] for it in said["review"]] == [1]


def test_decisions_survive_a_lost_database(t: Terminal, doubt: Path) -> None:
    id, kept = track(t), t.folder / "kept.json"
    assert t("review", "accept", "1", id).code == 0
    assert t("review", "export", str(kept)).code == 0
    for file in t.state.glob("strandline.db*"):
        file.rename(t.folder / file.name)
    assert t("sync-check").code == 0
    assert t("review", "import", str(kept)).code == 0
    said = t("import", str(doubt.parent), "--dry-run", "--json").json
    assert [it["track"] for it in said["accepted"]] == [id]


def test_a_number_that_nobody_has_and_a_track_of_no_playlist_are_told(
    t: Terminal, doubt: Path
) -> None:
    assert t("review", "accept", "9", "1").code == 2
    assert t("review", "accept", "1", "999999999").code == 2
    (t.folder / "odd.json").write_text('{"schema": "strandline.review-answers/1", "answers": [1]}')
    assert t("review", "import", str(t.folder / "odd.json")).code == 2
