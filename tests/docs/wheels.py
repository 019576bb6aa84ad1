"""Packages that hold nothing but a name, a version and what they ask for, to install from."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path


def write_wheel(
    folder: Path, name: str, version: str, requires: Iterable[str], files: Mapping[str, str]
) -> Path:
    """A wheel for every Python and system; ``files`` are path → text."""
    stem = f"{name.replace('-', '_')}-{version}"
    needs = "".join(f"Requires-Dist: {one}\n" for one in requires)
    extras = "".join(f"Provides-Extra: {extra}\n" for extra in ("toml", "crypto", "socks"))
    told = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{extras}{needs}"
    inside = {
        **files,
        f"{stem}.dist-info/METADATA": told,
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = f"{stem}.dist-info/RECORD"
    lines = [f"{path},sha256={_digest(text)},{len(text)}" for path, text in inside.items()]
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for inner, text in {**inside, record: "\n".join([*lines, f"{record},,", ""])}.items():
            wheel.writestr(inner, text)
    return path


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
