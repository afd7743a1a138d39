"""An analyst's questions, which only read, through the same bounded door as `isopath query`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from api.access import needs
from api.schemas import QueryRequest, TableAnswer
from api.service import Service, service_of
from encoders.json_text import json_text
from engine.use_cases.query import answer_query

router = APIRouter(prefix="/v1", tags=["asking"])
Warm = Annotated[Service, Depends(service_of)]


@router.post("/query", response_model=TableAnswer, summary="Ask the graph")
async def query(body: QueryRequest, _: Annotated[str, Depends(needs("query"))], service: Warm) -> Response:
    """The first rows of a statement that only reads, or of a query of cypher/ by name, within seconds and sizes."""
    application = service.application
    table = await service.slow.do(
        lambda: answer_query(
            application.settings, application.ask, application.queries, body.params, body.limit, body.query, body.name
        )
    )
    rows = [dict(row) for row in table.rows]
    answer = {"columns": list(table.columns), "rows": rows, "truncated": table.more}
    return Response(json_text(answer, default=str), media_type="application/json")
