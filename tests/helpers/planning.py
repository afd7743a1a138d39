"""Journeys, and what they are planned from, as tests want them."""

from collections.abc import Mapping, Sequence

from engine.answers import Answer, Journey
from engine.journey import Candidate, Request, Shortlist, Waypoint
from engine.reasoning.facts import Case
from engine.reasoning.knowledge import Knowledge
from engine.reasoning.planner import Planner
from engine.reasoning.reading import collect_signs


def planned_journey(planner: Planner, request: Request) -> Journey:
    """The journey that the request comes to; it must be one."""
    return journey_of(planner.plan(request))


def journey_of(answer: Answer) -> Journey:
    """The answer, which must be a journey."""
    assert isinstance(answer, Journey)
    return answer


def case_of(planner: Planner, knowledge: Knowledge, request: Request, scores: Mapping[str, float]) -> Case:
    """The case of a request whose words were read as these scores."""
    reading = planner.reader.make_reading(scores, "not_run")
    signs = collect_signs(planner.reader, reading, None, ())
    return Case(
        request, reading, (), "en", signs, knowledge.read_facts(request), knowledge.find_rules(signs, request.goal)
    )


def shortlist(stage: str, seconds: Sequence[float]) -> Shortlist:
    """A waypoint of a stage, with tracks of these lengths, s."""
    waypoint = Waypoint(1, stage, 0, 0.0, 0.0, 0.0, {}, {}, (), 0.35)
    tracks = (Candidate(1, "t", "w", "a", 0.5, 0.5, each, {}, 0.0, 0.0, (), "Air", "Nobody") for each in seconds)
    return Shortlist(waypoint, tuple(tracks))
