"""The order: the best sequence over all waypoints at once, and how near it is to the best possible.

Viterbi's recurrence (dynamic programming) gives the best order when works and artists may repeat; a beam search led by
those exact values then keeps the constraints that reach across the whole journey. The same recurrence, with a price on
seconds (a Lagrange multiplier), is an upper bound of what any valid order can reach.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from engine.errors import NoJourney, OntologyError
from engine.journey import Candidate, Quality, Waypoint

Floats = NDArray[np.float64]
SHORTEST_LEG = 0.15
"""Below this distance between start and goal progress has no direction (design.md, what a caller gets)."""
TIME_TOLERANCE = 0.10
"""Share of the asked minutes by which a journey may be longer or shorter (design.md)."""
NARROW, WIDE = 96, 1024
"""Partial orders kept by the search, first and when the first finds no valid order."""
PRICES = 12
"""Halvings of the price on seconds; each narrows the total by half."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a good order is worth. Every number is a Setting in `ontology/goals.owl`, under the name with dashes."""

    weigh_similarity: float
    weigh_cue_fit: float
    affect_fit: float
    """Cost of one unit between a track and its waypoint on the valence-arousal plane."""
    step_affect: float
    """Cost of a step of 0.5 on that plane; grows with its square."""
    step_tempo: float
    """Cost of one octave of tempo between neighbours."""
    step_level: float
    """Cost of 6 dB from the end of one track to the start of the next."""
    step_onsets: float
    """Cost of one octave of onset rate between neighbours."""
    progress: float
    """Cost of falling back by a whole leg."""
    largest_step: float
    """No step on the valence-arousal plane is larger."""
    artist_cap: float
    """Tracks of one artist in a journey of twelve steps; longer journeys get proportionally more."""
    variety: float
    """Width of the seeded noise that makes two seeds two journeys."""
    random_picks: float
    """Random valid orders whose mean value is the zero of `share_of_bound`."""

    @classmethod
    def of(cls, settings: Mapping[str, float]) -> Preferences:
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
    """A rule's limit on the change of one cue from the end of a track to the start of the next."""

    rule_id: str
    cue: str
    at_most: float
    """In the cue's unit; octaves for cues on a log scale."""
    rising_only: bool
    positions: frozenset[int]
    """Steps the limit holds for: the change into each of them."""


@dataclass(frozen=True, slots=True)
class Order:
    """One candidate per waypoint, in order, and what the order is worth."""

    picks: tuple[Candidate, ...]
    value: float
    bound: float
    """No valid order is worth more."""
    random_value: float
    """Mean value of seeded random valid orders from the same candidates."""
    fills_time: bool

    @property
    def share_of_bound(self) -> float:
        room = self.bound - self.random_value
        return 1.0 if room <= 1e-9 else float(np.clip((self.value - self.random_value) / room, 0.0, 1.0))


