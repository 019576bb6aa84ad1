"""Audio: the quality TIDAL gives, addresses that may be followed, bytes that arrive whole."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tidal_side import FakeTime, client_of

from strandline.core.ids import TrackId
from strandline.demo import effects
from strandline.demo.faults import Effect
from strandline.demo.server import StandIn
from strandline.demo.things import Availability, Quality, Track
from strandline.errors import (
    DownloadError,
    InterruptedRunError,
    LoginError,
    StrandlineError,
    UnreachableError,
)
from strandline.tidal.address import check_address
from strandline.tidal.dash import parse_xml, read_mpd
from strandline.tidal.manifest import DASH, read_manifest
from strandline.tidal.media import FileSink
from strandline.tidal.source import AudioSource
from strandline.tidal.stream import AudioStreams, fetch_audio_source, fetch_cover

INFO = "/v1/tracks/*/playbackinfopostpaywall"
AUDIO = "/mediatracks/**"


class Sink:
    """Audio in memory, and how often it began anew."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.restarts = 0

    def write(self, data: bytes) -> None:
        self.data += data

    def restart(self) -> None:
        self.data.clear()
        self.restarts += 1


def seconds_of(data: bytes) -> float:
    with av.open(io.BytesIO(bytes(data))) as file:
        stream = file.streams.audio[0]
        return float(sum(frame.samples for frame in file.decode(stream)) / stream.rate)


def get(
    tidal: StandIn, state: Path, track: Track, quality: str = "lossless"
) -> tuple[Sink, AudioSource]:
    streams, sink = AudioStreams(client_of(tidal, state, FakeTime())), Sink()
    try:
        source = streams.fetch(id_of(track), quality, lambda _source: sink, duration=track.duration)
    finally:
        streams.close()
    return sink, source


def id_of(track: Track) -> TrackId:
    return TrackId(str(track.id))


# ---------------------------------------------------------------- quality


@pytest.mark.parametrize(
    ("asked", "delivered", "codec", "extension"),
    [
        ("low", "LOW", "mp4a.40.2", ".m4a"),
        ("high", "HIGH", "mp4a.40.2", ".m4a"),
        ("lossless", "LOSSLESS", "flac", ".flac"),
        ("hires", "HI_RES_LOSSLESS", "flac", ".m4a"),
    ],
)
def test_each_quality_comes_whole(
    tidal: StandIn, tmp_path: Path, asked: str, delivered: str, codec: str, extension: str
) -> None:
    track = tidal.account.track("Song", quality=Quality.HI_RES_LOSSLESS, duration=9)
    sink, source = get(tidal, tmp_path, track, asked)
    assert (source.quality, source.codec, source.extension) == (delivered, codec, extension)
    assert seconds_of(sink.data) == pytest.approx(9, abs=0.1)
    assert sink.restarts == 0
    assert tidal.leaks == []


def test_a_track_that_has_less_than_asked_for_comes_as_it_is(
    tidal: StandIn, tmp_path: Path
) -> None:
    track = tidal.account.track("Song", quality=Quality.HIGH)
    assert get(tidal, tmp_path, track, "hires")[1].quality == "HIGH"


def test_a_quality_that_is_refused_is_replaced_by_the_next_best(
    tidal: StandIn, tmp_path: Path
) -> None:
    track = tidal.account.track("Song")
    for refused in ("HI_RES_LOSSLESS", "LOSSLESS"):
        tidal.faults.on(INFO, effects.status(403), query={"audioquality": refused}, times=None)
    assert get(tidal, tmp_path, track, "hires")[1].quality == "HIGH"


def test_a_track_refused_in_every_quality_is_unavailable(tidal: StandIn, tmp_path: Path) -> None:
    track = tidal.account.track("Song")
    tidal.faults.on(INFO, effects.status(401, sub_status=4010), times=None)
    with pytest.raises(DownloadError) as caught:
        get(tidal, tmp_path, track)
    assert caught.value.code == "unavailable"
    assert len(tidal.asked(INFO)) == 3
    assert tidal.logins.refreshes == 0


@pytest.mark.parametrize(
    "how", [Availability.NOT_READY, Availability.GONE, Availability.GREYED_OUT]
)
def test_an_unavailable_track_is_asked_for_once(
    tidal: StandIn, tmp_path: Path, how: Availability
) -> None:
    track = tidal.account.track("Song")
    tidal.account.withhold(track, how)
    with pytest.raises(DownloadError) as caught:
        get(tidal, tmp_path, track, "hires")
    assert caught.value.code == "unavailable"
    assert len(tidal.asked(INFO)) == 1


