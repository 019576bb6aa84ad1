"""Keeps what was made lately, up to so many bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


def keep(limit: int, size: Callable[[T], int]) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Remember results of a function until they are ``limit`` bytes; the longest unused go first.

    Threads may share it; two that ask for the same at once may both make it.
    """

    def decorate(make: Callable[P, T]) -> Callable[P, T]:
        kept: OrderedDict[object, T] = OrderedDict()
        lock = threading.Lock()
        held = 0

        @wraps(make)
        def get(*args: P.args, **kwargs: P.kwargs) -> T:
            nonlocal held
            key = (args, tuple(sorted(kwargs.items())))
            with lock:
                if key in kept:
                    kept.move_to_end(key)
                    return kept[key]
            made = make(*args, **kwargs)
            with lock:
                if key not in kept:
                    held += size(made)
                kept[key] = made
                while held > limit:
                    held -= size(kept.popitem(last=False)[1])
            return made

        return get

    return decorate
