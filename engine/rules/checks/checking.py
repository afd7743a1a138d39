"""Runs all checks of an ontology."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import chain
from xml.etree import ElementTree as ET

from engine.errors import OntologyError
from engine.rules.checks import conflicts as conflict_checks
from engine.rules.checks import coverage as coverage_checks
from engine.rules.checks import numbers as number_checks
from engine.rules.checks import outcomes as outcome_checks
from engine.rules.checks import policies as policy_checks
from engine.rules.checks import rules as rule_checks
from engine.rules.checks import texts as text_checks
from engine.rules.checks import uses as use_checks
from engine.rules.checks import wording as wording_checks
from engine.rules.checks.findings import Finding
from engine.rules.checks.loaded import Loaded, check_loaded
from engine.rules.ontology import Ontology
from engine.rules.owl.modules import list_files
from engine.rules.owl.names import MODULES
from engine.rules.owl.parsing import read_bytes, refuse_doctype
from engine.rules.signatures import find_unanswered

CATALOG = "catalog-v001.xml"


CHECKS = (
    *number_checks.CHECKS,
    *policy_checks.CHECKS,
    *rule_checks.CHECKS,
    *outcome_checks.CHECKS,
    *conflict_checks.CHECKS,
    *coverage_checks.CHECKS,
    *text_checks.CHECKS,
    *use_checks.CHECKS,
    *wording_checks.CHECKS,
)
"""Checks that need nothing but the ontology."""


def check(
    ontology: Ontology, today: date | None = None, loaded: Loaded | None = None, published: Ontology | None = None
) -> list[Finding]:
    """Findings in a well-formed ontology, errors first.

    `today`: the date for overdue reviews; the current date by default. `loaded`: tracks and thresholds that the rules
    are held against. `published`: the version published last; what weakens its safety and is not signed is an error.
    """
    today = today or datetime.now(UTC).date()
    findings = chain(
        *(one(ontology) for one in (*CHECKS, protege_finds_the_modules)),
        coverage_checks.reviews_are_kept(ontology, today),
        check_loaded(ontology, loaded) if loaded is not None else (),
        find_unanswered(published, ontology) if published is not None else (),
    )
    return sorted(set(findings))


def protege_finds_the_modules(ontology: Ontology) -> list[Finding]:
    """The catalogue that Protégé resolves imports with names every module of the folder, and no other."""
    path = ontology.directory / CATALOG
    place = f"{ontology.directory.name}/{CATALOG}"
    files = [file.relative_to(ontology.directory).as_posix() for file in list_files(ontology.directory)]
    wanted = {MODULES + file.removesuffix(".owl"): file for file in files}
    try:
        content = read_bytes(path, place)
        refuse_doctype(content, place)
        entries = ET.fromstring(content).iter(  # noqa: S314  # no DOCTYPE has come this far
            "{urn:oasis:names:tc:entity:xmlns:xml:catalog}uri"
        )
        stated = {entry.get("name", ""): entry.get("uri", "") for entry in entries}
    except OntologyError as exc:
        return [Finding("error", "protege-finds-the-modules", exc.place, exc.fault, exc.repair)]
    wrong = sorted(name for name in {*wanted, *stated} if wanted.get(name) != stated.get(name))
    return [
        Finding(
            "error",
            "protege-finds-the-modules",
            place,
            f"<{name}> is '{stated.get(name, '')}' and the file is '{wanted.get(name, '')}'",
            "Let it name each module and its file",
        )
        for name in wrong
    ]
