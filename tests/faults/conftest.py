"""Fixtures of the batteries."""

from __future__ import annotations

from tests.cli.conftest import fresh, t

__all__ = ["fresh", "t"]
