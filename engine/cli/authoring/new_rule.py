"""`isopath ontology new-rule`: asks for a rule in plain words, and writes all its parts together."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engine.cli.authoring.asking import ask_number, ask_one, ask_several, ask_text
from engine.errors import UsageError
from engine.settings import ONTOLOGY_DIR, Settings

if TYPE_CHECKING:
    from engine.authoring.new_rule import Claiming, NewRule, Waiting
    from engine.rules import Ontology

NO, YES = "no", "yes"
AGAIN: Final = {
    "when": "when it holds",
    "does": "what it does",
    "claims": "what speaks for it",
    "names": "its names, its topic and its place among the others",
    NO: "stop here; nothing is written",
}


def run_new_rule(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.rules import Ontology

    folder = Path(arguments.folder) if arguments.folder else ONTOLOGY_DIR
    if (rule := write_new_rule(settings, Ontology.read(folder))) is not None:
        print(f"{rule.id} stands in {rule.topic}.owl. Next: write a scenario for it, then")
        print("isopath ontology check, isopath ontology test, isopath ontology what-if")
    return 0


def write_new_rule(settings: Settings, ontology: Ontology, topic: str = "", signer: str = "") -> NewRule | None:
    """Asks for a rule and writes it into the ontology's folder; None where nothing was written.

    `topic`: where it is to stand; else that is asked, too. `signer`: who answers for its numbers already.
    """
    from engine.use_cases.authoring.editing import apply_edits

    rule = ask_rule(ontology, topic)
    while ask_one(f"Write it into {rule.topic}.owl?", {YES: "", NO: "nothing is written"}, YES) == YES:
        try:
            changes = apply_edits(settings, ontology, rule.compose(ontology, signer))
        except UsageError as error:
            print(f"It cannot be written so:\n{error}")
            part = ask_one("Which part shall be asked again?", AGAIN)
            if part == NO:
                break
            rule = ask_again(ontology, rule, part, topic)
        else:
            print(*changes, sep="\n")
            return rule
    print("Nothing was written.")
    return None


def ask_rule(ontology: Ontology, topic: str = "") -> NewRule:
    """Everything that a rule needs, in the order in which one thinks of it."""
    from engine.authoring.new_rule import NewRule

    print("Enter takes what stands in brackets. ? shows what can be named, ?sad what has 'sad' in it.")
    definition = ask_text("What shall happen, and when? One sentence, for colleagues.")
    rule = NewRule(definition, "", "", "", "", "", "", "", (), (), (), (), (), ())
    for part in ("when", "does", "claims", "names"):
        rule = ask_again(ontology, rule, part, topic)
    return rule


def ask_again(ontology: Ontology, rule: NewRule, part: str, topic: str = "") -> NewRule:
    """The rule with one part asked anew."""
    asked: dict[str, Callable[[Ontology, NewRule], NewRule]]
    asked = {"when": ask_when, "does": ask_does, "claims": ask_claims, "names": partial(ask_names, topic=topic)}
    return asked[part](ontology, rule)


def ask_when(ontology: Ontology, rule: NewRule) -> NewRule:
    when = _ask_conditions(ontology, "It holds when any of these is there", "and when any of these is there as well")
    unless = _ask_conditions(ontology, "", "It does not hold when any of these is there")
    at = ask_several("At which stages of the journey?", _name(ontology, ontology.list_fitting("at")), "match")
    goals = ask_several("For which goals?", _name(ontology, ontology.list_fitting("for")), "any-goal")
    return replace(rule, when=when, unless=unless, at=at, goals=goals)


def ask_does(ontology: Ontology, rule: NewRule) -> NewRule:
    from engine.authoring.new_rule import Doing

    kinds = {name: ontology.classes[name].definition for name in ontology.schema.list_kinds("Effect")[1:]}
    kinds = {name: said for name, said in kinds.items() if name != "Effect"}
    first = ask_one("What does it do to the music?", kinds)
    does = [Doing(first, _ask_values(ontology, first))]
    while others := ask_several("What else does it do?", kinds, may_be_none=True):
        does += [Doing(kind, _ask_values(ontology, kind)) for kind in others]
    return replace(rule, does=tuple(does))


def ask_claims(ontology: Ontology, rule: NewRule) -> NewRule:
    from engine.authoring.new_rule import Claiming

    grades = {grade.id: grade.text("definition") for grade in ontology.of("Grade")} or dict.fromkeys("ABC", "")
    grades = {name: grades.get(name, "") for name in ontology.data_properties["grade"].choices}
    sources = {one.id: one.text("key") for one in ontology.of("Evidence")}
    claims: list[Claiming] = []
    has_numbers = any(values for one in rule.does for name, values in one.values.items() if name != "of")
    abouts = ["direction", *(["number"] if has_numbers else [])]
    for about in abouts:
        question = "What speaks for it?" if about == "direction" else "Where do its numbers come from?"
        text = ask_text(f"{question} One sentence; say 'Judgement' where no study does.")
        supported = ask_several("Which sources support that?", sources, may_be_none=True)
        print(ontology.data_properties["grade"].definition)
        claims.append(Claiming(about, text, ask_one("Its grade?", grades, "C"), supported))
    return replace(rule, claims=tuple(claims))


def ask_names(ontology: Ontology, rule: NewRule, topic: str = "") -> NewRule:
    from engine.authoring.new_rule import suggest_id, suggest_priority, suggest_topic
    from engine.authoring.tables.sheets import list_topics

    label = ask_text("Its name, in a few words?", rule.label)
    label_zh = ask_text("Its name in Chinese?", rule.label_zh)
    taken = _refuse_taken(ontology)
    id_ = ask_text("Its id, in small letters with hyphens? It stays for ever.", rule.id or suggest_id(label), taken)
    signs = tuple(sign for one in rule.when for sign in one.signs)
    if not topic:
        topics = dict.fromkeys(list_topics(ontology), "")
        topic = ask_one("In which topic does it stand?", topics, suggest_topic(ontology, signs))
    tiers = dict.fromkeys(ontology.data_properties["tier"].choices, "")
    print(ontology.data_properties["tier"].definition)
    tier = ask_one("Its tier?", tiers, "clinical")
    priority = ask_number_or("Its priority? 1 comes first among rules of its tier.", suggest_priority(ontology, tier))
    states = {"draft": "waits until somebody else has read it", "published": "holds once the draft is published"}
    status = ask_one("Its status?", states, "draft")
    named = replace(rule, label=label, label_zh=label_zh, id=id_, topic=topic)
    return replace(named, tier=tier, priority=priority, status=status)


def ask_number_or(question: str, proposed: str) -> str:
    """A whole number of at least 1; an empty line takes what is proposed."""
    return ask_text(question, proposed, lambda one: "" if one.isdecimal() and int(one) else "Type a whole number.")


def _ask_conditions(ontology: Ontology, first: str, others: str) -> tuple[Waiting, ...]:
    from engine.authoring.new_rule import Waiting

    signs = _name(ontology, ontology.list_fitting("on"))
    levels = {"present": "over the threshold", "strong": "over the second, higher one"}
    found: list[Waiting] = []
    while True:
        is_first = bool(first) and not found
        chosen = ask_several(first if is_first else others, signs, may_be_none=not is_first)
        if not chosen:
            return tuple(found)
        can_be_strong = any("Emotion" in ontology[id_].classes or "Scale" in ontology[id_].classes for id_ in chosen)
        found.append(Waiting(chosen, ask_one("How clearly?", levels, "present") if can_be_strong else "present"))


def _ask_values(ontology: Ontology, kind: str) -> dict[str, tuple[str, ...]]:
    """What an effect of this kind is done to, and its numbers: what the schema has for it."""
    schema, values = ontology.schema, dict[str, tuple[str, ...]]()
    names = [name for name in schema.list_properties(kind) if schema.may_have(kind, name)]
    if "of" in names:
        values["of"] = ask_several("To what?", _name(ontology, ontology.list_fitting("of", kind)))
    cue = next((ontology[id_] for id_ in values.get("of", ()) if "Cue" in ontology[id_].classes), None)
    for name in sorted({*names} - {"of"}, key=lambda one: (ORDER.index(one) if one in ORDER else len(ORDER), one)):
        property_ = ontology.data_properties[name]
        is_of_cue = name in ("low", "best", "high")
        if is_of_cue and cue is None:
            continue
        said = MEANINGS.get((kind, name), property_.definition)
        question = f"{property_.label[:1].upper()}{property_.label[1:]}? {said}"
        if is_of_cue and cue is not None:
            question += f" {cue.text('label')}, in {cue.text('unit')}:"
        may_be_none = not schema.must_have(kind, name) and not (is_of_cue and kind == "Lean")
        if property_.choices:
            values[name] = (ask_one(question, dict.fromkeys(property_.choices, "")),)
        elif answer := ask_number(question, property_.bounds, "integer" in str(property_.range), may_be_none):
            values[name] = (answer,)
    return values


MEANINGS: Final = {
    ("Lean", "weight"): "The share of the way from what is asked anyway to this: 0.2 a fifth of it, 1 all of it."
}
"""Where the property's own definition says more than this kind of effect needs."""
ORDER: Final = ("low", "best", "high", "weight", "steps_min", "steps_max", "seconds_max")


def _name(ontology: Ontology, ids: Iterable[str]) -> dict[str, str]:
    return {id_: ontology[id_].text("label") for id_ in ids}


def _refuse_taken(ontology: Ontology) -> Callable[[str], str]:
    from engine.rules.owl.names import ID

    def find_fault(id_: str) -> str:
        if id_ in ontology.by_id:
            return f"There is a {ontology[id_].classes[0]} of this id."
        return "" if ID.fullmatch(id_) else "Write letters, digits and single hyphens."

    return find_fault