class Field:
    """The candidates of every waypoint as arrays, with the worth of each and the cost between neighbours."""

    def __init__(
        self,
        waypoints: Sequence[Waypoint],
        candidates: Sequence[Candidate],
        wishes: Preferences,
        limits: Sequence[StepLimit],
        seed: int,
    ) -> None:
        self.wishes, self.limits, self.waypoints = wishes, tuple(limits), tuple(waypoints)
        self.rows = [[c for c in candidates if c.waypoint == w.position] for w in waypoints]
        if empty := [w.position for w, rows in zip(waypoints, self.rows, strict=True) if not rows]:
            raise NoJourney(
                "journey",
                f"no track is left for step {', '.join(map(str, empty))}",
                "Ask for another goal, or add music that the rules allow there",
            )
        works = {work: code for code, work in enumerate(sorted({c.work_id for c in candidates}))}
        artists = {artist: code for code, artist in enumerate(sorted({c.artist_id for c in candidates}))}
        noise = noise_of(sorted({c.track_id for c in candidates}), seed)
        self.works, self.artists = len(works), len(artists)
        self.work = [np.array([works[c.work_id] for c in rows]) for rows in self.rows]
        self.artist = [np.array([artists[c.artist_id] for c in rows]) for rows in self.rows]
        self.seconds = [np.array([c.seconds for c in rows]) for rows in self.rows]
        self.progress = progress_of(waypoints, self.rows)
        self.worth = [
            self._worth(w, rows) + wishes.variety * np.array([noise[c.track_id] for c in rows])
            for w, rows in zip(waypoints, self.rows, strict=True)
        ]
        self.cost = [self._cost(i) for i in range(len(self.rows) - 1)]

    def _worth(self, waypoint: Waypoint, rows: Sequence[Candidate]) -> Floats:
        """[k]: fit of each candidate to its waypoint."""
        away = np.hypot([c.valence - waypoint.valence for c in rows], [c.arousal - waypoint.arousal for c in rows])
        fit: Floats = (
            self.wishes.weigh_similarity * np.array([c.similarity for c in rows])
            + self.wishes.weigh_cue_fit * np.array([c.cue_fit for c in rows])
            - self.wishes.affect_fit * away
        )
        return fit

    def _cost(self, step: int) -> Floats:
        """[k, k']: cost from each candidate of a step to each of the next; infinite where a limit forbids it."""
        here, there = self.rows[step], self.rows[step + 1]
        wishes = self.wishes

        def change(cue_before: str, cue_after: str, log: bool = False) -> Floats:
            before, after = (
                np.array([c.cues[cue] for c in rows]) for cue, rows in ((cue_before, here), (cue_after, there))
            )
            if log:
                before, after = np.log2(before), np.log2(after)
            grid: Floats = after[None, :] - before[:, None]
            return grid

        moves = {
            "tempo": change("tempo", "tempo", log=True),
            "onset_rate": change("onset_rate", "onset_rate", log=True),
            "level": change("level_out", "level_in"),
        }
        affect = np.hypot(
            np.subtract.outer([c.valence for c in here], [c.valence for c in there]),
            np.subtract.outer([c.arousal for c in here], [c.arousal for c in there]),
        )
        cost: Floats = (
            wishes.step_affect * (affect / 0.5) ** 2
            + wishes.step_tempo * np.abs(moves["tempo"])
            + wishes.step_onsets * np.abs(moves["onset_rate"])
            + wishes.step_level * np.abs(moves["level"]) / 6
        )
        if self.waypoints[step].leg == self.waypoints[step + 1].leg:
            back = self.progress[step][:, None] - self.progress[step + 1][None, :]
            cost += wishes.progress * np.maximum(back, 0.0)
        cost[affect > wishes.largest_step] = np.inf
        for limit in self.limits:
            if self.waypoints[step + 1].position in limit.positions:
                move = moves[limit.cue] if limit.cue in moves else change(limit.cue, limit.cue)
                cost[(move if limit.rising_only else np.abs(move)) > limit.at_most + 1e-9] = np.inf
        return cost

    def artist_cap(self) -> int:
        """Tracks allowed of one artist: the cap, in proportion in journeys longer than twelve steps."""
        return max(1, round(self.wishes.artist_cap * max(1.0, len(self.rows) / 12)))

    def value(self, picks: Sequence[int]) -> float:
        """What an order is worth; -inf when it breaks a limit between neighbours."""
        worth = sum(float(self.worth[i][j]) for i, j in enumerate(picks))
        return worth - sum(float(self.cost[i][a, b]) for i, (a, b) in enumerate(itertools.pairwise(picks)))


def noise_of(track_ids: Sequence[str], seed: int) -> dict[str, float]:
    """The seed's own liking of every track, -0.5..0.5; the same whatever else is among the candidates."""

    def draw(track: str) -> float:
        return int.from_bytes(blake2b(f"{seed} {track}".encode(), digest_size=8).digest(), "big") / 2.0**64 - 0.5

    return {track: draw(track) for track in track_ids}


def legs_of(waypoints: Sequence[Waypoint]) -> dict[int, tuple[Waypoint, Waypoint]]:
    """First and last waypoint of each leg; a later leg begins where the one before it ended."""
    legs: dict[int, tuple[Waypoint, Waypoint]] = {}
    for waypoint in waypoints:
        first = legs[waypoint.leg][0] if waypoint.leg in legs else legs[waypoint.leg - 1][1] if legs else waypoint
        legs[waypoint.leg] = (first, waypoint)
    return legs


