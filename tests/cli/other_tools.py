"""Folders as other downloaders leave them: their layouts, and the very tags each writes.

By their source: tiddl 2 (``metadata.py``), tidal-dl-ng (``metadata.py``), streamrip 2
(``tagger.py``), deemix (``tagger.py``), spotDL 4 (``utils/metadata.py``), SoulSync.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mutagen.id3 import (
    COMM,
    TALB,
    TDRC,
    TIT2,
    TOPE,
    TPE1,
    TPE2,
    TRCK,
    TSRC,
    TXXX,
    WOAS,
)

from strandline.demo.model import Track
from tests.cli.own_music import flac, m4a, mp3

Leaves = Callable[[Path, Track], Path]


def _full(track: Track) -> str:
    return f"{track.title} ({track.version})" if track.version else track.title


def _artist(track: Track) -> str:
    return ", ".join(artist.name for artist in track.artists)


def tiddl(top: Path, track: Track) -> Path:
    """The version right behind the title; artists joined by semicolons."""
    return flac(
        top / _artist(track) / "An Album" / f"{track.title}.flac",
        track.id,
        TITLE=f"{track.title}{track.version or ''}",
        ARTIST="; ".join(artist.name for artist in track.artists),
        ALBUM="An Album",
        TRACKNUMBER="1",
        DISCNUMBER="1",
        DATE="2024-01-05",
        ISRC=track.isrc or "",
    )


def tiddl_m4a(top: Path, track: Track) -> Path:
    """No ISRC; a date with time."""
    atoms = {
        "\xa9nam": _full(track), "\xa9ART": _artist(track), "aART": _artist(track),
        "\xa9alb": "An Album", "\xa9day": "2024-01-05 00:00:00",
    }  # fmt: skip
    return m4a(top / _artist(track) / "An Album" / f"{track.title}.m4a", atoms, track.id)


def tidal_dl_ng(top: Path, track: Track) -> Path:
    """By default with the track's address, which has its id."""
    return flac(
        top / "Tracks" / f"{_artist(track)} - {_full(track)}.flac",
        track.id,
        title=_full(track),
        artist=_artist(track),
        album="An Album",
        isrc=track.isrc or "",
        url=f"https://tidal.com/browse/track/{track.id}",
        replaygain_track_gain="1.0",
    )


def tidal_dl_ng_mp3(top: Path, track: Track) -> Path:
    """The album's artist where nobody looks; the track's number twice."""
    frames = [
        TIT2(3, _full(track)), TALB(3, "An Album"), TOPE(3, _artist(track)),
        TPE1(3, _artist(track)), TRCK(3, "1"), TDRC(3, "2024"), TSRC(3, track.isrc or ""),
    ]  # fmt: skip
    name = f"007. {_artist(track)} - {_full(track)}.mp3"
    return mp3(top / "Playlists" / "Sunday" / name, frames, track.id)


def streamrip(top: Path, track: Track) -> Path:
    """Out of a playlist: the album is its name, the number the position."""
    return flac(
        top / "My Playlist" / f"03. {_artist(track)} - {_full(track)}.flac",
        track.id,
        TITLE=_full(track),
        ARTIST=_artist(track),
        ALBUM="My Playlist",
        ALBUMARTIST=_artist(track),
        TRACKNUMBER="03",
        DISCNUMBER="01",
    )


def deemix(top: Path, track: Track) -> Path:
    """Deezer's ids beside the recording's code."""
    frames = [
        TIT2(3, _full(track)), TPE1(3, [artist.name for artist in track.artists]),
        TPE2(3, _artist(track)), TALB(3, "An Album"), TRCK(3, "1/9"), TSRC(3, track.isrc or ""),
        TXXX(3, "ARTISTS", [artist.name for artist in track.artists]),
        TXXX(3, "ITUNESADVISORY", "0"), TXXX(3, "SOURCE", "Deezer"), TXXX(3, "SOURCEID", "3135556"),
    ]  # fmt: skip
    name = f"01 - {_full(track)}.mp3"
    return mp3(top / f"{_artist(track)} - An Album" / name, frames, track.id, v2=3)


def spotdl(top: Path, track: Track) -> Path:
    """Spotify's tags on YouTube's sound."""
    frames = [
        TIT2(3, _full(track)), TPE1(3, "/".join(it.name for it in track.artists)),
        TALB(3, "An Album"), TRCK(3, "1/9"), TSRC(3, track.isrc or ""),
        WOAS(url="https://open.spotify.com/track/4cOdK2wGLETKBW3PvgPWqT"),
        COMM(3, "XXX", "", "https://music.youtube.com/watch?v=dQw4w9WgXcQ"),
    ]  # fmt: skip
    return mp3(top / f"{_artist(track)} - {_full(track)}.mp3", frames, track.id, v2=3)


def soulsync(top: Path, track: Track) -> Path:
    """The ids of its match, whatever the sound is."""
    return flac(
        top / _artist(track) / "An Album" / f"01 - {_full(track)}.flac",
        track.id,
        TITLE=_full(track),
        ARTIST=_artist(track),
        ISRC=track.isrc or "",
        TIDAL_TRACK_ID=str(track.id),
        SPOTIFY_TRACK_ID="4cOdK2wGLETKBW3PvgPWqT",
    )


TOOLS: dict[str, tuple[Leaves, ...]] = {
    "tiddl": (tiddl, tiddl_m4a),
    "tidal-dl-ng": (tidal_dl_ng, tidal_dl_ng_mp3),
    "streamrip": (streamrip,),
    "deemix": (deemix,),
    "spotDL": (spotdl,),
    "SoulSync": (soulsync,),
}
