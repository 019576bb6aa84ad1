"""Questions that are answered with yes or no."""

from __future__ import annotations

from typing import Any

import click

_YES, _NO = ("y", "yes", "true"), ("n", "no", "q", "quit", "false")


class _YesOrNo(click.ParamType[Any]):
    """``q`` is no: a pager has just taught it."""

    name = "yes or no"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> bool:
        """True for yes; click tells of what is neither, and asks again."""
        answer = str(value).strip().casefold()
        if answer not in (*_YES, *_NO):
            self.fail("Please answer y or n.", param, ctx)
        return answer in _YES


def confirmed(question: str, *, default: bool = False) -> bool:
    """Whether the person says yes; asked on stderr.

    KeyboardInterrupt at the end of the input: who goes away there interrupts the run.
    """
    choice = "[Y/n]" if default else "[y/N]"
    try:
        answer = click.prompt(
            f"{question} {choice}", default=default, type=_YesOrNo(), show_default=False, err=True
        )
    except click.Abort as error:
        raise KeyboardInterrupt(*(error.__cause__.args if error.__cause__ else ())) from error
    return bool(answer)
