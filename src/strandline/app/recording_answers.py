"""recordings: what a person says of two ids; they are one recording, or never are."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from strandline.app.plan_file import write_plan_file
from strandline.app.session import Clock, open_session
from strandline.core.ids import TrackId
from strandline.core.same_recordings import pair
from strandline.db.recordings import FORBID, PIN, RecordingAnswer
from strandline.db.store import utc_now
from strandline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from strandline.app.session import Session
    from strandline.config import Config

SCHEMA = "strandline.recording-answers/1"
LARGEST = 64 << 20  # bytes of a file of answers
_ADDRESS = re.compile(
    r"(?:https?://)?(?:[\w-]+\.)?tidal\.com/(?:[\w-]+/)*track/(?P<id>[0-9]+)(?:[/?#].*)?"
    r"|tidal://track/(?P<other>[0-9]+)"
)


class Named(NamedTuple):
    """One of the two; without words where no playlist ever listed it."""

    track: TrackId
    artist: str | None
    title: str | None
    album: str | None


class Said(NamedTuple):
    """What a person said of two ids: ``pin``, ``forbid``, or nothing any more."""

    answer: str | None
    tracks: tuple[Named, Named]
    at: datetime | None
    """Naive UTC."""


class Answered(NamedTuple):
    """The answers, and whether the settings act on them."""

    said: tuple[Said, ...]
    merges: bool


def listed(config: Config) -> Answered:
    """Everything that was said. DatabaseError."""
    with open_session(config) as session:
        return _answered(session, session.store.recordings.all())


def pin(config: Config, one: str, other: str, *, now: Clock = utc_now) -> Answered:
    """The two are one recording. UsageError for a track that is not known."""
    return _say(config, PIN, (one, other), now)


def forbid(config: Config, one: str, other: str, *, now: Clock = utc_now) -> Answered:
    """The two are never one recording. UsageError for a track that is not known."""
    return _say(config, FORBID, (one, other), now)


def forget(config: Config, one: str, other: str) -> Answered:
    """Nothing was ever said of the two. UsageError where that is so already."""
    with open_session(config, locked=True) as session:
        both = pair(track_of(one), track_of(other))
        if not session.store.recordings.forget([both]):
            raise UsageError(
                f"Nothing was said of the tracks {one} and {other}.",
                hint="`strandline recordings list` shows what was.",
                code="unknown_pair",
            )
        return _answered(session, [RecordingAnswer(*both, "")])


def export_answers(config: Config, path: Path) -> int:
    """Write everything that was said into a file; how many answers. Raises UsageError."""
    with open_session(config) as session:
        answers = session.store.recordings.all()
    rows = [{"answer": it.answer, "tracks": list(it.pair), "at": time_of(it.at)} for it in answers]
    document = {"schema": SCHEMA, "answers": rows}
    write_plan_file(path, json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    return len(answers)


def import_answers(config: Config, path: Path, *, now: Clock = utc_now) -> int:
    """Take over what an export holds; how many answers. Raises UsageError."""
    answers = _parsed(path)
    with open_session(config, locked=True, now=now) as session:
        session.store.recordings.answer(answers, session.now())
    return len(answers)


def track_of(text: str) -> TrackId:
    """The id that ``text`` is, or that is in an address of TIDAL's. UsageError."""
    told = text.strip()
    found = _ADDRESS.fullmatch(told)
    if found:
        told = found["id"] or found["other"]
    if not re.fullmatch(r"[0-9]{1,20}", told):
        raise UsageError(
            f"{text!r} is no track id.",
            hint="Give the number, or the address of the track; `strandline tracks WORD` and"
            " `strandline dedupe-report --recordings` show them.",
            code="unknown_track",
        )
    return TrackId(told)


def time_of(at: datetime | None) -> str | None:
    """As JSON has it."""
    return f"{at.isoformat(timespec='seconds')}Z" if at else None


def _say(config: Config, answer: str, tracks: Sequence[str], now: Clock) -> Answered:
    with open_session(config, locked=True, now=now) as session:
        one, other = (_known(session, it) for it in tracks)
        if one == other:
            raise UsageError("These are one and the same track.", hint="Give two ids.")
        said = RecordingAnswer(*pair(one, other), answer, session.now())
        session.store.recordings.answer([said], session.now())
        return _answered(session, [said])


def _known(session: Session, text: str) -> TrackId:
    """Under the id that TIDAL has for it today."""
    track = track_of(text)
    rows = session.store.track_search.tracks(session.store.track_search.known(track) or [-1])
    if not rows:
        raise UsageError(
            f"No playlist lists a track {track}.",
            hint="`strandline tracks WORD` finds tracks with their ids.",
            code="unknown_track",
        )
    return TrackId(rows[0].track)


def _answered(session: Session, answers: Sequence[RecordingAnswer]) -> Answered:
    finds = session.store.track_search
    ids = {id: finds.known(id) for it in answers for id in it.pair}
    rows = {row.track: row for row in finds.tracks([n for known in ids.values() for n in known])}
    albums = session.store.recordings.albums(rows)

    def named(id: TrackId) -> Named:
        row = rows.get(id)
        if row is None:
            return Named(id, None, None, None)
        return Named(id, row.artist, row.full_title, albums.get(id))

    said = tuple(Said(it.answer or None, (named(it.one), named(it.other)), it.at) for it in answers)
    return Answered(said, session.config.sync_dedupe == "recording")


def _parsed(path: Path) -> list[RecordingAnswer]:
    try:
        with path.open("rb") as file:
            document = json.loads(file.read(LARGEST))
        if document["schema"] != SCHEMA:
            raise ValueError(document["schema"])
        return [_answer(it) for it in document["answers"]]
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(
            f"{path} is not a file of answers.", hint="`strandline recordings export` writes one."
        ) from error


def _answer(it: dict[str, object]) -> RecordingAnswer:
    answer, tracks, at = it["answer"], it["tracks"], it.get("at")
    if not isinstance(tracks, list) or len(tracks) != 2 or tracks[0] == tracks[1]:
        raise ValueError("no pair")
    right = all(isinstance(id, str) and re.fullmatch(r"[0-9]{1,20}", id) for id in tracks)
    if not right or answer not in (PIN, FORBID):
        raise ValueError("no answer")
    when = datetime.fromisoformat(str(at)).replace(tzinfo=None) if at is not None else None
    return RecordingAnswer(*pair(*map(TrackId, tracks)), str(answer), when)
