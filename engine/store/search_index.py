"""The vector indexes over tracks: creates, checks and repairs them.

One indexes embeddings, for text queries; one indexes profiles, for targets of rules (`cypher/load/track_profiles`).
Either may fail after deletions (Neo4j 2026.08, Lucene 10.5). A filtered search with fewer results than its limit pads
them with an invalid document number, and the last segment of the index looks that number up in its list of live
documents, which only a segment with deletions has. So a rehearsal, a search without any result, shows whether an index
is sound.
"""

import re
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from engine.errors import GraphUnavailable, IsopathError
from engine.graph import Graph, Row, Transaction, submit_query
from engine.queries import Query
from engine.store.version import read_version

IndexState = Literal["answers", "building", "fails", "missing"]
"""State of an index; for both together the worst, in the order missing, fails, building."""

_POLL_SECONDS: Final = 0.25
_BUILD_SECONDS: Final = 1800.0
_REHEARSAL_SECONDS: Final = 10.0
"""Timeout of a rehearsal; it takes milliseconds, or seconds on a server that has just started."""
_REPAIR_SECONDS: Final = 3.0
"""Timeout for the lock of loads in a repair: the next search will try again."""


@dataclass(frozen=True, slots=True)
class _IndexSpec:
    """The property and the similarity function of one index."""

    name: str
    property: str
    similarity: str

    def compute_dimensions(self, embedding: int, cues: int) -> int:
        """Length of its vectors: a profile holds each cue twice, the embedding, and a number that equalises norms."""
        return embedding if self.property == "embedding" else 2 * cues + embedding + 1


