"""reapply --tags: what the tags of files lack, or have too much, by today's settings.

A file is looked at header by header; TIDAL is asked once it is written, and only for what is
lacking. Nobody's words but strandline's own give way: see ``core.retag``.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from strandline.app.reapply_answers import Answers, Asking
from strandline.app.reapply_files import named_after, obstacle, order_of, path_after
from strandline.core.actions import Because, EntryState, Lyrics
from strandline.core.ids import LibPath, TrackId
from strandline.core.reapply import Left, Part, Proposal
from strandline.core.retag import EDITED, TagChange, TagFacts, TagWish, tag_change, token
from strandline.core.states import Kind
from strandline.execute.lyrics_files import lyrics_path
from strandline.execute.run_actions import Prepared, Reapply
from strandline.library.tags.id3_frames import CannotCarryError

if TYPE_CHECKING:
    from strandline.app.reapply import View
    from strandline.core.states import FoundFile, LedgerFile
    from strandline.execute.ports import DownloadRequest
    from strandline.library.files import LibraryFiles, Temp
    from strandline.library.tags.retag import TagEdit


def propose_tags(view: View) -> Proposal:
    """A step for each file whose tags are not what the settings want."""
    return _Proposing(view).proposal()


@dataclass(slots=True)
class _Proposing:
    """One look at all files."""

    view: View
    asking: Asking = field(init=False)
    _written: dict[TrackId, dict[str, frozenset[str]]] = field(init=False)
    """By track and sha256, the tokens of what strandline wrote."""

    def __post_init__(self) -> None:
        self.asking = Asking(self.view.source)
        self.view.last_words.append(self.asking.notes)
        self._written = defaultdict(dict)
        for track, sha256, settings in self.view.session.store.journal.written():
            self._written[track][sha256] = frozenset(settings.split())

    def proposal(self) -> Proposal:
        actions: list[Reapply] = []
        left: list[Left] = []
        files = [file for file in sorted(self.view.ledger.files.values(), key=lambda it: it.path)
                 if self.view.in_scope(file.track)]  # fmt: skip
        imported = {} if self.view.only is not None else self.view.session.store.imported()
        self.view.session.progress.phase("read", total=len(files))
        taken = self._remade()
        for file in files:
            self.view.session.progress.advance(1)
            found = self.view.observed.scan.files.get(file.path)
            if file.track in taken or (found is None and not self._is_link(file.path)):
                continue
            if why := obstacle(self.view, file, found, imported):
                left.append(Left(file.path, file.track, why))
                continue
            try:
                actions += self._step(file, found)
            except CannotCarryError as error:
                left.append(Left(file.path, file.track, error.message))
        room = sum(action.expected.size for action in actions)
        return Proposal((*actions, *self._unwanted_lyrics()), tuple(left), room)

    def _unwanted_lyrics(self) -> Iterator[Lyrics]:
        """Strandline's own files of lyrics, where none are wanted any more."""
        if self.view.session.config.tags_lyrics == "file":
            return
        for file in self.view.observed.lyrics:
            if self.view.in_scope(file.track):
                why, old = Because.SETTINGS_CHANGED, file.sha256
                yield Lyrics(file.path, why, None, file.track, sha256=None, old=old)

    def _remade(self) -> set[TrackId | None]:
        """Tracks whose audio comes anew in this run, with today's tags."""
        before = self.view.before.actions
        return {it.track for it in before if isinstance(it, Reapply)}

    def _is_link(self, path: LibPath) -> bool:
        return path in self.view.observed.scan.links

    def _step(self, file: LedgerFile, found: FoundFile | None) -> Iterator[Reapply]:
        """One, or none where everything is as it is to be. Raises CannotCarryError."""
        from strandline.library.tags.retag import tag_facts

        assert found
        assert file.sha256
        view = self.view
        entry = next(
            (it for it in view.ledger.entries.values()
             if it.track == file.track and it.kind is Kind.PRIMARY), None,
        )  # fmt: skip
        request = order_of(file.track, view)
        if request is None or entry is None:
            return
        try:
            facts = tag_facts(view.session.config.mp3_dir / file.path)
        except OSError as error:
            raise CannotCarryError(f"it cannot be read: {error.strerror}") from error
        beside = view.session.config.mp3_dir / lyrics_path(file.path)
        facts = facts._replace(lyrics_file=os.path.lexists(beside))
        written = self._written[file.track].get(file.sha256)
        tokens = written or frozenset()
        ours = written is not None and EDITED not in written
        wish = _wish(request, facts, file.path, view)
        change = tag_change(facts, wish, ours=ours, asked=tokens)
        if change.is_none:
            return
        at = path_after(file.path, file.track, view), Because.SETTINGS_CHANGED, entry.playlist
        asked = {token(what, wish) for what in change.ask}
        packets = view.session.store.packets.of([file.sha256]).get(file.sha256, "")
        edit = _Edit(request, change, wish, self.asking, packets)
        yield Reapply(
            *at,
            file.track,
            prepare=edit,
            part=Part.TAGS.value,
            source=at[0],
            expected=EntryState("file", found.dev, found.ino, found.size, found.mtime_ns),
            sha256=file.sha256,
            named_for=named_after(entry, view),
            settings=" ".join(sorted(tokens | asked | (set() if ours else {EDITED}))),
            changes=change.words,
        )


