"""Which run a person means: each rule of ids, short forms, beginnings and ``last`` by itself."""

from __future__ import annotations

from strandline.core.run_ids import KnownRun, runs_meant, short_of

OLD, NEW = "20261121-120000-000000-aaaa1111", "20261122-120000-000000-aaaa2222"
RUNS = [KnownRun(NEW), KnownRun(OLD)]


def test_the_short_form_is_the_last_part() -> None:
    assert short_of(OLD) == "aaaa1111"
    assert runs_meant("aaaa1111", RUNS) == [OLD]
    assert runs_meant("AAAA1111", RUNS) == [OLD], "in any case"


def test_a_beginning_of_the_id_or_of_its_short_form_will_do() -> None:
    assert runs_meant("20261121", RUNS) == [OLD]
    assert runs_meant("aaaa2", RUNS) == [NEW]
    assert runs_meant("2222", RUNS) == [], "an end is no beginning"


def test_a_beginning_of_several_means_all_of_them() -> None:
    assert runs_meant("202611", RUNS) == [NEW, OLD]
    assert runs_meant("aaaa", RUNS) == [NEW, OLD]


def test_a_whole_short_form_comes_before_beginnings_and_a_whole_id_before_all() -> None:
    short = KnownRun("20261120-120000-000000-2026")
    assert runs_meant("2026", [*RUNS, short]) == [short.id]
    whole, other = KnownRun("aaaa"), KnownRun("20261120-120000-000000-aaaa")
    assert runs_meant("aaaa", [*RUNS, other, whole]) == ["aaaa"]


def test_nothing_means_no_run() -> None:
    assert runs_meant("", RUNS) == []
    assert runs_meant("last", []) == []


def test_last_is_the_newest_whatever_it_was() -> None:
    odd = KnownRun("newest", changed=False, is_undo=True, is_undone=True)
    assert runs_meant("last", [odd, *RUNS]) == ["newest"]


def test_last_to_undo_changed_something_is_no_undo_and_is_not_undone() -> None:
    for passed_by in (
        KnownRun("changed nothing", changed=False),
        KnownRun("an undo", is_undo=True),
        KnownRun("undone since", is_undone=True),
    ):
        assert runs_meant("last", [passed_by, *RUNS], to_undo=True) == [NEW], passed_by.id
        assert runs_meant("last", [passed_by], to_undo=True) == []


def test_a_run_that_is_named_may_be_undone_whatever_it_was() -> None:
    undo = KnownRun("20261123-120000-000000-bbbb3333", is_undo=True)
    assert runs_meant("bbbb3333", [undo, *RUNS], to_undo=True) == [undo.id]
