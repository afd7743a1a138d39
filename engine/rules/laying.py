"""Modules laid over an ontology: read together with it, and held against what they may say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rdflib import OWL, Graph, URIRef

from engine.rules.checks.findings import Finding
from engine.rules.individuals import Individual
from engine.rules.ontology import Ontology
from engine.rules.owl.modules import Modules
from engine.rules.owl.names import MODULES, ROOT_MODULE
from engine.rules.owl.parsing import parse
from engine.rules.owl.writing import write_graph
from engine.rules.safety import safety_changes

ADDS = "a-plan-only-adds"
KINDS = frozenset({"Rule", "Condition", "Effect", "Notice", "Claim"})
"""Classes whose individuals may be laid over: what a rule consists of, but for words that the search listens to."""
TIGHTENING = frozenset({"Bound", "Bar", "Silence", "StepLimit", "Hold", "Notify"})
"""Effects that a rule of the tier safety may have: none of them draws the music anywhere."""


@dataclass(frozen=True, slots=True)
class Laid:
    """An ontology without and with modules over it."""

    base: Ontology
    whole: Ontology
    own: tuple[Individual, ...]
    """Individuals of the modules."""
    modules: Modules
    """All of them, for the reasoner."""


def read_laid(folder: Path, own: Sequence[str]) -> Laid:
    """The ontology of a folder, in which modules of these names are not imported yet: `rules/listener`.

    OntologyError with all faults of reading.
    """
    import_modules(folder, own)
    modules = Modules.read(folder)
    whole = Ontology.of_modules(modules, folder)
    rest = replace(modules, modules=tuple(module for module in modules.modules if module.name not in own))
    files = {f"{folder.name}/{name}.owl" for name in own}
    added = tuple(one for one in whole.individuals if one.file in files)
    return Laid(Ontology.of_modules(rest, folder), whole, added, modules)


def find_overreach(laid: Laid) -> Iterator[Finding]:
    """What the modules may not say: changes of what is there, other kinds of things, weaker safety, unsigned numbers.

    A signature lifts none of it.
    """
    if laid.base.schema != laid.whole.schema:
        yield _refuse("the plan's rules.owl", "it declares classes or properties", "Use those of schema.owl")
    for one in laid.base.individuals:
        if laid.whole.by_id.get(one.id) != one:
            yield _refuse(one.place, "it is one of the shared rules, and the plan says something of it", _COPY)
    rules = [one for one in laid.own if "Rule" in one.classes]
    parts = {part for rule in rules for part in _list_parts(laid.whole, rule)}
    for one in laid.own:
        if not KINDS & {*one.classes}:
            repair = "Write rules with their conditions, effects, notices and claims; `like` has words for the sound"
            yield _refuse(one.place, f"a plan can hold no {one.classes[0]}", repair)
        elif "Rule" not in one.classes and one.id not in parts:
            yield _refuse(one.place, "no rule of the plan uses it", "Let a rule name it, or delete it")
        if "Claim" in one.classes and one.text("about") == "number" and not one.text("signed_by"):
            yield _refuse(one.place, "nobody signed these numbers", "Write the name of who answers for them: signed_by")
    for rule in rules:
        if rule.to("describedBy"):
            yield _refuse(rule.place, "it has words for the search", "Write them as `like` in plan.toml")
        kinds = {laid.whole[effect].classes[0] for effect in rule.to("does")}
        if rule.text("tier") == "safety" and (wrong := sorted(kinds - TIGHTENING)):
            fault = f"a safety rule of a plan may tighten, and has {', '.join(wrong)}"
            yield _refuse(rule.place, fault, "Give it the tier clinical, or another effect")
    for finding in safety_changes(laid.base, laid.whole):
        yield replace(finding, repair="A plan can only tighten safety, whoever signs it. Take it back")


_COPY = "Leave it as it is; write a rule of the plan's own, with an id of its own"


def _list_parts(ontology: Ontology, rule: Individual) -> set[str]:
    found = {target for name, target in rule.links if name in ("when", "unless", "does", "claims")}
    return found | {of for id_ in found for of in ontology[id_].to("of")}


def _refuse(place: str, fault: str, repair: str) -> Finding:
    return Finding("error", ADDS, place, fault, repair)


def import_modules(folder: Path, own: Sequence[str]) -> None:
    """Lets the root module of a folder import these."""
    root = folder / f"{ROOT_MODULE}.owl"
    graph: Graph = parse(root)
    for name in own:
        graph.add((URIRef(MODULES + ROOT_MODULE), OWL.imports, URIRef(MODULES + name)))
    write_graph(graph, root)