def _wish(request: DownloadRequest, facts: TagFacts, path: LibPath, view: View) -> TagWish:
    """Texts in the form in which a file of this kind can hold them."""
    from strandline.library.tags.write import texts_of

    config = view.session.config
    texts = {name: tuple(values) for name, values in texts_of(request.tags).items()}
    if path.endswith((".m4a", ".mp4")):
        texts = {name: _in_mp4(name, values) for name, values in texts.items()}
    elif facts.id3 == config.tags_id3 == 3:
        texts = {name: ("/".join(values),) for name, values in texts.items()}
    track = view.observed.snapshot.tracks.get(request.track)
    return TagWish(
        texts,
        id3=config.tags_id3,
        bpm_and_key=config.tags_bpm_and_key,
        replaygain=config.tags_replaygain,
        lyrics=config.tags_lyrics,
        cover=config.tags_cover,
        has_cover=bool(request.cover_url),
        can_ask=track is not None and track.available and config.download_source == "tidal",
    )


def _in_mp4(name: str, values: tuple[str, ...]) -> tuple[str, ...]:
    return (str(round(float(values[0]))),) if name == "BPM" else values


@dataclass(frozen=True, slots=True)
class _Edit:
    """Makes the new file of one step; called in a thread of its own."""

    request: DownloadRequest
    change: TagChange
    wish: TagWish
    asking: Asking
    packets: str
    """The hash of the sound, where it is known."""

    def __call__(self, action: Reapply, files: LibraryFiles) -> Prepared:
        answers = self.asking.of(self.request, self.change.ask)
        settings = self._settings(action, answers.missed)
        temp = files.copy_of(action.source, action.expected, action.sha256)
        try:
            return self._made(action, temp, answers, settings)
        except BaseException:
            temp.discard()
            raise

    @property
    def _beside(self) -> bool:
        """Whether lyrics go into a file of their own."""
        return self.wish.lyrics == "file"

    def _settings(self, action: Reapply, missed: frozenset[str]) -> str:
        """What could not be asked for is asked for again next time."""
        open_still = {token(what, self.wish) for what in missed}
        return " ".join(it for it in action.settings.split() if it not in open_still)

    def _made(self, action: Reapply, temp: Temp, answers: Answers, settings: str) -> Prepared:
        from strandline.library.audio.packets import packets_hash
        from strandline.library.hashing.sha256 import sha256_file
        from strandline.library.tags.retag import retag

        before = self.packets or packets_hash(temp.path)
        if edit := self._edit(answers):
            retag(temp.path, edit)
            if packets_hash(temp.path) != before:
                raise CannotCarryError(f"{action.path}: its sound would not be the same after")
        words = answers.lyrics if self._beside else None
        sha256 = sha256_file(temp.fd)
        if sha256 == action.sha256:
            temp.discard()
            return Prepared(
                None, action.path, action.expected, sha256, before, lyrics=words, settings=settings
            )
        seen = temp.seal(like=action.source)
        return Prepared(temp, action.path, seen, sha256, before, lyrics=words, settings=settings)

    def _edit(self, answers: Answers) -> TagEdit | None:
        """None where nothing came that could be written."""
        from strandline.library.tags.retag import TagEdit

        change, gain = self.change, answers.replay_gain
        tags = replace(
            self.request.tags,
            replay_gain=gain,
            lyrics=None if self._beside else answers.lyrics,
            cover=answers.cover.data if answers.cover else None,
            cover_mime=answers.cover.mime if answers.cover else "image/jpeg",
        )
        write = frozenset(change.write) | frozenset(gain.tags() if gain else ())
        edit = TagEdit(
            tags,
            write,
            frozenset(change.drop),
            change.drop_cover,
            change.drop_lyrics,
            self.wish.id3,
            self.wish.cover if change.shrink else 0,
        )
        idle = not (write or change.drop or change.id3 or tags.lyrics)
        return None if idle and not edit.touches_cover and not change.drop_lyrics else edit
