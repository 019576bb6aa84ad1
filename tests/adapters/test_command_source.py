"""A downloader of the user's own: only the file it leaves counts."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.stage import SECONDS, audio

from strandline.core.ids import TrackId
from strandline.errors import ConfigError, DownloadError
from strandline.execute.ports import DownloadRequest
from strandline.execute.sources.command import CommandSource, filled, printable
from strandline.library.files import LibraryFiles
from strandline.library.tags.write import TrackTags

ORDER = DownloadRequest(TrackTags(track_id=TrackId("7"), title="T", artist="A"), SECONDS)


class Downloader:
    """A little program; ``fetch`` runs it as the command source does."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.root = home / "library"
        (self.root / "mp3").mkdir(parents=True)
        self.song = home / "song.flac"
        self.song.write_bytes(audio("7"))
        self.timeout = 30.0

    def fetch(self, program: str) -> bytes:
        script = self.home / "downloader.py"
        head = f"import os, sys, shutil, subprocess, time\nsong = {str(self.song)!r}\n"
        script.write_text(head + textwrap.dedent(program))
        argv = [sys.executable, "-I", str(script), "{track_id}", "{url}", "{directory}"]
        source = CommandSource(argv, "lossless", timeout=self.timeout)
        with LibraryFiles(self.root) as files:
            temp = source.fetch(ORDER, files, lambda _: None).temp
            with temp:
                data = temp.path.read_bytes()
        return data

    @property
    def leftovers(self) -> list[Path]:
        return list((self.root / ".strandline").glob("tmp/*"))


@pytest.fixture
def downloader(tmp_path: Path) -> Downloader:
    return Downloader(tmp_path)


@pytest.mark.parametrize(
    "program",
    [
        "shutil.copy(song, 'x.flac')",
        "shutil.copy(song, os.path.join(sys.argv[3], 'x'))",
        "os.makedirs('A/B'); shutil.copy(song, 'A/B/x.flac'); sys.exit(3)",
        "shutil.copy(song, 'x.flac'); open('cover.jpg', 'wb').write(b'\\xff\\xd8\\xff')",
        "shutil.copy(song, 'x.flac'); open('y.mp3', 'wb').write(b'ID3' + bytes(5000))",
        "assert not sys.stdin.read() + ''.join(os.listdir('.')); shutil.copy(song, 'x.flac')",
        "assert os.getsid(0) == os.getpid(); shutil.copy(song, 'x.flac')",
        "print('x' * 3_000_000); shutil.copy(song, 'x.flac')",
        "os.close(1); os.close(2); shutil.copy(song, 'x.flac')",
    ],
    ids=[
        "here", "by path", "deep, and exit 3", "with a cover", "with rubbish", "left alone",
        "in a session", "talkative", "closes its output",
    ],
)  # fmt: skip
def test_the_one_audio_file_it_leaves_is_taken(downloader: Downloader, program: str) -> None:
    assert downloader.fetch(program) == audio("7")
    assert not downloader.leftovers


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("print('could not log in')", "nothing_downloaded"),
        ("open('x.flac', 'w').write('<html>')", "nothing_downloaded"),
        ("shutil.copy(song, 'x.flac'); shutil.copy(song, 'y.flac')", "ambiguous"),
        ("os.symlink(song, 'x.flac')", "nothing_downloaded"),
        ("os.symlink(os.path.dirname(song), 'x')", "nothing_downloaded"),
        ("os.mkfifo('x.flac')", "nothing_downloaded"),
    ],
    ids=["nothing", "a web page", "two", "a symlink", "a symlinked folder", "a pipe"],
)
def test_anything_else_is_an_error_that_names_what_is_there(
    downloader: Downloader, program: str, code: str
) -> None:
    with pytest.raises(DownloadError) as caught:
        downloader.fetch(program)
    assert caught.value.code == code
    assert not downloader.leftovers


@contextmanager
def alive(home: Path) -> Iterator[tuple[str, int]]:
    """A pipe for the program to keep open, and its other end, which ends when the last one dies."""
    pipe = home / "alive"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        yield (
            f"""
            alive = os.open({str(pipe)!r}, os.O_WRONLY)
            subprocess.Popen(
                [sys.executable, '-c', 'import time; time.sleep(600)'], pass_fds=[alive]
            )
        """,
            reader,
        )
    finally:
        os.close(reader)


def _require_death(reader: int) -> None:
    os.set_blocking(reader, True)
    assert os.read(reader, 1) == b""


def test_one_that_does_not_end_is_killed_with_its_children(downloader: Downloader) -> None:
    downloader.timeout = 0.5
    with alive(downloader.home) as (start, reader):
        with pytest.raises(DownloadError) as caught:
            downloader.fetch(start + "    time.sleep(600)\n")
        _require_death(reader)
    assert caught.value.code == "timeout"


def test_what_it_leaves_running_is_killed_too(downloader: Downloader) -> None:
    with alive(downloader.home) as (start, reader):
        downloader.fetch(start + "    shutil.copy(song, 'x.flac')\n")
        _require_death(reader)


def test_placeholders_are_filled_word_by_word_without_a_shell() -> None:
    words = filled(
        ["dl", "--id={track_id}", "{url}", "{directory}/{quality}", "{other} $(x)"],
        "42",
        Path("/a b/;c"),
        "hires",
    )
    assert words == [
        "dl", "--id=42", "https://tidal.com/browse/track/42", "/a b/;c/hires", "{other} $(x)",
    ]  # fmt: skip


@pytest.mark.parametrize("track", ["", "-1", "1; rm", "--help", "../1", "１２", "1\n"])
def test_what_is_no_track_id_never_becomes_an_argument(track: str) -> None:
    with pytest.raises(DownloadError):
        filled(["dl", "{track_id}"], track, Path("/x"), "low")


def test_a_command_that_cannot_work_is_refused_at_once() -> None:
    with pytest.raises(ConfigError, match="no program"):
        CommandSource(["/does/not/exist", "{url}"], "low")
    with pytest.raises(ConfigError, match=r"download\.command is empty"):
        CommandSource([], "low")
    with pytest.raises(ConfigError, match="which track"):
        CommandSource([shutil.which("true") or "", "{directory}"], "low")


def test_its_output_cannot_command_a_terminal() -> None:
    assert "\x1b" not in printable(b"\x1b[2Jhello\x07\n")
    assert os.linesep in printable(b"a\nb")
