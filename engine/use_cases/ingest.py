"""Brings a listener's own music in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil

from encoders.analysis.analyser import Analyser
from encoders.embedding.embedder import mert_for, open_embedder
from engine.bootstrap import Progress, loaded_graph
from engine.ingest.finding import Found, PassedOver, find
from engine.ingest.ingesting import ingest
from engine.ingest.known import Known
from engine.ingest.pool import Limits, Pool, cores
from engine.ingest.report import Line
from engine.ingest.writing import Writer
from engine.settings import Settings


class Watcher(Protocol):
    """Learns how far an ingest has come."""

    def begin(self, files: int) -> None:
        """So many files will be analysed."""
        ...

    def one(self) -> None:
        """One more file was analysed."""
        ...


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of all files together."""

    counted: Counter[str]
    """Outcome (`engine.ingest.report.OUTCOMES`) -> files."""
    passed: PassedOver


def ingest_music(
    settings: Settings, path: Path, report: Callable[[Line], None], watcher: Watcher, progress: Progress, *, write: bool
) -> Ingested:
    """Takes in a file, or a folder with all that is in it; each line is reported when what it says has come true.

    Without `write` everything is analysed and nothing is written.
    """
    passed = PassedOver()
    places = list(find(path, passed))
    counted: Counter[str] = Counter()
    with loaded_graph(settings, progress) as graph:
        embedder = open_embedder(settings.embedding_model)
        recorded = any(isinstance(place, Found) and place.kind == "audio" for place in places)
        mert = mert_for(embedder, settings.mert) if settings.mert and recorded else None
        writer = Writer.open(graph, embedder, mert)
        known = Known.read(graph, embedder.card.sha256, mert.sha256 if mert else None)
        changed = sum(isinstance(place, Found) and not known.unchanged(place) for place in places)
        limits = Limits.with_mert() if mert else Limits()
        processes = min(limits.processes(cores(), psutil.virtual_memory().available), max(changed, 1))
        with Pool(Analyser(settings.mert), processes, limits) as pool:
            watcher.begin(changed)
            for line in ingest(places, pool, writer, known, watcher.one, write=write):
                counted[line.outcome] += 1
                report(line)
    return Ingested(counted, passed)
