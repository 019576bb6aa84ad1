"""What the library's disk can do, found out by trying it in ``.strandline/tmp``."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from enum import Enum
from pathlib import Path
from typing import Final

from strandline.errors import LibraryError
from strandline.library.files import LibraryFiles, Syscalls
from strandline.library.files.errors import error_from_oserror
from strandline.library.files.root import OWN
from strandline.library.scan.folder_cache import file_system

_NFC, _NFD = (unicodedata.normalize(form, "é") for form in ("NFC", "NFD"))

LINKLESS: Final = frozenset({"exfat", "fuse.exfat", "msdos", "vfat"})
"""File systems without symlinks: what a disk is taken for that was not tried yet."""


class Normalization(str, Enum):
    """What a disk makes of one name in two spellings (é as one character, or as e and accent)."""

    DISTINCT = "distinct"  # two names, two files (ext4, btrfs …)
    SAME = "same"  # one file, under the name it was given (APFS)
    REWRITTEN = "rewritten"  # one file, under a name of the disk's own making (HFS+)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Of the volume a library lies on."""

    symlinks: bool
    hardlinks: bool
    case_sensitive: bool
    normalization: Normalization
    max_name_bytes: int
    noreplace: bool
    """Renaming never replaces, whatever another program does at that moment. False: strandline
    looks first, and only other programs that write the very same name can still get in between."""
    exchange: bool
    """A link gives way in one instant; False: its name is free for a moment."""
    disk: str
    """Its file system, as ``disk_of`` has it: on another one all may be different."""

    def to_json(self) -> str:
        """One line of JSON, for the database."""
        return json.dumps(asdict(self))


def disk_of(root: Path) -> str:
    """The type of the file system a library lies on; empty where nobody says, or it is not there.

    Device numbers would not do: they change when a disk is plugged in again.
    """
    try:
        folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return file_system(folder) or ""
    finally:
        os.close(folder)


def from_json(text: str) -> Capabilities | None:
    """Back from ``to_json``; None for anything else, so that the disk is asked anew."""
    try:
        found = json.loads(text)
        known = {field.name: found[field.name] for field in fields(Capabilities)}
        return Capabilities(**{**known, "normalization": Normalization(known["normalization"])})
    except (ValueError, TypeError, KeyError):
        return None


def probe(files: LibraryFiles) -> Capabilities:
    """Tries everything out, and clears up. Writes: for execute and doctor, never for a check.

    Raises LibraryError when the disk cannot even hold a file, or shows it under another name, or
    when ``mp3`` lies on another disk.
    """
    with files.new_work_folder() as work:
        files.require_one_disk()
        try:
            with files.inside(work) as folder:
                _require_names_kept(files, folder)
                return _try_everything(files.calls, folder, disk_of(files.root))
        except OSError as error:
            known = error_from_oserror(error, f"{files.root}/{OWN}")
            raise (
                known if isinstance(known, LibraryError) else LibraryError(known.message)
            ) from error


def _require_names_kept(files: LibraryFiles, folder: int) -> None:
    """Else each run would take the disk's own spelling for a rename by the user."""
    files.calls.close(files.calls.create_file(folder, "Name"))
    if "Name" not in files.calls.names(folder):
        raise LibraryError(
            f"The disk of {files.root} shows names with other capitals than they were given.",
            hint="Mount it so that it keeps them (NTFS: without `ignore_case`).",
        )


def _try_everything(calls: Syscalls, folder: int, disk: str) -> Capabilities:
    calls.close(calls.create_file(folder, "probe-a"))
    return Capabilities(
        symlinks=_works(lambda: calls.symlink("probe-a", folder, "link")),
        hardlinks=_works(lambda: calls.link(folder, "probe-a", folder, "hard")),
        case_sensitive=not _works(lambda: calls.lstat(folder, "PROBE-A")),
        normalization=_normalization(calls, folder),
        max_name_bytes=calls.max_name_bytes(folder),
        noreplace=_never_replaces(calls, folder),
        exchange=_exchanges(calls, folder),
        disk=disk,
    )


def _works(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True


def _normalization(calls: Syscalls, folder: int) -> Normalization:
    calls.close(calls.create_file(folder, _NFC))
    if not _works(lambda: calls.lstat(folder, _NFD)):
        return Normalization.DISTINCT
    return Normalization.SAME if _NFC in calls.names(folder) else Normalization.REWRITTEN


def _never_replaces(calls: Syscalls, folder: int) -> bool:
    """By the kernel's word, or through hard links, whose making fails on a taken name."""
    if calls.rename_in_kernel(folder, "probe-a", folder, "probe-b"):
        return True
    return _works(lambda: calls.link(folder, "probe-a", folder, "probe-b"))


def _exchanges(calls: Syscalls, folder: int) -> bool:
    for name in ("one", "two"):
        calls.close(calls.create_file(folder, name))
    return calls.exchange(folder, "one", folder, "two")
