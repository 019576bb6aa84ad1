"""The states as the next run will find them, once it has finished what a killed run left half done.

A check changes nothing on the disk, and decides from this (I16, I21).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from strandline.core.ids import LibPath
from strandline.core.ledger_facts import LedgerFact, renamed_in, with_facts
from strandline.core.states import Ledger, Scan


@dataclass(frozen=True, slots=True)
class AfterRecovery:
    """What a recovery will do first."""

    names: Mapping[str, str]
    """Temporary name of a playlist folder -> the name that it gets."""
    changes: tuple[LedgerFact, ...]
    """What the ledger hears of it."""

    def ledger_then(self, ledger: Ledger) -> Ledger:
        """What is believed after the recovery."""
        return with_facts(ledger, self.changes)

    def ledger_now(self, then: Ledger) -> Ledger:
        """The same with each path where it is today: for reading what stands there."""
        today = {new: old for old, new in self.names.items()}
        return replace(
            then,
            playlists={
                id: known._replace(folder=today.get(known.folder, known.folder))
                for id, known in then.playlists.items()
            },
            entries={
                key: entry._replace(path=renamed_in(today, entry.path))
                for key, entry in then.entries.items()
            },
            files={
                track: file._replace(path=renamed_in(today, file.path))
                for track, file in then.files.items()
            },
        )

    def scan_then(self, now: Scan) -> Scan:
        """What a scan finds after the recovery, of what one found before."""
        names = self.names
        return replace(
            now,
            folders={
                names.get(name, name): found._replace(name=names.get(name, name))
                for name, found in now.folders.items()
            },
            files={
                (new := self._path(path)): file._replace(path=new)
                for path, file in now.files.items()
            },
            links={
                (new := self._path(path)): link._replace(path=new)
                for path, link in now.links.items()
            },
            others=frozenset(map(self._path, now.others)),
            evidence={self._path(path): seen for path, seen in now.evidence.items()},
            unreadable={names.get(name, name): why for name, why in now.unreadable.items()},
            unread={self._path(path): why for path, why in now.unread.items()},
            unnamed={ino: self._path(path) for ino, path in now.unnamed.items()},
            led={self._path(path): file for path, file in now.led.items()},
        )

    def _path(self, path: LibPath) -> LibPath:
        return renamed_in(self.names, path)
