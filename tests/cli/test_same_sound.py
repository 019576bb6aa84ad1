"""dedupe-report --content: the same sound is found under any tags, and links take its place."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import av
import pytest
from mutagen.flac import FLAC

from strandline.core.run_ids import short_of
from strandline.demo import music
from strandline.execute.handlers.apply import ActionApplier
from tests.cli.terminal import Terminal

X = "Playlists/Deep House/Ana - x.flac"


def groups(t: Terminal, *words: str) -> list[dict[str, Any]]:
    said = t("dedupe-report", "--content", *words, "--json")
    assert said.code == 0, said.err
    found: list[dict[str, Any]] = said.json["same_sound"]
    return found


def retagged(source: Path, to: Path, title: str = "Another title") -> Path:
    shutil.copyfile(source, to)
    tags = FLAC(to)
    tags["title"] = title
    tags.save()
    return to


def converted(source: Path, to: Path, codec: str) -> Path:
    with av.open(str(source)) as old, av.open(str(to), "w") as new:
        stream = new.add_stream(codec, rate=old.streams.audio[0].rate, layout="stereo")
        if codec == "alac":
            stream.format = "s16p"
        resampler = av.AudioResampler(format=stream.format, layout="stereo", rate=stream.rate)
        for frame in old.decode(audio=0):
            for packed in resampler.resample(frame):
                packed.pts = None
                new.mux(stream.encode(packed))
        new.mux(stream.encode(None))
    return to


def mine(t: Terminal) -> Path:
    """A person's copy of x, with tags of their own, beside the audio of Sunday."""
    return retagged(t.playlists / "Deep House/Ana - x.flac", t.playlists / "Sunday/mine.flac")


def test_a_retagged_flac_is_the_same_sound_and_the_file_of_strandline_stays(
    synced: Terminal,
) -> None:
    size = mine(synced).stat().st_size
    (group,) = groups(synced)
    assert (group["criterion"], group["winner"], group["bytes"]) == ("flac_md5", X, size)
    assert group["others"] == [
        {"path": "Playlists/Sunday/mine.flac", "bytes": size, "whose": "yours",
         "replaceable": False}
    ]  # fmt: skip
    assert "FLAC's own sum" in synced("dedupe-report", "--content").out


def test_equal_bytes_come_before_every_other_criterion(synced: Terminal) -> None:
    shutil.copyfile(
        synced.playlists / "Deep House/Ana - x.flac", synced.playlists / "Sunday/m.flac"
    )
    assert [group["criterion"] for group in groups(synced)] == ["bytes"]


def test_an_mp3_under_other_tags_with_rubbish_at_its_end_is_found_by_its_packets(
    synced: Terminal,
) -> None:
    one, other = synced.playlists / "Sunday/a.mp3", synced.folder / "elsewhere/b.mp3"
    other.parent.mkdir()
    flac = synced.playlists / "Deep House/Ana - y.flac"
    converted(flac, one, "libmp3lame")
    other.write_bytes(one.read_bytes() + bytes(500))
    assert groups(synced) == []
    (group,) = groups(synced, str(other.parent))
    assert (group["criterion"], group["winner"]) == ("packets", "Playlists/Sunday/a.mp3")
    assert [(it["path"], it["whose"]) for it in group["others"]] == [(str(other), "outside")]


def test_lossless_files_of_other_formats_are_only_decoded_when_asked_for(
    synced: Terminal,
) -> None:
    flac = synced.playlists / "Deep House/Ana - x.flac"
    for name, codec in (("x.wav", "pcm_s16le"), ("x.aiff", "pcm_s16be"), ("x.m4a", "alac")):
        converted(flac, synced.playlists / "Sunday" / name, codec)
    assert groups(synced) == []
    (group,) = groups(synced, "--lossless")
    assert (group["criterion"], len(group["others"])) == ("samples", 3)


def test_another_piece_of_the_same_length_is_never_the_same(synced: Terminal) -> None:
    sunday, deep = synced.playlists / "Sunday", synced.playlists / "Deep House"
    (sunday / "other.flac").write_bytes(music.flac(99, 1))
    converted(sunday / "other.flac", sunday / "o.wav", "pcm_s16le")
    converted(deep / "Ana - x.flac", sunday / "x.mp3", "libmp3lame")
    converted(deep / "Ana - y.flac", sunday / "y.mp3", "libmp3lame")
    (group,) = groups(synced, "--lossless")
    assert {group["winner"], *(it["path"] for it in group["others"])} == {
        "Playlists/Sunday/other.flac", "Playlists/Sunday/o.wav",
    }  # fmt: skip


