"""Tries scenarios on a draft: what holds, what does not, and which rule no scenario would miss."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.bootstrap import EMOTIONS, Progress, use_graph
from engine.errors import UsageError
from engine.settings import ONTOLOGY_DIR, Settings

if TYPE_CHECKING:
    from engine.authoring.judging import Verdict
    from engine.authoring.trial import Trial
    from engine.graph import Graph
    from engine.rules import Individual, Ontology

VerdictListener = Callable[["Verdict"], None]


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of all scenarios."""

    verdicts: tuple[Verdict, ...]
    gaps: tuple[Individual, ...]
    """Published rules and contraindications that no scenario would miss."""
    changed: int
    """Individuals of the draft that are not as they are served."""

    @property
    def failed(self) -> tuple[Verdict, ...]:
        return tuple(verdict for verdict in self.verdicts if verdict.faults)


def try_draft(
    settings: Settings, progress: Progress, on_verdict: VerdictListener, named: str = "", folder: Path = ONTOLOGY_DIR
) -> Tried:
    """Tries the scenarios beside the draft on the draft; with `named`, those with these words in their names.

    The graph goes on serving what it serves. OntologyError for a draft or scenarios that cannot be read.
    """
    from engine.rules import Ontology

    progress("reading the draft and its scenarios")
    ontology = Ontology.read(folder)
    with use_graph(settings, progress) as graph:
        return try_on(graph, ontology, settings, progress, on_verdict, named)


def try_on(
    graph: Graph,
    ontology: Ontology,
    settings: Settings,
    progress: Progress,
    on_verdict: VerdictListener,
    named: str = "",
) -> Tried:
    """The same for a draft that was read, on a graph that is open."""
    from engine.authoring.reading import read_scenarios
    from engine.authoring.testing import list_uncovered, try_scenarios

    scenarios = read_scenarios(ontology)
    chosen = [one for one in scenarios if named.lower() in one.name.lower()]
    if not chosen:
        raise UsageError("--only", "is in the name of no scenario", "Give words of a name, or leave it out")
    with open_trial(graph, ontology, settings) as (trial, changed):
        progress(f"trying {len(chosen)} scenarios; {changed} individuals are not as they are served")
        verdicts = []
        for verdict in try_scenarios(trial, chosen):
            verdicts.append(verdict)
            on_verdict(verdict)
    return Tried(tuple(verdicts), () if named else list_uncovered(ontology, scenarios), changed)


@contextmanager
def open_trial(graph: Graph, ontology: Ontology, settings: Settings) -> Iterator[tuple[Trial, int]]:
    """What plans under a draft, and how many individuals are not as they are served; nobody else sees any of it."""
    from encoders.embedding.embedder import open_embedder
    from encoders.emotions.model import open_emotion_model
    from engine.authoring.trial import Trial
    from engine.gate import Gate, compile_gate
    from engine.reasoning.knowledge import Knowledge
    from engine.reasoning.planner import Planner
    from engine.reasoning.reading import FeelingReader, extract_meaning
    from engine.reasoning.search import TransactionSearch
    from engine.reasoning.text_query import QueryEncoder
    from engine.store.supposing import suppose

    gate = Gate.from_json(compile_gate(ontology))
    reader = FeelingReader(open_emotion_model(settings.emotion_model or EMOTIONS), extract_meaning(ontology))
    planner = Planner(
        gate, lambda: reader, lambda: graph, QueryEncoder(settings.embedding_model), settings.region, persists=False
    )
    with suppose(graph, ontology.individuals, lambda: open_embedder(settings.embedding_model)) as supposed:
        search = TransactionSearch(graph.queries, supposed.tracks_changed)
        yield Trial(planner, Knowledge(supposed.transaction, search)), len(supposed.changed)
