"""What TIDAL gives to whom: by the client of the login, the tier that is asked, and the track.

As users of tools like this one reported it in 2026: a login by device link gets AAC for whatever
has no hi-res master, or nothing at all; one made on the login page gets FLAC, as DASH; a track that
has an Atmos version comes as that unless stereo is asked for; single tiers are previews, encrypted
or not ready while others are whole.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from strandline.demo.http import Answer, Request, refusal
from strandline.demo.model import Availability, Blemish, Quality

if TYPE_CHECKING:
    from strandline.demo.account import Account
    from strandline.demo.model import Track


class DeviceLink(str, Enum):
    """What a login by device link is worth."""

    FULL = "full"
    AAC = "aac"
    """FLAC only where there is a hi-res master and HI_RES_LOSSLESS is asked."""
    NOTHING = "nothing"
    """401/4005 for every track."""


def refused(account: Account, track: Track, request: Request) -> Answer | None:
    """Why nothing is given for this request; None if something is."""
    asked = request.query.get("audioquality", "LOW")
    if asked not in Quality.__members__:
        return refusal(400, 1002, "audioquality is not one of LOW, HIGH, LOSSLESS")
    blemish = track.blemishes.get(Quality(asked))
    if blemish is Blemish.NOT_FOUND:
        return refusal(404, 2001, f"Track [{track.id}] not found")
    withheld = track.availability is not Availability.AVAILABLE
    nothing = account.device_link is DeviceLink.NOTHING and not request.by_page
    strange = account.gated and not _plausible(request)
    if withheld or nothing or strange or blemish is Blemish.NOT_READY:
        return refusal(401, 4005, "Asset is not ready for playback")
    return None


def _plausible(request: Request) -> bool:
    """Whether it looks like a player of TIDAL's own."""
    version = request.headers.get("x-tidal-client-version", "")
    agent = request.headers.get("user-agent", "")
    return version.count(".") == 2 and agent.startswith("Mozilla/")


def given(account: Account, track: Track, request: Request) -> Quality:
    """The least of what was asked, what the track has, and what the user and the login get."""
    asked = Quality(request.query.get("audioquality", "LOW"))
    best = min(asked, track.quality, account.highest_quality, key=lambda q: q.rank)
    by_link = account.device_link is DeviceLink.AAC and not request.by_page
    if by_link and best is Quality.LOSSLESS:
        return Quality.HIGH
    return best


def is_atmos(track: Track, request: Request) -> bool:
    """It comes in 5.1, which counts as LOW."""
    asked = Quality(request.query.get("audioquality", "LOW"))
    stereo = request.query.get("immersiveaudio", "").lower() == "false"
    return track.blemishes.get(asked) is Blemish.ATMOS or (track.atmos and not stereo)


def is_dash(account: Account, quality: Quality, request: Request) -> bool:
    """FLAC comes as DASH to a login of the login page, and hi-res does to all."""
    by_page = request.by_page and account.device_link is not DeviceLink.FULL
    return quality is Quality.HI_RES_LOSSLESS or (by_page and quality is Quality.LOSSLESS)
