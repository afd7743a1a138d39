"""The client asks what the service answers, and tells its problems."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from api.client import AsyncIsopath, Isopath, ServiceError, steps

JOURNEY = {"outcome": "journey", "id": "j", "stages": [{"id": "match", "steps": [{"track_id": "a"}]}]}


def answering(request: httpx.Request) -> httpx.Response:
    """A service in miniature."""
    assert request.headers["authorization"] == "Bearer key"
    path = request.url.path
    if path == "/v1/journeys":
        if "goal" in json.loads(request.content):
            return httpx.Response(422, json={"code": "usage", "detail": "No.", "repair": "Do.", "field": "goal"})
        return httpx.Response(200, json=JOURNEY | {"key": request.headers.get("idempotency-key")})
    if path == "/v1/rules":
        last = request.url.params.get("cursor") == "2"
        return httpx.Response(200, json={"items": [{"id": "b" if last else "a"}], "next": None if last else "2"})
    if path.endswith(("/export", "/audio")):
        return httpx.Response(200, content=b"bytes")
    if request.method == "DELETE":
        return httpx.Response(204)
    if path == "/v1/emotions":
        return httpx.Response(503, content=b"a proxy", headers={"Retry-After": "2"})
    return httpx.Response(200, json={"path": path, "asked": request.content.decode()})


@pytest.fixture
def isopath() -> Isopath:
    return Isopath("http://service", "key", httpx.Client(transport=httpx.MockTransport(answering)))


def test_it_asks_and_gives_objects_as_they_are(isopath: Isopath) -> None:
    with isopath:
        answer = isopath.journey(feel=["joy"], seed=None, idempotency_key="k")
        assert answer["key"] == "k"
        assert steps(answer) == [{"track_id": "a"}]
        assert [rule["id"] for rule in isopath.listed("rules")] == ["a", "b"]
        assert isopath.export("j", "csv") == isopath.audio("a") == b"bytes"
        isopath.erase("j")
        assert isopath.explanation("j")["path"] == "/v1/journeys/j/explanation"
        assert isopath.query("RETURN 1")["path"] == "/v1/query"


def test_it_tells_problems(isopath: Isopath) -> None:
    with isopath, pytest.raises(ServiceError, match=r"No\. Do\.") as caught:
        isopath.journey(feel=["joy"], goal="bliss")
    assert (caught.value.status, caught.value.code, caught.value.field) == (422, "usage", "goal")


def test_what_is_no_problem_of_ours_is_an_error_too(isopath: Isopath) -> None:
    with isopath, pytest.raises(ServiceError) as caught:
        isopath.emotions("I am well")
    assert (caught.value.status, caught.value.code, caught.value.retry_after) == (503, "internal", 2)


def test_awaited_it_does_the_same() -> None:
    async def ask() -> list[Any]:
        transport = httpx.MockTransport(answering)
        async with AsyncIsopath("http://service", "key", httpx.AsyncClient(transport=transport)) as isopath:
            journey = await isopath.journey(feel=["joy"])
            rules = [rule["id"] async for rule in isopath.listed("rules")]
            await isopath.erase("j")
            return [journey["outcome"], rules, await isopath.export("j")]

    assert asyncio.run(ask()) == ["journey", ["a", "b"], b"bytes"]


def test_both_clients_can_do_the_same() -> None:
    def doings(of: Callable[..., Any]) -> set[str]:
        return {name for name in vars(of) if not name.startswith("_")} - {"close"}

    assert doings(Isopath) == doings(AsyncIsopath)
