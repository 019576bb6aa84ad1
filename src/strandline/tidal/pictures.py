"""In which sizes TIDAL's picture server has an album's cover."""

from __future__ import annotations

SIZES = (80, 160, 320, 640, 1280)
"""Pixels a side; ``origin`` is what the label sent, up to 3000."""
LARGEST = SIZES[-1]
_STORED = f"/{LARGEST}x{LARGEST}.jpg"


def cover_addresses(url: str, pixels: int) -> list[str]:
    """Where to ask for it, the best first: the smallest picture that has so many pixels."""
    if not url.endswith(_STORED):
        return [url]
    base = url.removesuffix(_STORED)
    if pixels > LARGEST:
        return [f"{base}/origin.jpg", url]
    size = next(size for size in SIZES if size >= pixels)
    return [f"{base}/{size}x{size}.jpg"]