def along(leg: tuple[Waypoint, Waypoint], valence: Floats, arousal: Floats) -> Floats:
    """Progress along the leg's straight line, 0 at its start and 1 at its end; all 0 on a leg without direction."""
    first, last = leg
    dv, da = last.valence - first.valence, last.arousal - first.arousal
    length = dv * dv + da * da
    if length < SHORTEST_LEG**2:
        return np.zeros_like(valence)
    share: Floats = ((valence - first.valence) * dv + (arousal - first.arousal) * da) / length
    return share


def progress_of(waypoints: Sequence[Waypoint], rows: Sequence[Sequence[Candidate]]) -> list[Floats]:
    legs = legs_of(waypoints)
    return [
        along(legs[w.leg], np.array([c.valence for c in cs]), np.array([c.arousal for c in cs]))
        for w, cs in zip(waypoints, rows, strict=True)
    ]


def best_order(
    waypoints: Sequence[Waypoint],
    candidates: Sequence[Candidate],
    wishes: Preferences,
    limits: Sequence[StepLimit],
    seconds: float,
    seed: int,
) -> Order:
    """The best order found, with its upper bound. Raises NoJourney when no order keeps every limit.

    The total stays within 10 % of `seconds` where the candidates allow it (`fills_time` says so).
    """
    field = Field(waypoints, candidates, wishes, limits, seed)
    share = seconds / len(field.rows)

    def priced(price: float) -> tuple[list[int] | None, float]:
        worth = [w - price * (s - share) for w, s in zip(field.worth, field.seconds, strict=True)]
        ahead = values_ahead(worth, field.cost)
        if not np.isfinite(ahead[0]).any():
            raise NoJourney(
                "journey",
                "no order of the allowed tracks keeps every step limit",
                "Ask for more minutes or another goal; `--explain` names the limits that held",
            )
        picks = search(field, worth, ahead, NARROW) or search(field, worth, ahead, WIDE)
        return picks, float(ahead[0].max()) + abs(price) * TIME_TOLERANCE * seconds

    def total(picks: list[int]) -> float:
        return float(sum(field.seconds[i][j] for i, j in enumerate(picks)))

    found, bound = priced(0.0)
    if found is None:
        raise NoJourney(
            "journey",
            "no order without repeating a work or an artist too often was found",
            "Add music by other composers, or ask for fewer minutes",
        )
    best, within = found, abs(total(found) - seconds) <= TIME_TOLERANCE * seconds
    dear, cheap = (0.02, 0.0) if total(found) > seconds else (0.0, -0.02)
    for _ in range(0 if within else PRICES):
        price = (dear + cheap) / 2
        picks, also = priced(price)
        bound = min(bound, also)
        if picks is None:
            break
        missed = total(picks) - seconds
        fits = abs(missed) <= TIME_TOLERANCE * seconds
        if (fits, field.value(picks) if fits else -abs(missed)) > (
            within,
            field.value(best) if within else -abs(total(best) - seconds),
        ):
            best, within = picks, fits
        dear, cheap = (dear, price) if missed > 0 else (price, cheap)
    return Order(
        tuple(field.rows[i][j] for i, j in enumerate(best)),
        field.value(best),
        max(bound, field.value(best)),
        random_value(field, seed),
        within,
    )


def values_ahead(worth: Sequence[Floats], cost: Sequence[Floats]) -> list[Floats]:
    """Best value from each candidate to the end, itself included, when works and artists may repeat (Viterbi)."""
    ahead = [worth[-1]]
    for own, step in zip(reversed(worth[:-1]), reversed(cost), strict=True):
        ahead.insert(0, own + (ahead[0][None, :] - step).max(axis=1))
    return ahead


def search(field: Field, worth: Sequence[Floats], ahead: Sequence[Floats], width: int) -> list[int] | None:
    """The best valid order of those led by the exact values ahead, `width` partial ones kept a step; None: all died."""
    cap = field.artist_cap()
    used, played = np.zeros((1, field.works), bool), np.zeros((1, field.artists), np.int16)
    value, history = np.zeros(1), np.zeros((1, 0), np.int64)
    for step, (work, artist) in enumerate(zip(field.work, field.artist, strict=True)):
        reach = value[:, None] - (field.cost[step - 1][history[:, -1]] if step else np.zeros((1, len(work))))
        open_ = ~used[:, work] & (played[:, artist] < cap) & np.isfinite(reach)
        rank = np.where(open_, reach + ahead[step][None, :], -np.inf)
        order = np.argsort(-rank, axis=None, kind="stable")[:width]
        order = order[np.isfinite(rank.ravel()[order])]
        if not len(order):
            return None
        parent, pick = np.unravel_index(order, rank.shape)
        value = reach[parent, pick] + worth[step][pick]
        used, played = used[parent], played[parent]
        used[np.arange(len(order)), work[pick]] = True
        played[np.arange(len(order)), artist[pick]] += 1
        history = np.column_stack([history[parent], pick])
    return [int(j) for j in history[int(np.argmax(value))]]


