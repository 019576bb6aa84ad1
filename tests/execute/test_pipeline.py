"""Two stages side by side: bounded, and nothing is lost when the consumer leaves early."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from strandline.execute.pipeline import Pipeline


def doubled(discarded: list[int] | None = None, **sizes: int) -> Pipeline[int, int, int]:
    def fetch(job: int) -> int:
        if job == 3:
            raise ValueError("no third")
        return job

    def prepare(job: int, fetched: int) -> int:
        assert job == fetched
        if job == 4:
            raise KeyError("no fourth")
        return fetched * 2

    gone = discarded if discarded is not None else []
    return Pipeline(fetch, prepare, gone.append, **({"workers": 2, "encoders": 1} | sizes))


def test_every_job_comes_out_once_with_its_result_or_its_error() -> None:
    with doubled() as pipeline:
        outcomes = sorted(pipeline.results(iter(range(1, 30))), key=lambda outcome: outcome.job)
    assert [outcome.job for outcome in outcomes] == list(range(1, 30))
    results = {outcome.job: outcome.result for outcome in outcomes if outcome.error is None}
    assert results == {job: job * 2 for job in range(1, 30) if job not in (3, 4)}
    assert [type(outcome.error) for outcome in outcomes[2:4]] == [ValueError, KeyError]


def test_a_second_try_comes_out_among_the_others() -> None:
    seen: list[int] = []
    with doubled() as pipeline:
        for outcome in pipeline.results(iter([1, 2])):
            seen.append(outcome.job)
            if outcome.job == 1:
                pipeline.submit(10)
    assert sorted(seen) == [1, 2, 10]


def test_what_came_out_meanwhile_is_taken_without_waiting() -> None:
    with doubled() as pipeline:
        results = pipeline.results(iter([1, 2, 5]))
        came = [next(results)]
        while len(came) < 3:
            came += pipeline.also_ready()
        assert sorted(outcome.job for outcome in came) == [1, 2, 5]
        assert list(results) == []


def test_the_network_is_waited_for_while_both_cores_compute() -> None:
    together = threading.Barrier(3, timeout=60)

    def fetch(job: int) -> int:
        if job == 3:
            together.wait()
        return job

    def prepare(job: int, fetched: int) -> int:
        if job < 3:
            together.wait()
        return fetched

    with Pipeline(fetch, prepare, lambda _: None, workers=1, encoders=2) as pipeline:
        outcomes = list(pipeline.results(iter([1, 2, 3])))
    assert [outcome.error for outcome in outcomes] == [None] * 3


def test_no_jobs_no_outcomes() -> None:
    with doubled() as pipeline:
        assert list(pipeline.results(iter([]))) == []


@pytest.mark.parametrize(("workers", "encoders"), [(1, 1), (3, 2)])
def test_no_more_jobs_are_taken_than_there_is_room_for(workers: int, encoders: int) -> None:
    taken: list[int] = []

    def jobs() -> Iterator[int]:
        for job in range(10, 100):
            taken.append(job)
            yield job

    with doubled(workers=workers, encoders=encoders) as pipeline:
        for came, _ in enumerate(pipeline.results(jobs()), 1):
            assert len(taken) - came <= workers + 2 * encoders
            if came == 1:
                assert len(taken) == workers + 2 * encoders + 1


def test_what_nobody_took_is_discarded_and_every_thread_ends() -> None:
    discarded: list[int] = []
    before = threading.active_count()
    with doubled(discarded) as pipeline:
        first = next(pipeline.results(iter(range(10, 30))))
        assert not pipeline.cancelled.is_set()
    assert pipeline.cancelled.is_set()
    assert threading.active_count() <= before
    assert first.result is not None
    assert sorted([first.result, *discarded]) == [20, 22, 24, 26, 28], "four were inside"
