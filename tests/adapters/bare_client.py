"""A bare HTTP client of the stand-in with a good token, to see its faults as they are."""

from __future__ import annotations

import base64
from typing import Any

import requests

from strandline.demo.model import Playlist, Track
from strandline.demo.server import StandIn


class Client:
    """A bare client with a good token."""

    def __init__(self, tidal: StandIn, http: requests.Session) -> None:
        self.tidal, self.http = tidal, http
        self.http.headers["Authorization"] = f"Bearer {tidal.logins.issue().access_token}"

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.http.get(self.tidal.url + path, **{"timeout": 30, **options})

    def items(self, playlist: Playlist, offset: int = 0, limit: int = 100) -> requests.Response:
        params = {"offset": offset, "limit": limit}
        return self.get(f"/v1/playlists/{playlist.uuid}/items", params=params)

    def manifest(self, track: Track, quality: str = "LOSSLESS") -> str:
        path = f"/v1/tracks/{track.id}/playbackinfopostpaywall?audioquality={quality}"
        return base64.b64decode(self.get(path).json()["manifest"]).decode()


def titles(page: requests.Response) -> str:
    return "".join(element["item"]["title"] for element in page.json()["items"])
