"""A thin client: `Isopath` asks and waits, `AsyncIsopath` is awaited. Answers are the objects of the service.

from api.client import Isopath

with Isopath("http://127.0.0.1:8321") as isopath:
    answer = isopath.journey(text="I can't stop worrying", goal="calm", seed=7)
    if answer["outcome"] == "question":
        answer = isopath.journey(text="…", goal="calm", seed=answer["seed"], answer="nervousness")
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self

import httpx

Answer = dict[str, Any]
"""An object of the service: `outcome` tells journey, question, withheld and support apart. Show support first."""
PATIENCE: Final = 60.0
"""Seconds until nobody waits for an answer any more."""


class ServiceError(Exception):
    """A problem that the service answered; `code` is stable, `field` names what is wrong, `repair` what helps."""

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after: str | None = None) -> None:
        super().__init__(f"{problem.get('detail', 'The service cannot answer.')} {problem.get('repair', '')}".strip())
        self.status = status
        self.code = str(problem.get("code", "internal"))
        self.field = problem.get("field")
        self.repair = problem.get("repair")
        self.retry_after = int(retry_after) if retry_after and retry_after.isdigit() else None
        """Seconds after which to ask again; None where that would not help."""


class Isopath:
    """Asks a service and waits for its answers; ServiceError where it cannot answer."""

    def __init__(self, address: str, key: str | None = None, client: httpx.Client | None = None) -> None:
        """`client` stands in for the connection, with settings of its own (proxies, certificates)."""
        self._client = client or httpx.Client(timeout=PATIENCE)
        self._client.base_url = httpx.URL(address)
        self._client.headers.update(_headers(key))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def journey(self, *, idempotency_key: str | None = None, **asked: Any) -> Answer:
        """`POST /v1/journeys` with these fields: text, scores or feel; goal, minutes, seed, contexts, like, exclude,
        answer, listener, repeat, keep_reading."""
        return _object(self._client.post("/v1/journeys", json=_given(asked), headers=_once(idempotency_key)))

    def journey_again(self, id_: str) -> Answer:
        return _object(self._client.get(f"/v1/journeys/{id_}"))

    def explanation(self, id_: str) -> Answer:
        return _object(self._client.get(f"/v1/journeys/{id_}/explanation"))

    def export(self, id_: str, format_: str = "m3u8") -> bytes:
        return _checked(self._client.get(f"/v1/journeys/{id_}/export", params={"format": format_})).content

    def audio(self, track_id: str) -> bytes:
        return _checked(self._client.get(f"/v1/tracks/{track_id}/audio")).content

    def erase(self, id_: str) -> None:
        _checked(self._client.delete(f"/v1/journeys/{id_}"))

    def feedback(self, id_: str, **said: Any) -> Answer:
        """`POST …/feedback` with these fields: before, after, steps, stopped."""
        return _object(self._client.post(f"/v1/journeys/{id_}/feedback", json=_given(said)))

    def replan(self, id_: str, position: int, *, idempotency_key: str | None = None, **asked: Any) -> Answer:
        """`POST …/replan` from this position on, with these fields: signals, exclude."""
        body = _given({"position": position, **asked})
        return _object(self._client.post(f"/v1/journeys/{id_}/replan", json=body, headers=_once(idempotency_key)))

    def listener(self, id_: str) -> Answer:
        """All that is known of a listener."""
        return _object(self._client.get(f"/v1/listeners/{id_}"))

    def erase_listener(self, id_: str) -> None:
        _checked(self._client.delete(f"/v1/listeners/{id_}"))

    def emotions(self, text: str) -> Answer:
        return _object(self._client.post("/v1/emotions", json={"text": text}))

    def search(self, text: str, limit: int = 10) -> Answer:
        return _object(self._client.post("/v1/search", json={"text": text, "limit": limit}))

    def query(self, statement: str, params: Mapping[str, Any] | None = None, limit: int = 1_000) -> Answer:
        """Rows of a statement that only reads."""
        return _object(self._client.post("/v1/query", json=_asked(limit, params, query=statement)))

    def question(self, name: str, params: Mapping[str, Any] | None = None, limit: int = 1_000) -> Answer:
        """Rows of a saved question, by its name (`listed("questions")`)."""
        return _object(self._client.post("/v1/query", json=_asked(limit, params, name=name)))

    def table(self, media_type: str, limit: int = 1_000, params: Mapping[str, Any] | None = None, **what: str) -> bytes:
        """The rows that `query` or `question` would give as a table: text/csv, application/vnd.apache.parquet, …"""
        body = _asked(limit, params, **what)
        return _checked(self._client.post("/v1/query", json=body, headers={"Accept": media_type})).content

    def one(self, what: str, id_: str) -> Answer:
        """One of the `rules`, `tracks` or `questions`, by its id."""
        return _object(self._client.get(f"/v1/{what}/{id_}"))

    def listed(self, what: str, page: int = 500) -> Iterator[Answer]:
        """All `rules`, `tracks`, `goals`, `contexts` or `questions`, page by page."""
        cursor: str | None = ""
        while cursor is not None:
            told = _object(self._client.get(f"/v1/{what}", params=_page(what, page, cursor)))
            yield from told["items"]
            cursor = told["next"]


class AsyncIsopath:
    """The same, awaited."""

    def __init__(self, address: str, key: str | None = None, client: httpx.AsyncClient | None = None) -> None:
        self._client = client or httpx.AsyncClient(timeout=PATIENCE)
        self._client.base_url = httpx.URL(address)
        self._client.headers.update(_headers(key))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self._client.aclose()

    async def journey(self, *, idempotency_key: str | None = None, **asked: Any) -> Answer:
        return _object(await self._client.post("/v1/journeys", json=_given(asked), headers=_once(idempotency_key)))

    async def journey_again(self, id_: str) -> Answer:
        return _object(await self._client.get(f"/v1/journeys/{id_}"))

    async def explanation(self, id_: str) -> Answer:
        return _object(await self._client.get(f"/v1/journeys/{id_}/explanation"))

    async def export(self, id_: str, format_: str = "m3u8") -> bytes:
        return _checked(await self._client.get(f"/v1/journeys/{id_}/export", params={"format": format_})).content

    async def audio(self, track_id: str) -> bytes:
        return _checked(await self._client.get(f"/v1/tracks/{track_id}/audio")).content

    async def erase(self, id_: str) -> None:
        _checked(await self._client.delete(f"/v1/journeys/{id_}"))

    async def feedback(self, id_: str, **said: Any) -> Answer:
        return _object(await self._client.post(f"/v1/journeys/{id_}/feedback", json=_given(said)))

    async def replan(self, id_: str, position: int, *, idempotency_key: str | None = None, **asked: Any) -> Answer:
        body = _given({"position": position, **asked})
        return _object(await self._client.post(f"/v1/journeys/{id_}/replan", json=body, headers=_once(idempotency_key)))

    async def listener(self, id_: str) -> Answer:
        return _object(await self._client.get(f"/v1/listeners/{id_}"))

    async def erase_listener(self, id_: str) -> None:
        _checked(await self._client.delete(f"/v1/listeners/{id_}"))

    async def emotions(self, text: str) -> Answer:
        return _object(await self._client.post("/v1/emotions", json={"text": text}))

    async def search(self, text: str, limit: int = 10) -> Answer:
        return _object(await self._client.post("/v1/search", json={"text": text, "limit": limit}))

    async def query(self, statement: str, params: Mapping[str, Any] | None = None, limit: int = 1_000) -> Answer:
        return _object(await self._client.post("/v1/query", json=_asked(limit, params, query=statement)))

    async def question(self, name: str, params: Mapping[str, Any] | None = None, limit: int = 1_000) -> Answer:
        return _object(await self._client.post("/v1/query", json=_asked(limit, params, name=name)))

    async def table(
        self, media_type: str, limit: int = 1_000, params: Mapping[str, Any] | None = None, **what: str
    ) -> bytes:
        body = _asked(limit, params, **what)
        return _checked(await self._client.post("/v1/query", json=body, headers={"Accept": media_type})).content

    async def one(self, what: str, id_: str) -> Answer:
        return _object(await self._client.get(f"/v1/{what}/{id_}"))

    async def listed(self, what: str, page: int = 500) -> AsyncIterator[Answer]:
        cursor: str | None = ""
        while cursor is not None:
            told = _object(await self._client.get(f"/v1/{what}", params=_page(what, page, cursor)))
            for item in told["items"]:
                yield item
            cursor = told["next"]


def steps(journey: Mapping[str, Any]) -> Sequence[Answer]:
    """Every step of a journey in its order, which is the journey."""
    return [step for stage in journey.get("stages") or () for step in stage["steps"]]


def _headers(key: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def _once(idempotency_key: str | None) -> dict[str, str]:
    return {"Idempotency-Key": idempotency_key} if idempotency_key else {}


def _given(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if value is not None}


def _asked(limit: int, params: Mapping[str, Any] | None, **what: str) -> dict[str, Any]:
    return {**what, "params": dict(params or {}), "limit": limit}


def _page(what: str, page: int, cursor: str) -> dict[str, str]:
    paged = {"limit": str(page)} if what in ("rules", "tracks") else {}
    return paged | ({"cursor": cursor} if cursor else {})


def _object(response: httpx.Response) -> Answer:
    answer: Answer = _checked(response).json()
    return answer


def _checked(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    raise ServiceError(response.status_code, problem, response.headers.get("retry-after"))
