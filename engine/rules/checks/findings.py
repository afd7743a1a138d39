"""The result of a check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """An error, or a notice for a human to look at."""

    level: Literal["error", "notice"]
    """An error keeps the ontology from being loaded; a notice does not."""
    check: str
    """Name of the check that found it."""
    place: str
    """File and individual: `ontology/rules.owl: Rule 'fear-pace-only'`."""
    fault: str
    repair: str

    def __str__(self) -> str:
        return f"{self.level}: {self.place}: {self.fault}. {self.repair}."
