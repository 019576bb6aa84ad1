"""A saved plan is carried out as it is, or not at all, on whatever disk."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from strandline.app.documents import check_document
from strandline.app.execute import SyncRequest, execute
from strandline.app.plan_file import write_plan_file
from strandline.cli.output import encode
from strandline.core.states import Kind
from strandline.errors import SafetyStopError
from strandline.library.files import Syscalls
from tests.scenarios.home import Home


@pytest.fixture
def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk without symlinks, as exFAT is."""

    def refused(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Syscalls, "symlink", refused)


def shared(home: Home) -> None:
    tracks = [home.account.track(title, "Ana") for title in "xyz"]
    home.account.playlist("A", tracks)
    home.account.playlist("B", tracks)


def saved(home: Home, *kinds: str) -> Path:
    """The check's plan, cut down to the first action of each kind."""
    document = check_document(home.check())
    first = [next(a for a in document["actions"] if a["action"] == kind) for kind in kinds]
    path = home.folder / "plan.json"
    write_plan_file(path, encode(document | {"actions": first} if kinds else document))
    return path


@pytest.mark.usefixtures("no_links")
def test_two_steps_are_two_steps_on_a_disk_without_links(home: Home) -> None:
    shared(home)
    plan = saved(home, "create_folder", "download")
    done = execute(home.config, SyncRequest(plan_file=plan))
    assert home.words(done) == [
        "create_folder A (new_playlist)", "download A/Ana - x.flac (new_playlist)",
    ]  # fmt: skip
    assert home.tree == ["A/Ana - x.flac"]


@pytest.mark.usefixtures("no_links")
def test_a_whole_plan_is_the_same_plan_on_a_disk_without_links(home: Home) -> None:
    shared(home)
    steps = len(json.loads(saved(home).read_text())["actions"])
    done = execute(home.config, SyncRequest(plan_file=saved(home)))
    assert done.result
    assert sum(done.result.done.values()) == steps
    kinds = {getattr(action, "kind", Kind.COPY) for action in done.checked.plan.actions}
    assert kinds == {Kind.COPY}


def test_a_plan_made_for_links_is_refused_where_they_are_to_be_copies_by_now(home: Home) -> None:
    shared(home)
    home.sync()
    (home.playlists / "B" / "Ana - x.flac").unlink()
    plan = saved(home)
    home.configure('[audio]\nformat = "original"\n[sync]\nlink_mode = "copy"\n')
    execute(home.config, SyncRequest())
    before = home.fingerprint()
    with pytest.raises(SafetyStopError) as stopped:
        execute(home.config, SyncRequest(plan_file=plan))
    assert stopped.value.code == "plan_stale"
    assert home.fingerprint() == before


def test_a_plan_of_links_not_yet_made_is_refused_where_the_settings_want_copies_by_now(
    home: Home,
) -> None:
    shared(home)
    of_no_links = home.folder / "downloads.json"
    of_no_links.write_text(saved(home, "create_folder", "download").read_text())
    plan = saved(home)
    home.configure('[audio]\nformat = "original"\n[sync]\nlink_mode = "copy"\n')
    with pytest.raises(SafetyStopError) as stopped:
        execute(home.config, SyncRequest(plan_file=plan))
    assert stopped.value.code == "plan_stale"
    assert "link_mode = auto, which is copy now" in stopped.value.message
    assert not home.playlists.exists()
    execute(home.config, SyncRequest(plan_file=of_no_links))
    assert home.tree == ["A/Ana - x.flac"]


@pytest.mark.usefixtures("no_links")
def test_a_person_is_asked_again_where_the_disk_makes_it_another_plan(home: Home) -> None:
    """Links of a library that was copied to a disk without them."""
    shared(home)
    asked: list[list[str]] = []

    def agree(found: object) -> bool:
        asked.append(home.words(found))  # type: ignore[arg-type]
        return True

    execute(home.config, SyncRequest(confirm=agree))
    assert len(asked) == 1, "the same steps, in the disk's own form"
