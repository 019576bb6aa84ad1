"""review: what a person says of files that import was not sure about."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from strandline.app.plan_file import write_plan_file
from strandline.app.session import Clock, open_session
from strandline.core.ids import TrackId
from strandline.db.reviews import ACCEPT, REJECT, AnswerRow, CandidateRow, ReviewItemRow
from strandline.db.store import utc_now
from strandline.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from strandline.config import Config
    from strandline.db.store import Store

SCHEMA = "strandline.review-answers/1"
LARGEST = 64 << 20  # bytes of a file of answers


class ToReview(NamedTuple):
    """A file to decide, or decided, with the tracks that it may be."""

    item: ReviewItemRow
    candidates: tuple[CandidateRow, ...]
    answer: TrackId | None
    """The track that the person said it is."""
    rejected: tuple[TrackId, ...]
    heard: str | None = None
    """What was heard, where listening decided and no person did."""


def reviews(config: Config, *, everything: bool = False) -> list[ToReview]:
    """The files that are to be decided, by number; with ``everything`` the decided ones, too."""
    with open_session(config) as session:
        answers = session.store.reviews.answers()
        items = session.store.reviews.items()
        return [_told(it, answers, session.store) for it in items if it.open or everything]


def _told(item: ReviewItemRow, answers: list[AnswerRow], store: Store) -> ToReview:
    given = [it for it in answers if it.sound == item.sound]
    yes = next((it.track for it in given if it.answer == ACCEPT), None)
    no = tuple(it.track for it in given if it.answer == REJECT)
    heard = next((it.heard for it in given if it.heard and it.track == (yes or it.track)), None)
    return ToReview(item, tuple(store.reviews.candidates(item.number)), yes, no, heard)


def accept(config: Config, number: int, track: str, *, now: Clock = utc_now) -> ToReview:
    """The file is that track; the next import takes it. Raises UsageError."""
    with open_session(config, locked=True, now=now) as session:
        store, item = session.store, _item(session.store, number)
        if TrackId(track) not in store.load_snapshot().tracks:
            known = ", ".join(it.track for it in store.reviews.candidates(number))
            raise UsageError(
                f"No playlist lists a track {track}.",
                hint=f"Of file {number} these come into question: {known}.",
                code="unknown_track",
            )
        answer = AnswerRow(item.sound, TrackId(track), ACCEPT, item.seconds, item.file)
        store.reviews.answer([answer], session.now())
        return _told(_item(store, number), store.reviews.answers(), store)


def reject(config: Config, number: int, *, now: Clock = utc_now) -> ToReview:
    """The file is none of the tracks that came into question. Raises UsageError."""
    with open_session(config, locked=True, now=now) as session:
        store, item = session.store, _item(session.store, number)
        candidates = store.reviews.candidates(number)
        store.reviews.forget(item)
        answers = [
            AnswerRow(item.sound, it.track, REJECT, item.seconds, item.file) for it in candidates
        ]
        store.reviews.answer(answers, session.now())
        return _told(_item(store, number), store.reviews.answers(), store)


def forget(config: Config, number: int) -> ToReview:
    """The file is to be decided again. Raises UsageError."""
    with open_session(config, locked=True) as session:
        item = _item(session.store, number)
        session.store.reviews.forget(item)
        return _told(_item(session.store, number), [], session.store)


def _item(store: Store, number: int) -> ReviewItemRow:
    item = store.reviews.item(number)
    if item is None:
        raise UsageError(
            f"There is no file {number} to review.",
            hint="`strandline review list` shows the numbers.",
            code="unknown_number",
        )
    return item


def export_answers(config: Config, path: Path) -> int:
    """Write everything that was said into a file; how many answers. Raises UsageError."""
    with open_session(config) as session:
        answers = session.store.reviews.answers()
    document = {"schema": SCHEMA, "answers": [it._asdict() for it in answers]}
    write_plan_file(path, json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    return len(answers)


def import_answers(config: Config, path: Path, *, now: Clock = utc_now) -> int:
    """Take over what an export holds; how many answers. Raises UsageError."""
    answers = _parsed(path)
    with open_session(config, locked=True, now=now) as session:
        session.store.reviews.answer(answers, session.now())
    return len(answers)


def _parsed(path: Path) -> list[AnswerRow]:
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
            f"{path} is not a file of answers.", hint="`strandline review export` writes one."
        ) from error


def _answer(it: dict[str, object]) -> AnswerRow:
    sound, track, answer, file = (it[key] for key in ("sound", "track", "answer", "file"))
    seconds, heard = it.get("seconds"), it.get("heard")
    texts = all(isinstance(text, str) for text in (sound, track, answer, file))
    right = answer in (ACCEPT, REJECT) and str(track).isdecimal() and len(str(sound)) == 64
    if not texts or not right or not isinstance(seconds, (int, float, type(None))):
        raise ValueError("no answer")
    length = float(seconds) if seconds is not None else None
    how = heard if isinstance(heard, str) else None
    return AnswerRow(str(sound), TrackId(str(track)), str(answer), length, str(file), how)
