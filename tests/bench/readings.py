"""What is asked for: each emotion alone, and seeded mixtures of two or three with scores a model could give."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.reasoning.reading import NEUTRAL, FeelingReader

GOALS = ("calm", "comfort", "focus", "lift", "sleep")
SEEDS = (1, 2, 3)
BACKGROUND = 0.01
"""What a calibrated model gives a label that is not there."""


@dataclass(frozen=True, slots=True)
class Feeling:
    """One reading to plan from."""

    name: str
    scores: Mapping[str, float]
    """All 28 labels, 0..1."""


def single(reader: FeelingReader) -> Iterator[Feeling]:
    """Each emotion alone, just strong."""
    for emotion in emotions(reader):
        yield feeling(reader, {emotion: reader.levels[emotion]["strong"]})


def mixed(reader: FeelingReader, count: int) -> Iterator[Feeling]:
    """Two or three emotions: the first anywhere from present up, the others weaker and still present."""
    for number in range(count):
        dice = random.Random(number)  # noqa: S311  # draws readings, guards nothing
        scores: dict[str, float] = {}
        for emotion in dice.sample(emotions(reader), dice.choice((2, 3))):
            present = reader.levels[emotion]["present"]
            scores[emotion] = dice.uniform(present, max(present, min(0.95, min(scores.values(), default=0.95))))
        yield feeling(reader, scores)


def emotions(reader: FeelingReader) -> list[str]:
    return sorted(emotion for emotion in reader.levels if emotion != NEUTRAL)


def feeling(reader: FeelingReader, scores: Mapping[str, float]) -> Feeling:
    """Named by what is present in it."""
    rounded = {emotion: round(score + 5e-4, 3) for emotion, score in scores.items()}
    quiet = {label: min(BACKGROUND, level["present"] / 4) for label, level in reader.levels.items()}
    return Feeling(" + ".join(f"{emotion} {score:g}" for emotion, score in rounded.items()), {**quiet, **rounded})
