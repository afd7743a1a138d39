"""The search space: values of candidates, costs between neighbours, and the limits of an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from hashlib import blake2b
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.errors import NoJourney, OntologyError
from engine.journey import Candidate, Waypoint
from engine.order.quality import find_legs, project_on_leg
from engine.order.same_work import identify_works

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Marks = NDArray[np.bool_]
AFFECT = ("valence", "arousal")
LOG_CUES = ("tempo", "onset_rate")
ARRAYS = ("worth", "work", "artist", "track", "seconds", "index")
"""Fields of a search space with one number a candidate."""


@dataclass(frozen=True, slots=True)
class OrderWeights:
    """Weights of the objective. Each is a Setting in `ontology/goals.owl`, under the name with dashes."""

    weigh_cue_fit: float
    affect_fit: float
    """Cost of a distance of 1 between a track and its waypoint on the valence-arousal plane."""
    step_affect: float
    """Cost of a step of 0.5 on that plane; grows with its square."""
    step_tempo: float
    """Cost of one octave of tempo between neighbours."""
    step_level: float
    """Cost of 6 dB from the end of one track to the start of the next."""
    step_onsets: float
    """Cost of one octave of onset rate between neighbours."""
    progress: float
    """Cost of moving back by a whole leg."""
    largest_step: float
    """Limit on a step on the valence-arousal plane."""
    artist_cap: float
    """Limit on tracks of one artist in up to nine steps; it grows in proportion with longer journeys."""
    indifference: float
    """Candidates of a waypoint whose values differ by no more from its best one count the same."""
    variety: float
    """Width of the seeded noise, which decides between candidates that count the same."""
    kept_per_waypoint: float
    """Number of candidates of a waypoint that an order is made of."""
    random_picks: float
    """Number of random valid orders whose mean value is the baseline of `share_of_bound`."""

    @classmethod
    def from_settings(cls, settings: Mapping[str, float]) -> OrderWeights:
        wanted = {field.name: field.name.replace("_", "-") for field in fields(cls)}
        if missing := sorted(name for name in wanted.values() if name not in settings):
            raise OntologyError(
                "ontology/goals.owl",
                f"settings are missing: {', '.join(missing)}",
                "Add a Setting individual with a value for each",
            )
        return cls(**{name: float(settings[setting]) for name, setting in wanted.items()})


@dataclass(frozen=True, slots=True)
class StepLimit:
    """A limit of a rule on the change of one cue from a track to the next."""

    cue: str
    at_most: float
    """In the cue's unit; octaves for cues on a log scale."""
    rising_only: bool
    positions: frozenset[int]
    """Positions of the steps into which changes are limited."""


