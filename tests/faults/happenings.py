"""What TIDAL does, and what a person sets, in a random life."""

from __future__ import annotations

import random

from strandline.demo.account import Account
from strandline.demo.model import Availability, Playlist, Track
from tests.faults.oracles import Oracles
from tests.faults.person import Person

NAMES = ["A", "B", "a", "Mix/1", "Zed ", "Ä", "Deep House", "Sunday"]
TITLES = ["Song", "song", "Other One", "So/ng", "Song (Live)", "Noon", "Late Show"]
SETTINGS = {
    "link_mode": ['link_mode = "auto"', 'link_mode = "auto"', 'link_mode = "hardlink"',
                  'link_mode = "copy"'],
    "scope": ["", "", "", 'exclude = ["B"]', 'include = ["[a-m]*"]', 'exclude = ["Deep*", "Zed*"]'],
    "deleted": ["", "", "", 'deleted_playlists = "keep"'],
    "first": ["", "", 'primary_priority = ["Sunday"]'],
}  # fmt: skip


class Happenings:
    """One method a happening; what it returns is told with it."""

    chance: random.Random
    home: Person
    account: Account
    oracles: Oracles
    tracks: list[Track]
    settings: dict[str, str]
    form: str
    followed: bool
    ignored: list[str]
    pooled: bool
    keep_days: int
    one_file: bool

    def _twin(self, track: Track) -> Track:
        """The same recording, on another album."""
        twin = self.account.track(
            track.title, "Ana", album=f"Best of {len(self.tracks)}", isrc=track.isrc
        )
        self.oracles.twins |= {str(track.id), str(twin.id)}
        return twin

    def share_or_not(self) -> str:
        self.one_file = not self.one_file
        self._configure()
        return f"one file: {self.one_file}"

    def _playlist(self) -> Playlist | None:
        found = [p for p in self.account.playlists.values() if p.collected]
        return self.chance.choice(found) if found else None

    def list_track(self) -> str | None:
        if playlist := self._playlist():
            track = self.chance.choice(self.tracks)
            self.account.add(playlist, track, at=0)
            return f"{playlist.title!r} {track.id}"
        return None

    def drop_track(self) -> str | None:
        playlist = self._playlist()
        if playlist and playlist.entries:
            track = self.chance.choice(playlist.entries).item
            self.account.remove(playlist, track)
            return f"{playlist.title!r} {track.id}"
        return None

    def new_playlist(self) -> str | None:
        if len(self.account.playlists) >= 6:
            return None
        name = self.chance.choice(NAMES)
        self.account.playlist(name, self.chance.sample(self.tracks, 2))
        return name

    def delete_playlist(self) -> str | None:
        playlist = self._playlist()
        if playlist is None or len(self.account.playlists) < 3:
            return None
        self.account.delete(playlist)
        return playlist.title

    def rename_playlist(self) -> str | None:
        if playlist := self._playlist():
            old = playlist.title
            self.account.rename(playlist, self.chance.choice([*NAMES, old.lower(), old.upper()]))
            return f"{old!r} -> {playlist.title!r}"
        return None

    def swap_names(self) -> str | None:
        one, two = self._playlist(), self._playlist()
        if one and two and one is not two:
            old = one.title
            self.account.rename(one, two.title)
            self.account.rename(two, old)
            return f"{one.title!r} {two.title!r}"
        return None

    def withhold(self) -> str:
        track = self.chance.choice(self.tracks)
        how = self.chance.choice(
            [Availability.AVAILABLE, Availability.AVAILABLE, Availability.GREYED_OUT,
             Availability.PLACEHOLDER])  # fmt: skip
        self.account.withhold(track, how)
        return f"{track.id} {how.value}"

    def replace_id(self) -> str:
        """A release changes its id: the same recording, everywhere it is listed."""
        place = self.chance.randrange(len(self.tracks))
        old = self.tracks[place]
        new = self.account.track(
            old.title, "Ana", album=old.album, isrc=old.isrc, audio_id=old.tune,
            explicit=old.explicit,
        )  # fmt: skip
        self.tracks[place] = new
        if str(old.id) in self.oracles.twins:
            self.oracles.twins.add(str(new.id))
        for playlist in self.account.playlists.values():
            for at, entry in enumerate(playlist.entries):
                if entry.item is old:
                    self.account.replace(playlist, at, new)
        return f"{old.id} -> {new.id}"

    def rename_track(self) -> str:
        track: Track = self.chance.choice(self.tracks)
        track.title = self.chance.choice(TITLES)
        return f"{track.id} {track.title!r}"

    def follow_or_not(self) -> None:
        self.followed = not self.followed
        self._configure()

    def change_settings(self) -> str:
        key = self.chance.choice(list(SETTINGS))
        self.settings[key] = self.chance.choice(SETTINGS[key])
        self._configure()
        return self.settings[key]

    def ignore_or_not(self) -> str:
        """One track of those there are now, or none."""
        track = self.chance.choice([None, *self.tracks])
        self.ignored = [str(track.id)] if track else []
        self._configure()
        return f"ignored: {self.ignored}"

    def days_pass(self) -> str:
        self.home.days_pass(days := self.chance.choice([2, 5]))
        return f"{days} days"

    def change_keep_days(self) -> str:
        self.keep_days = self.chance.choice([0, 1, 3])
        self._configure()
        return f"trash_keep_days = {self.keep_days}"

    def change_format(self) -> str:
        """Of what is fetched from now on."""
        self.form = self.chance.choice(["original", "original", "mp3"])
        self._configure()
        return self.form

    def _configure(self) -> None:
        sync = "\n".join(self.settings.values())
        if self.ignored:
            sync += f'\nignore = ["{self.ignored[0]}"]'
        if self.one_file:
            sync += '\ndedupe = "recording"'
        if self.keep_days:
            sync += f"\ntrash_keep_days = {self.keep_days}"
        layout = '[layout]\naudio = "pool"\n' if self.pooled else ""
        self.home.configure(
            f'[audio]\nformat = "{self.form}"\n{layout}[sync]\n{sync}\n'
            f"[tidal]\nfavorite_playlists = {str(self.followed).lower()}\n"
        )
