"""Secrets out of texts: for log filters, error messages and bug reports. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Collection

HIDDEN = "[hidden]"

_SHAPES = (
    re.compile(r"(?i)(?<=bearer )[\w.~+/=-]+"),
    re.compile(r"\beyJ[\w-]{8,}(?:\.[\w-]+)*"),  # a JSON web token, which TIDAL's are
    re.compile(
        r"(?i)(?<![a-z])(?P<key>[\"']?(?:access_?token|refresh_?token|client_?secret|"
        r"device_?code|code_verifier|session_?id)[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;)}]+"
    ),
    re.compile(r"(?i)(?P<key>[?&](?:token|code|signature|policy|key-pair-id|expires)=)[^&\s\"']+"),
)


def redact(text: str, secrets: Collection[str] = ()) -> str:
    """``text`` without ``secrets`` and without anything that has the shape of a token."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= 6:  # a shorter one would take ordinary words away
            text = text.replace(secret, HIDDEN)
    for shape in _SHAPES:
        text = shape.sub(lambda match: (match.groupdict().get("key") or "") + HIDDEN, text)
    return text
