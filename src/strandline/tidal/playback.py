"""Where a track's audio is, in the best tier that TIDAL gives (see ladder.py for the order)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from strandline.core.ids import TrackId
from strandline.core.quality import Tier, is_surround
from strandline.errors import DownloadError
from strandline.tidal.address import check_address
from strandline.tidal.client import TidalClient
from strandline.tidal.ladder import TierAnswer, Wish, best_of, next_tier, proves_hires_first
from strandline.tidal.loudness import replay_gain_in
from strandline.tidal.manifest import read_manifest
from strandline.tidal.refusals import SUBSCRIPTION, RefusedError, Scope
from strandline.tidal.source import AudioSource, bad_manifest

STEREO_ONLY = {"immersiveaudio": "false", "audiomode": "STEREO"}
"""Without the first, a track that has an Atmos version comes as that, whatever the tier; both have
been needed where only one of them was answered with 4005."""


class PlaybackRequest(NamedTuple):
    """A track, and how good it is to be."""

    track: TrackId
    quality: str
    """The configuration's word."""
    hires: bool | None = None
    """It has the tag HIRES_LOSSLESS; None where no tags are known."""
    without: frozenset[Tier] = frozenset()
    """Tiers that were tried before and came to nothing."""


class Playback:
    """Asks for tracks, tier by tier. One for a run: it remembers what worked. For any thread."""

    def __init__(self, client: TidalClient) -> None:
        self._client = client
        self._hires_first = False

    def source(self, wanted: PlaybackRequest) -> AudioSource:
        """The best that TIDAL gives.

        DownloadError with one of the codes ``preview``, ``encrypted``, ``not_stereo``,
        ``other_track``, ``bad_manifest``, ``forbidden_address``; RefusedError of ``Scope.TIER``
        when every tier is refused, of another scope at the first such refusal; LoginError,
        UnreachableError.
        """
        wish = Wish(Tier.of_word(wanted.quality), wanted.hires)
        heard = [TierAnswer(tier, None) for tier in wanted.without]
        sources: list[AudioSource | None] = [None] * len(heard)
        problem: DownloadError | None = None
        refused: RefusedError | None = None
        while tier := next_tier(wish, heard, hires_first=self._hires_first):
            source = None
            try:
                source = self._ask(wanted.track, tier)
            except RefusedError as error:
                if not _is_about_tier(error, came=best_of(heard) is not None):
                    raise
                refused = error
            except DownloadError as error:
                problem = problem or error
            heard.append(TierAnswer(tier, source.tier if source else None))
            sources.append(source)
        self._hires_first = self._hires_first or proves_hires_first(heard)
        best = best_of(heard)
        found = None if best is None else sources[best]
        if found is None:
            raise problem or refused or _nothing_left(wanted)
        return found

    def _ask(self, track: TrackId, tier: Tier) -> AudioSource:
        answer = ask_playback(self._client, track, tier)
        return replace(read_answer(answer, track, self._client.http.origin), asked=tier)


def ask_playback(client: TidalClient, track: TrackId, tier: Tier) -> dict[str, Any]:
    """TIDAL's answer about one tier, as it came. RefusedError, LoginError, UnreachableError."""
    params = {
        "playbackmode": "STREAM",
        "assetpresentation": "FULL",
        "audioquality": tier.value,
        **STEREO_ONLY,
    }
    path = f"tracks/{track}/playbackinfopostpaywall"
    return client.get(path, params, what=f"track {track}", playback=True).document


def read_answer(answer: dict[str, Any], track: TrackId, origin: str | None) -> AudioSource:
    """The source in a playback answer about ``track``. DownloadError for one that is not to be had,
    or about something else than was asked for.
    """
    _require_same(answer, track)
    if answer.get("assetPresentation") not in (None, "FULL"):
        raise DownloadError(
            "TIDAL gives only a preview of this track.",
            hint="The account may need a subscription that plays it whole.",
            code="preview",
        )
    _require_stereo(answer, "")
    source = read_manifest(answer)
    _require_stereo(answer, source.codec)
    if not source.urls:
        raise bad_manifest("names no address")
    for url in source.urls:
        check_address(url, origin)
    return replace(source, replay_gain=replay_gain_in(answer))


def _require_same(answer: dict[str, Any], track: TrackId) -> None:
    about = answer.get("trackId")
    if about is not None and str(about) != track:
        raise DownloadError(
            f"TIDAL answered about track {about!s:.20} when asked for track {track}.",
            hint="It is asked for again in the next run.",
            code="other_track",
        )


def _require_stereo(answer: dict[str, Any], codec: str) -> None:
    mode = answer.get("audioMode")
    if is_surround(codec, mode if isinstance(mode, str) else None):
        raise not_stereo(mode if isinstance(mode, str) and mode != "STEREO" else codec)


def not_stereo(what: object) -> DownloadError:
    """Another version came than the one in stereo; it is not taken for that."""
    return DownloadError(
        f"TIDAL sends this track in {what!s:.30} only, not in stereo.",
        hint="It is another version than the stereo track, so it was not taken. Is there a release"
        " of it in stereo? Add that to the playlist.",
        code="not_stereo",
    )


def _is_about_tier(error: RefusedError, *, came: bool) -> bool:
    """A subscription that does not cover the next tier takes nothing from what came before."""
    return error.scope is Scope.TIER or (came and error.sub_status == SUBSCRIPTION)


def _nothing_left(wanted: PlaybackRequest) -> DownloadError:
    return DownloadError(
        f"TIDAL has no further tier of track {wanted.track} to be tried.", code="no_tier"
    )
