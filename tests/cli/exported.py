"""Exports as the tests look at them."""

from __future__ import annotations

from pathlib import Path

from tests.cli.terminal import Terminal

ONE_FILE = {"rekordbox": "rekordbox.xml", "traktor": "traktor.nml", "itunes": "itunes.xml"}

FORMATS = [*ONE_FILE, "m3u8", "serato"]


def exports(t: Terminal) -> Path:
    return t.library / "exports"


def where(t: Terminal, form: str) -> tuple[str, ...]:
    return ("--to", str(t.folder / "_Serato_")) if form == "serato" else ()


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def lines(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if not line.startswith("#")]
