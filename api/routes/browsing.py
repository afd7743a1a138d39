"""What there is: rules, goals, contexts, tracks. Lists come in pages; what does not change has an ETag."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import needs
from api.problems import problem
from api.schemas import Id, Page
from api.service import Service, service_of
from encoders.json_text import json_text
from engine.use_cases import browse

if TYPE_CHECKING:
    from engine.graph import Graph

router = APIRouter(prefix="/v1", tags=["browsing"])
Rules = Annotated[str, Depends(needs("rules"))]
Journeys = Annotated[str, Depends(needs("journeys"))]
Warm = Annotated[Service, Depends(service_of)]
Cursor = Annotated[
    str | None, Query(max_length=200, pattern=r"^[A-Za-z0-9_-]+$", description="`next` of the page before.")
]
Count = Annotated[int, Query(ge=1, le=browse.MOST, description="Entries of a page.")]


@router.get("/rules", response_model=Page, summary="The rules that are published")
async def rules(request: Request, _: Rules, service: Warm, cursor: Cursor = None, limit: Count = 100) -> Response:
    after = _after(cursor)
    rows = await service.ask(lambda graph: browse.list_rules(graph, after, limit + 1))
    return unchanged(request, _page(rows, limit))


@router.get("/rules/{rule_id}", summary="One rule with its evidence")
async def rule(request: Request, rule_id: Id, _: Rules, service: Warm) -> Response:
    return unchanged(request, _there(await service.ask(lambda graph: browse.read_rule(graph, rule_id)), "rule"))


@router.get("/goals", response_model=Page, summary="Where a journey can lead")
async def goals(request: Request, _: Journeys, service: Warm) -> Response:
    return await _all(request, service, browse.list_goals)


@router.get("/contexts", response_model=Page, summary="What a listener can declare")
async def contexts(request: Request, _: Journeys, service: Warm) -> Response:
    return await _all(request, service, browse.list_contexts)


@router.get("/tracks", response_model=Page, summary="The tracks that journeys choose from")
async def tracks(
    request: Request, _: Journeys, service: Warm, cursor: Cursor = None, limit: Count = 100, own: bool = False
) -> Response:
    after = _after(cursor)
    rows = await service.ask(lambda graph: browse.list_track_page(graph, after, limit + 1, own))
    return unchanged(request, _page(rows, limit))


@router.get("/tracks/{track_id}", summary="One track with its cues")
async def track(request: Request, track_id: Id, _: Journeys, service: Warm) -> Response:
    return unchanged(request, _there(await service.ask(lambda graph: browse.read_track(graph, track_id)), "track"))


async def _all(request: Request, service: Service, question: Callable[[Graph], list[Any]]) -> Response:
    return unchanged(request, {"items": await service.ask(question), "next": None})


def _page(rows: list[Any], limit: int) -> dict[str, Any]:
    """The rows of a page, of which one more was asked for than it shows."""
    more = rows[limit - 1]["id"] if len(rows) > limit else None
    following = base64.urlsafe_b64encode(more.encode()).decode().rstrip("=") if more else None
    return {"items": rows[:limit], "next": following}


def _after(cursor: str | None) -> str:
    try:
        return base64.urlsafe_b64decode(f"{cursor or ''}{'=' * (-len(cursor or '') % 4)}").decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        raise problem("invalid_request", "it is no cursor", "Give `next` of the page before", "cursor") from None


def _there(row: Any, what: str) -> Any:
    if row is None:
        raise problem("not_found", f"there is no {what} of this id", f"`GET /v1/{what}s` lists them", f"{what}_id")
    return row


def unchanged(request: Request, content: Any) -> Response:
    """The content with its ETag; 304 where the client has it already, 412 where it counted on another."""
    body = json_text(content, default=str).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if not _names(request.headers.get("if-match", "*"), tag):
        raise problem("changed", "it is not what If-Match names any more", "Get it again without If-Match", ETag=tag)
    if "if-none-match" in request.headers and _names(request.headers["if-none-match"], tag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def _names(given: str, tag: str) -> bool:
    return any(each.strip().removeprefix("W/") in (tag, "*") for each in given.split(","))
