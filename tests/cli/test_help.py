"""Every command explains itself, quickly, and takes the shared settings wherever they stand."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from strandline.cli.lazy import LazyGroup
from strandline.cli.main import cli
from strandline.cli.near import ALIASES, IN_GROUPS
from strandline.cli.options import SharedCommand
from strandline.cli.topics import TOPICS
from strandline.config.keys import KEYS
from strandline.errors import UsageError
from tests.cli.terminal import Terminal


def commands(group: LazyGroup = cli, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command's words, groups included."""
    for name in group.table:
        words = (*path, name)
        yield words
        command = group.get_command(click.Context(group), name)
        if isinstance(command, LazyGroup):
            yield from commands(command, words)


def command_of(words: tuple[str, ...]) -> click.Command:
    command: click.Command = cli
    for word in words:
        assert isinstance(command, LazyGroup)
        found = command.get_command(click.Context(command), word)
        assert found is not None
        command = found
    return command


ALL = sorted(set(commands()))
LEAVES = [words for words in ALL if isinstance(command_of(words), SharedCommand)]
WITHOUT_JSON = {("config", "edit"), ("completion",), ("demo",), ("help",)}


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_has_help(fresh: Terminal, words: tuple[str, ...]) -> None:
    said = fresh(*words, "--help")
    assert said.code == 0
    assert said.out.startswith("Usage: strandline " + " ".join(words))
    assert "--library" in said.out
    assert said.err == ""


@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_the_help_of_every_command_has_an_example(fresh: Terminal, words: tuple[str, ...]) -> None:
    example = fresh(*words, "--help").out.partition("Example:")[2]
    assert f"strandline {' '.join(words)}" in example


@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_every_command_that_tells_something_tells_it_in_json(words: tuple[str, ...]) -> None:
    names = {option for param in command_of(words).params for option in param.opts}
    assert ("--json" in names) == (words not in WITHOUT_JSON)


def test_the_table_says_of_each_command_what_its_own_help_says(fresh: Terminal) -> None:
    overview = fresh("--help").out
    for name in cli.table:
        assert f"  {name} " in overview


HEAVY = {"sqlalchemy", "alembic", "tidalapi", "requests", "rich", "av", "mutagen", "keyring"}


def imported_by(*words: str) -> set[str]:
    """The top-level modules that a command imports."""
    code = (
        "import sys, json; from strandline.cli.main import run; "
        f"run({list(words)!r}); "
        "json.dump(sorted({name.partition('.')[0] for name in sys.modules}), sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_help_imports_nothing_heavy() -> None:
    found = imported_by("--help")
    assert not found & (HEAVY | {"sqlite3", "asyncio", "tomllib"})


def test_the_status_imports_nothing_heavy(synced: Terminal) -> None:
    assert not imported_by("sync-status", "--json") & HEAVY


def test_an_offline_check_of_a_synced_library_imports_nothing_heavy(synced: Terminal) -> None:
    assert not imported_by("sync-check", "--offline", "--json") & (HEAVY - {"requests"})


def test_the_version_is_told(fresh: Terminal) -> None:
    assert fresh("--version").out.startswith("strandline, version ")


def test_settings_may_stand_before_and_after_the_command(fresh: Terminal) -> None:
    before = fresh("--library", "/somewhere", "config", "show", "--json").json
    after = fresh("config", "show", "--json", "--library", "/somewhere").json
    assert before["settings"]["library"] == after["settings"]["library"] == "/somewhere"
    assert before["sources"]["library"] == "flag"


def test_what_stands_after_the_command_beats_what_stands_before(fresh: Terminal) -> None:
    said = fresh("--library", "/one", "config", "show", "--json", "--library", "/two")
    assert said.json["settings"]["library"] == "/two"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["sync-chek"], "Did you mean 'sync-check'?"),
        (["sync-check", "--offlin"], "--offline"),
        (["undo"], "RUN"),
        (["auth", "log-in"], "Did you mean 'login'?"),
    ],
)
def test_a_slip_of_the_fingers_is_wrong_usage(fresh: Terminal, words: list[str], told: str) -> None:
    said = fresh(*words)
    assert said.code == 2
    assert told in said.err
    assert "--help" in said.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["sync"], "'sync-check' or 'sync-execute'"),
        (["login"], "'auth login'"),
        (["restore"], "'trash restore'"),
        (["setup"], "'init'"),
        (["cron"], "'service install'"),
        (["config", "st"], "'set'"),
        (["sync-check", "--dry-run"], "touches nothing"),
        (["verify", "--no-browser"], "--no-browser is an option of `strandline auth login`"),
        (["sync-execute", "--force"], "no option that skips all safety stops"),
        (["history", "-n", "3"], "Did you mean --limit?"),
        (["sync-check", "-p", "A"], "Did you mean --playlist?"),
        (["-V"], "Did you mean --version?"),
        (["config", "get", "library"], "'show'"),
        (["which", "x"], "'why' or 'tracks'"),
        (["apply"], "'sync-execute'"),
        (["completion"], "Choose from: bash, zsh, fish"),
        (["help", "exit"], "Did you mean 'exit-codes'"),
        (["help", "exit-code"], "'exit-codes'"),
        (["help", "sync-chek"], "'sync-check'"),
    ],
)
def test_what_is_near_or_has_another_name_elsewhere_is_named(
    fresh: Terminal, words: list[str], told: str
) -> None:
    said = fresh(*words)
    assert said.code == 2
    assert told in said.err