def random_value(field: Field, seed: int) -> float:
    """Mean value of seeded random orders that keep every limit; draws that run into a dead end are left out."""
    dice = np.random.Generator(np.random.PCG64(seed))
    ahead, cap = values_ahead(field.worth, field.cost), field.artist_cap()
    count = int(field.wishes.random_picks)
    alive = np.arange(count)
    used, played = np.zeros((count, field.works), bool), np.zeros((count, field.artists), np.int16)
    value, last = np.zeros(count), np.zeros(count, np.int64)
    for step, (work, artist) in enumerate(zip(field.work, field.artist, strict=True)):
        reach = -field.cost[step - 1][last] if step else np.zeros((count, len(work)))
        open_ = ~used[:, work] & (played[:, artist] < cap) & np.isfinite(reach) & np.isfinite(ahead[step])[None, :]
        pick = np.argmax(np.where(open_, dice.random(open_.shape), -1.0), axis=1)
        each = np.arange(count)
        alive = alive[open_[alive, pick[alive]]]
        value += np.where(open_[each, pick], reach[each, pick], 0.0) + field.worth[step][pick]
        used[each, work[pick]], last = True, pick
        played[each, artist[pick]] += 1
    return float(value[alive].mean()) if len(alive) else float("-inf")


def quality(waypoints: Sequence[Waypoint], picks: Sequence[Candidate], share_of_bound: float) -> Quality:
    """The measures of the design's table, from measured cues and rated places on the plane."""
    valence, arousal = (np.array([getattr(c, axis) for c in picks]) for axis in ("valence", "arousal"))
    steps = np.hypot(np.diff(valence), np.diff(arousal))
    ends = [
        float(np.hypot(c.valence - w.valence, c.arousal - w.arousal))
        for w, c in ((waypoints[0], picks[0]), (waypoints[-1], picks[-1]))
    ]
    return Quality(
        round(float(steps.max(initial=0.0)), 4),
        round(float(steps.mean()) if len(steps) else 0.0, 4),
        monotonicity(waypoints, valence, arousal),
        round(ends[0], 4),
        round(ends[1], 4),
        round(float(np.mean([meets(w, c) for w, c in zip(waypoints, picks, strict=True)])), 4),
        round(share_of_bound, 4),
    )


def meets(waypoint: Waypoint, pick: Candidate) -> bool:
    """Whether the track's measured cues lie inside every bound that held."""
    known = {**pick.cues, "valence": pick.valence, "arousal": pick.arousal}
    return all(cue in known and bound["low"] <= known[cue] <= bound["high"] for cue, bound in waypoint.bounds.items())


def monotonicity(waypoints: Sequence[Waypoint], valence: Floats, arousal: Floats) -> float | None:
    """Spearman's rho of progress against position, leg by leg, weighted by steps; None without a leg to go along."""
    rhos, sizes = [], []
    for number, leg in legs_of(waypoints).items():
        inside = np.array([w.leg == number for w in waypoints])
        length = np.hypot(leg[1].valence - leg[0].valence, leg[1].arousal - leg[0].arousal)
        if length < SHORTEST_LEG or inside.sum() < 3:
            continue
        share = along(leg, valence[inside], arousal[inside])
        rhos.append(float(np.corrcoef(ranks(share), np.arange(inside.sum()))[0, 1]))
        sizes.append(int(inside.sum()))
    return round(float(np.average(rhos, weights=sizes)), 4) if rhos else None


def ranks(values: Floats) -> Floats:
    """Ranks from 0, ties sharing their mean."""
    order = np.argsort(values, kind="stable")
    place = np.empty(len(values))
    place[order] = np.arange(len(values))
    _, group = np.unique(values, return_inverse=True)
    shared: Floats = (np.bincount(group, place) / np.bincount(group))[group]
    return shared
