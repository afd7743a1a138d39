"""What a listener says of a journey, the rest of it planned anew, and all that is known of a listener."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from api.access import needs
from api.problems import problem
from api.routes.journeys import IdempotencyKey, found, once
from api.schemas import FeedbackAnswer, FeedbackRequest, Id, ReplanRequest, Uuid
from api.schemas import Journey as JourneyAnswer
from api.service import Heard, Service, service_of
from encoders.json_text import json_text
from engine.answers import Journey
from engine.use_cases.journeys.feedback import Feedback, keep_feedback, replan
from engine.use_cases.journeys.listeners import erase_listener, known_of, pseudonym, veto

router = APIRouter(prefix="/v1", tags=["feedback"])
Whose = Annotated[str, Depends(needs("feedback"))]
Plans = Annotated[str, Depends(needs("journeys"))]
Warm = Annotated[Service, Depends(service_of)]


@router.post("/journeys/{journey_id}/feedback", response_model=FeedbackAnswer, summary="Say how a journey was")
async def feedback(body: FeedbackRequest, journey_id: Uuid, _: Whose, service: Warm) -> Response:
    """Moods before and after, and each track kept, skipped or never again. Kept with the journey, in numbers alone.

    `signals` are those of the ontology that it raised: a replan takes them to the rules.
    """
    application, planned = service.application, service.planned(journey_id)
    journey = await found(service, journey_id)
    tracks = {step["position"]: step["track_id"] for stage in journey["stages"] for step in stage["steps"]}
    if strange := [step.position for step in body.steps if step.position not in tracks]:
        raise problem("usage", f"step {strange[0]} is none of the journey", f"Give 1 to {len(tracks)}", "steps")
    said = Feedback(body.before, body.after, {step.position: step.verdict for step in body.steps}, body.stopped)
    rejected = frozenset(tracks[position] for position, verdict in said.steps.items() if verdict != "keep")
    never = [tracks[position] for position, verdict in said.steps.items() if verdict == "never"]
    listener = planned.listener if planned is not None else None

    def keep() -> bool:
        if listener is not None and never:
            application.ask(lambda graph: veto(graph, listener, never))
        return application.ask(lambda graph: keep_feedback(graph, journey_id, said))

    kept = await service.work.do(keep)
    before = service.heard.get(journey_id) or Heard()
    signals = tuple(dict.fromkeys((*before.signals, *said.signals)))
    service.heard.put(journey_id, Heard(signals, before.exclude | rejected))
    return _json({"signals": list(said.signals), "kept": kept, "vetoed": len(never) if listener is not None else 0})


@router.post("/journeys/{journey_id}/replan", response_model=JourneyAnswer, summary="Plan the rest of a journey anew")
async def plan_rest(
    request: Request,
    body: ReplanRequest,
    journey_id: Uuid,
    whose: Plans,
    service: Warm,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """A journey under a new id: the steps before `position` as they were, the rest by the same rules, and by those that
    hold for the signals raised. The notice `replanned` says why. Within an hour of planning."""
    application, planned = service.application, service.planned(journey_id)
    if planned is None:
        await found(service, journey_id)
        raise problem(
            "reading_not_kept",
            "what it was planned from is remembered for an hour",
            "Plan a new journey, with `exclude`",
        )
    heard = service.heard.get(journey_id) or Heard()
    signals = tuple(dict.fromkeys((*heard.signals, *body.signals)))

    async def answer() -> tuple[bytes, str]:
        made, basis = await service.work.do(
            lambda: application.serve(
                lambda serving: replan(
                    application.planner(serving),
                    planned.answer,
                    planned.basis,
                    body.position,
                    signals,
                    heard.exclude | frozenset(body.exclude),
                )
            )
        )
        if isinstance(made, Journey):
            service.journeys.put(made.id, replace(planned, answer=made, basis=basis))
        request.state.outcome = made.outcome
        return json_text(made.as_json()).encode(), made.id

    return Response(
        await once(service, f"{whose} {journey_id}", idempotency_key, await request.body(), answer),
        media_type="application/json",
    )


@router.get("/listeners/{listener_id}", summary="All that is known of a listener")
async def known(listener_id: Id, _: Whose, service: Warm) -> Response:
    """Ids of the journeys they heard, and of the tracks they never want again."""
    application = service.application
    name = pseudonym(application.settings.home, listener_id)
    told = await service.ask(lambda graph: known_of(graph, name))
    if told is None:
        raise problem("not_found", "nothing is known of this listener", "Nothing needs to be done", "listener_id")
    return _json(told)


@router.delete("/listeners/{listener_id}", status_code=204, summary="Erase a listener")
async def erase(listener_id: Id, _: Whose, service: Warm) -> Response:
    """Erases a listener with every journey of theirs: answered once no file of this machine holds them any more."""
    application = service.application
    name = pseudonym(application.settings.home, listener_id)
    told = await service.ask(lambda graph: known_of(graph, name))
    if told is None:
        raise problem("not_found", "nothing is known of this listener", "Nothing needs to be done", "listener_id")
    for journey in told["journeys"]:
        service.forget(journey)
    await service.slow.do(lambda: application.ask(lambda graph: erase_listener(application.settings, graph, name)))
    return Response(status_code=204)


def _json(answer: Any) -> Response:
    return Response(json_text(answer), media_type="application/json")
