"""What a test that ingests finds ready: a graph, a folder for music, and a pool of processes that hear it.

A plugin of the test files that name it. Kept apart from tests/helpers/ingesting.py, which they import: pytest has to
be the first to read a plugin.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.graph import Connection, Graph
from engine.ingest.pool import AnalysisPool
from engine.store.catalogue import Catalogue
from engine.store.load import load
from tests.helpers.asking import do
from tests.helpers.fake_analysis import analyse
from tests.helpers.fakes import small_catalogue, small_ontology
from tests.helpers.ingesting import EMBEDDER, QUICK, say


@pytest.fixture(scope="module")
def door(connection: Connection) -> Iterator[Graph]:
    with Graph.connect(connection) as graph:
        yield graph


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return small_catalogue(tmp_path / "seed")


@pytest.fixture
def graph(door: Graph, catalogue: Catalogue) -> Graph:
    """A real graph with a small catalogue in it and nothing of a listener's own, whatever was there before."""
    do(door, "MATCH (n) WHERE NOT n:LoadLock DETACH DELETE n")
    load(door, small_ontology(), catalogue, EMBEDDER, say)
    return door


@pytest.fixture(scope="module")
def pool() -> Iterator[AnalysisPool]:
    """Two processes that hear what tests/helpers/fake_analysis.py makes of a file, quickly given up."""
    with AnalysisPool(analyse, 2, QUICK) as pool:
        yield pool


@pytest.fixture
def music(tmp_path: Path) -> Path:
    return tmp_path / "music"
