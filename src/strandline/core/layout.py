"""Where the audio of a library lies: in the folders of its playlists, or in one pool."""

from __future__ import annotations

from enum import Enum


class Layout(str, Enum):
    """As it is stored; the last two are a change that is not through."""

    PLAYLIST = "playlist"
    POOL = "pool"
    TO_POOL = "to_pool"
    TO_PLAYLIST = "to_playlist"

    @property
    def is_pool(self) -> bool:
        """Whether new audio, and what moves, belongs into the pool."""
        return self in (Layout.POOL, Layout.TO_POOL)

    @property
    def has_pool(self) -> bool:
        """Whether the pool's folder is strandline's, to look into and to change."""
        return self is not Layout.PLAYLIST

    @property
    def goal(self) -> Layout:
        """What it is once every change is through."""
        return Layout.POOL if self.is_pool else Layout.PLAYLIST

    @property
    def is_changing(self) -> bool:
        """Whether a change was begun, and not all of it done."""
        return self is not self.goal

    def toward(self, goal: Layout) -> Layout:
        """What is stored before the first step of a change to ``goal``."""
        if self is goal:
            return goal
        return Layout.TO_POOL if goal is Layout.POOL else Layout.TO_PLAYLIST
