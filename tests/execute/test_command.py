"""A downloader of the user's own in a run: what is kept of it, counted of it and said of it."""

from __future__ import annotations

import logging
import os
import shlex
import shutil
import signal
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from strandline.core.ids import TrackId
from strandline.errors import ConfigError, DownloadError, ItemError
from strandline.execute.ports import Cover, DownloadRequest
from strandline.execute.sources import command as command_source
from strandline.execute.sources.command import CommandSource, no_cover
from strandline.library.files import LibraryFiles
from strandline.library.tags.write import TrackTags
from tests.stage import SECONDS, audio

ORDER = DownloadRequest(TrackTags(track_id=TrackId("7"), title="T", artist="A"), SECONDS)
LARGE = b"fLaC" + bytes(range(256)) * 10_000
"""More than is copied in one go."""


class Command:
    """Python lines run as the user's downloader, in a library of its own."""

    def __init__(self, files: LibraryFiles, home: Path) -> None:
        self.files, self.home = files, home
        self.bytes = 0
        (home / "song").write_bytes(audio("7"))
        (home / "large").write_bytes(LARGE)

    def count(self, of_bytes: int) -> None:
        self.bytes += of_bytes

    def fetch(
        self,
        program: str,
        count: Callable[[int], None] | None = None,
        timeout: float = command_source.TIMEOUT,
    ) -> bytes:
        script = self.home / "downloader.py"
        head = f"import os, sys, shutil, time\nhome = {str(self.home)!r}\n"
        script.write_text(head + textwrap.dedent(program))
        argv = [sys.executable, "-I", str(script), "{track_id}", "{quality}"]
        source = CommandSource(argv, "lossless", timeout=timeout)
        with source.fetch(ORDER, self.files, count or self.count).temp as temp:
            return temp.path.read_bytes()

    @property
    def leftovers(self) -> list[Path]:
        return list((self.files.root / ".strandline" / "tmp").iterdir())


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    (tmp_path / "library" / "mp3").mkdir(parents=True)
    with LibraryFiles(tmp_path / "library") as files:
        yield Command(files, tmp_path)


def test_a_large_file_is_kept_whole_and_every_byte_is_counted_once(command: Command) -> None:
    assert command.fetch("shutil.copy(home + '/large', 'x.flac')") == LARGE
    assert command.bytes == len(LARGE)
    assert command.leftovers == []


def test_it_is_told_the_track_and_the_quality(command: Command) -> None:
    said = "open('x.flac', 'w').write('fLaC' + ' '.join(sys.argv[1:]))"
    assert command.fetch(said) == b"fLaC7 lossless"


def test_the_log_keeps_the_end_of_what_it_printed(
    command: Command, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    command.fetch("print('x' * 20_000 + 'end'); shutil.copy(home + '/song', 'x.flac')")
    (record,) = (record for record in caplog.records if "said" in record.message)
    said = record.message.partition("said:\n")[2]
    assert said.endswith("xend\n")
    assert len(said) == 16 << 10
    assert record.message.startswith(f"{sys.executable} for track 7")


def test_words_in_the_pipe_of_one_that_has_ended_are_read(tmp_path: Path) -> None:
    process = command_source._start(["echo", "my last words"], tmp_path)
    process.wait()
    assert b"".join(command_source._output_of(process)) == b"my last words\n"
    command_source._end(process)


def test_a_pipe_that_another_program_goes_on_filling_is_left(tmp_path: Path) -> None:
    other = "import os; os.setsid(); os.write(1, b'x'); os.mkdir('filling')"
    other += "; exec('while True: os.write(1, bytes(4096))')"
    script = f"{sys.executable} -c {shlex.quote(other)} & echo $! >pid"
    script += "; until [ -d filling ]; do sleep 0.01; done"
    process = command_source._start(["sh", "-c", script], tmp_path)
    try:
        read = sum(map(len, command_source._output_of(process)))
        assert process.returncode == 0
        assert read
    finally:
        command_source._end(process)
        with suppress(ProcessLookupError):
            os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)


