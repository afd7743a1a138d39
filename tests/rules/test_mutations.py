"""Faults of many kinds are planted in the shipped ontology, and each is found and named by the check that is for it."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest
from rdflib import Graph

from engine.errors import OntologyError
from engine.rules import Finding, Ontology
from engine.rules.checks.checking import CHECKS
from engine.rules.checks.coverage import reviews_are_kept
from engine.rules.checks.loaded import check_loaded
from engine.rules.owl.modules import Module, Modules
from engine.rules.safety import CHECK as SAFETY
from engine.rules.safety import safety_changes
from engine.settings import ONTOLOGY_DIR, Settings
from engine.use_cases.check_ontology import read_loaded
from tests.helpers.mutating import KINDS, Fault, Slip, plant, slip
from tests.helpers.proofs import sample
from tests.helpers.shipped import shipped_ontology

FAULTS = plant(shipped_ontology())
SLIPS = slip(shipped_ontology())
NAMED = {one.__name__.replace("_", "-"): one for one in CHECKS}


@cache
def loaded() -> object:
    return read_loaded(Settings.from_environment({}))


def find(ontology: Ontology, name: str) -> list[Finding]:
    """The findings of one check."""
    if name == SAFETY:
        return list(safety_changes(shipped_ontology(), ontology))
    if name == "reviews-are-kept":
        return list(reviews_are_kept(ontology, date(2026, 1, 1)))
    return list(NAMED[name](ontology) if name in NAMED else check_loaded(ontology, loaded()))  # type: ignore[arg-type]


@cache
def found_before(name: str) -> frozenset[Finding]:
    return frozenset(find(shipped_ontology(), name))


def test_there_are_faults_of_enough_kinds() -> None:
    kinds = {fault.kind for fault in FAULTS} | {each.kind for each in SLIPS}
    assert {kind.__name__.replace("_", " ") for kind in KINDS} <= kinds
    assert len(kinds) >= 35
    assert len(FAULTS) + len(SLIPS) >= 400


@pytest.mark.proof
@pytest.mark.parametrize("fault", sample(FAULTS, 12), ids=str)
def test_a_planted_fault_is_named_by_its_check(fault: Fault) -> None:
    found = [f for f in find(fault.edit(shipped_ontology()), fault.check) if f not in found_before(fault.check)]
    assert any(f.check == fault.check and fault.names in str(f) for f in found), "\n".join(map(str, found)) or "nothing"


@cache
def read_shipped() -> Modules:
    return Modules.read(ONTOLOGY_DIR)


@pytest.mark.proof
@pytest.mark.parametrize("each", sample(SLIPS, 2), ids=str)
def test_a_slip_in_a_file_is_named_when_it_is_read(each: Slip) -> None:
    modules = read_shipped()
    file = shipped_ontology()[each.names].file
    with pytest.raises(OntologyError) as caught:
        Ontology.of_modules(
            Modules(
                tuple(changed(m, each) if m.place == file else m for m in modules.modules),
                modules.sha256,
                modules.faults,
            ),
            ONTOLOGY_DIR,
        )
    told = [str(error) for error in (caught.value, *caught.value.others)]
    assert any(each.names in line and each.said in line for line in told), "\n".join(told)


def changed(module: Module, each: Slip) -> Module:
    graph = Graph("SimpleMemory")
    for triple in module.graph:
        graph.add(triple)
    each.edit(graph)
    return Module(module.name, module.place, graph, module.imports, module.version_info)
