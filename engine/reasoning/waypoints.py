"""From settled rows to waypoints, each with the tracks that the rules allow there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import exp, inf
from typing import Final

from engine.graph import Row
from engine.journey import Bound, Candidate, Leaning, Shortlist, Waypoint
from engine.order.layout import Layout

MEASURED: Final = (
    "tempo", "onset_rate", "level", "level_swing", "level_in", "level_out", "mode", "articulation", "register",
    "pitch_spread", "brightness", "roughness", "valence", "arousal", "seconds",
)  # fmt: skip
"""What a search may test of a track; a test holds it to the vector index."""


@dataclass(frozen=True, slots=True)
class ProfilePoint:
    """What is asked of a cue at one end of the way, in its unit, as the stage hears it."""

    stage: str
    cue: str
    point: str
    """start, via or goal"""
    low: float
    best: float
    high: float
    depth: float
    """How much of the way from the goal back to the feeling is mirrored, 0..1."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What some rules come to for a request, before its steps are laid out: rows of the queries of these names."""

    effects: tuple[Row, ...]
    depths: tuple[Row, ...]
    profile: tuple[Row, ...]
    words: tuple[Row, ...]
    ends: tuple[Row, ...] = ()
    relaxed: tuple[str, ...] = ()
    """Rules whose bounds are let go."""

    def points(self) -> list[ProfilePoint]:
        """The profile in the cues' units."""
        return [
            ProfilePoint(row["stage"], row["cue"], point, *_in_unit(row[point], log=row["log"]), row["depth"])
            for row in self.profile
            for point in ("start", "via", "goal")
            if row[point]
        ]

    def minutes(self, usual: float) -> float:
        """The length that doses allow nearest to the usual one; what caps it wins over what asks for more."""
        doses = [row for row in self.effects if row["kind"] == "Dose"]
        least = max((row["minutes_low"] for row in doses if row["minutes_low"] is not None), default=0.0)
        most = min((row["minutes_high"] for row in doses if row["minutes_high"] is not None), default=inf)
        return min(max(usual, least), most)

    def here(self, stage: str) -> list[Row]:
        """The effects at a stage."""
        return [row for row in self.effects if row["stage"] == stage]


def limits(here: Sequence[Row], layout: Layout, longest: float | None) -> Row:
    """What a search may return: the least and most of each cue, by the bounds of a stage, and the traits it bars."""
    low, high = dict.fromkeys(MEASURED, -inf), dict.fromkeys(MEASURED, inf)
    low["seconds"], high["seconds"] = layout.shortest, min(layout.longest, longest if longest is not None else inf)
    for cue, bound in bounds_of(here).items():
        low[cue], high[cue] = bound.low, bound.high
    return {"low": low, "high": high, "barred": barred_of(here)}


def bounds_of(here: Sequence[Row]) -> dict[str, Bound]:
    """What the effects of a stage bound, by cue."""
    return {
        effect["of"]: Bound(
            -inf if effect["low"] is None else effect["low"], inf if effect["high"] is None else effect["high"]
        )
        for effect in here
        if effect["kind"] == "Bound"
    }


def barred_of(here: Sequence[Row]) -> list[str]:
    """Ids of the traits that the effects of a stage bar."""
    return [effect["of"] for effect in here if effect["kind"] == "Bar"]


def shortlist_of(row: Row, settled: Settled, tracks: Sequence[Row]) -> Shortlist:
    """A waypoint and its tracks, each with the rules that shaped it, and of those that only lean the ones it meets."""
    here = settled.here(row["stage"])
    asked = {
        ask["cue"]: Leaning(*_in_unit(ask, log=ask["log"]), ask["counts"], ask["led"], ask["log"])
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
        bounds_of(here),
        tuple(shaping),
        row["weigh_similarity"],
        tuple(barred_of(here)),
    )
    leans = [effect for effect in here if effect["kind"] == "Lean" and effect["best"] is not None]
    others = {id_ for effect in here if effect not in leans for id_ in effect["rule_ids"]} | set(mirrors)
    return Shortlist(waypoint, tuple(_candidate(waypoint, track, leans, others) for track in tracks))


def _candidate(waypoint: Waypoint, track: Row, leans: Sequence[Row], others: Collection[str]) -> Candidate:
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
    )


def _in_unit(numbers: Row, *, log: bool) -> tuple[float, float, float]:
    """Low, best and high in the cue's unit."""
    low, best, high = (exp(numbers[name]) if log else numbers[name] for name in ("low", "best", "high"))
    return low, best, high
