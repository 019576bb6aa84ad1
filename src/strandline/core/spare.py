"""Links of ours that stand for nothing any more, under whatever name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from strandline.core.actions import Action, Because, Unlink
from strandline.core.cases import Docket
from strandline.core.ids import LibPath, folder_of
from strandline.core.places import Places
from strandline.core.states import FoundLink, MadeLink
from strandline.core.world import World


def spare_links(
    world: World, docket: Docket, places: Places, actions: Iterable[Action]
) -> Iterator[Unlink]:
    """Take away what a run left behind that was cut off, or that a person got in the way of.

    Only the very links that strandline made, where it made them: a person's own, and one that they
    took elsewhere, is theirs.
    """
    if not world.ledger.ours:
        return
    spoken_for = {found.path for found in places.standing.values()}
    spoken_for |= {entry.path for entry in world.entries.values()}
    spoken_for |= {action.path for action in actions}
    for path, link in world.links.items():
        made = _made(world, link)
        if made and path not in spoken_for and _may_go(world, docket, link, made):
            seen = world.seen(path)
            assert seen
            yield Unlink(path, Because.MOVED_ON_DISK, None, made.track, seen=seen)


def _made(world: World, link: FoundLink) -> MadeLink | None:
    """For what strandline made it, by the id that TIDAL lists now."""
    made = world.ledger.ours.get(link.ino)
    return made and made._replace(track=world.ledger.replaced.get(made.track, made.track))


def _may_go(world: World, docket: Docket, link: FoundLink, made: MadeLink) -> bool:
    """Nothing is left as it is there: no playlist, no track, and nothing that nobody could see."""
    case = docket.cases.get(made.track)
    if made.track in world.ignored or (case is not None and case.unseen):
        return False
    return link.path.count("/") == 2 and _is_at_home(world, docket, link.path, made)


def _is_at_home(world: World, docket: Docket, path: LibPath, made: MadeLink) -> bool:
    """In its playlist's folder; or where it was made, if that is no playlist's now."""
    folder = world.folder(made.playlist)
    if folder is None:
        whole = world.snapshot.complete and world.policy.only is None
        free = made.folder not in docket.owners and made.folder not in world.ledger.local
        return whole and free and folder_of(path) == made.folder
    wanted = world.snapshot.playlists.get(made.playlist)
    read = wanted is None or wanted.incomplete is None
    return made.playlist not in world.passive and read and folder_of(path) == folder
