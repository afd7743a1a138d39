"""Which journeys a draft would change, and which rule does it.

A reading is planned again only where what the rules come to is settled otherwise: that depends on the rules in force,
on what belongs to them, and on what belongs to none (scales, readings of emotions, policies, settings).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol

from engine.answers import Journey, Question, Withheld
from engine.authoring.scenario import Given
from engine.authoring.trial import Observed, Trial
from engine.reasoning.facts import Case

if TYPE_CHECKING:
    from engine.rules import Ontology

BELONGS: Final = ("when", "unless", "does", "claims", "describedBy")
SAYS: Final = ("of", "offers")
"""From effects to what they say, and to the choices of a question."""
OWN: Final = frozenset({"Condition", "Effect", "Claim", "Descriptor", "Question", "Notice", "Choice"})
"""Classes of what belongs to rules."""
SILENT: Final = frozenset({"Phrase", "WordList", "SupportLine", "SupportMessage", "Evidence", "Superfactor"})
"""Classes that change nothing once a text was read; the gate's own are not tried here."""

GLOBAL_CLASSES: Final = frozenset({"Setting", "Goal", "Stage", "Cue", "CueWeight"})
"""Classes that search and order look at themselves: no settled effect shows what they change."""

Held = tuple[tuple[str, tuple[str, ...], str | None], ...]
"""Rules that hold, first in effect first: id, signs that it holds for, and what overrides it."""


class Supposed(Protocol):
    """What is replayed: a reading that ships, one that somebody asked to keep, or a scenario."""

    @property
    def title(self) -> str:
        """What a reader of the report knows it by."""
        ...

    @property
    def given(self) -> Given: ...


@dataclass(frozen=True, slots=True)
class Difference:
    """One reading whose answer a draft changes."""

    reading: Supposed
    before: Observed
    after: Observed
    rules: tuple[str, ...]
    """Rules that did it: in force on one side only, or in force and edited. None where something else did."""


