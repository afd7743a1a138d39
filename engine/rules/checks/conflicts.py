"""Checks of what contradicts itself: leanings that pull apart, overrides of retired rules, contexts held by slip."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from engine.rules.checks.escapes import Escapes
from engine.rules.checks.findings import Finding, make_error
from engine.rules.checks.holding import Rulebook
from engine.rules.checks.outcomes import list_named
from engine.rules.individuals import Individual
from engine.rules.ontology import Ontology


def leanings_agree(ontology: Ontology) -> Iterator[Finding]:
    """Two leanings on one cue have values in common where one of their rules never holds without the other.

    Where both can hold alone, the mean of them is meant; a notice names them when they rest on a common sign.
    """
    book = Rulebook(ontology)
    escapes = Escapes(book)
    leanings = [
        (rule, lean)
        for rule in book.rules
        for lean in book.list_effects(rule, "Lean")
        if lean.number("best") is not None
    ]
    for (first, one), (second, other) in combinations(leanings, 2):
        if one.to("of") != other.to("of") or not _are_apart(one, other) or not book.share(first, second, "at"):
            continue
        goals = [g for g in escapes.list_goals(first) if g in escapes.list_goals(second)]
        bound = first.id == second.id or any(
            book.holds(a, book.suppose(*way)) and escapes.find(a, [b], goal) is None
            for a, b in ((first, second), (second, first))
            for way in list(book.list_ways(a))[:1]
            for goal in goals
        )
        common = set(list_named(first, ontology)) & set(list_named(second, ontology)) - book.standing
        if goals and (bound or (common and book.can_meet(first, second))):
            unit = ontology[one.to("of")[0]].text("unit")
            yield Finding(
                "error" if bound else "notice",
                "leanings-agree",
                first.place,
                f"it leans {one.to('of')[0]} to {one.number('low'):g}-{one.number('high'):g} {unit} and "
                f"{'itself' if first.id == second.id else repr(second.id)} to {other.number('low'):g}-"
                f"{other.number('high'):g}, {'always' if bound else 'sometimes'} at once",
                "Bring them nearer, or keep one",
            )


def _are_apart(one: Individual, other: Individual) -> bool:
    lows, highs = ([each.number(name) or 0.0 for each in (one, other)] for name in ("low", "high"))
    return max(lows) > min(highs)


def nothing_rests_on_what_is_retired(ontology: Ontology) -> Iterator[Finding]:
    """No published rule overrides a rule that never holds, and no reading waits for one."""
    for rule in Rulebook(ontology).rules:
        for target in (ontology[t] for t in rule.to("overrides")):
            if target.text("status") != "published":
                yield make_error(
                    "nothing-rests-on-what-is-retired",
                    rule,
                    f"it overrides '{target.id}', which is {target.text('status')} and never holds",
                    "Take the override away, or publish that rule again",
                )
    for mapping in ontology.of("Mapping"):
        for target in (ontology[t] for t in mapping.to("under")):
            if target.text("status") != "published":
                yield make_error(
                    "nothing-rests-on-what-is-retired",
                    mapping,
                    f"it counts only under '{target.id}', which is {target.text('status')} and never holds",
                    "Name a published rule, or take 'under' away",
                )


def standing_contexts_stand_alone(ontology: Ontology) -> Iterator[Finding]:
    """A context is held from the start exactly when its source is `standing`; else every rule on it always holds."""
    for context in ontology.of("Context"):
        held, standing = bool(context.properties["held"]), context.text("source") == "standing"
        if held != standing:
            yield make_error(
                "standing-contexts-stand-alone",
                context,
                f"'held' is {str(held).lower()} and 'source' is {context.text('source')}: "
                + ("it would always be there, declared or not" if held else "nothing would ever bring it about"),
                f"Set 'held' to {str(standing).lower()}",
            )


def conditions_are_on_what_says_something(ontology: Ontology) -> Iterator[Finding]:
    """No rule rests on a single label of the group `unreadable`, which says nothing about how somebody feels.

    Nor on a marker or context, which has the score 1, while a lower one is asked for.
    """
    for condition in ontology.of("Condition"):
        most = condition.number("at_most")
        for sign in (ontology[s] for s in condition.to("on")):
            if most is not None and most < 1 and not {"Emotion", "Group", "Scale"} & {*sign.classes}:
                yield make_error(
                    "conditions-are-on-what-says-something",
                    condition,
                    f"'at_most' is {most:g}, and '{sign.id}' has the score 1 wherever it is there",
                    "Take 'at_most' away, or that sign",
                )
            if "Emotion" in sign.classes and "unreadable" in sign.to("in"):
                yield make_error(
                    "conditions-are-on-what-says-something",
                    condition,
                    f"it is on '{sign.id}', a label that says nothing about how somebody feels by itself",
                    "Name a feeling, a marker or a context, or the whole group 'unreadable'",
                )


def choices_are_in_order(ontology: Ontology) -> Iterator[Finding]:
    """The choices of a question have different places, and a rule asks one question only."""
    for question in ontology.of("Question"):
        places = [(ontology[choice].number("order"), choice) for choice in question.to("offers")]
        for (place, one), (other_place, other) in combinations(places, 2):
            if place is not None and place == other_place:
                yield make_error(
                    "choices-are-in-order",
                    question,
                    f"'{one}' and '{other}' both stand at place {place:g}",
                    "Give each choice its own 'order'",
                )
    book = Rulebook(ontology)
    for rule in book.rules:
        asked = sorted(what for effect in book.list_effects(rule, "Ask") for what in effect.to("of"))
        if len(asked) > 1:
            yield make_error(
                "choices-are-in-order",
                rule,
                f"it asks {' and '.join(asked)}, and one question is asked at most",
                "Keep one of them, or make a rule for each",
            )


CHECKS = (
    leanings_agree,
    nothing_rests_on_what_is_retired,
    standing_contexts_stand_alone,
    conditions_are_on_what_says_something,
    choices_are_in_order,
)
