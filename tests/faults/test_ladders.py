"""Every wish, on every login, with every tier of a track wrong in every way.

Whatever TIDAL answers: what is stored is whole, in stereo, of the very track and told as what it is
(I18); nothing that can be had as good as it was asked for comes worse; what cannot be had at all is
told as failed or unavailable, with nothing of it on the disk.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from strandline.core.quality import Tier
from strandline.demo.entitlements import DeviceLink
from strandline.demo.logins import DEVICE_CLIENT, PKCE_CLIENT
from strandline.demo.model import Blemish, Quality, Track
from strandline.library.audio.check import check_audio
from strandline.library.audio.probe import probe
from strandline.tidal.app_clients import LoginWay
from strandline.tidal.login_store import TokenStore
from strandline.tidal.token import Token
from tests.cli.terminal import Terminal
from tests.faults.size import runs, seed
from tests.faults.tally import tally

SECONDS = 6
LOGINS = {
    "an old device link": (DeviceLink.FULL, DEVICE_CLIENT),
    "a device link": (DeviceLink.AAC, DEVICE_CLIENT),
    "the login page": (DeviceLink.AAC, PKCE_CLIENT),
}
DAMAGE = {Blemish.CUT_OFF, Blemish.EMPTY_SEGMENT, Blemish.SHELL_SEGMENT, Blemish.INIT_ONLY}
"""No reason to take another tier: tomorrow this one may come whole."""
ONLY_AS_DASH = {Blemish.EMPTY_SEGMENT, Blemish.SHELL_SEGMENT, Blemish.INIT_ONLY}


class Case(NamedTuple):
    """A track, and what comes of asking for it at each tier."""

    track: Track
    real: dict[Tier, Tier | None]
    """What a file asked at that tier holds; None: nothing that may be kept."""


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("wish", [tier.word for tier in Tier])
def test_what_comes_is_the_best_there_is_and_told_as_what_it_is(
    fresh: Terminal, wish: str, login: str
) -> None:
    log_in(fresh, login)
    fresh.settings.write_text(f'[audio]\nformat = "original"\n[tidal]\nquality = "{wish}"\n')
    cases = chosen(list(every_case(fresh, login)))
    fresh.account.playlist("A", [case.track for case in cases])
    said = fresh("sync-execute", "--yes", "--json")
    assert said.code in (0, 4), said.err
    result = said.json["result"]
    items = {item["track"]: item for item in result["items"]}
    failed = {item["track"] for item in (*result["failed"], *said.json["unavailable"])}
    assert not items.keys() & failed
    for case in cases:
        track = str(case.track.id)
        what = f"{wish} by {login}: {case.track.quality.value} {case.track.blemishes}"
        item = items.get(track)
        assert (item is None) == (track in failed), what
        got = None if item is None else is_told_as_it_is(fresh, item, wish, what)
        is_the_best(case, Tier.of_word(wish), got, what)
        tally("ladders").count()
    kept = {str(path.relative_to(fresh.library / "mp3")) for path in fresh.playlists.rglob("*.*")}
    assert kept == {item["path"] for item in items.values()}
    assert not list((fresh.library / ".strandline" / "tmp").iterdir())


def log_in(t: Terminal, login: str) -> None:
    t.account.device_link, client = LOGINS[login]
    issued = t.tidal.logins.issue(client)
    way = LoginWay.PKCE if client == PKCE_CLIENT else LoginWay.DEVICE
    token = Token(issued.access_token, issued.refresh_token, "Bearer", way=way)
    TokenStore(t.state).save(token)


def chosen(cases: list[Case]) -> list[Case]:
    """All of them in the gate, in an order in which no refusal follows its like for long."""
    dice = random.Random(seed())
    dice.shuffle(cases)
    return cases[: runs("ladders", len(cases))]


def every_case(t: Terminal, login: str) -> Iterator[Case]:
    """A track of each quality, well; then with each blemish at one tier, and at all of them."""
    places = [*([quality] for quality in Quality), list(Quality)]
    for quality in (Quality.LOSSLESS, Quality.HI_RES_LOSSLESS):
        yield case(t, login, quality, {})
        for blemish in Blemish:
            for place in places:
                yield case(t, login, quality, dict.fromkeys(place, blemish))


def case(t: Terminal, login: str, quality: Quality, blemishes: dict[Quality, Blemish]) -> Case:
    title = f"Song {len(t.account.tracks):04}"
    track = t.account.track(
        title, duration=SECONDS, quality=quality, blemishes=blemishes, audio_id=7
    )
    return Case(track, {Tier(asked.value): real(track, asked, login) for asked in Quality})


def real(track: Track, asked: Quality, login: str) -> Tier | None:
    """What the file is that comes when a tier is asked for, by TIDAL's reported ways."""
    link, client = LOGINS[login]
    given = min(asked, track.quality, key=lambda quality: quality.rank)
    if given is Quality.LOSSLESS and link is DeviceLink.AAC and client == DEVICE_CLIENT:
        given = Quality.HIGH
    by_page = client == PKCE_CLIENT and given is Quality.LOSSLESS
    dash = given is Quality.HI_RES_LOSSLESS or by_page
    blemish = track.blemishes.get(asked)
    if blemish is None or (blemish in ONLY_AS_DASH and not dash):
        return Tier(given.value)
    if blemish is Blemish.LOSSY:
        lossy = given is Quality.LOSSLESS and not dash
        return Tier.HIGH if lossy else Tier(given.value)
    return None


def is_told_as_it_is(t: Terminal, item: dict[str, Any], wish: str, what: str) -> Tier:
    """The file against its own headers and samples; and what was told of it."""
    path = t.library / "mp3" / item["path"]
    told, heard = item["quality"], probe(path)
    checked = check_audio(path, expected_duration=SECONDS)
    assert checked.duration == pytest.approx(SECONDS, abs=0.1), what
    assert heard.channels == 2, what
    assert (told["asked"], told["codec"], told["rate"]) == (wish, heard.codec, heard.sample_rate)
    assert told["bits"] == heard.bits, what
    lossless = {"flac": ("lossless", "hires"), "aac": ("low", "high")}[heard.codec]
    assert told["got"] in lossless, what
    assert (told["got"] == "hires") == ((heard.bits or 0) > 16), what
    assert Path(path).suffix == {"flac": ".flac", "aac": ".m4a"}[heard.codec]
    return Tier.of_word(told["got"])


def is_the_best(case: Case, wish: Tier, got: Tier | None, what: str) -> None:
    """Nothing better lay where it may be asked for; more than was wished came as a last resort."""
    allowed = {tier for tier in Tier if tier.rank <= wish.rank}
    if wish is Tier.LOSSLESS and case.track.quality is Quality.HI_RES_LOSSLESS:
        allowed.add(Tier.HI_RES_LOSSLESS)
    below = [came for tier, came in case.real.items() if tier in allowed and came]
    above = [came for tier, came in case.real.items() if tier is Tier.LOSSLESS and came]
    if got is None and DAMAGE & {*case.track.blemishes.values()}:
        assert None in case.real.values(), what
        return
    if got is None:
        assert not below, what
        assert not above or wish is Tier.LOSSLESS, what
        return
    assert got in case.real.values(), what
    assert below or above, what
    best = max(below, key=lambda tier: tier.rank, default=None)
    if best is None:
        return
    lies = Blemish.LOSSY in case.track.blemishes.values()
    least = Tier.HIGH if lies else min(best, wish, key=lambda tier: tier.rank)
    assert got.rank >= min(least.rank, best.rank), what
    assert got.rank <= wish.rank or wish is Tier.LOSSLESS, what
