"""A stand-in for TIDAL on this machine: ``STRANDLINE_TIDAL_URL`` may point to it.

``python -m strandline.demo.server`` serves a sample account until Ctrl-C.
"""

from __future__ import annotations

import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from strandline.demo.account import Account
from strandline.demo.blocks import Blocks
from strandline.demo.faults import Faults, glob
from strandline.demo.http import Answer, HttpServer, Request
from strandline.demo.logins import Logins
from strandline.demo.routes import is_api, respond

if TYPE_CHECKING:
    from types import TracebackType


class StandIn:
    """The server and what a test may change about it: ``account``, ``logins``, ``blocks``,
    ``faults``.

    ``requests`` is everything asked so far, in order of arrival.
    """

    def __init__(self, account: Account | None = None, *, port: int = 0) -> None:
        self.account = Account() if account is None else account
        self.logins = Logins(self.account)
        self.blocks = Blocks()
        self.faults = Faults()
        self.requests: list[Request] = []
        self._wire = HttpServer(port, self.answer)

    @property
    def url(self) -> str:
        """``http://127.0.0.1:4711``."""
        return self._wire.origin

    def start(self) -> Self:
        """Answer from now on."""
        self._wire.start()
        return self

    def stop(self) -> None:
        """Close every connection; stalled ones end here."""
        self._wire.stop()

    def asked(self, path: str = "**", method: str = "*") -> list[Request]:
        """The requests so far whose path fits the glob."""
        pattern = glob(path)
        return [
            request
            for request in list(self.requests)
            if method in ("*", request.method) and pattern.fullmatch(request.path)
        ]

    def answer(self, request: Request) -> Answer:
        """What goes back for this request, with every fault that is due."""
        self.requests.append(request)
        return self.faults.answer(request, self._respond)

    @property
    def leaks(self) -> list[Request]:
        """Requests that carried an access token to where none belongs: audio, pictures."""
        return [request for request in list(self.requests) if _leaks(request)]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _respond(self, request: Request) -> Answer:
        return self.blocks.check(request) or respond(self.account, self.logins, request)


def _leaks(request: Request) -> bool:
    return "authorization" in request.headers and not is_api(request)


def main() -> None:
    """Serve the sample account until Ctrl-C."""
    from argparse import ArgumentParser

    from strandline.demo.catalog import sample_account

    options = ArgumentParser(prog="strandline.demo.server", description=main.__doc__)
    options.add_argument("--port", type=int, default=0, help="0: any that is free")
    server = StandIn(sample_account(), port=options.parse_args().port)
    with server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
