"""What a journey was planned from, read from what is kept of it: its rest can be planned anew long afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.answers import Journey, Question, Withheld
from engine.journey import Request, Step
from engine.use_cases.journeys.feedback import SIGNALS, VERDICTS, Feedback, PastJourney, replan
from engine.use_cases.journeys.read import read_kept_row

if TYPE_CHECKING:
    from engine.graph import Graph, Row
    from engine.reasoning.facts import Basis
    from engine.reasoning.planner import Planner


def read_past(planner: Planner, kept: Row) -> PastJourney | None:
    """That of a kept journey (a row of `kept/journey`), where the person let be kept what was felt; else None.

    What coloured it (`like`) and what it left out are not kept; what its listener vetoed stays out.
    """
    if not kept["signs"]:
        return None
    basis = _make_basis(planner, kept)
    rules = {rule.id: rule.label for rule in planner.build_case(basis).in_force}
    tracks = {row["id"]: row for row in planner.get_graph().rows("browse/tracks", ids=[step["track_id"] for step in kept["steps"]])}
    return PastJourney(tuple(_make_step(step, tracks[step["track_id"]]) for step in kept["steps"]), rules, basis, kept["listener"])


def replan_known(
    planner: Planner, id_: str, remembered: PastJourney | None, position: int, signals: tuple[str, ...], exclude: frozenset[str]
) -> tuple[Withheld | Question | Journey, Basis, str | None] | None:
    """As `replan`, of what a process remembers of the journey, else of what is kept; None where neither is enough.

    Feedback that is kept counts, whichever process took it. With whose journey it is.
    """
    kept = read_kept_row(planner.get_graph(), id_)
    past = remembered or (read_past(planner, kept) if kept is not None else None)
    if past is None:
        return None
    if kept is not None:
        said, tracks = _read_feedback(kept), {step["position"]: step["track_id"] for step in kept["steps"]}
        signals, exclude = tuple(dict.fromkeys((*signals, *said.signals))), exclude | said.list_rejected(tracks)
    return *replan(planner, past, position, signals, exclude), past.listener


def _read_feedback(kept: Row) -> Feedback:
    """The feedback that is kept with a journey."""
    verdicts = {score: verdict for verdict, score in VERDICTS.items()}
    given = {step["position"]: verdicts[step["verdict"]] for step in kept["steps"] if step["verdict"] is not None}
    return Feedback(kept["moods"]["before"], kept["moods"]["after"], given)


def find_listener(graph: Graph, id_: str) -> str | None:
    """Pseudonym of whom a kept journey is for; None where it is nobody's."""
    kept = read_kept_row(graph, id_)
    return None if kept is None else kept["listener"]


def _make_basis(planner: Planner, kept: Row) -> Basis:
    from engine.reasoning.facts import Basis
    from engine.reasoning.reading import SOMETHING_ELSE

    reader = planner.reader
    scores = {sign["id"]: sign["score"] for sign in kept["signs"]}
    felt = {id_: score for id_, score in scores.items() if id_ in reader.meaning["emotions"]}
    known = {row["id"] for row in planner.get_graph().rows("browse/contexts")}
    # A reading has a score for every emotion; what the person chose stands alone, or nothing does where none was right.
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
    return Basis(request, reader.make_reading(read, "not_run", shown, chosen))


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
        "It was chosen before.",
    )
