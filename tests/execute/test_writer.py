"""Calls made in order beside other work, and none after one that failed."""

from __future__ import annotations

import threading

import pytest

from strandline.execute.background_writer import Writer


@pytest.mark.parametrize("apart", [False, True])
def test_calls_are_made_in_order_and_all_before_the_end(apart: bool) -> None:
    made: list[int] = []
    with Writer(apart=apart) as writer:
        futures = [writer.do(made.append, number) for number in range(9)]
    assert made == list(range(9))
    assert all(future.done() for future in futures)


@pytest.mark.parametrize("apart", [False, True])
def test_what_a_call_returns_is_had_where_it_is_asked_for(apart: bool) -> None:
    with Writer(apart=apart) as writer:
        assert writer.do(sum, [1, 2, 3]).result() == 6


def test_only_a_writer_apart_has_a_thread_of_its_own() -> None:
    for apart in (False, True):
        with Writer(apart=apart) as writer:
            thread = writer.do(threading.get_ident).result()
        assert (thread == threading.get_ident()) is not apart


@pytest.mark.parametrize("apart", [False, True])
def test_after_a_failed_call_none_is_made_and_the_end_tells(apart: bool) -> None:
    made: list[int] = []
    with pytest.raises(ZeroDivisionError), Writer(apart=apart) as writer:  # noqa: PT012
        writer.do(made.append, 1)
        writer.do(lambda: 1 // 0)
        last = writer.do(made.append, 2)
    assert made == [1]
    assert isinstance(last.exception(), ZeroDivisionError)


def test_an_error_beside_it_is_not_hidden_by_one_of_its_own() -> None:
    with pytest.raises(KeyError), Writer(apart=True) as writer:  # noqa: PT012
        writer.do(lambda: 1 // 0)
        raise KeyError
