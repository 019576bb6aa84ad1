"""Deciding, without touching the world: no disk, no network, no clock, no database."""
