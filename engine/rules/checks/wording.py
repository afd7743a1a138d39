"""Checks of what Isopath says: slots that the program fills, no figure, something to say at every place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from string import Formatter

from engine.rules.checks.findings import Finding, make_error
from engine.rules.checks.texts import list_texts
from engine.rules.individuals import Individual
from engine.rules.ontology import Ontology

SLOTS = {"Purpose": frozenset({"feeling", "goal"}), "Passage": frozenset({"minutes"})}
"""Slots of clauses; a pattern lists its own."""


def patterns_can_be_filled(ontology: Ontology) -> Iterator[Finding]:
    """Words in all their languages have the slots that the program fills, the same in each, and no others."""
    for wording in ontology.of("Wording"):
        filled = SLOTS.get(wording.classes[0], frozenset(_list_slots(wording)))
        found: dict[str, set[str]] = {}
        for name in list_texts(wording):
            try:
                found[name] = _find_slots(wording.text(name))
            except ValueError:
                yield make_error(
                    "patterns-can-be-filled",
                    wording,
                    f"its '{name}' has a brace that opens or closes nothing",
                    "Write slots as {name}",
                )
        for name, slots in found.items():
            if unknown := sorted(slots - filled):
                may = f"It takes {', '.join(f'{{{slot}}}' for slot in sorted(filled)) or 'no slot'}"
                yield make_error(
                    "patterns-can-be-filled",
                    wording,
                    f"its '{name}' has the slot {{{unknown[0]}}}, which nothing fills",
                    may,
                )
        if len({frozenset(slots) for slots in found.values()}) > 1:
            yield make_error(
                "patterns-can-be-filled", wording, "its languages have different slots", "Make them the same"
            )


def words_name_no_figure(ontology: Ontology) -> Iterator[Finding]:
    """No words have a figure of their own: figures come from the measures."""
    for wording in ontology.of("Wording"):
        for name in list_texts(wording):
            if figure := re.search(r"\d+", wording.text(name)):
                yield make_error(
                    "words-name-no-figure",
                    wording,
                    f"its '{name}' names the figure {figure[0]}",
                    "Let a slot bring it",
                )


def every_place_has_words(ontology: Ontology) -> Iterator[Finding]:
    """At every stage and for every goal something can be said of a track, and of the stage, whatever is measured."""
    clauses = ontology.of("Clause")
    for kind in ("Purpose", "Passage") if clauses else ():
        plain = [
            one
            for one in clauses
            if kind in one.classes
            and not one.to("of")
            and not one.text("meets")
            and not one.properties.get("sense")
            and "{feeling}" not in one.text("text")
        ]
        for stage, goal in product(ontology.of("Stage"), ontology.of("Goal")):
            if not any(_covers(ontology, one, "at", stage) and _covers(ontology, one, "for", goal) for one in plain):
                fault = f"for the goal {goal.id} there is no {kind} that is true whatever is measured"
                repair = f"Add a {kind} at {stage.id} without 'of', 'meets' and 'sense'"
                yield make_error("every-place-has-words", stage, fault, repair)


def _covers(ontology: Ontology, clause: Individual, link: str, place: Individual) -> bool:
    """Whether a clause is for this stage or goal, by name or since it is for all."""
    return any(target == place.id or len(ontology[target].classes) == 1 for target in clause.to(link))


def _find_slots(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _list_slots(wording: Individual) -> list[str]:
    listed = wording.properties.get("slot", [])
    return [str(slot) for slot in listed] if isinstance(listed, list) else [str(listed)]


CHECKS = (patterns_can_be_filled, words_name_no_figure, every_place_has_words)
