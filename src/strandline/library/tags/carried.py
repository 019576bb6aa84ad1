"""What goes from the tags of one kind of file into those of another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from strandline.library.tags import serato

TOTALS: Final = {"TRACKNUMBER": "TRACKTOTAL", "DISCNUMBER": "DISCTOTAL"}


class Picture(NamedTuple):
    """An image in the tags."""

    kind: int
    mime: str
    text: str
    data: bytes


@dataclass(slots=True)
class Carried:
    """What goes into another kind of file."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    """By the names of Vorbis comments."""
    pictures: list[Picture] = field(default_factory=list)
    serato: dict[str, bytes] = field(default_factory=dict)
    """By the description of the frame in ID3."""
    others: list[str] = field(default_factory=list)
    """The names of what has no form elsewhere."""

    def add(self, name: str, values: Iterable[str]) -> None:
        """Texts under a name, beside what is there already."""
        if kept := [value for value in values if value]:
            self.texts.setdefault(name, []).extend(kept)

    def add_wrapped(self, geob: str, name: str, text: str) -> None:
        """Serato's data from a text, which ``name`` is the name of."""
        data = serato.unwrapped(geob, text)
        if data is None:
            self.others.append(name)
        else:
            self.serato[geob] = data
