"""Fixtures of the batteries."""

from __future__ import annotations

from tests.cli.conftest import fresh

__all__ = ["fresh"]
