"""DASH descriptions (MPD): the addresses of the initialization and of every segment, in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil
from urllib.parse import urljoin
from xml.parsers import expat

from strandline.core.quality import is_surround
from strandline.tidal.source import AudioSource, bad_manifest, encrypted, extension_of

MOST_NODES, DEEPEST = 50_000, 32
MOST_SEGMENTS = 10_000
_FIELD = re.compile(r"\$(RepresentationID|Number|Bandwidth|Time|)(?:%0(\d{1,2})d)?\$")
_DURATION = re.compile(r"P(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)")


@dataclass
class Node:
    """An XML element: its name without a namespace, its attributes, what is in it."""

    name: str
    attributes: dict[str, str]
    children: list[Node] = field(default_factory=list)
    text: str = ""

    def every(self, name: str) -> list[Node]:
        """Its children of that name."""
        return [child for child in self.children if child.name == name]

    def one(self, name: str) -> Node | None:
        """Its first child of that name."""
        return next(iter(self.every(name)), None)

    def all(self) -> Iterator[Node]:
        """Itself and everything below."""
        yield self
        for child in self.children:
            yield from child.all()


def read_mpd(manifest: bytes, quality: str) -> AudioSource:
    """The best representation's addresses. DownloadError: ``bad_manifest``, ``encrypted``."""
    root = parse_xml(manifest)
    periods = root.every("Period")
    if root.name != "MPD" or len(periods) != 1:
        raise bad_manifest("does not hold one piece of audio")
    choices = [
        [root, periods[0], adaptation, representation]
        for adaptation in periods[0].every("AdaptationSet")
        for representation in adaptation.every("Representation")
    ]
    chain = _best(choices)
    if any(node.one("ContentProtection") for node in chain):
        raise encrypted()
    mime = _inherited(chain, "mimeType")
    template = _template(chain)
    return AudioSource(
        "dash",
        tuple(_urls(chain, template, _seconds(root))),
        _inherited(chain, "codecs"),
        mime,
        extension_of(mime),
        quality,
        inits=int(template is not None and "initialization" in template.attributes),
        segmented=template is not None,
    )


def _best(choices: list[list[Node]]) -> list[Node]:
    """The best in stereo and in the clear; without one, the best of the others, to be refused."""
    if not choices:
        raise bad_manifest("offers no audio")

    def worth(chain: list[Node]) -> tuple[bool, bool, bool, int]:
        codec, kind = _inherited(chain, "codecs"), _inherited(chain, "contentType")
        kind = kind or _inherited(chain, "mimeType").partition("/")[0]
        clear = not any(node.one("ContentProtection") for node in chain)
        bandwidth = _number(chain[-1], "bandwidth", 0)
        return (
            kind in ("audio", ""),
            not is_surround(codec, None, _channels(chain)),
            clear,
            bandwidth,
        )

    return max(choices, key=worth)


def _channels(chain: list[Node]) -> int | None:
    """By ``AudioChannelConfiguration``, where it is a plain number."""
    found = [
        told.attributes.get("value", "")
        for node in chain
        for told in node.every("AudioChannelConfiguration")
    ]
    return int(found[-1]) if found and re.fullmatch(r"[0-9]{1,2}", found[-1]) else None


# ---------------------------------------------------------------- XML without its dangers


def parse_xml(document: bytes) -> Node:
    """A tree. DownloadError for anything that is not plain, small, flat UTF-8 XML.

    A document type is refused where it begins: without one there are no entities to expand and
    nothing outside to be fetched.
    """
    builder = _Builder()
    parser = expat.ParserCreate(encoding="UTF-8", namespace_separator=" ")
    parser.StartDoctypeDeclHandler = builder.refuse_doctype
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    try:
        parser.Parse(document, True)
    except (expat.ExpatError, ValueError) as error:
        raise bad_manifest("is not XML") from error
    return builder.root


