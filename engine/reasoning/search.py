"""Tracks are looked for by the vector index, and one by one where it does not answer."""

from __future__ import annotations

import logging
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from engine.graph import Answers, Graph, Row, asked
from engine.queries import Queries
from engine.store.search_index import SearchIndex, answered

_LOG = logging.getLogger(__name__)
PATIENCE: Final = 1.0
"""Seconds that the vector index may take before every track is compared instead."""

Rows = list[Row]


class Finding(Protocol):
    """Whoever looks for tracks."""

    def rows(self, name: str, answers: Answers, **params: Any) -> Rows:
        """The rows of `name`, which asks the vector index; of its twin `name`_exact where the index does not answer."""
        ...


@dataclass(frozen=True, slots=True)
class SearchWithin:
    """Looks for tracks in the transaction that asks for the rest, so that it sees what only that one has written.

    Nobody waits for these answers, so an index that hangs is waited for.
    """

    queries: Queries
    exactly: bool = False
    """Whether tracks were written, too: the vector index does not know them before they are committed."""

    def rows(self, name: str, answers: Answers, **params: Any) -> Rows:
        """The rows of `name`, or of its twin, which compares every track."""
        name = f"{name}_exact" if self.exactly else name
        return answers.rows(name, **{param.name: params[param.name] for param in self.queries[name].params})


@dataclass(slots=True)
class Search:
    """How tracks are found for one answer. A search that fails or hangs is given up for all that follow in it.

    Each search has a transaction of its own, as the server ends that of a query that fails. It reads no other state
    than the rest would: Neo4j shows every statement what is committed when it begins.
    """

    graph: Graph
    given_up: Future[Rows] | None = field(default=None, init=False)
    """The search that erred, or was not there in time."""

    def rows(self, name: str, answers: Answers, **params: Any) -> Rows:
        """The rows of `name`, which asks the vector index, or of its twin `name`_exact, which compares every track.

        The twin is asked when the index errs or keeps silent for a second. An index that was only slow (a server that
        has just started plans a query for longer than that) may still answer first. `answers` is asked once the index
        was given up.
        """
        exact = f"{name}_exact"
        # How many tracks the index looks at is nothing to one that looks at all.
        promised = {param.name: params[param.name] for param in self.graph.queries[exact].params}
        if self.given_up is None:
            found = self._raced(asked(lambda: self.graph.rows(name, **params)), exact, promised)
            if found is not None:
                return found
        return answers.rows(exact, **promised)

    def mend(self) -> None:
        """Has the index made anew when it was given up and is at fault; nobody waits until it is built."""
        search, self.given_up = self.given_up, None
        if search is not None and not answered(search):
            SearchIndex(self.graph).mend(PATIENCE)

    def _raced(self, search: Future[Rows], exact: str, params: Row) -> Rows | None:
        wait([search], PATIENCE)
        if answered(search):
            return search.result()
        self.given_up = search
        if search.done():
            _LOG.warning("the vector index failed and was given up: every track is compared instead")
            return None

        def compare() -> Rows:
            with self.graph.reading() as transaction:
                return list(transaction.rows(exact, **params))

        comparison = asked(compare)
        wait([search, comparison], return_when=FIRST_COMPLETED)
        if search.done() and not answered(search):
            wait([comparison])
        if not answered(search):
            _LOG.warning("the vector index kept silent and was given up: every track is compared instead")
            return comparison.result()
        self.given_up = None
        return search.result()
