"""docs/json.md describes what the commands print: every key, with its type, and no other."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from strandline.demo.effects import status
from strandline.demo.model import Availability
from tests.cli.own_music import flac, m4a
from tests.cli.terminal import Terminal, two_playlists

PAGE = (Path(__file__).parents[2] / "docs" / "json.md").read_text()
EXAMPLES = [json.loads(text) for text in re.findall(r"```json\n(.+?)```", PAGE, re.DOTALL)]
NAMED_BY_DATA = re.compile(
    r"import/1 result\.done\.|init/1 changed\.|config-show/1 (settings|sources)\.|"
    r"sync-execute/1 result\.done\.|history/1 runs\[\]\.counts\."
)
"""Objects whose keys are settings, or kinds of action."""
SAME_AS = (
    (re.compile(r"sync-execute/1 (?!result|schema)"), "sync-check/1 "),
    (
        re.compile(r"(undo|trash-restore|export|export-relocate)/1 result\b"),
        "sync-execute/1 result",
    ),
    (re.compile(r"(import|reapply|trash-empty)/1 result(?=[.\[])"), "sync-execute/1 result"),
    (re.compile(r"review/1 (?=review\[)"), "review-list/1 "),
)
"""Parts that several documents share are on the page once."""
Kinds = dict[str, set[str]]


def shape(value: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """Each place in a document, with what stands there; ``[]`` for all items of a list."""
    if isinstance(value, dict):
        yield at, "object"
        for key, part in value.items():
            yield from shape(part, f"{at}.{key}" if at else key)
    elif isinstance(value, list):
        yield at, "list"
        for part in value:
            yield from shape(part, f"{at}[]")
    else:
        kinds = {bool: "yes or no", int: "number", float: "number", str: "text", type(None): "null"}
        yield at, kinds[type(value)]


def kinds_of(documents: Iterable[dict[str, Any]]) -> Kinds:
    """What stands at each place of the documents, under their schema and the place."""
    kinds: Kinds = {}
    for document in documents:
        schema = document["schema"].removeprefix("strandline.")
        for place, kind in shape(document):
            name = f"{schema} {place}"
            for part, home in SAME_AS:
                name = part.sub(home, name)
            if not NAMED_BY_DATA.match(name):
                kinds.setdefault(name, set()).add(kind)
    return kinds


def differences(told: Kinds, printed: Kinds) -> Iterator[str]:
    """Where the page and the commands do not agree."""
    for place in sorted(told.keys() | printed.keys()):
        if place not in told:
            yield f"{place} is not on the page"
        elif place not in printed:
            if not place.endswith("[]"):  # a list of paths may stay empty in the story below
                yield f"{place} is on the page, and was never printed"
        elif wrong := (told[place] ^ printed[place]) - {"null"}:
            yield f"{place} is {told[place]} on the page, and was {printed[place]}: {wrong}"


class Commands:
    """A terminal that keeps every document it has printed."""

    def __init__(self, terminal: Terminal) -> None:
        self.t = terminal
        self.printed: list[dict[str, Any]] = []

    def __call__(self, *words: str) -> Any:
        self.printed.append(self.t(*words, "--json").json)
        return self.printed[-1]


def test_every_document_is_on_the_page_key_by_key(fresh: Terminal) -> None:
    say = Commands(fresh)
    assert say("sync-check")["error"] == "login"
    say("auth", "login", "--device", "--no-browser")
    say("init", "--format", "original")
    say("auth", "status")
    _sync(say)
    _take_back(say)
    _hand_over(say)
    _recordings(say)
    _import(say)
    _reapply(say)
    _cut_off(say)
    _keep_for_a_day(say)
    _service(say)
    for words in ("db status", "db upgrade", "doctor", "config show", "config path"):
        say(*words.split())
    for words in ("config set library /music", "config unset library", "auth logout"):
        say(*words.split())
    found = list(differences(kinds_of(EXAMPLES), kinds_of(say.printed)))
    assert not found, "\n".join(found)


def _sync(say: Commands) -> None:
    """Two playlists; then a list that cannot be read, and tracks that cannot be had."""
    t = say.t
    deep, sunday = two_playlists(t)
    copy = t.account.playlist("Copies", [t.track(f"n{number}") for number in range(8)])
    t.settings.write_text(t.settings.read_text() + '[sync]\nexclude = ["Nothing*"]\n')
    for title, explicit in (("same", False), ("clean", True)):
        for twin in range(2):
            code = f"GBAYE060149{len(title)}"
            track = t.account.track(title, "Ana", album=f"{title} {twin}", isrc=code,
                                    explicit=explicit and bool(twin))  # fmt: skip
            t.account.add(sunday, track)
    say("sync-execute", "--yes")
    withheld, failing = t.track("withheld"), t.track("failing")
    yours = t.playlists / "Deep House" / "Ana - y.flac"
    for track in (withheld, failing):
        t.account.add(sunday, track)
    t.account.withhold(withheld, Availability.GREYED_OUT)
    t.tidal.faults.on(f"/v1/tracks/{failing.id}/playbackinfopostpaywall", status(500), times=None)
    yours.with_name("again.flac").write_bytes(yours.read_bytes())
    say("dedupe-report", "--content")
    say("dedupe-report", "--recordings")
    t.account.clear(copy)
    say("sync-check")  # alarms
    t.account.delete(copy)
    t.tidal.faults.on(f"/v1/playlists/{deep.uuid}/items", status(500), times=None)
    t.account.add(deep, t.track("unread"))
    say("sync-check")
    yours.unlink()
    yours.symlink_to("nowhere.flac")
    say("sync-execute", "--yes", "--max-removals", "100%")  # stopped: nothing can be had
    t.account.add(sunday, t.track("fine"))
    say("sync-execute", "--yes", "--max-removals", "100%")
    t.tidal.faults.clear()
    for words in ("sync-status", "dedupe-report", "verify", "history", "tracks"):
        say(words)
    _why(say)


def _recordings(say: Commands) -> None:
    """Two are pinned, and merged; then each has its own file again."""
    t, file = say.t, str(say.t.folder / "recordings.json")
    twins = [it["track"] for it in say("tracks", "same")["tracks"]]
    say("recordings", "pin", *twins)
    say("recordings", "list")
    t("config", "set", "sync.dedupe", "recording")
    say("sync-execute", "--yes", "--max-removals", "100%")
    for words in (("dedupe-report", "--recordings"), ("tracks", "same"), ("why", "same")):
        say(*words)
    say("recordings", "export", file)
    say("recordings", "forget", *twins)
    say("recordings", "import", file)
    say("recordings", "forget", *twins)
    t("config", "set", "sync.dedupe", "track")
    say("sync-execute", "--yes", "--max-removals", "100%")


def _why(say: Commands) -> None:
    """Tracks that failed, that are there, that wait for a link; a playlist, a file of one's own."""
    (say.t.playlists / "Sunday" / "Ana - x.flac").unlink()
    say("sync-check")
    with closing(sqlite3.connect(say.t.state / "strandline.db")) as db, db:
        (x,) = db.execute("SELECT tidal_id FROM tracks WHERE title = 'x'").fetchone()
        db.execute("INSERT INTO replaced_ids VALUES ('99', ?)", (x,))
    for what in ("Ana - x", "failing", "withheld", "Deep House", "Playlists/Deep House/again.flac"):
        say("why", what)
    with closing(sqlite3.connect(say.t.state / "strandline.db")) as db, db:
        db.execute("DELETE FROM replaced_ids")
    say("sync-execute", "--yes", "--max-removals", "100%")


