"""Which files of the library hold the same bytes, whoever put them there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from strandline.core.ids import LibPath
    from strandline.core.states import FoundFile


class Equal(NamedTuple):
    """Files with the same content; ``bytes`` is the size of one."""

    bytes: int
    paths: tuple[LibPath, ...]


class ContentReport(NamedTuple):
    """``bytes_wasted`` is what all but one file of each group take."""

    same_content: tuple[Equal, ...]
    bytes_wasted: int

    def document(self) -> dict[str, object]:
        """Its part of the JSON document."""
        return {**self._asdict(), "same_content": [one._asdict() for one in self.same_content]}


def report_of(files: Mapping[LibPath, FoundFile], found: list[list[LibPath]]) -> ContentReport:
    """The groups that were found, and what they waste."""
    groups = tuple(Equal(files[paths[0]].size, tuple(paths)) for paths in found)
    wasted = sum(group.bytes * (len(group.paths) - 1) for group in groups)
    return ContentReport(groups, wasted)
