"""config set, unset, show KEY, edit: comments stay, mistakes are refused, secrets masked."""

from __future__ import annotations

import io
import sys
import tomllib
from pathlib import Path

import pytest

from strandline.config.keys import KEYS
from strandline.config.secrets import without_password
from strandline.config.writing import template, with_values
from tests.cli.browser import answers, at_terminal
from tests.cli.terminal import Said, Terminal

MINE = """\
# my settings
library = "/music"   # on the big disk

[audio]
# mp3 for the old player
format = "mp3" # for now

[sync]
exclude = [
  "Podcast*",  # not music
  "Old",
]

# the end
"""


@pytest.fixture
def t(fresh: Terminal) -> Terminal:
    fresh.settings.write_text(MINE)
    return fresh


def comments(text: str) -> list[str]:
    return [line[line.index("#") :] for line in text.splitlines() if "#" in line]


def values(t: Terminal) -> dict[str, object]:
    return tomllib.loads(t.settings.read_text())


def typed(t: Terminal, monkeypatch: pytest.MonkeyPatch, text: str, *words: str) -> Said:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdin", io.StringIO(text))
        return t(*words)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        (["audio.format", "flac"], "flac"),
        (["audio.bitrate", "256"], 256),
        (["tidal.favorite_playlists", "false"], False),
        (["sync.max_removals", "40"], 40),
        (["sync.max_removals", "10%"], "10%"),
        (["download.limit", "4M"], "4M"),
        (["names.track", "{title} by {artist}"], "{title} by {artist}"),
        (["sync.include", "DJ *"], ["DJ *"]),
        (["sync.include", "DJ *", "Deep, house"], ["DJ *", "Deep, house"]),
        (["sync.exclude", '["Podcast*", "News"]'], ["Podcast*", "News"]),
        (["sync.exclude", "[]"], []),
        (["sync.exclude", "[Live] sets"], ["[Live] sets"]),
        (["library", "2024"], "2024"),
    ],
)
def test_a_value_is_written_and_every_comment_stays(
    t: Terminal, words: list[str], value: object
) -> None:
    said = t("config", "set", *words)
    assert said.code == 0, said.err
    table, _, key = words[0].rpartition(".")
    place = values(t)[table] if table else values(t)
    assert isinstance(place, dict)
    expected = str(Path("2024").absolute()) if key == "library" else value
    assert place[key] == expected
    gone = "# not music"  # stands within the list that is another now
    kept = [one for one in comments(MINE) if one != gone or words[0] != "sync.exclude"]
    assert [one for one in comments(t.settings.read_text()) if one in kept] == kept


def test_one_line_changes_and_no_other(t: Terminal) -> None:
    t("config", "set", "audio.format", "flac")
    assert t.settings.read_text() == MINE.replace('format = "mp3" #', 'format = "flac" #')


def test_a_key_that_is_commented_out_is_set_below_its_comment(fresh: Terminal) -> None:
    fresh.settings.unlink()
    assert fresh("config", "set", "audio.bitrate", "192").code == 0
    text = fresh.settings.read_text()
    assert "# bitrate = 320\nbitrate = 192\n" in text
    assert fresh("config", "set", "audio.bitrate", "256").code == 0
    assert fresh.settings.read_text() == text.replace("192", "256")


def test_items_of_a_list_keep_their_comments(t: Terminal) -> None:
    t("config", "set", "sync.exclude", "Podcast*", "New")
    assert '"Podcast*",  # not music\n  "New"' in t.settings.read_text()


def test_what_is_taken_out_has_its_default_again(t: Terminal) -> None:
    said = t("config", "unset", "audio.format", "--json")
    assert (said.code, said.json["value"]) == (0, "mp3")
    assert "# mp3 for the old player" in t.settings.read_text()
    assert t("config", "show", "audio.format", "--json").json["sources"] == {
        "audio.format": "default"
    }


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["audio.fromat", "flac"], "audio.format"),
        (["audio.format", "wav"], "mp3, aiff, flac, original"),
        (["audio.bitrate", "many"], "whole number"),
        (["audio.bitrate", "9"], "from 32 to 320"),
        (["audio.format", "mp3", "flac"], "one value"),
        (["tidal.favorite_playlists", "maybe"], "true or false"),
        (["tidal.quality_floor", "hires"], "tidal.quality"),
        (["sync.ignore", "abc"], "track ids"),
        (["names.track", "{name}"], "names.track"),
        (["sync.max_removals", "200%"], "sync.max_removals"),
    ],
)
def test_a_mistake_names_the_key_and_leaves_the_file_alone(
    t: Terminal, words: list[str], told: str
) -> None:
    said = t("config", "set", *words)
    assert said.code == 2
    assert told in said.err
    assert words[0] in said.err
    assert t.settings.read_text() == MINE


def test_a_mistake_elsewhere_in_the_file_is_told_and_can_be_mended_by_set(t: Terminal) -> None:
    t.settings.write_text(MINE.replace('"mp3"', '"wav"'))
    said = t("config", "set", "audio.bitrate", "256")
    assert said.code == 2
    assert "audio.format" in said.err
    assert t("config", "set", "audio.format", "flac").code == 0
    assert t("config", "set", "audio.bitrate", "256").code == 0


@pytest.mark.parametrize("text", ["[audio\n", "audio = 3\n", '[[sync]]\nexclude = "A"\n'])
def test_a_file_that_cannot_be_understood_is_told(fresh: Terminal, text: str) -> None:
    fresh.settings.write_text(text)
    assert fresh("config", "set", "audio.format", "flac").code == 2
    assert fresh.settings.read_text() == text