def _take_back(say: Commands) -> None:
    _, failing, removing, first = say("history")["runs"]
    for run in (failing, removing, first):
        say("history", run["run"])
    for run in say("trash", "list")["runs"]:
        for file in run["files"]:
            say("why", f".strandline/trash/{file['place']}")
    say("undo", removing["run"], "--yes")
    say("history")
    say("sync-execute", "--yes", "--max-removals", "100%")
    say("trash", "restore", say("history")["runs"][0]["run"])
    say("trash", "empty", "--yes")  # nothing is there
    say("sync-execute", "--yes", "--max-removals", "100%")
    say("trash", "empty", "--yes")


def _hand_over(say: Commands) -> None:
    """A playlist is renamed between two exports; another one is left out."""
    t = say.t
    say("sync-execute", "--yes", "--max-removals", "100%")
    say("export", "rekordbox")
    mine = t.folder / "mine.xml"
    text = (t.library / "exports" / "rekordbox.xml").read_text()
    mine.write_text(re.sub("(<TRACK TrackID[^\n]*)/>", r'\1><TEMPO Inizio="0.1"/></TRACK>', text))
    t.account.rename(next(iter(t.account.playlists.values())), "Deeper")
    t.account.playlist("Nothing here", [])
    say("sync-execute", "--yes", "--max-removals", "100%")
    say("export", "rekordbox")
    _shift(t)
    words = ("--from", str(mine), "--to", str(t.folder / "relocated.xml"), "--shift-cues")
    say("export", "relocate", *words)
    say("export", "m3u8", "--playlist", "Nothing here")
    (stick := t.folder / "stick").mkdir()
    say("export", "usb", "--to", str(stick), "--player", "old")
    say.printed.append(json.loads((t.library / "exports" / "moves.json").read_text()))
    mine.write_text(_as_rekordbox_has_it(mine.read_text(), t.playlists.resolve()))
    say("export", "match", "--from", str(mine))
    _share(t)
    say("export", "relocate", "--from", str(mine), "--to", str(t.folder / "once more.xml"))
    say("tracks")


def _share(t: Terminal) -> None:
    """As if another track had left the same place once."""
    with closing(sqlite3.connect(t.state / "strandline.db")) as db, db:
        db.execute(
            "INSERT INTO moves (track, old_path, new_path, at, offset, in_file)"
            " SELECT '1', old_path, new_path, at, offset, in_file FROM moves"
        )


