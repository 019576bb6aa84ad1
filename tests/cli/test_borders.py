"""Odd numbers and odd surroundings: the documented codes, JSON that is JSON, runs that end."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.terminal import Said, Terminal, two_playlists

REPORTS = ["sync-check", "sync-status", "dedupe-report", "verify", "history", "doctor --offline"]
ODD_TIMES = {"2300": 10_413_792_000, "5138": 99_999_999_999, "1969": -5, "1600": -11_676_096_000}


def shell(t: Terminal, line: str, **env: str | None) -> Said:
    """``{}`` in a line of bash is strandline; an environment variable of None is unset."""
    everything = {**os.environ, **t.environment, **env}
    done = subprocess.run(
        ["bash", "-c", line.replace("{}", f"{sys.executable} -m strandline")],
        env={name: value for name, value in everything.items() if value is not None},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
    )
    out, err = (text.decode(errors="replace") for text in (done.stdout, done.stderr))
    said = Said(done.returncode, out, err)
    assert "Traceback" not in said.err + said.out
    assert "A bug in strandline" not in said.err + said.out
    return said


ONE_BY_ONE = """
import sys
from strandline.cli.main import main

for line in sys.argv[1:]:
    sys.argv[1:] = line.split()
    try:
        main()
    except SystemExit as end:
        print(f"\\x1e{end.code}", flush=True)
