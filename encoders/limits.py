"""Limits of a file (length, notes) and of the tempo range; checked before anything is measured."""

from typing import Final

from encoders.errors import ScoreUnreadable

LONGEST: Final = 7200.0
"""Seconds. A journey lasts two hours at most, so no longer piece can be part of one."""
MOST_NOTES: Final = 150_000
"""Notes of one file; an hour of orchestra with every part has fewer. Measuring takes about a minute for so many."""
SLOWEST: Final = 20
FASTEST: Final = 320
"""Beats a minute, as `ontology/cues.owl` declares them (a test compares)."""


def fold_tempo(tempo: float) -> float:
    """The tempo doubled or halved until it lies in `SLOWEST`..`FASTEST`; only the choice of the beat changes.

    Raises ValueError for a tempo of 0 or less, which a score has whose marks leave nothing to play.
    """
    if not tempo > 0:
        raise ValueError("nothing of it is played")
    while tempo < SLOWEST:
        tempo *= 2
    while tempo > FASTEST:
        tempo /= 2
    return tempo


def check_notes(count: int, place: str) -> None:
    """Raises ScoreUnreadable for no notes and for more than `MOST_NOTES`."""
    if not count:
        raise ScoreUnreadable(place, "it has no notes that sound", "Bring music with notes that have a pitch")
    if count > MOST_NOTES:
        fault = f"it has more than {MOST_NOTES} notes, the most that are measured"
        raise ScoreUnreadable(place, fault, "Split it into its movements")


def check_length(seconds: float, place: str) -> None:
    """Raises ScoreUnreadable for music longer than `LONGEST`, or of no length."""
    if not 0 < seconds <= LONGEST:
        fault = f"it lasts {seconds / 3600:.1f} hours, longer than the {LONGEST / 3600:.0f} that a journey can"
        raise ScoreUnreadable(place, fault, "Split it into its movements, or correct its tempo")