_INDEXES: Final = (
    _IndexSpec("track_embedding", "embedding", "COSINE"),
    _IndexSpec("track_profile", "profile", "EUCLIDEAN"),
)


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """The vector indexes of one graph; apart from a load, since schema and data cannot share a transaction."""

    graph: Graph

    def fits(self, dimensions: int, patience: float = _REHEARSAL_SECONDS) -> bool:
        """Whether both are built, for embeddings of this length and with every property that searches filter by."""
        return self._matches_specs(dimensions) and self.check_state(patience) == "answers"

    def check_state(self, patience: float = _REHEARSAL_SECONDS) -> IndexState:
        """The state of both, by rehearsals."""
        states = self._read_states()
        if len(states) < len(_INDEXES):
            return "missing"
        sound = [self._is_answering(row, patience) for row in states if row["state"] != "POPULATING"]
        if not all(sound):
            return "fails"
        return "answers" if len(sound) == len(states) else "building"

    def _is_answering(self, state: Row, patience: float) -> bool:
        name = f"search/rehearse_{state['name']}"
        answer = submit_query(lambda: self.graph.rows(name, dimensions=state["dimensions"]))
        wait([answer], patience)
        return has_answered(answer)

    def describe(self) -> str:
        """How tracks are searched now, in a sentence."""
        every = "every track is compared instead"
        built = min((row["percent"] for row in self._read_states()), default=0.0)
        descriptions = {
            "answers": "by the vector index",
            "building": f"the vector index is being built ({built:.0f} %): until then {every}",
            "fails": f"the vector index fails: {every}; `isopath load`, or the next search that fails, makes it anew",
            "missing": f"there is no vector index: {every}, and `isopath load` makes it",
        }[self.check_state()]
        renewed = self._read_renewal()
        return descriptions + (f"; it failed and was made anew on {renewed:%Y-%m-%d %H:%M} UTC" if renewed else "")

    def repair(self, patience: float = _REHEARSAL_SECONDS) -> bool:
        """Rebuilds the indexes if one fails or is missing; returns whether it did. Does not wait until they are built.

        The lock of loads ensures that only one process does so. Never raises: the next search tries again.
        """
        with suppress(IsopathError):
            before = self._read_renewal()
            if self.check_state(patience) in ("fails", "missing"):
                return self.graph.write(lambda transaction: self._repair(transaction, before), _REPAIR_SECONDS)
        return False

    def _read_renewal(self) -> datetime | None:
        """Time of the last rebuild after a failure; None without any."""
        return next((row["renewed"] for row in self.graph.rows("search/last_renewal")), None)

    def _repair(self, transaction: Transaction, before: datetime | None) -> bool:
        transaction.rows("load/lock")
        if self._read_renewal() != before:
            return False  # A concurrent repair was first.
        dimensions = read_version(self.graph).dimensions
        # Schema and data cannot share a transaction.
        self.graph.write(lambda inner: self._renew(inner, dimensions), _REPAIR_SECONDS)
        transaction.rows("search/note_renewal")
        return True

    def rehearse(self, dimensions: int) -> None:
        """Creates the indexes and rolls back: raises faults of their definitions before data are written."""

        def make(transaction: Transaction) -> None:
            self._renew(transaction, dimensions)
            raise _RehearsedError

        if not self._matches_specs(dimensions):
            with suppress(_RehearsedError):
                self.graph.write(make)

    def ensure(self, dimensions: int, progress: Callable[[str], None]) -> None:
        """Creates the indexes unless their definitions match and they work, and waits until they are built.

        Old ones are replaced atomically.
        """
        if not self._matches_specs(dimensions) or self.check_state() == "fails":
            progress(f"making the vector indexes ({dimensions} dimensions)")
            self.graph.write(lambda transaction: self._renew(transaction, dimensions))
        self._wait_until_built(progress)

    def _renew(self, transaction: Transaction, dimensions: int) -> None:
        for index in _INDEXES:
            transaction.rows(f"load/drop_{index.name}")
            length = index.compute_dimensions(dimensions, self._count_cues())
            transaction.rows(f"load/create_{index.name}", dimensions=length)

    def _count_cues(self) -> int:
        """Number of cues in a profile: those that the index names; a test compares them with the ontology."""
        names = find_searchable_properties(self.graph.queries["load/create_track_profile"])
        return len(names) - 1  # The last is the length of a track.

    def _wait_until_built(self, progress: Callable[[str], None]) -> None:
        deadline = time.monotonic() + _BUILD_SECONDS
        reported = 0
        while (states := self._read_states()) and any(state["state"] == "POPULATING" for state in states):
            if time.monotonic() > deadline:
                raise GraphUnavailable(
                    self.graph.place, "is still building the vector indexes", "Run `isopath load` again"
                )
            if (built := min(state["percent"] for state in states)) >= reported + 10:
                reported = int(built)
                progress(f"building the vector indexes: {reported} %")
            time.sleep(_POLL_SECONDS)
        if [state["state"] for state in states] != ["ONLINE"] * len(_INDEXES):
            raise GraphUnavailable(
                self.graph.place, "could not build the vector indexes", "See the server's log, then run `isopath load`"
            )

    def _read_states(self) -> list[Row]:
        return list(self.graph.rows("load/track_indexes"))

    def _matches_specs(self, dimensions: int) -> bool:
        found = {row["name"]: (row["dimensions"], row["similarity"], row["properties"]) for row in self._read_states()}
        wanted = {
            index.name: (
                index.compute_dimensions(dimensions, self._count_cues()),
                index.similarity,
                [index.property, *find_searchable_properties(self.graph.queries[f"load/create_{index.name}"])],
            )
            for index in _INDEXES
        }
        return found == wanted


def has_answered(search: Future[list[Row]]) -> bool:
    """Whether a search has returned rows. Errors other than IsopathErrors are raised."""
    if not search.done() or isinstance(search.exception(), IsopathError):
        return False
    search.result()
    return True


class _RehearsedError(Exception):
    """Raised to roll back."""


def find_searchable_properties(query: Query) -> tuple[str, ...]:
    """The properties that searches can filter by, as named in the statement that creates the index."""
    inside = re.search(r"WITH \[(.*?)\]", query.text, re.DOTALL)
    return tuple(re.findall(r"t\.(\w+)", inside[1])) if inside else ()
