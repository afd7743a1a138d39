"""The page that shows what a draft would change: each journey before and after, on the valence-arousal plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.drawing.picture import PLANE, PlanePoint, PlottedStep, place_points
from engine.drawing.templates import fill_template


@dataclass(frozen=True, slots=True)
class ReportSide:
    """An answer before, or after."""

    said: str
    """What it is, in a sentence."""
    steps: tuple[PlottedStep, ...]
    """Its tracks; none where it is no journey."""

    @property
    def points(self) -> list[PlanePoint]:
        return place_points(self.steps) if self.steps else []


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One reading whose answer differs."""

    title: str
    rules: tuple[str, ...]
    before: ReportSide
    after: ReportSide


def write_report(title: str, summary: Sequence[str], changes: Sequence[str], rows: Sequence[ReportRow]) -> str:
    """The report as one HTML page, which loads nothing."""
    return fill_template("what_if.html.j2", title=title, summary=summary, changes=changes, rows=rows, plane=PLANE)
