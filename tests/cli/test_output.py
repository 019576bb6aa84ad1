"""Names cannot dress up what is printed; a pipe gets plain text; a terminal gets colours."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strandline.cli.output import clean, encode, encoded, plural
from strandline.core.sizes import size
from tests.cli.terminal import Terminal, two_playlists

NASTY = "\x1b[31mred\x1b[0m \x07\x9b2J \u202eexe.3pm\u202c zero\u200bwidth"


@given(st.text(st.characters(exclude_categories=[])))
def test_a_cleaned_text_is_one_line_that_no_terminal_obeys(text: str) -> None:
    shown = clean(text)
    assert len(shown) == len(text)
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in shown)
    assert len(shown.splitlines()) <= 1
    shown.encode()


@given(st.dictionaries(st.text(st.characters(exclude_categories=[])), st.text()))
def test_an_encoded_document_is_harmless_and_says_the_same(document: dict[str, str]) -> None:
    text = encode(document)
    assert json.loads(text) == document
    assert clean(text.replace("\n", "")) == text.replace("\n", "")


class Pair(NamedTuple):
    name: str
    parts: tuple[object, ...]


@given(st.lists(st.builds(Pair, st.text(), st.lists(st.text() | st.integers()).map(tuple))))
def test_a_list_encoded_in_advance_stands_in_the_document_as_any_other(pairs: list[Pair]) -> None:
    document = {"pairs": pairs, "nested": [Pair("x", tuple(pairs))]}
    assert encode(document | {"pairs": encoded(pairs)}) == encode(document)
    told = [{"name": name, "parts": list(parts)} for name, parts in pairs]
    assert json.loads(encode(document)) == {
        "pairs": told,
        "nested": [{"name": "x", "parts": told}],
    }


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (9.2e8, "920.0 MB")]
)
def test_sizes_in_words(count: float, words: str) -> None:
    assert size(count) == words


def test_counts_in_words() -> None:
    assert plural(1, "track") == "1 track"
    assert plural(1200, "track") == "1,200 tracks"
    assert plural(2, "entry", "entries") == "2 entries"


def test_a_name_full_of_escapes_is_shown_harmless(t: Terminal) -> None:
    t.account.playlist(NASTY, [t.track(NASTY, NASTY)])
    said = [t("sync-check", "-v"), t("sync-execute", "--yes"), t("sync-status")]
    said += [t("history"), t("dedupe-report"), t("sync-check", "--playlist", NASTY + "x")]
    for one in said:
        text = one.out + one.err
        assert not any(char in text for char in "\x1b\x07\x9b\u202e\u200b")
    assert t("sync-status", "--json").json["items"][0]["name"] == NASTY


def test_in_a_pipe_there_are_no_escapes(synced: Terminal) -> None:
    synced.account.playlist("New", [synced.track("z")])
    for words in (["sync-check"], ["sync-execute", "--yes"], ["sync-status"], ["doctor"]):
        said = synced(*words)
        assert "\x1b" not in said.out + said.err


def test_progress_goes_to_stderr_a_line_a_phase(t: Terminal) -> None:
    two_playlists(t)
    said = t("sync-execute", "--yes")
    assert "Downloading (2 tracks)" in said.err
    assert "Downloading" not in said.out
    assert "2 tracks downloaded" in said.out


def test_quiet_says_only_results_and_problems(t: Terminal) -> None:
    two_playlists(t)
    said = t("sync-execute", "--yes", "-q")
    assert said.err == ""
    assert "2 tracks downloaded" in said.out
    assert t("sync-check", "-q", "--playlist", "none").err.startswith("Error: ")


def test_a_long_plan_is_cut_short_unless_all_is_asked_for(t: Terminal) -> None:
    t.account.playlist("A", [t.track(f"n{number}") for number in range(10)])
    assert "… and 7 more" in t("sync-check").out
    assert "more" not in t("sync-check", "-v").out


def test_of_many_playlists_those_that_lose_something_are_always_shown(t: Terminal) -> None:
    x = t.track("x")
    last = t.account.playlist("Z", [x])
    assert t("sync-execute", "--yes").code == 0
    for number in range(45):
        t.account.playlist(f"A{number:02}", [x])
    t.account.clear(last)
    out = t("sync-check").out
    assert "\nA39\n" in out
    assert "\nA40\n" not in out
    assert "… and 5 more playlists" in out
    assert "\nA44\n" in t("sync-check", "-v").out


def test_what_will_go_stands_out(synced: Terminal) -> None:
    synced.account.delete(list(synced.account.playlists.values())[1])
    out = synced("sync-check").out
    assert "  - remove 1 link: the playlist is gone from TIDAL" in out
    assert "1 file or link will be removed" in out


def on_a_terminal(t: Terminal, *words: str, answer: bytes = b"", **more: str) -> tuple[int, str]:
    """Run a command with a terminal as stdin, stdout and stderr."""
    outer, inner = pty.openpty()
    environment = {**os.environ, **t.environment, "TERM": "xterm", "COLUMNS": "100", **more}
    command = [sys.executable, "-m", "strandline", *words]
    with subprocess.Popen(
        command, env=environment, stdin=inner, stdout=inner, stderr=inner, close_fds=True
    ) as child:
        os.close(inner)
        os.write(outer, answer)
        text = b""
        while True:
            try:
                block = os.read(outer, 65536)
            except OSError:  # the terminal's other end is closed
                break
            if not block:
                break
            text += block
    os.close(outer)
    return child.returncode, text.decode()


def test_on_a_terminal_the_plan_is_shown_and_a_yes_carries_it_out(t: Terminal) -> None:
    two_playlists(t)
    code, text = on_a_terminal(t, "sync-execute", answer=b"y\n")
    assert code == 0
    assert "download 2 tracks" in text
    assert "Go ahead? [y/N]" in text
    assert "\x1b[" in text
    assert (t.playlists / "Deep House" / "Ana - x.flac").exists()


def test_on_a_terminal_the_answer_is_no_unless_it_is_yes(t: Terminal) -> None:
    two_playlists(t)
    code, text = on_a_terminal(t, "sync-execute", answer=b"\n")
    assert code == 0
    assert "Nothing was done." in text
    assert not t.library.exists()


@pytest.mark.parametrize("word", ["q", "quit", "N"])
def test_q_is_a_no_as_a_pager_has_taught_it(t: Terminal, word: str) -> None:
    two_playlists(t)
    code, text = on_a_terminal(t, "sync-execute", answer=f"{word}\n".encode())
    assert code == 0
    assert "Nothing was done." in text
    assert not t.library.exists()


def test_another_word_than_yes_or_no_is_asked_about_again(t: Terminal) -> None:
    two_playlists(t)
    _, text = on_a_terminal(t, "sync-execute", answer=b"maybe\nn\n")
    assert "Please answer y or n." in text
    assert text.count("Go ahead? [y/N]") == 2
    assert not t.library.exists()


def test_no_color_means_no_colours(synced: Terminal) -> None:
    code, text = on_a_terminal(synced, "sync-status", NO_COLOR="1")
    assert code == 0
    assert "\x1b[3" not in text
    assert "Deep House" in text
