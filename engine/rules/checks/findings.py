"""The result of a check."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from engine.rules.individuals import Individual


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """An error, or a notice for a human to look at."""

    level: Literal["error", "notice"]
    """An error keeps the ontology from being loaded; a notice does not."""
    check: str
    """Name of the check that found it."""
    place: str
    """File and individual: `ontology/rules/fear.owl: Rule 'fear-pace-only'`."""
    fault: str
    repair: str

    @property
    def file(self) -> str:
        """The file that it is about: `ontology/rules/fear.owl`; empty where it is about no single one."""
        first = self.place.partition(": ")[0]
        return first if first.partition(":")[0].endswith((".owl", ".xml")) else ""

    @property
    def individual(self) -> str:
        """Id of the individual, class or property that it is about; empty where it is about a file."""
        named = re.search(r"'([^']+)'$", self.place)
        return named[1] if named else ""

    def __str__(self) -> str:
        return f"{self.level}: {self.place}: {self.fault}. {self.repair}."


def make_error(check: str, individual: Individual, fault: str, repair: str) -> Finding:
    """An error of an individual."""
    return Finding("error", check, individual.place, fault, repair)
