"""What a draft would change for readings of invented texts, before anybody hears it."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.bootstrap import Progress
from engine.errors import UsageError
from engine.settings import Settings
from engine.use_cases.authoring.states import DRAFT, PUBLISHED, open_states, read_sources, unpack_ontology
from engine.use_cases.authoring.trying import open_trial

if TYPE_CHECKING:
    from engine.authoring.trial import Observed
    from engine.authoring.what_if import Difference, Supposed
    from engine.drawing.report import ReportRow, ReportSide

KEPT = 300
"""Readings that people asked to keep which are replayed, the latest."""
SHOWN = 60
"""Journeys that the report draws; the numbers count all."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What came of it."""

    readings: int
    changes: tuple[str, ...]
    """What the draft says otherwise."""
    differences: tuple[Difference, ...]
    seconds: float

    @property
    def rules(self) -> list[tuple[str, int]]:
        """Rules that did it, with how many readings; first what changes most."""
        return Counter(rule for one in self.differences for rule in one.rules).most_common()

    def summarise(self) -> list[str]:
        """The numbers, in sentences."""
        return [
            f"{len(self.differences)} of {self.readings} readings and scenarios get another answer.",
            *(f"{rule}: {count} of them" for rule, count in self.rules),
        ]


def preview(settings: Settings, progress: Progress, state: str = DRAFT, most: int | None = None) -> Preview:
    """Replays readings and scenarios under a state of the ontology, beside the published one.

    The readings that ship, those that people asked to keep, and the state's scenarios, as far as what serves knows what
    they suppose. With `most`, only so many of those that ship.
    """
    from engine.authoring.differences import describe_changes
    from engine.authoring.kept import read_kept_readings
    from engine.authoring.reading import read_scenarios
    from engine.authoring.readings import read_readings
    from engine.authoring.what_if import WhatIf

    began = time.monotonic()
    found: list[Difference] = []
    with open_states(settings, progress) as states, unpack_ontology(states.find(state)) as draft:
        served, graph = read_sources(states.find(PUBLISHED)), states.graph
        changed = frozenset(
            i for i in served.by_id.keys() | draft.by_id.keys() if served.by_id.get(i) != draft.by_id.get(i)
        )
        supposed: list[Supposed] = [
            *read_readings()[:most],
            *read_kept_readings(graph, served, KEPT),
            *(one for one in read_scenarios(draft) if one.signs <= served.by_id.keys()),
        ]
        # The draft's transaction begins last: what serves is read as it stands for everybody.
        with open_trial(graph, served, settings) as (before, _), open_trial(graph, draft, settings) as (after, _):
            what_if = WhatIf(before, after, served, draft, changed)
            for number, (_, difference) in enumerate(what_if.iterate_differences(supposed), 1):
                if difference is not None:
                    found.append(difference)
                if number % 100 == 0:
                    progress(f"{number} of {len(supposed)} replayed, {len(found)} changed")
    return Preview(len(supposed), describe_changes(served, draft), tuple(found), time.monotonic() - began)


def write_preview(found: Preview) -> str:
    """The report as one HTML page."""
    from engine.drawing.report import write_report

    rows = [_make_row(one) for one in found.differences[:SHOWN]]
    title = "What this draft would change"
    return write_report(title, found.summarise(), found.changes, rows)


def save_report(found: Preview, path: Path) -> None:
    """Writes the report to a file; UsageError where it cannot be written."""
    try:
        path.write_text(write_preview(found), "utf-8")
    except OSError as exc:
        raise UsageError("--report", f"cannot be written ({exc.strerror})", "Name a file in a folder of yours") from exc


def _make_row(one: Difference) -> ReportRow:
    from engine.drawing.report import ReportRow

    return ReportRow(one.reading.title, one.rules, _make_side(one.before), _make_side(one.after))


def _make_side(observed: Observed) -> ReportSide:
    from engine.answers import Journey, Question, Withheld
    from engine.drawing.picture import PlottedStep
    from engine.drawing.report import ReportSide

    match observed.answer:
        case Journey() as journey:
            steps = tuple(
                PlottedStep(
                    s.position, s.stage, s.title, s.seconds, s.valence, s.arousal, s.cues["tempo"], s.cues["level"]
                )
                for s in journey.steps
            )
            return ReportSide(f"{len(steps)} tracks, {sum(s.seconds for s in steps) / 60:.0f} minutes", steps)
        case Question(question=question):
            return ReportSide(f"asks: {question.text}", ())
        case Withheld(message=message):
            return ReportSide(f"no music: {message}", ())
    return ReportSide("the rules leave no music", ())
