"""The folder cache: folders that need not be listed again, for nothing came and nothing went.

A folder's own times move with every name that is added, removed, renamed or replaced in it, and a
symlink's text cannot change in place. So a folder with the stamp (device, inode, mtime, ctime) it
had when it was last listed holds the same names and the same links. That says nothing of the files:
they can be written to in place, so each is still looked at by its name.

When a stamp is not believed:

* It is younger than ``SETTLED`` at the time of listing: a change within the same tick of the clock
  would leave it as it is (git calls such a stamp racy).
* The folder was listed longer ago than ``AT_MOST``, or later than now: the clock was set back.
* The file system is not one of ``STAMPING``. On FAT, exFAT and NTFS times are coarse or something
  else, over a network another computer's clock makes them, unions show one folder's for several.
* Its playlist ought to hold something else by now: what it held is kept as a digest.

ctime is the clock's and nobody's to set. What could fool a stamp is writing to the disk past the
file system, or a clock set back to the very nanosecond of the folder's last change and put right
again before the next look. A wrong belief misses a change until the next whole look; it destroys
nothing, because every step of a run looks for itself just before.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from strandline.core.folder_state import CachedListing, FolderState
from strandline.core.ids import PlaylistId
from strandline.library.stamps import ctime_of, mtime_of

SETTLED = 2_000_000_000  # nanoseconds
AT_MOST = 7 * 86_400_000_000_000  # nanoseconds: a week
STAMPING = frozenset({"btrfs", "ext2", "ext3", "ext4", "tmpfs", "xfs"})
"""File systems known to give a folder a new ctime, by this computer's clock, with every change."""


class FolderCache:
    """What is believed of earlier looks, and what this one adds. ``now_ns`` is its beginning."""

    def __init__(self, believed: Mapping[PlaylistId, CachedListing], now_ns: int) -> None:
        self._believed, self._now = believed, now_ns
        self._device: int | None = None
        self.fresh: list[CachedListing] = []
        """Folders listed now, whose stamps can be believed from now on."""

    def begin(self, playlists: int) -> None:
        """Whether to believe in stamps at all, by the file system of the open folder."""
        if file_system(playlists) in STAMPING:
            self._device = os.fstat(playlists).st_dev

    def spare(self, folder_state: FolderState, at: os.stat_result) -> bool:
        """The folder that looks like this holds what it should: no need to list it."""
        known = self._believed.get(folder_state.playlist)
        return (
            known is not None
            and at.st_dev == self._device
            and known[1:5] == _stamp(at)
            and 0 <= self._now - known.at_ns < AT_MOST
            and known.held == folder_state.holds
        )

    def note(self, folder_state: FolderState, at: os.stat_result) -> None:
        """The folder looked like this, then it was listed and held what it should."""
        if at.st_dev == self._device and at.st_ctime_ns < self._now - SETTLED:
            self.fresh.append(
                CachedListing(folder_state.playlist, *_stamp(at), folder_state.holds, self._now)
            )


def _stamp(at: os.stat_result) -> tuple[int, int, int, int]:
    return at.st_dev, at.st_ino, mtime_of(at), ctime_of(at)


def file_system(fd: int) -> str | None:
    """The type of the file system an open folder is on; None where the kernel does not say."""
    try:
        told = Path(f"/proc/self/fdinfo/{fd}").read_text()
        mount = told.partition("mnt_id:")[2].split()[0]
        for line in Path("/proc/self/mountinfo").read_text().splitlines():
            if line.startswith(f"{mount} "):
                return line.partition(" - ")[2].split()[0]
    except (OSError, IndexError, UnicodeDecodeError):
        pass
    return None
