"""Checks of coverage: feelings without a rule, scales that nothing leads to, claims without evidence."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from itertools import combinations

from engine.rules.checks.findings import Finding
from engine.rules.checks.holding import Rulebook
from engine.rules.individuals import Individual
from engine.rules.ontology import Ontology

ANSWERS = ("Mirror", "Replace", "Ask", "Hold")
"""Kinds of effect that respond to a feeling at the first stage."""
OPINION = re.compile(r"(?i)commentary|conceptual|practice paper|clinical account|computing paper|interview|notebook")
"""Designs that observe nobody, or hardly anybody: they support a claim, and not at the best grade."""
SPOKEN = ("label", "finding", "population", "design", "effect")
COMMON = {
    *("than", "that", "with", "this", "were", "from", "they", "what", "music", "listeners", "study", "people", "have"),
    *("more", "most", "direction", "number", "naming", "risk", "read", "said", "other", "over", "their"),
}


def every_feeling_is_answered(ontology: Ontology) -> Iterator[Finding]:
    """Each emotion alone, present and strong, with each goal, meets a mirror, a replacement, a question or a hold.

    Where conditions ask for scores of it, each range of scores is looked at. In one that begins at 0 it may never be
    present, which its model's threshold decides: hence a notice.
    """
    book = Rulebook(ontology)
    stages = sorted(ontology.of("Stage"), key=lambda stage: stage.number("order") or 0.0)
    for emotion in ontology.of("Emotion"):
        silent: dict[str, list[str]] = defaultdict(list)
        *lower, highest = book.list_scores(emotion.id)
        cases = {"present": book.suppose(highest), "strong": book.suppose(highest, [emotion.id])}
        cases |= {f"present ({', '.join(signs - {emotion.id})})": book.suppose(signs) for signs in lower}
        for level, supposed in cases.items():
            for goal in ontology.of("Goal"):
                rules = [
                    r for r in book.find_holding(supposed, goal.id) if stages and book.covers(r, "at", stages[0].id)
                ]
                if not any(book.list_effects(rule, kind) for rule in rules for kind in ANSWERS):
                    silent[level].append(goal.id)
        for level, goals in silent.items():
            fault = f"alone and {level} it meets no mirror, replacement or question with the goal {', '.join(goals)}"
            yield Finding(
                "notice" if " from 0 to " in level else "error",
                "every-feeling-is-answered",
                emotion.place,
                fault,
                "Write a rule for it, or add it to a rule's condition",
            )


def every_pair_of_feelings_is_answered(ontology: Ontology) -> Iterator[Finding]:
    """Two emotions together, with each goal, still meet an answer: neither defeats what answers the other."""
    book = Rulebook(ontology)
    stages = sorted(ontology.of("Stage"), key=lambda stage: stage.number("order") or 0.0)
    goals = [goal.id for goal in ontology.of("Goal")]
    answering = [
        rule
        for rule in book.rules
        if any(book.list_effects(rule, kind) for kind in ANSWERS) and stages and book.covers(rule, "at", stages[0].id)
    ]
    fragile = {c for rule in answering for c in rule.to("unless")}
    if not fragile and not any(rule.to("overrides") for rule in book.rules):
        return  # what answers one alone answers it in company
    for pair in combinations([emotion.id for emotion in ontology.of("Emotion")], 2):
        supposed = book.suppose(frozenset[str]().union(*(book.list_scores(emotion)[-1] for emotion in pair)))
        held = [rule for rule in answering if book.holds(rule, supposed)]
        gaps = [goal for goal in goals if not any(book.covers(rule, "for", goal) for rule in held)]
        if gaps:
            yield Finding(
                "error",
                "every-pair-of-feelings-is-answered",
                ontology[pair[0]].place,
                f"together with {pair[1]} it meets no mirror, replacement or question with the goal {', '.join(gaps)}",
                "Narrow an 'unless', or write a rule for the two",
            )


def every_scale_is_reached(ontology: Ontology) -> Iterator[Finding]:
    """Every scale is led to by mappings of grade A or B; a notice for grade C or for choice alone, else an error."""
    pointed = {
        target
        for individual in ontology.individuals
        for name, target in individual.links
        if name in ("atScale", "of", "declares")
    }
    for scale in ontology.of("Scale"):
        grades = sorted(m.text("grade") for m in ontology.of("Mapping") if scale.id in m.to("to"))
        if not grades and scale.id not in pointed:
            yield Finding(
                "error",
                "every-scale-is-reached",
                scale.place,
                "nothing leads to it: no mapping, aim, effect or choice",
                "Map a feeling to it, let a goal aim at it, or retire it",
            )
        elif not grades:
            yield Finding(
                "notice",
                "every-scale-is-reached",
                scale.place,
                "no words lead to it, only goals, rules or choices",
                "Leave it so, or map a feeling to it",
            )
        elif grades[0] == "C":
            yield Finding(
                "notice",
                "every-scale-is-reached",
                scale.place,
                "words lead to it by judgement alone (grade C)",
                "Look for evidence of the mapping",
            )


def grades_have_evidence(ontology: Ontology) -> Iterator[Finding]:
    """A claim of grade A or B names what supports it."""
    for claim in ontology.of("Claim"):
        if claim.text("grade") != "C" and not claim.to("supportedBy"):
            yield Finding(
                "error",
                "grades-have-evidence",
                claim.place,
                f"its grade is {claim.text('grade')} and nothing supports it",
                "Name the evidence, or make it grade C",
            )


def evidence_was_read(ontology: Ontology) -> Iterator[Finding]:
    """No published rule rests on sources that are quoted from memory alone."""
    for rule in Rulebook(ontology).rules:
        sources = {e for claim in rule.to("claims") for e in ontology[claim].to("supportedBy")}
        if sources and all(ontology[e].text("read") == "M" for e in sources):
            yield Finding(
                "error",
                "evidence-was-read",
                rule.place,
                f"all its evidence is quoted from memory: {', '.join(sorted(sources))}",
                "Read one of the sources, or make the rule a draft",
            )


def grades_are_borne_out(ontology: Ontology) -> Iterator[Finding]:
    """A claim of grade A rests on a study, a standard or a computation, and on sources that speak of its matter.

    Whether a source speaks of it is judged by common words, which is a guess: hence a notice.
    """
    for claim in ontology.of("Claim"):
        sources = [ontology[e] for e in claim.to("supportedBy")]
        if claim.text("grade") == "C" or not sources:
            continue
        if claim.text("grade") == "A" and all(OPINION.search(source.text("design")) for source in sources):
            designs = "; ".join(source.text("design") for source in sources)
            yield Finding(
                "error",
                "grades-are-borne-out",
                claim.place,
                f"its grade is A, and what supports it is no study of the case ({designs})",
                "Make it grade B or C, or name a study",
            )
        said = _list_words(claim.text("label"), claim.text("definition"))
        strange = [s.id for s in sources if not said & _list_words(*(s.text(n) for n in SPOKEN))]
        if said and claim.text("about") != "naming" and len(strange) == len(sources):  # names rest on lists of words
            yield Finding(
                "notice",
                "grades-are-borne-out",
                claim.place,
                f"its grade is {claim.text('grade')}, and {', '.join(strange)} says nothing in words that it uses",
                "Name a source that speaks of it, or say in its definition what the source shows",
            )


def _list_words(*texts: str) -> set[str]:
    """Beginnings of the words that carry meaning, so that `calming` and `calm` meet."""
    return {word[:5] for text in texts for word in re.findall(r"[a-z]{4,}", text.lower()) if word not in COMMON}


def reviews_are_kept(ontology: Ontology, today: date) -> Iterator[Finding]:
    """No published rule or claim is past its review date."""
    for rule in Rulebook(ontology).rules:
        for individual in (rule, *(ontology[claim] for claim in rule.to("claims"))):
            due = individual.properties.get("review_by")
            if isinstance(due, datetime) and due.date() < today:
                yield Finding(
                    "error",
                    "reviews-are-kept",
                    individual.place,
                    f"it was to be reviewed by {due.date()}",
                    "Review it and set a new day, or make the rule a draft",
                )


def numbers_are_signed(ontology: Ontology) -> Iterator[Finding]:
    """A notice with the number of unsigned claims about numbers in each file."""
    unsigned = Counter(c.file for c in ontology.of("Claim") if c.text("about") == "number" and not c.text("signed_by"))
    for file, number in sorted(unsigned.items()):
        yield Finding(
            "notice",
            "numbers-are-signed",
            file,
            f"{number} claims about numbers are not signed",
            "Have a therapist sign them (signed_by)",
        )


def labels_differ(ontology: Ontology) -> Iterator[Finding]:
    """No two individuals of a class that explanations name (in every language) have the same label."""
    by_label: dict[tuple[str, str], list[Individual]] = defaultdict(list)
    named_kinds = {name for name, class_ in ontology.classes.items() if "label_zh" in class_.notes}
    for individual in ontology.individuals:
        if (label := individual.text("label")) and named_kinds & set(individual.classes):
            by_label[individual.classes[0], label].append(individual)
    for (kind, label), group in sorted(by_label.items()):
        if len(group) > 1:
            named = " and ".join(f"'{i.id}'" for i in group)
            yield Finding(
                "notice",
                "labels-differ",
                group[0].place,
                f"{named} are each a {kind} called '{label}'",
                "Give them different labels",
            )


def evidence_is_cited(ontology: Ontology) -> Iterator[Finding]:
    """Every source is named by a claim."""
    cited = {
        target for claim in ontology.of("Claim") for target in (*claim.to("supportedBy"), *claim.to("challengedBy"))
    }
    for evidence in ontology.of("Evidence"):
        if evidence.id not in cited:
            yield Finding(
                "notice", "evidence-is-cited", evidence.place, "no claim names it", "Name it in a claim, or take it out"
            )


CHECKS = (
    every_feeling_is_answered,
    every_pair_of_feelings_is_answered,
    every_scale_is_reached,
    grades_have_evidence,
    grades_are_borne_out,
    evidence_was_read,
    numbers_are_signed,
    labels_differ,
    evidence_is_cited,
)
