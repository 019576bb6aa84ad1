"""Audio from a downloader of the user's own. Nothing it says is believed: only its file counts.

It runs without a shell, in a private empty folder, without input, in a session of its own that is
ended whole; its exit code is ignored, because the popular ones exit 0 on failure, too.
"""

from __future__ import annotations

import logging
import os
import re
import selectors
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from strandline.errors import ConfigError, DownloadError
from strandline.execute.ports import Counter, Cover, DownloadRequest, Fetched
from strandline.library.audio.containers import HEAD, container_of
from strandline.library.files.errors import error_from_oserror

if TYPE_CHECKING:
    from strandline.core.lyrics import Lyrics
    from strandline.library.files import LibraryFiles, Temp

log = logging.getLogger(__name__)

TIMEOUT = 15 * 60.0
"""Seconds for one track."""
KEPT_OUTPUT = 16 << 10
"""Bytes of what it printed that go to the log: the last ones."""
MOST_FILES = 200
"""More than any downloader leaves for one track."""
_PLACEHOLDER = re.compile(r"\{(track_id|url|directory|quality)\}")
_BLOCK = 1 << 20
_PIPE = 1 << 20  # bytes; no pipe holds more
_TICK = 0.1  # seconds between two looks at whether the run ends
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Found(NamedTuple):
    """A regular file that begins like audio, open for reading."""

    name: str
    """Relative to the command's folder."""
    fd: int


def no_cover(_: DownloadRequest) -> Cover | None:
    """For a source without pictures."""
    return None


def no_lyrics(_: DownloadRequest) -> Lyrics | None:
    """For a source without words."""
    return None


class CommandSource:
    """An AudioSourcePort over ``argv``, whose words may hold placeholders.

    Raises ConfigError when there is no such program, or nothing tells it which track to fetch.
    """

    def __init__(
        self,
        argv: Sequence[str],
        quality: str,
        *,
        timeout: float = TIMEOUT,
        cover: Callable[[DownloadRequest], Cover | None] = no_cover,
        lyrics: Callable[[DownloadRequest], Lyrics | None] = no_lyrics,
    ) -> None:
        if not argv:
            raise ConfigError(
                'download.source is "command", but download.command is empty.',
                hint="Name the program there, or take the source away.",
            )
        if shutil.which(argv[0]) is None:
            raise ConfigError(
                f"download.command: there is no program {argv[0]!r}.",
                hint="Give its full path, or install it.",
            )
        if not any("{track_id}" in word or "{url}" in word for word in argv[1:]):
            raise ConfigError(
                "download.command does not say which track to fetch.",
                hint="Put {track_id} or {url} among its words.",
            )
        self._argv, self._quality, self._timeout = tuple(argv), quality, timeout
        self.cover, self.lyrics = cover, lyrics

    def fetch(self, request: DownloadRequest, files: LibraryFiles, count: Counter) -> Fetched:
        """See AudioSourcePort."""
        with files.new_work_folder() as work:
            words = filled(self._argv, request.track, work.path, self._quality)
            self._run(words, work.path, request.track, count)
            try:
                with _one_that_fits(work.path, request) as found:
                    return Fetched(_copied(found, files, count))
            except OSError as error:
                raise error_from_oserror(error, f"track {request.track}") from error

    def _run(self, words: list[str], folder: Path, track: str, count: Counter) -> None:
        """Runs to its end, to the time-out or to the end of the run; its last words are logged."""
        deadline = time.monotonic() + self._timeout
        process = _start(words, folder)
        output = bytearray()
        try:
            for block in _output_of(process):
                output += block
                del output[:-KEPT_OUTPUT]
                count(0)
                if time.monotonic() > deadline:
                    raise DownloadError(
                        f"{words[0]} was still running after {self._timeout:.0f} s.",
                        hint="Try it by hand: does it wait for an answer?",
                        code="timeout",
                    )
        finally:
            _end(process)
            log.info("%s for track %s said:\n%s", words[0], track, printable(output))