class _Builder:
    def __init__(self) -> None:
        self.root = Node("", {})
        self._open: list[Node] = []
        self._count = 0

    def refuse_doctype(self, *_declaration: object) -> None:
        raise bad_manifest("holds definitions that have no place in it")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_NODES or len(self._open) >= DEEPEST:
            raise bad_manifest("is too large or too deep")
        node = Node(name.rpartition(" ")[2], attributes)
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)

    def end(self, _name: str) -> None:
        self._open.pop()

    def text(self, data: str) -> None:
        self._open[-1].text += data


# ---------------------------------------------------------------- addresses


def _urls(chain: list[Node], template: Node | None, seconds: float | None) -> Iterator[str]:
    base = ""
    for node in chain:
        if (inner := node.one("BaseURL")) is not None:
            base = urljoin(base, inner.text.strip())
    if not template:
        if not base:
            raise bad_manifest("names no address")
        yield base
        return
    fields = {"RepresentationID": chain[-1].attributes.get("id", ""), "": "$"}
    fields["Bandwidth"] = chain[-1].attributes.get("bandwidth", "")
    if "initialization" in template.attributes:
        yield urljoin(base, _filled(template.attributes["initialization"], fields))
    media = template.attributes.get("media")
    if media is None:
        raise bad_manifest("names no segments")
    for number, time in _segments(template, seconds):
        fields |= {"Number": str(number), "Time": str(time)}
        yield urljoin(base, _filled(media, fields))


def _template(chain: list[Node]) -> Node | None:
    """The segment template, each level overriding what the level above says."""
    merged: Node | None = None
    for node in chain:
        found = node.one("SegmentTemplate")
        if found is not None:
            above = merged or Node("SegmentTemplate", {})
            merged = Node(
                "SegmentTemplate",
                above.attributes | found.attributes,
                found.children or above.children,
            )
    return merged


def _segments(template: Node, seconds: float | None) -> Iterator[tuple[int, int]]:
    """Number and start time of each; a timeline's ``r`` counts the repeats after the first."""
    number, count = _number(template, "startNumber", 1), 0
    for time in _starts(template, seconds):
        if (count := count + 1) > MOST_SEGMENTS:
            raise bad_manifest("names too many segments")
        yield number, time
        number += 1
    if not count:
        raise bad_manifest("names no segments")


def _starts(template: Node, seconds: float | None) -> Iterator[int]:
    scale, timeline = max(_number(template, "timescale", 1), 1), template.one("SegmentTimeline")
    end = None if seconds is None else ceil(seconds * scale)
    if timeline is None:
        length = _number(template, "duration", 0)
        if length <= 0 or end is None:
            raise bad_manifest("does not say how many segments there are")
        yield from range(0, end, length)
        return
    time = 0
    for run in timeline.every("S"):
        time, length = _number(run, "t", time), _number(run, "d", 0)
        if length <= 0:
            raise bad_manifest("holds a segment without a length")
        for _ in range(_repeats(run, time, length, end) + 1):
            yield time
            time += length


def _repeats(run: Node, time: int, length: int, end: int | None) -> int:
    repeats = _number(run, "r", 0)
    if repeats >= 0:
        return min(repeats, MOST_SEGMENTS)
    if end is None:
        raise bad_manifest("does not say how many segments there are")
    return min(max(ceil((end - time) / length) - 1, 0), MOST_SEGMENTS)


def _filled(template: str, fields: dict[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        return fields.get(match[1], "").zfill(int(match[2] or 0))

    return _FIELD.sub(value, template)


def _inherited(chain: list[Node], name: str) -> str:
    found = [node.attributes[name] for node in chain if name in node.attributes]
    return found[-1] if found else ""


def _number(node: Node, name: str, default: int) -> int:
    text = node.attributes.get(name, str(default))
    if not re.fullmatch(r"-?[0-9]{1,15}", text):
        raise bad_manifest(f"says {name} in a way that is not a number")
    return int(text)


def _seconds(root: Node) -> float | None:
    """``mediaPresentationDuration``: ``PT3M21.5S``."""
    match = _DURATION.fullmatch(root.attributes.get("mediaPresentationDuration", ""))
    if match is None:
        return None
    hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds
