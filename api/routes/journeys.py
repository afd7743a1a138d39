"""Journeys: planned, looked at again, explained, erased."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response

from api.access import needs
from api.problems import problem
from api.routes.progress import MEDIA_TYPE as EVENTS
from api.routes.progress import asks_for_events, streamed
from api.schemas import Journey as JourneyAnswer
from api.schemas import JourneyRequest, Uuid
from api.service import Planned, Service, service_of
from encoders.json_text import json_text
from engine.answers import Answer, Journey
from engine.application import ServingState
from engine.journey import Request as Asked
from engine.use_cases.forget import erase_journeys
from engine.use_cases.journeys.explain import explain_planned
from engine.use_cases.journeys.listeners import make_pseudonym, plan_for_listener
from engine.use_cases.journeys.plans import Plans
from engine.use_cases.journeys.read import read_journey, read_kept_reading
from engine.use_cases.plan import UncheckedRequest, answer_request

if TYPE_CHECKING:
    from engine.gate import GateResult
    from engine.reasoning.facts import Basis

router = APIRouter(prefix="/v1/journeys", tags=["journeys"])
Whose = Annotated[str, Depends(needs("journeys"))]
Warm = Annotated[Service, Depends(service_of)]
IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=128, pattern=r"^[!-~]+$")]


@router.post(
    "",
    response_model=JourneyAnswer,
    summary="Plan a journey",
    responses={200: {"content": {EVENTS: {"schema": {"type": "string"}}}}},
)
async def plan(
    request: Request, body: JourneyRequest, whose: Whose, service: Warm, idempotency_key: IdempotencyKey = None
) -> Response:
    """A journey, or one question, or withheld, or support: `outcome` tells which, and all of them are 200.

    A question is answered by the same request with the answer's `seed` and the `answer` chosen. The same
    `Idempotency-Key` with the same body within an hour gives the same answer. With `Accept: text/event-stream` events
    `progress` come first, then one `answer` or `problem`; support comes as JSON even so.
    """

    content = await request.body()

    async def answered(tell: Callable[[str], None]) -> bytes:
        async def planned() -> tuple[bytes, str]:
            answer = await service.work.do(lambda: plan_for(service, body, tell))
            request.state.outcome = answer.outcome
            return json_text(answer.as_json()).encode(), answer.id

        return await once(service, whose, idempotency_key, content, planned)

    if asks_for_events(request):
        return streamed(answered)
    return _json(await answered(lambda _: None))


@router.get("/{journey_id}", response_model=JourneyAnswer, summary="Look at a journey again")
async def read(journey_id: Uuid, _: Whose, service: Warm) -> Response:
    """The whole object for an hour after it was planned; then what is kept of it, with `complete` false."""
    return _json(json_text(await found(service, journey_id)).encode())


@router.get("/{journey_id}/explanation", summary="Why each track stands where it does")
async def explanation(journey_id: Uuid, _: Whose, service: Warm) -> Response:
    """Rules, evidence, bounds, what each rule changed and what was not known.

    In full for an hour; later what is kept where the journey was planned with `keep_reading`.
    """
    application = service.application
    await found(service, journey_id)
    if (planned := service.planned(journey_id)) is not None:
        told = await service.slow.do(
            lambda: application.serve(
                lambda serving: explain_planned(application.make_planner(serving), planned.answer, planned.basis)
            )
        )
        if told is None:
            raise problem("version_changed", "the rules changed since it was planned", "Plan it again")
        return _json(json_text(told).encode())
    kept = await service.ask(lambda graph: read_kept_reading(graph, journey_id))
    if kept is None:
        repair = "Ask within the hour after it was planned, or plan with keep_reading"
        raise problem("reading_not_kept", "what was felt is not kept with it, nor the rules", repair)
    return _json(json_text(kept).encode())


@router.delete("/{journey_id}", status_code=204, summary="Erase a journey")
async def erase(journey_id: Uuid, _: Whose, service: Warm) -> Response:
    """Erases it from memory, graph and files: answered once no file of this machine holds it any more."""
    application = service.application
    known = service.forget(journey_id)
    if (
        not await service.slow.do(
            lambda: application.ask(lambda graph: erase_journeys(application.settings, graph, [journey_id]))
        )
        and not known
    ):
        raise no_journey()
    return Response(status_code=204)


def plan_for(service: Service, body: JourneyRequest, tell: Callable[[str], None]) -> Answer:
    """What a body is answered with; a journey is remembered for an hour. `tell` learns where the plan stands."""
    application = service.application
    asked = UncheckedRequest(
        text=body.text,
        like=body.like,
        goal=body.goal,
        minutes=body.minutes,
        seed=body.seed,
        feel=tuple(body.feel or ()),
        contexts=tuple(body.contexts),
        answer=body.answer,
        keep_reading=body.keep_reading,
        scores=body.scores,
        exclude=frozenset(body.exclude),
    )

    listener = make_pseudonym(application.settings.home, body.listener) if body.listener else None

    def remember(answer: Journey, basis: Basis) -> None:
        service.remember(Planned(answer, basis, listener))

    def plan(serving: ServingState, request: Asked, gated: GateResult | None) -> Answer:
        planner, plans = application.make_planner(serving, tell), Plans(application.settings, tell)
        return plan_for_listener(planner, request, gated, listener, plans, body.repeat, remember)

    return answer_request(
        application.settings,
        application.gate,
        asked,
        lambda request, gated: application.serve(lambda serving: plan(serving, request, gated)),
        lambda: application.reader,
    )


async def found(service: Service, id_: str) -> Mapping[str, Any]:
    """The journey, in full or as it is kept; a problem where it is neither known nor kept, or was erased elsewhere."""
    application = service.application
    planned = service.planned(id_)
    if planned is not None and not application.settings.keep:
        return planned.answer.as_json()
    kept = await service.ask(lambda graph: read_journey(graph, id_))
    if kept is None:
        service.forget(id_)
        raise no_journey()
    return planned.answer.as_json() if planned is not None else kept


async def once(
    service: Service, whose: str, key: str | None, body: bytes, answer: Callable[[], Awaitable[tuple[bytes, str]]]
) -> bytes:
    """The answer; with an idempotency key the one that was given before, where there was one."""
    if key is None:
        return (await answer())[0]
    name, before = service.repeated.begin(whose, key, body)
    if before is not None and before.answer is not None:
        return before.answer
    answered: tuple[bytes | None, str | None] = None, None
    try:
        answered = content, _ = await answer()
        return content
    finally:
        service.repeated.end(name, body, *answered)


def no_journey() -> Exception:
    return problem(
        "journey_not_found", "no journey of this id is known or kept", "It may have been erased; plan a new one"
    )


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json")
