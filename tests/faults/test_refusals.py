"""Every refusal of TIDAL's at every endpoint, end to end: for six questions and for ever.

Whoever is refused, the exit code says whom it is about, no track is marked for what is not its
own, nothing is lost or removed, and the next run without it does all that was left.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from strandline.demo import effects
from strandline.demo.faults import Effect
from strandline.demo.model import Availability
from strandline.errors import Exit
from strandline.tidal.retry import RateLimiter
from tests.cli.terminal import Terminal
from tests.faults.person import hash_of
from tests.faults.tally import tally

SESSION, LISTS = "/v1/sessions", "/v1/users/*/playlistsAndFavoritePlaylists"
FOLDERS, ITEMS = "/v2/my-collection/playlists/folders", "/v1/playlists/*/items"
INFO, TRACK, TOKEN = "/v1/tracks/*/playbackinfopostpaywall", "/v1/tracks/*", "/v1/oauth2/token"
DONE, FAILED, LOGIN, AWAY = Exit.DONE, Exit.SOME_FAILED, Exit.LOGIN, Exit.UNREACHABLE


class Refusal(NamedTuple):
    """What TIDAL says, and how a run ends in which every track is refused so."""

    name: str
    effect: Effect
    ends: Exit


def numbered(status: int, number: int, ends: Exit) -> Refusal:
    return Refusal(f"{status}/{number}", effects.status(status, sub_status=number), ends)


def bare(status: int, body: str = "empty") -> Refusal:
    return Refusal(f"{status}, {body}", effects.status(status, body), AWAY)


REFUSALS = (
    numbered(401, 4005, LOGIN),  # with a login by device link
    numbered(404, 2001, AWAY),
    numbered(401, 4006, AWAY),
    numbered(403, 4006, AWAY),
    numbered(403, 4010, AWAY),
    numbered(401, 4033, AWAY),
    numbered(403, 4032, AWAY),
    numbered(401, 4035, AWAY),
    numbered(401, 11002, LOGIN),
    numbered(401, 6001, LOGIN),
    numbered(401, 8003, LOGIN),
    numbered(400, 1005, LOGIN),
    numbered(400, 1001, AWAY),
    numbered(400, 1002, AWAY),
    numbered(405, 0, AWAY),
    Refusal("429", effects.too_many(), AWAY),
    bare(402),
    bare(403),
    bare(404),
    bare(404, "html"),
    bare(410),
    bare(451),
)
OF_THE_LOGIN = {"401/11002", "401/6001", "401/8003", "400/1005"}
ENDPOINTS = (SESSION, LISTS, FOLDERS, ITEMS, INFO, TRACK, TOKEN)


def expected(endpoint: str, refusal: Refusal) -> set[Exit]:
    """The exit codes that are true of a refusal that lasts."""
    login = refusal.name in OF_THE_LOGIN
    if endpoint == INFO:
        return {refusal.ends}
    if endpoint == TOKEN:  # there every 400 to 403 of TIDAL's own is about the login
        return {LOGIN, AWAY}
    if login:
        return {LOGIN}
    if endpoint == SESSION:
        return {LOGIN, AWAY} if refusal.name.startswith("401") else {AWAY}
    return {DONE, FAILED, LOGIN, AWAY}


@pytest.fixture
def t(fresh: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Synced, with one track that TIDAL does not have."""
    monkeypatch.setattr(RateLimiter, "wait", lambda _: None)
    terminal = fresh.logged_in()
    tracks = [terminal.track(f"x{number}") for number in range(6)]
    terminal.account.playlist("A", tracks)
    terminal.account.playlist("B", tracks[2:])
    terminal.account.withhold(tracks[0], Availability.GREYED_OUT)
    said = terminal("sync-execute", "--yes")
    assert said.code == 0, said.err
    return terminal


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda path: path.rpartition("/")[2])
@pytest.mark.parametrize("times", [6, None], ids=["six times", "for ever"])
def test_a_refusal_marks_no_track_that_it_is_not_about(
    t: Terminal, endpoint: str, times: int | None
) -> None:
    for number, refusal in enumerate(REFUSALS if times is None else REFUSALS[::2]):
        code, what = refused(t, endpoint, refusal, times, number)
        if times is None:
            assert code in expected(endpoint, refusal), what
        marks_nothing(t, what, lasting=times is None)
        tally("refusals").count()
    t.logged_in()
    said = t("sync-execute", "--yes", "--full", "--json")
    assert said.code == 0, said
    assert len(said.json["unavailable"]) == 1


def refused(
    t: Terminal, endpoint: str, refusal: Refusal, times: int | None, number: int
) -> tuple[Exit, str]:
    """A run with something new to fetch; its code, and what it was."""
    playlist = next(iter(t.account.playlists.values()))
    t.account.add(playlist, t.track(f"new {number}"))
    before = contents(t)
    if endpoint == TOKEN:
        t.logged_in()
        t.tidal.logins.expire()
    t.tidal.faults.on(endpoint, refusal.effect, times=times)
    said = t("sync-execute", "--yes", "--full", "--json")
    t.tidal.faults.clear()
    what = f"{endpoint} {refusal.name} {times}: {said}"
    assert Exit(said.code) in (DONE, FAILED, LOGIN, AWAY), what
    assert "Traceback" not in said.out + said.err, what
    assert before <= contents(t), f"I1, I6: {what}"
    return Exit(said.code), what


def marks_nothing(t: Terminal, what: str, *, lasting: bool) -> None:
    """I19: but for the one that TIDAL does not have, every track is as it was."""
    tracks = t("sync-status", "--json").json["tracks"]
    assert tracks["unavailable"] == 1, what
    assert tracks["downloading"] == 0, what
    assert not lasting or tracks["error"] == 0, what


def contents(t: Terminal) -> set[str]:
    """C of I1: the audio in the collection and in the trash."""
    files = [path for top in (t.library / "mp3", t.library / ".strandline" / "trash")
             for path in top.rglob("*")]  # fmt: skip
    return {hash_of(path) for path in files if path.is_file() and not path.is_symlink()}
