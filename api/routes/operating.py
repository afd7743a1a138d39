"""For operators: whether the process lives, whether it can answer, and its numbers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, PlainTextResponse

from api.access import needs
from api.observing import VERSION
from api.problems import of_error
from api.service import Service, service_of

router = APIRouter(tags=["operating"])
Warm = Annotated[Service, Depends(service_of)]


@router.get("/v1/health", summary="The process lives")
@router.get("/health", include_in_schema=False)
async def health() -> dict[str, str]:
    return {"status": "ok", "version": VERSION}


@router.get("/v1/ready", response_model=None, summary="Journeys can be planned")
@router.get("/ready", response_model=None, include_in_schema=False)
async def ready(service: Warm) -> Response:
    """200 when gate, models and graph are open; else a problem that says what is not. Help is given either way."""
    fault = service.application.fault
    service.numbers.ready.set(fault is None)
    return JSONResponse({"status": "ready"}) if fault is None else of_error(fault).response()


@router.get("/v1/metrics", response_class=PlainTextResponse, summary="Numbers for Prometheus")
@router.get("/metrics", response_model=None, include_in_schema=False)
async def metrics(service: Warm, _: Annotated[str, Depends(needs(None))]) -> Response:
    service.numbers.ready.set(service.application.fault is None)
    return Response(generate_latest(service.numbers.registry), media_type=CONTENT_TYPE_LATEST)
