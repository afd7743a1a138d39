"""Reconstructs the basis of a kept journey, so that its rest can be planned again at any time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.answers import Journey, Question, Withheld
from engine.journey import Request, Step
from engine.use_cases.journeys.feedback import SIGNALS, VERDICTS, Feedback, PastJourney, replan
from engine.use_cases.journeys.read import read_kept_row

if TYPE_CHECKING:
    from engine.graph import Graph, Row
    from engine.reasoning.facts import Basis
    from engine.reasoning.planner import Planner
    from engine.use_cases.journeys.listeners import PlanFollower


def read_past(planner: Planner, kept: Row) -> PastJourney | None:
    """The past journey of a row of `kept/journey`; None where its signs were not stored.

    The words for the sound (`like`) and excluded tracks are not stored; tracks that the listener vetoed stay excluded.
    """
    if not kept["signs"]:
        return None
    basis = _make_basis(planner, kept)
    rules = {rule.id: rule.label for rule in planner.build_case(basis).in_force}
    tracks = {
        row["id"]: row
        for row in planner.get_graph().rows("browse/tracks", ids=[step["track_id"] for step in kept["steps"]])
    }
    return PastJourney(
        tuple(_make_step(step, tracks[step["track_id"]]) for step in kept["steps"]), rules, basis, kept["listener"]
    )


def replan_known(
    planner: Planner,
    id_: str,
    remembered: PastJourney | None,
    position: int,
    signals: tuple[str, ...],
    exclude: frozenset[str],
    plans: PlanFollower,
) -> tuple[Withheld | Question | Journey, Basis, str | None] | None:
    """As `replan`, with the listener, from a remembered or else a kept journey; None where neither is enough.

    Stored feedback counts, also of other processes, and so does the listener's plan as it stands now.
    """
    kept = read_kept_row(planner.get_graph(), id_)
    past = remembered or (read_past(planner, kept) if kept is not None else None)
    if past is None:
        return None
    if past.listener is not None:
        followed = plans.follow(planner.get_graph(), past.listener, past.basis.request)
        past = replace(past, basis=replace(past.basis, request=replace(followed, like=None)))
    if kept is not None:
        said, tracks = _read_feedback(kept), {step["position"]: step["track_id"] for step in kept["steps"]}
        signals, exclude = tuple(dict.fromkeys((*signals, *said.signals))), exclude | said.list_rejected(tracks)
    return *replan(planner, past, position, signals, exclude), past.listener


def _read_feedback(kept: Row) -> Feedback:
    """The feedback that is stored with a journey."""
    verdicts = {score: verdict for verdict, score in VERDICTS.items()}
    given = {step["position"]: verdicts[step["verdict"]] for step in kept["steps"] if step["verdict"] is not None}
    return Feedback(kept["moods"]["before"], kept["moods"]["after"], given)


def find_listener(graph: Graph, id_: str) -> str | None:
    """Pseudonym of the listener of a kept journey; None where it has none."""
    kept = read_kept_row(graph, id_)
    return None if kept is None else kept["listener"]


def _make_basis(planner: Planner, kept: Row) -> Basis:
    from engine.reasoning.facts import Basis
    from engine.reasoning.reading import SOMETHING_ELSE

    reader = planner.reader
    scores = {sign["id"]: sign["score"] for sign in kept["signs"]}
    felt = {id_: score for id_, score in scores.items() if id_ in reader.meaning["emotions"]}
    known = {row["id"] for row in planner.get_graph().rows("browse/contexts")}
    # A reading has scores for all emotions; chosen emotions are stored alone, and none for "something else".
    chosen = tuple(felt) if len(felt) < len(reader.model.labels) else ()
    request = Request(
        goal=kept["goal"],
        goal_chosen=True,
        minutes=min(120.0, max(5.0, kept["minutes"])),
        seed=kept["seed"],
        feel=chosen,
        contexts=tuple(id_ for id_ in scores if id_ in known),
        answer=None if felt else SOMETHING_ELSE,
        exclude=frozenset(kept["vetoed"]),
        signals=tuple(id_ for id_ in scores if id_ in SIGNALS),
        keep_reading=True,
    )
    shown = [id_ for id_ in scores if id_ not in felt and id_ not in known and id_ not in SIGNALS]
    read = dict.fromkeys(reader.model.labels, 0.0) | ({} if chosen else felt)
    return Basis(request, reader.make_reading(read, "not_run", shown, chosen), language=kept["language"])


def _make_step(step: Row, track: Row) -> Step:
    return Step(
        step["position"],
        step["stage"],
        step["track_id"],
        track["title"] or "",
        track["artist"] or "",
        track["seconds"],
        track["cues"],
        track["valence"],
        track["arousal"],
        step["similarity"],
        step["cue_fit"],
        tuple(step["rule_ids"]),
        "",
    )
