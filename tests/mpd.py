"""Music Player Daemon over a folder: it reads playlists as a player at home does."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

without_mpd = pytest.mark.skipif(not shutil.which("mpd"), reason="mpd is not installed")
_PATIENCE = 60  # seconds
_SETTINGS = """
music_directory "{music}"
playlist_directory "{own}"
db_file "{own}/database"
bind_to_address "{own}/socket"
zeroconf_enabled "no"
filesystem_charset "UTF-8"
audio_output {{
    type "null"
    name "none"
}}
"""


class Mpd:
    """A connection to one that knows every file of its folder."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        assert stream.readline().startswith("OK MPD")
        self.say("update")
        while "updating_db" in dict(self.say("status")):
            self.say("idle update")

    def say(self, *words: str) -> list[tuple[str, str]]:
        """What it answers to a command, in pairs."""
        command, *arguments = words
        quoted = (it.replace("\\", "\\\\").replace('"', '\\"') for it in arguments)
        self._stream.write(" ".join([command, *(f'"{it}"' for it in quoted)]) + "\n")
        self._stream.flush()
        pairs: list[tuple[str, str]] = []
        while not (line := self._stream.readline()).startswith("OK"):
            assert line, "it hung up"
            assert not line.startswith("ACK"), line
            name, _, value = line.rstrip("\n").partition(": ")
            pairs.append((name, value))
        return pairs

    def queued(self, playlist: str) -> list[str]:
        """The files that it would play of a playlist, one after the other; it knows how long."""
        self.say("clear")
        self.say("load", playlist)
        told = self.say("playlistinfo")
        files = [value for name, value in told if name == "file"]
        assert len([name for name, _ in told if name == "duration"]) == len(files)
        return files


@contextmanager
def mpd(music: Path, own: Path) -> Iterator[Mpd]:
    """Over the folder ``music``; ``own`` is for what it keeps, and gets its socket."""
    own.mkdir()
    settings = own / "mpd.conf"
    settings.write_text(_SETTINGS.format(music=music, own=own))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
        ready.bind(str(own / "ready"))
        ready.settimeout(_PATIENCE)
        told = {"NOTIFY_SOCKET": str(own / "ready"), "LC_ALL": "C.UTF-8"}
        command = ["mpd", "--no-daemon", "--stderr", str(settings)]
        with (
            (own / "log").open("w") as log,
            subprocess.Popen(command, env={**os.environ, **told}, stderr=log) as process,
        ):
            try:
                assert ready.recv(64) == b"READY=1", (own / "log").read_text()
                with socket.socket(socket.AF_UNIX) as client:
                    client.settimeout(_PATIENCE)
                    client.connect(str(own / "socket"))
                    with client.makefile("rw", encoding="utf-8", newline="\n") as stream:
                        yield Mpd(stream)
            finally:
                process.terminate()