def test_every_name_that_is_pointed_to_is_there_or_still_to_come() -> None:
    known = {" ".join(words) for words in ALL} | {"tracks", "why", "--version"}
    assert {name for names in ALIASES.values() for name in names} <= known
    assert not {" ".join(words) for words in ALL} & ALIASES.keys()
    for group, names in IN_GROUPS.items():
        assert {f"{group} {to}" for (to,) in names.values()} <= known
        assert not known & {f"{group} {name}" for name in names}


def test_a_hint_is_about_the_command_that_was_called(fresh: Terminal) -> None:
    assert "touches nothing" not in fresh("history", "-n", "3").err


@pytest.mark.parametrize("words", [(), *ALL], ids=" ".join)
def test_help_has_a_short_form_and_a_command(fresh: Terminal, words: tuple[str, ...]) -> None:
    full = fresh(*words, "--help").out
    assert fresh(*words, "-h").out == full
    assert fresh("help", *words).out.startswith(full.rstrip())


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_says_something_also_with_broken_settings(fresh: Terminal, topic: str) -> None:
    whole = fresh("help", topic)
    assert (whole.code, TOPICS[topic][0] in whole.out) == (0, True)
    assert len(whole.out.splitlines()) > 5
    fresh.settings.write_text("[broken")
    assert fresh("help", topic).code == 0
    assert topic in fresh("help", "--help").out


def test_help_of_the_settings_names_every_key(fresh: Terminal) -> None:
    text = fresh("help", "config").out
    assert all(f"\n{key.name}  [" in text for key in KEYS)
    assert all(f"    {key.says}\n" in text for key in KEYS)


def test_wrong_usage_is_a_document_too(fresh: Terminal) -> None:
    said = fresh("sync-check", "--nonsense", "--json")
    assert said.json["schema"] == "strandline.error/1"
    assert (said.json["code"], said.json["error"]) == (2, "usage")


def test_no_command_at_all_shows_the_help(fresh: Terminal) -> None:
    said = fresh()
    assert said.code == 2
    assert "sync-check" in said.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_completion_script(fresh: Terminal, shell: str) -> None:
    said = fresh("completion", shell)
    assert said.code == 0
    assert "_STRANDLINE_COMPLETE" in said.out


def test_playlist_names_are_completed_from_the_database(synced: Terminal) -> None:
    said = synced.process(
        env={
            "_STRANDLINE_COMPLETE": "bash_complete",
            "COMP_WORDS": "strandline sync-check --playlist de",
            "COMP_CWORD": "3",
        }
    )
    assert said.out.splitlines() == ["plain,Deep House"]


def test_without_a_database_nothing_is_completed(fresh: Terminal) -> None:
    words = {"COMP_WORDS": "strandline verify --playlist d", "COMP_CWORD": "3"}
    said = fresh.process(env={"_STRANDLINE_COMPLETE": "bash_complete", **words})
    assert (said.out.strip(), said.err) == ("", "")
    assert not fresh.state.exists()


# ---------------------------------------------------------------- names of files and folders


@pytest.mark.parametrize("words", [(), *ALL], ids=" ".join)
def test_an_empty_name_of_a_file_or_folder_is_an_unset_variable(words: tuple[str, ...]) -> None:
    """Not the folder that one happens to be in, nor the library by default."""
    named = [it for it in command_of(words).params if isinstance(it.type, click.Path)]
    assert {"config", "library", "database_url"} <= {it.name for it in named}
    for param in named:
        for empty in ("", " "):
            with pytest.raises(UsageError, match="names no place"):
                param.type.convert(empty, param, None)


def test_an_import_of_nothing_is_not_one_of_the_folder_one_is_in(synced: Terminal) -> None:
    for words in (
        ["import", "", "--dry-run"],
        ["sync-check", "--out", ""],
        ["--library", "", "sync-check"],
    ):
        said = synced(*words, "--json")
        assert (said.code, said.json["error"]) == (2, "no_place"), words
