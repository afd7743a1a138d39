"""How tests ingest: files that tests/helpers/fake_analysis.py can analyse, a run over them, and what it left in the
graph."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from encoders.base import ModelCard
from engine.graph import Graph
from engine.ingest.finding import IgnoredCounts, find_files
from engine.ingest.ingesting import ingest
from engine.ingest.known import KnownMusic
from engine.ingest.pool import AnalysisPool, FileLimits
from engine.ingest.report import ReportLine
from engine.ingest.writing import TrackWriter
from tests.helpers.asking import do, values
from tests.helpers.fakes import FakeMusicEmbedder

EMBEDDER = FakeMusicEmbedder()
QUICK = FileLimits(notes=1.0, audio=1.0, starting=2.0, waiting=3.0, largest=400_000_000)


def say(line: str) -> None:
    """Nobody listens."""


def put(folder: Path, **files: str) -> None:
    """Files of a folder: name without suffix (`__` stands for `/`) and what is in them."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.mid"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def run(
    graph: Graph,
    place: Path,
    pool: AnalysisPool,
    embedder: FakeMusicEmbedder = EMBEDDER,
    write: bool = True,
    mert: ModelCard | None = None,
) -> list[ReportLine]:
    """The report of an ingest."""
    writer = TrackWriter.open(graph, embedder, mert)
    known = KnownMusic.read(graph, embedder.card.sha256, mert.sha256 if mert else None)
    return list(ingest(list(find_files(place, IgnoredCounts())), pool, writer, known, lambda: None, write=write))


def outcomes(lines: Iterable[ReportLine]) -> dict[str, str]:
    """Name of the file -> what became of it."""
    return {Path(line.path).stem: line.outcome for line in lines}


def own(graph: Graph) -> list[str]:
    return values(graph, "MATCH (t:Track) WHERE t.id STARTS WITH 'own-' RETURN t.title AS value ORDER BY value")


def broken(graph: Graph) -> list[Any]:
    """What the checks of the graph find; nothing while it is whole."""
    checks = ("track_without_artist", "track_never_found", "more_than_one_version")
    found = [row for name in checks for row in graph.rows(f"checks/{name}")]
    found += values(graph, "MATCH (f:File) WHERE NOT EXISTS { (f)<-[:STANDS_IN]-() } RETURN f.path AS value")
    found += values(
        graph, "MATCH (t:Track) WHERE t.stamp IS NULL AND NOT EXISTS { (t)-[:STANDS_IN]->() } RETURN t.id AS value"
    )
    found += values(graph, "MATCH (w:Work) WHERE NOT EXISTS { (w)<-[:PERFORMS]-() } RETURN w.id AS value")
    found += values(graph, "MATCH (a:Artist) WHERE NOT EXISTS { (a)<-[:BY]-() } RETURN a.id AS value")
    return found + values(
        graph, "MATCH (c:Catalogue) LET n = COUNT { (:Track) } FILTER c.tracks <> n RETURN [c.tracks, n] AS value"
    )


def snapshot(graph: Graph) -> list[Any]:
    """Everything but when the lock was last taken."""
    return values(
        graph,
        """MATCH (n) WHERE NOT n:LoadLock
           RETURN [labels(n), properties(n)] AS value ORDER BY labels(n), n.id, n.path""",
    )


def keep_journey(graph: Graph, track: str) -> None:
    do(graph, f"MATCH (t:Track {{id: '{track}'}}) CREATE (:Journey {{id: 'j'}})-[:HAS_STEP]->(:Step)-[:PLAYS]->(t)")
