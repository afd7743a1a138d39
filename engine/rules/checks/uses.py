"""Notices of what nothing uses: notices, traits, contexts, conditions' signs, choices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from engine.rules.checks.findings import Finding
from engine.rules.checks.holding import Rulebook
from engine.rules.ontology import Ontology

USED_BY = {
    "Notice": ("does", "of"),
    "Trait": ("does", "of"),
    "Question": ("does", "of"),
    "Style": ("does", "of"),
    "Context": ("when", "on"),
}
"""Class -> what a rule links to, and what that links to the individual."""
ASKED_FOR_BY_THE_PROGRAM = {"minutes-outside-trials"}
"""Ids that the program itself names (engine/explaining/notices.py)."""


def everything_is_used(ontology: Ontology) -> Iterator[Finding]:
    """A published rule comes to every notice, question, trait, style and context."""
    rules = Rulebook(ontology).rules
    for kind, (first, second) in USED_BY.items():
        steps = (first, "unless") if kind == "Context" else (first,)
        used = {
            target
            for rule in rules
            for step in steps
            for between in rule.to(step)
            for target in ontology[between].to(second)
        }
        declaring = defaultdict[str, list[str]](list)
        for choice in ontology.of("Choice"):
            for sign in choice.to("declares"):
                declaring[sign].append(choice.id)
        for individual in ontology.of(kind):
            if individual.id in used | ASKED_FOR_BY_THE_PROGRAM:
                continue
            fault = "no published rule uses it"
            if choices := declaring[individual.id]:
                fault = f"no published rule is on it, so that {', '.join(choices)} only ends the asking"
            yield Finding(
                "notice",
                "everything-is-used",
                individual.place,
                fault,
                "Use it in a rule, or leave it so if that is meant",
            )


def every_reading_matters(ontology: Ontology) -> Iterator[Finding]:
    """Whatever is read as a scale brings by itself a rule to hold that meets it, replaces it, withholds, or asks."""
    book = Rulebook(ontology)
    meeting = [r for r in book.rules if any(book.list_effects(r, kind) for kind in ("Mirror", "Replace", "Hold"))]
    asking = [rule for rule in book.rules if book.list_effects(rule, "Ask")]
    for sign in ontology.of("Sign"):
        if not sign.to("readAs"):
            continue
        cases = [book.suppose(signs) for signs in book.list_scores(sign.id)]
        about = [r for r in asking if any(sign.id in ontology[c].to("on") for c in r.to("when"))]
        if not any(book.holds(rule, supposed) for rule in (*meeting, *about) for supposed in cases):
            yield Finding(
                "notice",
                "every-reading-matters",
                sign.place,
                "it is read as a scale, and no rule meets it: without a mirror nothing is matched",
                "Add it to a rule's condition, or write a rule for it",
            )


def questions_change_something(ontology: Ontology) -> Iterator[Finding]:
    """Every choice chooses a goal, or brings about something that a published rule, or a reading, rests on."""
    book = Rulebook(ontology)
    watched = {
        member
        for rule in book.rules
        for kind in ("when", "unless")
        for condition in rule.to(kind)
        for sign in ontology[condition].to("on")
        for member in (sign, *book.list_members(sign))
    }
    for question in ontology.of("Question"):
        choices = [ontology[choice] for choice in question.to("offers")]
        moving = [c for c in choices if c.to("chooses") or {*c.to("declares"), *c.to("feels")} & watched]
        if choices and not moving:
            yield Finding(
                "error",
                "questions-change-something",
                question.place,
                "none of its choices changes anything: no rule is on what they declare",
                "Let a rule rest on what a choice declares, or take the question away",
            )


CHECKS = (everything_is_used, every_reading_matters, questions_change_something)
