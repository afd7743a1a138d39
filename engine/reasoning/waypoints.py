"""From the settled effects of rules to waypoints, each with the tracks that the rules allow there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import exp, inf
from typing import Final

from engine.graph import Row
from engine.journey import Candidate, CueBound, CueTarget, Shortlist, Waypoint
from engine.order.layout import Layout

SEARCHABLE: Final = (
    "tempo", "onset_rate", "level", "level_swing", "level_in", "level_out", "mode", "articulation", "register",
    "pitch_spread", "brightness", "roughness", "valence", "arousal", "seconds",
)  # fmt: skip
"""Properties of a track that a search can filter by; a test compares them with the vector index."""


@dataclass(frozen=True, slots=True)
class ProfilePoint:
    """The target of a cue at the start, the middle or the goal of a journey, in the cue's unit."""

    stage: str
    cue: str
    point: str
    """start, via or goal"""
    low: float
    best: float
    high: float
    depth: float
    """How much of the distance from the goal to the feeling is mirrored, 0..1."""


@dataclass(frozen=True, slots=True)
class SettledEffects:
    """The combined effects of rules on a request, as rows of the queries of these names."""

    effects: tuple[Row, ...]
    depths: tuple[Row, ...]
    profile: tuple[Row, ...]
    words: tuple[Row, ...]
    ends: tuple[Row, ...] = ()
    relaxed: tuple[str, ...] = ()
    """Rules whose bounds were dropped."""

    def list_points(self) -> list[ProfilePoint]:
        """The profile in units of the cues."""
        return [
            ProfilePoint(row["stage"], row["cue"], point, *_to_unit(row[point], log=row["log"]), row["depth"])
            for row in self.profile
            for point in ("start", "via", "goal")
            if row[point]
        ]

    def choose_minutes(self, usual: float) -> float:
        """The length within all doses that is closest to the usual one; an upper limit wins over a lower one."""
        doses = [row for row in self.effects if row["kind"] == "Dose"]
        least = max((row["minutes_low"] for row in doses if row["minutes_low"] is not None), default=0.0)
        most = min((row["minutes_high"] for row in doses if row["minutes_high"] is not None), default=inf)
        return min(max(usual, least), most)

    def select_stage(self, stage: str) -> list[Row]:
        """The effects at a stage."""
        return [row for row in self.effects if row["stage"] == stage]


def make_limits(here: Sequence[Row], layout: Layout, longest: float | None) -> Row:
    """The limits of a search: minimum and maximum of each property, and the barred traits, from effects of a stage."""
    low, high = dict.fromkeys(SEARCHABLE, -inf), dict.fromkeys(SEARCHABLE, inf)
    low["seconds"], high["seconds"] = layout.shortest, min(layout.longest, longest if longest is not None else inf)
    for cue, bound in list_bounds(here).items():
        low[cue], high[cue] = bound.low, bound.high
    return {"low": low, "high": high, "barred": list_barred(here)}


def list_bounds(here: Sequence[Row]) -> dict[str, CueBound]:
    """Cue id -> its bound, from the effects of a stage."""
    return {
        effect["of"]: CueBound(
            -inf if effect["low"] is None else effect["low"], inf if effect["high"] is None else effect["high"]
        )
        for effect in here
        if effect["kind"] == "Bound"
    }


def list_barred(here: Sequence[Row]) -> list[str]:
    """Ids of the traits that the effects of a stage bar."""
    return [effect["of"] for effect in here if effect["kind"] == "Bar"]


def make_shortlist(row: Row, settled: SettledEffects, tracks: Sequence[Row]) -> Shortlist:
    """A waypoint with its candidates; each names the rules that shaped it, of leanings only those that it meets."""
    here = settled.select_stage(row["stage"])
    asked = {
        ask["cue"]: CueTarget(*_to_unit(ask, log=ask["log"]), ask["counts"], ask["led"], ask["log"])
        for ask in row["asked"]
    }
    mirrors = [id_ for depth in settled.depths if depth["cue"] is None for id_ in depth["rule_ids"]]
    arrived = row["last"] and row["progress"] >= 1
    shaping = dict.fromkeys([id_ for effect in here for id_ in effect["rule_ids"]] + ([] if arrived else mirrors))
    waypoint = Waypoint(
        row["position"],
        row["stage"],
        row["leg"],
        row["progress"],
        asked["valence"].best,
        asked["arousal"].best,
        asked,
        list_bounds(here),
        tuple(shaping),
        row["weigh_similarity"],
        tuple(list_barred(here)),
    )
    leans = [effect for effect in here if effect["kind"] == "Lean" and effect["best"] is not None]
    others = {id_ for effect in here if effect not in leans for id_ in effect["rule_ids"]} | set(mirrors)
    return Shortlist(waypoint, tuple(_make_candidate(waypoint, track, leans, others) for track in tracks))


def _make_candidate(waypoint: Waypoint, track: Row, leans: Sequence[Row], others: Collection[str]) -> Candidate:
    known = {**track["cues"], "valence": track["valence"], "arousal": track["arousal"]}
    met = {id_ for lean in leans if lean["low"] <= known[lean["of"]] <= lean["high"] for id_ in lean["rule_ids"]}
    return Candidate(
        waypoint.position,
        track["track_id"],
        track["work_id"],
        track["artist_id"],
        track["similarity"],
        track["miss"],
        track["seconds"],
        track["cues"],
        track["valence"],
        track["arousal"],
        tuple(id_ for id_ in waypoint.rule_ids if id_ in others or id_ in met),
        track["title"],
        track["artist"],
        tuple(track["traits"]),
        track["instrument"] or "",
    )


def _to_unit(numbers: Row, *, log: bool) -> tuple[float, float, float]:
    """Low, best and high in the unit of the cue."""
    low, best, high = (exp(numbers[name]) if log else numbers[name] for name in ("low", "best", "high"))
    return low, best, high
