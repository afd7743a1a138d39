"""What the measures of a track say: how it has changed from the one before, and whether it is what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log2
from typing import Any

from engine.explaining.words import Words
from engine.journey import Candidate, CueTarget

DIGITS = 4
"""Digits behind the point of numbers that an answer shows."""


@dataclass(frozen=True, slots=True)
class Change:
    """How a cue has changed from one track to the next."""

    cue: str
    before: float
    now: float
    size: float
    """In spreads of the cue; below 0 where it fell."""
    weight: float
    """How much it tells: its size, by how readily a listener notices such a change."""

    @property
    def kind(self) -> str:
        """more or less"""
        return "more" if self.size > 0 else "less"


def find_changes(words: Words, before: Candidate, now: Candidate) -> dict[str, Change]:
    """Every change that a listener notices, by cue, the most telling first."""
    found = {}
    for cue, weight in words.compared.items():
        if cue in before.cues and cue in now.cues:
            one, other, spoken = before.cues[cue], now.cues[cue], words.get_cue(cue)
            apart = log2(other / one) if spoken.is_log and min(one, other) > 0 else other - one
            size = apart / spoken.spread
            found[cue] = Change(cue, one, other, size, abs(size) * weight)
    noticed = [change for change in found.values() if abs(change.size) >= words.noticed]
    return {change.cue: change for change in sorted(noticed, key=lambda change: -change.weight)}


def list_measures(track: Candidate) -> dict[str, float]:
    """All that is measured of a track, valence and arousal too."""
    return {**track.cues, "valence": track.valence, "arousal": track.arousal}


def compare_with_target(ask: CueTarget, heard: float) -> str:
    """less, more, or the same as what was asked: between its low and its high."""
    low, high, value = (round(number, DIGITS) for number in (ask.low, ask.high, heard))
    return "less" if value < low else "more" if value > high else "same"


def compare_with_targets(asked: Mapping[str, CueTarget], track: Candidate) -> dict[str, dict[str, Any]]:
    """By cue: what was asked, from which value to which it counts as met, what is heard, and whether that is met."""
    heard = list_measures(track)
    return {
        cue: {
            "asked": round(ask.best, DIGITS),
            "low": round(ask.low, DIGITS),
            "high": round(ask.high, DIGITS),
            "heard": round(heard[cue], DIGITS),
            "met": compare_with_target(ask, heard[cue]) == "same",
        }
        for cue, ask in asked.items()
        if cue in heard
    }
