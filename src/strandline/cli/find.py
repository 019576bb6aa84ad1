"""tracks and why: the tool is asked instead of searched."""

from __future__ import annotations

import click

from strandline.cli.check import playlist_option
from strandline.cli.names import complete_playlist
from strandline.cli.options import Call, command

STATUSES = ("not_downloaded", "downloading", "downloaded", "error", "unavailable", "excluded")


@command(
    "tracks",
    json=True,
    example="strandline tracks low water\n"
    "strandline tracks --status error  # what failed, and why\n"
    'strandline tracks --playlist "Deep House" --status not_downloaded',
)
@click.argument("words", nargs=-1, metavar="[WORDS]...")
@playlist_option
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice(STATUSES),
    help="Only tracks with this status; may be given several times.",
)
def tracks(
    call: Call, words: tuple[str, ...], playlists: tuple[str, ...], statuses: tuple[str, ...]
) -> None:
    """Show where tracks are, in which playlists, and how they stand.

    WORDS are looked for in artist, title, version, album and id, in any case, with or without
    accents; a track must have all of them. Instantly, as of the last check; see `why` for more
    about one track.
    """
    from strandline.app.find import TrackQuery, is_anything_known
    from strandline.app.find import tracks as find
    from strandline.app.find_documents import tracks_document
    from strandline.cli import find_view

    with call.showing() as progress:
        found = find(call.config, TrackQuery(words, playlists, statuses), progress)
    if call.json:
        call.output.document("tracks", tracks_document(found))
        return
    find_view.show_tracks(found, call.output, verbose=call.verbose)
    if not found:
        known = is_anything_known(call.config)
        nothing = "Nothing is known yet: run `strandline sync-check`."
        call.output.talk("No track matches." if known else nothing)


@command(
    "why",
    json=True,
    example='strandline why "Low Water"\n'
    "strandline why https://tidal.com/browse/track/123456\n"
    'strandline why "Playlists/Deep House/Ana - x.mp3"\n'
    'strandline why "Deep House"',
)
@click.argument(
    "what", metavar="WHAT...", nargs=-1, required=True, shell_complete=complete_playlist
)
def why(call: Call, what: tuple[str, ...]) -> None:
    """Explain where a track or a playlist is, why, and what was and will be done with it.

    WHAT is a track id, an address of a track or playlist in TIDAL, a path, a playlist's name, or
    words of artist and title. Answers from the database, as of the last check.
    """
    from strandline.app.find_documents import why_document
    from strandline.app.why import why as ask
    from strandline.cli import find_view

    with call.showing() as progress:
        answers = ask(call.config, " ".join(what), progress)
    if call.json:
        call.output.document("why", why_document(answers))
        return
    for number, answer in enumerate(answers):
        if number:
            call.output.line()
        find_view.show_answer(answer, call.output, verbose=call.verbose)
