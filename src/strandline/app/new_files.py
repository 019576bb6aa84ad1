"""Settings that hold for new files alone: said where files of before differ from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strandline.app.layout import layout_said
from strandline.app.plan_warnings import Warn
from strandline.core.ids import name_of
from strandline.core.names import is_name_for, track_base
from strandline.core.states import WantedTrack

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from strandline.config import Config
    from strandline.db.qualities import NamedFile
    from strandline.db.store import Store

_SAMPLE = 50
"""Files, the oldest: a look at all of them would cost every check more than it tells."""
_TEXT = (
    "{setting} applies to new files; {others} {stay}: a sync leaves {them}, `strandline reapply"
    " --audio` does not."
)


def settings_for_new_files(config: Config, store: Store) -> Iterator[Warn]:
    """One for each setting that files on disk do not follow."""
    if number := store.qualities.in_other_format(config.audio_format):
        yield _warn(f"format = {config.audio_format}", number, "in another format")
    if number := store.qualities.asked_for_less(config.tidal_quality):
        yield _warn(f"quality = {config.tidal_quality}", number, "asked for in lower quality")
    is_mp3, bitrate = config.audio_format == "mp3", config.audio_bitrate
    if is_mp3 and (number := store.qualities.in_other_bitrate(bitrate)):
        yield _warn(f"bitrate = {bitrate}", number, "of another bitrate")
    if said := layout_said(config, store):
        yield Warn("layout_differs", said)
    if _are_named_otherwise(store.qualities.named(_SAMPLE), config.names_track):
        yield Warn(
            "setting_for_new_files",
            "names.track applies to new files; those that are there keep their names"
            " (`strandline reapply --names`).",
        )


def _are_named_otherwise(files: Sequence[NamedFile], template: str) -> bool:
    """Whether most of them have other names than the template makes."""
    others = 0
    for file in files:
        track = WantedTrack(
            file.track, file.artist, file.title, file.version, 0, file.isrc, album=file.album
        )
        others += not is_name_for(name_of(file.path), track_base(track, template), file.track)
    return 2 * others > len(files)


def _warn(setting: str, number: int, differing: str) -> Warn:
    one = number == 1
    others = f"{number:,} {'file' if one else 'files'} {differing}"
    stay, them = ("stays", "it as it is") if one else ("stay", "them as they are")
    message = _TEXT.format(setting=setting, others=others, stay=stay, them=them)
    return Warn("setting_for_new_files", message)
