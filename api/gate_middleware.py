"""Middleware that checks every request by the crisis gate, before keys, limits, syntax, models and the graph."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import anyio
from anyio.to_thread import run_sync
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem, problem
from encoders.json_text import json_text
from engine.decoding import decode_leniently
from engine.gate import Gate
from engine.use_cases.plan import make_support

DEEPEST: Final = 16
READ: Final = 4_000_000
"""Limit on bytes that are read of a body."""
_STRINGS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_ESCAPED: Final = re.compile(r"\\u([0-9a-fA-F]{4})")
_STATEMENTS: Final = "/v1/query"
"""The one route whose text is a statement, and not a person's words."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may take."""

    body: int = 64_000
    """Bytes."""
    seconds: float = 10.0
    """Until its body is there."""


@dataclass(frozen=True, slots=True)
class GateMiddleware:
    """Answers with support in a crisis, with a problem for an unreadable body, else calls the application."""

    app: ASGIApp
    gate: Callable[[], Gate]
    region: str | None
    limits: Limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self.app(scope, receive, send)
            return
        body, fault = await self._body(receive)
        if body is None:
            return  # The client hung up: nobody is there to be answered.
        content: Any = None
        if fault is None and body:
            try:
                content = self._content(scope, body)
            except Problem as found:
                fault = found
        if scope["path"] != _STATEMENTS and (help_ := await run_sync(self._help, scope["path"], body, content)):
            scope.setdefault("state", {})["outcome"] = "support"
            await help_(scope, receive, send)
        elif fault is not None:
            await fault.response()(scope, receive, send)
        else:
            await self.app(scope, _again(body, receive), send)

    async def _body(self, receive: Receive) -> tuple[bytes | None, Problem | None]:
        """The body, or the beginning of one that is too long or too slow, with the problem that this is."""
        body, size, more = bytearray(), 0, True
        try:
            with anyio.fail_after(self.limits.seconds):
                while more and size <= READ:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None, None
                    # What is too much is read and let go: who still sends would not see the answer.
                    body += message.get("body", b"")[: max(0, self.limits.body - size)]
                    size += len(message.get("body", b""))
                    more = message.get("more_body", False)
        except TimeoutError:
            fault = f"it was not there after {self.limits.seconds:g} seconds"
            return bytes(body), problem("too_slow", fault, "Send it at once", Connection="close")
        if size > self.limits.body:
            fault = f"more than {self.limits.body:,} bytes are too many"
            repair = f"Send at most {self.limits.body:,} bytes"
            return bytes(body), problem("body_too_large", fault, repair, Connection="close")
        return bytes(body), None

    def _content(self, scope: Scope, body: bytes) -> Any:
        """What the body says; a problem when it cannot be read."""
        headers = {name.lower(): value for name, value in scope["headers"]}
        kind, _, rest = headers.get(b"content-type", b"").decode("latin-1").partition(";")
        charset = rest.strip().lower()
        if kind.strip().lower() != "application/json" or (
            charset and charset not in ("charset=utf-8", 'charset="utf-8"')
        ):
            raise problem(
                "unsupported_media_type", "it is not application/json in UTF-8", "Send Content-Type: application/json"
            )
        if headers.get(b"content-encoding", b"identity").strip().lower() != b"identity":
            raise problem("unsupported_media_type", "it is compressed", "Send it without Content-Encoding")
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            raise problem("invalid_utf8", "it holds bytes that are no UTF-8", "Encode the text as UTF-8") from None
        if _depth(body) > DEEPEST:
            raise problem("too_deep", f"it is nested deeper than {DEEPEST} levels", "Send it as /openapi.json shows")
        try:
            return json.loads(text, parse_constant=_refuse, object_pairs_hook=_once)
        except (ValueError, RecursionError):
            raise problem(
                "invalid_json",
                "it is no JSON, names a field twice, or holds a number that is none",
                "Correct its syntax",
            ) from None

    def _help(self, path: str, body: bytes, content: Any) -> Response | None:
        """Help as an answer where any word of the body asks for it."""
        words = list(_texts(content)) if content is not None else _damaged(body)
        gate = self.gate()
        found = gate.check_all(words)
        if path.rstrip("/") == "/v1/journeys":
            asked = content if isinstance(content, Mapping) else {}
            seed, goal = asked.get("seed"), asked.get("goal")
            seed = seed if isinstance(seed, int) and not isinstance(seed, bool) and 0 <= seed < 2**32 else 0
            goal = goal if isinstance(goal, str) else None
            answer = make_support(gate, found, self.region, seed, goal)
            return None if answer is None else _answered(answer.as_json())
        return _answered(gate.answer(found, self.region)) if found is not None and found.hit else None


def _answered(answer: Mapping[str, Any]) -> Response:
    return Response(json_text(answer), 200, {"Cache-Control": "no-store"}, "application/json")


def _texts(content: Any) -> Iterator[str]:
    """Every text of a body, names of fields among them; those of one list also as one text."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, Mapping):
        for name, value in content.items():
            yield name
            yield from _texts(value)
    elif isinstance(content, list):
        if len(words := [each for each in content if isinstance(each, str)]) > 1:
            yield ", ".join(words)
        for each in content:
            yield from _texts(each)


def _damaged(body: bytes) -> list[str]:
    """What may be words in a body that could not be read."""
    text = decode_leniently(body)
    spelt = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return [text] if spelt == text else [text, spelt]


def _depth(body: bytes) -> int:
    """How deeply lists and objects are nested, told without building them."""
    deepest = depth = 0
    for sign in _STRINGS.sub(b"", body):
        if sign in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in b"]}":
            depth -= 1
    return deepest


def _refuse(_: str) -> None:
    raise ValueError


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _again(body: bytes, receive: Receive) -> Receive:
    """A receiver that gives the body that was read, then whatever comes next."""
    given = False

    async def next_() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return next_
