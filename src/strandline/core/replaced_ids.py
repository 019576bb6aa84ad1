"""Track ids that TIDAL replaced: what was the old one's is the new one's from then on.

A release gets a new id, the recording stays the same. The states are read as if it had always had
the new one, before anything is decided; so no rule beyond this file knows of old ids.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from strandline.core.identity import Recogniser
from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.ledger_facts import (
    EntryGone,
    EntryIs,
    FileGone,
    FileIs,
    IdBack,
    IdReplaced,
    LedgerFact,
    with_facts,
)
from strandline.core.policy import Policy
from strandline.core.recordings import (
    burnt_codes,
    same_recording,
    same_sound_by_words,
    valid_code,
)
from strandline.core.same_recordings import groups_of
from strandline.core.states import Kind, Ledger, LedgerEntry, Scan, Snapshot, WantedTrack


class Renumbered(NamedTuple):
    """Ledger and scan with today's ids. ``facts`` lead from the old ledger to this one.

    They presuppose nothing that is to be done: any check may save them.
    """

    ledger: Ledger
    scan: Scan
    facts: tuple[LedgerFact, ...] = ()


def with_new_ids(snapshot: Snapshot, ledger: Ledger, scan: Scan, policy: Policy) -> Renumbered:
    """The same states as if every id that TIDAL replaced had never been.

    What playlists that the settings leave out listed when they were last read may have got new
    ids since.
    """
    listed, leaving = _listed_and_leaving(snapshot, ledger, policy.left_out)
    facts: list[LedgerFact] = []
    heirs = dict(_heirs(snapshot, ledger))
    coded = any(valid_code(track.isrc) for track in leaving.values())
    if snapshot.replacements or heirs or coded:
        named = _named_anew(scan, ledger.replaced)
        for old, new in _successors(snapshot, listed, leaving, ledger, named, heirs, policy):
            facts += _taken_over(old, new, ledger, scan)
        ledger = with_facts(ledger, facts)
    back = [IdBack(old) for old in ledger.replaced if old in listed]
    ledger = with_facts(ledger, back) if back else ledger
    return Renumbered(ledger, _named_anew(scan, ledger.replaced), (*facts, *back))


def _heirs(snapshot: Snapshot, ledger: Ledger) -> Iterator[tuple[TrackId, TrackId]]:
    """Whose file goes over to which track that shares it, for no playlist lists the first."""
    for track, holder in sorted(ledger.shared.items(), reverse=True):  # the first comes last
        if holder in snapshot.leaving and track in snapshot.tracks:
            yield holder, track


def _listed_and_leaving(
    snapshot: Snapshot, ledger: Ledger, unread: Container[PlaylistId]
) -> tuple[Mapping[TrackId, WantedTrack], Mapping[TrackId, WantedTrack]]:
    """What TIDAL is known to list now, and what is on disk beyond that."""
    playlists = snapshot.playlists
    if not any(id in unread for id in playlists):
        return snapshot.tracks, snapshot.leaving
    told = {t for id, playlist in playlists.items() if id not in unread for t in playlist.tracks}
    held = {entry.track for entry in ledger.entries.values()}
    tracks = snapshot.tracks
    listed = {id: track for id, track in tracks.items() if id in told}
    rest = {id: track for id, track in tracks.items() if id in held and id not in told}
    return listed, snapshot.leaving | rest


def _named_anew(scan: Scan, replaced: Mapping[TrackId, TrackId]) -> Scan:
    """Old ids in tags mean the new ones."""
    told = {
        path: seen._replace(embedded=new)
        for path, seen in (scan.evidence.items() if replaced else ())
        if seen.embedded and (new := replaced.get(seen.embedded))
    }
    return replace(scan, evidence=scan.evidence | told) if told else scan


# ---------------------------------------------------------------- who succeeds whom


def _successors(
    snapshot: Snapshot,
    listed: Mapping[TrackId, WantedTrack],
    leaving: Mapping[TrackId, WantedTrack],
    ledger: Ledger,
    scan: Scan,
    heirs: Mapping[TrackId, TrackId],
    policy: Policy,
) -> Iterator[tuple[TrackId, TrackId]]:
    """Pairs of an old id that no playlist lists any more, and the new one, without audio.

    Of the old one there is audio, or a link that waits for it: what comes for the new one is its.
    """
    comes: dict[str, list[WantedTrack]] = defaultdict(list)
    for _, track in sorted(listed.items()):
        if code := valid_code(track.isrc):
            comes[code].append(track)
    told = snapshot.replacements
    left = [
        track
        for _, track in sorted(leaving.items())
        if valid_code(track.isrc) in comes or told.get(track.id) in listed or track.id in heirs
    ]
    if not left:
        return
    mates = _mates(left, listed, snapshot, policy) if policy.recordings else {}
    known = _Known(snapshot, ledger, scan, mates)
    left = [it for it in left if not known.is_held(it.id) and known.has_anything(it.id)]
    left = [it for it in left if it.id not in ledger.shared and it.id not in ledger.replaced]
    burnt = burnt_codes([*listed.values(), *snapshot.alike.values()], left)
    taken: set[TrackId] = set()
    by_word = dict(_by_tidals_word(left, listed, told, known))
    by_word |= {it.id: new for it in left if (new := heirs.get(it.id)) and not known.has_file(new)}
    for old in left:
        if new := by_word.get(old.id):
            taken.add(new)
            yield old.id, new
            continue
        code = valid_code(old.isrc) or ""
        alike = (it.id for it in comes[code] if code not in burnt and same_recording(old, it))
        gone = taken.union(by_word.values())
        free = (id for id in alike if id not in gone and not known.has_audio(id))
        if new := next(free, None):
            taken.add(new)
            yield old.id, new


def _mates(
    left: Iterable[WantedTrack],
    listed: Mapping[TrackId, WantedTrack],
    snapshot: Snapshot,
    policy: Policy,
) -> Mapping[TrackId, Iterable[TrackId]]:
    """Of those that could come in their stead: all that share, or are to share, one file."""
    codes = {valid_code(track.isrc) for track in left} - {None}
    pinned = {id for both in policy.answers.pinned for id in both}
    come = {id: it for id, it in listed.items() if valid_code(it.isrc) in codes or id in pinned}
    groups = groups_of(come, policy.answers, snapshot.tracks)
    return {id: group for group in groups for id in group}


def _by_tidals_word(
    left: Iterable[WantedTrack],
    listed: Mapping[TrackId, WantedTrack],
    told: Mapping[TrackId, TrackId],
    known: _Known,
) -> Iterator[tuple[TrackId, TrackId]]:
    """TIDAL's own answer, where the new one could be the same sound."""
    taken: set[TrackId] = set()
    for old in left:
        new = told.get(old.id)
        track = listed.get(new) if new else None
        if track is None or track.id in taken or known.has_audio(track.id):
            continue
        if same_sound_by_words(old, track):
            taken.add(track.id)
            yield old.id, track.id


