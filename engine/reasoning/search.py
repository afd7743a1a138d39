"""Tracks are looked for by the vector index, and one by one where it does not answer."""

from __future__ import annotations

import logging
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import Any, Final

from engine.graph import Graph, QueryRunner, Row, submit_query
from engine.store.search_index import SearchIndex, has_answered

_LOG = logging.getLogger(__name__)
PATIENCE: Final = 1.0
"""Seconds that the vector index may take before every track is compared instead."""

Rows = list[Row]


@dataclass(slots=True)
class TrackSearch:
    """How tracks are found for one answer. A search that fails or hangs is given up for all that follow in it.

    Each search has a transaction of its own, as the server ends that of a query that fails. It reads no other state
    than the rest would: Neo4j shows every statement what is committed when it begins.
    """

    graph: Graph
    given_up: Future[Rows] | None = field(default=None, init=False)
    """The search that erred, or was not there in time."""

    def find_rows(self, name: str, answers: QueryRunner, **params: Any) -> Rows:
        """The rows of `name`, which asks the vector index, or of its twin `name`_exact, which compares every track.

        The twin is asked when the index errs or keeps silent for a second. An index that was only slow (a server that
        has just started plans a query for longer than that) may still answer first. `answers` is asked once the index
        was given up.
        """
        exact = f"{name}_exact"
        # How many tracks the index looks at is nothing to one that looks at all.
        promised = {param.name: params[param.name] for param in self.graph.queries[exact].params}
        if self.given_up is None:
            found = self._race(submit_query(lambda: self.graph.rows(name, **params)), exact, promised)
            if found is not None:
                return found
        return answers.rows(exact, **promised)

    def repair_index(self) -> None:
        """Has the index made anew when it was given up and is at fault; nobody waits until it is built."""
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
