"""Targets of links to no file of the playlists' folders: a person's, to audio of theirs.

The system follows them; what they lead to is only ever read.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from strandline.core.ids import PLAYLISTS, LibPath, resolve
from strandline.core.states import CachedEvidence, Evidence, FoundFile, FoundLink
from strandline.library.scan.evidence_cache import EvidenceCache
from strandline.library.stamps import ctime_of, mtime_of


def follow(
    mp3_dir: Path, links: Mapping[LibPath, FoundLink], files: Mapping[LibPath, FoundFile]
) -> dict[LibPath, FoundFile]:
    """The regular file each link leads to in the end, if it is none of ``files`` at the first step.

    A link that leads nowhere, round in a circle, or to a folder or device is not among them.
    """
    led, root = {}, str(mp3_dir)
    for path, link in links.items():
        text = link.target
        if text[:3] == "../" and f"{PLAYLISTS}/{text[3:]}" in files:
            continue
        if text[:6] == "../../" and text[6:] in files:
            continue
        if resolve(path, text, root) in files:
            continue
        with suppress(OSError):
            at = os.stat(mp3_dir / path)
            if stat.S_ISREG(at.st_mode):
                led[path] = _found(path, at)
    return led


def judge(
    mp3_dir: Path, led: Mapping[LibPath, FoundFile], cache: EvidenceCache
) -> dict[LibPath, Evidence]:
    """Whether each file that was led to is audio that plays; by the cache where it is unchanged."""
    if not led:
        return {}
    kept, told = cache.load(), {}
    fresh: list[CachedEvidence] = []
    for path, file in led.items():
        seen = kept.get(path)
        key = (file.ino, file.size, file.mtime_ns, file.ctime_ns)
        if seen is not None and seen[1:5] == key:
            told[path] = seen.evidence
        elif (found := _read(f"{mp3_dir}/{path}")) is not None:
            told[path] = found
            fresh.append(CachedEvidence(path, *key, found))
    _keep(cache, fresh)
    return told


def _keep(cache: EvidenceCache, fresh: Iterable[CachedEvidence]) -> None:
    if rows := list(fresh):
        cache.save(rows)


def _read(path: str) -> Evidence | None:
    """None: it cannot be read just now."""
    from strandline.library.audio.check import quick_check
    from strandline.library.audio.headers import read_identity

    try:
        told = read_identity(path)
        playable = told.readable and quick_check(path).playable
    except OSError:
        return None
    return Evidence(told.embedded, None, told.isrc, told.duration, playable)


def _found(path: LibPath, at: os.stat_result) -> FoundFile:
    return FoundFile(path, at.st_dev, at.st_ino, at.st_size, mtime_of(at), ctime_of(at))
