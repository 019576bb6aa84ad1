"""The only code that changes a library. Everyone else asks ``LibraryFiles``."""

from strandline.library.files.errors import DiskStoppedError, TakenError
from strandline.library.files.library import LibraryFiles, temporary_folder_path
from strandline.library.files.root import OutsideLibraryError
from strandline.library.files.syscalls import Syscalls
from strandline.library.files.temp import Temp, WorkFolder, without_part_names
from strandline.library.files.trash import TrashPath

__all__ = [
    "DiskStoppedError",
    "LibraryFiles",
    "OutsideLibraryError",
    "Syscalls",
    "TakenError",
    "Temp",
    "TrashPath",
    "WorkFolder",
    "temporary_folder_path",
    "without_part_names",
]
