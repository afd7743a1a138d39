"""The service as one object: what is warm, who may come in, and what is remembered for an hour."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from fastapi import Request

from api.access import Access
from api.gate_middleware import Limits
from api.memory import Recent, Repeated
from api.observing import Numbers
from api.work import Work
from engine.answers import Journey
from engine.application import Application

if TYPE_CHECKING:
    from engine.graph import Graph
    from engine.reasoning.facts import Basis

type_ = TypeVar("type_")


@dataclass(frozen=True, slots=True)
class Planned:
    """A journey of the last hour, with what it was planned from."""

    answer: Journey
    basis: Basis
    listener: str | None = None
    """Pseudonym of whom it is for."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said of a journey so far."""

    signals: tuple[str, ...] = ()
    exclude: frozenset[str] = frozenset()
    """Ids of tracks that were skipped or are not wanted again."""


@dataclass(frozen=True, slots=True)
class Service:
    """All that a route needs."""

    application: Application
    access: Access
    limits: Limits = field(default_factory=Limits)
    numbers: Numbers = field(default_factory=Numbers)
    journeys: Recent[bytes] = field(default_factory=lambda: Recent(5_000))
    """As bytes: thousands of them as objects would be walked by every collection of garbage."""
    heard: Recent[Heard] = field(default_factory=lambda: Recent(5_000))
    repeated: Repeated = field(default_factory=Repeated)
    seconds: float = 30.0
    """Until nobody waits for a journey any more."""
    work: Work = field(init=False)
    slow: Work = field(init=False)
    """Places for sound, erasing and analysts: whoever waits for these keeps nobody from a journey."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "work", Work(self.application.check_graph, self.seconds))
        object.__setattr__(self, "slow", Work(lambda: None, seconds=120.0, places=2))

    async def ask(self, question: Callable[[Graph], type_]) -> type_:
        """What the graph answers to a question that only reads."""
        return await self.work.do(lambda: self.application.ask(question))

    def forget(self, journey: str) -> bool:
        """Forgets all of a journey but what the graph keeps; whether it was remembered."""
        self.repeated.forget(journey)
        self.heard.drop(journey)
        return self.journeys.drop(journey)

    def remember(self, planned: Planned) -> None:
        """Remembers a journey for an hour."""
        self.journeys.put(planned.answer.id, zlib.compress(pickle.dumps(planned), 1))

    def planned(self, id_: str) -> Planned | None:
        """A journey of the last hour."""
        if (held := self.journeys.get(id_)) is None:
            return None
        planned: Planned = pickle.loads(zlib.decompress(held))  # noqa: S301  # our own, from this process
        return planned


def service_of(request: Request) -> Service:
    """The service that answers a request."""
    service: Service = request.app.state.service
    return service
