"""The account in the shapes of TIDAL's JSON."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from strandline.demo.model import (
    Album,
    Artist,
    Availability,
    Mix,
    Playlist,
    Quality,
    Track,
    Video,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from strandline.demo.account import Account
    from strandline.demo.model import Entry, Folder

Json = dict[str, Any]

UNKNOWN_ARTIST = Artist(9_999_999, "Unknown Artist")

_TAGS = {
    Quality.LOSSLESS: ["LOSSLESS"],
    Quality.HI_RES_LOSSLESS: ["LOSSLESS", "HIRES_LOSSLESS"],
}


def date(time: datetime) -> str:
    """``2025-08-22T08:51:30.955+0000``."""
    utc = time.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}+0000"


def artist(who: Artist, role: str = "MAIN") -> Json:
    """An artist as tracks and albums name one."""
    return {"id": who.id, "name": who.name, "type": role, "picture": None}


def artists(everyone: Sequence[Artist]) -> list[Json]:
    """The first is the main artist, the others are featured."""
    return [artist(who, "FEATURED" if at else "MAIN") for at, who in enumerate(everyone)]


def album(what: Album, tracks: Sequence[Track] = ()) -> Json:
    """An album by its own id."""
    return {
        "id": what.id,
        "title": what.title,
        "duration": sum(track.duration for track in tracks),
        "streamReady": True,
        "adSupportedStreamReady": True,
        "djReady": True,
        "stemReady": False,
        "allowStreaming": True,
        "premiumStreamingOnly": False,
        "streamStartDate": f"{what.release_date}T00:00:00.000+0000",
        "numberOfTracks": len(tracks),
        "numberOfVideos": 0,
        "numberOfVolumes": max((track.volume for track in tracks), default=1),
        "releaseDate": what.release_date,
        "copyright": f"(P) {what.release_date[:4]} {what.artists[0].name}",
        "type": "ALBUM" if len(tracks) > 1 else "SINGLE",
        "version": None,
        "url": f"http://www.tidal.com/album/{what.id}",
        "cover": what.cover,
        "videoCover": None,
        "explicit": any(track.explicit for track in tracks),
        "upc": f"{what.id:012d}",
        "popularity": 12,
        "audioQuality": "LOSSLESS",
        "audioModes": ["STEREO"],
        "mediaMetadata": {"tags": ["LOSSLESS"]},
        "artist": artist(what.artists[0]),
        "artists": artists(what.artists),
    }


def track(what: Track) -> Json:
    """A track by its own id."""
    hidden = what.availability is Availability.PLACEHOLDER
    credit = (UNKNOWN_ARTIST,) if hidden else what.artists
    return {
        "id": what.id,
        "title": "Unavailable" if hidden else what.title,
        "duration": what.duration,
        "replayGain": what.gain,
        "peak": what.peak,
        "allowStreaming": what.availability.streams,
        "streamReady": what.availability.streams,
        "payToStream": False,
        "adSupportedStreamReady": what.availability.streams,
        "djReady": what.availability.streams,
        "stemReady": False,
        "streamStartDate": "2024-05-17T00:00:00.000+0000",
        "premiumStreamingOnly": False,
        "trackNumber": what.number,
        "volumeNumber": what.volume,
        "version": None if hidden else what.version,
        "popularity": 12,
        "copyright": f"(P) 2024 {credit[0].name}",
        "bpm": what.bpm,
        "key": what.key and what.key[0],
        "keyScale": what.key and what.key[1],
        "url": f"http://www.tidal.com/track/{what.id}",
        "isrc": None if hidden else what.isrc,
        "editable": False,
        "explicit": what.explicit,
        "audioQuality": what.quality.value,
        "audioModes": ["DOLBY_ATMOS", "STEREO"] if what.atmos else ["STEREO"],
        "mediaMetadata": {"tags": _TAGS.get(what.quality, []) + ["DOLBY_ATMOS"] * what.atmos},
        "upload": False,
        "accessType": "PUBLIC",
        "spotlighted": False,
        "artist": artist(credit[0]),
        "artists": artists(credit),
        "album": None if hidden or what.album is None else _album_of(what.album),
        "mixes": {},
    }


def _album_of(what: Album) -> Json:
    return {
        "id": what.id,
        "title": what.title,
        "cover": what.cover,
        "vibrantColor": "#bcd5e3",
        "videoCover": None,
        "releaseDate": what.release_date,
    }


def video(what: Video) -> Json:
    """A music video, as playlists hold it."""
    return {
        "id": what.id,
        "title": what.title,
        "volumeNumber": 1,
        "trackNumber": 1,
        "releaseDate": "2024-05-17T00:00:00.000+0000",
        "imagePath": None,
        "imageId": None,
        "vibrantColor": None,
        "duration": what.duration,
        "quality": "MP4_1080P",
        "streamReady": True,
        "adSupportedStreamReady": True,
        "djReady": False,
        "stemReady": False,
        "streamStartDate": "2024-05-17T00:00:00.000+0000",
        "allowStreaming": True,
        "explicit": False,
        "popularity": 5,
        "type": "Music Video",
        "adsUrl": None,
        "adsPrePaywallOnly": True,
        "artist": artist(what.artists[0]),
        "artists": artists(what.artists),
        "album": None,
    }


def entry(what: Entry) -> Json:
    """A track or video with what its place in the playlist adds."""
    item = track(what.item) if isinstance(what.item, Track) else video(what.item)
    return item | {"dateAdded": date(what.added), "index": what.index, "itemUuid": what.uuid}


def item(what: Entry) -> Json:
    """An element of ``/playlists/{uuid}/items``."""
    kind = "track" if isinstance(what.item, Track) else "video"
    return {"item": entry(what), "type": kind, "cut": None}


def in_list(what: Track | Video) -> Json:
    """An element of an album's or a mix's ``/items``: there is no date, key or uuid."""
    is_track = isinstance(what, Track)
    return {
        "item": track(what) if isinstance(what, Track) else video(what),
        "type": "track" if is_track else "video",
    }


def made_mix(what: Mix) -> Json:
    """A mix on the page of those made for the account."""
    return {
        "id": what.id,
        "title": what.title,
        "subTitle": "Nora Vale, Ana and more",
        "shortSubtitle": "Created by TIDAL",
        "images": _mix_images(),
        "sharingImages": None,
        "mixType": what.kind,
        "contentBehavior": "UNRESTRICTED",
    }


def saved_mix(what: Mix) -> Json:
    """A mix in the collection: flat, with dates of another form than v1's."""
    return {
        "dateAdded": _instant(what.saved or what.updated),
        "id": what.id,
        "mixType": what.kind,
        "updated": _instant(what.updated),
        "images": _mix_images(),
        "detailImages": _mix_images(),
        "master": False,
        "title": what.title,
        "subTitle": "Nora Vale, Ana and more",
        "titleTextInfo": {"text": what.title, "color": "#ffffff"},
        "subTitleTextInfo": {"text": "Nora Vale, Ana and more", "color": "#ffffff"},
    }