class _Known:
    """What the states before any change know of single tracks."""

    def __init__(
        self,
        snapshot: Snapshot,
        ledger: Ledger,
        scan: Scan,
        mates: Mapping[TrackId, Iterable[TrackId]],
    ) -> None:
        self._ledger, self._scan, self._listed = ledger, scan, snapshot.tracks
        self._mates = mates
        self._recogniser = Recogniser(
            scan.files, scan.evidence, ledger.files, ledger.entries.values(), snapshot
        )
        self._entries: dict[TrackId, list[LedgerEntry]] = defaultdict(list)
        for entry in ledger.entries.values():
            self._entries[entry.track].append(entry)
        read = snapshot.playlists
        self._whole = {id for id, it in read.items() if it.incomplete is None}
        if snapshot.complete:
            self._whole |= ledger.playlists.keys() - read.keys()

    def is_held(self, track: TrackId) -> bool:
        """Whether a playlist may still list it that could not be read: unknown is not empty."""
        return any(entry.playlist not in self._whole for entry in self._entries[track])

    def has_audio(self, track: TrackId) -> bool:
        """Whether any file or link of a person's stands for it, or may where nobody could look.

        Or the file of another id of its recording, while TIDAL lists that.
        """
        others = {*self._mates.get(track, ()), self._ledger.shared.get(track, track)}
        others &= self._listed.keys()
        return self._has_its_own(track) or any(self._has_its_own(id) for id in others)

    def _has_its_own(self, track: TrackId) -> bool:
        known = self._ledger.files.get(track)
        places = [known.path] if known else []
        places += (it.path for it in self._entries[track] if it.kind is not Kind.SYMLINK)
        hidden = any(map(self._scan.hides, places))
        return hidden or self._stands(track, places) or bool(self._recogniser.recognise(track))

    def has_file(self, track: TrackId) -> bool:
        """Whether a file of ours stands for it that is its own."""
        ours = (Kind.PRIMARY, Kind.COPY, Kind.HARDLINK)
        own = any(entry.kind in ours for entry in self._entries[track])
        return own or track in self._ledger.files

    def has_anything(self, track: TrackId) -> bool:
        """The same, or a link of ours, whose audio may be lost."""
        links = (entry.path in self._scan.links for entry in self._entries[track])
        return any(links) or self.has_audio(track)

    def _stands(self, track: TrackId, places: Iterable[LibPath]) -> bool:
        """At a place of an entry: a link there is a person's."""
        second = {
            e.path for e in self._entries[track] if e.kind not in (Kind.SYMLINK, Kind.PRIMARY)
        }
        return any(
            path in self._scan.links or (path in second and path in self._scan.files)
            for path in places
        )


# ---------------------------------------------------------------- what goes over


def _taken_over(old: TrackId, new: TrackId, ledger: Ledger, scan: Scan) -> Iterator[LedgerFact]:
    """Audio, entries and the id in tags; where the new one has an entry that stands, it keeps it.

    What is then left of the old one is cleared as of any track that no playlist lists.
    """
    yield IdReplaced(old, new)
    for (playlist, track), entry in ledger.entries.items():
        if track != old:
            continue
        own = ledger.entries.get((playlist, new))
        if own is None or not (own.path in scan.files or own.path in scan.links):
            yield EntryGone(playlist, old)
            yield EntryIs(entry._replace(track=new))
    if known := ledger.files.get(old):
        yield FileGone(old)
        yield FileIs(known._replace(track=new))
