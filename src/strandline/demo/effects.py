"""How an answer goes wrong: functions that give an ``Effect`` for ``Faults.on``."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from strandline.demo.http import Answer, Request, json_answer, refusal

if TYPE_CHECKING:
    from strandline.demo.faults import Effect

HTML = b"<!DOCTYPE html><html><body><h1>We will be right back</h1></body></html>"


def instead(answer: Answer) -> Effect:
    """This answer, whatever was asked."""
    return lambda _request, _answer: replace(answer, headers=dict(answer.headers))


def edit(change: Callable[[Any], object]) -> Effect:
    """The JSON document, changed in place by ``change``."""

    def effect(_request: Request, answer: Answer) -> Answer:
        document = answer.json()
        change(document)
        return replace(answer, body=json_answer(document).body)

    return effect


# ---------------------------------------------------------------- status and transport


def status(code: int, body: str = "json", sub_status: int = 0) -> Effect:
    """An error; ``body`` is ``json`` (as v1 words it), ``html`` (a proxy's) or ``empty``."""
    if body == "json":
        return instead(refusal(code, sub_status, f"The stand-in was told to answer {code}"))
    if body == "html":
        return instead(Answer(code, {"Content-Type": "text/html"}, HTML))
    return instead(Answer(code))


def too_many(retry_after: int | str | None = None, body: str = "json") -> Effect:
    """429, with ``Retry-After`` as given: seconds, an HTTP date, something absurd, or none."""
    plain = status(429, body)

    def effect(request: Request, answer: Answer) -> Answer:
        refused = plain(request, answer)
        if retry_after is not None:
            refused.headers["Retry-After"] = str(retry_after)
        return refused

    return effect


def html(code: int = 200) -> Effect:
    """A web page where JSON or audio should be (a hotel's login page)."""
    return status(code, "html")


def empty_body() -> Effect:
    """200 and nothing."""
    return instead(Answer(200))


def redirect(url: str, code: int = 302) -> Effect:
    """Away to another place."""
    return instead(Answer(code, {"Location": url}))


def reset(after: float = 0.5) -> Effect:
    """The connection is reset after this share of the body."""
    return lambda _request, answer: replace(answer, sent=int(len(answer.body) * after))


def wrong_length(by: int) -> Effect:
    """``Content-Length`` is off by so many bytes; the connection is closed after the body."""
    return lambda _request, answer: replace(answer, length=len(answer.body) + by)


def truncated(to: float = 0.5) -> Effect:
    """Only this share of the body, and a ``Content-Length`` that agrees with it."""
    return lambda _request, answer: replace(answer, body=answer.body[: int(len(answer.body) * to)])


def flipped(at: float = 0.5) -> Effect:
    """One byte of the body is not what it was."""

    def effect(_request: Request, answer: Answer) -> Answer:
        body = bytearray(answer.body)
        body[int(len(body) * at)] ^= 0xFF
        return replace(answer, body=bytes(body))

    return effect


def stall(after: float | None = None) -> Effect:
    """Nothing comes (or no more after this share of the body) until the stand-in stops."""

    def effect(_request: Request, answer: Answer) -> Answer:
        sent = None if after is None else int(len(answer.body) * after)
        return replace(answer, sent=sent, stalls=True)

    return effect


def huge(size: int = 64 << 20) -> Effect:
    """JSON of so many bytes, all of it padding; they are there only while it is sent."""

    def effect(_request: Request, _answer: Answer) -> Answer:
        return Answer(200, {"Content-Type": "application/json"}, b'{"items":[]}'.ljust(size))

    return effect


def deep(levels: int = 100_000) -> Effect:
    """JSON nested so deeply that a parser gives up."""
    body = b"[" * levels + b"]" * levels
    return instead(Answer(200, {"Content-Type": "application/json"}, body))


# ---------------------------------------------------------------- pages


def short_page(missing: int = 1) -> Effect:
    """The page lacks its last items; total and limit say nothing of it."""
    return edit(lambda page: page["items"].__delitem__(slice(-missing, None)))


def doubled_page() -> Effect:
    """Every item of the page comes twice."""
    return edit(lambda page: page["items"].extend(list(page["items"])))


def null_items() -> Effect:
    """The items of the page are all null."""
    return edit(lambda page: page.update(items=[None] * len(page["items"])))


def empty_list(total: int | None = None) -> Effect:
    """No items; the total says 0, or what it is given."""
    return edit(lambda page: page.update(items=[], totalNumberOfItems=total or 0))


def total(number: int | None) -> Effect:
    """``totalNumberOfItems`` says something else."""
    return edit(lambda page: page.update(totalNumberOfItems=number))


def endless_cursor() -> Effect:
    """The cursor of a page leads to the same page again."""

    def effect(request: Request, answer: Answer) -> Answer:
        same = request.query.get("cursor", "MA==")
        return edit(lambda page: page.update(cursor=same))(request, answer)

    return effect


def first_page(request: Request) -> Request:
    """For ``ask=``: a server that ignores ``offset`` and ``cursor``."""
    query = {key: value for key, value in request.query.items() if key != "cursor"}
    return request._replace(query=query | {"offset": "0"})


def other_user(user_id: int = 2002) -> Effect:
    """For ``/v1/sessions``: the login belongs to somebody else."""
    return edit(lambda session: session.update(userId=user_id))


# ---------------------------------------------------------------- playback info


def preview() -> Effect:
    """Thirty seconds for those who do not pay."""
    return edit(lambda info: info.update(assetPresentation="PREVIEW"))


def encrypted() -> Effect:
    """A manifest (of one URL) whose audio needs a key."""
    return manifest(lambda bts: bts.update(encryptionType="OLD_AES", keyId="c3RhbmQtaW4="))


def manifest_url(url: str) -> Effect:
    """A manifest (of one URL) that leads elsewhere: ``file:``, a private address, another port."""
    return manifest(lambda bts: bts.update(urls=[url]))


def manifest(change: Callable[[Any], object]) -> Effect:
    """The decoded BTS manifest, changed in place by ``change``."""

    def on_info(info: Any) -> None:
        bts = json.loads(base64.b64decode(info["manifest"]))
        change(bts)
        info["manifest"] = base64.b64encode(json.dumps(bts).encode()).decode()

    return edit(on_info)


def manifest_text(change: Callable[[str], str]) -> Effect:
    """The decoded manifest as text (an MPD, say), replaced by what ``change`` makes of it."""

    def on_info(info: Any) -> None:
        text = change(base64.b64decode(info["manifest"]).decode())
        info["manifest"] = base64.b64encode(text.encode()).decode()

    return edit(on_info)
