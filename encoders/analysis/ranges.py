"""What music is taken: how long, how dense; and cues held inside the ranges that the ontology declares."""

from dataclasses import replace
from typing import Final

from encoders.analysis.cues import Cues
from encoders.base import ScoreUnreadable
from encoders.performing.performance import Note

LONGEST: Final = 7200.0
"""Seconds. A journey lasts two hours at most, so nothing longer can stand in one."""
MOST_NOTES: Final = 150_000
"""Notes of one file; an hour of orchestra with every part has fewer. Measuring takes about a minute for so many."""
MOST_PARTS: Final = 128
"""Instruments of one file: each adds its own keys to what may sound at once."""
MOST_AT_ONCE: Final = 256
"""Notes that sound at one moment; the beating of each with each is measured. A full orchestra has about a hundred."""
MOST_ON_AVERAGE: Final = 64
"""The same on average."""
RANGES: Final[dict[str, tuple[float, float]]] = {
    "tempo": (20, 320),
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


def held(cues: Cues) -> tuple[Cues, tuple[str, ...]]:
    """The cues, rounded, each inside its range; and a remark for every one that was outside."""
    cues = cues.rounded()
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


def playable(tempo: float) -> float:
    """A tempo moved by octaves until it lies in its range; music sounds the same, only the beat is another.

    Raises ValueError for one that is none: where a score's marks leave nothing to play.
    """
    if not tempo > 0:
        raise ValueError("nothing of it is played")
    low, high = RANGES["tempo"]
    while tempo < low:
        tempo *= 2
    while tempo > high:
        tempo /= 2
    return tempo


def check_notes(count: int, place: str) -> None:
    """Refuses no notes and too many, before they are played."""
    if not count:
        raise ScoreUnreadable(place, "it has no notes that sound", "Bring music with notes that have a pitch")
    if count > MOST_NOTES:
        fault = f"it has more than {MOST_NOTES} notes, the most that are measured"
        raise ScoreUnreadable(place, fault, "Split it into its movements")


def check_length(seconds: float, place: str) -> None:
    """Refuses what no journey has room for."""
    if not 0 < seconds <= LONGEST:
        fault = f"it lasts {seconds / 3600:.1f} hours, longer than the {LONGEST / 3600:.0f} that a journey can"
        raise ScoreUnreadable(place, fault, "Split it into its movements, or correct its tempo")


def check_density(notes: tuple[Note, ...], seconds: float, place: str) -> None:
    """Refuses more notes at once than anybody plays."""
    moments = sorted([(n.onset + n.duration, -1) for n in notes] + [(n.onset, 1) for n in notes])
    sounding = most = 0
    for _, change in moments:
        sounding += change
        most = max(most, sounding)
    if most > MOST_AT_ONCE or sum(n.duration for n in notes) / seconds > MOST_ON_AVERAGE:
        fault = f"up to {most} notes sound at once, more than anybody plays"
        raise ScoreUnreadable(place, fault, "Bring a version that players could play")