def _mix_images() -> Json:
    url = "https://images.tidal.com/mix.jpg"
    return {size: {"url": url} for size in ("SMALL", "MEDIUM", "LARGE")}


def _instant(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def playlist(what: Playlist) -> Json:
    """A playlist without its items."""
    creator: Json = {"id": what.creator_id}
    if what.creator_name is not None:
        creator["name"] = what.creator_name
    videos = sum(isinstance(entry.item, Video) for entry in what.entries)
    return {
        "uuid": what.uuid,
        "title": what.title,
        "numberOfTracks": len(what.entries) - videos,
        "numberOfVideos": videos,
        "creator": creator,
        "description": what.description,
        "duration": sum(entry.item.duration for entry in what.entries),
        "lastUpdated": date(what.last_updated),
        "created": date(what.created),
        "type": what.kind,
        "publicPlaylist": what.public,
        "url": f"http://www.tidal.com/playlist/{what.uuid}",
        "image": what.image,
        "popularity": 0,
        "squareImage": what.image,
        "customImageUrl": None,
        "promotedArtists": [],
        "lastItemAddedAt": date(max(e.added for e in what.entries)) if what.entries else None,
    }


def collected(what: Playlist, account: Account) -> Json:
    """An element of ``playlistsAndFavoritePlaylists``."""
    own = what.creator_id == account.user_id
    return {
        "type": "USER_CREATED" if own else "USER_FAVORITE",
        "created": date(what.collected or what.created),
        "playlist": playlist(what),
    }


def in_collection(what: Playlist | Folder, account: Account) -> Json:
    """An element of the v2 collection: a playlist or a folder."""
    if isinstance(what, Playlist):
        kind, key, name, parent = "PLAYLIST", what.uuid, what.title, what.folder
        added, changed, data = what.collected or what.created, what.last_updated, playlist(what)
    else:
        kind, key, name, parent = "FOLDER", what.id, what.name, what.parent
        added = changed = what.created
        data = _folder(what, account)
    above = account.folders.get(parent)
    return {
        "trn": f"trn:{kind.lower()}:{key}",
        "itemType": kind,
        "addedAt": date(added),
        "lastModifiedAt": date(changed),
        "name": name,
        "parent": {"id": above.id, "name": above.name} if above else None,
        "data": data | {"itemType": kind},
    }


def _folder(what: Folder, account: Account) -> Json:
    inside = sum(p.folder == what.id for p in account.playlists.values())
    inside += sum(f.parent == what.id for f in account.folders.values())
    return {
        "trn": f"trn:folder:{what.id}",
        "id": what.id,
        "name": what.name,
        "createdAt": date(what.created),
        "lastModifiedAt": date(what.created),
        "totalNumberOfItems": inside,
    }
