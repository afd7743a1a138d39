"""The application that a server runs: routes, what stands around them, and its description (OpenAPI)."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from anyio.to_thread import run_sync
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.description import ABOUT, described
from api.gate_middleware import GateMiddleware
from api.observing import VERSION, Observed
from api.problems import Problem, of_error, of_http, of_request, of_validation
from api.routes import asking, browsing, feedback, journeys, listening, operating, reading
from api.service import Service
from engine.errors import IsopathError

_LOG = logging.getLogger(__name__)
_TIDIED: Final = 600.0
"""Seconds between two looks for journeys that are kept too long (ISOPATH_KEEP_DAYS)."""


def create_app(service: Service) -> FastAPI:
    """The application over a service. It opens what is not open yet in the background, and answers meanwhile."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(run_sync(_warm, service)), asyncio.create_task(_tidy(service))]
        try:
            yield
        finally:
            tasks[1].cancel()
            with suppress(asyncio.CancelledError, IsopathError):
                await tasks[1]
            await run_sync(service.application.close)
            _LOG.info("ended")

    app = FastAPI(
        title="Isopath", version=VERSION, description=ABOUT, lifespan=lifespan, docs_url=None, redoc_url=None,
        redirect_slashes=False, strict_content_type=False,
    )  # fmt: skip
    app.state.service = service
    for routes in (journeys, feedback, listening, reading, browsing, asking, operating):
        app.include_router(routes.router)
    for kind in (RequestValidationError, HTTPException, Problem, IsopathError):
        app.add_exception_handler(kind, _told)
    app.openapi = lambda: described(app)  # type: ignore[method-assign]
    application = service.application
    app.add_middleware(
        GateMiddleware, gate=lambda: application.gate, region=application.settings.region, limits=service.limits
    )
    app.add_middleware(Observed, numbers=service.numbers)
    return app


def _warm(service: Service) -> None:
    """Opens what is needed, and leaves it out of what is looked through for garbage while journeys are planned."""
    service.application.warm_up()
    gc.collect()
    gc.freeze()


async def _tidy(service: Service) -> None:
    while True:
        await asyncio.sleep(_TIDIED)
        with suppress(IsopathError, Problem):
            await service.slow.do(service.application.erase_expired)


async def _told(request: Request, error: Exception) -> Response:
    if isinstance(error, RequestValidationError):
        return of_validation(error, of_request(request)).response()
    return (of_http(error) if isinstance(error, HTTPException) else of_error(error)).response()