def filled(argv: Sequence[str], track: str, directory: Path, quality: str) -> list[str]:
    """The command's words for one track, each filled in by itself: nothing is split or joined."""
    if not (track.isascii() and track.isdigit()):
        raise DownloadError(f"{track!r} is not the id of a TIDAL track.", code="unknown_track")
    values = {
        "track_id": track,
        "url": f"https://tidal.com/browse/track/{track}",
        "directory": str(directory),
        "quality": quality,
    }
    return [_PLACEHOLDER.sub(lambda match: values[match[1]], word) for word in argv]


def printable(output: bytes | bytearray) -> str:
    """Without control characters, which a terminal showing the log might obey."""
    text = output.decode("utf-8", "replace")
    return "".join(char if char.isprintable() or char == "\n" else "�" for char in text)


# ---------------------------------------------------------------- the process


def _start(words: list[str], folder: Path) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - the user's own words, without a shell
            words,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise DownloadError(f"{words[0]} could not be started: {error}.", code="command") from error


def _output_of(process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    """All that it prints, an empty block at least every tick, until it has ended."""
    assert process.stdout
    pipe = process.stdout.fileno()
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        open_ = True
        while open_ and process.poll() is None:
            block = b""
            if selector.select(_TICK):
                block = os.read(pipe, _PIPE)
                open_ = bool(block)
            yield block
        if open_:
            yield from _last_words(pipe, selector)
    while process.poll() is None:  # it closed its output and goes on
        with suppress(subprocess.TimeoutExpired):
            process.wait(_TICK)
        yield b""


def _last_words(pipe: int, selector: selectors.BaseSelector) -> Iterator[bytes]:
    """What lay in the pipe when it ended. Another program may hold the pipe and write on."""
    rest = _PIPE
    while rest > 0 and selector.select(0) and (block := os.read(pipe, rest)):
        rest -= len(block)
        yield block


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends it with everything it has started; also what is left after a good end."""
    with process, suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


# ---------------------------------------------------------------- what it left


@contextmanager
def _one_that_fits(folder: Path, request: DownloadRequest) -> Iterator[Found]:
    """The one file that is the track's audio. Raises DownloadError that names what is there."""
    names, found = _look_through(folder)
    try:
        fitting = found if len(found) == 1 else [one for one in found if _fits(one, request)]
        if len(fitting) != 1:
            raise _not_one(names, len(fitting))
        yield fitting[0]
    finally:
        for one in found:
            os.close(one.fd)


def _not_one(names: list[str], fitting: int) -> DownloadError:
    there = ", ".join(printable(os.fsencode(name)) for name in names[:10]) or "nothing"
    what = "no audio file of the track's length" if not fitting else f"{fitting} of them fit"
    return DownloadError(
        f"The download command left {there}: {what}.",
        hint="The log has what it printed. Does its own login still hold?",
        code="nothing_downloaded" if not fitting else "ambiguous",
    )


def _look_through(folder: Path) -> tuple[list[str], list[Found]]:
    """Every name in the folder, and the audio among them; symlinks and special files are none."""
    names: list[str] = []
    found: list[Found] = []
    for top, _, inside, fd in os.fwalk(folder, follow_symlinks=False):
        for name in sorted(inside):
            names.append(os.path.relpath(os.path.join(top, name), folder))
            handle = _open_audio(name, fd) if len(names) <= MOST_FILES else None
            if handle is not None:
                found.append(Found(names[-1], handle))
    return names, found


def _open_audio(name: str, folder: int) -> int | None:
    try:
        fd = os.open(name, _OPEN, dir_fd=folder)
    except OSError:
        return None
    if stat.S_ISREG(os.fstat(fd).st_mode) and container_of(os.pread(fd, HEAD, 0)):
        return fd
    os.close(fd)
    return None


def _fits(found: Found, request: DownloadRequest) -> bool:
    from strandline.library.audio.check import check_audio

    try:
        check_audio(f"/dev/fd/{found.fd}", expected_duration=request.duration)
    except DownloadError:
        return False
    return True


def _copied(found: Found, files: LibraryFiles, count: Counter) -> Temp:
    """A file of our own: the command may have left someone behind who still writes to the other."""
    temp = files.new_temp()
    try:
        offset = 0
        while block := os.pread(found.fd, _BLOCK, offset):
            rest = memoryview(block)
            while rest:
                rest = rest[os.write(temp.fd, rest) :]
            offset += len(block)
            count(len(block))
    except BaseException:
        temp.discard()
        raise
    return temp
