"""What reading files told, and where they went."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Float, LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column

from strandline.db.schema.models.base import Base


class SeenFile(Base):
    """What reading a file told, valid as long as inode, size and times are the same."""

    __tablename__ = "seen_files"
    __table_args__: Any = ({"sqlite_with_rowid": False},)

    path: Mapped[str] = mapped_column(String(1000), primary_key=True)
    inode: Mapped[int | None] = mapped_column(BigInteger)
    size: Mapped[int | None] = mapped_column(BigInteger)  # bytes
    mtime_ns: Mapped[int | None] = mapped_column(BigInteger)
    ctime_ns: Mapped[int | None] = mapped_column(BigInteger)
    embedded_id: Mapped[str | None] = mapped_column(String(255))
    sha256: Mapped[str | None] = mapped_column(String(64))
    isrc: Mapped[str | None] = mapped_column(String(20))
    duration: Mapped[float | None] = mapped_column(Float)  # seconds
    playable: Mapped[bool]


class SeenFolder(Base):
    """What listing a playlist's folder told, valid as long as the folder's stamp is the same."""

    __tablename__ = "seen_folders"
    __table_args__: Any = ({"sqlite_with_rowid": False},)

    playlist: Mapped[str] = mapped_column(String(255), primary_key=True)
    """Its id in TIDAL."""
    device: Mapped[int] = mapped_column(BigInteger)
    inode: Mapped[int] = mapped_column(BigInteger)
    mtime_ns: Mapped[int] = mapped_column(BigInteger)
    ctime_ns: Mapped[int] = mapped_column(BigInteger)
    held: Mapped[str] = mapped_column(String(64))
    """A digest of its names and of the texts of its links."""
    listed_at_ns: Mapped[int] = mapped_column(BigInteger)


class ContentHash(Base):
    """Which BLAKE3 the bytes with a given sha256 have: of bytes, not of a file, so it stays true.

    ``verify`` reads large files with the faster hash; where they differ, sha256 decides.
    """

    __tablename__ = "content_hashes"
    __table_args__: Any = ({"sqlite_with_rowid": False},)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)  # hex, as Track.file_hash
    blake3: Mapped[str] = mapped_column(String(64))  # hex


class PacketHash(Base):
    """Which encoded sound the bytes with a given sha256 hold, without tags and container.

    A file whose sha256 is another now, but whose packets are the same, was only retagged.
    """

    __tablename__ = "packet_hashes"
    __table_args__: Any = ({"sqlite_with_rowid": False},)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)  # hex, as Track.file_hash
    packets: Mapped[str] = mapped_column(String(64))  # BLAKE2b-256, hex


class PrimaryMove(Base):
    """A place that a track's audio has left, noted in the commit in which it is elsewhere."""

    __tablename__ = "moves"

    id: Mapped[int] = mapped_column(primary_key=True)
    track: Mapped[str] = mapped_column(String(255), index=True)
    """TIDAL's id, as it was then."""
    old_path: Mapped[str] = mapped_column(String(1000))
    new_path: Mapped[str | None] = mapped_column(String(1000))
    """Null where the audio went away: should it come back elsewhere, it moves from here."""
    run: Mapped[str | None] = mapped_column(String(32))
    """Null where the person moved it, and a scan saw it."""
    at: Mapped[datetime]
    offset: Mapped[float | None] = mapped_column(Float)
    """Seconds by which the sound begins later than before; 0 of the same file, null: unknown."""
    in_file: Mapped[bool] = mapped_column(default=False, server_default=false(), index=True)
    """``moves.json`` has it."""


class SoundPrint(Base):
    """How a whole sound goes, by the hash of its packets."""

    __tablename__ = "sound_prints"

    sound: Mapped[str] = mapped_column(String(64), primary_key=True)
    seconds: Mapped[float] = mapped_column(Float)
    print: Mapped[bytes] = mapped_column(LargeBinary)
    """32 bits for each eighth of a second, the first byte of each the highest."""


class TrackPrint(Base):
    """How a track of TIDAL's begins; its sound itself was not kept."""

    __tablename__ = "track_prints"

    track: Mapped[str] = mapped_column(String(255), primary_key=True)
    seconds: Mapped[float] = mapped_column(Float)
    """That were heard."""
    print: Mapped[bytes] = mapped_column(LargeBinary)
    heard_at: Mapped[datetime]
