"""The command that was called, for whoever has to say who is at work."""

from __future__ import annotations

from contextvars import ContextVar

command: ContextVar[str] = ContextVar("command", default="")
"""Its name, such as ``sync-execute``; empty where none is known."""
