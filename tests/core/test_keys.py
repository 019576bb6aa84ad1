"""Keys: what TIDAL says in two words is one word for DJ programs, or none."""

from __future__ import annotations

import pytest

from strandline.core.keys import key_name
from strandline.library.exports.traktor import musical_key

NOTES = ["C", "CSharp", "D", "Eb", "E", "F", "FSharp", "G", "Ab", "A", "Bb", "B"]


@pytest.mark.parametrize(
    ("key", "scale", "name"),
    [
        ("FSharp", "MINOR", "F#m"), ("CSharp", "MAJOR", "Db"), ("Ab", "HARMONIC_MINOR", "G#m"),
        ("Bb", "PENTATONIC_MAJOR", "Bb"), ("E", "DORIAN", None), ("UNKNOWN", "MAJOR", None),
        ("C", "UNKNOWN", None), (None, "MAJOR", None), ("C", None, None), (["C"], {}, None),
    ],
)  # fmt: skip
def test_a_key_has_the_name_that_dj_programs_write(
    key: object, scale: object, name: str | None
) -> None:
    assert key_name(key, scale) == name


def test_traktor_counts_the_keys_up_from_c() -> None:
    numbers = [musical_key(key_name(note, scale)) for scale in ("MAJOR", "MINOR") for note in NOTES]
    assert numbers == list(range(24))
