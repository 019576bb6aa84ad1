"""``strandline demo``: the whole story on a made-up account, told with the real commands."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from strandline.demo.account import Account
from strandline.demo.catalog import sample_account
from strandline.demo.model import Playlist, Track
from strandline.demo.server import StandIn
from strandline.errors import LibraryError

Say = Callable[[str], None]


def run_demo(keep: Path | None, say: Say) -> None:
    """Tell the story in a temporary folder, or in ``keep``, which must be new or empty.

    Each step is a real ``strandline`` process against the stand-in TIDAL on 127.0.0.1. Raises
    LibraryError if ``keep`` holds something, or if a command ends in another code than it should.
    """
    with _folder(keep) as folder, StandIn(sample_account()) as tidal:
        stage = _Stage(folder, tidal, say)
        _first_sync(stage)
        _change_tidal(tidal.account, say)
        _break_a_link(stage)
        _second_sync(stage)
        say(f"\nEverything above was done in {folder}.")
        if keep:
            say("The library stays there; the stand-in TIDAL ends with this demo.")
        else:
            say("It is removed now; `strandline demo --keep DIR` keeps it.")


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="strandline-demo-") as folder:
            yield Path(folder).resolve()
        return
    keep = Path(os.path.abspath(keep))
    if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
        raise LibraryError(
            f"{keep} is not an empty folder.", hint="Give --keep a folder that is new or empty."
        )
    keep.mkdir(parents=True, exist_ok=True)
    yield keep


class _Stage:
    """A home of its own: settings, login and library below one folder."""

    def __init__(self, folder: Path, tidal: StandIn, say: Say) -> None:
        self.library, self._say = folder / "library", say
        self._environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("STRANDLINE_")},
            "STRANDLINE_CONFIG": str(folder / "config.toml"),
            "STRANDLINE_LIBRARY": str(self.library),
            "STRANDLINE_STATE_DIR": str(folder / "state"),
            "STRANDLINE_TIDAL_URL": tidal.url,
        }
        (folder / "config.toml").write_text("[sync]\nprimary_priority = ['Deep House']\n")

    def run(self, *words: str, code: int = 0) -> None:
        """One command, as a person would type it. It must end in ``code``."""
        self.say(f"\n$ strandline {shlex.join(words)}")
        sys.stdout.flush()
        command = [sys.executable, "-m", "strandline", *words]
        ended = subprocess.run(command, env=self._environment, check=False)  # noqa: S603 - our own
        if ended.returncode != code:
            raise LibraryError(
                f"`strandline {shlex.join(words)}` ended with code {ended.returncode}.",
                hint="This is a bug in strandline; please report it with the output above.",
            )

    def say(self, text: str) -> None:
        self._say(text)

    def title(self, text: str) -> None:
        self.say(f"\n── {text} " + "─" * max(0, 76 - len(text)))

    def show_tree(self) -> None:
        """The library as it is, links with their targets."""
        self.say("\n$ tree mp3/Playlists")
        for line in tree(self.library / "mp3" / "Playlists"):
            self.say(line)


def tree(root: Path) -> Iterator[str]:
    """The folders below ``root`` with what is in them; a link shows where it leads."""
    folders = sorted(path for path in root.iterdir() if path.is_dir())
    for folder in folders:
        yield f"{folder.name}/"
        entries = sorted(folder.iterdir())
        for entry in entries:
            branch = "└──" if entry == entries[-1] else "├──"
            target = f" → {entry.readlink()}" if entry.is_symlink() else ""
            yield f"{branch} {entry.name}{target}"


def _first_sync(stage: _Stage) -> None:
    stage.title("Log in. The stand-in TIDAL agrees by itself.")
    stage.run("auth", "login", "--no-browser")
    stage.title("What would happen? A check touches nothing.")
    stage.run("sync-check")
    stage.title("Do it.")
    stage.run("sync-execute", "--yes")
    stage.show_tree()
    stage.title("One file per track, links elsewhere: what that saves")
    stage.run("dedupe-report")


def _change_tidal(account: Account, say: Say) -> None:
    """A month passes in TIDAL."""
    lists = {playlist.title: playlist for playlist in account.playlists.values()}
    say("\n── A month later, in TIDAL " + "─" * 50)
    account.rename(lists["Friday 🌒 Warm-up"], "Friday Warm-up")
    say("* 'Friday 🌒 Warm-up' is renamed to 'Friday Warm-up'")
    first = _tracks(lists["Deep House"])[0]
    account.remove(lists["Deep House"], first)
    say(f"* '{first.title}' leaves 'Deep House', which holds its audio; others still list it")
    added = _tracks(lists["Peak Time"])[0]
    account.add(lists["Unsorted"], added)
    say(f"* '{added.title}' is added to 'Unsorted'")
    account.delete(lists["House / Techno"])
    say("* 'House / Techno' is deleted")


def _tracks(playlist: Playlist) -> list[Track]:
    return [entry.item for entry in playlist.entries if isinstance(entry.item, Track)]


def _break_a_link(stage: _Stage) -> None:
    """And on disk somebody pointed a link to nowhere."""
    folder = stage.library / "mp3" / "Playlists"
    broken = next(path for path in sorted(folder.glob("Peak Time/*")) if path.is_symlink())
    broken.unlink()
    broken.symlink_to("../Nowhere/gone.mp3")
    stage.say(f"* on disk, the link 'Peak Time/{broken.name}' now leads to nowhere")


def _second_sync(stage: _Stage) -> None:
    stage.title("The same two commands find just that, and fix it.")
    stage.run("sync-check")
    stage.run("sync-execute", "--yes")
    stage.show_tree()
    stage.title("In sync?")
    stage.run("sync-check", "--exit-code")
    stage.run("sync-status")
    stage.run("history")
