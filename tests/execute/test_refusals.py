"""Refusals in a row: whom they are about is found out before anything is marked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from strandline.errors import Exit, LoginError
from strandline.execute import circuit_breaker
from strandline.execute.ports import StopFlag
from strandline.tidal.app_clients import LoginWay
from strandline.tidal.refusals import RefusedError
from tests.execute.refusing import Refusing, Time, column, go, refusal, unmarked
from tests.execute.things import A, B
from tests.stage import Stage

MANY = [str(number) for number in range(10, 50)]


@pytest.fixture
def source(stage: Stage) -> Refusing:
    stage.settings = replace(stage.settings, workers=4)
    stage.source = source = Refusing()
    return source


def refuse(*tracks: str, status: int = 401, number: int | None = 4005) -> Refusing:
    return Refusing(rule=lambda track: refusal(status, number) if track in tracks else None)


# ---------------------------------------------------------------- pauses


@pytest.mark.parametrize(("status", "number"), [(401, 4006), (429, None), (403, None), (402, None)])
def test_a_block_that_passes_costs_a_pause_and_no_track(
    stage: Stage, source: Refusing, status: int, number: int | None
) -> None:
    time = Time()
    source.rule = lambda _: refusal(status, number) if time.seconds < 20 else None
    stage.lists(A, "Deep", *MANY)
    result = go(stage, time)
    assert result.exit is Exit.DONE, result
    assert result.done["download"] == len(MANY)
    assert 20 <= sum(time.waits) <= 60
    assert time.waits[1:] == sorted(time.waits[1:]), "each wait is at least as long"
    assert source.most_at_once == 1
    assert unmarked(stage)


@pytest.mark.parametrize(("status", "number"), [(401, 4006), (429, None), (403, None)])
def test_a_block_that_stays_ends_the_run_and_marks_no_track(
    stage: Stage, source: Refusing, status: int, number: int | None
) -> None:
    time = Time()
    source.rule = lambda _: refusal(status, number)
    stage.lists(A, "Deep", *MANY).lists(B, "House", "10")
    result = go(stage, time)
    assert result.exit is Exit.UNREACHABLE
    assert sum(time.waits) <= 120
    assert len(source.questions) <= 20
    assert len(source.asked) <= 4 + 2, "those under way when the first one was refused"
    assert result.failed == []
    assert {item.track for item in result.skipped if item.action == "download"} == set(MANY)
    assert unmarked(stage)


def test_all_pauses_of_a_run_last_two_minutes_together(stage: Stage, source: Refusing) -> None:
    time, came = Time(), set[str]()

    def rule(track: str) -> RefusedError | None:
        blocked = time.seconds < 70 or (len(came) > 10 and time.seconds < 200)
        came.update(() if blocked else {track})
        return refusal(401, 4006) if blocked else None

    source.rule = rule
    stage.lists(A, "Deep", *MANY)
    result = go(stage, time)
    assert result.exit is Exit.UNREACHABLE
    assert result.done["download"] >= 10
    assert sum(time.waits) <= 120
    assert len(source.questions) <= 20
    assert unmarked(stage)


def test_nothing_of_a_pause_is_remembered_by_the_next_run(stage: Stage, source: Refusing) -> None:
    source.rule = lambda _: refusal(401, 4006)
    stage.lists(A, "Deep", *MANY)
    assert go(stage).exit is Exit.UNREACHABLE
    source.rule = lambda _: None
    time = Time()
    assert go(stage, time).exit is Exit.DONE
    assert time.waits == []


def test_how_long_to_wait_is_tidals_to_say(stage: Stage, source: Refusing) -> None:
    time = Time()

    def rule(_: str) -> RefusedError | None:
        error = refusal(429)
        error.retry_after = 25.0
        return error if time.seconds < 25 else None

    source.rule = rule
    stage.lists(A, "Deep", *MANY)
    assert go(stage, time).exit is Exit.DONE
    assert time.waits == [25.0]


def test_ctrl_c_ends_a_pause(stage: Stage, source: Refusing) -> None:
    stop, time = StopFlag(), Time()
    source.rule = lambda _: refusal(401, 4006)
    sleep = time.sleep
    time.sleep = lambda seconds: (sleep(seconds), stop.set())  # type: ignore[method-assign]
    stage.lists(A, "Deep", *MANY)
    result = go(stage, time, stop)
    assert result.exit is Exit.INTERRUPTED
    assert len(time.waits) == 1
    assert result.failed == []
    assert unmarked(stage)


# ---------------------------------------------------------------- a track's own


@pytest.mark.parametrize(("status", "number"), [(401, 4005), (404, 2001), (403, 4032), (401, 4035)])
def test_a_track_that_is_refused_while_others_play_is_unavailable(
    stage: Stage, status: int, number: int
) -> None:
    stage.source = refuse("20", status=status, number=number)
    stage.lists(A, "Deep", *MANY).lists(B, "House", "20", "21")
    result = go(stage)
    assert result.exit is Exit.DONE, "TIDAL gave evidence about this very track"
    assert result.failed == []
    left = {(item.action, item.code) for item in result.skipped}
    assert left == {("download", "unavailable"), ("link", "unavailable")}
    assert column(stage, "tidal_available")["20"] == 0
    assert str(number) in str(column(stage, "download_error")["20"])
    assert stage.pending().actions == ()


@pytest.mark.parametrize(
    ("status", "number"), [(403, None), (402, None), (400, 1002), (404, None), (410, None)]
)
def test_an_unclear_refusal_while_others_play_is_a_failure_and_no_evidence(
    stage: Stage, status: int, number: int | None
) -> None:
    stage.source = refuse("20", status=status, number=number)
    stage.lists(A, "Deep", *MANY)
    result = go(stage)
    assert result.exit is Exit.SOME_FAILED
    assert [item.track for item in result.failed] == ["20"]
    assert column(stage, "tidal_available")["20"] == 1


def test_a_long_row_of_dead_tracks_takes_few_questions(stage: Stage) -> None:
    dead = MANY[2:35]
    stage.source = source = refuse(*dead)
    stage.lists(A, "Deep", *MANY)
    result = go(stage)
    assert result.exit is Exit.DONE
    assert {item.track for item in result.skipped} == set(dead)
    assert len(source.questions) <= 6
    assert set(source.questions).isdisjoint(dead)


def test_a_short_block_in_the_form_of_dead_tracks_marks_none(stage: Stage) -> None:
    answers = iter([None, *[refusal(401, 4005)] * 5])
    stage.source = Refusing(rule=lambda _: next(answers, None))
    stage.lists(A, "Deep", *MANY)
    result = go(stage)
    assert result.exit is Exit.DONE
    assert result.done["download"] == len(MANY)
    assert unmarked(stage)


def test_the_only_track_that_is_wanted_is_compared_with_one_that_played_before(
    stage: Stage,
) -> None:
    stage.source = Refusing()
    stage.lists(A, "Deep", "1")
    go(stage)
    stage.source = source = refuse("2")
    stage.lists(A, "Deep", "1", "2")
    result = go(stage)
    assert result.exit is Exit.DONE
    assert source.questions == ["1"]
    assert [(item.track, item.code) for item in result.skipped] == [("2", "unavailable")]


def test_what_played_before_and_is_refused_now_says_that_it_is_not_the_track(stage: Stage) -> None:
    stage.source = Refusing()
    stage.lists(A, "Deep", "1", "2")
    go(stage)
    stage.source = refuse("1", "2", "3")
    stage.lists(A, "Deep", "1", "2", "3")
    result = go(stage)
    assert result.exit is Exit.UNREACHABLE
    assert [item.code for item in result.skipped] == ["all_refused"]
    assert unmarked(stage)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_with_nothing_to_compare_tidals_own_description_tells(stage: Stage, number: int) -> None:
    tracks = MANY[:number]
    stage.source = source = refuse(*tracks, status=404, number=2001)
    source.offered = False
    stage.lists(A, "Deep", *tracks)
    result = go(stage)
    assert result.exit is Exit.DONE
    assert {item.code for item in result.skipped} == {"unavailable"}


@pytest.mark.parametrize("number", [1, 2, 3, 40])
def test_with_nothing_to_compare_and_no_word_of_tidals_nothing_is_marked(
    stage: Stage, number: int
) -> None:
    tracks = MANY[:number]
    stage.source = source = refuse(*tracks)
    stage.lists(A, "Deep", *tracks)
    result = go(stage)
    assert result.exit is Exit.UNREACHABLE
    assert result.stopped
    assert result.stopped.code == "all_refused"
    assert len(source.questions) <= 20
    assert unmarked(stage)


# ---------------------------------------------------------------- everybody's


def test_a_device_login_that_plays_nothing_needs_another_login(stage: Stage) -> None:
    stage.source = source = refuse(*MANY)
    source.way = LoginWay.DEVICE
    stage.lists(A, "Deep", *MANY)
    time = Time()
    result = go(stage, time)
    assert result.exit is Exit.LOGIN
    assert result.stopped
    assert "auth login --pkce" in result.stopped.hint
    assert time.waits == [], "waiting would not help"
    assert unmarked(stage)


@pytest.mark.parametrize(
    ("status", "number", "code"),
    [
        (403, 4035, "place_refused"),
        (401, 4032, "place_refused"),
        (401, 4010, "account_refused"),
        (401, 4033, "account_refused"),
        (400, 1002, "answers_changed"),
        (404, None, "answers_changed"),
        (410, None, "answers_changed"),
        (451, None, "answers_changed"),
        (404, 2001, "all_refused"),
    ],
)
def test_refusals_alike_for_all_are_never_the_tracks(
    stage: Stage, status: int, number: int | None, code: str
) -> None:
    stage.source = source = refuse(*MANY, status=status, number=number)
    stage.lists(A, "Deep", *MANY)
    time = Time()
    result = go(stage, time)
    assert result.exit is Exit.UNREACHABLE
    assert result.stopped
    assert result.stopped.code == code
    assert time.waits == []
    assert len(source.asked) == 3, "then nobody goes on"
    assert len(source.questions) <= circuit_breaker.QUESTIONS
    assert len(result.skipped) == len(MANY)
    assert unmarked(stage)


def test_changed_answers_name_the_request_and_the_way_on(stage: Stage) -> None:
    stage.source = refuse(*MANY, status=400, number=1002)
    stage.lists(A, "Deep", *MANY)
    stopped = go(stage).stopped
    assert stopped
    assert "/v1/tracks/*/playbackinfopostpaywall" in stopped.message
    assert "newer strandline" in stopped.hint


def test_a_login_revoked_on_the_way_ends_the_run_at_once(stage: Stage, source: Refusing) -> None:
    came: list[str] = []

    def rule(track: str) -> RefusedError | None:
        if len(came) > 4:
            raise LoginError("TIDAL no longer accepts the login.", code="login_over")
        came.append(track)
        return None

    source.rule = rule
    stage.lists(A, "Deep", *MANY)
    result = go(stage)
    assert result.exit is Exit.LOGIN
    assert result.failed == []
    assert result.done["download"] + len(result.skipped) == len(MANY)
    assert unmarked(stage)


def test_the_bounds_are_those_of_the_contract() -> None:
    assert (circuit_breaker.SECONDS, circuit_breaker.QUESTIONS) == (120.0, 20)
