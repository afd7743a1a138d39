"""The order: the best sequence over all waypoints at once, and how near it is to the best possible.

Viterbi's recurrence (dynamic programming) gives the best order when works and artists may repeat; a beam search led by
those exact values keeps the constraints that reach across the whole journey. The same recurrence with prices on what
must not be used up (Lagrange multipliers) is an upper bound of what any valid order can reach.
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
ROUNDS = 90
"""Times that prices are moved at most."""
SEARCHED = 10
"""A search is led by every tenth set of prices."""
LATE = 10.0
"""What an order loses in rank when it cannot fill the time any more: more than any order is worth a step."""
CLOSE = 0.002
"""Prices rest when the best order is this near to the bound, as a share of it."""


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

    def fills(self, picks: Sequence[int], seconds: float) -> bool:
        """Whether an order takes as long as was asked for, within the tolerance."""
        return abs(self.total(picks) - seconds) <= TIME_TOLERANCE * seconds

    def total(self, picks: Sequence[int]) -> float:
        """Length of an order, s."""
        return float(sum(self.seconds[i][j] for i, j in enumerate(picks)))

    def better(self, one: list[int] | None, other: list[int] | None, seconds: float) -> list[int] | None:
        """Of two orders the one that fills the time, then the one nearer to it, then the one worth more."""

        def rank(picks: list[int]) -> tuple[bool, float]:
            fills = self.fills(picks, seconds)
            return fills, self.value(picks) if fills else -abs(self.total(picks) - seconds)

        found = [picks for picks in (one, other) if picks is not None]
        return max(found, key=rank) if found else None

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

    The total stays within 10 % of `seconds` where the candidates allow it (`fills_time` says so). What reaches across
    the whole journey (a work once, an artist so often, the total) is priced: with any prices, the best order of the
    recurrence is worth at least as much as the best valid one, and prices are moved until that bound stops falling
    (Lagrangian relaxation with Polyak's steps). Each set of prices also leads a search that keeps everything.
    """
    field = Field(waypoints, candidates, wishes, limits, seed)
    prices, bound, step = Prices.none(field, seconds), float("inf"), 1.0
    best: list[int] | None = None
    for round_ in range(ROUNDS):
        worth = prices.charged(field)
        ahead = values_ahead(worth, field.cost)
        if not np.isfinite(ahead[0]).any():
            raise NoJourney(
                "journey",
                "no order of the allowed tracks keeps every step limit",
                "Ask for more minutes or another goal; `--explain` names the limits that held",
            )
        priced = prices.refunded(float(ahead[0].max()))
        step = step if priced < bound - 1e-6 else 0.7 * step
        bound = min(bound, priced)
        if round_ % SEARCHED == 0:
            found = search(field, worth, ahead, NARROW, seconds)
            best = field.better(best, found and mended(field, found, seconds), seconds)
        reached = field.value(best) if best is not None and field.fills(best, seconds) else bound - 1.0
        if bound - reached < CLOSE * max(1.0, abs(bound)) or step < 1e-3:
            break
        prices = prices.moved(field, followed(ahead, field.cost), step * max(priced - reached, 1e-3))
    if best is None:
        best = search(field, field.worth, values_ahead(field.worth, field.cost), WIDE, seconds)
    if best is None:
        raise NoJourney(
            "journey",
            "no order without repeating a work or an artist too often was found",
            "Add music by other composers, or ask for fewer minutes",
        )
    value = field.value(best)
    picks = tuple(field.rows[i][j] for i, j in enumerate(best))
    return Order(picks, value, max(bound, value), random_value(field, seed), field.fills(best, seconds))


@dataclass(frozen=True, slots=True)
class Prices:
    """What each work, each artist and each second costs, so that no order gains by breaking what it must keep."""

    work: Floats
    """[works], 0 or more, for each time beyond the first."""
    artist: Floats
    """[artists], 0 or more, for each time beyond the cap."""
    second: float
    """For each second beyond the asked total; below 0 for each one missing."""
    cap: int
    seconds: float

    @classmethod
    def none(cls, field: Field, seconds: float) -> Prices:
        return cls(np.zeros(field.works), np.zeros(field.artists), 0.0, field.artist_cap(), seconds)

    def charged(self, field: Field) -> list[Floats]:
        """[k] for each waypoint: the worth of its candidates less what they cost."""
        share = self.seconds / len(field.rows)
        return [
            worth - self.work[work] - self.artist[artist] - self.second * (seconds - share)
            for worth, work, artist, seconds in zip(field.worth, field.work, field.artist, field.seconds, strict=True)
        ]

    def refunded(self, value: float) -> float:
        """The bound that a priced value stands for: what a valid order may use is given back."""
        allowed = abs(self.second) * TIME_TOLERANCE * self.seconds
        return value + float(self.work.sum()) + self.cap * float(self.artist.sum()) + allowed

    def moved(self, field: Field, picks: Sequence[int], size: float) -> Prices:
        """Dearer where the order used more than it may, cheaper where less."""
        works, artists, total = np.full(field.works, -1.0), np.full(field.artists, -float(self.cap)), -self.seconds
        for i, j in enumerate(picks):
            works[field.work[i][j]] += 1
            artists[field.artist[i][j]] += 1
            total += field.seconds[i][j]
        tolerance = TIME_TOLERANCE * self.seconds
        over = (
            total - tolerance if total > tolerance else min(0.0, total + tolerance)
        ) / 60  # in minutes, near the rest
        works, artists = (
            np.where((works < 0) & (self.work <= 0), 0, works),
            np.where((artists < 0) & (self.artist <= 0), 0, artists),
        )
        length = float((works**2).sum() + (artists**2).sum() + over**2)
        if length < 1e-12:
            return Prices(self.work, self.artist, 0.9 * self.second, self.cap, self.seconds)
        go = size / length
        return Prices(
            np.maximum(0.0, self.work + go * works),
            np.maximum(0.0, self.artist + go * artists),
            self.second + go * over / 60,
            self.cap,
            self.seconds,
        )


