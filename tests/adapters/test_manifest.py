"""Manifests as text: every segment named, and nonsense or an attack refused."""

from __future__ import annotations

import base64
import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strandline.errors import DownloadError
from strandline.tidal.dash import parse_xml, read_mpd
from strandline.tidal.manifest import DASH, read_manifest
from strandline.tidal.source import AudioSource

MPD = (
    "{prolog}<MPD xmlns='urn:mpeg:dash:schema:mpd:2011' mediaPresentationDuration='PT1M10.5S'>"
    "<Period><AdaptationSet mimeType='audio/mp4'>{template}"
    "<Representation id='r1' codecs='flac' bandwidth='1000'/>"
    "<Representation id='r2' codecs='mp4a.40.2' bandwidth='10'/>"
    "</AdaptationSet></Period></MPD>"
)


def mpd(template: str, prolog: str = "<?xml version='1.0' encoding='UTF-8'?>") -> AudioSource:
    return read_mpd(MPD.format(prolog=prolog, template=template).encode(), "HI_RES_LOSSLESS")


def timeline(runs: str, more: str = "") -> str:
    return (
        f"<SegmentTemplate timescale='10' media='https://a.tidal.com/$Number$' {more}>"
        f"<SegmentTimeline>{runs}</SegmentTimeline></SegmentTemplate>"
    )


@pytest.mark.parametrize(
    ("template", "ends"),
    [
        (timeline("<S d='40'/>"), ["1"]),
        (timeline("<S d='40' r='2'/><S d='5'/>"), ["1", "2", "3", "4"]),
        (timeline("<S d='40' r='1'/><S d='5' r='1'/>", "startNumber='0'"), ["0", "1", "2", "3"]),
        (timeline("<S d='300' r='-1'/>"), ["1", "2", "3"]),
        (
            timeline("<S d='40'/>", "initialization='https://a.tidal.com/$RepresentationID$.mp4'"),
            ["r1.mp4", "1"],
        ),
        (
            "<SegmentTemplate duration='30' startNumber='7' media='https://a.tidal.com/$Number%03d$'/>",
            ["007", "008", "009"],
        ),
        (
            timeline("<S t='100' d='40'/><S d='10'/>").replace("$Number$", "$Time$-$$"),
            ["100-$", "140-$"],
        ),
        ("<BaseURL>https://a.tidal.com/all.mp4</BaseURL>", ["all.mp4"]),
    ],
)
def test_every_segment_of_a_description_is_named(template: str, ends: list[str]) -> None:
    source = mpd(template)
    assert [url.removeprefix("https://a.tidal.com/") for url in source.urls] == ends
    assert (source.codec, source.extension, source.kind) == ("flac", ".m4a", "dash")


@pytest.mark.parametrize(
    "prolog",
    [
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<?xml version='1.0'?>",
        "",
        "\ufeff<?xml version='1.0' encoding='utf-8'?>\n<!-- made by hand -->\n",
    ],
)
def test_any_spelling_of_the_first_line_will_do(prolog: str) -> None:
    assert len(mpd(timeline("<S d='40'/>"), prolog).urls) == 1


BOMB = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>"


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"x",
        b"<MPD>",
        b"<MPD/>",
        b"<MPD><Period/><Period/></MPD>",
        BOMB.encode() + b"<MPD>&b;</MPD>",
        (BOMB + "<MPD>&b;</MPD>").encode("utf-16"),
        b"<!DOCTYPE MPD SYSTEM 'http://127.0.0.1/x.dtd'><MPD/>",
        b"<a>" * 100 + b"</a>" * 100,
        b"<a>" + b"<b/>" * 60_000 + b"</a>",
        b"<MPD>\x00</MPD>",
    ],
)
def test_xml_that_is_an_attack_or_nonsense_is_a_bad_manifest(document: bytes) -> None:
    with pytest.raises(DownloadError) as caught:
        read_mpd(document, "LOSSLESS")
    assert caught.value.code == "bad_manifest"


