"""Listeners by pseudonym: recent tracks, vetoes, stored data, and erasure."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from engine.answers import Answer, Journey
from engine.bootstrap import Progress, use_graph
from engine.errors import UsageError
from engine.journey import MOST_EXCLUDED, Request
from engine.plans.keeping import erase_plan
from engine.settings import Settings

if TYPE_CHECKING:
    from engine.gate import GateResult
    from engine.graph import Graph
    from engine.reasoning.facts import Basis
    from engine.reasoning.planner import Planner

LAST: Final = 5
"""Number of last journeys whose tracks are not repeated."""
SAD_AGAIN: Final = "repeated-sadness"
"""Id of the context that a listener's history can add."""
_KEY_FILE: Final = "listeners.key"


class PlanFollower(Protocol):
    """Knows the plans of listeners (`engine.use_cases.journeys.plans.Plans`)."""

    def follow(self, graph: Graph, listener: str, request: Request) -> Request:
        """The request with what the plan of a listener (a pseudonym) adds."""
        ...


def make_pseudonym(home: Path, listener: str) -> str:
    """The pseudonym of a listener: a hash keyed with a secret of the home, so that names cannot be guessed."""
    path = home / _KEY_FILE
    with suppress(FileExistsError):
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with path.open("xb") as file:
            path.chmod(0o600)
            file.write(secrets.token_bytes(32))
    return hmac.new(path.read_bytes(), listener.encode(), hashlib.sha256).hexdigest()[:32]


def has_pseudonyms(home: Path) -> bool:
    """Whether this home ever had a listener."""
    return (home / _KEY_FILE).exists()


def plan_for_listener(
    planner: Planner,
    request: Request,
    gated: GateResult | None,
    listener: str | None,
    plans: PlanFollower,
    again: bool = False,
    remember: Callable[[Journey, Basis], None] | None = None,
) -> Answer:
    """Plans with the history of a listener (a pseudonym), to which the journey is added; None: without a history.

    Follows the listener's plan, excludes tracks of the last journeys (unless `again`) and vetoed ones, and adds the
    context of repeated sadness where stored signs show it.
    """
    if listener is None:
        return planner.plan(request, gated, remember)
    graph = planner.get_graph()
    request = plans.follow(graph, listener, request)
    answer = planner.plan(_apply_past(graph, listener, request, planner.reader.levels, again), gated, remember)
    if isinstance(answer, Journey):
        graph.write(lambda t: t.rows("listeners/heard", listener=listener, journey=answer.id))
    return answer


def _apply_past(graph: Graph, listener: str, request: Request, levels: Mapping[str, Any], again: bool) -> Request:
    [row] = graph.rows("listeners/history", listener=listener, journeys=LAST, levels=levels)
    left_out = [*row["vetoed"], *([] if again else row["recent"])][: MOST_EXCLUDED - len(request.exclude)]
    contexts = tuple(dict.fromkeys((*request.contexts, *([SAD_AGAIN] * bool(row["sad"])))))
    return replace(request, exclude=request.exclude | set(left_out), contexts=contexts)


def veto(graph: Graph, listener: str, tracks: Sequence[str]) -> None:
    """Excludes these tracks from all further journeys of this listener."""
    graph.write(lambda t: t.rows("listeners/veto", listener=listener, tracks=list(tracks)))


def read_known(graph: Graph, listener: str) -> dict[str, Any] | None:
    """The stored data of a listener, from `listeners/known`; None where there is none."""
    return next((dict(row) for row in graph.rows("listeners/known", listener=listener)), None)


def forget_listener(settings: Settings, listener: str, progress: Progress) -> None:
    """Erases a listener with plan, vetoes and journeys; UsageError where nothing is known of them."""
    with use_graph(settings, progress) as graph:
        if not erase_listener(settings, graph, make_pseudonym(settings.home, listener)):
            raise UsageError("--listener", "is the name of nobody known here", "Nothing needs to be done")


def erase_listener(settings: Settings, graph: Graph, listener: str) -> bool:
    """Erases a listener with plan and journeys, also from the server's files; False for an unknown one."""
    from engine.store.journeys import erase_from_graph
    from engine.use_cases.forget import confirm_erasure

    had_plan = erase_plan(settings.home, listener)
    if (known := read_known(graph, listener)) is None:
        return had_plan
    graph.write(lambda t: t.rows("listeners/blank", listener=listener))
    erase_from_graph(graph, known["journeys"])
    confirm_erasure(graph, settings)
    return True
