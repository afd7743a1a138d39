"""From rules that hold to tracks in order: steps are laid out, tracks looked for, the best order of them taken.

Read `best`: lengths of tracks decide how many steps fill the minutes, and which tracks are near depends on the steps.
So a layout is tried, and where its tracks do not fill the minutes, what was found says which layout is tried next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from math import inf

from engine.errors import NoJourney
from engine.graph import Answers
from engine.journey import Row, Waypoint
from engine.order.layout import Layout
from engine.order.sequence import Order, best_order
from engine.reasoning.asking import effects
from engine.reasoning.facts import Facts
from engine.reasoning.search import Search
from engine.reasoning.waypoints import candidate_of, emptying, step_limits, waypoint_of

MOST_LAYOUTS = 5
"""Layouts that are tried before the one nearest to the minutes is taken."""
NEAR, FAR, ANYWHERE = 1.0, 2.0, inf


@dataclass(frozen=True, slots=True)
class Ordered:
    """Tracks in order over their waypoints."""

    waypoints: list[Waypoint]
    order: Order
    relaxed: list[str]
    """Rules whose bounds were let go for it."""

    @property
    def rank(self) -> tuple[bool, bool, float]:
        """Smaller is better: minutes filled, stages that keep their shares, near to the minutes."""
        return not self.order.fills_time, not self.order.keeps_shares, self.order.off


@dataclass(frozen=True, slots=True)
class Ordering:
    """Puts tracks in order for one set of rules."""

    graph: Answers
    search: Search
    facts: Facts
    asked: Row
    """Params of the candidates' queries that no layout changes."""
    holding: Sequence[Row]
    seed: int

    def best(self) -> Ordered:
        """The first order that fills the minutes with stages in their shares, else the one that comes nearest.

        NoJourney names the rules in the way.
        """
        layouts, best, fault = [self.facts.layout], None, NoJourney("journey", "no track is left", "Add music")
        for number in count():
            if number == len(layouts):
                break
            layout, following = layouts[number], None
            try:
                for rows, relaxed, last in self._tracks(layout):
                    following = layout.fitted(rows, self.facts.shares)
                    new = following not in layouts and len(layouts) < MOST_LAYOUTS
                    if new and not layout.suits(rows):
                        break
                    if (ordered := self._ordered(layout, rows, relaxed, last)) is None:
                        continue
                    best = min((found for found in (best, ordered) if found), key=lambda found: found.rank)
                    break
            except NoJourney as error:
                fault = error
                following = layout.unlimited
            if best and best.order.fills_time and best.order.keeps_shares:
                break
            if following and following not in layouts and len(layouts) < MOST_LAYOUTS:
                layouts.append(following)
        if best is None:
            raise fault
        return best

    def _tracks(self, layout: Layout) -> Iterator[tuple[list[Row], list[str], bool]]:
        """Tracks for every waypoint, with the rules whose bounds were let go and whether these are the last.

        Asks the filtered vector index near each waypoint, then farther. A filtered graph search may stop early where
        few tracks pass, so the exact query is asked before bounds that are no safety rule are let go.
        """
        asked = {**self.asked, **self.facts.searching(layout)}
        loose = [row["rule_id"] for row in self.holding if row["tier"] != "safety" and effects(row, "Bound")]
        attempts: list[tuple[bool, float, list[str]]] = [
            (False, NEAR, []),
            (False, FAR, []),
            (True, FAR, []),
            (True, ANYWHERE, []),
            *([(True, ANYWHERE, loose)] if loose else []),
        ]
        for exactly, reach, relaxed in attempts:
            if exactly and reach == FAR and self.search.given_up:
                continue  # It was just asked so.
            given = {**asked, "reach": reach, "relaxed": relaxed}
            rows = (
                self.graph.rows("journey/candidates_exact", **given)
                if exactly
                else self.search.rows("journey/candidates", self.graph, **given)
            )
            last = (exactly, reach, relaxed) == attempts[-1]
            fewest = 1 if reach == ANYWHERE else self.facts.fewest
            if last or min(len(row["tracks"]) for row in rows) >= fewest:
                yield list(rows), relaxed, last

    def _ordered(self, layout: Layout, rows: Sequence[Row], relaxed: list[str], last: bool) -> Ordered | None:
        """The best order of these tracks; None when there is none and more may be found. NoJourney after the last."""
        waypoints = [waypoint_of(row) for row in rows]
        candidates = [candidate_of(row, track) for row in rows for track in row["tracks"]]
        limits = step_limits(self.holding, waypoints)
        ends = layout.ends(rows, self.facts.shares)
        try:
            order = best_order(
                waypoints, candidates, self.facts.wishes, limits, self.facts.total, self.seed, ends, bool(layout.stages)
            )
        except NoJourney as error:
            if not last:
                return None
            fault = f"{error.fault} under {emptying(rows, self.holding)}"
            raise NoJourney(error.place, fault, error.repair) from error
        return Ordered(waypoints, order, relaxed)
