"""Checks the ontology: closed-world checks, the gate's phrases, and HermiT."""

from __future__ import annotations

from typing import Any

from engine.bootstrap import Progress
from engine.errors import OntologyError
from engine.gate import compile_gate
from engine.settings import ONTOLOGY_DIR


def check_ontology(progress: Progress) -> list[dict[str, Any]]:
    """Every finding of the closed-world checks, of the gate's phrases and of HermiT, errors first."""
    from engine.rules import Ontology
    from engine.rules.checks.checking import check
    from engine.rules.consistency import reason

    def errors(check: str, error: OntologyError) -> list[dict[str, Any]]:
        told = [(e.place, e.fault, e.repair) for e in (error, *error.others)]
        return [{"level": "error", "check": check, "place": p, "fault": f, "repair": r} for p, f, r in told]

    try:
        ontology = Ontology.read(ONTOLOGY_DIR)
    except OntologyError as error:
        return errors("reading", error)
    found: list[dict[str, Any]] = []
    try:
        compile_gate(ontology)
    except OntologyError as error:
        found = errors("phrases", error)
    progress(f"{len(ontology.individuals)} individuals read; reasoning with HermiT")
    names = ("level", "check", "place", "fault", "repair")
    return found + [
        {name: getattr(f, name) for name in names} for f in sorted([*check(ontology), *reason(ontology.directory)])
    ]
