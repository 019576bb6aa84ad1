"""What is the user's at a path of ours: a link of their own, a version in other bytes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from strandline.core.aligned_states import AlignedStates
from strandline.core.changed_tracks import is_as_left
from strandline.core.identity import Recognised
from strandline.core.ids import POOL_FOLDER, LibPath, PlaylistId, folder_of, is_entry
from strandline.core.states import FoundFile, Identity, Kind, LedgerEntry, LedgerFile


class UserLink(NamedTuple):
    """A person's link where an entry of ours was."""

    path: LibPath
    audio: FoundFile | None
    """The whole file it leads to; None when it leads to none just now."""


def playlist_folders(states: AlignedStates) -> frozenset[str]:
    """The names of all folders that are, or were until this plan, some playlist's."""
    known = {playlist.folder for playlist in states.ledger.playlists.values()}
    named = {states.folder(id) for id in states.names} - {None}
    named |= {POOL_FOLDER} & states.scan.folders.keys()
    return frozenset(known.union(states.folders.renamed, (name for name in named if name)))


def user_links(
    states: AlignedStates,
    folders: Collection[str],
    entries: Iterable[LedgerEntry],
    files: Mapping[LibPath, Recognised],
    known: LedgerFile | None,
) -> dict[PlaylistId, UserLink]:
    """A person's links at the places of a track's entries.

    Such a one leads out of the playlists' folders. At the place of a link of ours it must lead to
    whole audio, or it is a link of ours that was spoiled; a file of ours was never a link, but may
    be believed where another playlist, whose folder was taken over, has one of ours. A full path to
    the primary's place in a library that was copied from there is one of an older tool's.
    """
    found = {}
    for entry in entries:
        link = states.links.get(entry.path)
        if link is None or (known and link.target.endswith(f"/mp3/{known.path}")):
            continue
        target = states.pointed_at(link)
        if target is not None and known and target == known.path:
            continue  # an undo put the audio back into a folder of the person's
        if target is not None and is_entry(target) and folder_of(target) in folders:
            continue
        audio = _whole(states, entry.path, target)
        ours = {copy.file[1:3] for copy in files.values()}
        persons = entry.kind in (Kind.PRIMARY, Kind.YOURS) and link.path not in states.links_of_ours
        if audio and target not in files and audio[1:3] in ours and not persons:
            continue  # another way to our own file
        if audio or persons:
            found[entry.playlist] = UserLink(entry.path, audio)
    return found


def _whole(states: AlignedStates, link: LibPath, target: LibPath | None) -> FoundFile | None:
    """The file a link leads to, in the library or out of it, if that can be played."""
    at = link if target is None or target not in states.files else target
    file = states.led.get(at) or states.files.get(at)
    if file is None or not file.size:
        return None
    seen = states.evidence.get(at)
    playable = seen.playable if seen else at in states.files
    return file if playable else None


def user_versions(
    states: AlignedStates,
    entries: Iterable[LedgerEntry],
    files: Mapping[LibPath, Recognised],
    known: LedgerFile | None,
) -> set[LibPath]:
    """Files at the places of entries other than the primary, that are not as we left them.

    What has the content of the audio is the audio, whoever put it there; that may be a file which
    is to become the primary only now, or what an undo took away since.
    """
    second = {entry.path: entry for entry in entries if entry.kind is not Kind.PRIMARY}
    firsts = {copy.sha256 for path, copy in files.items() if path not in second}
    contents = firsts.union({known.sha256} if known else states.ledger.fetched) - {None}
    return {
        entry.path
        for entry in second.values()
        if (file := states.files.get(entry.path)) is not None
        and not is_as_left(entry, file, known, states.evidence.get(file.path))
        and not _is_ours(file, files, contents)
    }


def _is_ours(
    file: FoundFile, files: Mapping[LibPath, Recognised], contents: Collection[str | None]
) -> bool:
    """By more than the id in its tags, or as another name of the audio itself."""
    copy = files.get(file.path)
    if copy is not None and copy.identity is not Identity.EMBEDDED_ID:
        return True
    if copy is not None and copy.sha256 in contents:
        return True
    others = (other.file for path, other in files.items() if path != file.path)
    return any(file[1:3] == other[1:3] for other in others)
