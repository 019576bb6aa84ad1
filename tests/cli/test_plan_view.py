"""A plan as a person reads it: short where it is long, whole where it is asked for."""

from __future__ import annotations

import pytest

from strandline.cli.pager import environment_for_pager, height_of, pager_command
from tests.cli.terminal import Terminal, two_playlists
from tests.cli.test_output import on_a_terminal


@pytest.fixture
def moving(t: Terminal) -> Terminal:
    """``x`` leaves Deep House, which holds its audio; Sunday still has it, and gets ``z``."""
    deep, sunday = two_playlists(t)
    assert t("sync-execute", "--yes").code == 0
    t.account.remove(deep, deep.entries[0].item)
    t.account.add(sunday, t.track("z"))
    return t


def test_a_move_is_told_in_both_playlists(moving: Terminal) -> None:
    out = moving("sync-check").out
    deep, sunday = out.partition("Sunday\n")[::2]
    assert "1 file moves out: no longer in this playlist, but in others" in deep
    assert "~ move 1 track: no longer in the playlist that held the file" in sunday
    assert out.count("Deep House/… -> Sunday/Ana - x.flac *") == 2


def test_changed_paths_of_audio_are_marked_and_counted(moving: Terminal) -> None:
    out = moving("sync-check").out
    assert "* 1 audio file gets another path: DJ software that knows files by path" in out
    assert moving("sync-check", "--json").json["path_changes"] == 1
    moving.account.rename(next(iter(moving.account.playlists.values())), "Deep")
    assert moving("sync-check", "--json").json["path_changes"] == 2, "y goes with its folder"


def test_the_summary_is_a_row_a_playlist(moving: Terminal) -> None:
    rows = [line.split("\t") for line in moving("sync-check", "--summary").out.splitlines()]
    assert rows[0] == ["Deep House", "", "", "1", "", "*"]
    assert rows[1] == ["Sunday", "1", "", "1", "", "*"]


def test_the_summary_names_what_is_rare(t: Terminal) -> None:
    deep, _ = two_playlists(t)
    assert t("sync-execute", "--yes").code == 0
    t.account.rename(deep, "Deeper")
    t.account.playlist("New", [t.track("n")])
    (t.playlists / "Sunday" / "Ana - x.flac").unlink()
    rows = {row.split("\t")[0]: row.split("\t")[1:] for row in summary(t)}
    assert rows["Deeper"] == ["", "", "", "", "renamed from 'Deep House' *"]
    assert rows["New"] == ["1", "", "", "", "new playlist"]
    assert rows["Sunday"] == ["", "", "", "", "1 missing on disk"]


def summary(t: Terminal) -> list[str]:
    return [row for row in t("sync-check", "--summary").out.splitlines() if "\t" in row]


def many(t: Terminal) -> Terminal:
    for number in range(25):
        t.account.playlist(f"List {number:02}", [t.track(f"t{number} {n}") for n in range(2)])
    return t


def test_on_a_terminal_a_long_plan_is_a_row_a_playlist(t: Terminal) -> None:
    code, text = on_a_terminal(many(t), "sync-check", PAGER="cat")
    assert code == 0
    assert "+ new" in text
    assert "new playlist" in text
    assert "t24 1" not in text


@pytest.mark.parametrize("words", [["-v"], ["--playlist", "List 24"]])
def test_details_of_a_long_plan_are_there_for_the_asking(t: Terminal, words: list[str]) -> None:
    many(t)
    assert t("sync-check").code == 0
    code, text = on_a_terminal(t, "sync-check", *words, PAGER="cat")
    assert code == 0
    assert "+ new" not in text
    assert "t24 1" in text


def test_what_is_longer_than_the_screen_goes_through_the_pager(t: Terminal) -> None:
    many(t)
    words = ("sync-check", "-v")
    _, text = on_a_terminal(t, *words, PAGER="sed 's/^/| /'", LINES="24")
    assert "| List 24" in text.replace("\x1b[1m", "").replace("\x1b[0m", "")
    _, text = on_a_terminal(t, *words, PAGER="sed 's/^/| /'", LINES="500")
    assert "| " not in text
    _, text = on_a_terminal(t, *words, PAGER="there-is-no-such-pager", LINES="24")
    assert "List 24" in text
    _, text = on_a_terminal(t, *words, "--json", PAGER="sed 's/^/| /'", LINES="24")
    assert "| " not in text


@pytest.mark.parametrize(
    ("own", "less"), [(None, "FRX"), ("", "-R"), ("-i", "-R -i"), ("FMX", "-R FMX")]
)
def test_less_shows_colours_whatever_the_person_told_it(own: str | None, less: str) -> None:
    environment = {"HOME": "/h"} if own is None else {"HOME": "/h", "LESS": own}
    assert environment_for_pager(environment) == {"HOME": "/h", "LESS": less, "LV": "-c"}


