"""What each rule of the ontology changes, as its authors ask after it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Final

from engine.bootstrap import Compiled, Progress, loaded_graph, open_reader
from engine.errors import UsageError
from engine.settings import ONTOLOGY_DIR, Settings

if TYPE_CHECKING:
    from engine.reasoning.influence import Influence, Supposed
    from engine.rules import Individual
    from engine.rules.checks.holding import Rulebook

OF_EACH: Final = 8
"""Cases of each rule that are looked at where all rules are weighed."""
OF_ONE: Final = 60
"""Cases that are looked at where one rule is."""


def influence(
    settings: Settings, opened: Compiled, progress: Progress, rule_id: str | None = None, of_each: int = OF_EACH
) -> Iterator[Influence]:
    """What each published rule changes, or one of them; UsageError when there is no such rule."""
    from engine.reasoning.influence import Influences
    from engine.rules import Ontology
    from engine.rules.checks.holding import Rulebook

    ontology = Ontology.read(ONTOLOGY_DIR)
    book = Rulebook(ontology)
    chosen = [rule for rule in book.rules if rule_id in (None, rule.id)]
    if not chosen:
        raise UsageError("RULE", "is no published rule", f"Choose from: {', '.join(rule.id for rule in book.rules)}")
    contexts = frozenset(i.id for kind in ("Context", "Signal") for i in ontology.of(kind))
    with loaded_graph(settings, progress) as graph:
        influences = Influences(graph, open_reader(settings, opened), contexts)
        for rule in chosen:
            progress(f"weighing {rule.id}")
            yield influences.of(rule.id, spread(list(cases(book, rule)), OF_ONE if rule_id else of_each))


def cases(book: Rulebook, rule: Individual) -> Iterator[Supposed]:
    """Readings that bring the rule to hold, each with every goal that it is for.

    Where it asks for no feeling, with each feeling in turn.
    """
    from engine.reasoning.influence import Supposed

    emotions = [emotion.id for emotion in book.ontology.of("Emotion") if emotion.id != "neutral"]
    goals = [goal.id for goal in book.ontology.of("Goal") if book.covers(rule, "for", goal.id)]
    ways = dict.fromkeys(frozenset(present | strong) - book.standing for present, strong in book.list_ways(rule))
    for way, goal in product(ways, goals):
        felt = [way] if way & {*emotions, "neutral"} else [way | {emotion} for emotion in emotions]
        yield from (Supposed(tuple(sorted(signs)), goal) for signs in felt)


def spread(found: list[Supposed], most: int) -> list[Supposed]:
    """So many of them, evenly over all."""
    return [found[at * len(found) // most] for at in range(most)] if len(found) > most else found
