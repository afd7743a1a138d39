"""The order: never breaks a limit, never beats its bound, and is the best there is where that can be worked out."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest

from engine.errors import NoJourney, OntologyError
from engine.journey import Candidate, Waypoint
from engine.sequence import Field, Preferences, StepLimit, best_order, monotonicity, quality

WISHES = Preferences(
    weigh_similarity=0.35,
    weigh_cue_fit=0.65,
    affect_fit=0.6,
    step_affect=0.3,
    step_tempo=0.1,
    step_level=0.1,
    step_onsets=0.05,
    progress=0.5,
    largest_step=0.9,
    artist_cap=2,
    variety=0.03,
    random_picks=50,
)
LEVEL = StepLimit("even-loudness", "level", 6.0, rising_only=False, positions=frozenset(range(1, 99)))


def waypoints(
    count: int, start: tuple[float, float] = (-0.6, 0.4), goal: tuple[float, float] = (0.5, -0.5)
) -> list[Waypoint]:
    """A straight way from start to goal."""
    made = []
    for position in range(1, count + 1):
        share = (position - 1) / (count - 1)
        valence, arousal = (a + share * (b - a) for a, b in zip(start, goal, strict=True))
        made.append(Waypoint(position, "match", 0, share, valence, arousal, {}, {}, ("always",)))
    return made


def candidates(ways: Sequence[Waypoint], each: int, seed: int = 0, works: int = 40) -> list[Candidate]:
    """Random tracks near each waypoint; some stand at several."""
    dice = np.random.default_rng(seed)
    made = []
    for way in ways:
        for number in dice.permutation(works)[:each]:
            own = np.random.default_rng([seed, int(number), way.position])
            cues = {
                "tempo": 60 * 2 ** own.random(),
                "onset_rate": 2 + 2 * own.random(),
                "level_in": -20 + 4 * own.random(),
                "level_out": -20 + 4 * own.random(),
            }
            affect = own.normal([way.valence, way.arousal], 0.15)
            made.append(
                Candidate(
                    way.position,
                    f"t{number}",
                    f"w{number}",
                    f"a{number % 9}",
                    float(own.random()),
                    float(own.random()),
                    100 + 60 * float(own.random()),
                    cues,
                    float(affect[0]),
                    float(affect[1]),
                    ("always",),
                    f"Piece {number}",
                    f"Composer {number % 9}",
                )
            )
    return made


def valid(picks: Sequence[Candidate], cap: int) -> bool:
    """No work twice, no artist too often, no step too large or too loud."""
    artists = [pick.artist_id for pick in picks]
    steps = [np.hypot(b.valence - a.valence, b.arousal - a.arousal) for a, b in pairwise(picks)]
    level = [abs(b.cues["level_in"] - a.cues["level_out"]) for a, b in pairwise(picks)]
    return (
        len({pick.work_id for pick in picks}) == len(picks)
        and max(artists.count(a) for a in artists) <= cap
        and max(steps) <= WISHES.largest_step
        and max(level) <= LEVEL.at_most
    )


@pytest.mark.parametrize("seed", range(5))
def test_the_order_is_the_best_of_all_valid_ones(seed: int) -> None:
    ways = waypoints(5)
    found = candidates(ways, 5, seed)
    wishes = replace(WISHES, artist_cap=1)
    field = Field(ways, found, wishes, [LEVEL], seed)
    every = [
        picks
        for picks in product(*[range(len(rows)) for rows in field.rows])
        if valid([field.rows[i][j] for i, j in enumerate(picks)], 1)
    ]
    order = best_order(ways, found, wishes, [LEVEL], 5 * 130.0, seed)
    in_time = [p for p in every if abs(sum(field.seconds[i][j] for i, j in enumerate(p)) - 650) <= 65]
    best = max(field.value(p) for p in in_time)
    assert order.value == pytest.approx(best, abs=1e-9)
    assert order.random_value < best <= order.bound + 1e-9


@pytest.mark.parametrize("count", [5, 11, 30])
def test_no_valid_order_breaks_a_limit_or_repeats_a_work(count: int) -> None:
    ways = waypoints(count)
    order = best_order(ways, candidates(ways, 25, 3, works=120), WISHES, [LEVEL], count * 130.0, 3)
    assert valid(order.picks, round(2 * max(1.0, count / 12)))
    assert order.fills_time
    assert abs(sum(pick.seconds for pick in order.picks) - count * 130) <= 0.1 * count * 130


def test_the_same_seed_gives_the_same_order_and_another_seed_another() -> None:
    ways = waypoints(8)
    found = candidates(ways, 30, 1)
    wishes = replace(WISHES, variety=0.5)
    one, same, other = (best_order(ways, found, wishes, [LEVEL], 8 * 130.0, seed) for seed in (4, 4, 5))
    assert one.picks == same.picks
    assert one.picks != other.picks


def test_candidates_in_another_order_give_the_same_journey() -> None:
    ways = waypoints(6)
    found = candidates(ways, 20, 2)
    assert (
        best_order(ways, found, WISHES, [], 780.0, 1).picks == best_order(ways, found[::-1], WISHES, [], 780.0, 1).picks
    )


def test_a_rising_limit_forbids_louder_starts_only() -> None:
    ways = waypoints(4)
    found = candidates(ways, 12, 6)
    quiet = StepLimit("sleep-ends-quiet", "level", 0.0, rising_only=True, positions=frozenset({3, 4}))
    picks = best_order(ways, found, WISHES, [quiet], 520.0, 1).picks
    assert all(b.cues["level_in"] <= a.cues["level_out"] + 1e-9 for a, b in pairwise(picks))


def test_an_empty_waypoint_is_named() -> None:
    ways = waypoints(5)
    found = [c for c in candidates(ways, 5) if c.waypoint != 3]
    with pytest.raises(NoJourney, match="step 3"):
        best_order(ways, found, WISHES, [], 650.0, 1)


def test_limits_that_leave_no_order_are_an_error_and_no_short_journey() -> None:
    ways = waypoints(5)
    tight = replace(WISHES, largest_step=1e-6)
    with pytest.raises(NoJourney, match="step limit"):
        best_order(ways, candidates(ways, 5), tight, [], 650.0, 1)


def test_missing_settings_are_told_all_at_once() -> None:
    with pytest.raises(OntologyError, match=r"affect-fit.*weigh-similarity"):
        Preferences.of({"progress": 1.0})


def test_progress_is_measured_leg_by_leg() -> None:
    there = waypoints(4, (-0.6, 0.4), (0.5, -0.5))
    back = [replace(w, position=w.position + 4, leg=1) for w in waypoints(4, (0.3, -0.3), (0.8, 0.7))]
    ways = [*there, *back]
    valence, arousal = (np.array([getattr(w, axis) for w in ways]) for axis in ("valence", "arousal"))
    assert monotonicity(ways, valence, arousal) == pytest.approx(1.0)
    assert monotonicity(waypoints(5, (0.1, 0.1), (0.15, 0.1)), np.zeros(5), np.zeros(5)) is None


def test_quality_counts_a_step_outside_a_bound_as_a_broken_contract() -> None:
    ways = [replace(w, bounds={"level_in": {"low": -19.0, "high": 0.0}}) for w in waypoints(5)]
    picks = [next(c for c in candidates(ways, 8) if c.waypoint == w.position) for w in ways]
    kept = sum(pick.cues["level_in"] >= -19.0 for pick in picks)
    assert quality(ways, picks, 1.0).contracts_met == pytest.approx(kept / 5, abs=1e-4)
