"""Two journeys side by side: which tracks differ, and what made them differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from engine.answers import Journey
from engine.explaining.words import Words
from engine.journey import Step


@dataclass(frozen=True, slots=True)
class Pair:
    """What stands at one position of both."""

    position: int
    here: str | None
    """Title; None past the end of a journey."""
    there: str | None
    is_same: bool
    rules: tuple[str, ...]
    """Labels of the rules that shaped one of the two steps alone."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """This journey against another one."""

    id: str
    """Of the other one."""
    steps: tuple[Pair, ...]
    changed: tuple[str, ...]
    """What differs and which rule did it, in sentences."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def compare_journeys(words: Words, here: Journey, there: Journey) -> Comparison:
    """A journey against another one, position by position."""
    one, other = ({step.position: step for step in journey.steps} for journey in (here, there))
    pairs = [_make_pair(words, place, one.get(place), other.get(place)) for place in sorted({*one, *other})]
    return Comparison(there.id, tuple(pairs), tuple(_describe_differences(words, here, there, pairs)))


def _make_pair(words: Words, position: int, here: Step | None, there: Step | None) -> Pair:
    is_same = here is not None and there is not None and here.track_id == there.track_id
    rules = set(here.rule_ids if here else ()) ^ set(there.rule_ids if there else ())
    known = bool(here and here.rule_ids and there and there.rule_ids) and not is_same
    labels = tuple(words.name("rules", rule) for rule in sorted(rules)) if known else ()
    return Pair(position, here.title if here else None, there.title if there else None, is_same, labels)


def _describe_differences(words: Words, here: Journey, there: Journey, pairs: list[Pair]) -> Iterator[str]:
    changed = sum(not pair.is_same for pair in pairs)
    yield words.say("compare-tracks", changed=changed, tracks=len(pairs)) if changed else words.say("compare-same")
    if here.goal != there.goal:
        goals = {name: words.name("goals", one.goal) for name, one in (("here", here), ("there", there))}
        yield words.say("compare-goal", **goals)
    if here.seed != there.seed:
        yield words.say("compare-seed", here=here.seed, there=there.seed)
    minutes = [round(sum(step.seconds for step in one.steps) / 60) for one in (here, there)]
    if minutes[0] != minutes[1]:
        yield words.say("compare-length", here=minutes[0], there=minutes[1])
    if here.provenance.version != there.provenance.version:
        yield words.say("compare-version")
    shaped = [{rule for step in one.steps for rule in step.rule_ids} for one in (here, there)]
    if not all(shaped):
        yield words.say("compare-no-rules")
        return
    for pattern, rules in (("compare-came", shaped[0] - shaped[1]), ("compare-went", shaped[1] - shaped[0])):
        if rules:
            yield words.say(pattern, rules=words.join([words.name("rules", rule) for rule in sorted(rules)], "items"))
    if shaped[0] == shaped[1]:
        yield words.say("compare-same-rules")
