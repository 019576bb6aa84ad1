"""What the README says is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from strandline.cli.main import cli
from strandline.config.keys import KEYS
from strandline.errors import Exit

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/*.md")]


def test_every_setting_is_in_the_readme_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `([a-z_.]+)` \| (.+?) \|", README, re.MULTILINE))
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
    assert reads == {"library/stamps.py", "library/listings.py", "library/files/library.py"}
