"""Where each entry is, and where it shall be. A name once given stays."""

from __future__ import annotations

from collections.abc import Container, Iterable
from functools import cached_property
from typing import NamedTuple

from strandline.core.ids import (
    LibPath,
    PlaylistId,
    TrackId,
    entry_path,
    is_entry,
    name_of,
    stem_of,
)
from strandline.core.names import (
    AUDIO_EXTENSIONS,
    collision_key,
    display_name,
    is_name_for,
    track_base,
    track_name,
)
from strandline.core.states import Kind
from strandline.core.track_cases import Case, TrackCases

Key = tuple[PlaylistId, TrackId]


class CurrentEntry(NamedTuple):
    """What is on disk today for one track in one playlist."""

    path: LibPath
    is_link: bool
    named_for: str | None


class TargetEntry(NamedTuple):
    """Where an entry shall be; ``named_for`` is the TIDAL name it was given for."""

    path: LibPath
    named_for: str | None


class EntryPaths:
    """The current and the target entry of every (playlist, track) of the cases."""

    def __init__(self, track_cases: TrackCases) -> None:
        self.track_cases, self.states = track_cases, track_cases.states
        self.of_playlist: dict[PlaylistId, list[Case]] = {}
        for case in track_cases.cases.values():
            for playlist in case.holders:
                self.of_playlist.setdefault(playlist, []).append(case)
        self.ledgered: set[LibPath] = {
            entry.path
            for entry in self.states.entries.values()
            if entry.track in self.states.wanted_sets.get(entry.playlist, ())
        }
        """Paths of entries that are wanted."""
        self._settled = {
            path
            for (_, track), entry in self.states.entries.items()
            if track not in track_cases.cases and (path := entry.path) in self.ledgered
        }
        self.current: dict[Key, CurrentEntry] = {}
        self.target: dict[Key, TargetEntry] = {}
        for playlist, cases in self.of_playlist.items():
            for case in cases:
                if found := self._find(playlist, case):
                    self.current[playlist, case.track.id] = found
            self._name(playlist, cases)

    # ------------------------------------------------------------ what stands there

    def _find(self, playlist: PlaylistId, case: Case) -> CurrentEntry | None:
        elected, entry = case.election, case.entries.get(playlist)
        held = elected.audio if elected and elected.primary == playlist else None
        if held and self.track_cases.home(held, case.track.id) == playlist:
            return self._current_entry(held, playlist, case, is_link=False)
        if entry and entry.path in self.states.links:
            return self._current_entry(entry.path, playlist, case, is_link=True)
        if entry and entry.path in case.files:
            return self._current_entry(entry.path, playlist, case, is_link=False)
        path = self.track_cases.renamed.of(playlist, case)
        if path and not self._is_another_ids(path, playlist, case):
            return self._current_entry(path, playlist, case, is_link=True)
        for path in sorted(case.files):
            if self.track_cases.home(path, case.track.id) == playlist:
                return self._current_entry(path, playlist, case, is_link=False)
        return None

    def _is_another_ids(self, path: LibPath, playlist: PlaylistId, case: Case) -> bool:
        """The link is the playlist's for another id of the same recording, or was until now."""
        if playlist in case.entries and self.was_old_ids(path, case.track.id):
            return True
        for id in self.states.mates.get(case.track.id, ()):
            other = self.track_cases.cases.get(id)
            if other is None or playlist not in other.holders:
                continue
            current_entry = self.current.get((playlist, id))
            if current_entry and current_entry.path == path:
                return True
            older = playlist in other.entries and playlist not in case.entries
            if older and self.track_cases.renamed.of(playlist, other) == path:
                return True
        return False

    def was_old_ids(self, path: LibPath, track: TrackId) -> bool:
        """What stands there is the entry of an id in whose stead there is this one."""
        replaced = self.states.ledger.replaced
        return bool(replaced) and replaced.get(self._tracks_at.get(path, track)) == track

    @cached_property
    def _tracks_at(self) -> dict[LibPath, TrackId]:
        """By place, the track of the ledger's entry."""
        return {entry.path: entry.track for entry in self.states.entries.values()}

    def _current_entry(
        self, path: LibPath, playlist: PlaylistId, case: Case, *, is_link: bool
    ) -> CurrentEntry:
        entry = case.entries.get(playlist)
        changed = entry and not is_link and entry.kind in (Kind.SYMLINK, Kind.YOURS)
        if entry and entry.path == path and not changed:
            return CurrentEntry(path, is_link, entry.named_for)
        base = track_base(case.track, self.states.policy.track_template)
        ours = is_name_for(name_of(path), base, case.track.id)
        return CurrentEntry(path, is_link, display_name(case.track) if ours else None)

    # ------------------------------------------------------------ what it shall be called

    def _name(self, playlist: PlaylistId, cases: list[Case]) -> None:
        """Names for one folder: those that stay first, then new ones around what is there.

        What cannot be had now comes last: it keeps no name from anybody.
        """
        folder = self.states.folder(playlist)
        if folder is None:
            return
        inside = (path for path in self.track_cases.renamed.inside[folder] if is_entry(path))
        taken = _Taken(inside, self._settled)
        ordered = self._in_playlist_order(playlist, cases)
        for absent in (False, True):
            self._name_some(playlist, [c for c in ordered if c.is_absent is absent], folder, taken)

    def _name_some(
        self, playlist: PlaylistId, cases: list[Case], folder: str, taken: _Taken
    ) -> None:
        fresh = []
        for case in cases:
            kept = self._kept(playlist, case)
            if kept and taken.claim(kept.path, self._own(playlist, case)):
                self.target[playlist, case.track.id] = kept
            else:
                fresh.append(case)
        for case in fresh:
            own = self._own(playlist, case)
            extension = self._extension(case)
            template = self.states.policy.track_template
            name = track_name(case.track, template, extension, taken.but(own))
            path = entry_path(folder, name)
            taken.claim(path, own)
            self.target[playlist, case.track.id] = TargetEntry(path, display_name(case.track))

    def _in_playlist_order(self, playlist: PlaylistId, cases: list[Case]) -> list[Case]:
        order = {track: at for at, track in enumerate(self.states.wanted[playlist])}
        return sorted(cases, key=lambda case: order[case.track.id])

    def _kept(self, playlist: PlaylistId, case: Case) -> TargetEntry | None:
        """The name given before (or by the user), with the extension of the audio."""
        current_entry, entry = (
            self.current.get((playlist, case.track.id)),
            case.entries.get(playlist),
        )
        if current_entry:
            path, named_for = current_entry.path, current_entry.named_for
        elif entry and entry.kind is not Kind.YOURS:
            path, named_for = entry.path, entry.named_for
        else:
            return None
        current = display_name(case.track)
        active = self.states.is_active(playlist, case.track.id)
        may_change = active and case.track.available
        if named_for not in {None, current} and may_change:
            return None
        folder = self.states.folder(playlist)
        name = name_of(path)
        if not name.endswith(extension := self._extension(case)):
            name = stem_of(name) + extension
        return TargetEntry(entry_path(folder or "", name), named_for)

    def _extension(self, case: Case) -> str:
        if case.audio_path is not None:
            return extension_of(case.audio_path)
        if case.leader:
            return self._extension(case.leader)
        known = case.known and extension_of(case.known.path)
        if known and (case.unseen or self.states.policy.extension_may_be(known)):
            return known  # as it came before, so it will probably come again
        return self.states.policy.extension(case.track)

    def _own(self, playlist: PlaylistId, case: Case) -> set[LibPath]:
        """Paths that are this track's own, so they do not stand in its way.

        Further whole files of it do: nothing may be put in the place of one.
        """
        current_entry = self.current.get((playlist, case.track.id))
        here = [current_entry.path] if current_entry else []
        audio = [case.audio.file.path] if case.audio and not case.leader else []
        return {*here, *audio, *case.gives_way, *case.damaged}


