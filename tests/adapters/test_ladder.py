"""The ladder of tiers as a table: what was asked and what came, and what is asked next."""

from __future__ import annotations

from itertools import product

import pytest

from strandline.core.quality import Tier
from strandline.tidal.ladder import TierAnswer, Wish, best_of, next_tier, proves_hires_first

LOW, HIGH, LOSSLESS, HIRES = Tier
NO = None


def climb(
    wish: Wish, answers: dict[Tier, Tier | None], *, hires_first: bool = False
) -> tuple[list[Tier], Tier | None]:
    """What is asked in turn of a TIDAL that answers so, and what is taken in the end."""
    heard: list[TierAnswer] = []
    while tier := next_tier(wish, heard, hires_first=hires_first):
        heard.append(TierAnswer(tier, answers.get(tier)))
    best = best_of(heard)
    return [it.asked for it in heard], None if best is None else heard[best].got


PLAIN, TAGGED, UNKNOWN = (Wish(LOSSLESS, hires) for hires in (False, True, None))
AAC = {LOSSLESS: HIGH, HIRES: HIRES, HIGH: HIGH, LOW: LOW}
"""The device link: FLAC only where hi-res is asked for."""

TABLE: list[tuple[str, Wish, dict[Tier, Tier | None], list[Tier], Tier | None]] = [
    ("all is well", PLAIN, {LOSSLESS: LOSSLESS}, [LOSSLESS], LOSSLESS),
    ("a tagged one is asked plainly first", TAGGED, {LOSSLESS: LOSSLESS}, [LOSSLESS], LOSSLESS),
    ("hi-res comes at once", TAGGED, {LOSSLESS: HIRES}, [LOSSLESS], HIRES),
    ("AAC, and nothing better is promised", PLAIN, {LOSSLESS: HIGH}, [LOSSLESS], HIGH),
    ("AAC, but the tags promise hi-res", TAGGED, AAC, [LOSSLESS, HIRES], HIRES),
    ("AAC, and no tags are known", UNKNOWN, AAC, [LOSSLESS, HIRES], HIRES),
    ("AAC at both", TAGGED, {LOSSLESS: HIGH, HIRES: HIGH}, [LOSSLESS, HIRES], HIGH),
    ("AAC, and hi-res is nothing", TAGGED, {LOSSLESS: HIGH, HIRES: NO}, [LOSSLESS, HIRES], HIGH),
    ("AAC, and hi-res is less", TAGGED, {LOSSLESS: HIGH, HIRES: LOW}, [LOSSLESS, HIRES], HIGH),
    ("nothing, then hi-res", TAGGED, {HIRES: HIRES}, [LOSSLESS, HIRES], HIRES),
    ("nothing, then AAC", PLAIN, {HIGH: HIGH}, [LOSSLESS, HIGH], HIGH),
    ("nothing but the least", PLAIN, {LOW: LOW}, [LOSSLESS, HIGH, LOW], LOW),
    ("nothing at all", TAGGED, {}, [LOSSLESS, HIRES, HIGH, LOW], None),
    ("the least, then better", PLAIN, {LOSSLESS: LOW, HIGH: HIGH}, [LOSSLESS, HIGH], HIGH),
    ("hi-res is a preview", Wish(HIRES), {LOSSLESS: LOSSLESS}, [HIRES, LOSSLESS], LOSSLESS),
    ("hi-res has no such master", Wish(HIRES), {HIRES: LOSSLESS}, [HIRES], LOSSLESS),
    ("hi-res is AAC", Wish(HIRES), {HIRES: HIGH, LOSSLESS: LOSSLESS}, [HIRES, LOSSLESS], LOSSLESS),
    ("AAC is wished for", Wish(HIGH), {HIGH: HIGH}, [HIGH], HIGH),
    ("AAC needs a key", Wish(HIGH), {LOSSLESS: LOSSLESS}, [HIGH, LOW, LOSSLESS], LOSSLESS),
    ("less came, so no more is asked", Wish(HIGH), {LOW: LOW}, [HIGH, LOW], LOW),
    ("little is wished for", Wish(LOW), {LOW: LOW}, [LOW], LOW),
    ("little is not there", Wish(LOW), {HIGH: HIGH}, [LOW, HIGH], HIGH),
]  # fmt: skip


@pytest.mark.parametrize(
    ("wish", "answers", "asked", "taken"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_what_is_asked_and_what_is_taken(
    wish: Wish, answers: dict[Tier, Tier | None], asked: list[Tier], taken: Tier | None
) -> None:
    assert climb(wish, answers) == (asked, taken)


def test_once_hires_has_helped_tagged_tracks_are_asked_so_first() -> None:
    assert climb(TAGGED, AAC, hires_first=True) == ([HIRES], HIRES)
    assert climb(PLAIN, AAC, hires_first=True) == ([LOSSLESS], HIGH)
    preview = {LOSSLESS: LOSSLESS, HIRES: NO}
    assert climb(TAGGED, preview, hires_first=True) == ([HIRES, LOSSLESS], LOSSLESS)


@pytest.mark.parametrize(
    ("heard", "proof"),
    [
        ([TierAnswer(LOSSLESS, HIGH), TierAnswer(HIRES, HIRES)], True),
        ([TierAnswer(LOSSLESS, HIGH), TierAnswer(HIRES, LOSSLESS)], True),
        ([TierAnswer(LOSSLESS, None), TierAnswer(HIRES, HIRES)], False),
        ([TierAnswer(LOSSLESS, HIGH), TierAnswer(HIRES, HIGH)], False),
        ([TierAnswer(LOSSLESS, HIGH), TierAnswer(HIRES, None)], False),
        ([TierAnswer(LOSSLESS, LOSSLESS)], False),
        ([TierAnswer(HIRES, HIRES)], False),
        ([], False),
    ],
)
def test_what_proves_that_hires_helps(heard: list[TierAnswer], proof: bool) -> None:
    assert proves_hires_first(heard) is proof


def test_for_every_wish_and_every_tidal_the_ladder_ends_with_the_best_it_may_ask_for() -> None:
    """2 × 4 × 3 wishes, 5^4 ways to answer: no tier twice, nothing better is left lying."""
    answers = [None, *Tier]
    for tier, hires, first in product(Tier, (False, True, None), (False, True)):
        wish = Wish(tier, hires)
        for came in product(answers, repeat=4):
            table = dict(zip(Tier, came, strict=True))
            asked, taken = climb(wish, table, hires_first=first)
            assert len(set(asked)) == len(asked) <= 4
            heard = [got for one in asked if (got := table[one])]
            assert taken == max(heard, key=lambda got: got.rank, default=None)
            up_to = [t for t in Tier if t.rank <= tier.rank]
            if taken is None:
                assert all(table[one] is None for one in up_to)
            elif taken.rank < tier.rank:
                left = [one for one in up_to if one not in asked]
                assert all(one.rank <= taken.rank for one in left)
