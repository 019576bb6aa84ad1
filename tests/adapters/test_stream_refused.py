"""Previews, encrypted audio and odd manifests are refused before a byte is fetched."""

from __future__ import annotations

from pathlib import Path

import pytest
from streams import get
from tidal_side import AUDIO, INFO

from strandline.core.quality import Tier
from strandline.demo import effects
from strandline.demo.faults import Effect
from strandline.demo.model import Quality
from strandline.demo.server import StandIn
from strandline.errors import DownloadError, LoginError, StrandlineError, UnreachableError


def _mpd(change: object) -> Effect:
    return effects.manifest_text(change)


REFUSED: dict[str, tuple[str, Effect, str]] = {
    "preview": ("lossless", effects.preview(), "preview"),
    "encrypted": ("lossless", effects.encrypted(), "encrypted"),
    "key only": (
        "lossless",
        effects.manifest(lambda bts: bts.update(keyId="x")),
        "encrypted",
    ),
    "protected dash": (
        "hires",
        _mpd(lambda t: t.replace("<Representation", "<ContentProtection/><Representation", 1)),
        "encrypted",
    ),
    "file": ("lossless", effects.manifest_url("file:///etc/passwd"), "forbidden_address"),
    "private": ("lossless", effects.manifest_url("http://10.0.0.1/x"), "forbidden_address"),
    "loopback": ("lossless", effects.manifest_url("http://127.0.0.1:1/x"), "forbidden_address"),
    "metadata service": (
        "lossless",
        effects.manifest_url("http://169.254.169.254/latest"),
        "forbidden_address",
    ),
    "no urls": ("lossless", effects.manifest(lambda bts: bts.update(urls=[])), "bad_manifest"),
    "two urls": (
        "lossless",
        effects.manifest(lambda bts: bts.update(urls=bts["urls"] * 2)),
        "bad_manifest",
    ),
    "odd type": (
        "lossless",
        effects.manifest(lambda bts: bts.update(mimeType="../../x")),
        "bad_manifest",
    ),
    "no manifest": ("lossless", effects.edit(lambda i: i.pop("manifest")), "bad_manifest"),
    "no base64": ("lossless", effects.edit(lambda i: i.update(manifest="%%%")), "bad_manifest"),
    "unknown kind": (
        "lossless",
        effects.edit(lambda i: i.update(manifestMimeType="application/vnd.tidal.emu")),
        "bad_manifest",
    ),
    "no xml": ("hires", _mpd(lambda t: t[: len(t) // 2]), "bad_manifest"),
    "no segments": ("hires", _mpd(lambda t: t.replace("media=", "other=")), "bad_manifest"),
    "entities": (
        "hires",
        _mpd(
            lambda t: t.replace(
                "<MPD", '<!DOCTYPE MPD [<!ENTITY a SYSTEM "file:///etc/passwd">]><MPD', 1
            )
        ),
        "bad_manifest",
    ),
    "segments elsewhere": (
        "hires",
        _mpd(lambda t: t.replace('media="http://127.0.0.1', 'media="http://127.0.0.2')),
        "forbidden_address",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_manifest_that_is_not_as_it_should_be_is_refused(
    tidal: StandIn, tmp_path: Path, kind: str
) -> None:
    quality, effect, code = REFUSED[kind]
    track = tidal.account.track("Song", quality=Quality.HI_RES_LOSSLESS, duration=9)
    refuse_but(tidal, Tier.of_word(quality))
    tidal.faults.on(INFO, effect, query={"audioquality": Tier.of_word(quality).value}, times=None)
    with pytest.raises(DownloadError) as caught:
        get(tidal, tmp_path, track, quality)
    assert caught.value.code == code
    assert caught.value.exit == 4
    assert tidal.asked(AUDIO) == []


def refuse_but(tidal: StandIn, tier: Tier) -> None:
    """Every other tier is not ready for playback."""
    for other in Tier:
        if other is not tier:
            asked = {"audioquality": other.value}
            tidal.faults.on(INFO, effects.status(401, sub_status=4005), query=asked, times=None)


@pytest.mark.parametrize(
    ("effect", "error"),
    [
        (effects.status(503), UnreachableError),
        (effects.html(), UnreachableError),
        (effects.reset(0.5), UnreachableError),
        (effects.too_many("5"), UnreachableError),
        (effects.redirect("http://127.0.0.1:1/"), UnreachableError),
        (effects.status(401, sub_status=11003), LoginError),
    ],
)
def test_a_service_that_is_not_there_is_not_a_bad_track(
    tidal: StandIn, tmp_path: Path, effect: Effect, error: type[StrandlineError]
) -> None:
    tidal.faults.on(INFO, effect, times=None)
    with pytest.raises(error):
        get(tidal, tmp_path, tidal.account.track("Song"))
