"""What reading a person's files has in common: XML without its dangers, and one error."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Callable

_BLOCK = 1 << 20


class NotUnderstoodError(ValueError):
    """The file is none of the formats, or damaged; the text says why."""


def parse_xml(
    file: IO[bytes],
    start: Callable[[str, dict[str, str]], None] | None = None,
    end: Callable[[str], None] | None = None,
) -> None:
    """Goes through the whole file. Raises NotUnderstoodError.

    A document type is refused where it begins: without one there are no entities to expand and
    nothing outside to be fetched.
    """
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    try:
        while block := file.read(_BLOCK):
            parser.Parse(block, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        if isinstance(error, NotUnderstoodError):
            raise
        line = f" (line {error.lineno})" if isinstance(error, expat.ExpatError) else ""
        raise NotUnderstoodError(f"it is cut off, or not XML{line}") from error


def _refuse_doctype(*_declaration: object) -> None:
    raise NotUnderstoodError("it has a DOCTYPE, which is refused")