def test_an_expired_token_is_renewed_for_a_track_too(tidal: StandIn, tmp_path: Path) -> None:
    track = tidal.account.track("Song")
    client_of(tidal, tmp_path).confirm()
    tidal.logins.expire()
    assert get(tidal, tmp_path, track)[0].data
    assert tidal.logins.refreshes == 1


# ---------------------------------------------------------------- what is refused


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
    tidal.faults.on(INFO, effect, times=None)
    with pytest.raises(DownloadError) as caught:
        get(tidal, tmp_path, track, quality)
    assert caught.value.code == code
    assert caught.value.exit == 4
    assert tidal.asked(AUDIO) == []


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


# ---------------------------------------------------------------- addresses

FORBIDDEN = [
    "file:///etc/passwd", "ftp://example.com/x", "gopher://example.com", "data:audio/flac,x",
    "http://localhost/x", "http://LOCALHOST./x", "http://a.localhost/x", "http://127.0.0.1/x",
    "http://127.1/x", "http://0/x", "http://0x7f000001/x", "http://2130706433/x",
    "http://017700000001/x", "http://10.1.2.3/x", "http://172.16.0.1/x", "http://192.168.1.1/x",
    "http://169.254.169.254/x", "http://100.64.0.1/x", "http://[::1]/x", "http://[fe80::1]/x",
    "http://[fc00::1]/x", "http://[::ffff:127.0.0.1]/x", "http://[::ffff:10.0.0.1]/x",
    "http://[64:ff9b::7f00:1]/x", "http://[2002:7f00:1::]/x", "http://224.0.0.1/x",
    "http://printer/x", "http://nas.local/x", "http://db.internal/x", "http://router.lan/x",
    "http://user:pw@example.com/x", "http://example.com:99999/x", "http:///x", "http://", "",
    "//example.com/x", "http://exa mple.com/x", "http://example.com\\@127.0.0.1/",
    "http://ex\u0430mple.com/x", "http://example.com/\r\nHost: evil", "http://[::1", "http://./",
]  # fmt: skip


@pytest.mark.parametrize("url", FORBIDDEN)
def test_an_address_that_is_not_on_the_internet_is_not_followed(url: str) -> None:
    for origin in (None, "http://127.0.0.1:4711"):
        with pytest.raises(DownloadError) as caught:
            check_address(url, origin)
        assert caught.value.code == "forbidden_address"


@pytest.mark.parametrize(
    "url",
    [
        "https://sp-pr-cf.audio.tidal.com/mediatracks/a/0.mp4?token=1~x",
        "http://ab-pr-cf.audio.tidal.com/x.flac",
        "https://resources.tidal.com/images/a/b/640x640.jpg",
        "https://8.8.8.8/x",
        "https://[2606:4700:4700::1111]/x",
        "https://example.com:8443/x",
    ],
)
def test_a_public_address_is_followed(url: str) -> None:
    check_address(url, None)


def test_only_the_very_origin_of_the_stand_in_may_be_local() -> None:
    origin = "http://127.0.0.1:4711"
    check_address("http://127.0.0.1:4711/mediatracks/x", origin)
    for other in ("http://127.0.0.1:4712/", "https://127.0.0.1:4711/", "http://127.0.0.1/",
                  "http://x@127.0.0.1:4711/"):  # fmt: skip
        with pytest.raises(DownloadError):
            check_address(other, origin)


@given(st.text(max_size=60))
def test_no_text_of_an_address_is_a_crash(text: str) -> None:
    for url in (text, f"http://{text}", f"http://{text}/x", f"http://[{text}]/"):
        try:
            check_address(url, "http://127.0.0.1:4711")
        except DownloadError:
            continue


def test_a_redirect_of_audio_is_checked_as_the_address_was(tidal: StandIn, tmp_path: Path) -> None:
    track = tidal.account.track("Song")
    with StandIn() as elsewhere:
        tidal.faults.on(AUDIO, effects.redirect(f"{elsewhere.url}/x"), times=None)
        with pytest.raises(DownloadError) as caught:
            get(tidal, tmp_path, track)
        assert caught.value.code == "forbidden_address"
        assert elsewhere.requests == []


def test_a_redirect_of_audio_within_the_origin_is_followed(tidal: StandIn, tmp_path: Path) -> None:
    track = tidal.account.track("Song")
    moved = f"{tidal.url}/mediatracks/{track.id}-LOSSLESS/0.flac"
    tidal.faults.on(AUDIO, effects.redirect(moved))
    assert seconds_of(get(tidal, tmp_path, track)[0].data) == pytest.approx(track.duration, abs=0.1)