@dataclass(frozen=True, slots=True)
class SearchSpace:
    """The candidates of all steps, concatenated: [N] runs over all of them, step by step."""

    starts: tuple[int, ...]
    """[steps + 1]: position of each step's first candidate; the last is N."""
    worth: Floats
    """[N]: value of a candidate at its waypoint, with the seeded noise."""
    cost: tuple[Floats, ...]
    """[k, k'] for each pair of neighbouring steps; infinite for pairs that a limit forbids or that are one work."""
    work: Whole
    artist: Whole
    track: Whole
    """[N]: codes from 0."""
    seconds: Floats
    cap: int
    """Limit on tracks of one artist."""
    window: tuple[float, float]
    """Limits on the total length of an order, s."""
    index: Whole
    """[N]: index of a candidate in its step before pruning; an order is a tuple of these indices."""
    checks: tuple[tuple[int, float, float], ...] = ()
    """(steps, least, most): limits on the length of the first so many steps, s."""

    @property
    def steps(self) -> int:
        return len(self.starts) - 1

    def list_slices(self) -> list[slice]:
        """The slice of each step's candidates."""
        return [slice(a, b) for a, b in pairwise(self.starts)]

    def locate(self, picks: Sequence[int]) -> Whole:
        """[steps]: positions of an order's candidates, in a space that was not pruned."""
        standing: Whole = np.array(self.starts[:-1], np.int64) + np.array(picks, np.int64)
        return standing

    def compute_value(self, picks: Sequence[int]) -> float:
        """Value of an order; -inf when it violates a limit between neighbours."""
        costs = sum(float(cost[a, b]) for cost, (a, b) in zip(self.cost, pairwise(picks), strict=True))
        return float(self.worth[self.locate(picks)].sum()) - costs

    def compute_total(self, picks: Sequence[int]) -> float:
        """Length of an order, s."""
        return float(self.seconds[self.locate(picks)].sum())

    def truncate(self, steps: int) -> SearchSpace:
        """The space of the first steps."""
        end = self.starts[steps]
        lines = {name: getattr(self, name)[:end] for name in ARRAYS}
        return replace(self, starts=self.starts[: steps + 1], cost=self.cost[: steps - 1], **lines)

    def filter(self, keep: Marks, arcs: Sequence[Marks]) -> SearchSpace:
        """The space of the marked candidates; pairs that are not marked in `arcs` are forbidden."""
        marks = [keep[part] for part in self.list_slices()]
        starts = (0, *np.cumsum([int(mark.sum()) for mark in marks]).tolist())
        cost = tuple(
            np.where(arc[here][:, there], step[here][:, there], np.inf)
            for step, arc, (here, there) in zip(self.cost, arcs, pairwise(marks), strict=True)
        )
        lines = {name: getattr(self, name)[keep] for name in ARRAYS}
        return replace(self, starts=starts, cost=cost, **lines)


def build_search_space(
    waypoints: Sequence[Waypoint],
    candidates: Sequence[Candidate],
    weights: OrderWeights,
    limits: Sequence[StepLimit],
    window: tuple[float, float],
    seed: int,
) -> tuple[SearchSpace, list[list[Candidate]]]:
    """The search space, and the candidates of each step in its order. NoJourney for steps without candidates."""
    found = [sorted((c for c in candidates if c.waypoint == w.position), key=lambda c: c.track_id) for w in waypoints]
    if empty := [w.position for w, some in zip(waypoints, found, strict=True) if not some]:
        steps = ", ".join(map(str, empty))
        repair = "Ask for another goal, or add music that the rules allow there"
        error = NoJourney("journey", f"no track is left for step {steps}", repair)
        raise error.set_patterns("fault-no-track", "repair-no-track", steps=steps)
    rows, worth = draw_candidates(waypoints, found, weights, seed)
    flat = [c for row in rows for c in row]
    starts = (0, *np.cumsum([len(row) for row in rows]).tolist())
    work = encode_names(identify_works(flat))
    artist, track = (encode_names([getattr(c, f"{name}_id") for c in flat]) for name in ("artist", "track"))
    space = SearchSpace(
        starts,
        worth,
        tuple(compute_costs(waypoints, rows, weights, limits, work)),
        work,
        artist,
        track,
        np.array([c.seconds for c in flat]),
        max(1, int(weights.artist_cap * max(1.0, len(rows) / 9) + 1e-9)),
        window,
        np.concatenate([np.arange(len(row)) for row in rows]),
    )
    return space, rows


def draw_candidates(
    waypoints: Sequence[Waypoint], found: Sequence[Sequence[Candidate]], weights: OrderWeights, seed: int
) -> tuple[list[list[Candidate]], Floats]:
    """The candidates that an order is made of, and [N] their values, with the seeded noise.

    What lies closer to the best of a waypoint than evidence can tell counts the same, so it is drawn and not ranked.
    """
    fit = compute_worth(waypoints, found, weights)
    rows, worth = [], []
    for row, part in zip(found, np.split(fit, np.cumsum([len(row) for row in found])[:-1]), strict=True):
        noise = weights.variety * draw_noise([c.track_id for c in row], seed)
        drawn = np.minimum(part, part.max() - weights.indifference) + noise
        kept = np.sort(np.argsort(-drawn, kind="stable")[: round(weights.kept_per_waypoint)])
        rows.append([row[number] for number in kept])
        worth.append(drawn[kept])
    return rows, np.concatenate(worth)


