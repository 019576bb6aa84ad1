"""Inode numbers are 64 bits without a sign; SQLite's integers have one."""

from __future__ import annotations

from typing import overload

_BITS = 0xFFFF_FFFF_FFFF_FFFF
_TOP = 1 << 63


@overload
def to_column(inode: int) -> int: ...
@overload
def to_column(inode: None) -> None: ...
def to_column(inode: int | None) -> int | None:
    """The same 64 bits with a sign (some network and Windows file systems use the top bit)."""
    return inode if inode is None or inode < _TOP else inode - _BITS - 1


def from_column(number: int) -> int:
    """The inode number that was stored."""
    return number & _BITS
