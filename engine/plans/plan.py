"""A listener's plan as its author writes it: a TOML file, read strictly, every fault at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from engine.errors import OntologyError, UsageError
from engine.journey import SOUND, find_text_faults

PLACE: Final = "plan.toml"
CARER: Final = "carer-here"
"""Id of the context that a carer is there."""
_MOST: Final = 200
"""Entries of a list at most."""
_LONGEST: Final = 200
"""Characters of an entry at most."""

Fault = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Limit:
    """No track outside it; None leaves a side open. In the unit of its cue."""

    cue: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What counts in every journey of one listener."""

    by: str
    """Who answers for it."""
    why: str
    on: date
    contexts: tuple[str, ...] = ()
    """Diagnoses and contraindications, as ids of contexts."""
    carer: bool = False
    """Whether somebody who knows the listener is there whenever it is followed."""
    like: str | None = field(default=None, repr=False)
    titles: tuple[str, ...] = ()
    """Whole titles of tracks that are left out."""
    words: tuple[str, ...] = ()
    """Words that no title may have."""
    composers: tuple[str, ...] = ()
    """Names, or parts of names, of whose music is left out."""
    traits: tuple[str, ...] = ()
    """Ids of traits that no track may have."""
    limits: tuple[Limit, ...] = ()

    @property
    def all_contexts(self) -> tuple[str, ...]:
        return (*self.contexts, *((CARER,) if self.carer else ()))

    @property
    def leaves_out(self) -> bool:
        """Whether tracks are left out by their titles or composers."""
        return bool(self.titles or self.words or self.composers)

    @property
    def has_numbers(self) -> bool:
        """Whether it says what only a rule can: limits, and traits that are barred."""
        return bool(self.limits or self.traits)


def read_plan(content: bytes) -> Plan:
    """The plan in a file; OntologyError with every fault, each with its place and its repair."""
    try:
        given = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        where = re.search(r"line \d+", str(exc))
        place = f"{PLACE}, {where[0]}" if where else PLACE
        repair = "Mend that line: texts stand in quotes, lists in [ ]"
        raise OntologyError(place, "is no TOML in UTF-8", repair) from None
    reader = _Reader()
    plan = reader.read(given)
    if reader.faults:
        raise OntologyError.of(reader.faults)
    return plan


class _Reader:
    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def read(self, given: Mapping[str, Any]) -> Plan:
        known = {"by", "why", "on", "contexts", "carer", "like", "without", "limits"}
        self._refuse_unknown("", given, known)
        without = self._read_table(given, "without")
        self._refuse_unknown("without.", without, {"titles", "words", "composers", "traits"})
        lists = {
            name: self._read_list(table, place, name)
            for table, place, names in (
                (given, "", ("contexts",)),
                (without, "without.", ("titles", "words", "composers", "traits")),
            )
            for name in names
        }
        carer = given.get("carer", False)
        if not isinstance(carer, bool):
            self._report("carer", "is neither true nor false", "Write carer = true where somebody is always there")
        on = given.get("on")
        if not isinstance(on, date):
            self._report("on", "is no day", "Write the day on which it was agreed: on = 2026-03-01")
        by, why = (self._read_text(given, name) for name in ("by", "why"))
        self._require_answerable(by, why)
        like = self._read_text(given, "like") if "like" in given else None
        self.faults += find_text_faults(f"{PLACE}: like", like, SOUND) if like else ()
        day = on if isinstance(on, date) else date.min
        return Plan(by, why, day, carer=carer is True, like=like or None, limits=self._read_limits(given), **lists)

    def _require_answerable(self, by: str, why: str) -> None:
        from engine.rules.signatures import require_answerable

        try:
            require_answerable(by, why)
        except UsageError as error:
            for one in (error, *error.others):
                self._report(one.place.removeprefix("--"), one.fault, one.repair)

    def _read_limits(self, given: Mapping[str, Any]) -> tuple[Limit, ...]:
        found = []
        for cue, sides in self._read_table(given, "limits").items():
            place, sides_known = f"limits.{cue}", {"low", "high"}
            numbers = [sides.get(side) for side in ("low", "high")] if isinstance(sides, dict) else []
            sound = [n is None or (isinstance(n, int | float) and not isinstance(n, bool)) for n in numbers]
            low, high = numbers if numbers and all(sound) else (None, None)
            if (low is None and high is None) or not set(sides) <= sides_known:
                self._report(place, "is no limit", f"Write {cue} = {{low = 50, high = 100}}, or one of the two")
            elif low is not None and high is not None and low >= high:
                self._report(place, "has its low above its high", "Put them in order")
            else:
                found.append(Limit(cue, low, high))
        return tuple(found)

    def _read_table(self, given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        value = given.get(name, {})
        if isinstance(value, dict):
            return value
        self._report(name, "is no table", f"Write [{name}] in a line of its own, and what belongs to it below")
        return {}

    def _read_list(self, table: Mapping[str, Any], place: str, name: str) -> tuple[str, ...]:
        value = table.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
            self._report(f"{place}{name}", "is no list of texts", f'Write {name} = ["one", "another"]')
            return ()
        if len(value) > _MOST or any(len(one) > _LONGEST for one in value):
            self._report(f"{place}{name}", "is too long", f"Give {_MOST} entries of {_LONGEST} characters at most")
            return ()
        return tuple(one.strip() for one in value)

    def _read_text(self, given: Mapping[str, Any], name: str) -> str:
        value = given.get(name, "")
        if isinstance(value, str):
            return value.strip()
        self._report(name, "is no text", f'Write {name} = "…"')
        return ""

    def _refuse_unknown(self, place: str, table: Mapping[str, Any], known: set[str]) -> None:
        for name in sorted(table.keys() - known):
            self._report(f"{place}{name}", "is not known here", f"Use one of: {', '.join(sorted(known))}")

    def _report(self, name: str, fault: str, repair: str) -> None:
        self.faults.append((f"{PLACE}: {name}", fault, repair))


def find_unknown_contexts(plan: Plan, known: Iterable[str]) -> list[Fault]:
    """Contexts that the ontology lacks, of those that it knows."""
    from difflib import get_close_matches

    there, faults = sorted(known), []
    for id_ in (one for one in plan.contexts if one not in there):
        near = get_close_matches(id_, there, 1, 0.6)
        repair = f"Did you mean '{near[0]}'?" if near else f"Choose from: {', '.join(there)}"
        faults.append((f"{PLACE}: contexts", f"'{id_}' is none of the contexts", repair))
    return faults
