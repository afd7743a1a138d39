"""The order: never breaks a limit, never beats its bound, and is the best there is where that can be worked out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.errors import NoJourney, OntologyError
from engine.journey import Candidate, CueBound, Waypoint
from engine.order.beam_search import search_beam
from engine.order.bound import LagrangeMultipliers, Relaxation, tighten
from engine.order.search_space import SearchSpace, build_search_space, draw_candidates
from engine.order.sequence import (
    GAP_TOLERANCE,
    OrderWeights,
    StepLimit,
    find_best_order,
    measure_monotonicity,
    measure_quality,
)

WEIGHTS = OrderWeights(
    weigh_cue_fit=0.65,
    affect_fit=0.6,
    step_affect=0.3,
    step_tempo=0.1,
    step_level=0.1,
    step_onsets=0.05,
    progress=0.5,
    largest_step=0.9,
    artist_cap=2,
    indifference=0.0,
    variety=0.03,
    kept_per_waypoint=1000,
    random_picks=50,
)
LEVEL = StepLimit("level", 6.0, rising_only=False, positions=frozenset(range(1, 99)))


def waypoints(
    count: int, start: tuple[float, float] = (-0.6, 0.4), goal: tuple[float, float] = (0.5, -0.5)
) -> list[Waypoint]:
    """A straight way from start to goal."""
    made = []
    for position in range(1, count + 1):
        share = (position - 1) / (count - 1)
        valence, arousal = (a + share * (b - a) for a, b in zip(start, goal, strict=True))
        made.append(Waypoint(position, "match", 0, share, valence, arousal, {}, {}, ("always",), 0.35))
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
        and max(steps) <= WEIGHTS.largest_step
        and max(level) <= LEVEL.at_most
    )


def every_order(space: SearchSpace) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """All orders that keep what an order must keep, time included: [n, steps], and what each is worth: [n]."""
    sizes = [part.stop - part.start for part in space.list_slices()]
    picks = np.stack(np.unravel_index(np.arange(np.prod(sizes)), sizes), axis=1)
    at = picks + np.array(space.starts[:-1])
    values = space.worth[at].sum(axis=1)
    for step, cost in enumerate(space.cost):
        values = values - cost[picks[:, step], picks[:, step + 1]]
    once = (np.diff(np.sort(space.work[at], axis=1), axis=1) > 0).all(axis=1)
    often = (space.artist[at][:, :, None] == space.artist[at][:, None, :]).sum(axis=2).max(axis=1)
    total = space.seconds[at].sum(axis=1)
    kept = once & (often <= space.cap) & (total >= space.window[0]) & (total <= space.window[1]) & np.isfinite(values)
    return picks[kept], values[kept]


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize(("works", "cap", "seconds"), [(40, 1, 650.0), (6, 2, 650.0), (8, 5, 560.0), (12, 2, 730.0)])
def test_the_order_is_the_best_of_all_valid_ones(seed: int, works: int, cap: int, seconds: float) -> None:
    ways = waypoints(5)
    found = candidates(ways, 5, seed, works)
    weights = replace(WEIGHTS, artist_cap=cap)
    space, _ = build_search_space(ways, found, weights, [LEVEL], (0.9 * seconds, 1.1 * seconds), seed)
    _, values = every_order(space)
    assert len(values), "the example must have an answer"
    order = find_best_order(ways, found, weights, [LEVEL], seconds, seed)
    assert order.fills_time
    assert values.max() <= order.bound + 1e-9
    assert order.value == pytest.approx(values.max(), abs=GAP_TOLERANCE * (order.bound - order.random_value) + 1e-3)


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("works", [5, 7, 30])
def test_no_order_exceeds_the_bound_at_any_effort(seed: int, works: int) -> None:
    ways = waypoints(5)
    space, _ = build_search_space(ways, candidates(ways, 5, seed, works), WEIGHTS, [], (585.0, 715.0), seed)
    most = every_order(space)[1].max(initial=-np.inf)
    relaxation = Relaxation.from_multipliers(space, LagrangeMultipliers.zeros(space))
    for rounds, width in [(0, 1), (3, 2), (10, 4), (40, 8)]:
        relaxation = tighten(relaxation, most if np.isfinite(most) else 0.0, rounds)
        assert most <= relaxation.bound + 1e-9
        went = search_beam(relaxation, width, -np.inf)
        reached = -np.inf if went.picks is None else space.compute_value(went.picks)
        assert reached <= most + 1e-9 <= max(reached, went.pruned_bound) + 2e-9


@pytest.mark.parametrize("seed", range(10))
def test_pruning_removes_no_better_order(seed: int) -> None:
    ways = waypoints(5)
    space, _ = build_search_space(ways, candidates(ways, 6, seed, 9), WEIGHTS, [], (0.0, np.inf), seed)
    picks, values = every_order(space)
    reached = float(np.quantile(values, 0.98))
    smaller = tighten(Relaxation.from_multipliers(space, LagrangeMultipliers.zeros(space)), reached, 20).prune(reached)
    places = [smaller.index[part].tolist() for part in smaller.list_slices()]
    better = picks[values > reached + 1e-9].tolist()
    assert better
    assert len(smaller.worth) < len(space.worth)
    for order in better:
        at = [places[step].index(pick) for step, pick in enumerate(order)]
        assert smaller.compute_value(at) == pytest.approx(space.compute_value(order), abs=1e-9)


def test_an_artist_with_most_of_the_music_keeps_to_the_cap() -> None:
    ways = waypoints(9)
    found = [replace(c, artist_id="a0" if n % 5 else c.artist_id) for n, c in enumerate(candidates(ways, 40, 2, 90))]
    order = find_best_order(ways, found, WEIGHTS, [LEVEL], 9 * 130.0, 1)
    assert valid(order.picks, 2)
    assert sum(pick.artist_id == "a0" for pick in order.picks) == 2
    assert order.share_of_bound >= 0.9


@pytest.mark.parametrize("seed", range(6))
def test_an_order_is_found_where_artists_run_short_at_the_end(seed: int) -> None:
    ways = waypoints(12)
    found = [
        replace(c, artist_id="scarce" if c.waypoint > 10 or c.miss > 0.4 else c.artist_id)
        for c in candidates(ways, 40, seed, 300)
    ]
    order = find_best_order(ways, found, replace(WEIGHTS, artist_cap=2), [LEVEL], 12 * 130.0, seed)
    assert [pick.artist_id == "scarce" for pick in order.picks] == [False] * 10 + [True] * 2
    assert order.share_of_bound >= 0.9


def test_minutes_that_cannot_be_filled_are_said_and_the_nearest_taken() -> None:
    ways = waypoints(5)
    found = candidates(ways, 20, 4)
    space, _ = build_search_space(ways, found, WEIGHTS, [LEVEL], (0.0, np.inf), 1)
    shortest = sum(float(space.seconds[part].min()) for part in space.list_slices())
    order = find_best_order(ways, found, WEIGHTS, [LEVEL], 300.0, 1)
    assert not order.fills_time
    assert shortest <= sum(pick.seconds for pick in order.picks) <= 1.25 * shortest
    assert valid(order.picks, 2)
    long = find_best_order(ways, found, WEIGHTS, [LEVEL], 3000.0, 1)
    assert not long.fills_time
    assert sum(pick.seconds for pick in long.picks) > sum(pick.seconds for pick in order.picks)


def test_an_order_may_end_on_the_edge_of_the_minutes() -> None:
    ways = waypoints(9)
    found = [replace(c, seconds=round(c.seconds, 1)) for c in candidates(ways, 30, 4, 60)]
    longest = max(
        sum(pick.seconds for pick in find_best_order(ways, found, WEIGHTS, [], s, 1).picks) for s in (1300.0, 1350.0)
    )
    order = find_best_order(ways, found, WEIGHTS, [], longest / 1.1, 1)
    assert order.fills_time
    alike = [replace(c, seconds=110.0) for c in found]
    assert find_best_order(ways, alike, WEIGHTS, [], 900.0, 1).fills_time


def test_a_journey_where_works_run_out_is_refused() -> None:
    ways = waypoints(6)
    with pytest.raises(NoJourney, match="repeating a work"):
        find_best_order(ways, candidates(ways, 5, 1, works=5), replace(WEIGHTS, artist_cap=6), [], 780.0, 1)


def test_sixty_steps_come_near_their_bound() -> None:
    ways = waypoints(60)
    order = find_best_order(ways, candidates(ways, 120, 5, works=400), WEIGHTS, [LEVEL], 60 * 130.0, 5)
    assert valid(order.picks, 13)
    assert order.fills_time
    assert order.share_of_bound >= 0.95


@pytest.mark.parametrize("seed", range(8))
def test_a_large_search_space_comes_near_its_bound(seed: int) -> None:
    ways = waypoints(11)
    order = find_best_order(ways, candidates(ways, 50, seed, works=70), WEIGHTS, [LEVEL], 11 * 130.0, seed)
    assert valid(order.picks, 2)
    assert order.share_of_bound >= 0.95


@pytest.mark.parametrize(("steps", "cap"), [(5, 2), (9, 2), (13, 2), (14, 3), (18, 4), (60, 13)])
def test_no_artist_has_more_than_two_tracks_in_nine(steps: int, cap: int) -> None:
    ways = waypoints(steps)
    space, _ = build_search_space(ways, candidates(ways, 5), WEIGHTS, [], (0.0, np.inf), 1)
    assert space.cap == cap


def test_what_counts_the_same_is_drawn_and_what_is_worth_less_is_not() -> None:
    [way] = waypoints(2)[:1]
    [one] = candidates([way], 1)
    near, far = 0.05 / WEIGHTS.weigh_cue_fit, 0.3 / WEIGHTS.weigh_cue_fit
    found = [
        replace(one, track_id=f"t{number:02}", work_id=f"w{number}", miss=number / 20 * near if number < 20 else far)
        for number in range(40)
    ]
    weights = replace(WEIGHTS, indifference=0.05, variety=0.1, kept_per_waypoint=5)
    drawn = [draw_candidates([way], [found], weights, seed) for seed in range(200)]
    kept = Counter(int(track.track_id[1:]) for rows, _ in drawn for track in rows[0])
    assert set(kept) == set(range(20)), "only what lies within the indifference of the best, and all of that"
    assert max(kept.values()) < 2 * min(kept.values()), "the best of them is drawn no oftener than the others"
    assert all(len(rows[0]) == len(worth) == 5 for rows, worth in drawn)


def test_a_bound_without_room_is_reached() -> None:
    ways = waypoints(5)
    order = find_best_order(
        ways, candidates(ways, 1, 3), replace(WEIGHTS, artist_cap=5, largest_step=3.0), [], 650.0, 1
    )
    assert order.value == pytest.approx(order.bound)
    assert order.share_of_bound == 1.0


@pytest.mark.parametrize("count", [5, 11, 30])
def test_no_valid_order_breaks_a_limit_or_repeats_a_work(count: int) -> None:
    ways = waypoints(count)
    order = find_best_order(ways, candidates(ways, 25, 3, works=120), WEIGHTS, [LEVEL], count * 130.0, 3)
    assert valid(order.picks, int(2 * max(1.0, count / 9)))
    assert order.fills_time
    assert abs(sum(pick.seconds for pick in order.picks) - count * 130) <= 0.1 * count * 130


def test_the_same_seed_gives_the_same_order_and_another_seed_another() -> None:
    ways = waypoints(8)
    found = candidates(ways, 30, 1)
    weights = replace(WEIGHTS, variety=0.5)
    one, same, other = (find_best_order(ways, found, weights, [LEVEL], 8 * 130.0, seed) for seed in (4, 4, 5))
    assert one.picks == same.picks
    assert one.picks != other.picks


def test_candidates_in_another_order_give_the_same_journey() -> None:
    ways = waypoints(6)
    found = candidates(ways, 20, 2)
    assert (
        find_best_order(ways, found, WEIGHTS, [], 780.0, 1).picks
        == find_best_order(ways, found[::-1], WEIGHTS, [], 780.0, 1).picks
    )


def test_a_rising_limit_forbids_louder_starts_only() -> None:
    ways = waypoints(4)
    found = candidates(ways, 12, 6)
    quiet = StepLimit("level", 0.0, rising_only=True, positions=frozenset({3, 4}))
    picks = find_best_order(ways, found, WEIGHTS, [quiet], 520.0, 1).picks
    assert all(b.cues["level_in"] <= a.cues["level_out"] + 1e-9 for a, b in pairwise(picks[1:]))


def test_an_empty_waypoint_is_named() -> None:
    ways = waypoints(5)
    found = [c for c in candidates(ways, 5) if c.waypoint != 3]
    with pytest.raises(NoJourney, match="step 3"):
        find_best_order(ways, found, WEIGHTS, [], 650.0, 1)


def test_limits_that_leave_no_order_are_an_error_and_no_short_journey() -> None:
    ways = waypoints(5)
    tight = replace(WEIGHTS, largest_step=1e-6)
    with pytest.raises(NoJourney, match="step limit"):
        find_best_order(ways, candidates(ways, 5), tight, [], 650.0, 1)


def test_missing_settings_are_told_all_at_once() -> None:
    with pytest.raises(OntologyError, match=r"affect-fit.*weigh-cue-fit"):
        OrderWeights.from_settings({"progress": 1.0})


def test_progress_is_measured_leg_by_leg() -> None:
    there = waypoints(4, (-0.6, 0.4), (0.5, -0.5))
    back = [replace(w, position=w.position + 4, leg=1) for w in waypoints(4, (0.3, -0.3), (0.8, 0.7))]
    ways = [*there, *back]
    valence, arousal = (np.array([getattr(w, axis) for w in ways]) for axis in ("valence", "arousal"))
    assert measure_monotonicity(ways, valence, arousal) == pytest.approx(1.0)
    assert measure_monotonicity(waypoints(5, (0.1, 0.1), (0.15, 0.1)), np.zeros(5), np.zeros(5)) is None


def test_quality_counts_a_step_outside_a_bound_as_a_broken_contract() -> None:
    ways = [replace(w, bounds={"level_in": CueBound(-19.0, 0.0)}) for w in waypoints(5)]
    picks = [next(c for c in candidates(ways, 8) if c.waypoint == w.position) for w in ways]
    kept = sum(pick.cues["level_in"] >= -19.0 for pick in picks)
    assert measure_quality(ways, picks, 1.0).contracts_met == pytest.approx(kept / 5, abs=1e-4)


@pytest.mark.parametrize("seed", range(6))
def test_stages_end_where_they_should_and_no_better_order_does(seed: int) -> None:
    ways = waypoints(5)
    found = [
        replace(c, seconds=c.seconds * (0.4 if c.waypoint <= 2 and number % 3 else 1.0))
        for number, c in enumerate(candidates(ways, 6, seed, 40))
    ]
    ends = [(2, 260.0)]
    order = find_best_order(ways, found, WEIGHTS, [LEVEL], 650.0, seed, ends, hold_ends=True)
    space, _ = build_search_space(ways, found, WEIGHTS, [LEVEL], (585.0, 715.0), seed)
    picks, values = every_order(space)
    early = space.seconds[picks + np.array(space.starts[:-1])][:, :2].sum(axis=1)
    kept = np.abs(early - 260.0) <= 65.0
    assert kept.any(), "the example must have an answer"
    assert order.fills_time
    assert order.keeps_shares
    assert abs(sum(pick.seconds for pick in order.picks[:2]) - 260.0) <= 65.0 + 1e-6
    assert values[kept].max() <= order.bound + 1e-9
    assert order.value == pytest.approx(
        values[kept].max(), abs=GAP_TOLERANCE * (order.bound - order.random_value) + 1e-3
    )


def test_ends_that_cannot_be_kept_are_let_go_before_the_minutes() -> None:
    ways = waypoints(5)
    order = find_best_order(ways, candidates(ways, 20, 4), WEIGHTS, [LEVEL], 650.0, 1, [(2, 600.0)], hold_ends=True)
    assert order.fills_time
    assert not order.keeps_shares


def test_an_own_copy_of_a_catalogue_tune_is_the_same_work() -> None:
    ways = waypoints(5)
    tune = replace(candidates(ways, 1, 3)[0], title="The Wind That Shakes (reel)", work_id="book-the-wind", miss=-2.0)
    found = [
        *candidates(ways, 8, 3),
        replace(tune, waypoint=2, track_id="wind-hushed", artist_id="book"),
        replace(tune, waypoint=4, track_id="own-1", work_id="own-x--wind", artist_id="own-x", title="wind that shakes"),
    ]
    space, _ = build_search_space(ways, found, WEIGHTS, [], (0.0, np.inf), 1)
    assert len(set(space.work)) == len({c.work_id for c in found}) - 1
    picks = find_best_order(ways, found, replace(WEIGHTS, largest_step=3.0), [], 650.0, 1).picks
    assert sum(pick.track_id in {"wind-hushed", "own-1"} for pick in picks) == 1


def test_own_pieces_of_one_name_stay_works_of_their_own() -> None:
    ways = waypoints(5)
    found = [replace(c, title="untitled", work_id=f"own-{c.work_id}") for c in candidates(ways, 8, 3)]
    space, _ = build_search_space(ways, found, WEIGHTS, [], (0.0, np.inf), 1)
    assert len(set(space.work)) == len({c.work_id for c in found})
