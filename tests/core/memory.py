"""One person's account, library and ledger in memory, synced again and again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from strandline.core.actions import RenameFolder
from strandline.core.decide import SyncDecisionEngine
from strandline.core.ids import PlaylistId, TrackId
from strandline.core.ledger_facts import with_facts
from strandline.core.plan import Plan
from strandline.core.policy import Policy
from strandline.core.states import Kind, Ledger, Scan, Snapshot, WantedPlaylist, WantedTrack
from tests.core.disk import MemoryLibrary, renames_done

EMPTY = Ledger({}, {}, {})


@dataclass
class Story:
    """One person's account, library and ledger, synced again and again."""

    library: MemoryLibrary = field(default_factory=MemoryLibrary)
    ledger: Ledger = EMPTY
    playlists: dict[str, list[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """Playlist key -> its TIDAL name, where that is not the key itself."""
    tracks: dict[str, WantedTrack] = field(default_factory=dict)
    incomplete: dict[str, str] = field(default_factory=dict)
    complete: bool = True
    policy: Policy = field(default_factory=Policy)

    def track(self, key: str, **fields: Any) -> WantedTrack:
        """TIDAL's word on a track; ``key`` is its id and, unless said otherwise, its title."""
        known = self.tracks.get(key, WantedTrack(TrackId(key), "Artist", key, None, 200, None))
        self.tracks[key] = known._replace(**fields)
        return self.tracks[key]

    @property
    def snapshot(self) -> Snapshot:
        for tracks in self.playlists.values():
            for key in tracks:
                self.track(key)
        listed = {key for tracks in self.playlists.values() for key in tracks}
        on_disk = {track for _, track in self.ledger.entries}
        return Snapshot(
            {
                PlaylistId(key): WantedPlaylist(
                    PlaylistId(key),
                    self.names.get(key, key),
                    tuple(dict.fromkeys(TrackId(track) for track in tracks)),
                    self.incomplete.get(key),
                )
                for key, tracks in self.playlists.items()
            },
            {TrackId(key): track for key, track in self.tracks.items() if key in listed},
            self.complete,
            leaving={
                TrackId(key): it
                for key, it in self.tracks.items()
                if key not in listed and key in on_disk
            },
        )

    def check(self) -> Plan:
        """The plan for the world as it is; facts recognised go into the ledger, as in a check."""
        engine = SyncDecisionEngine(self.policy)
        return engine.decide(self.snapshot, self.ledger, self._scan())

    def _scan(self) -> Scan:
        return self.library.scan(self.ledger, self.snapshot)

    def note(self, plan: Plan) -> None:
        """What a check recognised is believed."""
        self.ledger = with_facts(self.ledger, plan.facts)

    def sync(self) -> Plan:
        """Check, do it all, and look again: what is true only now is recognised then."""
        plan = self.check()
        self.ledger = with_facts(self.ledger, (*plan.facts, *plan.agreed))
        self.ledger = renames_done(self.library, plan.actions, self.ledger)
        for action in plan.actions:
            if not isinstance(action, RenameFolder):
                self.ledger = self.library.do(action, self.ledger)
        self.ledger = with_facts(self.ledger, self.check().facts)
        return plan

    def words(self, plan: Plan) -> list[str]:
        """``download A/Artist - x.mp3 (new_playlist)`` …, in the order of execution."""
        return [
            f"{action.name} {action.path.removeprefix('Playlists/')} ({action.because.value})"
            for action in plan.actions
        ]


def synced(kind: Kind = Kind.SYMLINK, **playlists: list[str]) -> Story:
    """Playlists as named, synced; ``x`` in A and B where none is."""
    story = Story(playlists=playlists or {"A": ["x"], "B": ["x"]}, policy=Policy(link_kind=kind))
    story.sync()
    assert story.check().actions == ()
    return story


def settled(story: Story) -> bool:
    """Nothing to do and nothing to note."""
    plan = story.check()
    return plan.actions == plan.facts == ()
