"""Checks of rules: conflicts between two of them, and what a safety rule may depend on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from engine.rules.checks.findings import Finding, make_error
from engine.rules.checks.holding import Rulebook
from engine.rules.individuals import Individual
from engine.rules.ontology import Ontology

RARE = "rare-label"
"""The setting with the least detectability of a label that a safety rule may depend on."""


def no_ties(ontology: Ontology) -> Iterator[Finding]:
    """Where a hit policy lets only one rule take effect, it is decided which of any two that can hold together.

    `priority`: equal tier and priority, neither overriding. `unique`: any two on one sign, neither overriding.
    """
    book = Rulebook(ontology)
    for policy in ontology.of("HitPolicy"):
        kind, how = policy.text("governs"), policy.text("policy")
        rules = [rule for rule in book.rules if book.list_effects(rule, kind)]
        for first, second in combinations(rules, 2):
            if second.id in _list_overridden(first, ontology) or first.id in _list_overridden(second, ontology):
                continue
            if how == "priority":
                same = all(first.properties[name] == second.properties[name] for name in ("tier", "priority"))
                clash = same and not _do_same(book, first, second, kind)
                common = f"both have priority {first.properties['priority']}"
            else:
                signs = sorted(_list_contested(first, second, rules, book))
                clash, common = how == "unique" and bool(signs), f"both are on {', '.join(signs)}"
            if clash and book.can_meet(first, second):
                fault = f"it and '{second.id}' can hold together, {common}, and only one {kind} can count"
                yield make_error(
                    "no-ties",
                    first,
                    fault,
                    "Change a priority or a condition, or let one override the other"
                    if how == "priority"
                    else "Let one override the other, or narrow a condition",
                )


def the_way_is_named_where_it_begins(ontology: Ontology) -> Iterator[Finding]:
    """What replaces the beginning does so at the first stage; anywhere else it would change nothing."""
    book = Rulebook(ontology)
    stages = sorted(ontology.of("Stage"), key=lambda stage: stage.number("order") or 0.0)
    for rule in book.rules:
        if stages and book.list_effects(rule, "Replace") and not book.covers(rule, "at", stages[0].id):
            yield make_error(
                "the-way-is-named-where-it-begins",
                rule,
                f"it replaces the beginning and stands at {', '.join(rule.to('at'))}, where nothing begins",
                f"Put it at {stages[0].id}",
            )


def every_rule_can_hold(ontology: Ontology) -> Iterator[Finding]:
    """A published rule holds for some signs: its exceptions do not cover all its conditions."""
    book = Rulebook(ontology)
    for rule in book.rules:
        if not any(book.holds(rule, book.suppose(*way)) for way in book.list_ways(rule)):
            is_excluded = not any(book.suppose(*way).is_possible for way in book.list_ways(rule))
            fault, repair = "what it asks for always meets an exception too", "Narrow its 'unless'"
            if is_excluded:
                fault, repair = "the scores that it asks for exclude each other", "Change 'at_least' or 'at_most'"
            yield make_error(
                "every-rule-can-hold", rule, f"no signs bring it to hold: {fault}", f"{repair}, or retire it"
            )


def bounds_leave_room(ontology: Ontology) -> Iterator[Finding]:
    """Hard bounds on one cue by two rules that can hold together have values in common."""
    book = Rulebook(ontology)
    bounds = [(rule, bound) for rule in book.rules for bound in book.list_effects(rule, "Bound")]
    for (first, one), (second, other) in combinations(bounds, 2):
        lows = [b.number("low") for b in (one, other)]
        highs = [b.number("high") for b in (one, other)]
        least = max((low for low in lows if low is not None), default=float("-inf"))
        most = min((high for high in highs if high is not None), default=float("inf"))
        if one.to("of") == other.to("of") and least >= most and book.can_meet(first, second):
            both = f"its bound on {one.to('of')[0]} and that of '{second.id}'"
            if least > most:
                fault = f"{both} leave nothing between {least:g} and {most:g}"
                yield make_error("bounds-leave-room", first, fault, "Widen one of them, or make one a Lean")
            else:
                fault = f"{both} leave only what is exactly {least:g}"
                yield Finding("notice", "bounds-leave-room", first.place, fault, "Widen one of them if more is meant")


def overrides_run_one_way(ontology: Ontology) -> Iterator[Finding]:
    """Nothing overrides itself, directly or through others."""
    for individual in ontology.individuals:
        if individual.id in _list_overridden(individual, ontology):
            yield make_error(
                "overrides-run-one-way", individual, "its overrides lead back to itself", "Drop one of them"
            )


def safety_is_not_overridden(ontology: Ontology) -> Iterator[Finding]:
    """Only a safety rule overrides a safety rule."""
    for rule in ontology.of("Rule"):
        for target in rule.to("overrides"):
            if ontology[target].text("tier") == "safety" != rule.text("tier"):
                yield make_error(
                    "safety-is-not-overridden",
                    rule,
                    f"it is {rule.text('tier')} and overrides '{target}', a safety rule",
                    "Drop the override: safety rules are locked",
                )


def safety_rests_on_firm_signs(ontology: Ontology) -> Iterator[Finding]:
    """A safety rule depends neither on labels that are often missed nor on the absence of a label."""
    setting = ontology.by_id.get(RARE)
    least = setting.number("value") if setting is not None else None
    if least is None:
        yield Finding(
            "error",
            "safety-rests-on-firm-signs",
            "ontology/",
            f"there is no setting '{RARE}'",
            "State from which detectability on a label may carry a safety rule",
        )
        return
    for emotion in ontology.of("Emotion"):
        if emotion.number("detectability") == least:
            fault = f"its detectability is exactly '{RARE}' ({least:g}), and counts as firm"
            repair = "Move one of the two if that is not meant"
            yield Finding("notice", "safety-rests-on-firm-signs", emotion.place, fault, repair)
    for rule in _list_active(ontology):
        if rule.text("tier") != "safety":
            continue
        for condition in (ontology[c] for c in rule.to("when")):
            signs = [ontology[s] for s in condition.to("on")]
            if all("Emotion" in s.classes and (s.number("detectability") or 0.0) < least for s in signs):
                named = ", ".join(f"{s.id} ({s.number('detectability'):g})" for s in signs)
                yield make_error(
                    "safety-rests-on-firm-signs",
                    rule,
                    f"it rests on labels that are often missed alone: {named}",
                    "Add a marker or a declaration to the condition",
                )
        for condition in (ontology[c] for c in rule.to("unless")):
            for sign in (ontology[s] for s in condition.to("on")):
                if {"Emotion", "Group", "Scale"} & set(sign.classes):
                    yield make_error(
                        "safety-rests-on-firm-signs",
                        rule,
                        f"it rests on the absence of '{sign.id}', and a label that was missed is absent too",
                        "Let a declaration defeat it, or nothing",
                    )


def bounds_are_signed(ontology: Ontology) -> Iterator[Finding]:
    """Outside safety, a hard bound is a number that a therapist has signed."""
    book = Rulebook(ontology)
    for rule in _list_active(ontology):
        signed = rule.text("signed_by") or any(
            ontology[c].text("signed_by") for c in rule.to("claims") if ontology[c].text("about") == "number"
        )
        if rule.text("tier") != "safety" and not signed and (bounds := book.list_effects(rule, "Bound")):
            named = ", ".join(b.id for b in bounds)
            yield make_error(
                "bounds-are-signed",
                rule,
                f"it sets a hard bound ({named}) that nobody has signed",
                "Make it a Lean, or have it signed",
            )


def markers_can_be_seen(ontology: Ontology) -> Iterator[Finding]:
    """Every marker has phrases; without them a condition on it is never met."""
    for marker in ontology.of("Marker"):
        if not marker.to("spelled"):
            yield make_error(
                "markers-can-be-seen",
                marker,
                "it has no phrases, so nothing can show it",
                "Spell it: add phrases to gate.owl",
            )


def _list_signs(rule: Individual, ontology: Ontology) -> set[str]:
    return {sign for condition in rule.to("when") for sign in ontology[condition].to("on")}


def _list_contested(first: Individual, second: Individual, rules: Sequence[Individual], book: Rulebook) -> set[str]:
    """Signs that both rules name, and those that both come to by a group or a scale while no rule names them."""
    named = [_list_signs(rule, book.ontology) - book.standing for rule in (first, second)]
    members = [{m for sign in signs for m in book.list_members(sign)} - signs for signs in named]
    direct = {sign for rule in rules for sign in _list_signs(rule, book.ontology)}
    alone = all(signs <= {s for s in signs if s not in book.list_members(s)} for signs in named)
    return (named[0] & named[1]) | ((members[0] & members[1]) - direct if alone else set())


def _do_same(book: Rulebook, first: Individual, second: Individual, kind: str) -> bool:
    """Whether both rules have the same effects of this kind, so that either may take effect."""

    def summarise(rule: Individual) -> set[tuple[object, ...]]:
        return {(e.to("of"), e.text("outcome"), e.number("depth")) for e in book.list_effects(rule, kind)}

    return summarise(first) == summarise(second)


def _list_overridden(individual: Individual, ontology: Ontology) -> set[str]:
    """Ids of everything that it overrides, directly or through others."""
    found: set[str] = set()
    ahead = list(individual.to("overrides"))
    while ahead:
        one = ahead.pop()
        if one not in found:
            found.add(one)
            ahead.extend(ontology[one].to("overrides"))
    return found


def _list_active(ontology: Ontology) -> tuple[Individual, ...]:
    return Rulebook(ontology).rules


CHECKS = (
    no_ties,
    the_way_is_named_where_it_begins,
    every_rule_can_hold,
    bounds_leave_room,
    overrides_run_one_way,
    safety_is_not_overridden,
    safety_rests_on_firm_signs,
    bounds_are_signed,
    markers_can_be_seen,
)