@pytest.mark.parametrize(
    "runs",
    [
        "", "<S/>", "<S d='0'/>", "<S d='-4'/>", "<S d='x'/>", "<S d='1' r='99999999'/>",
        "<S d='1' r='9999999999999999999'/>", "<S d='4' t='1e9'/>", "<S d='²'/>",
    ],
)  # fmt: skip
def test_a_timeline_that_makes_no_sense_is_a_bad_manifest(runs: str) -> None:
    with pytest.raises(DownloadError) as caught:
        mpd(timeline(runs))
    assert caught.value.code == "bad_manifest"


@given(st.binary(max_size=300))
def test_no_bytes_of_a_manifest_are_a_crash(content: bytes) -> None:
    for mime in ("application/vnd.tidal.bts", DASH, None):
        answer = {"manifest": base64.b64encode(content).decode(), "manifestMimeType": mime}
        with pytest.raises(DownloadError):
            read_manifest(answer)


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("urls", "mimeType", "codecs", "encryptionType", "keyId"), _JSON)
    )
)
def test_no_json_of_a_manifest_is_a_crash(document: dict[str, object]) -> None:
    manifest = base64.b64encode(json.dumps(document).encode()).decode()
    answer = {"manifest": manifest, "manifestMimeType": "application/vnd.tidal.bts"}
    with contextlib.suppress(DownloadError):
        read_manifest(answer)


def test_names_of_elements_lose_their_namespace() -> None:
    assert parse_xml(b"<x:MPD xmlns:x='urn:x'><x:Period/></x:MPD>").children[0].name == "Period"


def offer(codec: str, bandwidth: int, inside: str = "", kind: str = "audio") -> str:
    template = f"<SegmentTemplate timescale='1' media='https://a.tidal.com/{codec}/$Number$'>"
    segments = f"{template}<SegmentTimeline><S d='4'/></SegmentTimeline></SegmentTemplate>"
    return (
        f"<AdaptationSet contentType='{kind}' mimeType='{kind}/mp4'>"
        f"<Representation codecs='{codec}' bandwidth='{bandwidth}'>{inside}{segments}"
        "</Representation></AdaptationSet>"
    )


FLAC = offer("flac", 900)


@pytest.mark.parametrize(
    "beside",
    [
        offer("ec-3", 9_000),
        offer("fLaC", 9_000, "<AudioChannelConfiguration value='6'/>"),
        offer("alac", 9_000, "<ContentProtection/>"),
        offer("avc1", 9_000, kind="video"),
        offer("mp4a.40.2", 300),
    ],
    ids=["E-AC-3", "six channels", "protected", "a picture", "AAC"],
)
def test_of_several_the_best_in_stereo_and_in_the_clear_is_taken(beside: str) -> None:
    for both in (FLAC + beside, beside + FLAC):
        source = read_mpd(f"<MPD><Period>{both}</Period></MPD>".encode(), "LOSSLESS")
        assert source.codec == "flac"


def test_protected_sound_alone_is_encrypted() -> None:
    alone = offer("flac", 900, "<ContentProtection/>")
    with pytest.raises(DownloadError) as caught:
        read_mpd(f"<MPD><Period>{alone}</Period></MPD>".encode(), "LOSSLESS")
    assert caught.value.code == "encrypted"


@pytest.mark.parametrize(
    ("quality", "codec", "tier"),
    [
        ("LOSSLESS", "flac", "LOSSLESS"),
        ("HI_RES_LOSSLESS", "fLaC", "HI_RES_LOSSLESS"),
        ("HI_RES", "flac", "LOSSLESS"),
        ("HIGH", "flac", "LOSSLESS"),
        ("LOSSLESS", "mp4a.40.2", "HIGH"),
        ("HIGH", "mp4a.40.2", "HIGH"),
        ("LOW", "mp4a.40.2", "LOW"),
        ("HIGH", "mp4a.40.5", "LOW"),
        ("what is this", "mp4a.40.2", "HIGH"),
    ],
)
def test_what_tidal_says_it_delivers_counts_as_far_as_the_codec_bears_it_out(
    quality: str, codec: str, tier: str
) -> None:
    source = AudioSource("bts", ("https://x",), codec, "audio/mp4", ".m4a", quality)
    assert source.tier == tier
