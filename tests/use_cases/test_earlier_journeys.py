"""Kept journeys again, two side by side, and tracks that are kept out for good."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.answers import Journey
from engine.errors import UsageError
from engine.explaining.words import Words, extract_words
from engine.graph import Graph
from engine.journey import Request
from engine.reasoning.planner import Planner
from engine.settings import Settings
from engine.use_cases.journeys.again import make_journey_again, read_journey_again
from engine.use_cases.journeys.compare import compare_journeys
from engine.use_cases.journeys.listeners import make_pseudonym
from engine.use_cases.journeys.vetoes import COMMAND_LINE, can_have_vetoes, exclude_vetoed, lift_vetoes, veto_tracks
from tests.helpers.planning import planned_journey
from tests.helpers.shipped import shipped_ontology

WORDS = Words(extract_words(shipped_ontology()))
CUES = {"tempo": 70.0, "level": -20.0, "mode": 0.4, "onset_rate": 2.0, "register": 60.0, "brightness": 0.4,
        "articulation": 0.9, "roughness": 0.4, "level_swing": 4.0}  # fmt: skip


def kept_row(*tracks: str, rules: tuple[str, ...] = (), seed: int = 1, version: str = "v") -> dict[str, object]:
    """A row of `kept/journey` with these tracks."""
    steps = [
        {"position": place, "stage": "target", "track_id": track, "verdict": None, "similarity": None, "cue_fit": None,
         "rule_ids": list(rules)}
        for place, track in enumerate(tracks, 1)
    ]  # fmt: skip
    return {
        "id": "journey", "day": "2026-11-28", "number": 1, "goal": "calm", "seed": seed, "minutes": 6.0, "liked": False,
        "quality": {}, "steps": steps, "signs": [], "version": {"id": version}, "models": {}, "moods": {},
    }  # fmt: skip


def again(*tracks: str, rules: tuple[str, ...] = (), seed: int = 1, version: str = "v") -> Journey:
    rows = {
        track: {"id": track, "work_id": "w", "artist_id": "a", "title": track.upper(), "artist": "Nobody",
                "instrument": "harp", "seconds": 180.0, "cues": {**CUES, "tempo": 60.0 + 20 * place}, "valence": 0.2,
                "arousal": -0.4, "plays": not track.startswith("gone")}
        for place, track in enumerate(tracks)
    }  # fmt: skip
    return make_journey_again(WORDS, kept_row(*tracks, rules=rules, seed=seed, version=version), rows)


def test_a_kept_journey_is_told_again_without_what_is_not_known_any_more() -> None:
    answer = again("one", "gone-two", "three")
    assert [step.track_id for step in answer.steps] == ["one", "three"]
    assert [notice.text for notice in answer.notices] == ["Tracks that are not known any more are left out: GONE-TWO."]
    assert "2026-11-28" in answer.opening
    assert answer.steps[1].because.startswith("Harp, faster")
    assert len({step.because for step in answer.steps}) == 2


def test_two_journeys_side_by_side_say_what_changed_and_which_rule_did_it() -> None:
    here, there = (
        again("one", "two", rules=("fear-pace-only",)),
        again("one", "three", rules=("calm-leans-peaceful",), seed=2),
    )
    found = compare_journeys(WORDS, here, there)
    assert [pair.is_same for pair in found.steps] == [True, False]
    assert found.steps[1].rules == ("Calm leans to peaceful music", "Fear: match the pace, nothing else")
    told = "\n".join(found.changed)
    assert "1 of 2 tracks are others." in told
    assert "Another seed: 2 there, 1 here." in told
    assert "Rules that shaped this one alone: Fear: match the pace, nothing else." in told
    assert "Rules that shaped the other one alone: Calm leans to peaceful music." in told
    assert "is not kept with it" in "\n".join(compare_journeys(WORDS, here, again("one")).changed)
    assert compare_journeys(WORDS, here, here).changed == ("All tracks are the same.", "The same rules shaped both.")


@pytest.mark.graph
def test_a_planned_journey_comes_again_with_the_same_tracks(planner: Planner) -> None:
    first = planned_journey(planner, Request(feel=("sadness",), goal="comfort", goal_chosen=True, seed=4))
    answer = read_journey_again(Settings.from_environment(), WORDS, first.id, print)
    assert [step.track_id for step in answer.steps] == [step.track_id for step in first.steps]
    assert len({step.because for step in answer.steps}) == len(answer.steps)
    assert compare_journeys(WORDS, answer, answer).changed[0] == "All tracks are the same."
    with pytest.raises(UsageError, match="no journey that is kept"):
        read_journey_again(Settings.from_environment(), WORDS, "none", print)


@pytest.mark.graph
def test_a_vetoed_track_is_never_played_again(planner: Planner, shipped_graph: Graph, home: Path) -> None:
    settings = Settings.from_environment()
    request = Request(feel=("sadness",), goal="calm", goal_chosen=True, seed=6)
    quick = replace(planner, persists=False)
    first = planned_journey(quick, request).steps[0].track_id
    with pytest.raises(UsageError, match="TRACK 2: is the id of no track"):
        veto_tracks(settings, [first, "no-such-track"], print)
    assert [row["id"] for row in veto_tracks(settings, [first], print)] == [first]
    assert can_have_vetoes(settings)
    wanted = exclude_vetoed(settings, shipped_graph, request)
    assert wanted.exclude == {first}
    assert first not in {step.track_id for step in planned_journey(quick, wanted).steps}
    assert lift_vetoes(settings, [first], print) == 1
    assert exclude_vetoed(settings, shipped_graph, request).exclude == frozenset()
    listener = make_pseudonym(home, COMMAND_LINE)
    shipped_graph.write(lambda t: t.rows("listeners/blank", listener=listener))
    shipped_graph.write(lambda t: t.rows("kept/clear", most=10))
