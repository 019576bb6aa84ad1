"""Named places between two system calls, where a test may stop the process dead.

A test sets ``crash.hook`` to a function that gets the name and kills (or swaps files, or counts).
Nothing else ever sets it: no setting, argument or environment variable reaches it.
"""

from __future__ import annotations

from collections.abc import Callable

hook: Callable[[str], None] | None = None

CRASH_POINTS = (
    "folder.before_make", "folder.after_make",
    "rename_folder.before_rename", "rename_folder.after_rename",
    "park_folder.before_rename", "park_folder.after_rename",
    "folder.before_remove", "folder.after_remove",
    "publish.begin", "publish.before_rename", "publish.after_rename",
    "publish.before_swap", "publish.after_swap",
    "move.before_rename", "move.after_rename",
    "link.before_make", "link.after_make",
    "relink.before_swap", "relink.after_swap",
    "replace.before_swap", "replace.after_swap", "replace.after_link", "replace.in_the_gap",
    "replace.before_rename", "replace.after_rename",
    "aside.before_rename", "aside.after_rename", "aside.after_drop",
    "trash.before_rename", "trash.after_rename",
    "restore.before_rename", "restore.after_rename",
    "hardlink.before_make", "hardlink.after_make",
    "export.before_rename", "export.after_rename",
    "import.before_take", "import.after_take", "give_back.before_rename", "give_back.after_rename",
    "flush.before_fsync", "flush.after_fsync",
)  # fmt: skip
"""Every name there is; a test proves that each one is passed."""


def crash_point(name: str) -> None:
    """Does nothing, unless a test set ``hook``."""
    if hook is not None:
        hook(name)
