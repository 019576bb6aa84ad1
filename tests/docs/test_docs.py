"""What the README says is so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from strandline.cli.lazy import LazyGroup
from strandline.cli.main import cli
from strandline.cli.near import commands
from strandline.cli.topics import EXIT_CODES
from strandline.config.keys import KEYS
from strandline.errors import Exit

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
COMING = {"tracks", "why", "import"}
"""Commands that a message may name before they are there."""
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/*.md")]


def test_every_setting_is_in_the_readme_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `([a-z0-9_.]+)` \| (.+?) \|", README, re.MULTILINE))
    assert rows.keys() == {key.name for key in KEYS}
    for key in KEYS:
        if isinstance(key.default, (int, bool)):
            assert rows[key.name] == f"`{str(key.default).lower()}`"


def test_every_command_is_in_the_readme() -> None:
    for name in cli.list_commands(cli.make_context("strandline", [], resilient_parsing=True)):
        assert re.search(rf"\b{name}\b", README), f"{name} is not in the README"


def test_every_exit_code_is_in_the_readme() -> None:
    section = README.partition("## Exit codes")[2].partition("\n## ")[0]
    rows = {int(code) for code in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)}
    assert rows == {int(code) for code in Exit}


def test_the_readme_and_help_say_the_same_of_the_exit_codes() -> None:
    section = README.partition("## Exit codes")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| (\d+) \| (.+) \|", section, re.MULTILINE))
    told = {str(int(code)): meaning for code, meaning in EXIT_CODES.items()}
    assert {code: text.replace("`", "") for code, text in rows.items()} == told


def test_every_command_of_a_group_is_in_the_readme() -> None:
    for words, command in commands(cli):
        if not isinstance(command, LazyGroup):
            name = words[-1]
            assert re.search(rf"\b{name}\b", README), f"{' '.join(words)} is not in the README"


def told_commands() -> Iterator[tuple[str, str]]:
    """Each command line that a page or a message of the program names, and where."""
    sources = [*(ROOT / "src").rglob("*.py"), ROOT / "README.md", *ROOT.glob("docs/*.md")]
    for path in sources:
        for line in re.findall(r"`strandline ([a-z][^`\n]*)`", path.read_text()):
            yield path.name, line


def test_every_command_line_that_is_told_is_one_that_can_be_typed() -> None:
    there = {" ".join(words): command for words, command in commands(cli)}
    for where, line in told_commands():
        words = line.split("{")[0].split()
        name = next((" ".join(words[:n]) for n in (2, 1) if " ".join(words[:n]) in there), None)
        if name is None:
            assert "{" in line or words[0] in COMING or words[0].isupper(), (where, line)
            continue
        options = {
            name for param in there[name].params for name in (*param.opts, *param.secondary_opts)
        }
        for word in words:
            if re.fullmatch(r"--[a-z][a-z-]*(=.*)?", word):
                assert word.partition("=")[0] in {*options, "--help", "--version"}, (where, line)


def test_every_option_of_a_command_is_explained() -> None:
    for words, command in commands(cli):
        for param in command.params:
            if isinstance(param, click.Option):
                assert param.help, f"{' '.join(words)} {param.opts}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_the_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} points to {target}"


def test_every_time_of_a_file_is_one_that_a_database_can_hold() -> None:
    """``library/stamps.py`` reads times; two places only compare or copy one."""
    package = ROOT / "src" / "strandline"
    reads = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if re.search(r"\.st_[mc]time_ns", path.read_text())
    }
    assert reads == {
        "library/stamps.py",
        "library/scan/folder_cache.py",
        "library/files/library.py",
    }