def test_an_undo_that_was_cut_off_after_the_link_went_brings_the_file_back(
    synced: Terminal,
) -> None:
    own, sunday = mine(synced), str(synced.playlists / "Sunday")
    content = own.read_bytes()
    synced("dedupe-report", "--content", "--apply", sunday, "--yes")
    own.unlink()
    assert synced("undo", "last", "--yes").code == 0
    assert own.read_bytes() == content


def test_a_link_in_the_place_of_ones_own_file_is_said_to_lead_nowhere_before_and_after(
    synced: Terminal,
) -> None:
    own, sunday = mine(synced), str(synced.playlists / "Sunday")
    content = own.read_bytes()
    done = synced("dedupe-report", "--content", "--apply", sunday, "--yes", "--json").json
    run = short_of(done["result"]["run"])
    assert synced("sync-check", "--json").json["warnings"] == []
    deep, sundays = synced.account.playlists.values()
    synced.account.rename(deep, "Deeper")
    synced.account.rename(sundays, "Mondays")
    for words in (["sync-execute", "--yes"], ["sync-check"]):
        (said,) = synced(*words, "--json").json["warnings"]
        assert said["code"] == "link_leads_nowhere"
        assert f"`strandline undo {run}`" in said["message"]
    assert synced("undo", run, "--yes").code == 0
    assert (synced.playlists / "Mondays" / own.name).read_bytes() == content
    assert synced("sync-check", "--json").json["warnings"] == []


def test_only_a_named_folder_gives_up_a_persons_file_and_undo_brings_it_back(
    synced: Terminal,
) -> None:
    own, sunday = mine(synced), str(synced.playlists / "Sunday")
    before, content = own.stat(), own.read_bytes()
    said = synced("dedupe-report", "--content", "--apply", "--yes")
    assert (said.code, own.is_symlink()) == (0, False)
    assert "only in a DIR that you name" in said.out
    done = synced("dedupe-report", "--content", "--apply", sunday, "--yes", "--json").json
    assert done["result"]["done"] == {"share": 1}
    assert own.readlink() == Path("../Deep House/Ana - x.flac")
    assert synced("sync-check", "--exit-code").code == 0
    assert groups(synced) == []
    assert "replaced by a link" in synced("history", "last").out
    undone = synced("undo", "last", "--yes")
    assert (undone.code, "next sync" in undone.out) == (0, False)
    assert own.read_bytes() == content
    assert own.stat().st_mtime_ns == before.st_mtime_ns
    assert synced("sync-check", "--exit-code").code == 0


def test_two_tracks_of_one_sound_are_told_and_stay_as_tidal_lists_them(t: Terminal) -> None:
    first = t.account.track("x", "Ana")
    twin = t.account.track("x (Album)", "Ana", audio_id=first.tune)
    t.account.playlist("Deep House", [first, twin])
    assert t("sync-execute", "--yes").code == 0
    (group,) = groups(t, str(t.playlists))
    assert [(it["whose"], it["replaceable"]) for it in group["others"]] == [("strandline", False)]
    assert t("dedupe-report", "--content", "--apply", str(t.playlists), "--yes").code == 0
    assert t("sync-check", "--exit-code").code == 0


def test_a_retagged_copy_in_a_links_place_becomes_the_link_again(synced: Terminal) -> None:
    link = synced.playlists / "Sunday/Ana - x.flac"
    link.unlink()
    retagged(synced.playlists / "Deep House/Ana - x.flac", link)
    sunday = str(synced.playlists / "Sunday")
    said = synced("dedupe-report", "--content", "--apply", sunday, "--yes", "--json")
    assert said.json["result"]["done"] == {"share": 1}
    assert link.readlink() == Path("../Deep House/Ana - x.flac")
    assert synced("sync-check", "--exit-code").code == 0
    assert synced("sync-status", "--json").json["playlists"]["in_sync"] == 2
    assert synced("undo", "last", "--yes").code == 0
    assert not link.is_symlink()
    assert synced("sync-check", "--exit-code").code == 0


