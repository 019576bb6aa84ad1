"""service: what is written, what systemd and launchd are asked, and what is told of it."""

from __future__ import annotations

import json
import plistlib
import re
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from strandline.app import service
from strandline.app.units import Schedule, Task, agent, cron_line, service_unit, timer_unit
from tests.cli.terminal import Terminal

ODD = """/home/me/my music 100% "live" $HOME 'x' back\\slash ü"""


@pytest.fixture
def bus(t: Terminal, monkeypatch: pytest.MonkeyPatch) -> Path:
    """systemctl, loginctl and launchctl that note how they are called; the file of the calls."""
    folder = t.folder / "bin"
    folder.mkdir()
    calls = t.folder / "calls"
    calls.touch()
    answers = {
        "systemctl": 'case "$*" in *NextElapse*) echo "Sun 2026-11-29 04:51:12 UTC";; esac',
        "loginctl": "echo no",
        "launchctl": f'[ "$1" != print ] || grep -q bootstrap "{calls}"',
    }
    for name, answer in answers.items():
        script = folder / name
        script.write_text(f'#!/bin/sh\necho "{name} $*" >> "{calls}"\n{answer}\n')
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("TZ", "UTC")
    return calls


def units(t: Terminal) -> dict[str, str]:
    folder = Path(t.environment["HOME"]) / ".config" / "systemd" / "user"
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


def test_a_timer_is_written_verified_and_enabled(t: Terminal, bus: Path) -> None:
    said = t("service", "install", "--json")
    assert (said.code, said.json["enabled"], said.json["problem"]) == (0, True, None)
    if shutil.which("systemd-analyze"):
        assert said.json["verified"] is True
    written = units(t)
    assert list(written) == ["strandline.service", "strandline.timer"]
    assert "OnCalendar=*-*-* 04:00:00" in written["strandline.timer"]
    assert "RandomizedDelaySec=60min" in written["strandline.timer"]
    assert re.search(r"ExecStart=/.* sync-execute --yes --quiet", written["strandline.service"])
    assert "systemctl --user enable --now strandline.timer" in bus.read_text()


def test_the_settings_of_the_call_are_kept(t: Terminal, bus: Path) -> None:
    t("service", "install", "--library", str(t.folder / "other music"))
    unit = units(t)["strandline.service"]
    assert f'Environment="STRANDLINE_LIBRARY={t.folder}/other music"' in unit
    assert f"Environment=STRANDLINE_STATE_DIR={t.state}" in unit
    assert f"Environment=STRANDLINE_CONFIG={t.settings}" in unit
    assert f"Environment=STRANDLINE_TIDAL_URL={t.tidal.url}" in unit


def test_the_same_again_changes_nothing_and_another_time_does(t: Terminal, bus: Path) -> None:
    assert t("service", "install", "--json").json["changed"] is True
    before = units(t)
    assert t("service", "install", "--json").json["changed"] is False
    assert units(t) == before
    bus.write_text("")
    assert t("service", "install", "--schedule", "5:15", "--json").json["changed"] is True
    assert "OnCalendar=*-*-* 05:15:00" in units(t)["strandline.timer"]
    assert "systemctl --user restart strandline.timer" in bus.read_text()


def test_status_tells_whether_it_is_enabled_when_it_runs_next_and_how_it_ended(
    t: Terminal, bus: Path
) -> None:
    before = t("service", "status", "--json").json
    assert (before["installed"], before["enabled"], before["last_run"]) == (False, False, None)
    t("service", "install")
    t("sync-execute", "--yes")
    found = t("service", "status", "--json").json
    assert (found["installed"], found["enabled"], found["linger"]) == (True, True, False)
    assert found["next_run"] == "2026-11-29T04:51:12Z"
    assert found["last_run"]["code"] == 0
    t("auth", "logout")
    assert t("sync-execute", "--yes").code == 6
    text = t("service", "status").out
    assert "systemd: enabled" in text
    assert "ended with code 6" in text
    assert "loginctl enable-linger" in text


def test_linger_is_named_at_once(t: Terminal, bus: Path) -> None:
    assert "loginctl enable-linger" in t("service", "install").err


def test_remove_takes_all_of_it_back(t: Terminal, bus: Path) -> None:
    t("service", "install")
    said = t("service", "remove", "--json")
    assert [Path(path).name for path in said.json["removed"]] == [
        "strandline.service",
        "strandline.timer",
    ]
    assert units(t) == {}
    assert "systemctl --user disable --now strandline.timer" in bus.read_text()
    assert t("service", "remove").out == "Nothing was installed.\n"


