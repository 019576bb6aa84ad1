"""What the scan wants of the place that keeps evidence between runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from strandline.core.ids import LibPath
from strandline.core.states import CachedEvidence


class EvidenceCache(Protocol):
    """Where evidence is kept between runs. Losing it costs time, nothing else."""

    def load(self) -> Mapping[LibPath, CachedEvidence]:
        """Everything kept."""

    def save(self, rows: Iterable[CachedEvidence]) -> None:
        """Keeps these, each in place of what was kept of its path."""

    def forget(self, paths: Iterable[LibPath]) -> None:
        """Drops what is kept of these paths."""

    def packets(self, contents: Iterable[str]) -> Mapping[str, str]:
        """Hashes of the sound in files, by their sha256, as far as known."""

    def learn_packets(self, pairs: Mapping[str, str]) -> None:
        """Keeps more of those."""
