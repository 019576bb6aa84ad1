"""Known-bad variants of strandline, each of which a battery must catch.

    python -m tests.faults.seeded            every variant, as a table: caught by, seconds
    python -m tests.faults.seeded 4 11       only these

A variant is one careless line. It is planted in a process of its own, against the batteries of its
kind.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from tests.faults import careless
from tests.faults.nursery import Nursery

KILLS = ("tests/faults/test_kills.py", "-k", "leaves or swap or equal or first or copies")
LEAVING = ("tests/faults/test_kills.py", "-k", "leaves and every")
LEFT_PRIMARY = ("tests/faults/test_kills.py", "-k", "leaves and primary")
SWAPS = ("tests/faults/test_swaps.py", "-k", "swap or equal or damaged or copies or leaves")
LISTS = ("tests/faults/test_service.py", "-k", "for and ever and playlistsAnd")
SERVICE = ("tests/faults/test_service.py", "-k", "items or mediatracks or Favorite")
LIVES = ("tests/faults/test_stateful.py",)
NAMES = ("tests/faults/test_hostile_names.py",)
SECURITY = ("tests/faults/test_security.py",)
SECRETS = ("tests/cli/test_secrets.py",)
PLANNER = ("tests/core/test_plan_properties.py",)
DURABLE = ("tests/faults/test_durable.py",)
CHANGES = ("tests/adapters/test_executor.py", "tests/adapters/test_files_links.py")
REFUSALS = ("tests/faults/test_refusals.py", "-k", "ever and playback")
PAUSES = ("tests/execute/test_refusals.py", "-k", "alike")
ASKED_AGAIN = ("tests/cli/test_asked_again.py", "-k", "upload or named")
STOPS = ("tests/cli/test_sync.py", "tests/cli/test_failures.py", "tests/adapters/test_marker.py")
LADDERS = ("tests/faults/test_ladders.py", "-k", "page and lossless")
OLD_LADDERS = ("tests/faults/test_ladders.py", "-k", "old and lossless")
UNKNOWN = ("tests/core/test_unknown.py",)
INODES = ("tests/core/test_inodes.py",)
REUSED = ("tests/execute/test_recovery_doubt.py", "-k", "inode")
LATER = ("tests/scenarios/test_undone_later.py", "-k", "cannot_be_settled")
ELSEWHERE = ("tests/scenarios/test_undone_elsewhere.py",)
HALF_DONE = ("tests/execute/test_half_done.py",)
MOVING = ("tests/scenarios/test_unknown_places.py", "-k", "moves_while")
STALE = ("tests/faults/test_stale_reads.py",)
ABSENT = ("tests/faults/test_stale_reads.py", "-k", "no_end_of_it")
DAMAGE = ("tests/faults/test_kills.py", "-k", "whatever_the_disk")
CHANGED = ("tests/cli/test_damaged.py", "-k", "rubbish or put_back or stays")
FORMS = ("tests/adapters/test_id3.py",)
YOURS = ("tests/core/test_user_entries.py",)
CODES = ("tests/core/test_takeover.py",)
CONVERGES = ("tests/core/test_converges.py",)
REFUSED = ("tests/scenarios/test_checked.py", "-k", "a_no")
SAVED = ("tests/scenarios/test_plan_file.py",)
OWNERS = ("tests/scenarios/test_undone_rows.py", "tests/scenarios/test_undone_later.py")
STATUSES = ("tests/cli/test_statuses.py", "-k", "nowhere or gone or broken")
WHOLE = ("tests/adapters/test_whole_formats.py",)
RANDOM = ("tests/faults/test_lives.py",)
ONE_LIFE = ("tests/faults/test_lives.py", "-k", "spoils and 32000015")
RETENTION = ("tests/cli/test_retention.py",)
THEIRS = ("tests/scenarios/test_persons_files.py", "-k", "annexed")
GIVEN_BACK = ("tests/cli/test_import.py", "-k", "undo and move")
MEANWHILE = ("tests/faults/test_import_meanwhile.py", "-k", "not call_that_fails")
IMPORTED = ("tests/cli/test_imported.py",)
FOLLOWS = ("tests/cli/test_reapply_audio.py", "-k", "nothing_is_fetched")
CUES = ("tests/cli/test_reapply_cues.py", "-k", "seratos")
SCOPE = ("tests/cli/test_reapply_scope.py", "-k", "import")
STUCK = ("tests/cli/test_reapply_marks.py", "-k", "cannot_leave and symlink")
LAYOUT = ("tests/cli/test_layout.py", "-k", "lost_in_the_pool")
POOL = ("tests/cli/test_pool.py", "-k", "link_s_place")


class Bug(NamedTuple):
    """What is wrong, how to make it so, and the batteries to ask, in order."""

    name: str
    plant: Callable[[], None]
    asked: tuple[tuple[str, ...], ...]
    quick: bool = True
    """Caught within seconds: so it is tried in every test run."""


REPLACED: list[str] = []
"""What the bugs replace, by its path."""


def _instead(path: str, new: Any) -> Callable[[], None]:
    """Put ``new`` where ``package.module:Class.name`` or ``package.module:name`` is."""
    REPLACED.append(path)

    def plant() -> None:
        owner, last = found(path)
        setattr(owner, last, new)

    return plant


def found(path: str) -> tuple[Any, str]:
    """What holds ``package.module:Class.name``, and the name; AssertionError if it does not."""
    module, _, names = path.partition(":")
    owner: Any = import_module(f"strandline.{module}")
    *between, last = names.split(".")
    for name in between:
        owner = getattr(owner, name)
    assert hasattr(owner, last), path
    return owner, last


BUGS = (
    Bug("no fsync",
        _instead("library.files.syscalls:Syscalls.fsync", careless.nothing), (DURABLE,)),
    Bug("renames over what is there",
        _instead("library.files.syscalls:Syscalls.rename_noreplace", careless.rename_over),
        (SWAPS,),
        quick=False),
    Bug("no second look before a step",
        _instead("library.files.root:LibraryRoot._shift", careless.shift_blindly), (SWAPS,),
        quick=False),
    Bug("unlinks in place of the trash",
        _instead("library.files.library:LibraryFiles.to_trash", careless.unlink), (LEAVING,)),
    Bug("done is committed before the disk is",
        _instead("execute.batch:Batch._act", careless.noted_first), (LEAVING,)),
    Bug("a second copy goes unchecked",
        _instead("execute.handlers.apply:ActionApplier._other_copy",
                 careless.nothing), (CHANGES, SWAPS),
        quick=False),
    Bug("a short page is believed",
        _instead("tidal.pages:mismatch", lambda *_: None), (LISTS,)),
    Bug("no limit on removals",
        _instead("app.check:alarms", lambda *_, **__: []), (SERVICE, STOPS),
        quick=False),
    Bug("folders behind links are entered",
        _instead("library.files.syscalls:Syscalls.open_folder", careless.follows),
        (SECURITY, SWAPS)),
    Bug("two names may be one",
        _instead("core.names:free_name", careless.taken_anyway), (NAMES, PLANNER)),
    Bug("audio is published unchecked",
        _instead("execute.prepare:_checked", careless.believed), (SERVICE,),
        quick=False),
    Bug("a final name grows",
        _instead("library.files.library:LibraryFiles.publish", careless.published_piecemeal),
        (KILLS,)),
    Bug("recovery believes the database",
        _instead("execute.recovery:inspect_step", careless.all_done), (LEFT_PRIMARY,)),
    Bug("no recovery at all",
        _instead("execute.recovery:recover", lambda *_: []), (KILLS,)),
    Bug("a stale copy is written over",
        _instead("library.files.library:LibraryFiles.replace_copy", careless.copied_over),
        (CHANGES,)),
    Bug("the lock is not taken",
        _instead("library.lock:_hold", careless.nothing), (("tests/adapters/test_marker.py",),)),
    Bug("names reach the terminal as they are",
        _instead("cli.output:clean", lambda text: text), (NAMES,)),
    Bug("any address is asked",
        _instead("tidal.address:_allowed", lambda *_: True), (SECURITY,)),
    Bug("the log keeps secrets",
        _instead("app.logs:redact", lambda text, *_: text), (SECRETS,)),
    Bug("what TIDAL says of the quality is believed",
        _instead("execute.prepare:tier_of", careless.as_said), (OLD_LADDERS,)),
    Bug("5.1 is taken for the stereo track",
        _instead("execute.prepare:STEREO", 99), (LADDERS,)),
    Bug("a segment without sound is taken",
        _instead("tidal.stream:_require_sound", careless.nothing), (LADDERS,)),
    Bug("an answer about another track is taken",
        _instead("tidal.playback:_require_same", careless.nothing), (LADDERS,)),
    Bug("the first tier is the last",
        _instead("tidal.playback:next_tier", careless.one_tier), (LADDERS,)),
    Bug("what was wrong at one tier is not asked at another",
        _instead("execute.download:Downloads._tried_again", lambda *_: False), (LADDERS,)),
    Bug("what cannot be read is empty",
        _instead("core.states:Scan.hides", lambda *_: False), (UNKNOWN,)),
    Bug("an inode number is an identity",
        _instead("core.folder_names:holds_what_is_ours", lambda *_: True), (INODES,)),
    Bug("rows are collected that the journal names",
        _instead("db.snapshots:_AFTER_LIST", careless.collected()), (LATER,)),
    Bug("one step that cannot be noted ends recovery",
        _instead("execute.recovery:_note_done", careless.all_or_nothing), (LATER,)),
    Bug("an undo looks where things were",
        _instead("execute.undo:folders_since", lambda *_: {}), (ELSEWHERE,)),
    Bug("links made since an undone run dangle",
        _instead("execute.undo:links_since", lambda *_: []), (ELSEWHERE,)),
    Bug("a link is taken away for one that leads to nothing",
        _instead("execute.undo:_Reversing._without_lost_links", lambda _, done, __: done),
        (ELSEWHERE,)),
    Bug("a link that was to give way stays as it was",
        _instead("execute.handlers.apply:ActionApplier._keep_whole",
                 careless.nothing), (HALF_DONE,)),
    Bug("a file seen nowhere is fetched at once",
        _instead("library.scan.service:_lost", lambda *_: []), (MOVING,)),
    Bug("an older state is a snapshot",
        _instead("core.remote:KnownPlaylist.is_newer_than", careless.never_newer), (STALE,)),
    Bug("what a list lacks is gone",
        _instead("tidal.absent:_ask_for", careless.all_gone), (ABSENT,)),
    Bug("items of another state are believed",
        _instead("tidal.contents:_seems_of_another_state", lambda *_: False), (STALE,)),
    Bug("what lies in the trash is believed unread",
        _instead("library.hashing.sha256:sha256_file", careless.nothing),
        (("tests/cli/test_taken_back.py",),)),
    Bug("every refusal is taken for the track's",
        _instead("execute.circuit_breaker:CircuitBreaker.find_out",
                 careless.plays_by_belief), (REFUSALS,)),
    Bug("a refusal is about a tier, whatever its number",
        _instead("tidal.refusals:Row.fits", careless.of_a_tier), (REFUSALS,)),
    Bug("refusals alike are asked for on and on",
        _instead("execute.circuit_breaker:IN_A_ROW", 10**9), (PAUSES,)),
    Bug("an unavailable track is never asked for again",
        _instead("app.check:ask_again", lambda *_: None), (ASKED_AGAIN,)),
    Bug("a damaged file goes before its successor comes",
        _instead("library.files.replace:Replacing._replace", careless.through_a_gap), (DAMAGE,)),
    Bug("a damaged file is written over",
        _instead("library.files.replace:Replacing._replace", careless.over_the_old), (DAMAGE,)),
    Bug("a changed file is believed unread",
        _instead("library.audio.proof:prove", careless.whole_anyway), (CHANGED,)),
    Bug("damaged by times alone",
        _instead("app.file_integrity:FileChecker._proven", careless.judged_by_times), (CHANGED,)),
    Bug("a person's link is one of ours that was spoiled",
        _instead("core.track_cases:user_links", lambda *_: {}), (YOURS,)),
    Bug("a person's version is a copy of ours",
        _instead("core.track_cases:user_versions", lambda *_: set()), (YOURS,)),
    Bug("hard links to older bytes are nobody's",
        _instead("core.removals:is_as_left", lambda *_: False), (YOURS,)),
    Bug("verify misses what a person's link stands for",
        _instead("app.verify:_is_yours", lambda *_: False), (THEIRS,)),
    Bug("a recording's code alone tells",
        _instead("core.replaced_ids:same_recording", lambda one, other: one.isrc == other.isrc),
        (CODES,)),
    Bug("a code that stands for other music is believed",
        _instead("core.replaced_ids:burnt_codes", lambda *_: frozenset()), (CODES,)),
    Bug("an old id in the tags outranks inode and content",
        _instead("core.identity:Recogniser._owners", {}), (("tests/core/test_identity.py",),)),
    Bug("all lost files are fetched again unasked",
        _instead("core.safety_stops:REFETCHED_UNASKED",
                 10**9), (("tests/core/test_safety_stops.py",),)),
    Bug("an unsynchronised tag is read as it stands",
        _instead("library.tags.id3:_synchronised", lambda data: data), (FORMS,)),
    Bug("after a kill an inode number is an identity",
        _instead("execute.recovery:_holds_ours", lambda *_: True), (REUSED,)),
    Bug("a check believes what waits for its steps",
        _instead("core.action_builder:ActionBuilder.waits", False), (ONE_LIFE,)),
    Bug("what another track's file takes the place of is believed there still",
        _instead("core.action_builder:ActionBuilder.yields", lambda *_: []), (CONVERGES,)),
    Bug("what moved is believed at the place it left, too",
        _instead("core.ledger_facts:facts_of", careless.never_leaving()),
        (("tests/core/test_ledger_facts.py",),)),
    Bug("a no writes what only a yes makes true",
        _instead("app.execute:save", careless.noted_at_once), (REFUSED,)),
    Bug("an undo notes whose the places were",
        _instead("execute.owners:Owners.of_today", lambda _, action: [action]), (OWNERS,)),
    Bug("steps that were set aside are told to nobody",
        _instead("app.unfinished_steps:unfinished_steps", lambda _: ()), (LATER,)),
    Bug("a container that shows damage is not asked",
        _instead("library.audio.structure:fault_in", careless.nothing), (WHOLE,)),
    Bug("links that lead nowhere are in sync",
        _instead("app.statuses:broken_links", lambda _: frozenset()), (STATUSES,)),
    Bug("the trash is emptied before its time",
        _instead("core.retention:is_old", lambda *_, **__: True), (RANDOM,),
        quick=False),
    Bug("whatever is old enough is emptied",
        _instead("core.retention:may_go", lambda *_: True), (RETENTION,)),
    Bug("what TIDAL offers no more is emptied",
        _instead("app.retention:_is_offered", lambda *_: True), (RETENTION,)),
    Bug("a plan made for links is done where there are none",
        _instead("app.execute:_Run._with_real_links", lambda _, __, checked, ___: checked),
        (SAVED,)),
    Bug("a person's own file lies with what may be emptied",
        _instead("execute.run_log:RunLog._back_to_import", lambda _, action: action), (IMPORTED,)),
    Bug("what changed since the plan is imported all the same",
        _instead("library.files.incoming:Incoming._require_as_seen", careless.nothing),
        (MEANWHILE,)),
    Bug("a copy of a person's file is believed unread",
        _instead("library.files.incoming:Incoming._copied", careless.copied_unread), (MEANWHILE,)),
    Bug("an undo writes over what came where a file was",
        _instead("library.files.incoming:Incoming.give_back", careless.given_back_over),
        (MEANWHILE,)),
    Bug("a file that was moved in is taken away like a download",
        _instead("execute.handlers.invert:Inverter._came",
                 lambda self, it, row: self._away(it, row)),
        (GIVEN_BACK,)),
    Bug("by age every trash is emptied",
        _instead("app.trash:_is_import", lambda *_: False), (IMPORTED,)),
    Bug("links do not follow another format",
        _instead("execute.exchanges:Exchanges._follow", careless.nothing), (FOLLOWS,)),
    Bug("what the new form cannot hold is dropped",
        _instead("library.tags.carry:not_carried", lambda *_: ()), (CUES,)),
    Bug("a person's own files are made anew unasked",
        _instead("app.reapply_audio:obstacle", lambda *_: ""), (SCOPE,)),
    Bug("the new form stays beside an old one that cannot leave",
        _instead("execute.exchanges:Exchanges._as_before", careless.nothing), (STUCK,)),
    Bug("what lies in the pool is told by the folders of playlists",
        _instead("app.observe:_may_be_partial", lambda *_: True), (LAYOUT,)),
    Bug("in the pool a person's version is the audio",
        _instead("core.track_cases:user_versions", lambda *_: set()), (POOL,)),
    Bug("what an undo took away is nobody's",
        _instead("app.observe:knowing_fetched", lambda ledger, *_: ledger), (POOL,)),
)  # fmt: skip

SPOILT_LIVES = {
    "unlinks in place of the trash": 32_000_000,
    "done is committed before the disk is": 31_000_034,
    "two names may be one": 31_000_001,
    "a final name grows": 31_000_000,
    "links made since an undone run dangle": 31_000_005,
    "a damaged file is written over": 31_000_000,
    "a changed file is believed unread": 31_000_010,
    "damaged by times alone": 31_000_009,
    "a no writes what only a yes makes true": 32_000_003,
    "a check believes what waits for its steps": 32_000_015,
    "the trash is emptied before its time": 1_008_000,
}
"""Random lives that notice a bug by themselves, whatever else does: one life a bug."""


def spoils_its_life(number: int, nursery: Nursery) -> bool:
    """Whether the life that is known to notice this bug does."""
    life = SPOILT_LIVES[BUGS[number].name]
    code, said = nursery.tried(number, ("tests/faults/test_lives.py", "-k", f"spoils and {life}"))
    assert code in (0, 1), said
    return code == 1


def caught_by(number: int, nursery: Nursery) -> str | None:
    """The battery that fails with this bug in place; None when all are content."""
    for tests in BUGS[number].asked:
        code, said = nursery.tried(number, tests)
        if code == 1:
            return Path(tests[0]).stem.removeprefix("test_")
        assert code == 0, said  # 2 and up: the tests did not run
    return None


def main(words: Sequence[str]) -> int:
    """The table; 1 when a bug got away."""
    numbers = [int(word) - 1 for word in words] or list(range(len(BUGS)))
    free = 0
    print("| | seeded bug | caught by | seconds |\n|---|---|---|---|")
    with Nursery() as nursery:
        for number in numbers:
            began = time.monotonic()
            catcher = caught_by(number, nursery)
            free += catcher is None
            seconds = time.monotonic() - began
            told = f"{BUGS[number].name} | {catcher or '**nothing**'} | {seconds:.0f}"
            print(f"| {number + 1} | {told} |", flush=True)
    return 1 if free else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
