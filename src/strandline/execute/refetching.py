"""Audio that is fetched in the stead of what is there: as downloads are, and then exchanged."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from strandline.errors import StrandlineError
from strandline.execute.download import Downloads, Job
from strandline.execute.exchanges import Exchanges
from strandline.execute.prepare import Ready
from strandline.execute.requests import named_by_track
from strandline.execute.run_actions import Prepared, Reapply
from strandline.library.files.errors import changed

if TYPE_CHECKING:
    from typing import Any

    from strandline.core.actions import Action
    from strandline.core.ids import TrackId
    from strandline.execute.ports import DownloadRequest, Fetched
    from strandline.execute.run_log import Step

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Remade(Ready):
    """A finished file, and all that its exchange needs to know."""

    prepared: Prepared | None = None


class Refetching(Downloads):
    """The same tiers, tries and pauses; a track whose audio stays is no failed one."""

    kind: ClassVar[type[Action]] = Reapply

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._exchanges = Exchanges(
            self._files, self._store, self._run_log, self._clock, self._stop
        )

    def _request(self, step: Step) -> DownloadRequest:
        action = _of(step)
        if self._files.see(action.source) != action.expected:
            raise changed(action.source)
        assert action.fetch
        return action.fetch.order

    def _note_begun(self, track: TrackId) -> None:
        """Its audio is there: whatever comes, it is downloaded."""

    def _prepare(self, job: Job, fetched: Fetched) -> Ready:
        try:
            self._count(0)
        except BaseException:
            fetched.temp.discard()
            raise
        action = _of(job.step)
        assert action.fetch
        with named_by_track(job.request):
            made = action.fetch.prepare(action, self._files, fetched)
        assert made.temp
        assert made.quality
        return Remade(
            made.temp, "", made.expected, made.sha256, made.quality, made.packets, prepared=made
        )

    def _publish(self, came: Sequence[tuple[Job, Ready]]) -> None:
        self._check_library()
        several = [
            (job.step, it.prepared) for job, it in came if isinstance(it, Remade) and it.prepared
        ]
        self._exchanges.carry_out(several)

    def _fail(self, step: Step, error: Exception) -> None:
        if not isinstance(error, StrandlineError):
            log.error("Fetching %s anew failed", step.action.path, exc_info=error)
        self._exchanges.refuse(step, error)


def _of(step: Step) -> Reapply:
    assert isinstance(step.action, Reapply)
    return step.action
