"""What each rule changes where it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from engine.bootstrap import CompiledOntology
from engine.settings import Settings
from engine.use_cases.ontology import OF_EACH, measure_influence
from tests.bench.tables import Section, table


def measure(settings: Settings, opened: CompiledOntology, quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """By rule: cases looked at, shares changed, and how the music followed what is asked."""
    return {
        one.rule_id: asdict(one) for one in measure_influence(settings, opened, say, of_each=2 if quick else OF_EACH)
    }


def tell(figures: Section) -> Iterator[str]:
    yield "## Influence of the rules"
    yield ""
    yield "Each rule over readings and goals where it holds: how often the answer and the music are others without it,"
    yield "and how far the music went towards what the rule asks (median share of the way; in how many cases that way)."
    yield ""
    yield from table(
        ["Rule", "cases", "answers changed", "music changed", "tracks changed", "cues"],
        [
            [
                name,
                one["cases"],
                one["changed"],
                one["journeys"],
                one["tracks"],
                ", ".join(f"{cue['cue']} {cue['way']} ({cue['towards']} of {cue['cases']})" for cue in one["cues"]),
            ]
            for name, one in figures.items()
        ],
    )


def targets(figures: Section) -> Iterator[tuple[str, str, str, bool]]:
    silent = [name for name, one in figures.items() if one["cases"] and not one["changed"]]
    yield "rules that change no answer where they hold", "none", ", ".join(silent) or "none", not silent
    unheld = [name for name, one in figures.items() if not one["cases"]]
    yield "rules that no reading brings to hold", "none", ", ".join(unheld) or "none", not unheld