def extension_of(path: LibPath) -> str:
    """With its dot; empty when there is none."""
    name = name_of(path)
    return name[len(stem_of(name)) :]


class _Taken:
    """Names in use in one folder, by collision key: on disk, and given out just now."""

    def __init__(self, paths: Iterable[LibPath], settled: Container[LibPath] = ()) -> None:
        """``settled``: those of tracks with nothing to do; their names are given, too."""
        self._on_disk: dict[str, set[LibPath]] = {}
        self._stems: set[str] = set()
        """Of names that a download may get, or has got, with any ending."""
        for path in paths:
            key = collision_key(name_of(path))
            self._on_disk.setdefault(key, set()).add(path)
            if path in settled:
                self._stems.add(stem_of(key))
        self._given: set[str] = set()
        self._stand: set[LibPath] = set()
        """Of these, what stands there: a person may have made names that differ in case only."""

    def claim(self, path: LibPath, own: set[LibPath]) -> bool:
        """Reserve a name; False if it is another's. What stands on disk keeps its name."""
        key = collision_key(name_of(path))
        there = self._on_disk.get(key, set())
        stands = path in there and path in own and path not in self._stand
        if not stands and (key in self._given or there - own):
            return False
        if stands:
            self._stand.add(path)
        self._given.add(key)
        self._stems.add(stem_of(key))
        return True

    def but(self, own: set[LibPath]) -> Container[str]:
        """What a new name must avoid, where a track's own paths do not count.

        The extension of a download is a forecast, so every one it may end in is avoided.
        """
        return _But(self, own)

    def is_taken(self, key: str, own: set[LibPath]) -> bool:
        """Whether a name is another's, or may become another's."""
        if key in self._given or self._on_disk.get(key, set()) - own:
            return True
        stem = stem_of(key)
        return key[len(stem) :] in AUDIO_EXTENSIONS and stem in self._stems


class _But(Container[str]):
    """Asked and not listed: a folder of many tracks is asked once for each."""

    def __init__(self, taken: _Taken, own: set[LibPath]) -> None:
        self._taken, self._own = taken, own

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._taken.is_taken(key, self._own)
