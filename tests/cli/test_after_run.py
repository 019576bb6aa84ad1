"""After a sync: the command with the result on stdin, the health check, messages on a change."""

from __future__ import annotations

import json
import stat
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from strandline.app import after_run
from strandline.app.after_run import failing_address
from strandline.demo import effects
from tests.cli.terminal import Terminal, two_playlists

AUDIO = '[audio]\nformat = "original"\n'


class Receiver:
    """A web server on 127.0.0.1 that remembers what it was asked, and may refuse."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.bodies: list[str] = []
        self.status = 200
        heard = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                heard.paths.append(self.path)
                self._answer()

            def do_POST(self) -> None:
                size = int(self.headers.get("Content-Length", 0))
                heard.bodies.append(self.rfile.read(size).decode())
                self._answer()

            def _answer(self) -> None:
                self.send_response(heard.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def messages(self) -> list[str]:
        """The titles of what came by apprise's json:// since the last look."""
        found = [json.loads(body)["title"] for body in self.bodies]
        self.bodies.clear()
        return found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


def configure(t: Terminal, text: str) -> None:
    t.settings.write_text(AUDIO + text)
    t.settings.chmod(0o600)


def script(t: Terminal, text: str) -> Path:
    path = t.folder / "my hook"
    path.write_text(f"#!{sys.executable}\nimport os, sys\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def fail(t: Terminal, status: int = 500) -> None:
    """Every list of the account answers with this from now on."""
    t.tidal.faults.on("/v2/my-collection/playlists/folders", effects.status(status), times=None)
    t.tidal.faults.on("/v1/users/*", effects.status(status), times=None)


# ---------------------------------------------------------------- the command


def hooked(t: Terminal, text: str, *words: str) -> Path:
    command = [str(script(t, text)), *words]
    configure(t, f"[hooks]\nafter_run = {json.dumps(command)}\n")
    return t.folder / "heard.json"


def test_the_command_gets_the_result_on_stdin_after_the_locks_are_released(t: Terminal) -> None:
    two_playlists(t)
    heard = hooked(
        t,
        "import subprocess\n"
        "open(sys.argv[1], 'w').write(sys.stdin.read())\n"
        "done = subprocess.run([sys.executable, '-m', 'strandline', 'sync-execute', '--yes',\n"
        "                       '--config', sys.argv[2]])\n"
        "print('inner', done.returncode)\n"
        "sys.exit(3)",
        str(t.folder / "heard.json"),
        str(t.folder / "other.toml"),
    )
    (t.folder / "other.toml").write_text(AUDIO)
    assert t("sync-execute", "--yes").code == 0
    document = json.loads(heard.read_text())
    assert document["schema"] == "strandline.sync-execute/1"
    assert document["result"]["done"]["download"] == 2
    log = t.log.read_text()
    assert "hooks.after_run ended with 3" in log
    assert "inner 0" in log


def test_the_command_hears_of_an_error_too_and_of_the_exit_code(t: Terminal) -> None:
    heard = hooked(
        t,
        "open(sys.argv[1], 'w').write(sys.stdin.read() + os.environ['STRANDLINE_EXIT_CODE'])",
        str(t.folder / "heard.json"),
    )
    fail(t)
    code = t("sync-execute", "--yes").code
    assert code == 8
    document, _, said = heard.read_text().rpartition("}")
    assert json.loads(f"{document}}}")["schema"] == "strandline.error/1"
    assert said == "8"


def test_a_command_that_is_not_there_is_told_and_changes_nothing(t: Terminal) -> None:
    configure(t, '[hooks]\nafter_run = ["/nowhere/hook"]\n')
    said = t("sync-execute", "--yes", "--quiet")
    assert said.code == 0
    assert "hooks.after_run could not be started: No such file" in said.err


def test_a_command_that_does_not_end_is_stopped(
    t: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(after_run, "COMMAND_TIMEOUT", 0.5)
    hooked(t, "import time; time.sleep(600)")
    said = t("sync-execute", "--yes")
    assert said.code == 0
    assert "took longer than 0.5 seconds and was stopped" in said.err


def test_the_command_prints_nothing_into_the_document(t: Terminal) -> None:
    hooked(t, "print('hello')")
    assert t("sync-execute", "--yes", "--json").json["schema"] == "strandline.sync-execute/1"


# ---------------------------------------------------------------- the health check


def test_the_health_check_hears_of_each_run(t: Terminal, receiver: Receiver) -> None:
    url = f"http://127.0.0.1:{receiver.port}/0b1c2d3e-secret"
    configure(t, f'[notify]\nhealthcheck = "{url}"\n')
    for _ in range(2):
        assert t("sync-execute", "--yes").code == 0
    fail(t)
    assert t("sync-execute", "--yes").code == 8
    assert receiver.paths == ["/0b1c2d3e-secret"] * 2 + ["/0b1c2d3e-secret/fail"]


def test_a_health_check_that_cannot_be_reached_is_told_without_its_address(
    t: Terminal, receiver: Receiver
) -> None:
    receiver.status = 404
    configure(t, f'[notify]\nhealthcheck = "http://127.0.0.1:{receiver.port}/0b1c2d3e-secret"\n')
    said = t("sync-execute", "--yes")
    assert said.code == 0
    assert "notify.healthcheck could not be reached (HTTP 404)" in said.err
    receiver.server.shutdown()
    receiver.server.server_close()
    said = t("sync-execute", "--yes")
    assert "notify.healthcheck could not be reached" in said.err
    assert "0b1c2d3e" not in said.err + t.log.read_text()


def test_fail_goes_before_a_question() -> None:
    assert failing_address("https://hc.example/ping/abc/?rid=1") == (
        "https://hc.example/ping/abc/fail?rid=1"
    )


# ---------------------------------------------------------------- messages


def telling(t: Terminal, receiver: Receiver, on: str = "") -> None:
    urls = f'urls = ["json://me:geheimwort@127.0.0.1:{receiver.port}/topic-secret"]'
    configure(t, f"[notify]\n{urls}\n{on}\n")


def test_a_message_comes_when_runs_begin_to_fail_and_when_they_succeed_again(
    t: Terminal, receiver: Receiver
) -> None:
    telling(t, receiver)
    two_playlists(t)
    assert t("sync-execute", "--yes").code == 0
    assert receiver.messages() == []
    fail(t)
    for expected in (["strandline: the sync failed"], [], []):
        assert t("sync-execute", "--yes").code == 4
        assert receiver.messages() == expected
    t("auth", "logout")
    assert t("sync-execute", "--yes").code == 6
    assert receiver.messages() == ["strandline: the sync failed"]
    t.tidal.faults.clear()
    t.logged_in()
    for expected in (["strandline: the sync works again"], []):
        assert t("sync-execute", "--yes").code == 0
        assert receiver.messages() == expected


def test_a_message_names_what_failed_and_no_secret(t: Terminal, receiver: Receiver) -> None:
    telling(t, receiver)
    broken = t.track("broken")
    t.account.playlist("A", [broken, t.track("fine")])
    t.tidal.faults.on(f"/v1/tracks/{broken.id}/*", effects.status(500), times=None)
    assert t("sync-execute", "--yes").code == 4
    (body,) = receiver.bodies
    assert "Playlists/A/Ana - broken" in json.loads(body)["message"]
    assert str(t.library) in json.loads(body)["message"]
    log = t.log.read_text()
    assert "geheimwort" not in log
    assert "topic-secret" not in log


def test_what_could_not_be_delivered_is_due_again(t: Terminal, receiver: Receiver) -> None:
    telling(t, receiver)
    fail(t)
    receiver.status = 500
    said = t("sync-execute", "--yes")
    assert said.code == 8
    assert "address 1 of notify.urls was not delivered" in said.err
    assert "geheimwort" not in said.err + t.log.read_text()
    receiver.status = 200
    receiver.bodies.clear()
    t("sync-execute", "--yes")
    assert receiver.messages() == ["strandline: the sync failed"]
    t("sync-execute", "--yes")
    assert receiver.messages() == []


def test_changes_are_told_where_that_is_asked_for(t: Terminal, receiver: Receiver) -> None:
    telling(t, receiver, 'on = ["failure", "changes"]')
    two_playlists(t)
    for expected in (["strandline: the library has changed"], []):
        assert t("sync-execute", "--yes").code == 0
        assert receiver.messages() == expected


def test_another_run_that_holds_the_library_is_no_change(t: Terminal, receiver: Receiver) -> None:
    from strandline.library.lock import lock_state

    telling(t, receiver)
    t("sync-execute", "--yes")
    with lock_state(t.state):
        assert t("sync-execute", "--yes").code == 7
    assert receiver.messages() == []


def test_without_apprise_the_error_names_the_extra_and_only_when_there_is_something_to_say(
    t: Terminal, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    telling(t, receiver)
    assert "apprise" not in t("sync-execute", "--yes").err
    fail(t)
    said = t("sync-execute", "--yes")
    assert said.code == 8
    assert "strandline[notify]" in said.err


def test_addresses_are_masked_and_a_wrong_one_is_refused_without_showing_it(t: Terminal) -> None:
    configure(t, '[notify]\nurls = ["tgram://123456:geheimwort/1"]\n')
    assert "geheimwort" not in t("config", "show").out
    configure(t, '[notify]\nurls = ["geheimwort"]\n')
    said = t("config", "show")
    assert said.code == 2
    assert "geheimwort" not in said.err


def test_the_doctor_tells_of_an_extra_and_of_a_command_that_are_not_there(
    t: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("strandline.app.doctor.find_spec", lambda _name: None)
    notify = '[notify]\nurls = ["tgram://123456:geheimwort/1"]\n'
    configure(t, notify + '[hooks]\nafter_run = ["/nowhere/hook"]\n')
    said = t("doctor", "--offline").out
    assert "notify.urls needs apprise" in said
    assert "'/nowhere/hook' of hooks.after_run is not there" in said
    assert "geheimwort" not in said
