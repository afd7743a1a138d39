"""What a listener says of a journey, the rest of it planned anew, and all that is known of a listener."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from api.access import needs
from api.problems import problem
from api.routes.journeys import IdempotencyKey, found, once
from api.schemas import FeedbackAnswer, FeedbackRequest, Id, ReplanRequest, Uuid
from api.schemas import Journey as JourneyAnswer
from api.service import Heard, Planned, Service, service_of
from encoders.json_text import json_text
from engine.answers import Journey
from engine.use_cases.journeys.feedback import Feedback, PastJourney, keep_feedback
from engine.use_cases.journeys.kept_past import find_listener, replan_known
from engine.use_cases.journeys.listeners import erase_listener, make_pseudonym, read_known, veto
from engine.use_cases.journeys.plans import Plans as PlansOfListeners
from engine.use_cases.journeys.plans import read_plan_texts

if TYPE_CHECKING:
    from engine.graph import Graph

router = APIRouter(prefix="/v1", tags=["feedback"])
Whose = Annotated[str, Depends(needs("feedback"))]
Plans = Annotated[str, Depends(needs("journeys"))]
Warm = Annotated[Service, Depends(service_of)]


@router.post("/journeys/{journey_id}/feedback", response_model=FeedbackAnswer, summary="Say how a journey was")
async def feedback(body: FeedbackRequest, journey_id: Uuid, _: Whose, service: Warm) -> Response:
    """Moods before and after, and each track kept, skipped or never again. Kept with the journey, in numbers alone.

    `signals` are those of the ontology that it raised: a replan takes them to the rules.
    """
    planned = service.planned(journey_id)
    journey = await found(service, journey_id)
    tracks = {step["position"]: step["track_id"] for stage in journey["stages"] for step in stage["steps"]}
    if strange := [step.position for step in body.steps if step.position not in tracks]:
        raise problem("usage", f"step {strange[0]} is none of the journey", f"Give 1 to {len(tracks)}", "steps")
    said = Feedback(body.before, body.after, {step.position: step.verdict for step in body.steps}, body.stopped)
    never = [tracks[position] for position, verdict in said.steps.items() if verdict == "never"]

    def keep(graph: Graph) -> tuple[bool, int]:
        listener = planned.listener if planned is not None else find_listener(graph, journey_id)
        if listener is not None and never:
            veto(graph, listener, never)
        return keep_feedback(graph, journey_id, said), len(never) if listener is not None else 0

    kept, vetoed = await service.ask(keep)
    before = service.heard.get(journey_id) or Heard()
    signals = tuple(dict.fromkeys((*before.signals, *said.signals)))
    service.heard.put(journey_id, Heard(signals, before.exclude | said.list_rejected(tracks)))
    return _json({"signals": list(said.signals), "kept": kept, "vetoed": vetoed})


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
    hold for the signals raised. The notice `replanned` says why. Within an hour of planning, and later where it was
    planned with `keep_reading`."""
    await found(service, journey_id)
    heard = service.heard.get(journey_id) or Heard()
    signals = tuple(dict.fromkeys((*heard.signals, *body.signals)))
    exclude = heard.exclude | frozenset(body.exclude)
    application, planned = service.application, service.planned(journey_id)
    past = PastJourney.from_answer(planned.answer, planned.basis, planned.listener) if planned is not None else None

    async def answer() -> tuple[bytes, str]:
        found = await service.work.do(
            lambda: application.serve(
                lambda serving: replan_known(
                    application.make_planner(serving),
                    journey_id,
                    past,
                    body.position,
                    signals,
                    exclude,
                    PlansOfListeners(application.settings),
                )
            )
        )
        if found is None:
            repair = "Plan a new journey with `exclude`; with `keep_reading` the next can be planned anew later"
            raise problem("reading_not_kept", "what it was planned from is remembered for an hour", repair)
        made, basis, listener = found
        if isinstance(made, Journey):
            service.remember(Planned(made, basis, listener))
        request.state.outcome = made.outcome
        return json_text(made.as_json()).encode(), made.id

    return Response(
        await once(service, f"{whose} {journey_id}", idempotency_key, await request.body(), answer),
        media_type="application/json",
    )


@router.get("/listeners/{listener_id}", summary="All that is known of a listener")
async def known(listener_id: Id, _: Whose, service: Warm) -> Response:
    """What is kept of the journeys they heard, with feedback and readings, the tracks they never want again, and their
    plan."""
    application = service.application
    name = make_pseudonym(application.settings.home, listener_id)
    return _json(await _read_known(service, name) | {"plan": read_plan_texts(application.settings.home, name)})


@router.delete("/listeners/{listener_id}", status_code=204, summary="Erase a listener")
async def erase(listener_id: Id, _: Whose, service: Warm) -> Response:
    """Erases a listener with their plan and every journey of theirs: answered once no file of this machine holds them
    any more."""
    application = service.application
    name = make_pseudonym(application.settings.home, listener_id)
    for journey in (await _read_known(service, name))["journeys"]:
        service.forget(journey)
    await service.slow.do(lambda: application.ask(lambda graph: erase_listener(application.settings, graph, name)))
    return Response(status_code=204)


async def _read_known(service: Service, name: str) -> dict[str, Any]:
    """What the graph knows of a pseudonym; a problem where neither it nor the home knows anything."""
    told = await service.ask(lambda graph: read_known(graph, name))
    if told is None and read_plan_texts(service.application.settings.home, name) is None:
        raise problem("not_found", "nothing is known of this listener", "Nothing needs to be done", "listener_id")
    return told or {"journeys": [], "vetoed": [], "kept": []}


def _json(answer: Any) -> Response:
    return Response(json_text(answer), media_type="application/json")
