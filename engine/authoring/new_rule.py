"""A new rule with all its parts, from what its author answered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from engine.authoring.effects import join_names
from engine.authoring.tables.sheets import list_topics
from engine.rules.editing import KIND, Edits

if TYPE_CHECKING:
    from engine.rules import Ontology

Values = dict[str, tuple[str, ...]]
STEP: Final = 10
"""Between the priorities of neighbours, so that another fits in."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A condition: any of these signs, at this level."""

    signs: tuple[str, ...]
    level: str


@dataclass(frozen=True, slots=True)
class Doing:
    """An effect: its kind, and what it is done to and by how much."""

    kind: str
    values: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Claiming:
    """What is claimed of the rule, and what supports it."""

    about: str
    text: str
    grade: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewRule:
    """What an author says of a rule that is not there yet."""

    definition: str
    label: str
    label_zh: str
    id: str
    topic: str
    """Name of its file, without its ending."""
    tier: str
    priority: str
    status: str
    at: tuple[str, ...]
    goals: tuple[str, ...]
    when: tuple[Waiting, ...]
    unless: tuple[Waiting, ...]
    does: tuple[Doing, ...]
    claims: tuple[Claiming, ...]

    def compose(self, ontology: Ontology, signer: str = "") -> Edits:
        """The rule and its parts as edits, all in the file of its topic. Conditions that are there are used again.

        `signer`: who answers for its numbers, where somebody does already.
        """
        changed: dict[str, Values] = {}
        when, unless = (
            tuple(self._name_condition(ontology, changed, one) for one in conditions)
            for conditions in (self.when, self.unless)
        )
        does = tuple(self._name_effect(ontology, changed, one) for one in self.does)
        claims = tuple(self._name_claim(ontology, changed, one, signer) for one in self.claims)
        changed[self.id] = {
            KIND: ("Rule",),
            "label": (self.label,),
            "label_zh": (self.label_zh,),
            "definition": (self.definition,),
            "tier": (self.tier,),
            "priority": (self.priority,),
            "status": (self.status,),
            "at": self.at,
            "for": self.goals,
            "when": when,
            "unless": unless,
            "does": does,
            "claims": claims,
        }
        return Edits(changed, dict.fromkeys(changed, list_topics(ontology)[self.topic]))

    def _name_condition(self, ontology: Ontology, changed: dict[str, Values], one: Waiting) -> str:
        """The id of a condition, of one that is there or of a new one."""
        for known in ontology.of("Condition"):
            has_score = known.number("at_least") is not None or known.number("at_most") is not None
            if not has_score and known.text("level") == one.level and known.to("on") == tuple(sorted(one.signs)):
                return known.id
        id_ = _make_free(f"{'-or-'.join(one.signs[:2])}-{one.level}", ontology, changed)
        english, chinese = (_list_labels(ontology, one.signs, name) for name in ("label", "label_zh"))
        changed[id_] = {
            KIND: ("Condition",),
            "label": (f"{'strong ' if one.level == 'strong' else ''}{join_names(english, 'or')}",),
            "label_zh": (f"{'强烈的' if one.level == 'strong' else ''}{'或'.join(chinese)}",),
            "on": one.signs,
            "level": (one.level,),
        }
        return id_

    def _name_effect(self, ontology: Ontology, changed: dict[str, Values], one: Doing) -> str:
        kind, of = ontology.classes[one.kind], one.values.get("of", ())
        id_ = _make_free("-".join((self.id, one.kind.lower(), *of[:1])), ontology, changed)
        changed[id_] = {
            KIND: (one.kind,),
            "label": (f"{kind.label} {join_names(_list_labels(ontology, of, 'label'))}".strip(),),
            "label_zh": (kind.label_zh + "、".join(_list_labels(ontology, of, "label_zh")),),
            **one.values,
        }
        return id_

    def _name_claim(self, ontology: Ontology, changed: dict[str, Values], one: Claiming, signer: str) -> str:
        id_ = _make_free(f"{self.id}-{one.about}", ontology, changed)
        changed[id_] = {
            KIND: ("Claim",),
            "label": (f"{self.label}: {one.about}",),
            "label_zh": (f"{self.label_zh}：{ontology.classes['Claim'].label_zh}",),
            "definition": (one.text,),
            "about": (one.about,),
            "grade": (one.grade,),
            "supportedBy": one.sources,
            "signed_by": (signer,) if signer and one.about == "number" else (),
        }
        return id_


def suggest_id(label: str) -> str:
    """An id made of the words of a name."""
    return "-".join(re.findall(r"[a-z0-9]+", label.lower())[:6])


def suggest_priority(ontology: Ontology, tier: str) -> str:
    """The place behind all rules of a tier."""
    taken = [rule.number("priority") or 0.0 for rule in ontology.of("Rule") if rule.text("tier") == tier]
    return str(int(max(taken, default=0.0)) + STEP)


def suggest_topic(ontology: Ontology, signs: tuple[str, ...]) -> str:
    """The file where most rules that wait for these signs stand; empty where there are none."""
    files = Counter(
        rule.file.rpartition("/")[2].removesuffix(".owl")
        for rule in ontology.of("Rule")
        for condition in rule.to("when")
        if {*ontology[condition].to("on")} & {*signs}
    )
    return files.most_common(1)[0][0] if files else ""


def _make_free(id_: str, ontology: Ontology, changed: Mapping[str, Values]) -> str:
    number, free = 1, id_
    while free in ontology.by_id or free in changed:
        number += 1
        free = f"{id_}-{number}"
    return free


def _list_labels(ontology: Ontology, ids: tuple[str, ...], name: str) -> list[str]:
    return [ontology[id_].text(name) or id_ for id_ in ids]
