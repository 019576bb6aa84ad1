"""What goes over the wire: requests as they came, answers as they will go, and the socket work."""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit


class Request(NamedTuple):
    """A request as it came. ``path`` is unquoted and without the query."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    """Names in lower case."""
    form: dict[str, str]
    """The body, when it was a form."""
    origin: str = ""
    """Of the server that was asked: ``http://127.0.0.1:4711``."""
    by_page: bool = False
    """Its token comes from a login on the login page (PKCE)."""

    @property
    def bearer(self) -> str | None:
        """The access token it carries, if any."""
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        return token if kind.lower() == "bearer" else None


@dataclass(slots=True)
class Answer:
    """An answer as it will go; faults change it on its way."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    sent: int | None = None
    """So many bytes of the body are sent, then the connection is reset (or stalls); None: all."""
    length: int | None = None
    """What Content-Length says, if not the truth."""
    stalls: bool = False
    """After ``sent`` bytes of the body (None: before anything) nothing comes any more."""

    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)


def json_answer(document: object, status: int = 200, *, etag: str | None = None) -> Answer:
    """An answer of JSON."""
    headers = {"Content-Type": "application/json;charset=UTF-8"}
    if etag is not None:
        headers["ETag"] = etag
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Answer(status, headers, text.encode("utf-8", "surrogatepass"))


def refusal(status: int, sub_status: int, message: str) -> Answer:
    """An error in the shape of TIDAL's v1 API."""
    body = {"status": status, "subStatus": sub_status, "userMessage": message}
    return json_answer(body, status)


class HttpServer(ThreadingHTTPServer):
    """HTTP/1.1 with keep-alive on 127.0.0.1; stops at once, whatever its connections do."""

    request_queue_size = 256

    def __init__(self, port: int, respond: Callable[[Request], Answer]) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.respond = respond
        self.stopping = threading.Event()
        self.resets: set[socket.socket] = set()
        self._open: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()
        self._accepting = threading.Thread(target=self._accept, name="stand-in", daemon=True)

    @property
    def origin(self) -> str:
        """``http://127.0.0.1:4711``."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> None:
        """Answer from now on."""
        self._accepting.start()

    def stop(self) -> None:
        """Close every connection and wait for every thread to end; once is enough."""
        if self.stopping.is_set():
            return
        self.stopping.set()
        if self._accepting.is_alive():
            socket.create_connection(self.socket.getsockname()).close()  # wakes the thread
            self._accepting.join()
        with self._lock:
            still_open = list(self._open.items())
        for connection, thread in still_open:
            _shut(connection)
            thread.join()
        self.server_close()

    def _accept(self) -> None:
        while not self.stopping.is_set():
            self.handle_request()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread of its own."""
        work = (request, client_address)
        thread = threading.Thread(target=self.process_request_thread, args=work, daemon=True)
        with self._lock:
            self._open[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        """Close a connection: with FIN, or with RST if a fault asked for it."""
        with self._lock:
            self._open.pop(request, None)
        if request in self.resets:
            self.resets.discard(request)
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error; anything else is a bug of the stand-in."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it was closed already


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: HttpServer

    def do_GET(self) -> None:
        self._send(self.server.respond(self._read()))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """The log is ``StandIn.requests``."""

    def _read(self) -> Request:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return Request(
            method=self.command,
            path=unquote(url.path),
            query=dict(parse_qsl(url.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            form=dict(parse_qsl(body.decode("utf-8", "replace"))),
            origin=self.server.origin,
        )

    def _send(self, answer: Answer) -> None:
        body = b"" if self.command == "HEAD" else answer.body
        if not answer.stalls or answer.sent is not None:
            self.wfile.write(_head(answer) + body[: answer.sent])
        if answer.stalls:
            self.server.stopping.wait()
            self.close_connection = True
        elif answer.sent is not None:
            self._reset()
        elif answer.length is not None:
            self.close_connection = True

    def _reset(self) -> None:
        """End the connection with RST instead of FIN: "connection reset by peer"."""
        at_once = struct.pack("ii", 1, 0)  # linger: on, for 0 seconds
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        self.server.resets.add(self.connection)
        self.close_connection = True


for _method in ("HEAD", "POST", "PUT", "DELETE"):
    setattr(_Handler, f"do_{_method}", _Handler.do_GET)


def _head(answer: Answer) -> bytes:
    length = len(answer.body) if answer.length is None else answer.length
    try:
        reason = HTTPStatus(answer.status).phrase
    except ValueError:
        reason = "Unknown"
    lines = [f"HTTP/1.1 {answer.status} {reason}", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    if answer.length is not None:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
