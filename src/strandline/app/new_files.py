"""Settings that hold for new files alone: said where files of before differ from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strandline.app.warn import Warn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from strandline.config import Config
    from strandline.db.store import Store

_TEXT = "{setting} applies to new files; {others} {stay}: a sync leaves {them}."


def settings_for_new_files(config: Config, store: Store) -> Iterator[Warn]:
    """One for each setting that files on disk do not follow."""
    if number := store.qualities.in_other_format(config.audio_format):
        yield _warn(f"format = {config.audio_format}", number, "in another format")
    if number := store.qualities.asked_for_less(config.tidal_quality):
        yield _warn(f"quality = {config.tidal_quality}", number, "asked for in lower quality")


def _warn(setting: str, number: int, differing: str) -> Warn:
    one = number == 1
    others = f"{number:,} {'file' if one else 'files'} {differing}"
    stay, them = ("stays", "it as it is") if one else ("stay", "them as they are")
    message = _TEXT.format(setting=setting, others=others, stay=stay, them=them)
    return Warn("setting_for_new_files", message)