def test_without_a_session_the_files_are_there_and_the_way_on_is_named(
    t: Terminal, bus: Path
) -> None:
    (t.folder / "bin" / "systemctl").write_text(
        "#!/bin/sh\necho 'Failed to connect to bus: No medium found' >&2\nexit 1\n"
    )
    said = t("service", "install")
    assert said.code == 4
    assert "It is not enabled: Failed to connect to bus" in said.err
    assert "sync-execute --yes --quiet" in said.out
    assert len(units(t)) == 2


def test_where_there_is_neither_a_line_for_cron_is_printed(
    t: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(t.folder))
    monkeypatch.setattr(sys, "platform", "linux")
    said = t("service", "install", "--schedule", "04:30")
    assert said.code == 0
    assert said.out.startswith("30 4 * * *  STRANDLINE_CONFIG=")
    assert t("service", "status").out.startswith("cron: not installed")


def test_an_agent_of_launchd_is_written_and_loaded(t: Terminal, bus: Path) -> None:
    said = t("service", "install", "--manager", "launchd", "--json")
    assert (said.code, said.json["enabled"]) == (0, True)
    (path,) = map(Path, said.json["files"])
    document = plistlib.loads(path.read_bytes())
    assert document["ProgramArguments"][-3:] == ["sync-execute", "--yes", "--quiet"]
    assert document["EnvironmentVariables"]["STRANDLINE_LIBRARY"] == str(t.library)
    assert document["StartCalendarInterval"]["Hour"] == 4
    assert t("service", "install", "--manager", "launchd", "--json").json["changed"] is False
    assert bus.read_text().count("bootstrap") == 1
    t("service", "remove", "--manager", "launchd")
    assert not path.exists()
    assert "bootout" in bus.read_text()


def test_a_schedule_that_is_none_is_refused(t: Terminal) -> None:
    said = t("service", "install", "--schedule", "25:00")
    assert said.code == 2
    assert "neither nightly, hourly nor a time" in said.err


# ---------------------------------------------------------------- paths with blanks and worse


def odd_task(program: str) -> Task:
    return Task((program,), {"STRANDLINE_LIBRARY": ODD}, Schedule.parse("nightly"))


def printing(folder: Path) -> Path:
    """A program in an odd place that prints how it was called."""
    path = folder / "a b's 100%" / "strandline"
    path.parent.mkdir()
    path.write_text(
        f"#!{sys.executable}\nimport json, os, sys\n"
        "print(json.dumps([sys.argv[1:], os.environ['STRANDLINE_LIBRARY']]))\n"
    )
    path.chmod(0o755)
    return path


def test_the_line_for_cron_does_what_it_says(tmp_path: Path) -> None:
    line = cron_line(odd_task(str(printing(tmp_path))))
    minute, hour, _, _, _, command = line.split(maxsplit=5)
    assert (0 <= int(minute) < 60, hour) == (True, "4")
    assert "%" not in command.replace(r"\%", "")
    done = subprocess.run(
        ["/bin/sh", "-c", command.replace(r"\%", "%")], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [["sync-execute", "--yes", "--quiet"], ODD]


def test_the_agent_has_the_very_words(tmp_path: Path) -> None:
    program = str(printing(tmp_path))
    document = plistlib.loads(agent(odd_task(program), "/log"))
    assert document["ProgramArguments"][0] == program
    assert document["EnvironmentVariables"] == {"STRANDLINE_LIBRARY": ODD}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_understands_the_unit_as_it_is_meant(tmp_path: Path) -> None:
    task = odd_task(str(printing(tmp_path)))
    for name, text in {"s.service": service_unit(task), "s.timer": timer_unit(task)}.items():
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "--user", "--man=no", "verify", *map(str, tmp_path.glob("s.*"))],
        env={"XDG_RUNTIME_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), (tmp_path / "s.service").read_text()


def test_the_unit_is_quoted_as_systemd_unquotes() -> None:
    unit = service_unit(odd_task("/opt/my venv/bin/strandline"))
    (setting,) = re.findall(r"^Environment=(.*)$", unit, re.MULTILINE)
    (words,) = re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    assert shlex.split(setting)[0].replace("%%", "%") == f"STRANDLINE_LIBRARY={ODD}"
    assert shlex.split(words)[0] == "/opt/my venv/bin/strandline"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_units_that_systemd_refuses_are_not_put_in_place(
    t: Terminal, bus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service.units, "timer_unit", lambda _: "[Timer]\nOnCalendar=never\n")
    said = t("service", "install")
    assert said.code == 2
    assert "systemd does not accept the units" in said.err
    assert not (Path(t.environment["HOME"]) / ".config" / "systemd").exists()


def test_the_program_is_the_script_beside_this_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a venv and of pipx; else the module of this very Python."""
    python = tmp_path / "my venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    monkeypatch.setattr(sys, "executable", str(python))
    assert service.program() == (str(python), "-m", "strandline")
    script = python.with_name("strandline")
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    assert service.program() == (str(script),)
