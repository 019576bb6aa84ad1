"""Musical keys: TIDAL's two words as the one that DJ programs write."""

from __future__ import annotations

_MAJOR = {
    "C": "C", "CSharp": "Db", "D": "D", "Eb": "Eb", "E": "E", "F": "F",
    "FSharp": "F#", "G": "G", "Ab": "Ab", "A": "A", "Bb": "Bb", "B": "B",
}  # fmt: skip
_MINOR = {
    "C": "Cm", "CSharp": "C#m", "D": "Dm", "Eb": "Ebm", "E": "Em", "F": "Fm",
    "FSharp": "F#m", "G": "Gm", "Ab": "G#m", "A": "Am", "Bb": "Bbm", "B": "Bm",
}  # fmt: skip
_NAMES = {"MAJOR": _MAJOR, "PENTATONIC_MAJOR": _MAJOR} | dict.fromkeys(
    ("MINOR", "HARMONIC_MINOR", "MELODIC_MINOR", "PENTATONIC_MINOR"), _MINOR
)


def key_name(key: object, scale: object) -> str | None:
    """``FSharp`` and ``MINOR`` -> ``F#m``; None for the modes, which have no such name."""
    if not isinstance(key, str) or not isinstance(scale, str):
        return None
    return _NAMES.get(scale, {}).get(key)
