"""The figures of the batteries, as the summary tells them."""

from __future__ import annotations

from tests.faults.tally import Battery, lines


def test_figures_of_several_tests_are_summed_and_each_reason_is_told_once() -> None:
    whole = Battery(runs=3, seconds=0.5)
    whole.add(Battery(runs=2, violations=1, seconds=1.0, skipped=["strace is not installed"]))
    whole.add(Battery(skipped=["strace is not installed"]))
    assert whole == Battery(5, 1, 1.5, ["strace is not installed"])


def test_the_table_has_a_line_for_each_battery_and_one_for_each_reason() -> None:
    table = lines({"power cuts": Battery(60, 0, 12.25), "calls": Battery(skipped=["no strace"])})
    assert list(table) == [
        "battery    |   runs | violations | seconds",
        "calls      |      0 |          0 |     0.0",
        "power cuts |     60 |          0 |    12.2",
        "skipped: calls: no strace",
    ]


def test_what_went_wrong_is_named_below_the_table() -> None:
    whole = Battery(2, 1, red=["5: a file was lost"])
    whole.add(Battery(2, 1, red=["9: it dangles"]))
    assert list(lines({"lives": whole}))[-2:] == [
        "violated: lives: 5: a file was lost",
        "violated: lives: 9: it dangles",
    ]
