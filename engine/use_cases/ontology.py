"""Measures the influence of the rules of the ontology."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Final

from engine.bootstrap import CompiledOntology, Progress, open_reader, use_graph
from engine.errors import UsageError
from engine.settings import ONTOLOGY_DIR, Settings

if TYPE_CHECKING:
    from engine.reasoning.influence import Influence, SupposedCase
    from engine.rules import Individual
    from engine.rules.checks.holding import Rulebook

OF_EACH: Final = 8
"""Limit on the cases of each rule when all rules are measured."""
OF_ONE: Final = 60
"""Limit on the cases when one rule is measured."""


def measure_influence(
    settings: Settings, opened: CompiledOntology, progress: Progress, rule_id: str | None = None, of_each: int = OF_EACH
) -> Iterator[Influence]:
    """The influence of each published rule, or of one; UsageError for an unknown rule."""
    from engine.reasoning.influence import InfluenceMeter
    from engine.rules import Ontology
    from engine.rules.checks.holding import Rulebook

    ontology = Ontology.read(ONTOLOGY_DIR)
    book = Rulebook(ontology)
    chosen = [rule for rule in book.rules if rule_id in (None, rule.id)]
    if not chosen:
        raise UsageError("RULE", "is no published rule", f"Choose from: {', '.join(rule.id for rule in book.rules)}")
    contexts = frozenset(i.id for kind in ("Context", "Signal") for i in ontology.of(kind))
    with use_graph(settings, progress) as graph:
        influences = InfluenceMeter(graph, open_reader(settings, opened), contexts)
        for rule in chosen:
            progress(f"weighing {rule.id}")
            yield influences.measure(
                rule.id, sample_evenly(list(list_cases(book, rule)), OF_ONE if rule_id else of_each)
            )


def list_cases(book: Rulebook, rule: Individual) -> Iterator[SupposedCase]:
    """Cases in which the rule holds: its combinations of signs with each of its goals.

    Combinations without a feeling are combined with each feeling.
    """
    from engine.reasoning.influence import SupposedCase
    from engine.rules.checks.holding import name_signs

    emotions = [emotion.id for emotion in book.ontology.of("Emotion") if emotion.id != "neutral"]
    goals = [goal.id for goal in book.ontology.of("Goal") if book.covers(rule, "for", goal.id)]
    ways = dict.fromkeys(name_signs(present | strong) - book.standing for present, strong in book.list_ways(rule))
    for way, goal in product(ways, goals):
        felt = [way] if way & {*emotions, "neutral"} else [way | {emotion} for emotion in emotions]
        yield from (SupposedCase(tuple(sorted(signs)), goal) for signs in felt)


def sample_evenly(found: list[SupposedCase], most: int) -> list[SupposedCase]:
    """At most `most` elements, evenly spaced."""
    return [found[at * len(found) // most] for at in range(most)] if len(found) > most else found
