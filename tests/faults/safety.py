"""The table of the batteries in docs/safety.md, from the last run of the tests.

``./dev test && ./dev safety`` measures and writes it; ``--print`` only shows it.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.faults.tally import CACHED_AS, Battery

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "safety.md"
CACHE = ROOT / ".pytest_cache" / "v" / CACHED_AS
TABLE = re.compile(r"(<!-- batteries -->\n).*?(<!-- end -->)", re.DOTALL)


def of_last_test(cache: Path = CACHE) -> dict[str, Battery]:
    """What ``./dev test`` found last."""
    kept = json.loads(cache.read_text())
    return {name: Battery(**found) for name, found in sorted(kept.items())}


def table(batteries: Mapping[str, Battery]) -> str:
    """One row a battery: what was tried, what went wrong, how long it took in all."""
    lines = ["| battery | runs | violations | seconds |", "|---|---:|---:|---:|"]
    for name, found in batteries.items():
        figures = f"{found.runs:,} | {found.violations} | {found.seconds:.0f}"
        skipped = f" (skipped: {'; '.join(found.skipped)})" if found.skipped else ""
        lines.append(f"| {name}{skipped} | {figures} |")
    return "\n".join([*lines, ""])


def main(words: Sequence[str]) -> int:
    """Write the table into the page, or print it."""
    caches = [Path(word) for word in words if not word.startswith("-")]
    text = table(of_last_test(*caches))
    if "--print" in words:
        sys.stdout.write(text)
    else:
        PAGE.write_text(TABLE.sub(lambda m: m[1] + text + m[2], PAGE.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
