"""The sound files below a folder of the person's: what lies there to be listened to."""

from __future__ import annotations

import os
from collections.abc import Iterator

from strandline.library.audio.containers import AUDIO_SUFFIXES

_APART = frozenset(
    {
        ".strandline",  # its trash, also where the folder is reached by another path
        ".trash", ".trashes", "$recycle.bin", "recycler", "#recycle", "@recycle", "@eadir",
        "#snapshot", ".snapshot", ".snapshots", ".zfs", ".stversions", ".sync", "lost+found",
        "system volume information", ".appledouble", ".dropbox.cache",
    }
)  # fmt: skip
"""In lower case: what was thrown away, or is kept by a system, a NAS or a program that syncs."""
_APART_BEGINS = (".trash-",)


def is_sound(path: str) -> bool:
    """Whether a file is taken for music by its name; halves of macOS's (``._x.mp3``) are not."""
    is_half = os.path.basename(path).startswith("._")
    return path.lower().endswith(tuple(AUDIO_SUFFIXES)) and not is_half


def sound_files(top: str) -> Iterator[str]:
    """Full paths, in order. Links are not followed, nor is looked into trashes below ``top``."""
    for folder, names, files in os.walk(top):
        names[:] = sorted(name for name in names if not _is_apart(name))
        yield from (os.path.join(folder, name) for name in sorted(files) if is_sound(name))


def _is_apart(name: str) -> bool:
    folded = name.lower()
    return folded in _APART or folded.startswith(_APART_BEGINS)