def test_what_it_said_before_it_was_ended_for_its_time_is_in_the_log(
    command: Command, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with pytest.raises(DownloadError, match="still running"):
        command.fetch("print('password?', flush=True); time.sleep(60)", timeout=3)
    assert "password?" in caplog.text


def test_what_it_prints_may_be_no_text(command: Command, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    command.fetch("os.write(1, b'\\xff\\xfe'); shutil.copy(home + '/song', 'x.flac')")
    assert "said:\n\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}" in caplog.text


def test_what_it_prints_as_an_error_is_in_the_log_too(
    command: Command, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with pytest.raises(DownloadError):
        command.fetch("print('please log in', file=sys.stderr)")
    assert "please log in" in caplog.text


class _EndError(ItemError):
    """The run ends."""


def test_the_end_of_a_run_ends_a_silent_command(command: Command) -> None:
    looks: list[int] = []

    def count(of_bytes: int) -> None:
        looks.append(of_bytes)
        if len(looks) == 2:
            raise _EndError("The run ends.")

    with pytest.raises(_EndError):
        command.fetch("time.sleep(600)", count)
    assert command.leftovers == []


def test_the_end_of_a_run_ends_one_that_closed_its_output(command: Command) -> None:
    looks: list[int] = []

    def count(of_bytes: int) -> None:
        looks.append(of_bytes)
        if len(looks) == 4:
            raise _EndError("The run ends.")

    with pytest.raises(_EndError):
        command.fetch("os.close(1); os.close(2); time.sleep(600)", count)


def test_the_end_of_a_run_while_its_file_is_copied_leaves_nothing(command: Command) -> None:
    def count(of_bytes: int) -> None:
        if of_bytes:
            raise _EndError("The run ends.")

    with pytest.raises(_EndError):
        command.fetch("shutil.copy(home + '/large', 'x.flac')", count)
    assert command.leftovers == []


def test_no_file_stays_open(command: Command) -> None:
    command.fetch("shutil.copy(home + '/song', 'x.flac')")
    before = len(os.listdir("/dev/fd"))
    command.fetch(
        "shutil.copy(home + '/song', 'x.flac'); open('y.jpg', 'w'); open('z.mp3', 'w').write('ID3')"
    )
    with pytest.raises(DownloadError):
        command.fetch("open('y.jpg', 'w').write('none')")
    assert len(os.listdir("/dev/fd")) <= before


def test_two_files_of_which_none_is_the_track_are_none(command: Command) -> None:
    with pytest.raises(DownloadError) as refused:
        command.fetch("[open(name, 'w').write('fLaC') for name in ('b.flac', 'a.flac')]")
    assert refused.value.code == "nothing_downloaded"
    assert refused.value.message == (
        "The download command left a.flac, b.flac: no audio file of the track's length."
    )


def test_two_files_that_are_the_track_are_told_by_name(command: Command) -> None:
    program = "[shutil.copy(home + '/song', name) for name in ('x.flac', 'y.flac')]"
    with pytest.raises(DownloadError, match=r"left x\.flac, y\.flac: 2 of them fit\."):
        command.fetch(program)


def test_where_it_left_nothing_that_is_said(command: Command) -> None:
    with pytest.raises(DownloadError, match="left nothing: no audio file"):
        command.fetch("pass")


def test_ten_names_are_enough_to_tell_what_it_left(command: Command) -> None:
    with pytest.raises(DownloadError) as refused:
        command.fetch("[open(f'{n:02}.txt', 'w') for n in range(30)]")
    assert "09.txt: no audio" in refused.value.message


def test_a_file_in_a_folder_is_named_with_it(command: Command) -> None:
    with pytest.raises(DownloadError, match=r"left A/x\.txt: "):
        command.fetch("os.mkdir('A'); open('A/x.txt', 'w')")


def test_it_is_not_searched_for_ever(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_source, "MOST_FILES", 3)
    program = "[open(f'{n}.txt', 'w') for n in range(NUMBER)]; shutil.copy(home + '/song', 'x')"
    assert command.fetch(program.replace("NUMBER", "2")) == audio("7")
    with pytest.raises(DownloadError):
        command.fetch(program.replace("NUMBER", "3"))


def test_a_word_no_program_can_be_given_fails_the_track(command: Command) -> None:
    source = CommandSource([sys.executable, "{track_id}", "a\0b"], "low")
    with pytest.raises(DownloadError) as refused:
        source.fetch(ORDER, command.files, command.count)
    assert refused.value.code == "command"
    assert command.leftovers == []


@pytest.mark.parametrize("word", ["{track_id}", "{url}", "--from={url}"])
def test_either_the_id_or_the_address_tells_it_which_track(word: str) -> None:
    assert CommandSource([shutil.which("true") or "", word], "low").cover is no_cover


def test_the_name_of_the_program_says_nothing_of_the_track(tmp_path: Path) -> None:
    program = tmp_path / "{track_id}"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    with pytest.raises(ConfigError, match="which track"):
        CommandSource([str(program), "x"], "low")


def test_pictures_come_from_where_they_are_told_to_come_from() -> None:
    picture = Cover(b"x", "image/png")
    source = CommandSource([shutil.which("true") or "", "{url}"], "low", cover=lambda _: picture)
    assert source.cover(ORDER) is picture
    assert no_cover(ORDER) is None


def test_a_disk_that_fails_is_told_as_such(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    from strandline.errors import LibraryError

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(command_source, "_copied", full)
    with pytest.raises(LibraryError, match="track 7: the disk is full"):
        command.fetch("shutil.copy(home + '/song', 'x.flac')")