def test_redirects_without_an_end_end(tidal: StandIn, tmp_path: Path) -> None:
    track = tidal.account.track("Song")
    tidal.faults.on(AUDIO, effects.redirect(f"{tidal.url}/mediatracks/1-LOW/0.mp4"), times=None)
    with pytest.raises(DownloadError):
        get(tidal, tmp_path, track)
    assert len(tidal.asked(AUDIO)) < 10


# ---------------------------------------------------------------- bytes


@pytest.mark.parametrize("quality", ["lossless", "hires"])
def test_a_connection_that_breaks_is_taken_up_where_it_broke(
    tidal: StandIn, tmp_path: Path, quality: str
) -> None:
    track = tidal.account.track("Song", quality=Quality.HI_RES_LOSSLESS, duration=9)
    whole = bytes(get(tidal, tmp_path, track, quality)[0].data)
    tidal.faults.on(AUDIO, effects.reset(0.5), nth=1)
    tidal.faults.on(AUDIO, effects.reset(0.5), nth=3)
    sink, _ = get(tidal, tmp_path, track, quality)
    assert bytes(sink.data) == whole
    assert sink.restarts == 0
    assert any("range" in request.headers for request in tidal.asked(AUDIO))


def test_audio_that_changed_meanwhile_begins_anew(tidal: StandIn, tmp_path: Path) -> None:
    track, other = tidal.account.track("Song"), tidal.account.track("Other")
    want = bytes(get(tidal, tmp_path, other)[0].data)

    def change() -> None:
        track.audio_id = other.id

    tidal.faults.on(AUDIO, effects.reset(0.5))
    tidal.faults.on(AUDIO, nth=2, before=change)
    sink, _ = get(tidal, tmp_path, track)
    assert sink.restarts == 1
    assert bytes(sink.data) == want


def test_audio_that_cannot_be_resumed_begins_anew(tidal: StandIn, tmp_path: Path) -> None:
    track = tidal.account.track("Song")

    def forget_etag(_request: object, answer: object) -> object:
        answer.headers.pop("ETag")
        return answer

    tidal.faults.on(AUDIO, forget_etag, effects.reset(0.5))
    sink, _ = get(tidal, tmp_path, track)
    assert sink.restarts == 1
    assert seconds_of(sink.data) == pytest.approx(track.duration, abs=0.1)


BAD_AUDIO = {
    "reset": (effects.reset(0.5), "truncated"),
    "reset at once": (effects.reset(0), "truncated"),
    "longer than said": (effects.wrong_length(+50), "truncated"),
    "html": (effects.html(), "not_audio"),
    "html as flac": (
        effects.instead(effects.Answer(200, {"Content-Type": "audio/flac"}, effects.HTML)),
        "not_audio",
    ),
    "json": (effects.instead(effects.json_answer({"error": 1})), "not_audio"),
    "empty": (effects.instead(effects.Answer(200, {"Content-Type": "audio/flac"})), "empty"),
    "403": (effects.status(403, "empty"), "gone"),
    "404": (effects.status(404, "html"), "gone"),
    "418": (effects.status(418, "html"), "refused"),
}


@pytest.mark.parametrize("kind", BAD_AUDIO)
def test_audio_that_stays_bad_is_a_failed_track(tidal: StandIn, tmp_path: Path, kind: str) -> None:
    effect, code = BAD_AUDIO[kind]
    tidal.faults.on(AUDIO, effect, times=None)
    with pytest.raises(DownloadError) as caught:
        get(tidal, tmp_path, tidal.account.track("Song"))
    assert caught.value.code == code
    assert caught.value.message
    assert len(tidal.asked(AUDIO)) < 20


@pytest.mark.parametrize("code", [500, 503, 429])
def test_a_delivery_host_with_a_fault_is_asked_again(
    tidal: StandIn, tmp_path: Path, code: int
) -> None:
    tidal.faults.on(AUDIO, effects.status(code, "html"), times=3)
    assert get(tidal, tmp_path, tidal.account.track("Song"))[0].data
    tidal.faults.on(AUDIO, effects.status(code, "html"), times=None)
    with pytest.raises(StrandlineError):
        get(tidal, tmp_path, tidal.account.track("Song"))


