"""Words read: emotions, and tracks that sound like them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.access import needs
from api.schemas import EmotionsAnswer, SearchAnswer, SearchRequest, TextRequest
from api.service import Service, service_of
from encoders.json_text import json_text
from engine.journey import OWN
from engine.use_cases.read_emotions import read_emotions
from engine.use_cases.search import answer_search

router = APIRouter(prefix="/v1", tags=["reading"])
Whose = Annotated[str, Depends(needs("journeys"))]
Warm = Annotated[Service, Depends(service_of)]


@router.post("/emotions", response_model=EmotionsAnswer, summary="Read emotions from words")
async def emotions(request: Request, body: TextRequest, _: Whose, service: Warm) -> Response:
    """All 28 calibrated probabilities, those over their thresholds, sentence by sentence. Needs no graph."""
    application = service.application
    answer = await service.work.do(
        lambda: read_emotions(application.settings, application.opened, body.text, True, lambda: application.reader)
    )
    request.state.outcome = answer["outcome"]
    return Response(json_text(answer), media_type="application/json")


@router.post("/search", response_model=SearchAnswer, summary="Find tracks by words")
async def search(request: Request, body: SearchRequest, _: Whose, service: Warm) -> Response:
    """Tracks that sound most like the words, likest first."""
    application = service.application
    answer = await service.work.do(
        lambda: answer_search(
            application.settings,
            application.opened,
            body.text,
            body.limit,
            lambda: application.query_encoder,
            application.ask,
        )
    )
    request.state.outcome = answer["outcome"]
    for track in answer.get("tracks", ()):
        if track["id"].startswith(OWN):
            track.pop("source")
    return Response(json_text(answer), media_type="application/json")
