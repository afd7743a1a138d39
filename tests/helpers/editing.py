"""An ontology with one thing edited, as a therapist's slip would, without writing and reading its files again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from engine.rules import Individual, Ontology
from engine.rules.individuals import Scalar

Values = Mapping[str, "Scalar | list[Scalar]"]
Targets = Mapping[str, "str | Sequence[str]"]
FILE = "ontology/rules/fear.owl"


def edited(
    ontology: Ontology, id_: str, drop: Sequence[str] = (), links: Targets | None = None, **values: Scalar
) -> Ontology:
    """With other values and links of one individual; `drop` names values and links that go."""
    old = ontology[id_]
    links = links or {}
    properties = {name: value for name, value in old.properties.items() if name not in drop} | values
    kept = [(name, target) for name, target in old.links if name not in drop and name not in links]
    return put(ontology, replace(old, properties=properties, links=tuple(sorted([*kept, *pairs(links)]))))


def without(ontology: Ontology, id_: str) -> Ontology:
    """Without one individual, and without what points to it."""
    left = [i for i in ontology.individuals if i.id != id_]
    return of(ontology, [replace(i, links=tuple(link for link in i.links if link[1] != id_)) for i in left])


def put(ontology: Ontology, *individuals: Individual) -> Ontology:
    """With these individuals, in place of those of the same ids."""
    new = {individual.id: individual for individual in individuals}
    return of(ontology, [*(i for i in ontology.individuals if i.id not in new), *new.values()])


def of(ontology: Ontology, individuals: Sequence[Individual]) -> Ontology:
    ordered = tuple(sorted(individuals, key=lambda individual: individual.id))
    return replace(ontology, individuals=ordered, by_id={individual.id: individual for individual in ordered})


def made(ontology: Ontology, id_: str, kind: str, links: Targets | None = None, **values: Scalar) -> Individual:
    """A new individual with labels and a definition."""
    notes: dict[str, Scalar] = {"label": f"New {id_}", "label_zh": f"新的 {id_}", "definition": f"What {id_} is for."}
    classes = (kind, *ontology.classes[kind].ancestors)
    return Individual(id_, classes, notes | values, tuple(sorted(pairs(links or {}))), FILE)


def ruled(
    ontology: Ontology,
    id_: str,
    on: Sequence[str],
    effects: Mapping[str, tuple[Targets, Values]],
    at: str | Sequence[str] = "match",
    goals: str | Sequence[str] = "any-goal",
    priority: int = 999,
    tier: str = "clinical",
    **links: str | Sequence[str],
) -> Ontology:
    """With a new published rule: all of the signs, these effects (kind -> links and values), a claim by judgement."""
    conditions = [made(ontology, f"{id_}-when-{sign}", "Condition", {"on": sign}, level="present") for sign in on]
    done = [
        replace(made(ontology, f"{id_}-{kind.lower()}", kind.partition(" ")[0], targets), properties={**values})
        for kind, (targets, values) in effects.items()
    ]
    claim = made(ontology, f"{id_}-direction", "Claim", about="direction", grade="C")
    rule = made(
        ontology,
        id_,
        "Rule",
        {
            "when": [c.id for c in conditions],
            "does": [e.id for e in done],
            "at": at,
            "for": goals,
            "claims": claim.id,
            **links,
        },
        tier=tier,
        priority=priority,
        status="published",
    )
    return put(ontology, *conditions, *done, claim, rule)


def pairs(links: Targets) -> list[tuple[str, str]]:
    return [(name, one) for name, to in links.items() for one in ([to] if isinstance(to, str) else to)]