def test_an_address_that_expired_is_asked_for_anew(tidal: StandIn, tmp_path: Path) -> None:
    tidal.faults.on(AUDIO, effects.status(403, "empty"), times=1)
    sink, _ = get(tidal, tmp_path, tidal.account.track("Song"))
    assert sink.data
    assert len(tidal.asked(INFO)) == 2


def test_a_missing_segment_fails_the_track(tidal: StandIn, tmp_path: Path) -> None:
    track = tidal.account.track("Song", quality=Quality.HI_RES_LOSSLESS, duration=9)
    tidal.faults.on("/mediatracks/*/2.mp4", effects.status(404, "empty"), times=None)
    with pytest.raises(DownloadError) as caught:
        get(tidal, tmp_path, track, "hires")
    assert caught.value.code == "gone"


def test_more_than_a_track_can_be_is_not_taken(
    tidal: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("strandline.tidal.stream.LEAST_CAP", 1000)
    monkeypatch.setattr("strandline.tidal.stream.MOST_BYTES_PER_SECOND", 1000)
    sink = Sink()
    streams = AudioStreams(client_of(tidal, tmp_path))
    track = tidal.account.track("Song")
    with pytest.raises(DownloadError) as caught:
        streams.fetch(id_of(track), "lossless", lambda _source: sink, duration=2)
    assert caught.value.code == "too_large"
    assert len(sink.data) <= 2000


def test_the_bytes_are_counted_as_they_come(tidal: StandIn, tmp_path: Path) -> None:
    streams, sink, counts = AudioStreams(client_of(tidal, tmp_path)), Sink(), []
    track = tidal.account.track("Song")
    source = streams.source(id_of(track), "lossless")
    total = streams.download(source, sink, count=counts.append)
    assert total == sum(counts) == len(sink.data)


def test_counting_may_break_off(tidal: StandIn, tmp_path: Path) -> None:
    def stop(_bytes: int) -> None:
        raise InterruptedRunError("stop")

    streams = AudioStreams(client_of(tidal, tmp_path))
    source = streams.source(id_of(tidal.account.track("Song")), "lossless")
    with pytest.raises(InterruptedRunError):
        streams.download(source, Sink(), count=stop)


def test_a_full_disk_is_not_a_fault_of_tidals(tidal: StandIn, tmp_path: Path) -> None:
    class Full(Sink):
        def write(self, data: bytes) -> None:
            raise OSError(28, "No space left on device")

    streams = AudioStreams(client_of(tidal, tmp_path))
    source = streams.source(id_of(tidal.account.track("Song")), "lossless")
    with pytest.raises(OSError, match="No space"):
        streams.download(source, Full())
    assert len(tidal.asked(AUDIO)) == 1


def test_a_file_takes_audio_and_begins_anew(tmp_path: Path) -> None:
    handle = os.open(tmp_path / "x", os.O_RDWR | os.O_CREAT)
    sink = FileSink(handle)
    sink.write(b"first, and longer")
    sink.restart()
    sink.write(b"second")
    os.close(handle)
    assert (tmp_path / "x").read_bytes() == b"second"


# ---------------------------------------------------------------- covers


def test_a_cover_is_a_picture_or_nothing(tidal: StandIn, tmp_path: Path) -> None:
    from strandline.tidal import parse

    track = tidal.account.track("Song")
    assert track.album is not None
    url = parse.picture(track.album.cover, "1280x1280")
    assert url is not None
    client = client_of(tidal, tmp_path, FakeTime())
    cover = fetch_cover(client, url)
    assert cover is not None
    assert cover[1] == "image/jpeg"
    for effect in (effects.html(), effects.status(404), effects.reset(0.5), effects.huge(20 << 20),
                   effects.redirect("http://10.0.0.1/"), effects.empty_body()):  # fmt: skip
        tidal.faults.clear()
        tidal.faults.on("/images/**", effect, times=None)
        assert fetch_cover(client, url) is None
    assert fetch_cover(client, "file:///etc/passwd") is None
    assert tidal.leaks == []


# ---------------------------------------------------------------- manifests as text

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


def test_a_source_does_not_show_its_signed_addresses(tidal: StandIn, tmp_path: Path) -> None:
    track = tidal.account.track("Song")
    source = fetch_audio_source(client_of(tidal, tmp_path), id_of(track), "lossless")
    assert "token" not in repr(source)


def test_names_of_elements_lose_their_namespace() -> None:
    assert parse_xml(b"<x:MPD xmlns:x='urn:x'><x:Period/></x:MPD>").children[0].name == "Period"