def followed(ahead: Sequence[Floats], cost: Sequence[Floats]) -> list[int]:
    """The order that the exact values ahead lead to."""
    picks = [int(np.argmax(ahead[0]))]
    for step, after in zip(cost, ahead[1:], strict=True):
        picks.append(int(np.argmax(after - step[picks[-1]])))
    return picks


def values_ahead(worth: Sequence[Floats], cost: Sequence[Floats]) -> list[Floats]:
    """Best value from each candidate to the end, itself included, when works and artists may repeat (Viterbi)."""
    ahead = [worth[-1]]
    for own, step in zip(reversed(worth[:-1]), reversed(cost), strict=True):
        ahead.insert(0, own + (ahead[0][None, :] - step).max(axis=1))
    return ahead


def search(
    field: Field, worth: Sequence[Floats], ahead: Sequence[Floats], width: int, seconds: float
) -> list[int] | None:
    """The best valid order among those that priced values lead to, `width` partial ones kept a step; None: all died.

    An order that cannot fill the time any more is given up, unless none can.
    """
    cap = field.artist_cap()
    shortest, longest = time_ahead(field.seconds)
    used, played = np.zeros((1, field.works), bool), np.zeros((1, field.artists), np.int16)
    priced, history, time = np.zeros(1), np.zeros((1, 0), np.int64), np.zeros(1)
    for step, (work, artist) in enumerate(zip(field.work, field.artist, strict=True)):
        reach = priced[:, None] - (field.cost[step - 1][history[:, -1]] if step else np.zeros((1, len(work))))
        open_ = ~used[:, work] & (played[:, artist] < cap) & np.isfinite(reach)
        spent = time[:, None] + field.seconds[step][None, :]
        in_time = (spent + shortest[step] <= (1 + TIME_TOLERANCE) * seconds) & (
            spent + longest[step] >= (1 - TIME_TOLERANCE) * seconds
        )
        rank = np.where(open_, reach + ahead[step][None, :] - np.where(in_time, 0.0, LATE), -np.inf)
        order = np.argsort(-rank, axis=None, kind="stable")[:width]
        order = order[np.isfinite(rank.ravel()[order])]
        if not len(order):
            return None
        parent, pick = np.unravel_index(order, rank.shape)
        priced, time = reach[parent, pick] + worth[step][pick], spent[parent, pick]
        used, played = used[parent], played[parent]
        used[np.arange(len(order)), work[pick]] = True
        played[np.arange(len(order)), artist[pick]] += 1
        history = np.column_stack([history[parent], pick])
    found: list[int] | None = None
    for row in history[: 2 * width]:
        found = field.better(found, [int(j) for j in row], seconds)
    return found


def time_ahead(seconds: Sequence[Floats]) -> tuple[Floats, Floats]:
    """For each step the least and the most that the steps after it can take, s."""
    least, most = (np.array([f(s) for s in seconds]) for f in (np.min, np.max))
    return np.cumsum(least[::-1])[::-1] - least, np.cumsum(most[::-1])[::-1] - most


def mended(field: Field, picks: list[int], seconds: float) -> list[int]:
    """The order after every exchange of one track for another that makes it better, until none does."""
    cap, better = field.artist_cap(), True
    while better:
        better = False
        for step, pick in enumerate(picks):
            others = [(field.work[i][j], field.artist[i][j]) for i, j in enumerate(picks) if i != step]
            full = [a for a in {a for _, a in others} if sum(b == a for _, b in others) >= cap]
            gain = field.worth[step].copy()
            gain -= field.cost[step - 1][picks[step - 1]] if step else 0.0
            gain -= field.cost[step][:, picks[step + 1]] if step + 1 < len(picks) else 0.0
            total = field.total(picks) - field.seconds[step][pick] + field.seconds[step]
            gain[np.isin(field.work[step], [w for w, _ in others]) | np.isin(field.artist[step], full)] = -np.inf
            gain[np.abs(total - seconds) > max(TIME_TOLERANCE * seconds, abs(field.total(picks) - seconds))] = -np.inf
            if gain[(choice := int(np.argmax(gain)))] > gain[pick] + 1e-9:
                picks, better = [*picks[:step], choice, *picks[step + 1 :]], True
    return picks


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
