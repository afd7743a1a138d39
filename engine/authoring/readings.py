"""Readings to try a draft on: scores of invented texts, without the texts.

python -m engine.authoring.readings    reads the texts anew and writes the file that ships
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Final

from engine.authoring.scenario import Given
from engine.settings import SEED_DIR

READINGS: Final = SEED_DIR / "readings.json.xz"
TEXTS: Final = SEED_DIR / "texts" / "feelings.jsonl.xz"
COUNT: Final = 1_200
GOALS: Final = ("calm", "sleep", "comfort", "focus", "lift")
LEAST: Final = 0.01
"""Scores below it are not kept: no rule looks at them."""


@dataclass(frozen=True, slots=True)
class SuppliedReading:
    """What one text was read as, and where its journey leads."""

    number: int
    scores: Mapping[str, float]
    """Emotion -> probability, 0..1; those left out are 0."""
    markers: tuple[str, ...]
    goal: str

    @property
    def title(self) -> str:
        """What a reader of a report knows it by: what was read, clearest first."""
        felt = sorted(self.scores.items(), key=lambda item: -item[1])[:3]
        read = ", ".join([*(f"{label} {score:.2f}" for label, score in felt), *self.markers])
        return f"Reading {self.number}, to {self.goal}: {read}"

    @property
    def given(self) -> Given:
        """What is supposed."""
        return Given(self.goal, present=self.markers, scores=self.scores)


def read_readings(path: Path = READINGS) -> tuple[SuppliedReading, ...]:
    """The readings that ship."""
    rows = json.loads(lzma.decompress(path.read_bytes()))
    return tuple(
        SuppliedReading(number, {label: score / 1000 for label, score in scores.items()}, tuple(markers), goal)
        for number, (scores, markers, goal) in enumerate(rows, 1)
    )


def write_readings(readings: Iterable[SuppliedReading], path: Path = READINGS) -> None:
    """Writes readings, scores in thousandths."""
    rows = [
        [{label: round(1000 * score) for label, score in r.scores.items() if score >= LEAST}, list(r.markers), r.goal]
        for r in readings
    ]
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    path.write_bytes(lzma.compress(text.encode(), preset=9))


def read_texts(texts: Sequence[str]) -> Iterator[SuppliedReading]:
    """What the model and the gate that ship make of these texts; those that show a crisis are left out."""
    from encoders.emotions.model import open_emotion_model
    from engine.bootstrap import EMOTIONS
    from engine.gate import Gate, compile_gate
    from engine.rules import Ontology
    from engine.settings import ONTOLOGY_DIR

    gate = Gate.from_json(compile_gate(Ontology.read(ONTOLOGY_DIR)))
    model = open_emotion_model(EMOTIONS)
    goals = cycle(GOALS)
    for number, text in enumerate(texts, 1):
        found = gate.check(text)
        if not found.hit:
            scores = dict(zip(model.labels, map(float, model.score([text])[0]), strict=True))
            yield SuppliedReading(number, scores, tuple(sorted(found.markers)), next(goals))


def main() -> None:
    rows = [json.loads(line) for line in lzma.decompress(TEXTS.read_bytes()).decode().splitlines()]
    texts = [row["text"] for row in rows if "text" in row]
    write_readings(read_texts([texts[at * len(texts) // COUNT] for at in range(COUNT)]))


if __name__ == "__main__":
    main()
