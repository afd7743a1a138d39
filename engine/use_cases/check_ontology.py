"""Everything that is wrong with an ontology, at once: what its authors ask before anybody hears it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.bootstrap import EMOTIONS, Progress, has_compiled
from engine.errors import IsopathError, OntologyError
from engine.publishing.serving import locate_served
from engine.settings import ONTOLOGY_DIR, SEED_DIR, Settings

if TYPE_CHECKING:
    from engine.rules import Finding
    from engine.rules.checks.loaded import Loaded


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found, errors first."""

    findings: tuple[Finding, ...]
    individuals: int = field(default=0)
    """How many were read; 0 where the files could not be."""

    @property
    def errors(self) -> int:
        return sum(finding.level == "error" for finding in self.findings)

    def as_json(self) -> list[dict[str, Any]]:
        """One object a finding: where it is, what is wrong, and what to do."""
        return [
            {
                "level": finding.level,
                "check": finding.check,
                "file": finding.file,
                "individual": finding.individual,
                "place": finding.place,
                "problem": finding.fault,
                "repair": finding.repair,
            }
            for finding in self.findings
        ]


def check_ontology(
    settings: Settings, progress: Progress, folder: Path = ONTOLOGY_DIR, with_reasoner: bool = True
) -> Checked:
    """Every finding in the ontology of a folder: of reading, of the checks, of the gate's phrases, and of HermiT.

    Rules are held against the tracks and the emotion model that the program has, and a folder against the ontology that
    serves: what weakens safety and is not signed is an error.
    """
    from engine.gate import compile_gate
    from engine.rules import Ontology
    from engine.rules.checks.checking import check
    from engine.rules.consistency import start_reasoning
    from engine.rules.owl.modules import Modules

    try:
        modules = Modules.read(folder)
        ontology = Ontology.of_modules(modules, folder)
    except OntologyError as error:
        return Checked(_told("reading", error))
    count = len(ontology.individuals)
    progress(f"{count} individuals read" + ("; reasoning with HermiT" if with_reasoner else ""))
    reasoned: Callable[[], list[Finding]] = start_reasoning(modules) if with_reasoner else list
    found: list[Finding] = []
    published: Ontology | None = None
    try:
        if not has_compiled(settings, folder):
            compile_gate(ontology)
    except OntologyError as error:
        found += _told("phrases", error)
    try:
        loaded: Loaded | None = read_loaded(settings)
    except IsopathError as error:
        found += _told("loading", error)
        loaded = None
    try:
        served = locate_served(replace(settings, serve_draft=False), ONTOLOGY_DIR)
        if served.resolve() != folder.resolve():
            published = Ontology.read(served)
    except OntologyError as error:
        found += _told("publishing", error)
    found += [*check(ontology, loaded=loaded, published=published), *reasoned()]
    return Checked(tuple(sorted(set(found))), count)


def read_loaded(settings: Settings) -> Loaded:
    """The catalogue that ships, and the thresholds of the emotion model of the settings."""
    from encoders.emotions.model import read_thresholds
    from engine.rules.checks.loaded import Loaded
    from engine.store.catalogue import CUES, Catalogue, list_traits

    tracks = Catalogue.read(SEED_DIR).tracks
    levels = read_thresholds(settings.emotion_model or EMOTIONS)
    return Loaded(
        [{name: float(track[name]) for name in (*CUES, "seconds")} for track in tracks],
        [frozenset(list_traits(track)) for track in tracks],
        {label: (one.present, one.strong) for label, one in levels.items()},
    )


def _told(check: str, error: IsopathError) -> tuple[Finding, ...]:
    from engine.rules import Finding

    return tuple(Finding("error", check, e.place, e.fault, e.repair) for e in (error, *error.others))