"""


def one_by_one(
    t: Terminal, commands: tuple[str, ...], env: dict[str, str | None]
) -> list[tuple[Said, Said]]:
    """Each as a document and in words: in one process, which Python starts but once."""
    lines = [f"'{command}{end}'" for command in commands for end in (" --json", "")]
    python = f"{sys.executable} -c {shlex.quote(ONE_BY_ONE)}"
    *outs, rest = shell(t, f"{python} {' '.join(lines)}", **env).out.split("\x1e")
    codes = [int(it.partition("\n")[0]) for it in (*outs[1:], rest)]
    texts = [outs[0], *(it.partition("\n")[2] for it in outs[1:])]
    said = [Said(code, out, "") for code, out in zip(codes, texts, strict=True)]
    assert len(said) == len(lines)
    return list(zip(said[::2], said[1::2], strict=True))


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize("seconds", ODD_TIMES.values(), ids=ODD_TIMES)
def test_a_file_of_any_time_is_an_odd_stamp(synced: Terminal, seconds: int) -> None:
    mine = synced.playlists / "Deep House" / "mine.flac"
    mine.write_bytes(b"fLaC, but not really")
    for path in synced.playlists.rglob("*"):
        os.utime(path, ns=(seconds * 10**9, seconds * 10**9), follow_symlinks=False)
    for words in (["sync-check"], ["verify"], ["sync-execute", "--yes"], ["verify"]):
        assert synced(*words).code == 0, synced.log.read_text()
    assert "In sync" in synced("sync-check").out
    for command in REPORTS:
        assert synced(*command.split()).code == 0
    assert mine.exists()


@pytest.mark.parametrize("seconds", ODD_TIMES.values(), ids=ODD_TIMES)
def test_a_file_of_any_time_goes_to_the_trash_and_comes_back(
    synced: Terminal, seconds: int
) -> None:
    for path in synced.playlists.rglob("*.*"):
        os.utime(path, ns=(seconds * 10**9, seconds * 10**9), follow_symlinks=False)
    before = {path.name for path in synced.playlists.rglob("*.*")}
    for playlist in list(synced.account.playlists.values())[:1]:
        synced.account.delete(playlist)
    done = synced("sync-execute", "--yes")
    assert done.code == 0
    run = done.out.split()[1].rstrip(":")
    assert synced("undo", run, "--yes").code == 0
    assert {path.name for path in synced.playlists.rglob("*.*")} == before
    assert synced("sync-execute", "--yes").code == 0
    assert "In sync" in synced("sync-check").out
    assert synced("verify").code == 0


# ---------------------------------------------------------------- readers who leave


@pytest.mark.parametrize("command", [*REPORTS, "--help", "sync-status --json", "config show"])
def test_a_reader_who_leaves_early_changes_no_exit_code(synced: Terminal, command: str) -> None:
    assert shell(synced, f"{{}} {command} | true; exit ${{PIPESTATUS[0]}}").code == 0


def test_a_reader_who_leaves_early_changes_no_answer(t: Terminal) -> None:
    two_playlists(t)
    line = "{} sync-check --exit-code 2>&1 | true; exit ${PIPESTATUS[0]}"
    assert shell(t, line).code == 3


@pytest.mark.parametrize(
    "line",
    [
        "{} sync-execute --yes | true; exit ${PIPESTATUS[0]}",
        "{} sync-execute --yes 2>&1 | true; exit ${PIPESTATUS[0]}",
        "{} sync-execute --yes --json -v 2>&1 | true; exit ${PIPESTATUS[0]}",
        "{} sync-execute --yes >&-",
        "{} sync-execute --yes 2>&-",
        "{} sync-execute --yes 2>/dev/full",
        "{} sync-execute --yes <&- >&- 2>&-",
    ],
)
def test_a_run_goes_on_without_its_reader(t: Terminal, line: str) -> None:
    two_playlists(t)
    assert shell(t, line).code == 0
    assert len(list(t.playlists.glob("*/*.*"))) == 3
    assert "In sync" in t("sync-check").out


@pytest.mark.parametrize("command", ["sync-check", "verify", "--version", "sync-status --json"])
def test_an_output_without_room_is_told_and_no_success(synced: Terminal, command: str) -> None:
    said = shell(synced, f"{{}} {command} >/dev/full")
    assert said.code == 4
    assert said.err.endswith(
        "the output could not be written completely: No space left on device.\n"
    )


def test_a_run_whose_report_finds_no_room_is_done_all_the_same(t: Terminal) -> None:
    two_playlists(t)
    assert shell(t, "{} sync-execute --yes >/dev/full").code == 4
    assert "In sync" in t("sync-check").out


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_empty_ones(synced: Terminal, closed: str) -> None:
    for command in ("sync-check", "sync-status"):
        assert shell(synced, f"{{}} {command} {closed}").code == 0


# ---------------------------------------------------------------- surroundings

PLAIN_C = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
SURROUNDINGS = {
    "C": PLAIN_C,
    "C, ASCII": {**PLAIN_C, "PYTHONIOENCODING": "ascii"},
    "C, Latin-1": {**PLAIN_C, "PYTHONIOENCODING": "latin-1"},
    "no home": {"HOME": None},
    "no terminal": {"TERM": None},
    "narrow": {"COLUMNS": "1"},
    "columns of letters": {"COLUMNS": "x"},
    "no such locale": {"LANG": "xx_YY.bogus", "LC_ALL": "xx_YY.bogus"},
    "no such zone": {"TZ": "Nowhere/Never"},
}


@pytest.mark.parametrize("env", SURROUNDINGS.values(), ids=SURROUNDINGS)
def test_names_of_any_script_in_any_surroundings(t: Terminal, env: dict[str, str]) -> None:
    t.account.playlist("Süß ✓ 日本", [t.track("ÿ ✓", "Bö"), t.track("🎵")])
    commands = ("sync-check", "sync-execute --yes", "sync-status", "verify", "history")
    for command, (document, words) in zip(commands, one_by_one(t, commands, env), strict=True):
        assert json.loads(document.out), command
        assert words.code == 0, command
    assert [path.name for path in t.playlists.iterdir()] == ["Süß ✓ 日本"]
    assert shell(t, "{} sync-status --json", **env).json["items"][0]["name"] == "Süß ✓ 日本"
    assert "In sync" in t("sync-check").out


def test_a_folder_that_was_removed_under_ones_feet(synced: Terminal, tmp_path: Path) -> None:
    for command in ("sync-check", "sync-execute --yes", "sync-status", "verify", "doctor"):
        gone = tmp_path / "gone"
        gone.mkdir()
        assert shell(synced, f"cd {gone}; rmdir {gone}; {{}} {command}").code == 0


# ---------------------------------------------------------------- bytes that are no text

LATIN = os.fsdecode(b"caf\xe9")


def test_every_folder_may_have_a_name_that_is_no_text(t: Terminal) -> None:
    two_playlists(t)
    env = {
        "STRANDLINE_LIBRARY": str(t.folder / f"library {LATIN}"),
        "STRANDLINE_STATE_DIR": str(t.folder / f"state {LATIN}"),
        "STRANDLINE_DATABASE_URL": f"sqlite:///{t.folder}/{LATIN}.db",
    }
    t.state.rename(env["STRANDLINE_STATE_DIR"])
    assert shell(t, "{} sync-execute --yes --json", **env).json["result"]["done"]["download"] == 2
    assert "In sync" in shell(t, "{} sync-check", **env).out
    for command in (*REPORTS, "config show"):
        assert shell(t, f"{{}} {command} --json", **env).json["schema"]
    assert shell(t, "{} undo last --yes", **env).code in (0, 2)


def test_names_that_are_no_text_beside_our_files(synced: Terminal) -> None:
    folder = synced.playlists / "Deep House"
    for name in (f"{LATIN}.flac", "a\nb.flac", "\x1b[31m.flac"):
        (folder / name).write_bytes(b"fLaC")
    (folder / f"{LATIN} link.flac").symlink_to(f"{LATIN}.flac")
    (synced.playlists / LATIN).mkdir()
    (synced.playlists / LATIN / "x.flac").write_bytes(b"fLaC")
    before = sorted(map(os.fsencode, synced.playlists.rglob("*")))
    for command in (*REPORTS, "sync-execute --yes"):
        said = shell(synced, f"{{}} {command} --json")
        assert said.code == 0
        assert said.json["schema"]
    assert sorted(map(os.fsencode, synced.playlists.rglob("*"))) == before


@pytest.mark.parametrize(
    "words",
    [
        "{LATIN}",
        "sync-check --playlist {LATIN}",
        "sync-check --bad{LATIN}",
        "sync-execute --yes --plan {LATIN}.json",
        "trash restore {LATIN}",
        "undo {LATIN} --yes",
        "--config {LATIN}.toml sync-status",
    ],
)
def test_a_word_that_is_no_text_is_a_wrong_word(synced: Terminal, words: str) -> None:
    line = words.replace("{LATIN}", "$'caf\\xe9'")
    assert shell(synced, f"{{}} {line}").code == 2
    assert shell(synced, f"{{}} {line} --json").json["code"] == 2


def test_a_plan_may_be_saved_under_such_a_name(t: Terminal) -> None:
    two_playlists(t)
    plan = f"{t.folder}/$'caf\\xe9'.json"
    assert shell(t, f"{{}} sync-check --out {plan}").code == 0
    assert shell(t, f"{{}} sync-execute --yes --plan {plan}").code == 0
    assert "In sync" in t("sync-check").out


def test_a_config_file_may_begin_as_windows_has_it(synced: Terminal) -> None:
    text = synced.settings.read_bytes()
    synced.settings.write_bytes(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
    assert synced("sync-check").code == 0
    said = synced("config", "show", "--json")
    assert said.json["settings"]["audio.format"] == "original"


def test_a_config_file_that_is_no_utf_8_names_the_line(synced: Terminal) -> None:
    synced.settings.write_bytes(synced.settings.read_bytes() + b"# fine\n# caf\xe9\n")
    said = synced("sync-status", "--json")
    assert (said.code, said.json["error"]) == (2, "config")
    assert "is not UTF-8 (line 4)" in said.err
    assert "Save it as UTF-8." in said.err


# ---------------------------------------------------------------- settings at their limits


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STRANDLINE_DATABASE_URL", "x" * 5000),
        ("STRANDLINE_LIBRARY", "x" * 5000),
        ("STRANDLINE_STATE_DIR", "x" * 5000),
        ("STRANDLINE_CONFIG", "x" * 5000),
        ("STRANDLINE_TIDAL_URL", "http://[::1"),
        ("STRANDLINE_TIDAL_URL", "http://127.0.0.1:port"),
        ("STRANDLINE_TIDAL_URL", "http://127.0.0.1:99999"),
        ("STRANDLINE_STATE_DIR", "/dev/null/state"),
    ],
)
def test_a_setting_that_cannot_be_is_a_wrong_one(
    synced: Terminal, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert synced("sync-check").code == 2
    for words in (["sync-status"], ["doctor", "--offline"]):
        said = synced(*words)
        assert said.code in (0, 2, 4), said
        assert "bug" not in said.err
