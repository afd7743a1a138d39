"""Evaluates which rules hold for assumed signs, for the checks; independent of the graph's evaluation.

A second implementation on purpose. The graph decides journeys; this one finds, before anything is loaded, which rules
hold for every feeling alone, and which two of them can hold together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise, product
from typing import TypeAlias

from engine.rules.individuals import Individual
from engine.rules.ontology import Ontology

MOST_WAYS = 400
"""Combinations of signs for which a rule holds that are tried at most; a rule has a handful."""
SURELY_PRESENT = 0.5
"""A score from which an emotion is present, whatever the thresholds of its model: that of an emotion without one."""
Numbers: TypeAlias = "tuple[float | None, float]"
"""The lowest score, None for the threshold of the level, and the highest."""
Watched: TypeAlias = "tuple[bool, frozenset[str], Numbers | None]"
"""Of a condition, whether it must be strong, the signs of which any one is enough, and its numbers if it has any."""


def name_range(sign: str, low: float, high: float) -> str:
    """What stands among assumed signs for a score of the sign from `low` to `high`."""
    return f"{sign} from {low:g} to {high:g}"


def name_signs(signs: Iterable[str]) -> frozenset[str]:
    """The assumed signs, with those of which only a range of scores is assumed."""
    return frozenset(sign.partition(" from ")[0] for sign in signs)


def read_ranges(signs: Iterable[str]) -> dict[str, tuple[float, float]]:
    """Sign -> the scores that are left to it; the lowest is above the highest where its ranges exclude each other."""
    ranges: dict[str, tuple[float, float]] = {}
    for sign, _, numbers in (sign.partition(" from ") for sign in signs if " " in sign):
        low, high = map(float, numbers.split(" to "))
        least, most = ranges.get(sign, (0.0, 1.0))
        ranges[sign] = max(low, least), min(high, most)
    return ranges


@dataclass(frozen=True, slots=True)
class SupposedSigns:
    """Assumed signs, with the groups and scales that follow from them."""

    present: frozenset[str]
    strong: frozenset[str]
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Sign -> lowest and highest score, where something is assumed of it."""
    is_possible: bool = True
    """Whether no assumptions of scores exclude each other."""


