"""Exploits that a careless version falls for, end to end: each with what it would have cost.

Names and addresses come from outside, files and plans may be forged, and other programs run.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from strandline.demo import effects
from strandline.demo.server import StandIn
from strandline.errors import Exit, StrandlineError
from tests.cli.terminal import Terminal, two_playlists
from tests.faults.corpus import corpus
from tests.faults.person import Person, impatient
from tests.faults.tally import tally

pytestmark = pytest.mark.battery("security exploits")


@pytest.fixture(autouse=True)
def _counted() -> None:
    tally("security exploits").count()


@pytest.fixture
def person(tmp_path: Path, tidal: StandIn) -> Person:
    return Person(tmp_path, tidal)


@pytest.fixture
def t(fresh: Terminal) -> Terminal:
    return fresh.logged_in()


def exit_of(person: Person) -> Exit:
    """How a sync ended, by its result or by its error."""
    try:
        return person.run().exit
    except StrandlineError as error:
        return error.exit


# ---------------------------------------------------------------- links where folders should be


@pytest.mark.parametrize(
    "place",
    [".strandline", ".strandline/lock", ".strandline/tmp", ".strandline/trash",
     ".strandline/library.json", "mp3", "mp3/Playlists", "mp3/Playlists/A", "mp3/Playlists/B"],
)  # fmt: skip
def test_a_link_planted_in_the_library_is_never_followed(person: Person, place: str) -> None:
    x, y = (person.account.track(title, "Ana") for title in "xy")
    a, b = person.account.playlist("A", [x, y]), person.account.playlist("B", [x])
    person.run()
    person.account.delete(b)
    person.account.remove(a, y)
    person.account.add(a, person.account.track("z", "Ana"))
    path = person.library / place
    kept = person.folder / "outside" / "kept"
    if path.exists():
        path.rename(kept)
    path.symlink_to(person.outside if kept.is_dir() or not kept.exists() else kept)
    before = {p: p.lstat().st_mtime_ns for p in person.outside.rglob("*")}
    assert exit_of(person) is not Exit.BUG
    assert {p: p.lstat().st_mtime_ns for p in person.outside.rglob("*")} == before


# ---------------------------------------------------------------- addresses


def test_an_extension_is_never_taken_from_an_address(person: Person) -> None:
    person.account.playlist("A", [person.account.track("x", "Ana")])

    def elsewhere(bts: dict[str, list[str]]) -> None:
        bts["urls"] = [f"{bts['urls'][0]}?name=/../../../evil.sh"]

    person.tidal.faults.on(
        "/v1/tracks/*/playbackinfopostpaywall", effects.manifest(elsewhere), times=None
    )
    person.run()
    person.check_inside()
    assert all(line.endswith(".flac") for line in person.tree)


@pytest.mark.parametrize("path", ["/v1/sessions", "/v1/playlists/*/items", "/mediatracks/**"])
def test_no_redirect_ever_takes_the_token_along(person: Person, path: str) -> None:
    person.account.playlist("A", [person.account.track("x", "Ana")])
    with StandIn() as thief, impatient():
        person.tidal.faults.on(path, effects.redirect(f"{thief.url}/v1/take"), times=None)
        assert exit_of(person) in (Exit.SOME_FAILED, Exit.UNREACHABLE)
        assert thief.requests == []


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "http://127.0.0.1:1/x", "http://localhost/x", "http://10.0.0.1/x",
     "http://169.254.169.254/latest", "http://[::1]/x", "http://0x7f000001/x", "http://127.1/x",
     "ftp://example.com/x", "http://user@example.com/x", "gopher://example.com/x", "//x", ""],
)  # fmt: skip
def test_a_manifest_leads_to_public_addresses_only(person: Person, url: str) -> None:
    person.account.playlist("A", [person.account.track("x", "Ana")])
    info = "/v1/tracks/*/playbackinfopostpaywall"
    person.tidal.faults.on(info, effects.manifest_url(url), times=None)
    done = person.run()
    assert done.exit is Exit.SOME_FAILED
    assert person.tree in ([], ["A/"])


def test_a_manifest_never_makes_strandline_ask_a_neighbour(person: Person) -> None:
    person.account.playlist("A", [person.account.track("x", "Ana")])
    info = "/v1/tracks/*/playbackinfopostpaywall"
    with StandIn() as neighbour:
        url = f"{neighbour.url}/mediatracks/1-LOSSLESS/0.flac"
        person.tidal.faults.on(info, effects.manifest_url(url), times=None)
        assert person.run().exit is Exit.SOME_FAILED
        assert neighbour.requests == []


# ---------------------------------------------------------------- other programs, the database


def test_the_download_command_gets_words_that_nothing_splits_or_runs(t: Terminal) -> None:
    script = t.folder / "download.py"
    script.write_text(
        "import json, os, sys\n"
        f"open({str(t.folder / 'argv.jsonl')!r}, 'a').write(json.dumps(sys.argv[1:]) + '\\n')\n"
        "assert not os.listdir('.') and sys.stdin.read() == ''\n"
        "sys.exit(0)\n"
    )
    words = [sys.executable, str(script), "--", "{track_id}", "{directory}"]
    t.settings.write_text(
        f'[audio]\nformat = "original"\n[download]\nsource = "command"\ncommand = {words}\n'
    )
    hostile = [name for name in corpus() if "touch" in name or ";" in name or name.startswith("-")]
    tracks = [t.account.track(name, name) for name in hostile if name.strip()]
    t.account.playlist("$(touch x)", tracks)
    said = t("sync-execute", "--yes", "--json")
    assert said.code == Exit.SOME_FAILED  # its exit code is worth nothing: no file, no download
    calls = [json.loads(line) for line in (t.folder / "argv.jsonl").read_text().splitlines()]
    assert {call[1] for call in calls} == {str(track.id) for track in tracks}
    assert all(len(call) == 3 and call[0] == "--" for call in calls)
    assert not list(t.folder.rglob("x"))


def test_names_with_wildcards_mean_only_themselves(person: Person) -> None:
    """A ``LIKE`` on the old folder would have renamed or forgotten the neighbours, too."""
    x, y = (person.account.track(title, "A_%") for title in ("x_", "xy"))
    lists = {name: person.account.playlist(name, [x, y]) for name in ("A%", "AB", "A_", "%", "_")}
    person.run()
    before = {(playlist, track): path for playlist, track, path in person.entries()}
    person.account.rename(lists["A_"], "Z_")
    person.account.delete(lists["%"])
    assert person.run().exit is Exit.DONE
    for playlist, track, path in person.entries():
        old = before[playlist, track]
        folder = "Z_" if playlist == lists["A_"].uuid else old.split("/")[1]
        assert path == f"Playlists/{folder}/{old.split('/')[2]}"
    person.check_entries()
    person.check_settled()


FORGED = [
    {"action": "trash", "path": "../../etc/passwd"},
    {"action": "trash", "path": "Playlists/../../../outside/precious.txt"},
    {"action": "unlink", "path": "/etc/passwd"},
    {"action": "trash", "path": "Playlists/Deep House/Ana - x.flac"},
    {"action": "rename_folder", "path": "Playlists/x/../../y", "source": "Playlists/Deep House"},
    {"action": "explode", "path": "Playlists/Deep House"},
    {"action": "download", "path": "Playlists/Deep House/x.sh", "track": "1; rm -rf ~"},
    {"action": None, "path": None},
]


@pytest.mark.parametrize("forged", FORGED, ids=lambda forged: str(forged["path"])[-20:])
def test_a_forged_plan_does_nothing(t: Terminal, forged: dict[str, str]) -> None:
    two_playlists(t)
    assert t("sync-execute", "--yes").code == 0
    t.account.playlist("New", [t.track("new")])
    plan = t.folder / "plan.json"
    assert t("sync-check", "--out", str(plan)).code == 0
    document = json.loads(plan.read_text())
    filler = {"track": None, "playlist": None, "because": "left_playlist", "source": None}
    document["actions"].append(filler | forged)
    plan.write_text(json.dumps(document))
    before = t.tree()
    assert t("sync-execute", "--yes", "--plan", str(plan)).code in (Exit.USAGE, Exit.SAFETY_STOP)
    assert t.tree() == before


def test_what_is_kept_is_private_from_its_first_byte(person: Person) -> None:
    person.account.playlist("A", [person.account.track("x", "Ana")])
    old = os.umask(0)
    try:
        person.log_in()
        person.run()
    finally:
        os.umask(old)
    for path in (person.state / "login.json", person.state / "strandline.db"):
        assert path.stat().st_mode & 0o077 == 0, path
