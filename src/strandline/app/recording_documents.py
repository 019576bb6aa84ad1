"""What ``recordings … --json`` prints: the documents of docs/json.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from strandline.app.recording_answers import time_of

if TYPE_CHECKING:
    from strandline.app.recording_answers import Answered


def answers_document(answered: Answered) -> dict[str, Any]:
    """``recordings list|pin|forbid|forget --json``."""
    return {
        "merges": answered.merges,
        "recordings": [
            {
                "answer": said.answer,
                "tracks": [track._asdict() for track in said.tracks],
                "at": time_of(said.at),
            }
            for said in answered.said
        ],
    }