def test_a_pager_is_chosen_as_git_does() -> None:
    assert pager_command({"TERM": "xterm"}) == "less"
    assert pager_command({"TERM": "xterm", "PAGER": "more -s"}) == "more -s"
    for none in (
        {"TERM": "dumb"},
        {"TERM": "xterm", "PAGER": ""},
        {"TERM": "xterm", "PAGER": "cat"},
    ):
        assert pager_command(none) == ""


def test_the_height_counts_lines_that_wrap_and_no_colours() -> None:
    assert height_of("a\n" + "b" * 100 + "\n\x1b[1m" + "c" * 80 + "\x1b[0m\n\n", 80) == 5


def test_room_and_time_are_told(t: Terminal) -> None:
    two_playlists(t)
    out = t("sync-check").out
    assert "The downloads take about 200.0 kB (" in out
    assert "free) and less than a minute at 5 MB/s." in out
    needs = t("sync-check", "--json").json["needs"]
    assert (needs["downloads"], needs["bytes"], needs["measured"]) == (2, 200_000, False)


def test_after_a_run_with_many_downloads_the_time_is_by_its_rate(t: Terminal) -> None:
    many(t)
    assert t("sync-execute", "--yes").code == 0
    t.account.playlist("More", [t.track("m")])
    assert t("sync-check", "--json").json["needs"]["measured"] is True
    assert "at the rate of earlier runs" in t("sync-check").out


@pytest.mark.parametrize("command", [["sync-check"], ["sync-execute", "--yes"]])
def test_quiet_has_nothing_to_say_where_there_is_nothing_to_do(
    synced: Terminal, command: list[str]
) -> None:
    said = synced(*command, "--quiet")
    assert (said.code, said.out, said.err) == (0, "", "")


def test_quiet_still_tells_of_failures_and_stops(synced: Terminal) -> None:
    synced.library.rename(synced.folder / "away")
    synced.library.mkdir()
    assert "Error: " in synced("sync-execute", "--yes", "--quiet").err


def test_quiet_still_shows_what_there_is_to_do(synced: Terminal) -> None:
    synced.account.playlist("New", [synced.track("n")])
    assert "download 1 track" in synced("sync-check", "--quiet").out


def test_a_setting_that_would_change_nothing_is_told(synced: Terminal) -> None:
    assert synced("sync-check", "--json").json["warnings"] == []
    assert synced("config", "set", "audio.format", "mp3").code == 0
    text = (
        "Note: format = mp3 applies to new files; 2 files in another format stay:"
        " a sync leaves them as they are, `strandline reapply --audio` does not."
    )
    for words in (["sync-check"], ["sync-execute", "--yes"]):
        said = synced(*words)
        assert (said.code, text in said.out, "In sync" in said.out) == (0, True, True)
    [warning] = synced("sync-check", "--json").json["warnings"]
    assert warning["code"] == "setting_for_new_files"


def test_a_name_that_would_change_nothing_is_told(synced: Terminal) -> None:
    assert synced("config", "set", "names.track", "{title} ({artist})").code == 0
    said = synced("sync-check").out
    assert "Note: names.track applies to new files; those that are there keep their names" in said
    assert "In sync" in said
    assert synced("config", "unset", "names.track").code == 0
    assert synced("sync-check", "--json").json["warnings"] == []


def test_a_bitrate_that_would_change_nothing_is_told(t: Terminal) -> None:
    t.account.seconds = 125
    t.settings.write_text('[audio]\nformat = "mp3"\n')
    t.account.playlist("A", [t.track("x")])
    assert t("sync-execute", "--yes").code == 0
    assert t("sync-check", "--json").json["warnings"] == []
    for bitrate in ("128", "256"):
        assert t("config", "set", "audio.bitrate", bitrate).code == 0
        text = f"bitrate = {bitrate} applies to new files; 1 file of another bitrate stays"
        assert text in t("sync-check").out
    assert t("config", "set", "audio.format", "flac").code == 0
    assert "bitrate" not in t("sync-check").out


def test_a_higher_quality_that_would_change_nothing_is_told(synced: Terminal) -> None:
    assert synced("config", "set", "tidal.quality", "hires").code == 0
    assert (
        "quality = hires applies to new files; 2 files asked for in lower"
        in synced("sync-check").out
    )
    assert synced("config", "set", "tidal.quality", "high").code == 0
    assert "applies to new files" not in synced("sync-check").out
