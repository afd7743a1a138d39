"""The vector index over tracks: made, compared with what it should be, waited for, and made anew when it fails.

It fails after some deletions (Neo4j 2026.08, Lucene 10.5). A filtered search that finds fewer tracks than asked for
fills up with an impossible document number, and the last segment of the index looks that number up in its list of
documents not deleted, a list that only a segment with deletions has. So a rehearsed search that finds nothing tells
whether the index is sound.
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
from engine.graph import Graph, Row, Transaction, asked
from engine.queries import Query
from engine.store.version import serving

State = Literal["answers", "building", "fails", "missing"]

_POLL_SECONDS: Final = 0.25
_BUILD_SECONDS: Final = 1800.0
_REHEARSAL_SECONDS: Final = 10.0
"""A rehearsed search takes a thousandth of it, on a server that has just started some seconds."""
_MEND_SECONDS: Final = 3.0
"""Who finds the index failing waits no longer for others who load or mend: the next one finds it as well."""


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """The vector index of one graph, cared for apart from a load: schema and data cannot share a transaction."""

    graph: Graph

    def fits(self, dimensions: int) -> bool:
        """Whether it is there, built, and made for vectors of this length with every property a search may test."""
        state = self._state()
        return state is not None and self._same(state, dimensions) and self.state() == "answers"

    def state(self, patience: float = _REHEARSAL_SECONDS) -> State:
        """Whether it answers: asked for a search that finds nothing, where deletions make it fail first."""
        state = self._state()
        if state is None:
            return "missing"
        if state["state"] == "POPULATING":
            return "building"
        rehearsal = "search/rehearsal"
        answer = asked(lambda: self.graph.rows(rehearsal, dimensions=state["dimensions"]))
        wait([answer], patience)
        return "answers" if answered(answer) else "fails"

    def told(self) -> str:
        """How tracks are found now, in a sentence."""
        every = "every track is compared instead"
        built = sum(row["percent"] for row in self.graph.rows("load/track_embedding"))
        said = {
            "answers": "by the vector index",
            "building": f"the vector index is being built ({built:.0f} %): until then {every}",
            "fails": f"the vector index fails: {every}, and `isopath load` or the next journey makes it anew",
            "missing": f"there is no vector index: {every}, and `isopath load` makes it",
        }[self.state()]
        renewed = self._renewed()
        return said + (f"; it failed and was made anew on {renewed:%Y-%m-%d %H:%M} UTC" if renewed else "")

    def mend(self, patience: float = _REHEARSAL_SECONDS) -> bool:
        """Has the index made anew when it fails; whether it was. The server builds it while nobody waits.

        Under the lock of loads, so of two who find it failing only one does it. Whoever cannot leaves it to the next.
        """
        with suppress(IsopathError):
            before = self._renewed()
            if self.state(patience) in ("fails", "missing"):
                return self.graph.write(lambda transaction: self._mend(transaction, before), _MEND_SECONDS)
        return False

    def _renewed(self) -> datetime | None:
        """When it last failed and was made anew; None when it never did."""
        return next((row["renewed"] for row in self.graph.rows("search/last_renewal")), None)

    def _mend(self, transaction: Transaction, before: datetime | None) -> bool:
        transaction.rows("load/lock")
        if self._renewed() != before:
            return False  # Somebody else made it anew while we waited.
        dimensions = serving(self.graph).dimensions
        # In a transaction of its own: schema and data cannot share one.
        self.graph.write(lambda inner: self._renew(inner, dimensions), _MEND_SECONDS)
        transaction.rows("search/note_renewal")
        return True

    def rehearse(self, dimensions: int) -> None:
        """Makes the index and takes it back: raises what the server would say against it, before data are written."""

        def make(transaction: Transaction) -> None:
            self._renew(transaction, dimensions)
            raise _RehearsedError

        if (state := self._state()) is None or not self._same(state, dimensions):
            with suppress(_RehearsedError):
                self.graph.write(make)

    def ensure(self, dimensions: int, progress: Callable[[str], None]) -> None:
        """Makes the index, or makes it anew when its definition differs, and waits until it answers.

        The old one goes and the new one comes in one transaction: when that fails, the old one still serves.
        """
        state = self._state()
        if state is None or not self._same(state, dimensions) or self.state() == "fails":
            progress(f"making the vector index ({dimensions} dimensions)")
            self.graph.write(lambda transaction: self._renew(transaction, dimensions))
        self._await(progress)

    def _renew(self, transaction: Transaction, dimensions: int) -> None:
        transaction.rows("load/drop_track_embedding")
        transaction.rows("load/create_track_embedding", dimensions=dimensions)

    def _await(self, progress: Callable[[str], None]) -> None:
        deadline = time.monotonic() + _BUILD_SECONDS
        told = 0
        while (state := self._state()) is not None and state["state"] == "POPULATING":
            if time.monotonic() > deadline:
                raise GraphUnavailable(
                    self.graph.place, "is still building the vector index", "Run `isopath load` again"
                )
            if state["percent"] >= told + 10:
                told = int(state["percent"])
                progress(f"building the vector index: {told} %")
            time.sleep(_POLL_SECONDS)
        if state is None or state["state"] != "ONLINE":
            raise GraphUnavailable(
                self.graph.place, "could not build the vector index", "See the server's log, then run `isopath load`"
            )

    def _state(self) -> Row | None:
        rows = self.graph.rows("load/track_embedding")
        return rows[0] if rows else None

    def _same(self, state: Row, dimensions: int) -> bool:
        wanted = ["embedding", *searchable_properties(self.graph.queries["load/create_track_embedding"])]
        found = state["dimensions"], state["similarity"], state["properties"]
        return found == (dimensions, "COSINE", wanted)


def answered(search: Future[list[Row]]) -> bool:
    """Whether the rows are there. A fault that is not the server's is raised."""
    if not search.done() or isinstance(search.exception(), IsopathError):
        return False
    search.result()
    return True


class _RehearsedError(Exception):
    """Raised to undo a rehearsal."""


def searchable_properties(query: Query) -> tuple[str, ...]:
    """The properties that a search may test, as the statement that makes the index names them."""
    inside = re.search(r"WITH \[(.*?)\]", query.text, re.DOTALL)
    return tuple(re.findall(r"t\.(\w+)", inside[1])) if inside else ()
