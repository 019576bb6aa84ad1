"""What every run that changes the library has in common: the lock, recovery, the executor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from strandline.app.layout import library_files, settle_layout
from strandline.app.library_folder import require_library
from strandline.app.library_marker import mark, require_still_ready
from strandline.app.observe import observe, save
from strandline.app.session import Clock, Session, open_session
from strandline.app.source import NoSource
from strandline.errors import LibraryError, SafetyStopError, UsageError
from strandline.events import Silent
from strandline.execute.executor import Executor
from strandline.execute.moves_file import write_moves
from strandline.execute.ports import RunSettings, StopFlag, TagChoice
from strandline.execute.recovery import recover
from strandline.library.files import LibraryFiles
from strandline.library.lock import lock_library
from strandline.library.marker import LibraryState, LibraryVerdict

if TYPE_CHECKING:
    from collections.abc import Collection

    from strandline.config import Config
    from strandline.core.ids import PlaylistId
    from strandline.events import Progress
    from strandline.execute.ports import AudioSourcePort

Watch = Callable[[StopFlag], AbstractContextManager[object]]
"""While steps are carried out, whoever listens may set the flag to end the run soon."""


def unwatched(_: StopFlag) -> AbstractContextManager[object]:
    """Nobody listens."""
    return nullcontext()


def hold_library(session: Session) -> LibraryState:
    """Lock and recover the library; a new one is left alone until the person has agreed.

    Raises BusyError, SafetyStopError, LibraryError.
    """
    root = session.config.library
    state = require_library(root, session.store)
    if state.verdict is LibraryVerdict.NEW:
        return state
    session.closing.enter_context(lock_library(root))
    state = require_library(root, session.store)
    with library_files(session) as files:
        if state.verdict in (LibraryVerdict.FINISH, LibraryVerdict.READY):
            mark(session, files, state)  # a library that was moved is bound anew
            state = replace(state, verdict=LibraryVerdict.READY)
        for line in recover(files, session.store, session.now()):
            session.progress.note(line)
    return state


@contextmanager
def held_library(
    config: Config, progress: Progress | None, now: Clock
) -> Iterator[tuple[Session, LibraryFiles]]:
    """A library that this database knows, locked and recovered. UsageError when there is none."""
    with open_session(config, progress, locked=True, now=now) as session:
        if hold_library(session).verdict is not LibraryVerdict.READY:
            raise UsageError(
                f"There is no library of this database in {config.library} yet.",
                hint="`strandline sync-execute` creates it.",
                code="no_library",
            )
        with library_files(session) as files:
            yield session, files


def settings_of(config: Config) -> RunSettings:
    """How runs are carried out, by the settings."""
    return RunSettings(
        workers=config.download_workers,
        audio_format=config.audio_format,
        max_sample_rate=config.audio_max_sample_rate,
        bit_depth=config.audio_bit_depth,
        tags=TagChoice(
            config.tags_id3,
            config.tags_bpm_and_key,
            config.tags_replaygain,
            config.tags_lyrics == "embed",
            config.tags_cover > 0,
            lyrics_file=config.tags_lyrics == "file",
        ),
        bitrate=config.audio_bitrate,
        quality=config.tidal_quality,
        quality_floor=config.tidal_quality_floor,
        bytes_a_second=config.download_limit,
    )


def executor_for(
    session: Session,
    files: LibraryFiles,
    stop: StopFlag,
    source: AudioSourcePort | None = None,
) -> Executor:
    """An executor by the settings, which looks for the library before each batch (I7)."""
    config, known = session.config, session.store.library.id()
    return Executor(
        files,
        session.store,
        source or NoSource(),
        clock=session.now,
        settings=settings_of(config),
        stop=stop,
        progress=session.progress,
        check_library=lambda: require_still_ready(config.library, known),
    )


def refresh_statuses(session: Session, only: Collection[PlaylistId] | None) -> bool:
    """The statuses after a run, from the disk itself; False for a library that went away."""
    try:
        require_still_ready(session.config.library, session.store.library.id())
    except SafetyStopError:
        return False
    save(session, observe(session, only, Silent()))
    settle_layout(session)
    list_moves(session)
    return True


def list_moves(session: Session) -> None:
    """What was seen to have moved is in the list of moves, too, or the next run would write it.

    Where it cannot be written now, that one does.
    """
    if session.store.moves.unwritten():
        with suppress(LibraryError), library_files(session) as files:
            write_moves(files, session.store)