def test_nothing_outside_of_the_library_is_changed(synced: Terminal) -> None:
    outside = synced.folder / "elsewhere"
    outside.mkdir()
    retagged(synced.playlists / "Deep House/Ana - x.flac", outside / "mine.flac")
    said = synced("dedupe-report", "--content", "--apply", str(outside), "--yes", "--json")
    assert (said.code, said.json["result"]) == (0, None)
    assert not (outside / "mine.flac").is_symlink()


def test_a_sum_that_lies_in_the_header_replaces_nothing(synced: Terminal) -> None:
    own = synced.playlists / "Sunday/mine.flac"
    own.write_bytes(music.flac(99, 1))
    data = bytearray(own.read_bytes())
    with (synced.playlists / "Deep House/Ana - x.flac").open("rb") as file:
        head = file.read(42)
    data[26:42] = head[26:42]
    own.write_bytes(data)
    sunday = str(synced.playlists / "Sunday")
    said = synced("dedupe-report", "--content", "--apply", sunday, "--yes", "--json")
    assert said.json["result"]["done"] == {}
    assert "no longer sounds the same" in said.json["result"]["skipped"][0]["error"]
    assert own.read_bytes() == bytes(data)


def test_a_file_that_changed_since_it_was_read_stays(
    synced: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, do = mine(synced), ActionApplier.do

    def changed_before(self: ActionApplier, action: Any) -> Any:
        own.touch()
        return do(self, action)

    monkeypatch.setattr(ActionApplier, "do", changed_before)
    sunday = str(synced.playlists / "Sunday")
    said = synced("dedupe-report", "--content", "--apply", sunday, "--yes", "--json")
    assert said.json["result"]["done"] == {}
    assert own.is_file()
    assert not own.is_symlink()


@pytest.mark.parametrize("point", ["share.before", "replace.after_link", "replace.after_rename",
                                   "share.after"])  # fmt: skip
@pytest.mark.parametrize("hard_links", [True, False])
def test_killed_anywhere_it_is_done_or_as_it_was(
    synced: Terminal, monkeypatch: pytest.MonkeyPatch, point: str, hard_links: bool
) -> None:
    from strandline.library.files import crash, replace

    own = mine(synced)
    content = own.read_bytes()
    if not hard_links:
        monkeypatch.setattr(replace.Replacing, "_second_name", lambda *_: None)
        point = "replace.in_the_gap" if point.startswith("replace") else point

    class KilledError(BaseException):
        pass

    def die(name: str) -> None:
        if name == point:
            raise KilledError

    for module in (replace, crash):
        monkeypatch.setattr(module, "crash_point", die)
    sunday = str(synced.playlists / "Sunday")
    with pytest.raises(KilledError):
        synced("dedupe-report", "--content", "--apply", sunday, "--yes")
    for module in (replace, crash):
        monkeypatch.setattr(module, "crash_point", lambda _: None)
    assert synced("sync-execute", "--yes").code == 0
    assert own.read_bytes() == content or own.is_symlink()
    kept = list(synced.library.glob(".strandline/trash/*/Playlists/Sunday/mine.flac"))
    assert own.is_symlink() == bool(kept)
    assert all(one.read_bytes() == content for one in kept)
    assert list(synced.library.glob(".strandline/tmp/*")) == []
    assert synced("sync-check", "--exit-code").code == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--apply",), "goes with --content"),
        (("--lossless",), "goes with --content"),
        (("somewhere",), "goes with --content"),
        (("--content", "nowhere"), "no folder"),
        (("--content", "--apply"), "no terminal"),
    ],
)
def test_words_that_do_not_fit_together_are_told(
    synced: Terminal, words: tuple[str, ...], says: str
) -> None:
    said = synced("dedupe-report", *words)
    assert said.code == 2
    assert says in said.err


def test_what_is_no_sound_and_what_cannot_be_read_is_passed_over(synced: Terminal) -> None:
    sunday = synced.playlists / "Sunday"
    (sunday / "empty.flac").write_bytes(b"")
    (sunday / "picture.mp3").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (sunday / "cut.flac").write_bytes(
        (synced.playlists / "Deep House/Ana - x.flac").read_bytes()[:90]
    )
    (sunday / "loop").symlink_to("..")
    mine(synced)
    assert [group["winner"] for group in groups(synced, str(sunday))] == [X]