@dataclass(frozen=True)
class WhatIf:
    """What serves beside a draft."""

    before: Trial
    after: Trial
    served: Ontology
    draft: Ontology
    changed: frozenset[str]
    """Ids of individuals that differ."""
    _held: dict[Hashable, tuple[Held, Held]] = field(default_factory=dict, repr=False)
    """Rules that hold before and after, of readings that no threshold tells apart."""

    @cached_property
    def edited(self) -> frozenset[str]:
        """Rules that are edited, or something that belongs to them is."""
        return frozenset(
            rule.id
            for o in (self.served, self.draft)
            for rule in o.of("Rule")
            if collect_parts(o, rule.id) & self.changed
        )

    @cached_property
    def shared(self) -> frozenset[str]:
        """Classes of what is edited and belongs to no rule: it may change any journey."""
        owned = {part for o in (self.served, self.draft) for rule in o.of("Rule") for part in collect_parts(o, rule.id)}
        rest = (self.draft.by_id.get(id_) or self.served[id_] for id_ in self.changed - owned)
        return frozenset(name for one in rest for name in one.classes if not SILENT & {*one.classes})

    def may_differ(self, reading: Supposed) -> bool:
        """Whether what the rules come to may be settled otherwise; where not, it is the same."""
        if _needs_planning(reading.given):
            return True
        before, after = self.find_held_rules(reading.given)
        return before != after or bool(self.shared) or any(rule in self.edited for rule, _, _ in after)

    def find_difference(self, reading: Supposed) -> Difference | None:
        """How the answer differs; None where it does not. Planned on both sides only where it is settled otherwise."""
        if not self.may_differ(reading):
            return None
        given = reading.given
        if not _needs_planning(given) and not GLOBAL_CLASSES & self.shared and self._settles_alike(given):
            return None
        before, after = self.before.observe(given), self.after.observe(given)
        if summarise_answer(before) == summarise_answer(after):
            return None
        ruled = [{rule.id for rule in one.case.in_force} if one.case else set() for one in (before, after)]
        return Difference(reading, before, after, tuple(sorted((ruled[0] ^ ruled[1]) | (ruled[1] & self.edited))))

    def iterate_differences(self, readings: Iterable[Supposed]) -> Iterator[tuple[Supposed, Difference | None]]:
        """Each reading with how its answer differs, as soon as that is known."""
        for reading in readings:
            yield reading, self.find_difference(reading)

    @cached_property
    def _thresholds(self) -> tuple[float, ...]:
        """Scores that conditions name themselves, on either side, and what counts where nothing is named."""
        conditions = [one for o in (self.served, self.draft) for one in o.of("Condition")]
        named = (one.number(name) for one in conditions for name in ("at_least", "at_most"))
        return (0.5, *(score for score in named if score is not None))

    def find_held_rules(self, given: Given) -> tuple[Held, Held]:
        """The rules that hold before and after; asked once for all readings that no threshold tells apart."""
        key = given.goal, *(self._sort_scores(trial, given) for trial in (self.before, self.after))
        if key not in self._held:
            self._held[key] = find_held(self.before, given), find_held(self.after, given)
        return self._held[key]

    def _sort_scores(self, trial: Trial, given: Given) -> frozenset[tuple[str, int, int]]:
        """Between which thresholds each score lies, or on which."""
        signs = trial.collect_signs(given)
        found = set()
        for sign, score in signs.scores.items():
            cuts = sorted({*signs.levels.get(sign, {}).values(), *self._thresholds})
            found.add((sign, bisect_left(cuts, score), bisect_right(cuts, score)))
        return frozenset(found)

    def _settles_alike(self, given: Given) -> bool:
        one, other = self.before.build_case(given), self.after.build_case(given)
        return settle_effects(self.before, one) == settle_effects(self.after, other) and not self._differs_in_words(
            one, other
        )

    def _differs_in_words(self, one: Case, other: Case) -> bool:
        """Whether rules withhold, ask or tell otherwise: by which rules are in force, or by their words."""
        ids = [[rule.id for rule in case.in_force] for case in (one, other)]
        return ids[0] != ids[1] or any(rule in self.edited for rule in ids[1])


def collect_parts(ontology: Ontology, rule: str) -> frozenset[str]:
    """A rule and what belongs to it: conditions, effects with what they say, claims, words."""
    found: set[str] = {rule}
    ahead: list[tuple[str, tuple[str, ...]]] = [(rule, BELONGS)]
    while ahead:
        id_, links = ahead.pop()
        new = {t for name, t in ontology[id_].links if name in links and OWN & {*ontology[t].classes}} - found
        found |= new
        ahead += [(one, SAYS) for one in new]
    return frozenset(found)


def find_held(trial: Trial, given: Given) -> Held:
    """The rules that hold for what is supposed."""
    return trial.knowledge.find_held(trial.collect_signs(given), given.goal)


def _needs_planning(given: Given) -> bool:
    """Whether only planning tells what holds: words are read, and answers declare, only then."""
    return given.text is not None or given.answer is not None


def settle_effects(trial: Trial, case: Case) -> tuple[object, ...]:
    """What the rules in force come to, as one value, without which rule each row comes from."""
    found = trial.knowledge.settle_effects(case, case.in_force)
    rows = (found.effects, found.depths, found.profile, found.words, found.ends)
    return tuple(tuple({k: v for k, v in row.items() if k != "rule_ids"} for row in part) for part in rows)


def summarise_answer(observed: Observed) -> tuple[object, ...]:
    """What a person would notice of an answer."""
    match observed.answer:
        case Journey(stages=stages, notices=notices):
            return "journey", tuple((stage, s.track_id) for stage, steps in stages for s in steps), notices
        case Question(question=question):
            return "question", question
        case Withheld(message=message, rule_ids=rules):
            return "withheld", message, rules
    return (observed.outcome,)
