"""States of the ontology that an author names: the draft, a published version, a folder, a file, a git revision."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from engine.bootstrap import Progress, use_graph
from engine.errors import UsageError
from engine.publishing.revisions import read_revision
from engine.publishing.sources import Sources
from engine.settings import ONTOLOGY_DIR, Settings

if TYPE_CHECKING:
    from engine.graph import Graph
    from engine.rules import Ontology

DRAFT, PUBLISHED = "draft", "published"


class States:
    """Finds states by their names. The graph is opened once, where a state or a caller needs it."""

    def __init__(self, settings: Settings, progress: Progress, held: ExitStack) -> None:
        self._settings, self._progress, self._held = settings, progress, held

    @cached_property
    def graph(self) -> Graph:
        """The graph that serves, open until the end."""
        return self._held.enter_context(use_graph(self._settings, self._progress))

    def find(self, named: str) -> Sources:
        """The files of a state; UsageError when there is none."""
        path = Path(named)
        if named == DRAFT:
            return Sources.read(ONTOLOGY_DIR)
        if named == PUBLISHED or re.fullmatch(r"v?[0-9]{1,6}", named):
            return _find_published(self.graph, named)
        if path.is_dir():
            found = Sources.read(path)
            if not found.modules:
                raise UsageError("STATE", "is a folder without an ontology", "Name one that holds .owl files")
            return found
        if path.suffix == ".owl" and path.is_file():
            return _replace_module(path)
        return read_revision(ONTOLOGY_DIR, named)


@contextmanager
def open_states(settings: Settings, progress: Progress) -> Iterator[States]:
    """What finds states, as a context."""
    with ExitStack() as held:
        yield States(settings, progress, held)


def read_sources(sources: Sources) -> Ontology:
    """The ontology that these files hold; its folder is gone again."""
    with unpack_ontology(sources) as ontology:
        return ontology


@contextmanager
def unpack_ontology(sources: Sources) -> Iterator[Ontology]:
    """The ontology that these files hold, with scenarios and signatures in its folder meanwhile."""
    from engine.rules import Ontology

    with tempfile.TemporaryDirectory(prefix="isopath-") as folder:
        sources.write(Path(folder) / "ontology")
        yield Ontology.read(Path(folder) / "ontology")


def _find_published(graph: Graph, named: str) -> Sources:
    from engine.store.publications import read_publications, read_published_sources

    if named != PUBLISHED:
        return read_published_sources(graph, int(named.removeprefix("v")))
    entries = read_publications(graph)
    if not entries:
        raise UsageError("STATE", "nothing was published yet", "Run `isopath load` without ISOPATH_SERVE_DRAFT")
    return read_published_sources(graph, entries[-1].number)


def _replace_module(path: Path) -> Sources:
    """The draft with this file in place of the module of its name."""
    draft = Sources.read(ONTOLOGY_DIR)
    name = next((name for name in draft.modules if Path(name).name == path.name), None)
    if name is None:
        raise UsageError("STATE", "has the name of no module", f"Name it as one: {', '.join(sorted(draft.modules))}")
    return Sources({**draft.files, name: path.read_bytes()})
