"""The vector index over tracks: made, compared with what it should be, waited for."""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from engine.errors import GraphUnavailable
from engine.graph import Graph, Row, Transaction
from engine.queries import Queries, Query

_POLL_SECONDS: Final = 0.25
_BUILD_SECONDS: Final = 1800.0


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """The vector index of one graph, cared for apart from a load: schema and data cannot share a transaction."""

    graph: Graph
    queries: Queries

    def fits(self, dimensions: int) -> bool:
        """Whether it is there, built, and made for vectors of this length with every property a search may test."""
        state = self._state()
        return state is not None and self._same(state, dimensions) and state["state"] == "ONLINE"

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
        if state is None or state["state"] == "FAILED" or not self._same(state, dimensions):
            progress(f"making the vector index ({dimensions} dimensions)")
            self.graph.write(lambda transaction: self._renew(transaction, dimensions))
        self._await(progress)

    def _renew(self, transaction: Transaction, dimensions: int) -> None:
        transaction.rows(self.queries["load/drop_track_embedding"])
        transaction.rows(self.queries["load/create_track_embedding"], dimensions=dimensions)

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
        rows = self.graph.rows(self.queries["load/track_embedding"])
        return rows[0] if rows else None

    def _same(self, state: Row, dimensions: int) -> bool:
        wanted = ["embedding", *searchable_properties(self.queries["load/create_track_embedding"])]
        found = state["dimensions"], state["similarity"], state["properties"]
        return found == (dimensions, "COSINE", wanted)


class _RehearsedError(Exception):
    """Raised to undo a rehearsal."""


def searchable_properties(query: Query) -> tuple[str, ...]:
    """The properties that a search may test, as the statement that makes the index names them."""
    inside = re.search(r"WITH \[(.*?)\]", query.text, re.DOTALL)
    return tuple(re.findall(r"t\.(\w+)", inside[1])) if inside else ()
