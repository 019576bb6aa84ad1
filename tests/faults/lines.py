"""Which lines ran, and modules imported from a mutant in place of their file."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import mmap
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType, ModuleType

from tests.faults.mutants import Mutant


class Lines:
    """The lines of some files that ran; in memory that forked and killed children write to, too."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._at: dict[str, int] = {}
        size = 1
        for path in paths:
            self._at[str(path)] = size
            size += path.read_text().count("\n") + 1
        self._ran = mmap.mmap(-1, size)

    def watch(self) -> None:
        """From now on, in this process and its children."""
        threading.settrace(self._call)
        sys.settrace(self._call)

    def taken(self) -> bytes:
        """What ran since the last time."""
        ran = self._ran[:]
        self._ran[:] = bytes(len(ran))
        return ran

    def any_of(self, path: Path, lines: range, ran: bytes) -> bool:
        """Whether one of these lines ran."""
        at = self._at[str(path)]
        return any(ran[at + lines.start : at + lines.stop])

    def _call(self, frame: FrameType, event: str, arg: object) -> object:
        return self._line if frame.f_code.co_filename in self._at else None

    def _line(self, frame: FrameType, event: str, arg: object) -> object:
        self._ran[self._at[frame.f_code.co_filename] + frame.f_lineno] = 1
        return self._line


class Swapped(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from a mutant instead of its file."""

    def __init__(self, mutant: Mutant, root: Path) -> None:
        self._mutant = mutant
        self._name = ".".join(mutant.path.relative_to(root).with_suffix("").parts)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._name:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=str(self._mutant.path))

    def exec_module(self, module: ModuleType) -> None:
        exec(self._mutant.code, module.__dict__)
