"""Evaluates which rules hold for assumed signs, for the checks; independent of the graph's evaluation.

A second implementation on purpose. The graph decides journeys; this one finds, before anything is loaded, which rules
hold for every feeling alone, and which two of them can hold together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import TypeAlias

from engine.rules.individuals import Individual
from engine.rules.ontology import Ontology

MOST_WAYS = 400
"""Combinations of signs for which a rule holds that are tried at most; a rule has a handful."""
Watched: TypeAlias = "list[tuple[bool, frozenset[str]]]"
"""Of each condition, whether it must be strong, and the signs of which any one is enough."""


@dataclass(frozen=True, slots=True)
class SupposedSigns:
    """Assumed signs, with the groups and scales that follow from them."""

    present: frozenset[str]
    strong: frozenset[str]


class Rulebook:
    """The published rules of an ontology; evaluates which of them hold."""

    def __init__(self, ontology: Ontology) -> None:
        self.ontology = ontology
        self.rules = tuple(r for r in ontology.of("Rule") if r.properties["status"] == "published")
        self.standing = frozenset(c.id for c in ontology.of("Context") if c.properties["held"])
        self._ways: dict[str, tuple[tuple[frozenset[str], frozenset[str]], ...]] = {}
        self._meeting: dict[tuple[str, str], bool] = {}
        self._supposed: dict[tuple[frozenset[str], frozenset[str]], SupposedSigns] = {}
        self._watched: dict[str, tuple[Watched, Watched]] = {}
        self._below: dict[str, set[str]] = {}
        self._under: dict[tuple[str, str], str] = {}
        for sign in ontology.of("Sign"):
            readings = [ontology[mapping] for mapping in sign.to("readAs")]
            for above in (*sign.to("in"), *(scale for reading in readings for scale in reading.to("to"))):
                self._below.setdefault(above, set()).add(sign.id)
            for reading in readings:
                self._under |= {(scale, sign.id): rule for scale in reading.to("to") for rule in reading.to("under")}

    def suppose(self, present: Iterable[str], strong: Iterable[str] = ()) -> SupposedSigns:
        """The signs, the standing contexts, and the groups and scales they lead to. Strong signs are present too."""
        strong, present = frozenset(strong), frozenset((*present, *strong, *self.standing))
        if (present, strong) not in self._supposed:
            self._supposed[present, strong] = self._derive(present, strong)
        return self._supposed[present, strong]

    def _derive(self, present: frozenset[str], strong: frozenset[str]) -> SupposedSigns:
        supposed = SupposedSigns(present, strong | self.standing)
        for conditional in (False, True):  # groups and plain readings first: a conditional reading waits for its rule
            up = [self._find_above(signs, conditional, supposed) for signs in (present, strong)]
            supposed = SupposedSigns(supposed.present | up[0], supposed.strong | up[1])
        return supposed

    def _find_above(self, signs: frozenset[str], conditional: bool, supposed: SupposedSigns) -> set[str]:
        """The groups and scales that the signs lead to, by `conditional` readings (under a rule) or by all others."""
        found = set()
        for above, below in self._below.items():
            for sign in below & signs:
                rule = self._under.get((above, sign))
                if (rule is not None) == conditional and (rule is None or self.holds(self.ontology[rule], supposed)):
                    found.add(above)
        return found

    def list_members(self, sign: str) -> tuple[str, ...]:
        """The signs of a group or a scale; for any other sign itself."""
        return tuple(sorted(self._below.get(sign, ()))) or (sign,)

    def meets(self, condition: Individual, supposed: SupposedSigns) -> bool:
        """Whether any sign of the condition is assumed at its level."""
        there = supposed.strong if condition.properties["level"] == "strong" else supposed.present
        return any(sign in there for sign in condition.to("on"))

    def holds(self, rule: Individual, supposed: SupposedSigns) -> bool:
        """Whether every `when` condition is met and no `unless` condition is."""
        when, unless = self._watched.get(rule.id) or self._watch(rule)
        for is_strong, on in when:
            if on.isdisjoint(supposed.strong if is_strong else supposed.present):
                return False
        return not any(on & (supposed.strong if is_strong else supposed.present) for is_strong, on in unless)

    def _watch(self, rule: Individual) -> tuple[Watched, Watched]:
        """(whether it must be strong, any of these signs) of every `when` and of every `unless`."""
        when, unless = (
            [
                (c.properties["level"] == "strong", frozenset(c.to("on")))
                for c in map(self.ontology.__getitem__, rule.to(kind))
            ]
            for kind in ("when", "unless")
        )
        self._watched[rule.id] = when, unless
        return when, unless

    def find_holding(self, supposed: SupposedSigns, goal: str) -> list[Individual]:
        """The rules that hold for the goal and are not overridden by another such rule."""
        held = [r for r in self.rules if self.covers(r, "for", goal) and self.holds(r, supposed)]
        beaten = {target for rule in held for target in rule.to("overrides")}
        return [rule for rule in held if rule.id not in beaten]

    def covers(self, rule: Individual, property_: str, one: str) -> bool:
        """Whether the rule applies to this stage or goal, by name or because it applies to all."""
        return any(target == one or self._is_bare(target) for target in rule.to(property_))

    def share(self, first: Individual, second: Individual, property_: str) -> bool:
        """Whether two rules have a stage, or a goal, in common."""
        a, b = first.to(property_), second.to(property_)
        return bool({*a} & {*b}) or any(map(self._is_bare, (*a, *b)))

    def _is_bare(self, scope: str) -> bool:
        """Whether a scope means all (every-stage, any-goal): it has the scope class alone."""
        return len(self.ontology[scope].classes) == 1

    def list_ways(self, rule: Individual) -> Sequence[tuple[frozenset[str], frozenset[str]]]:
        """(present, strong) sets of signs, one sign for every `when`, that meet the rule's conditions."""
        if rule.id not in self._ways:
            self._ways[rule.id] = tuple(self._find_ways(rule))
        return self._ways[rule.id]

    def _find_ways(self, rule: Individual) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
        choices = []
        for condition in (self.ontology[c] for c in rule.to("when")):
            is_strong = condition.properties["level"] == "strong"
            signs = sorted({member for sign in condition.to("on") for member in self.list_members(sign)})
            choices.append([(sign, is_strong) for sign in signs])
        for way in islice(product(*choices), MOST_WAYS):
            yield frozenset(s for s, _ in way), frozenset(s for s, is_strong in way if is_strong)

    def can_meet(self, first: Individual, second: Individual) -> bool:
        """Whether both rules hold for some signs, at one stage and for one goal."""
        pair = (first.id, second.id)
        if pair not in self._meeting:
            self._meeting[pair] = self._find_meeting(first, second)
        return self._meeting[pair]

    def _find_meeting(self, first: Individual, second: Individual) -> bool:
        if not (self.share(first, second, "at") and self.share(first, second, "for")):
            return False
        for one, other in product(self.list_ways(first), self.list_ways(second)):
            supposed = self.suppose(one[0] | other[0], one[1] | other[1])
            if self.holds(first, supposed) and self.holds(second, supposed):
                return True
        return False

    def list_effects(self, rule: Individual, kind: str) -> list[Individual]:
        """The rule's effects of one kind."""
        return [e for e in (self.ontology[i] for i in rule.to("does")) if kind in e.classes]
