"""Hashes of files, on all cores."""
