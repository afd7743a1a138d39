"""Draws a journey: its path on the valence-arousal plane, and tempo and level over time with shaded stages."""

from __future__ import annotations

from cmath import rect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations, groupby
from math import log2
from typing import Final

from engine.drawing.templates import fill_template

PLANE: Final = (64.0, 56.0, 340.0)
"""Left, top and side of the square of the plane, in pixels of the picture."""
CHART: Final = (488.0, 440.0, 140.0)
"""Left, width and height of a chart over time."""
TEMPO_TOP, LEVEL_TOP = 56.0, 256.0
WIDEST: Final = 0.4
"""Least range of the plane on each side of its middle, so that a small journey does not look like a large one."""
APART: Final = 19.0
"""Least distance in pixels between the middles of two numbers."""
ROOM: Final = 0.08
"""Margin above the highest and below the lowest value, as a share of a chart's height."""
SMALLEST: Final = {"tempo": 1.0, "level": 6.0}
"""Least span of a chart, an octave of tempo or 6 dB of level, for the same reason as `WIDEST`."""


@dataclass(frozen=True, slots=True)
class PlottedStep:
    """The data of one track for the picture."""

    position: int
    stage: str
    title: str
    seconds: float
    valence: float
    """-1 unpleasant .. 1 pleasant."""
    arousal: float
    """-1 calm .. 1 excited."""
    tempo: float
    """Beats a minute."""
    level: float
    """dB re full scale."""


@dataclass(frozen=True, slots=True)
class PlanePoint:
    """A track on the plane: the positions of its point and of its number, in pixels."""

    x: float
    y: float
    label_x: float
    label_y: float
    step: PlottedStep


@dataclass(frozen=True, slots=True)
class ChartBar:
    """A track or a stage in a chart, in pixels; `y` is the height of its value."""

    left: float
    right: float
    y: float
    name: str


@dataclass(frozen=True, slots=True)
class CueChart:
    """The chart of one cue over time."""

    cue: str
    top: float
    bars: tuple[ChartBar, ...]
    ticks: tuple[tuple[float, str], ...]
    """(height in pixels, label) of each tick."""


def draw_journey(steps: Sequence[PlottedStep], language: str = "en") -> str:
    """The journey as one SVG document, with a title and a description for screen readers.

    `language` is "en" or "zh". The picture names the tracks and has nothing that a person wrote.
    """
    left, width, height = CHART
    ends = list(accumulate(step.seconds for step in steps))
    total = ends[-1]
    begins = [0.0, *ends[:-1]]

    def at(seconds: float) -> float:
        return round(left + width * seconds / total, 1)

    spans = [(step, at(begin), at(end)) for step, begin, end in zip(steps, begins, ends, strict=True)]
    stages = [
        ChartBar(group[0][1], group[-1][2], 0.0, stage)
        for stage, found in groupby(spans, key=lambda span: span[0].stage)
        for group in [list(found)]
    ]
    charts = [
        build_chart("tempo", TEMPO_TOP, spans, lambda step: log2(step.tempo), lambda value: f"{2**value:.0f}"),
        build_chart("level", LEVEL_TOP, spans, lambda step: step.level, lambda value: f"{value:.0f}"),
    ]
    minutes = [(at(60.0 * minute), minute) for minute in range(0, int(total // 60) + 1, 5 if total < 2700 else 15)]
    return fill_template(
        "journey.svg.j2",
        points=place_points(steps),
        stages=stages,
        charts=charts,
        minutes=minutes,
        plane=PLANE,
        left=left,
        width=width,
        height=height,
        language=language,
    )


def place_points(steps: Sequence[PlottedStep]) -> list[PlanePoint]:
    """The points of all tracks; positive valence is right, high arousal is up."""
    left, top, side = PLANE
    farthest = max(WIDEST, *(1.15 * abs(value) for step in steps for value in (step.valence, step.arousal)))

    def pixel(value: float) -> float:
        return round(side * (0.5 + 0.5 * value / farthest), 1)

    places = [(left + pixel(step.valence), top + side - pixel(step.arousal)) for step in steps]
    return [
        PlanePoint(*place, round(x, 1), round(y, 1), step)
        for place, (x, y), step in zip(places, separate_labels(places), steps, strict=True)
    ]


def separate_labels(places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Positions of the numbers near their points, moved apart so that each can be read."""
    # Numbers of the same point start in different directions.
    at = [complex(*place) + rect(0.1, 2.4 * number) for number, place in enumerate(places)]
    for _ in range(200):
        for (i, one), (j, other) in combinations(enumerate(at), 2):
            if (gap := abs(one - other)) < APART:
                push = (one - other) / gap * (APART - gap) / 2
                at[i], at[j] = at[i] + push, at[j] - push
    return [(place.real, place.imag) for place in at]


def build_chart(
    cue: str,
    top: float,
    spans: Sequence[tuple[PlottedStep, float, float]],
    measure: Callable[[PlottedStep], float],
    label: Callable[[float], str],
) -> CueChart:
    """The chart of one cue; `measure` gives its value on a linear scale, `label` the label of a tick."""
    values = [measure(step) for step, _, _ in spans]
    middle, span = (min(values) + max(values)) / 2, max(max(values) - min(values), SMALLEST[cue])
    low = middle - span * (0.5 + ROOM)

    def pixel(value: float) -> float:
        return round(top + CHART[2] * (1 - (value - low) / (span * (1 + 2 * ROOM))), 1)

    marks = [middle - span / 2, middle, middle + span / 2]
    return CueChart(
        cue,
        top,
        tuple(
            ChartBar(begin, end, pixel(value), step.title)
            for (step, begin, end), value in zip(spans, values, strict=True)
        ),
        tuple((pixel(mark), label(mark)) for mark in marks),
    )


def draw_sparkline(values: Sequence[float], least: float) -> str:
    """A line of blocks for a terminal, one for each value, from `▁` to `█`, around the middle of their range.

    `least`: the span that fills the blocks at least, so that a small change does not look like a large one.
    """
    blocks = "▁▂▃▄▅▆▇█"
    span = max(max(values) - min(values), least)
    low = (min(values) + max(values) - span) / 2
    return "".join(blocks[min(7, int(8 * (value - low) / span))] for value in values)
