"""Which layout the library has: by the database; a new one has what the settings say."""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING

from strandline.core.actions import Because, CreateFolder, Move, RemoveFolder, Trash
from strandline.core.ids import POOL_FOLDER, in_pool
from strandline.core.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from strandline.app.session import Session
    from strandline.config import Config
    from strandline.db.store import Store
    from strandline.library.files import LibraryFiles


def layout_of(session: Session) -> Layout:
    """Where the audio lies, or is on its way to."""
    return layout_in(session.config, session.store)


def layout_in(config: Config, store: Store) -> Layout:
    """The same. What is known of a library stays so, whatever the settings say by now.

    One whose database was lost tells by its links.
    """
    library = store.library
    if known := library.layout():
        return known
    if library.id() is not None or library.knows_files():
        return Layout.PLAYLIST  # of a time when there was no other
    return _seen_in(config.mp3_dir) or Layout(config.layout_audio)


def layout_said(config: Config, store: Store) -> str | None:
    """What is to be said of it: a change that is not through, or settings that differ."""
    layout = layout_in(config, store)
    if layout.is_changing:
        return (
            f"The change to the layout {layout.goal.value} was not finished. Run"
            " `strandline reapply --layout` to finish it."
        )
    if layout.value == config.layout_audio:
        return None
    where = {Layout.POOL: "in mp3/Tracks"}.get(layout, "in the folders of its playlists")
    return (
        f"layout.audio = {config.layout_audio} applies to new libraries; the audio of this one lies"
        f" {where}. Run `strandline reapply --layout` to change it."
    )


def library_files(session: Session) -> LibraryFiles:
    """The library, opened to be changed. Raises LibraryError."""
    from strandline.library.files import LibraryFiles

    return LibraryFiles(session.config.library, pool=layout_of(session).has_pool)


def layout_before(session: Session, run: str) -> tuple[Layout | None, bool]:
    """Where the library goes back to when ``run`` is undone; None if that moved nothing for it.

    And whether the pool's folder is that run's to clear. A sync only goes on with what ``reapply``
    began.
    """
    journal = session.store.journal
    row = journal.run(run)
    if row is None or row.command == "sync-execute":
        return None, False
    steps = [it for it in journal.steps(run) if it.because == Because.LAYOUT.value]
    moved = (it for it in steps if it.action in (Move.name, Trash.name))
    made = (it for it in steps if it.action in (CreateFolder.name, RemoveFolder.name))
    first = next(chain(moved, made), None)
    if first is None:
        return None, bool(steps)
    came_in = first.action == CreateFolder.name or (
        first.action == Move.name and in_pool(first.path or "")
    )
    goal = Layout.PLAYLIST if came_in else Layout.POOL
    return layout_of(session).toward(goal), True


def settle_layout(session: Session) -> None:
    """A change of the layout is through once nothing lies where it was before."""
    library, layout = session.store.library, layout_of(session)
    if layout.is_changing and not library.lies_elsewhere(layout.goal):
        library.save_layout(layout.goal)


def _seen_in(mp3_dir: Path) -> Layout | None:
    """By the first link to audio in the library; None where there is none."""
    for folder in _folders(mp3_dir / "Playlists"):
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_symlink() and (text := os.readlink(entry.path)).startswith("../"):
                    in_pool = text.startswith(f"../{POOL_FOLDER}/")
                    return Layout.POOL if in_pool else Layout.PLAYLIST
    return None


def _folders(playlists: Path) -> Iterator[str]:
    with suppress(OSError), os.scandir(playlists) as entries:
        yield from sorted(entry.path for entry in entries if entry.is_dir(follow_symlinks=False))
