"""A journey for players: playlists, a table, notes, and the sound of each track."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

from api.access import needs
from api.problems import problem
from api.routes.journeys import found
from api.schemas import Id, Uuid
from api.service import Service, service_of
from engine.use_cases.journeys.export import FORMATS, export_journey, render_track

router = APIRouter(prefix="/v1", tags=["listening"])
Whose = Annotated[str, Depends(needs("journeys"))]
Warm = Annotated[Service, Depends(service_of)]
_KINDS = {
    ".ogg": "audio/ogg", ".oga": "audio/ogg", ".opus": "audio/ogg", ".flac": "audio/flac", ".wav": "audio/wav",
    ".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".aac": "audio/aac", ".aif": "audio/aiff", ".aiff": "audio/aiff",
}  # fmt: skip
"""Ending of a sound file -> its media type."""


@router.get(
    "/journeys/{journey_id}/export",
    response_class=Response,
    summary="A journey as a playlist, a table, notes",
    responses={200: {"content": {kind.partition(";")[0]: {} for kind, _ in FORMATS.values()}}},
)
async def export(
    request: Request,
    journey_id: Uuid,
    _: Whose,
    service: Warm,
    format: Annotated[str, Query(max_length=8, description=", ".join(FORMATS))] = "m3u8",  # noqa: A002
) -> Response:
    """The order is the journey: play it as it stands. Locations are addresses of this service."""
    if format not in FORMATS:
        raise problem("not_acceptable", "there is no such format", f"Choose from: {', '.join(FORMATS)}", "format")
    journey = await found(service, journey_id)
    base = str(request.base_url).rstrip("/")
    application = service.application
    content = await service.slow.do(
        lambda: export_journey(journey, format, base, lambda: application.music, application.ask)
    )
    kind, name = FORMATS[format]
    return Response(content, headers={"Content-Disposition": f'attachment; filename="{name}"'}, media_type=kind)


@router.get(
    "/tracks/{track_id}/audio",
    response_class=FileResponse,
    summary="The sound of a track",
    responses={
        200: {"content": {kind: {} for kind in sorted(set(_KINDS.values()))}},
        206: {"description": "A part of it", "content": {kind: {} for kind in sorted(set(_KINDS.values()))}},
    },
)
async def audio(track_id: Id, _: Whose, service: Warm) -> Response:
    """Rendered at the first request and kept; a listener's own recording as it is. Parts can be asked for (Range)."""
    application = service.application
    path = await service.slow.do(
        lambda: render_track(application.settings, application.music, track_id, application.ask)
    )
    headers = {"Cache-Control": "private, max-age=86400"}
    return Sound(path, headers=headers, media_type=_KINDS.get(path.suffix.lower(), "application/octet-stream"))


class Sound(FileResponse):
    """A file, in parts where these are asked for; a range that cannot be given is a problem, as every refusal is."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = False

        async def sent(message: Message) -> None:
            nonlocal refused
            refused = refused or message.get("status") in (400, 416)
            if not refused:
                await send(message)

        await super().__call__(scope, receive, sent)
        if refused:
            fault = problem(
                "range_not_satisfiable", "no byte of it lies in the range", "Ask for bytes within its length"
            )
            await fault.response()(scope, receive, send)
