"""Killing, failing and swapping, everywhere."""
