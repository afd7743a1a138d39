"""A thing of the ontology, as the rest of the engine sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | datetime


@dataclass(frozen=True, slots=True)
class Individual:
    """A thing of the ontology, with all that is stated of it."""

    id: str
    classes: tuple[str, ...]
    """Its classes and all their named ancestors, most specific first. Never empty."""
    properties: Mapping[str, Scalar | list[Scalar]]
    """By name, label, label_zh, definition and comment among them; a list where a property is not functional."""
    links: tuple[tuple[str, str], ...]
    """(object property, id of what it points to), sorted."""
    file: str
    """Where it stands: `ontology/rules.owl`."""

    @property
    def place(self) -> str:
        """How an error names it."""
        return f"{self.file}: {self.classes[0]} '{self.id}'"

    def to(self, property_: str) -> tuple[str, ...]:
        """Ids of what the property points to, sorted."""
        return tuple(target for name, target in self.links if name == property_)

    def number(self, property_: str) -> float | None:
        """A number, or None where none is stated."""
        value = self.properties.get(property_)
        return float(value) if isinstance(value, int | float) else None

    def text(self, property_: str) -> str:
        """A string, empty where none is stated."""
        value = self.properties.get(property_)
        return value if isinstance(value, str) else ""
