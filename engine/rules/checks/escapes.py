"""Finds signs with which a rule holds and others do not, by exact search.

Adding signs never unmeets a condition (a range of scores only narrows), so every situation in which a rule holds
contains one of its ways (one sign for every `when`). From a way, another rule that holds as well can only be got rid of
by a sign that defeats it (`unless`), or by signs that bring a rule to hold which overrides it. Trying all of these, way
by way, is exhaustive, but for scores that no sign says: a rule that may hold for some of them alone is not counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from engine.rules.checks.holding import Rulebook, SupposedSigns
from engine.rules.individuals import Individual

MOST_STEPS = 4000
"""Situations that are looked at for one rule and goal at most; shipped rules take up to a few hundred."""
TIERS = ("safety", "clinical", "taste")


def rank(rule: Individual) -> tuple[int, float, str]:
    """What comes first in effect sorts first."""
    return TIERS.index(rule.text("tier")), rule.number("priority") or 0.0, rule.id


@dataclass
class Escapes:
    """Searches for situations, over the published rules of one ontology."""

    book: Rulebook

    @cached_property
    def goals(self) -> tuple[str, ...]:
        return tuple(goal.id for goal in self.book.ontology.of("Goal"))

    @cached_property
    def overriding(self) -> dict[str, list[Individual]]:
        """Id of a rule -> published rules that override it."""
        found: dict[str, list[Individual]] = {}
        for rule in self.book.rules:
            for target in rule.to("overrides"):
                found.setdefault(target, []).append(rule)
        return found

    def list_goals(self, rule: Individual) -> list[str]:
        """Ids of the goals that the rule is for."""
        return [goal for goal in self.goals if self.book.covers(rule, "for", goal)]

    def find(self, rule: Individual, others: Sequence[Individual], goal: str) -> frozenset[str] | None:
        """Signs with which the rule holds for the goal, is not overridden, and none of the others counts.

        None when there are none. Where the search is longer than MOST_STEPS, the signs that it ended with: a rule is
        not accused on half a search.
        """
        rivals = [o for o in (*others, *self.overriding.get(rule.id, ())) if self.book.covers(o, "for", goal)]
        seen: set[frozenset[str]] = set()
        for present, strong in self._list_ways(rule):
            ahead = [present]
            while ahead:
                signs = ahead.pop()
                if signs in seen:
                    continue
                seen.add(signs)
                supposed = self.book.suppose(signs, strong)
                if not self.book.holds(rule, supposed):
                    continue
                rival = next((r for r in rivals if self._counts(r, supposed, goal)), None)
                if rival is None or len(seen) > MOST_STEPS:
                    return signs
                ahead += [signs | more for more in self._list_ways_out(rival, rule)]
        return None

    def find_for_any(self, rule: Individual, others: Sequence[Individual]) -> frozenset[str] | None:
        """As `find`, for the first goal of the rule where there are such signs."""
        ways = (self.find(rule, others, goal) for goal in self.list_goals(rule))
        return next((way for way in ways if way is not None), None)

    def list_held_at_once(self, rule: Individual, others: Iterable[Individual]) -> list[Individual]:
        """Those of the others that hold, for every goal of the rule, with the first signs that bring it to hold."""
        goals = self.list_goals(rule)
        for way in self._list_ways(rule):
            supposed = self.book.suppose(*way)
            return [o for o in others if self.book.holds(o, supposed) and any(self._is_for(o, g) for g in goals)]
        return []

    def _is_for(self, rule: Individual, goal: str) -> bool:
        return self.book.covers(rule, "for", goal)

    def _list_ways(self, rule: Individual) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
        for present, strong in self.book.list_ways(rule):
            yield frozenset(present | strong), strong

    def _counts(self, rival: Individual, supposed: SupposedSigns, goal: str) -> bool:
        """Whether the rival holds and nothing overrides it."""
        if not self.book.holds(rival, supposed):
            return False
        return not any(
            self._is_for(over, goal) and self.book.holds(over, supposed) for over in self.overriding.get(rival.id, ())
        )

    def _list_ways_out(self, rival: Individual, rule: Individual) -> Iterator[frozenset[str]]:
        ontology = self.book.ontology
        for condition in (ontology[c] for c in rival.to("unless")):
            for present, _ in self.book.list_ways_to_meet(condition):
                yield present
        for over in self.overriding.get(rival.id, ()):
            if over.id != rule.id:
                for present, strong in self.book.list_ways(over):
                    yield frozenset(present | strong)
