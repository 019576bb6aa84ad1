"""Known-bad variants of strandline, each of which a battery must catch.

    python -m tests.faults.seeded            every variant, as a table: caught by, seconds
    python -m tests.faults.seeded 4 11       only these

A variant is one careless line. It runs in a process of its own, against the batteries of its kind.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
KILLS = ("tests/faults/test_kills.py", "-k", "leaves or swap or equal or first or copies")
SWAPS = ("tests/faults/test_swaps.py", "-k", "swap or equal or damaged or copies or leaves")
SERVICE = ("tests/faults/test_service.py", "-k", "items or mediatracks or Favorite")
LIVES = ("tests/faults/test_stateful.py",)
NAMES = ("tests/faults/test_hostile_names.py",)
SECURITY = ("tests/faults/test_security.py", "tests/cli/test_secrets.py")
PLANNER = ("tests/core/test_plan_properties.py",)
DURABLE = ("tests/faults/test_durable.py",)
CHANGES = ("tests/adapters/test_executor.py", "tests/adapters/test_files_links.py")
REFUSALS = ("tests/faults/test_refusals.py", "-k", "ever and playback")
PAUSES = ("tests/execute/test_refusals.py", "-k", "alike")
ASKED_AGAIN = ("tests/cli/test_refusals.py", "-k", "again or upload")
STOPS = ("tests/cli/test_sync.py", "tests/cli/test_failures.py", "tests/adapters/test_marker.py")
LADDERS = ("tests/faults/test_ladders.py", "-k", "page and lossless")
OLD_LADDERS = ("tests/faults/test_ladders.py", "-k", "old and lossless")
UNKNOWN = ("tests/core/test_unknown.py",)
INODES = ("tests/core/test_inodes.py",)
LATER = ("tests/scenarios/test_undone_later.py",)
ELSEWHERE = ("tests/scenarios/test_undone_elsewhere.py",)
HALF_DONE = ("tests/execute/test_half_done.py",)
MOVING = ("tests/scenarios/test_unknown_places.py", "-k", "moves_while")
STALE = ("tests/faults/test_stale_reads.py",)
DAMAGE = ("tests/faults/test_kills.py", "-k", "whatever_the_disk")
CHANGED = ("tests/cli/test_damaged.py", "-k", "rubbish or put_back or stays")
FORMS = ("tests/adapters/test_id3.py",)
YOURS = ("tests/core/test_yours.py",)
CODES = ("tests/core/test_takeover.py",)
THEIRS = ("tests/scenarios/test_persons_files.py", "-k", "annexed")
SMALL = {"STALE": "15", "STATEFUL": "24", "SWAPS": "200", "NAMES": "0", "TAGS": "50"}


class Bug(NamedTuple):
    """What is wrong, how to make it so, and the batteries to ask, in order."""

    name: str
    plant: Callable[[], None]
    asked: tuple[tuple[str, ...], ...]
    quick: bool = True
    """Caught within seconds: so it is tried in every test run."""


def _instead(path: str, new: Any) -> Callable[[], None]:
    """Put ``new`` where ``package.module:Class.name`` or ``package.module:name`` is."""

    def plant() -> None:
        from importlib import import_module

        module, _, names = path.partition(":")
        owner: Any = import_module(f"strandline.{module}")
        *between, last = names.split(".")
        for name in between:
            owner = getattr(owner, name)
        assert hasattr(owner, last), path
        setattr(owner, last, new)

    return plant


def _as_said(sound: Any, said: Any) -> Any:
    from strandline.core.quality import Tier

    return said or Tier.LOSSLESS


def _one_tier(wish: Any, heard: Any, *, hires_first: bool = False) -> Any:
    return None if heard else wish.tier


def _collected() -> tuple[str, ...]:
    from strandline.db.snapshots import _AFTER_LIST

    careless = """
        DELETE FROM playlists
        WHERE removed_from_tidal IS NOT NULL AND local_folder_path IS NULL
            AND NOT EXISTS (SELECT 1 FROM playlist_tracks WHERE playlist_id = playlists.id)
    """
    return (*_AFTER_LIST, careless)


def _all_or_nothing(run: str, done: Any, store: Any, now: Any) -> list[Any]:
    from strandline.execute.recovery import _commit

    _commit(run, done, store, now)
    return []


def _nothing(*_: object, **__: object) -> None: ...


def _rename_over(self: Any, source: int, name: str, folder: int, new: str) -> None:
    os.rename(name, new, src_dir_fd=source, dst_dir_fd=folder)


def _shift_blindly(self: Any, source: Any, target: Any, seen: Any, point: str) -> None:
    from strandline.library.files.crash import crash_point

    with self._folder(source.folder) as old, self._own_or_there(target) as new:
        crash_point(f"{point}.before_rename")
        self.calls.rename_noreplace(old, source.name, new, target.name)
        crash_point(f"{point}.after_rename")
        self._touched(old)
        self._touched(new)


def _unlink(self: Any, path: str, run: str, seen: Any) -> str:
    (self.root / "mp3" / path).unlink()
    return f"{run}/{path}"


def _follows(self: Any, folder: int, name: str) -> int:
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=folder)


def _never_newer(self: Any, read: Any, now: Any) -> bool:
    return False


def _all_gone(client: Any, user_id: str, missing: Any) -> Any:
    from strandline.tidal.absent import Whereabouts

    return dict.fromkeys(missing, Whereabouts.GONE)


def _taken_anyway(base: str, extension: str, identifier: str, taken: object) -> str:
    from strandline.core.names import safe_name

    return safe_name(base, suffix=extension)


def _believed(order: Any, raw: Any) -> Any:
    from strandline.library.sniff import HEAD, Container, container_of

    return container_of(os.pread(raw.fd, HEAD, 0)) or Container.FLAC, ""


def _all_done(action: Any, files: Any, run: str) -> Any:
    from strandline.core.ledger import Outcome
    from strandline.execute.deeds import Deed

    return Deed(Outcome(action.path))


def _copied_over(self: Any, path: str, primary: str, seen: Any, run: str, *_: Any) -> Any:
    top = self.root / "mp3"
    (top / path).write_bytes((top / primary).read_bytes())
    return self.see(path)


def _published_piecemeal(
    self: Any, temp: Any, path: str, replaces: Any = None, run: str = ""
) -> Any:
    from strandline.library.files.crash import crash_point

    data = temp.path.read_bytes()
    with (self.root / "mp3" / path).open("wb") as file:
        for half in (data[: len(data) // 2], data[len(data) // 2 :]):
            file.write(half)
            file.flush()
            crash_point("publish.after_rename")
    temp.discard()
    return self.see(path)


def _noted_first(self: Any, ready: Any, act: Any, *, whole: bool = False) -> Any:
    """The database says done, then the disk is changed."""
    from strandline.core.ledger import Outcome
    from strandline.execute.batch import Acted
    from strandline.execute.deeds import Deed

    self._book.finish([(step, Deed(Outcome(step.action.path))) for step in ready])
    for step in ready:
        act(step)
    return Acted()


def _through_a_gap(self: Any, new: Any, path: str, seen: Any, old: Any, run: str) -> Any:
    return self._by_a_gap(new, path, seen, old, run)


def _over_the_old(self: Any, new: Any, path: str, seen: Any, old: Any, run: str) -> Any:
    from strandline.library.files.crash import crash_point
    from strandline.library.files.ground import entry_place

    place = entry_place(path)
    with self._folder(new.folder) as source, self._folder(place.folder) as folder:
        self.calls.rename(source, new.name, folder, place.name)
        crash_point("replace.after_rename")
    return f"{run}/{path}"


def _whole_anyway(path: Any, before: Any = None, duration: Any = None) -> Any:
    from strandline.library.proof import Proof

    return Proof(True)


def _judged_by_times(self: Any, finding: Any) -> Any:
    from strandline.app.judge import State

    same = finding.stamp[1:] == finding.known.stamp[1:]
    return finding._replace(state=State.CORRUPT if same else State.CHANGED)


def _plays_by_belief(self: Any, *_: object) -> None:
    self._why = self._reason
    self.proven = self.in_a_pause = self._answers
    self._open.set()


def _of_a_tier(self: Any, *_: object) -> bool:
    return bool(self.scope.value == "tier")


BUGS = (
    Bug("no fsync", _instead("library.files.syscalls:Syscalls.fsync", _nothing), (DURABLE,)),
    Bug("renames over what is there",
        _instead("library.files.syscalls:Syscalls.rename_noreplace", _rename_over), (SWAPS,),
        quick=False),
    Bug("no second look before a step",
        _instead("library.files.ground:Ground._shift", _shift_blindly), (SWAPS,),
        quick=False),
    Bug("unlinks in place of the trash",
        _instead("library.files.library:LibraryFiles.to_trash", _unlink), (KILLS,)),
    Bug("done is committed before the disk is",
        _instead("execute.batch:Batch._act", _noted_first), (KILLS,)),
    Bug("a second copy goes unchecked",
        _instead("execute.deeds:Deeds._require_other_copy", _nothing), (CHANGES, SWAPS),
        quick=False),
    Bug("a short page is believed",
        _instead("tidal.pages:mismatch", lambda *_: None), (SERVICE,)),
    Bug("no limit on removals",
        _instead("app.check:alarms", lambda *_, **__: []), (SERVICE, STOPS),
        quick=False),
    Bug("folders behind links are entered",
        _instead("library.files.syscalls:Syscalls.open_folder", _follows), (SECURITY, SWAPS)),
    Bug("two names may be one",
        _instead("core.names:free_name", _taken_anyway), (NAMES, PLANNER)),
    Bug("audio is published unchecked",
        _instead("execute.prepare:_checked", _believed), (SERVICE,),
        quick=False),
    Bug("a final name grows",
        _instead("library.files.library:LibraryFiles.publish", _published_piecemeal), (KILLS,)),
    Bug("recovery believes the database",
        _instead("execute.recovery:judge", _all_done), (KILLS,)),
    Bug("no recovery at all",
        _instead("execute.recovery:recover", lambda *_: []), (KILLS,)),
    Bug("a stale copy is written over",
        _instead("library.files.library:LibraryFiles.replace_copy", _copied_over), (CHANGES,)),
    Bug("the lock is not taken",
        _instead("library.lock:_hold", _nothing), (("tests/adapters/test_marker.py",),)),
    Bug("names reach the terminal as they are",
        _instead("cli.output:clean", lambda text: text), (NAMES,)),
    Bug("any address is asked",
        _instead("tidal.address:_allowed", lambda *_: True), (SECURITY,)),
    Bug("the log keeps secrets",
        _instead("app.logs:redact", lambda text, *_: text), (SECURITY,)),
    Bug("what TIDAL says of the quality is believed",
        _instead("execute.prepare:tier_of", _as_said), (OLD_LADDERS,)),
    Bug("5.1 is taken for the stereo track",
        _instead("execute.prepare:STEREO", 99), (LADDERS,)),
    Bug("a segment without sound is taken",
        _instead("tidal.stream:_require_sound", _nothing), (LADDERS,)),
    Bug("an answer about another track is taken",
        _instead("tidal.playback:_require_same", _nothing), (LADDERS,)),
    Bug("the first tier is the last",
        _instead("tidal.playback:next_tier", _one_tier), (LADDERS,)),
    Bug("what was wrong at one tier is not asked at another",
        _instead("execute.download:Downloads._tried_again", lambda *_: False), (LADDERS,)),
    Bug("what cannot be read is empty",
        _instead("core.states:Scan.hides", lambda *_: False), (UNKNOWN,)),
    Bug("an inode number is an identity",
        _instead("core.folders:_holds_what_is_ours", lambda *_: True), (INODES,)),
    Bug("rows are collected that the journal names",
        _instead("db.snapshots:_AFTER_LIST", _collected()), (LATER,)),
    Bug("one step that cannot be noted ends recovery",
        _instead("execute.recovery:_note_done", _all_or_nothing), (LATER,)),
    Bug("an undo looks where things were",
        _instead("execute.undo:folders_since", lambda *_: {}), (ELSEWHERE,)),
    Bug("links made since an undone run dangle",
        _instead("execute.undo:links_since", lambda *_: []), (ELSEWHERE,)),
    Bug("a link is taken away for one that leads to nothing",
        _instead("execute.undo:_Reversing._without_lost_links", lambda _, done, __: done),
        (ELSEWHERE,)),
    Bug("a link that was to give way stays as it was",
        _instead("execute.deeds:Deeds._keep_whole", _nothing), (HALF_DONE,)),
    Bug("a file seen nowhere is fetched at once",
        _instead("library.scan:_lost", lambda *_: []), (MOVING,)),
    Bug("an older state is a snapshot",
        _instead("core.remote:KnownPlaylist.is_newer_than", _never_newer), (STALE,)),
    Bug("what a list lacks is gone",
        _instead("tidal.absent:_ask_for", _all_gone), (STALE,)),
    Bug("items of another state are believed",
        _instead("tidal.contents:_seems_of_another_state", lambda *_: False), (STALE,)),
    Bug("what lies in the trash is believed unread",
        _instead("library.hashing:sha256_file", _nothing), (("tests/cli/test_taken_back.py",),)),
    Bug("every refusal is taken for the track's",
        _instead("execute.governor:Governor.find_out", _plays_by_belief), (REFUSALS,)),
    Bug("a refusal is about a tier, whatever its number",
        _instead("tidal.refusals:Row.fits", _of_a_tier), (REFUSALS,)),
    Bug("refusals alike are asked for on and on",
        _instead("execute.governor:IN_A_ROW", 10**9), (PAUSES,)),
    Bug("an unavailable track is never asked for again",
        _instead("app.check:ask_again", lambda *_: None), (ASKED_AGAIN,)),
    Bug("a damaged file goes before its successor comes",
        _instead("library.files.replace:Replacing._replace", _through_a_gap), (DAMAGE,)),
    Bug("a damaged file is written over",
        _instead("library.files.replace:Replacing._replace", _over_the_old), (DAMAGE,)),
    Bug("a changed file is believed unread",
        _instead("library.proof:prove", _whole_anyway), (CHANGED,)),
    Bug("damaged by times alone",
        _instead("app.judge:Judge._proven", _judged_by_times), (CHANGED,)),
    Bug("a person's link is one of ours that was spoiled",
        _instead("core.cases:own_links", lambda *_: {}), (YOURS,)),
    Bug("a person's version is a copy of ours",
        _instead("core.cases:own_versions", lambda *_: set()), (YOURS,)),
    Bug("hard links to older bytes are nobody's",
        _instead("core.verdict:is_as_left", lambda *_: False), (YOURS,)),
    Bug("verify misses what a person's link stands for",
        _instead("app.verify:_is_yours", lambda *_: False), (THEIRS,)),
    Bug("a recording's code alone tells",
        _instead("core.cases:same_recording", lambda one, other: one.isrc == other.isrc), (CODES,)),
    Bug("a code that stands for other music is believed",
        _instead("core.cases:burnt_codes", lambda *_: frozenset()), (CODES,)),
    Bug("an old id in the tags outranks inode and content",
        _instead("core.identity:Recogniser._owners", {}), (CODES,)),
    Bug("all lost files are fetched again unasked",
        _instead("core.guard:REFETCHED_UNASKED", 10**9), (("tests/core/test_guard.py",),)),
    Bug("an unsynchronised tag is read as it stands",
        _instead("library.id3:_synchronised", lambda data: data), (FORMS,)),
)  # fmt: skip


def caught_by(number: int) -> str | None:
    """The battery that fails with this bug in place; None when all are content."""
    environment = dict(os.environ)
    environment |= {f"STRANDLINE_RUNS_{name}": size for name, size in SMALL.items()}
    environment["STRANDLINE_TEST_EXAMPLES"] = "300"
    for tests in BUGS[number].asked:
        command = [sys.executable, "-m", "tests.faults.seeded", "--plant", str(number), *tests]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        if done.returncode == 1:
            return Path(tests[0]).stem.removeprefix("test_")
        assert done.returncode == 0, done.stdout + done.stderr  # 2 and up: the tests did not run
    return None


def _planted(number: int, tests: Sequence[str]) -> int:
    import pytest

    BUGS[number].plant()
    return int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests]))


def main(words: Sequence[str]) -> int:
    """The table; 1 when a bug got away."""
    if words and words[0] == "--plant":
        return _planted(int(words[1]), words[2:])
    numbers = [int(word) - 1 for word in words] or list(range(len(BUGS)))
    free = 0
    print("| | seeded bug | caught by | seconds |\n|---|---|---|---|")
    for number in numbers:
        began = time.monotonic()
        catcher = caught_by(number)
        free += catcher is None
        seconds = time.monotonic() - began
        text = (
            f"| {number + 1} | {BUGS[number].name} | {catcher or '**nothing**'} | {seconds:.0f} |"
        )
        print(text, flush=True)
    return 1 if free else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
