"""What the beginning of a track of TIDAL's says of a person's file. Pure; nothing wrong is taken.

The first minute proves that two recordings are one only where it is the very same sound, not one
second of it stands out, and both are equally long. Which words are sung later, it cannot tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Final, NamedTuple

from strandline.core.matching.sound import HOP, ITEM, PHASES, RATE, Likeness, SoundPrint, compare

SECONDS: Final = 60
"""Of a track that are listened to."""
LEAST_TO_ACCEPT: Final = 20.0
"""Seconds of sound that have to lie on each other."""
LEAST_TO_REJECT: Final = 40.0
"""Seconds of sound that both have to have."""
SAME_MASTER: Final = 0.03
"""Share of the bits that no encoder exceeds in a sound that stays the same."""
SAME_RECORDING: Final = 0.20
OTHER_SOUND: Final = 0.40
"""Two different pieces do not get below this."""
MOST_LEAD: Final = 5.0
"""Seconds of silence in front, or that were cut there."""
SAME_LENGTH: Final = 2.0
OTHER_LENGTH: Final = 10.0
"""Seconds from which on a different length makes another version."""
_WHOLE, _MOSTLY = 0.98, 0.95
_NEARLY: Final = 0.08
"""The same sound, laid on itself a fraction of an item too late."""
_LEAST_VARIETY: Final = 0.25
"""Of the items that have to be different ones: a drone tells nothing."""


class Hearing(str, Enum):
    """What listening told."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"
    NOT_HEARD = "not_heard"
    """The track, or the file, could not be listened to."""


class Heard(NamedTuple):
    """What listening told, in words that a person understands."""

    hearing: Hearing
    because: str
    likeness: Likeness | None = None

    @property
    def may_be_same(self) -> bool:
        """Nothing of what was heard speaks against it."""
        if self.hearing is not Hearing.UNSURE or self.likeness is None:
            return self.hearing is not Hearing.DIFFERENT
        return self.likeness.apart <= SAME_MASTER and not self.likeness.bursts


def listen(file: SoundPrint, beginning: Sequence[SoundPrint], seconds: float) -> Heard:
    """Whether ``file`` is the track that begins like that and is ``seconds`` long (0: unknown)."""
    found = _best(file, beginning)
    if found is None or found.seconds < LEAST_TO_ACCEPT:
        return _unsure("there is too little sound in common to compare", found)
    if _too_even(beginning[0]):
        return _unsure("its first minute is too even to tell one sound from another", found)
    if found.apart > OTHER_SOUND:
        if min(_sounding(file), _sounding(beginning[0])) < LEAST_TO_REJECT:
            return _unsure("it sounds different, but there is little of it to compare", found)
        return Heard(Hearing.DIFFERENT, "it sounds like another recording", found)
    if found.apart > SAME_RECORDING:
        return _unsure("it sounds alike only in part", found)
    return _by_length(file, seconds, found)


def both_whole(one: SoundPrint, other: SoundPrint) -> Heard | None:
    """Whether two whole files hold one recording; None where they do not, or nothing tells."""
    if _too_even(one) or _too_even(other):
        return None
    found = compare(one, other, most=MOST_LEAD, below=SAME_RECORDING)
    if found is None or found.seconds < LEAST_TO_ACCEPT:
        return None
    if found.apart > SAME_RECORDING or min(found.covers_first, found.covers_second) < _MOSTLY:
        return None
    if found.apart <= SAME_MASTER and found.bursts:
        return Heard(Hearing.UNSURE, f"the same sound but for {_places(found)}", found)
    if found.apart <= _NEARLY:
        return Heard(Hearing.SAME, "the same sound", found)
    return Heard(Hearing.UNSURE, "much the same: perhaps another master, mix or voice", found)


def _best(file: SoundPrint, beginning: Sequence[SoundPrint]) -> Likeness | None:
    """Of all phases the one that fits best, with its offset put right."""
    fits = []
    for phase, part in enumerate(beginning):
        if fit := compare(file, part):
            late = phase * (HOP // PHASES) / RATE
            fits.append(fit.moved(-late))
    near = min((abs(fit.offset) for fit in fits), default=0.0) + 1.0  # loops: see compare
    return min((it for it in fits if abs(it.offset) <= near), key=_apart, default=None)


def _apart(fit: Likeness) -> float:
    return fit.apart


def _sounding(part: SoundPrint) -> float:
    """Seconds without the silence around them."""
    return len(part.body) / 4 * ITEM


def _too_even(part: SoundPrint) -> bool:
    return part.variety < _LEAST_VARIETY * len(part.body) / 4


def _by_length(file: SoundPrint, seconds: float, found: Likeness) -> Heard:
    """The same recording, more or less; is it all of it, and no more?"""
    if not seconds:
        return _unsure("it begins the same, but TIDAL does not say how long the track is", found)
    longer = file.seconds - found.offset - seconds
    if abs(found.offset) > OTHER_LENGTH or abs(longer) > OTHER_LENGTH:
        return _other_length(found, longer)
    if found.covers_second < _WHOLE or abs(found.offset) > MOST_LEAD:
        return _unsure(f"it begins the same, but {_from(found.offset)}", found)
    if abs(longer) > SAME_LENGTH:
        return _unsure(f"it begins the same, but is {_much(longer)} at its end", found)
    return _by_sound(found)


def _other_length(found: Likeness, longer: float) -> Heard:
    what = _from(found.offset) if abs(found.offset) > OTHER_LENGTH else f"it is {_much(longer)}"
    if found.apart > SAME_MASTER:
        return _unsure(f"it sounds much alike, but {what}", found)
    return Heard(Hearing.DIFFERENT, f"it sounds like another version: {what}", found)


def _by_sound(found: Likeness) -> Heard:
    if found.bursts and found.apart <= SAME_MASTER:
        places = _places(found)
        return _unsure(
            f"it sounds the same but for {places}: other words, or a damaged place", found
        )
    if found.apart > SAME_MASTER or found.bursts:
        return _unsure("it sounds much alike: another master, mix or voice", found)
    return Heard(
        Hearing.SAME, f"its first {found.seconds:.0f} s sound the same, and it is as long", found
    )


def _places(found: Likeness) -> str:
    places = ", ".join(_clock(at) for at in found.bursts[:3])
    return f"{places} and {len(found.bursts) - 3} more" if len(found.bursts) > 3 else places


def _from(offset: float) -> str:
    if offset > 0:
        return f"{offset:.0f} s come before that"
    return f"the first {-offset:.0f} s are missing"


def _much(longer: float) -> str:
    return f"{abs(longer):.0f} s {'longer' if longer > 0 else 'shorter'}"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _unsure(because: str, found: Likeness | None) -> Heard:
    return Heard(Hearing.UNSURE, because, found)
