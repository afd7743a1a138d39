"""Publishes a draft, rolls back, tells what was published, and signs."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from engine.bootstrap import Progress, load_compiled, use_graph
from engine.errors import OntologyError, UsageError
from engine.publishing.sources import Sources
from engine.settings import ONTOLOGY_DIR, Settings
from engine.use_cases.authoring.states import read_sources, unpack_ontology
from engine.use_cases.authoring.trying import VerdictListener, try_on
from engine.use_cases.check_ontology import check_ontology

if TYPE_CHECKING:
    from engine.authoring.judging import Verdict
    from engine.rules import Ontology
    from engine.rules.signatures import Signature
    from engine.store.publications import Publication

Fault = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class History:
    """What was published, first first."""

    entries: tuple[Publication, ...]
    broken: tuple[int, ...]
    """Positions of entries that were changed after they were written."""


def publish_draft(
    settings: Settings, by: str, why: str, progress: Progress, on_verdict: VerdictListener
) -> Publication:
    """Lets the draft serve once its checks and its scenarios pass; what was loosened must be signed.

    OntologyError with everything that keeps it from being published; then nothing has changed.
    """
    from engine.rules.signatures import require_answerable
    from engine.store.publications import make_publication, read_publications, read_published_sources
    from engine.store.serving import publish_files

    require_answerable(by, why)
    settings = replace(settings, serve_draft=False)
    sources = Sources.read(ONTOLOGY_DIR)
    with use_graph(settings, progress) as graph, ExitStack() as held:
        entries = read_publications(graph)
        if sources.sha256 == entries[-1].ontology_sha256:
            fault = f"is what serves already, as version {entries[-1].number}"
            raise UsageError("ontology/", fault, "Edit it first")
        progress("checking")
        before, after = (
            read_sources(read_published_sources(graph, entries[-1].number)),
            held.enter_context(unpack_ontology(sources)),
        )
        checked = check_ontology(settings, progress, after.directory)
        if checked.errors:
            raise OntologyError.of([(f.place, f.fault, f.repair) for f in checked.findings if f.level == "error"])
        require_sound_gate(after)
        tried = try_on(graph, after, settings, progress, on_verdict)
        if tried.failed:
            raise OntologyError.of([_make_fault(verdict) for verdict in tried.failed])
        for gap in tried.gaps:
            progress(f"no scenario would miss {gap.place}")
        if Sources.read(ONTOLOGY_DIR) != sources:
            raise UsageError("ontology/", "was edited while it was checked", "Publish again, once nobody edits it")
        publication = _complete_entry(
            make_publication(entries, "published", sources.sha256, by, why, ()), before, after, entries
        )
        publish_files(graph, settings, ONTOLOGY_DIR, progress, publication, sources)
    load_compiled(settings, progress)
    return publication


def roll_back(settings: Settings, by: str, why: str, progress: Progress, number: int | None = None) -> Publication:
    """Lets an earlier version serve again, by default the one before; what that loosens is told, and not refused."""
    from engine.rules.safety import safety_changes
    from engine.rules.signatures import require_answerable
    from engine.store.publications import make_publication, read_publications, read_published_sources
    from engine.store.serving import publish_files

    require_answerable(by, why)
    settings = replace(settings, serve_draft=False)
    with use_graph(settings, progress) as graph:
        entries = read_publications(graph)
        now = entries[-1].number
        if number is None:
            number = next((entry.number for entry in reversed(entries) if entry.number != now), None)
        if number is None or number == now:
            raise UsageError(
                "version", f"{now} serves, and there is no other to go back to", "See `isopath ontology history`"
            )
        sources = read_published_sources(graph, number)
        before, after = read_sources(read_published_sources(graph, now)), read_sources(sources)
        for finding in safety_changes(before, after):
            progress(f"this loosens: {finding.place}: {finding.fault}")
        publication = make_publication(entries, "rolled back", sources.sha256, by, why, ())
        publication = _complete_entry(publication, before, after, entries)
        publish_files(graph, settings, ONTOLOGY_DIR, progress, publication, sources)
    load_compiled(settings, progress)
    return publication


def read_history(settings: Settings, progress: Progress) -> History:
    """All that was published."""
    from engine.store.publications import find_broken_seals, read_publications

    with use_graph(settings, progress) as graph:
        entries = read_publications(graph)
    return History(entries, find_broken_seals(entries))


def sign_individual(id_: str, by: str, why: str, on: date) -> Signature:
    """A signature under an individual of the draft, or under its absence, written beside the modules.

    Claims about numbers that belong to it carry the name from then on, too.
    """
    from engine.rules import Ontology
    from engine.rules.signatures import name_signer, sign, write_signature

    ontology = Ontology.read(ONTOLOGY_DIR)
    sign(ontology, id_, by, why, on)  # raises before anything is written
    if name_signer(ontology, id_, by):
        ontology = Ontology.read(ONTOLOGY_DIR)
    signature = sign(ontology, id_, by, why, on)
    write_signature(ONTOLOGY_DIR, signature)
    return signature


def require_sound_gate(ontology: Ontology) -> None:
    """OntologyError for phrases that miss what every gate must catch, or that catch ordinary sentences."""
    from engine.gate import Gate, compile_gate, is_sound

    if not is_sound(Gate.from_json(compile_gate(ontology))):
        fault = "its phrases miss sentences that every gate must catch, or catch ordinary ones"
        raise OntologyError("ontology/gate.owl", fault, "Take back the last change of its phrases or thresholds")


def _complete_entry(
    publication: Publication, before: Ontology, after: Ontology, entries: tuple[Publication, ...]
) -> Publication:
    from engine.authoring.differences import describe_changes

    return replace(publication, changes=describe_changes(before, after)).seal_after(entries[-1].seal)


def _make_fault(verdict: Verdict) -> Fault:
    fault = f"'{verdict.scenario.name}' does not hold: {'; '.join(verdict.faults)}"
    return verdict.scenario.place, fault, "Mend the rule, or the scenario where the clinic changed its mind"
