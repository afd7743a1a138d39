"""Limits on the density of music, and the cue ranges that the ontology declares."""

from dataclasses import replace
from typing import Final

from encoders.analysis.cues import Cues
from encoders.errors import ScoreUnreadable
from encoders.limits import FASTEST, SLOWEST
from encoders.performing.performance import Note

MOST_PARTS: Final = 128
"""Instruments of one file: each adds its own keys to what may sound at once."""
MOST_AT_ONCE: Final = 256
"""Notes that sound at one moment; the beating of each with each is measured. A full orchestra has about a hundred."""
MOST_ON_AVERAGE: Final = 64
"""Notes that sound at one moment, on average over the piece."""
RANGES: Final[dict[str, tuple[float, float]]] = {
    "tempo": (SLOWEST, FASTEST),
    "onset_rate": (0.1, 30),
    "level": (-60, 12),
    "level_swing": (0, 60),
    "level_in": (-60, 12),
    "level_out": (-60, 12),
    "mode": (-1, 1),
    "articulation": (0, 1.2),
    "register": (12, 120),
    "pitch_spread": (0, 40),
    "brightness": (0, 1),
    "roughness": (0, 1),
}
"""Lowest and highest of every cue, as `ontology/cues.owl` declares them (a test compares)."""


def clamp_cues(cues: Cues) -> tuple[Cues, tuple[str, ...]]:
    """The cues rounded and clamped to their ranges, and a remark for every cue that was outside."""
    cues = cues.round_for_catalogue()
    changed: dict[str, float] = {}
    remarks = []
    for cue, (low, high) in RANGES.items():
        value = getattr(cues, cue)
        if value == 0.0:
            changed[cue] = 0.0  # never -0.0
        elif not low <= value <= high:
            changed[cue] = float(min(high, max(low, value)))
            remarks.append(f"{cue.replace('_', ' ')} is {value:g}, outside {low:g}..{high:g}: {changed[cue]:g} kept")
    return replace(cues, **changed) if changed else cues, tuple(remarks)


def check_density(notes: tuple[Note, ...], seconds: float, place: str) -> None:
    """Raises ScoreUnreadable for more simultaneous notes than anybody plays."""
    moments = sorted([(n.onset + n.duration, -1) for n in notes] + [(n.onset, 1) for n in notes])
    sounding = most = 0
    for _, change in moments:
        sounding += change
        most = max(most, sounding)
    if most > MOST_AT_ONCE or sum(n.duration for n in notes) / seconds > MOST_ON_AVERAGE:
        fault = f"up to {most} notes sound at once, more than anybody plays"
        raise ScoreUnreadable(place, fault, "Bring a version that players could play")
