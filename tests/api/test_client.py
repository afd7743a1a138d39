"""The client asks what the service answers, and tells its problems."""

from __future__ import annotations

import asyncio
import inspect
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.client import AsyncIsopath, Isopath, ServiceError, steps
from tests.helpers.serving import service, without_graph

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
        assert json.loads(isopath.query("RETURN 1")["asked"])["query"] == "RETURN 1"
        asked = json.loads(isopath.question("rules_by_stage", {"tier": None}, limit=3)["asked"])
        assert asked == {"name": "rules_by_stage", "params": {"tier": None}, "limit": 3}
        assert isopath.one("questions", "rules_by_stage")["path"] == "/v1/questions/rules_by_stage"
        assert json.loads(isopath.feedback("j", before=3, after=None)["asked"]) == {"before": 3}
        assert json.loads(isopath.replan("j", 4, signals=["worse"])["asked"]) == {"position": 4, "signals": ["worse"]}
        assert isopath.listener("anna")["path"] == "/v1/listeners/anna"
        isopath.erase_listener("anna")
        assert b"RETURN 1" in isopath.table("text/csv", query="RETURN 1")


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


def test_both_clients_can_do_the_same_and_take_the_same() -> None:
    def doings(of: type) -> dict[str, list[str]]:
        return {
            name: [str(each) for each in inspect.signature(what).parameters.values()]
            for name, what in vars(of).items()
            if not name.startswith("_") and name != "close"
        }

    assert doings(Isopath) == doings(AsyncIsopath)


def test_every_route_is_asked_by_the_client(tmp_path: Path) -> None:
    """Each route of the description but those for operators: a client that lags behind is found here."""
    asked: set[tuple[str, str]] = set()

    def noting(request: httpx.Request) -> httpx.Response:
        asked.add((request.method, request.url.path))
        return httpx.Response(200, json={"items": [], "next": None})

    with Isopath("http://service", client=httpx.Client(transport=httpx.MockTransport(noting))) as isopath:
        isopath.journey(feel=["joy"])
        for ask in (isopath.journey_again, isopath.explanation, isopath.export, isopath.erase, isopath.feedback):
            ask("{journey_id}")
        isopath.replan("{journey_id}", 2)
        for about in (isopath.listener, isopath.erase_listener):
            about("{listener_id}")
        isopath.audio("{track_id}")
        for read in (isopath.emotions, isopath.search, isopath.query):
            read("words")
        for what, id_ in (("rules", "{rule_id}"), ("tracks", "{track_id}"), ("questions", "{name}")):
            isopath.one(what, id_)
        for what in ("rules", "tracks", "goals", "contexts", "questions"):
            list(isopath.listed(what))
    paths = create_app(service(without_graph(tmp_path))).openapi()["paths"]
    described = {(method.upper(), path) for path, operations in paths.items() for method in operations}
    assert described - asked == {("GET", f"/v1/{path}") for path in ("health", "ready", "metrics")}
    assert asked <= described
