"""Which files of the library hold the same bytes, whoever put them there; reads the disk."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from strandline.app.session import open_session
from strandline.library.content import comparing
from strandline.library.scan import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from strandline.config import Config
    from strandline.core.ids import LibPath
    from strandline.core.states import FoundFile
    from strandline.db.reports import DedupeReport
    from strandline.events import Progress


class Equal(NamedTuple):
    """Files with the same content; ``bytes`` is the size of one."""

    bytes: int
    paths: tuple[LibPath, ...]


class ContentReport(NamedTuple):
    """``bytes_wasted`` is what all but one file of each group take."""

    same_content: tuple[Equal, ...]
    bytes_wasted: int


@contextmanager
def same_content(
    config: Config, progress: Progress
) -> Iterator[tuple[DedupeReport, Callable[[], ContentReport]]]:
    """What the database says of sharing; the call waits for what the files say.

    All files below ``mp3/Playlists`` are compared while the caller does something else.
    Raises SafetyStopError, LibraryError, DatabaseError.
    """
    with open_session(config, progress) as session:
        files = walk(config.mp3_dir, progress, files_only=True).files
        with comparing(config.mp3_dir, files, progress) as compared:
            from strandline.app.place import require_library  # takes its time; files are read

            require_library(config.library, session.store)
            yield session.store.reports.dedupe(), lambda: _report(files, compared())


def _report(files: Mapping[LibPath, FoundFile], found: list[list[LibPath]]) -> ContentReport:
    groups = tuple(Equal(files[paths[0]].size, tuple(paths)) for paths in found)
    wasted = sum(group.bytes * (len(group.paths) - 1) for group in groups)
    return ContentReport(groups, wasted)
