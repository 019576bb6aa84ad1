"""The JSON document of dedupe-report --content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from strandline.app.documents import result_document

if TYPE_CHECKING:
    from strandline.app.same_sound import SoundReport


def sound_document(found: SoundReport) -> dict[str, Any]:
    """``dedupe-report --content``, without the schema."""
    groups = [
        {
            "criterion": group.criterion.value,
            "bytes": group.bytes,
            "winner": group.winner.path,
            "others": [
                {
                    "path": file.path,
                    "bytes": file.size,
                    "whose": file.owner.value,
                    "replaceable": file.path in found.replaceable,
                }
                for file in group.others
            ],
        }
        for group in found.groups
    ]
    return {
        **found.shared.document(),
        **found.content.document(),
        "same_sound": groups,
        "sounds_alike": [
            {
                "paths": list(pair.paths),
                "because": pair.because,
                "difference": round(pair.difference, 4),
                "offset": round(pair.offset, 2),
            }
            for pair in found.alike
        ],
        "pairs": [list(both) for both in found.pairs],
        "result": result_document(found.result) if found.result else None,
    }