def encode_names(names: Sequence[str]) -> Whole:
    """Names as codes from 0, in alphabetical order."""
    codes = {name: code for code, name in enumerate(sorted(set(names)))}
    return np.array([codes[name] for name in names], np.int64)


def draw_noise(track_ids: Sequence[str], seed: int) -> Floats:
    """Seeded noise for every track, -0.5..0.5; it does not depend on the other candidates."""

    def draw(track: str) -> float:
        return int.from_bytes(blake2b(f"{seed} {track}".encode(), digest_size=8).digest(), "big") / 2.0**64 - 0.5

    drawn = {track: draw(track) for track in sorted(set(track_ids))}
    return np.array([drawn[track] for track in track_ids])


def compute_worth(waypoints: Sequence[Waypoint], rows: Sequence[Sequence[Candidate]], weights: OrderWeights) -> Floats:
    """[N]: value of each candidate at its waypoint."""
    targets = np.array([(w.valence, w.arousal) for w, found in zip(waypoints, rows, strict=True) for _ in found])
    measured = np.array([(c.valence, c.arousal, c.similarity, c.miss) for found in rows for c in found])
    words = np.array([w.weigh_similarity for w, found in zip(waypoints, rows, strict=True) for _ in found])
    distance = np.hypot(*(measured[:, :2] - targets).T)
    fit: Floats = words * measured[:, 2] - weights.weigh_cue_fit * measured[:, 3] - weights.affect_fit * distance
    return fit


def compute_costs(
    waypoints: Sequence[Waypoint],
    rows: Sequence[Sequence[Candidate]],
    weights: OrderWeights,
    limits: Sequence[StepLimit],
    work: Whole,
) -> list[Floats]:
    """[k, k'] for each pair of neighbouring steps: cost of the second track after the first."""
    named = sorted({*LOG_CUES, "level_in", "level_out"} | {limit.cue for limit in limits} - {"level"})
    measured = {cue: [np.array([c.cues[cue] for c in found]) for found in rows] for cue in named if cue not in AFFECT}
    measured |= {cue: [np.log2(values) for values in measured[cue]] for cue in LOG_CUES}
    measured |= {axis: [np.array([getattr(c, axis) for c in found]) for found in rows] for axis in AFFECT}
    legs, starts = find_legs(waypoints), np.cumsum([0, *map(len, rows)])
    progress = [project_on_leg(legs[w.leg], *(measured[axis][i] for axis in AFFECT)) for i, w in enumerate(waypoints)]

    def change(cue: str, step: int) -> Floats:
        before, after = ("level_out", "level_in") if cue == "level" else (cue, cue)
        difference: Floats = measured[after][step + 1][None, :] - measured[before][step][:, None]
        return difference

    costs = []
    for step, (here, there) in enumerate(pairwise(waypoints)):
        square: Floats = change("valence", step) ** 2 + change("arousal", step) ** 2
        cost: Floats = weights.step_affect * square / 0.25
        for cue, price in (
            ("tempo", weights.step_tempo),
            ("onset_rate", weights.step_onsets),
            ("level", weights.step_level / 6),
        ):
            cost += price * np.abs(change(cue, step))
        if here.leg == there.leg:
            cost += weights.progress * np.maximum(progress[step][:, None] - progress[step + 1][None, :], 0.0)
        cost[square > weights.largest_step**2] = np.inf
        # Works do not repeat. Forbidden already here, this makes the bound much tighter: a repeated work has no cost of
        # change, so relaxed orders would consist of repetitions.
        before, after, end = starts[step : step + 3]
        cost[work[before:after, None] == work[None, after:end]] = np.inf
        for limit in limits:
            if there.position in limit.positions:
                move = change(limit.cue, step)
                cost[(move if limit.rising_only else np.abs(move)) > limit.at_most + 1e-9] = np.inf
        costs.append(cost)
    return costs