class Rulebook:
    """The published rules of an ontology; evaluates which of them hold."""

    def __init__(self, ontology: Ontology) -> None:
        self.ontology = ontology
        self.rules = tuple(r for r in ontology.of("Rule") if r.properties["status"] == "published")
        self.standing = frozenset(c.id for c in ontology.of("Context") if c.properties["held"])
        self._ways: dict[str, tuple[tuple[frozenset[str], frozenset[str]], ...]] = {}
        self._meeting: dict[tuple[str, str], bool] = {}
        self._supposed: dict[tuple[frozenset[str], frozenset[str]], SupposedSigns] = {}
        self._watched: dict[str, tuple[list[Watched], list[Watched]]] = {}
        self._scored = frozenset(emotion.id for emotion in ontology.of("Emotion"))
        self._below: dict[str, set[str]] = {}
        self._under: dict[tuple[str, str], str] = {}
        for sign in ontology.of("Sign"):
            readings = [ontology[mapping] for mapping in sign.to("readAs")]
            for above in (*sign.to("in"), *(scale for reading in readings for scale in reading.to("to"))):
                self._below.setdefault(above, set()).add(sign.id)
            for reading in readings:
                self._under |= {(scale, sign.id): rule for scale in reading.to("to") for rule in reading.to("under")}

    def suppose(self, present: Iterable[str], strong: Iterable[str] = ()) -> SupposedSigns:
        """The signs, the standing contexts, and the groups and scales they lead to. Strong signs are present too.

        Among the signs may be ranges of their scores (`name_range`).
        """
        strong, present = frozenset(strong), frozenset((*present, *strong, *self.standing))
        if (present, strong) not in self._supposed:
            self._supposed[present, strong] = self._derive(present, strong)
        return self._supposed[present, strong]

    def _derive(self, present: frozenset[str], strong: frozenset[str]) -> SupposedSigns:
        ranges = read_ranges(present)
        present |= {sign for sign, (low, _) in ranges.items() if low >= SURELY_PRESENT}
        is_possible = all(low <= high for low, high in ranges.values())
        supposed = SupposedSigns(present, strong | self.standing, ranges, is_possible)
        for conditional in (False, True):  # groups and plain readings first: a conditional reading waits for its rule
            up = [self._find_above(signs, conditional, supposed) for signs in (present, strong)]
            supposed = replace(supposed, present=supposed.present | up[0], strong=supposed.strong | up[1])
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

    def list_scores(self, sign: str) -> list[frozenset[str]]:
        """The sign with each range of scores between the numbers of conditions on it, lowest first; mostly one of all.

        The conditions are those on the sign itself, or on a group or scale of it.
        """
        numbers = {
            number
            for condition in self.ontology.of("Condition")
            if sign in self._scored and any(sign in (on, *self.list_members(on)) for on in condition.to("on"))
            for name in ("at_least", "at_most")
            if (number := condition.number(name)) is not None
        }
        if not numbers:
            return [frozenset({sign})]
        return [frozenset({sign, name_range(sign, *ends)}) for ends in pairwise(sorted({0.0, *numbers, 1.0}))]

    def meets(self, condition: Individual, supposed: SupposedSigns) -> bool:
        """Whether any sign of the condition is assumed at its level, and surely between its numbers."""
        return self._is_met(self._watch_condition(condition), supposed)

    def holds(self, rule: Individual, supposed: SupposedSigns) -> bool:
        """Whether every `when` condition is met and no `unless` condition is."""
        if not supposed.is_possible:
            return False
        when, unless = self._watched.get(rule.id) or self._watch(rule)
        for one in when:
            if not self._is_met(one, supposed):
                return False
        return not any(self._is_met(one, supposed) for one in unless)

    def _is_met(self, watched: Watched, supposed: SupposedSigns) -> bool:
        is_strong, on, numbers = watched
        there = supposed.strong if is_strong else supposed.present
        if numbers is None:
            return not on.isdisjoint(there)
        least, most = numbers
        for sign, under in ((m, self._under.get((s, m))) for s in on for m in self.list_members(s)):
            low, high = self._find_range(sign, supposed)
            is_between = high <= most and (sign in there if least is None else low >= least)
            if is_between and (under is None or self.holds(self.ontology[under], supposed)):
                return True
        return False

    def _find_range(self, sign: str, supposed: SupposedSigns) -> tuple[float, float]:
        """The lowest and highest score that the sign may have; what is no emotion has 1 where it is there."""
        if sign in self._scored or sign not in supposed.present:
            return supposed.ranges.get(sign, (0.0, 1.0))
        return 1.0, 1.0

    def _watch(self, rule: Individual) -> tuple[list[Watched], list[Watched]]:
        """What every `when` and every `unless` asks for."""
        when, unless = (
            [self._watch_condition(self.ontology[condition]) for condition in rule.to(kind)]
            for kind in ("when", "unless")
        )
        self._watched[rule.id] = when, unless
        return when, unless

    def _watch_condition(self, condition: Individual) -> Watched:
        least, most = condition.number("at_least"), condition.number("at_most")
        numbers = None if least is None and most is None else (least, 1.0 if most is None else most)
        return condition.properties["level"] == "strong", frozenset(condition.to("on")), numbers

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
        choices = [self.list_ways_to_meet(self.ontology[condition]) for condition in rule.to("when")]
        for way in islice(product(*choices), MOST_WAYS):
            yield frozenset[str]().union(*(p for p, _ in way)), frozenset[str]().union(*(s for _, s in way))

    def list_ways_to_meet(self, condition: Individual) -> list[tuple[frozenset[str], frozenset[str]]]:
        """(present, strong) sets that meet the condition: of one sign each, and of a range of its scores."""
        is_strong, on, numbers = self._watch_condition(condition)
        signs = sorted({member for sign in on for member in self.list_members(sign)})
        if numbers is None:
            return [(frozenset({sign}), frozenset({sign} if is_strong else ())) for sign in signs]
        least, most = numbers
        low = 0.0 if least is None else least
        found: list[tuple[frozenset[str], frozenset[str]]] = []
        for sign in signs:
            if sign not in self._scored:
                found += [(frozenset({sign}), frozenset({sign} if is_strong else ()))] if most >= 1.0 else []
            elif low <= most:
                leveled = frozenset({sign} if least is None else ())
                found.append((leveled | {name_range(sign, low, most)}, leveled if is_strong else frozenset()))
        return found

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
