"""What changed between two versions of an ontology, in sentences that a clinician reads; no triples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from encoders.languages import LANGUAGES, name_property
from engine.authoring.effects import describe_effect, format_amount, join_names

if TYPE_CHECKING:
    from engine.rules import Individual, Ontology

WORDS: Final = (
    *(name_property(name, language) for name in ("label", "definition", "text") for language in LANGUAGES),
    "comment",
)
"""What a person reads; named apart from what changes journeys."""
STATUS: Final = {"published": "holds from now on", "draft": "is a draft: it never holds", "retired": "is retired"}
PARTS: Final = ("when", "unless", "does", "claims", "at", "for", "overrides")


def describe_changes(before: Ontology, after: Ontology) -> tuple[str, ...]:
    """A sentence for each change, rules first; none where nothing differs."""
    return tuple(
        dict.fromkeys((*_compare_rules(before, after), *_compare_parts(before, after), *_compare_rest(before, after)))
    )


def name_rule(rule: Individual) -> str:
    """How a rule is called in a sentence: by what its label begins with, and by its id."""
    return f"{rule.text('label').partition(':')[0].strip() or rule.id} ({rule.id})"


def _compare_rules(before: Ontology, after: Ontology) -> Iterator[str]:
    for rule in after.of("Rule"):
        then = before.by_id.get(rule.id)
        if then is None:
            yield f"New: {name_rule(rule)} {STATUS[rule.text('status')]}: {rule.text('definition')}"
        elif then != rule:
            yield from _compare_rule(before, after, then, rule)
    yield from (f"Gone: {name_rule(rule)}" for rule in before.of("Rule") if rule.id not in after.by_id)


def _compare_rule(before: Ontology, after: Ontology, then: Individual, now: Individual) -> Iterator[str]:
    who = name_rule(now)
    if then.text("status") != now.text("status"):
        yield f"{who} {STATUS[now.text('status')]}"
    if then.text("tier") != now.text("tier"):
        yield f"{who} is now a rule of {now.text('tier')} instead of {then.text('tier')}"
    if then.number("priority") != now.number("priority"):
        yield f"{who} now stands at priority {now.number('priority'):g} instead of {then.number('priority'):g}"
    for link, gained, lost in (
        ("at", "now also holds at", "no longer holds at"),
        ("for", "now also holds for", "no longer holds for"),
        ("overrides", "now takes the place of", "no longer takes the place of"),
    ):
        yield from _compare_links(who, after, before, then, now, link, gained, lost)
    for link, gained, lost in (
        ("when", "now asks as well for", "no longer asks for"),
        ("unless", "is now defeated by", "is no longer defeated by"),
    ):
        for id_ in sorted({*now.to(link)} - {*then.to(link)}):
            yield f"{who} {gained} {_name_signs(after, after[id_])}"
        for id_ in sorted({*then.to(link)} - {*now.to(link)}):
            yield f"{who} {lost} {_name_signs(before, before[id_])}"
    for id_ in sorted({*now.to("does")} - {*then.to("does")}):
        verb, what = describe_effect(after, now, after[id_])
        yield f"{who} now also {verb} {what}"
    for id_ in sorted({*then.to("does")} - {*now.to("does")}):
        verb, what = describe_effect(before, then, before[id_])
        yield f"{who} no longer {verb} {what}"
    if any(then.text(name) != now.text(name) for name in WORDS):
        yield f"{who} is described in other words"


def _compare_links(
    who: str, after: Ontology, before: Ontology, then: Individual, now: Individual, link: str, gained: str, lost: str
) -> Iterator[str]:
    if new := sorted({*now.to(link)} - {*then.to(link)}):
        yield f"{who} {gained} {join_names(_list_labels(after, new))}"
    if old := sorted({*then.to(link)} - {*now.to(link)}):
        yield f"{who} {lost} {join_names(_list_labels(before, old))}"


def _compare_parts(before: Ontology, after: Ontology) -> Iterator[str]:
    """Conditions, effects and claims that stayed with their rule and say something else."""
    for rule in after.of("Rule"):
        then = before.by_id.get(rule.id)
        if then is None:
            continue
        for link in ("when", "unless", "does", "claims"):
            for id_ in sorted({*rule.to(link)} & {*then.to(link)}):
                one, other = before[id_], after[id_]
                if one != other:
                    yield from _compare_part(before, after, rule, one, other, link)


def _compare_part(
    before: Ontology, after: Ontology, rule: Individual, one: Individual, other: Individual, link: str
) -> Iterator[str]:
    who = name_rule(rule)
    if link == "does":
        (verb, old), (now, new) = describe_effect(before, before[rule.id], one), describe_effect(after, rule, other)
        if (verb, old) != (now, new):
            yield (
                f"{who} now {now} {new} instead of {old}" if verb == now else f"{who} now {now} {new}; it {verb} {old}"
            )
    elif link == "claims":
        for name, said in (("grade", "is graded"), ("signed_by", "is signed by")):
            if one.text(name) != other.text(name):
                about, was = other.text("about"), one.text(name) or "nobody"
                yield f"What {who} claims about {about} {said} {other.text(name) or 'nobody'} instead of {was}"
        yield from _compare_links(
            f"{who}, {other.text('about')},",
            after,
            before,
            one,
            other,
            "supportedBy",
            "rests also on",
            "no longer rests on",
        )
    else:
        holds = "holds" if link == "when" else "is defeated"
        yield from _compare_links(
            who, after, before, one, other, "on", f"now also {holds} for", f"no longer {holds} for"
        )
        if one.text("level") != other.text("level"):
            yield f"{who} now asks for it to be {other.text('level')} instead of {one.text('level')}"
        for name in ("at_least", "at_most"):
            was, wanted = (
                format_amount(score) if (score := part.number(name)) is not None else "no score of its own"
                for part in (one, other)
            )
            if was != wanted:
                yield f"{who} now asks for {name.replace('_', ' ')} {wanted} instead of {was}"


def _compare_rest(before: Ontology, after: Ontology) -> Iterator[str]:
    """What belongs to no rule: scales and what they call for, readings, goals, settings, words of the gate."""
    owned = {part for o in (before, after) for rule in o.of("Rule") for link in PARTS for part in rule.to(link)}
    for id_ in sorted(before.by_id.keys() | after.by_id.keys()):
        then, now = before.by_id.get(id_), after.by_id.get(id_)
        if then == now or "Rule" in (now or then).classes or (id_ in owned and "Effect" in (now or then).classes):  # type: ignore[union-attr]
            continue
        if then is None or now is None:
            one = now or then
            if one is not None and id_ not in owned:
                yield f"{'New' if then is None else 'Gone'}: {_name_individual(after if then is None else before, one)}"
        elif not (id_ in owned and {"Condition", "Claim"} & {*now.classes}):
            yield from _compare_facts(before, after, then, now)


def _compare_facts(before: Ontology, after: Ontology, then: Individual, now: Individual) -> Iterator[str]:
    who = _name_individual(after, now)
    cue = next((after[id_] for id_ in now.to("of") if "Cue" in after[id_].classes), None)
    unit = cue.text("unit") if cue else now.text("unit")
    for name in sorted({*then.properties, *now.properties} - {*WORDS}):
        old, new = then.properties.get(name), now.properties.get(name)
        if old != new:
            yield f"{who}: {name.replace('_', ' ')} is {_format_value(new, unit)} instead of {_format_value(old, unit)}"
    if any(then.properties.get(name) != now.properties.get(name) for name in WORDS):
        yield f"{who} says it in other words" if "Phrase" not in now.classes else f"{who} is another phrase"
    for link in sorted({name for name, _ in (*then.links, *now.links)}):
        yield from _compare_links(
            who, after, before, then, now, link, f"({_split_words(link)}) now has", f"({_split_words(link)}) has lost"
        )


def _name_individual(ontology: Ontology, one: Individual) -> str:
    """What an individual is called in a sentence: by its label, or by what it belongs to."""
    owner = next((o for o in ontology.individuals if any(target == one.id for _, target in o.links)), None)
    if one.text("label"):
        return f"{_split_words(one.classes[0])} '{one.text('label')}'"
    if owner is not None and owner.text("label"):
        of = (
            f" of {join_names(_list_labels(ontology, one.to('of') or one.to('to')))}"
            if one.to("of") or one.to("to")
            else ""
        )
        return f"{owner.text('label')}: {_split_words(one.classes[0])}{of}"
    return f"{_split_words(one.classes[0])} '{one.id}'"


def _name_signs(ontology: Ontology, condition: Individual) -> str:
    level = "strong " if condition.text("level") == "strong" else ""
    return level + join_names(_list_labels(ontology, condition.to("on")), "or")


def _list_labels(ontology: Ontology, ids: Iterable[str]) -> list[str]:
    return [ontology[id_].text("label") or id_ if id_ in ontology.by_id else id_ for id_ in ids]


def _format_value(value: Any, unit: str) -> str:
    if value is None:
        return "nothing"
    return format_amount(value, unit) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _split_words(name: str) -> str:
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()
