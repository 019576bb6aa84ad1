"""Every endpoint of TIDAL fails in every way, end to end: sync, faults, sync again.

Whatever goes wrong there: nothing is lost or removed because of it (I1, I6), exit 0 is only said
when all is done (I11), the code is the right one, no traceback is shown, and the next run heals.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from strandline.demo import effects
from strandline.demo.faults import Effect
from strandline.errors import Exit
from strandline.tidal import transport
from strandline.tidal.retry import RateLimiter
from tests.cli.terminal import Terminal
from tests.faults.person import hash_of
from tests.faults.size import runs, seed
from tests.faults.tally import tally

SESSION, LISTS = "/v1/sessions", "/v1/users/*/playlistsAndFavoritePlaylists"
FOLDERS, ITEMS = "/v2/my-collection/playlists/folders", "/v1/playlists/*/items"
INFO, AUDIO = "/v1/tracks/*/playbackinfopostpaywall", "/mediatracks/**"
COVER, TOKEN = "/images/**", "/v1/oauth2/token"
FAILED, LOGIN, STOP, AWAY = Exit.SOME_FAILED, Exit.LOGIN, Exit.SAFETY_STOP, Exit.UNREACHABLE


class Bad(NamedTuple):
    """A fault, and the exit codes it may end in when it lasts (exit 0 only when all is done)."""

    name: str
    effect: Effect
    codes: tuple[Exit, ...] = (Exit.DONE, FAILED, AWAY)


ANY = (Exit.DONE, FAILED, LOGIN, AWAY)
ANYWHERE = (
    Bad("401", effects.status(401), ANY),
    Bad("401 of an old token", effects.status(401, sub_status=11003), ANY),
    Bad("403", effects.status(403), ANY),
    Bad("403 of a firewall", effects.status(403, "html"), ANY),
    Bad("404", effects.status(404)),
    Bad("429, in a second", effects.too_many(1)),
    Bad("429, at a date", effects.too_many("Wed, 21 Oct 2026 07:28:00 GMT")),
    Bad("429, some time", effects.too_many()),
    Bad("429, in a thousand years", effects.too_many(31_536_000_000)),
    Bad("429, in words", effects.too_many("soon")),
    Bad("500", effects.status(500)),
    Bad("502 of a proxy", effects.status(502, "html")),
    Bad("503, empty", effects.status(503, "empty")),
    Bad("a login page", effects.html()),
    Bad("empty", effects.empty_body()),
    Bad("reset at once", effects.reset(0)),
    Bad("reset half way", effects.reset(0.5)),
    Bad("a body cut off", effects.wrong_length(1000)),
    Bad("shorter than it is", effects.truncated(0.5)),
    Bad("redirected", effects.redirect("http://127.0.0.1:9/")),
    Bad("redirected to a file", effects.redirect("file:///etc/passwd")),
    Bad("nested deeply", effects.deep()),
)
PAGES = (
    Bad("short page", effects.short_page(), (FAILED, AWAY)),
    Bad("doubled page", effects.doubled_page(), (FAILED, AWAY)),
    Bad("page of nulls", effects.null_items(), (FAILED, AWAY, Exit.DONE)),
    Bad("empty list", effects.empty_list(), (FAILED, STOP, AWAY, Exit.DONE)),
    Bad("empty list, full total", effects.empty_list(7), (FAILED, AWAY)),
    Bad("total too large", effects.total(99), (FAILED, AWAY)),
    Bad("total too small", effects.total(1), (FAILED, AWAY)),
    Bad("no total", effects.total(None), (FAILED, AWAY)),
)
OWN = {
    SESSION: (Bad("another user", effects.other_user(), (STOP, AWAY)),),
    LISTS: PAGES,
    ITEMS: PAGES,
    FOLDERS: (*PAGES[:3], Bad("endless cursor", effects.endless_cursor())),
    INFO: (
        Bad("preview", effects.preview(), (FAILED,)),
        Bad("encrypted", effects.encrypted(), (FAILED,)),
        Bad("to a file", effects.manifest_url("file:///etc/passwd"), (FAILED,)),
        Bad("to a printer", effects.manifest_url("http://192.168.0.9/x"), (FAILED,)),
        Bad("to this machine", effects.manifest_url("http://localhost:1/x"), (FAILED,)),
    ),
    AUDIO: (
        Bad("a flipped byte", effects.flipped(), (FAILED, Exit.DONE)),
        Bad("most of it", effects.truncated(0.9), (FAILED,)),
        Bad("stalled", effects.stall(0.5), (FAILED, AWAY)),
    ),
}
ENDPOINTS = (SESSION, LISTS, FOLDERS, ITEMS, INFO, AUDIO, COVER, TOKEN)
MUST_SHOW = {ITEMS, INFO, AUDIO}
"""Where a lasting fault leaves something undone; the other lists back one another up."""


@pytest.fixture
def t(fresh: Terminal, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """Synced; then a track came and another went; and nobody waits long for an answer."""
    monkeypatch.setattr(RateLimiter, "wait", lambda _: None)
    monkeypatch.setattr(transport, "READ_SECONDS", 0.5)
    terminal = fresh.logged_in()
    tracks = [terminal.track(f"x{number}") for number in range(6)]
    terminal.account.playlist("A", tracks)
    terminal.account.playlist("B", tracks[2:])
    said = terminal("sync-execute", "--yes")
    assert said.code == 0, said.err
    return terminal


@pytest.mark.parametrize(
    "endpoint", ENDPOINTS, ids=lambda path: path.strip("/*").rpartition("/")[2]
)
@pytest.mark.parametrize("times", [1, None], ids=["once", "for ever"])
def test_a_fault_of_the_service_removes_nothing_and_heals(
    t: Terminal, endpoint: str, times: int | None
) -> None:
    anywhere = ANYWHERE if times is None else ANYWHERE[::3]
    for number, bad in enumerate((*anywhere, *OWN.get(endpoint, ()))):
        code, what = goes_wrong(t, number, Fault(endpoint, bad, times))
        if times is None:
            assert code in bad.codes or endpoint == TOKEN, what
            assert code != Exit.DONE or endpoint not in MUST_SHOW or "flipped" in what, what


def test_faults_at_random_remove_nothing_and_heal(t: Terminal) -> None:
    dice = random.Random(seed())
    for number in range(runs("service", 20)):
        faults = [fault_at_random(dice) for _ in range(dice.randint(2, 4))]
        goes_wrong(t, number, *faults)


class Fault(NamedTuple):
    """What goes wrong where; from the ``nth`` request on, ``times`` times (None: for ever)."""

    endpoint: str
    bad: Bad
    times: int | None
    nth: int = 1


def fault_at_random(dice: random.Random) -> Fault:
    endpoint = dice.choice(ENDPOINTS)
    bad = dice.choice((*ANYWHERE, *OWN.get(endpoint, ())))
    return Fault(endpoint, bad, dice.choice((1, 2, None)), dice.randint(1, 3))


def goes_wrong(t: Terminal, number: int, *faults: Fault) -> tuple[Exit, str]:
    """A run with faults, what must hold after it, and a run without; its code, and what it was."""
    something_new(t, number)
    before, entries = contents(t), set(t.tree())
    for endpoint, bad, times, nth in faults:
        if endpoint == TOKEN:
            t.tidal.logins.expire()
        t.tidal.faults.on(endpoint, bad.effect, nth=nth, times=times)
    said = t("sync-execute", "--yes", "--full", "--json")
    t.tidal.faults.clear()
    what = f"{[(fault.endpoint, fault.bad.name, *fault[2:]) for fault in faults]}: {said}"
    tells_the_truth(said.code, said.out + said.err, what)
    assert before <= contents(t), f"I1: {what}"
    assert not {path for path in entries - set(t.tree()) if "mp3" in path}, f"I6: {what}"
    heals(t, what)
    keeps_the_secret(t, said.out + said.err, what)
    tally("service faults").count()
    return Exit(said.code), what


def keeps_the_secret(t: Terminal, text: str, what: str) -> None:
    """I15: no token in what was said, logged, or stored, but for the login itself."""
    files = [path for top in (t.state, t.library) for path in top.rglob("*") if path.is_file()]
    kept = [path.read_bytes() for path in files if path.name not in ("login.json", "lock")]
    for secret in t.tidal.logins.secrets:
        assert secret not in text, f"I15: {what}"
        assert not any(secret.encode() in data for data in kept), f"I15: {what}"
        tally("planted token").count(len(kept) + 1)


def something_new(t: Terminal, number: int) -> None:
    """A track in need of everything: list, items, audio and cover."""
    playlist = next(iter(t.account.playlists.values()))
    t.account.add(playlist, t.track(f"new {number}"))


def tells_the_truth(code: int, text: str, what: str) -> None:
    assert Exit(code) not in (Exit.BUG, Exit.USAGE), what
    assert "Traceback" not in text, what


def heals(t: Terminal, what: str) -> None:
    """A clean run, after a new login where there is none any more, and nothing is left."""
    t.logged_in()
    said = t("sync-execute", "--yes", "--full")
    assert said.code == 0, f"after {what}: {said}"
    assert t("sync-check", "--json").json["in_sync"], what
    assert "Traceback" not in t.log.read_text(), what
    assert t.tidal.leaks == [], what


def contents(t: Terminal) -> set[str]:
    """C of I1."""
    tops = (t.library / "mp3", t.library / ".strandline" / "trash")
    files = [path for top in tops for path in top.rglob("*")]
    return {hash_of(path) for path in files if path.is_file() and not path.is_symlink()}
