"""What a person is asked about single files and ids, and what they said."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Float, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from strandline.db.schema.models.base import Base


class ReviewItem(Base):
    """A file of a person's that may be a track; the row stays, so its number is never another's."""

    __tablename__ = "review_items"

    number: Mapped[int] = mapped_column(primary_key=True)
    sound: Mapped[str] = mapped_column(String(64), unique=True)
    """The hash of its packets: the same under any name and any tags."""
    file: Mapped[str] = mapped_column(String(1000))
    """Its full path when it was last seen."""
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
    mtime_ns: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[float | None] = mapped_column(Float)
    because: Mapped[str] = mapped_column(Text)
    open: Mapped[bool]
    """Nobody has said yet what it is."""


class ReviewCandidate(Base):
    """A track that a file may be; the likeliest has rank 1."""

    __tablename__ = "review_candidates"
    __table_args__ = ({"sqlite_with_rowid": False},)

    number: Mapped[int] = mapped_column(primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    track: Mapped[str] = mapped_column(String(255))
    because: Mapped[str] = mapped_column(Text)


class ReviewAnswer(Base):
    """What a person said, or listening told: this sound is that track, or is not."""

    __tablename__ = "review_answers"
    __table_args__ = ({"sqlite_with_rowid": False},)

    sound: Mapped[str] = mapped_column(String(64), primary_key=True)
    track: Mapped[str] = mapped_column(String(255), primary_key=True)
    answer: Mapped[str] = mapped_column(String(10))
    """accept | reject"""
    seconds: Mapped[float | None] = mapped_column(Float)
    file: Mapped[str] = mapped_column(String(1000))
    answered_at: Mapped[datetime]
    heard: Mapped[str | None] = mapped_column(Text)
    """What was heard, where listening gave the answer and no person did."""


class RecordingAnswer(Base):
    """What a person said of two ids, the smaller one first: one recording, or never."""

    __tablename__ = "recording_answers"
    __table_args__ = ({"sqlite_with_rowid": False},)

    one: Mapped[str] = mapped_column(String(255), primary_key=True)
    other: Mapped[str] = mapped_column(String(255), primary_key=True)
    answer: Mapped[str] = mapped_column(String(10))
    """pin | forbid"""
    answered_at: Mapped[datetime]
    run: Mapped[str | None] = mapped_column(String(32))
    """The run that pinned them, whose undo takes it back; none where a person said it directly."""
