"""The stand-in refuses as TIDAL is reported to: for a time, after a burst, and pages too long."""

from __future__ import annotations

from strandline.demo.blocks import Blocks
from strandline.demo.http import Request

INFO = "/v1/tracks/100000001/playbackinfopostpaywall"


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def ask(blocks: Blocks, path: str = INFO, **query: str) -> tuple[int, int | None]:
    """Status and number of the refusal; 200 when there is none."""
    answer = blocks.check(Request("GET", path, query, {}, {}))
    if answer is None:
        return 200, None
    return answer.status, answer.json()["subStatus"] if answer.body else None


def test_a_block_lasts_its_time() -> None:
    blocks = Blocks(seconds := Seconds())
    blocks.refuse_playback(seconds=20)
    assert ask(blocks) == (401, 4006)
    assert ask(blocks, "/v1/playlists/x/items") == (200, None)
    seconds.now = 20.0
    assert ask(blocks) == (200, None)


def test_a_block_lasts_its_questions() -> None:
    blocks = Blocks()
    blocks.refuse_playback(4032, status=403, questions=2)
    assert [ask(blocks) for _ in range(3)] == [(403, 4032), (403, 4032), (200, None)]


def test_a_burst_is_answered_with_429_and_then_4006() -> None:
    blocks = Blocks(seconds := Seconds())
    blocks.limit_bursts()
    assert {ask(blocks) for _ in range(53)} == {(200, None)}
    assert ask(blocks) == (429, None)
    assert ask(blocks) == (401, 4006)
    seconds.now = 74.0
    assert ask(blocks) == (401, 4006)
    seconds.now = 76.0
    assert ask(blocks) == (200, None)


def test_a_page_that_is_too_long_is_told_how_long_it_may_be() -> None:
    blocks = Blocks()
    blocks.page_size = 50
    items = "/v1/playlists/x/items"
    assert ask(blocks, items, limit="100", offset="0") == (400, 1001)
    assert ask(blocks, items, limit="50", offset="0") == (200, None)
    assert ask(blocks, "/v1/sessions", limit="1000") == (200, None)