def _shift(t: Terminal) -> None:
    """As if another file had come in a move."""
    with closing(sqlite3.connect(t.state / "strandline.db")) as db, db:
        db.execute("UPDATE moves SET offset = 0.025 WHERE new_path IS NOT NULL")


def _as_rekordbox_has_it(text: str, playlists: Path) -> str:
    """One track it lacks, one it has twice, and one playlist, too."""
    link = f'Location="file://localhost{playlists}/Sunday/Ana%20-%20x.flac"'
    text = re.sub(r'<TRACK TrackID="\d+" Name="y".*\n', "", text)
    text = text.replace('Name="strandline"', 'Name="rekordbox"').replace('"Deep House"', '"Deeper"')
    text = re.sub(r'(?s)(<NODE Type="1" Name="Sunday".*?</NODE>)', r"\1\1", text)
    return text.replace("</COLLECTION>", f'<TRACK TrackID="9" {link}/></COLLECTION>')


def _import(say: Commands) -> None:
    """One file to take, a second one of it, one in doubt, one of nobody's, and one that is none."""
    t, mine = say.t, say.t.folder / "mine"
    new = t.account.playlist("Mine", [t.track("own"), t.track("doubt"), t.track("once more")])
    say("sync-check")
    for name in ("own", "own again"):
        flac(mine / f"{name}.flac", 77, title="own", artist="Ana")
    flac(mine / "doubt.flac", 78, title="doubt")
    flac(mine / "more.flac", 79, title="once more")
    flac(mine / "stranger.flac", 80, title="Nothing like it", artist="Somebody")
    (mine / "empty.mp3").write_bytes(b"")
    (t.folder / "streams.m3u8").write_text("tidal:tracks:1\n")
    say("import", str(mine), str(t.folder / "streams.m3u8"), "--dry-run")
    first, second = say("review", "list")["review"]
    say("review", "reject", str(first["number"]))
    say("review", "accept", str(second["number"]), second["candidates"][0]["track"])
    say("import", str(mine), "--yes")
    say("review", "list", "--all")
    answers = str(t.folder / "answers.json")
    say("review", "export", answers)
    say("review", "forget", str(second["number"]))
    say("review", "import", answers)
    t.account.delete(new)
    _listen(say)


def _listen(say: Commands) -> None:
    """One file that is heard to be a track, and one that is too short to be."""
    t, mine = say.t, say.t.folder / "heard"
    long = t.account.track("long", "Ana", duration=60, audio_id=78)
    heard = t.account.playlist("Heard", [long, t.track("short")])
    say("sync-check")
    for title, seconds in (("long", 60), ("short", 1)):
        flac(mine / f"{title}.flac", 78, seconds, title=title)
    say("import", str(mine), "--listen", "--yes")
    say("review", "list", "--all")
    m4a(mine / "other.m4a", {}, 78, 60)
    say("dedupe-report", "--content", "--fingerprint", str(mine))
    t.account.delete(heard)


def _reapply(say: Commands) -> None:
    """Covers are not wanted any more; an imported file stays as it is."""
    t = say.t
    before = t.settings.read_text()
    t.settings.write_text(before + "[tags]\ncover = 0\n")
    say("reapply", "--tags", "--dry-run")
    say("reapply", "--tags", "--yes")
    t.settings.write_text(before)


def _cut_off(say: Commands) -> None:
    """A step of which nobody knows the outcome."""
    with closing(sqlite3.connect(say.t.state / "strandline.db")) as db, db:
        db.execute("UPDATE run_steps SET state = 'set_aside', error = 'odd' WHERE seq = 1")
    say("verify")


def _keep_for_a_day(say: Commands) -> None:
    """What was taken away long ago goes for good, after a run that ended well."""
    t = say.t
    (t.playlists / "Deep House" / "Ana - y.flac").unlink(missing_ok=True)
    old = t.account.playlist("Old", [t.track("old")])
    say("sync-execute", "--yes", "--max-removals", "100%")
    t.account.clear(old)
    say("sync-execute", "--yes", "--max-removals", "100%")
    with closing(sqlite3.connect(t.state / "strandline.db")) as db, db:
        db.execute("UPDATE runs SET finished_at = '2020-01-01 00:00:00'")
    t.settings.write_text(t.settings.read_text() + "trash_keep_days = 1\n")
    say("sync-execute", "--yes", "--max-removals", "100%")


def _service(say: Commands) -> None:
    """Of a systemd that first cannot be reached and then can."""
    folder = say.t.folder / "bin"
    folder.mkdir()
    say.t.setenv("PATH", f"{folder}:/usr/bin:/bin")
    away = "#!/bin/sh\necho 'no bus' >&2\nexit 1\n"
    there = "#!/bin/sh\ncase $* in *Next*) echo Sun 2026-11-29 04:51:12 UTC;; *Lin*) echo no;; esac"
    for text in (away, there):
        for name in ("systemctl", "loginctl"):
            (folder / name).write_text(text)
            (folder / name).chmod(0o755)
        say("service", "install", "--manager", "systemd")
    say("service", "status", "--manager", "systemd")
    say("service", "remove", "--manager", "systemd")