def test_a_secret_comes_from_stdin_is_masked_and_makes_the_file_private(
    t: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    t.settings.chmod(0o644)
    typing = "ntfy://user:hunter2@ntfy.example/top\n\ntgram://4711token/12\n"
    said = typed(t, monkeypatch, typing, "config", "set", "notify.urls", "-")
    assert said.code == 0, said.err
    assert t.settings.stat().st_mode & 0o777 == 0o600
    texts = [said, t("config", "show"), t("config", "show", "--json"), t("config", "show", "-v")]
    texts.append(t("config", "set", "notify.healthcheck", "https://hc.example/4711token"))
    assert all("hunter2" not in one.out + one.err for one in texts)
    assert all("4711token" not in one.out + one.err for one in texts)
    assert t("config", "show", "--json").json["settings"]["notify.urls"] == [
        "ntfy://***",
        "tgram://***",
    ]
    notify = values(t)["notify"]
    assert notify["urls"] == typing.split()  # type: ignore[index]


def test_a_secret_is_not_told_by_the_error_about_it(t: Terminal) -> None:
    said = t("config", "set", "notify.urls", "hunter2")
    assert (said.code, "hunter2" in said.err) == (2, False)
    t.settings.write_text('[notify]\nurls = ["hunter2"]\n')
    said = t("config", "show")
    assert (said.code, "hunter2" in said.err) == (2, False)
    assert "line 2" in said.err


def test_a_section_shows_its_settings(t: Terminal) -> None:
    shown = t("config", "show", "trash", "sync")
    assert (shown.code, "There is no setting 'trash'" in shown.err) == (2, True)
    lines = t("config", "show", "sync").out.splitlines()
    assert len(lines) == sum(key.name.startswith("sync.") for key in KEYS) > 1
    assert all(line.startswith("sync.") for line in lines)
    settings = t("config", "show", "sync", "--json").json["settings"]
    assert list(settings) == [line.partition(" = ")[0] for line in lines]


def test_every_key_that_may_hold_a_secret_is_masked() -> None:
    assert {key.name for key in KEYS if key.secret} == {
        name for name in ("notify.urls", "notify.healthcheck", "fleet.database_url")
        if name in {key.name for key in KEYS}
    }  # fmt: skip
    assert without_password("postgresql://me:pass@host/db") == "postgresql://me:***@host/db"
    assert without_password("sqlite:////a/b@c:d.db") == "sqlite:////a/b@c:d.db"


def test_a_link_that_a_dotfile_manager_made_stays_one(t: Terminal) -> None:
    dotfiles = t.folder / "dotfiles.toml"
    t.settings.rename(dotfiles)
    t.settings.symlink_to(dotfiles)
    assert t("config", "set", "audio.format", "flac").code == 0
    assert t.settings.is_symlink()
    assert 'format = "flac"' in dotfiles.read_text()


def test_the_permissions_of_a_file_without_secrets_stay(t: Terminal) -> None:
    t.settings.chmod(0o640)
    t("config", "set", "audio.format", "flac")
    assert t.settings.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in t.folder.iterdir() if "part" in path.name] == []


def test_a_variable_that_counts_more_than_the_file_is_told(t: Terminal) -> None:
    said = t("config", "set", "library", "/elsewhere", "--json")
    assert said.code == 0
    assert "STRANDLINE_LIBRARY" in said.err
    assert said.json["beaten_by"] == "STRANDLINE_LIBRARY"


def test_every_key_of_a_new_file_can_be_set_in_its_place() -> None:
    for key in KEYS:
        value = key.toml_default
        if value in ("", []):
            continue
        text = with_values(template({}), {key.name: value}, Path("config.toml"))
        lines = text.splitlines()
        name = key.name.rpartition(".")[2]
        at = next(n for n, line in enumerate(lines) if line.startswith(f"{name} ="))
        assert lines[at - 1] == f"# {lines[at]}"


def test_an_editor_is_found_where_none_is_named(
    t: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    tools = t.folder / "bin"
    tools.mkdir()
    monkeypatch.setenv("PATH", str(tools))
    said = t("config", "edit")
    assert (said.code, "no terminal for an editor" in said.err) == (2, True)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    said = t("config", "edit")
    assert (said.code, "VISUAL or EDITOR" in said.err) == (2, True)
    nano = tools / "nano"
    nano.write_text('#!/bin/sh\necho \'[notify]\nurls = ["ntfy://x/secret"]\' > "$1"\n')
    nano.chmod(0o755)
    assert t("config", "edit").code == 0
    assert t.settings.stat().st_mode & 0o777 == 0o600


def test_the_doctor_finds_a_secret_that_others_can_read(t: Terminal) -> None:
    t.settings.write_text('[notify]\nurls = ["ntfy://x/secret"]\n')
    t.settings.chmod(0o644)
    said = t("doctor", "--offline")
    assert f"chmod 600 {t.settings}" in said.out
    t.settings.chmod(0o600)
    assert "chmod" not in t("doctor", "--offline").out


def test_a_mistake_made_in_the_editor_can_be_mended_at_once(t: Terminal) -> None:
    script = t.folder / "editor"
    script.write_text(
        '#!/bin/sh\nif [ -e once ]; then echo \'library = "/fixed"\' > "$1"\n'
        'else touch once; echo "library = 3" > "$1"; fi\n'
    )
    script.chmod(0o755)
    person = answers(("Edit it again?", "\r"))
    editor = f"sh -c 'cd {t.folder} && {script} \"$0\"'"
    said = at_terminal(t, "config", "edit", person=person, VISUAL=editor)
    assert said.code == 0, said.err
    assert "line 1" in said.err
    assert t.settings.read_text() == 'library = "/fixed"\n'
