"""Searches tracks by the vector index, and compares every track where the index fails or is slow."""

from __future__ import annotations

import logging
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from engine.graph import Graph, QueryRunner, Row, submit_query
from engine.queries import Queries
from engine.store.search_index import SearchIndex, has_answered

_LOG = logging.getLogger(__name__)
PATIENCE: Final = 1.0
"""Seconds until every track is compared instead of waiting for the vector index."""

Rows = list[Row]


class TrackFinder(Protocol):
    """Finds tracks for a query of the vector index."""

    def find_rows(self, name: str, answers: QueryRunner, **params: Any) -> Rows:
        """The rows of query `name`, which uses the vector index, or of `name`_exact, which compares every track."""
        ...


@dataclass(frozen=True, slots=True)
class TransactionSearch:
    """Finds tracks in the transaction of the other queries, which alone sees its own writes.

    For authors, who can wait: there is no time limit on the index.
    """

    queries: Queries
    is_exact: bool = False
    """Whether tracks were written: the vector index does not hold them before they are committed."""

    def find_rows(self, name: str, answers: QueryRunner, **params: Any) -> Rows:
        """The rows of query `name`, or of `name`_exact where tracks were written."""
        name = f"{name}_exact" if self.is_exact else name
        return answers.rows(name, **{param.name: params[param.name] for param in self.queries[name].params})


@dataclass(slots=True)
class TrackSearch:
    """The searches of one answer. After one has failed or timed out, the index is not used again.

    Each search has its own transaction, since a failing query ends its transaction. It sees the same state as others:
    Neo4j's isolation level is read committed.
    """

    graph: Graph
    given_up: Future[Rows] | None = field(default=None, init=False)
    """The search that failed or timed out."""

    def find_rows(self, name: str, answers: QueryRunner, **params: Any) -> Rows:
        """The rows of query `name`, which uses the vector index, or of `name`_exact, which compares every track.

        The exact query runs when the index fails or has not answered within a second; the first answer of both counts,
        since a server that has just started may only be slow. Once the index is given up, `answers` runs exact queries.
        """
        exact = f"{name}_exact"
        # The exact query has no param for the number of tracks that the index returns.
        promised = {param.name: params[param.name] for param in self.graph.queries[exact].params}
        if self.given_up is None:
            found = self._race(submit_query(lambda: self.graph.rows(name, **params)), exact, promised)
            if found is not None:
                return found
        return answers.rows(exact, **promised)

    def repair_index(self) -> None:
        """Rebuilds the index if it was given up and fails; does not wait until it is built."""
        search, self.given_up = self.given_up, None
        if search is not None and not has_answered(search):
            SearchIndex(self.graph).repair(PATIENCE)

    def _race(self, search: Future[Rows], exact: str, params: Row) -> Rows | None:
        wait([search], PATIENCE)
        if has_answered(search):
            return search.result()
        self.given_up = search
        if search.done():
            _LOG.warning("the vector index failed and was given up: every track is compared instead")
            return None

        def compare() -> Rows:
            with self.graph.begin_read() as transaction:
                return list(transaction.rows(exact, **params))

        comparison = submit_query(compare)
        wait([search, comparison], return_when=FIRST_COMPLETED)
        if search.done() and not has_answered(search):
            wait([comparison])
        if not has_answered(search):
            _LOG.warning("the vector index kept silent and was given up: every track is compared instead")
            return comparison.result()
        self.given_up = None
        return search.result()
