"""An unknown disk is not an empty one: folders that cannot be read, things in their place."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from strandline.app.check import CheckOptions, check
from strandline.app.execute import SyncRequest, execute
from strandline.app.undo import undo
from strandline.app.verify import verify
from strandline.errors import Exit, LibraryError
from strandline.events import Silent
from tests.scenarios.home import Home


@pytest.fixture
def shared(home: Home) -> Home:
    """x and y in Alpha, x linked from Beta, z in Gamma."""
    x, y, z = (home.account.track(title, "Ana") for title in "xyz")
    home.account.playlist("Alpha", [x, y])
    home.account.playlist("Beta", [x])
    home.account.playlist("Gamma", [z])
    home.sync()
    return home


@contextmanager
def refusing(number: int, *names: str) -> Iterator[None]:
    """The system cannot open these, as with mode 0 (the superuser may) or on a failing disk."""
    real = os.open

    def opened(path: Any, *args: Any, **kwargs: Any) -> int:
        if os.fspath(path) in names:
            raise OSError(number, os.strerror(number), path)
        return real(path, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "open", opened)
        yield


def conflicts(home: Home) -> list[str]:
    done = execute(home.config, SyncRequest(CheckOptions()))
    assert done.exit is Exit.SOME_FAILED
    return [item.error for item in done.conflicts]


def asked(home: Home) -> int:
    return len(home.tidal.asked("/v1/tracks/*/playbackinfopostpaywall"))


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO])
def test_a_folder_that_cannot_be_read_changes_nothing_anywhere(shared: Home, number: int) -> None:
    before, downloads = shared.tree, asked(shared)
    shared.account.playlist("Delta", [shared.account.track("new", "Ana")])
    with refusing(number, "Alpha"):
        for _night in range(3):
            (message,) = conflicts(shared)
            assert message.startswith(f"Playlists/Alpha cannot be read ({os.strerror(number)})")
        assert verify(shared.config).broken_links == ()
    assert asked(shared) == downloads + 1, "the new one"
    assert shared.trash == []
    assert shared.words(shared.check()) == []
    assert set(before) < set(shared.tree)


def test_a_sub_folder_that_cannot_be_read_is_named(shared: Home) -> None:
    (shared.playlists / "Alpha" / "mine").mkdir()
    with refusing(errno.EACCES, "mine"):
        (message,) = conflicts(shared)
    assert "Permission denied: Playlists/Alpha/mine" in message


@pytest.mark.parametrize("place", ["a link", "a dangling link", "a file"])
def test_a_folder_moved_away_with_something_in_its_place(shared: Home, place: str) -> None:
    downloads, alpha = asked(shared), shared.playlists / "Alpha"
    away = shared.folder / "elsewhere"
    alpha.rename(away)
    if place == "a file":
        alpha.write_text("mine")
    else:
        alpha.symlink_to(away if place == "a link" else shared.folder / "nowhere")
    for _night in range(2):
        (message,) = conflicts(shared)
        assert message.startswith("Playlists/Alpha is a link or a file")
    found = verify(shared.config)
    assert (found.missing, found.broken_links) == ((), ())
    alpha.unlink()
    away.rename(alpha)
    shared.sync()
    assert shared.words(shared.check()) == []
    assert asked(shared) == downloads
    assert shared.trash == []


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO])
def test_playlists_as_a_whole_that_cannot_be_read(shared: Home, number: int) -> None:
    before = shared.fingerprint()
    with refusing(number, "Playlists"), pytest.raises(LibraryError) as raised:
        execute(shared.config, SyncRequest(CheckOptions()))
    assert str(shared.playlists) in raised.value.message
    assert shared.fingerprint() == before


def test_playlists_listed_by_a_failing_disk(shared: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_path: object) -> list[str]:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    (shared.playlists / "Gamma" / "Ana - z.flac").touch()
    with monkeypatch.context() as patch:
        patch.setattr(os, "listdir", failing)
        with pytest.raises(LibraryError):
            check(shared.config, CheckOptions(full=True))


def test_a_link_in_the_place_of_playlists(shared: Home) -> None:
    away = shared.folder / "elsewhere"
    shared.playlists.rename(away)
    shared.playlists.symlink_to(away)
    with pytest.raises(LibraryError):
        execute(shared.config, SyncRequest(CheckOptions()))
    assert (away / "Alpha" / "Ana - x.flac").is_file()


# ---------------------------------------------------------------- astray


def test_audio_dragged_beside_the_folders_goes_home(shared: Home) -> None:
    downloads = asked(shared)
    song = shared.playlists / "Alpha" / "Ana - x.flac"
    song.rename(shared.playlists / song.name)
    (shared.playlists / "notes.txt").write_text("mine")
    assert shared.check().plan.tally.foreign_files == 1
    done = shared.sync()
    assert shared.words(done)[0] == "move Alpha/Ana - x.flac (moved_on_disk)"
    assert shared.words(shared.check()) == []
    assert asked(shared) == downloads
    assert (shared.playlists / "notes.txt").read_text() == "mine"
    assert done.result
    tree, undone = shared.tree, undo(shared.config, done.result.run)
    assert undone
    assert [item.error for item in undone.failed] == [
        "it was beside the playlists' folders, where no file belongs"
    ]
    assert shared.tree == tree


class Mover(Silent):
    """Somebody moves a file while the scan is at work, once."""

    def __init__(self, source: Path, target: Path, after: int) -> None:
        self._source, self._target, self._after = source, target, after
        self._scans = False

    def phase(self, name: str, *, total: int | None = None) -> None:
        self._scans = name == "scan"

    def advance(self, steps: int = 1, *, of_bytes: int = 0) -> None:
        self._after -= steps if self._scans else 0
        if self._after == 0 and self._source.exists():
            self._source.rename(self._target)


@pytest.mark.parametrize("after", range(1, 10))
def test_a_file_that_moves_while_the_scan_looks_is_looked_for_once_more(
    shared: Home, after: int
) -> None:
    """From a folder that was not read yet into one that was."""
    source = shared.playlists / "Gamma" / "Ana - z.flac"
    target = shared.playlists / "Alpha" / "kept.flac"
    downloads = asked(shared)
    (shared.playlists / "Beta" / "Ana - x.flac").unlink()  # so that all folders are walked through
    mover = Mover(source, target, after)
    done = execute(shared.config, SyncRequest(CheckOptions(full=True)), mover)
    assert asked(shared) == downloads
    assert not [item for item in done.checked.plan.actions if item.name == "download"]
    shared.sync()
    assert shared.words(shared.check()) == []
    assert asked(shared) == downloads


@contextmanager
def sealed(name: str) -> Iterator[None]:
    """A file of mode 0."""
    real = open

    def refused(path: Any, *args: Any, **kwargs: Any) -> Any:
        if str(path).endswith(name):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("builtins.open", refused)
        yield


@pytest.mark.parametrize("name", ["mine.flac", "Ana - z.flac"])
def test_a_file_that_cannot_be_opened_is_not_fetched_again(shared: Home, name: str) -> None:
    """Touched by the person, perhaps renamed: only reading it could tell whose it is."""
    downloads = asked(shared)
    song = shared.playlists / "Gamma" / "Ana - z.flac"
    os.utime(song)
    song.rename(song.with_name(name))
    with sealed(name):
        for _night in range(2):
            (message,) = conflicts(shared)
            assert message.startswith(
                f"Playlists/Gamma/{name} cannot be read (Permission denied); it may be"
            )
    assert asked(shared) == downloads
    shared.sync()
    assert shared.words(shared.check()) == []
    assert asked(shared) == downloads
    assert shared.trash == []


@pytest.mark.parametrize("place", [b"Gamma/caf\xe9.flac", b"caf\xe9/Ana - z.flac"])
def test_a_file_under_a_name_that_no_database_holds_is_not_fetched_again(
    shared: Home, place: bytes
) -> None:
    downloads, song = asked(shared), shared.playlists / "Gamma" / "Ana - z.flac"
    new = shared.playlists / os.fsdecode(place)
    new.parent.mkdir(exist_ok=True)
    song.rename(new)
    (message,) = conflicts(shared)
    shown = place.decode("utf-8", "backslashreplace")
    assert message.startswith(
        f"Playlists/{shown} cannot be read (its name is not UTF-8); it may be"
    )
    assert asked(shared) == downloads
    new.rename(song)
    assert shared.words(shared.sync()) == []
    assert asked(shared) == downloads


def test_hard_links_of_a_folder_that_became_a_link_are_not_called_broken(home: Home) -> None:
    home.configure('[audio]\nformat = "original"\n[sync]\nlink_mode = "hardlink"\n')
    x = home.account.track("x", "Ana")
    home.account.playlist("A", [x])
    home.account.playlist("B", [x])
    home.sync()
    elsewhere = home.folder / "elsewhere"
    (home.playlists / "A").rename(elsewhere)
    (home.playlists / "A").symlink_to(elsewhere)
    assert verify(home.config).broken_links == ()
