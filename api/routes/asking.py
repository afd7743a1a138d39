"""An analyst's read-only queries, with the same limits as `isopath query`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Header, Request, Response

from api.access import needs
from api.problems import problem
from api.routes.browsing import unchanged
from api.schemas import Page, QueryRequest, QuestionAnswer, QuestionName, TableAnswer
from api.service import Service, service_of
from encoders.json_text import json_text
from engine.use_cases.query import MEDIA_TYPES, QueryAnswer, answer_query

if TYPE_CHECKING:
    from engine.questions import SavedQuestion

router = APIRouter(prefix="/v1", tags=["asking"])
Whose = Annotated[str, Depends(needs("query"))]
Warm = Annotated[Service, Depends(service_of)]
_JSON: Final = "application/json"


@router.post(
    "/query",
    response_model=TableAnswer,
    summary="Ask the graph",
    responses={200: {"content": {kind: {"schema": {"type": "string"}} for kind in MEDIA_TYPES}}},
)
async def query(
    body: QueryRequest,
    _: Whose,
    service: Warm,
    accept: Annotated[str, Header(max_length=1_000, description="JSON, or a form of table.")] = _JSON,
) -> Response:
    """The first rows of a statement that only reads, or of a saved question, within seconds and sizes.

    `Accept` chooses the form: application/json is the object below, the others hold rows alone; `Isopath-Truncated`
    says whether there were more. CSV, Parquet and Arrow need pyarrow where the service runs.
    """
    kind, application = _chosen(accept), service.application

    def answer() -> tuple[bytes, bool]:
        asked = application.questions[body.name] if body.name is not None else str(body.query)
        found = answer_query(application.settings, application.ask, asked, body.params, body.limit)
        return _object(found) if kind == _JSON else found.encode(kind), found.table.more

    content, more = await service.slow.do(answer)
    return Response(content, headers={"Isopath-Truncated": str(more).lower(), "Vary": "Accept"}, media_type=kind)


@router.get("/questions", response_model=Page, summary="The saved questions")
async def questions(request: Request, _: Whose, service: Warm) -> Response:
    """Each with what it answers, its params and columns, how it is best shown, and a body for `POST /v1/query`."""
    saved = (await run_sync(lambda: service.application.questions)).values()
    return unchanged(request, {"items": [_shown(each) for each in saved], "next": None})


@router.get("/questions/{name}", response_model=QuestionAnswer, summary="One saved question")
async def question(request: Request, name: QuestionName, _: Whose, service: Warm) -> Response:
    saved = await run_sync(lambda: service.application.questions)
    if name.rpartition("/")[2] not in saved.by_name:
        raise problem("not_found", "there is no saved question of this name", "`GET /v1/questions` lists them", "name")
    return unchanged(request, _shown(saved[name]))


def _shown(question: SavedQuestion) -> dict[str, Any]:
    given = {param.name: json.loads(param.default) for param in question.query.params}
    return question.as_json() | {"example": {"name": question.name, "params": given}}


def _object(answer: QueryAnswer) -> bytes:
    table = answer.table
    rows = [dict(row) for row in table.rows]
    told = {"columns": list(table.columns), "rows": rows, "truncated": table.more}
    return json_text(told, default=str).encode()


def _chosen(accept: str) -> str:
    """The media type that is wanted most of those there are; a problem where none of them is wanted."""
    kinds = (_JSON, *MEDIA_TYPES)
    wanted = sorted((_wanted(each) for each in accept.split(",")), key=lambda one: -one[1])
    for pattern, quality in wanted:
        if quality > 0 and (fitting := [kind for kind in kinds if _fits(kind, pattern)]):
            return fitting[0]
    raise problem("not_acceptable", "rows have no form that it names", f"Choose from: {', '.join(kinds)}", "Accept")


def _wanted(entry: str) -> tuple[str, float]:
    """A media type, perhaps with a `*`, and how much it is wanted, 0..1."""
    pattern, *params = (part.strip().lower() for part in entry.split(";"))
    quality = next((param.removeprefix("q=") for param in params if param.startswith("q=")), "1")
    try:
        return pattern, float(quality)
    except ValueError:
        return pattern, 0.0


def _fits(kind: str, pattern: str) -> bool:
    return pattern in ("*/*", kind, f"{kind.partition('/')[0]}/*")
