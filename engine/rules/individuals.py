"""An individual of the ontology, as the rest of the engine uses it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | datetime


@dataclass(frozen=True, slots=True)
class Individual:
    """An individual of the ontology, with all its stated facts."""

    id: str
    classes: tuple[str, ...]
    """Its classes and all their named ancestors, most specific first. Never empty."""
    properties: Mapping[str, Scalar | list[Scalar]]
    """Name -> value, label, label_zh, definition and comment included; a list where a property is not functional."""
    links: tuple[tuple[str, str], ...]
    """(object property, id of the target), sorted."""
    file: str
    """The file that defines it: `ontology/rules/fear.owl`."""

    @property
    def place(self) -> str:
        """Its name in errors: file, class and id."""
        return f"{self.file}: {self.classes[0]} '{self.id}'"

    def to(self, property_: str) -> tuple[str, ...]:
        """Ids of the property's targets, sorted."""
        return tuple(target for name, target in self.links if name == property_)

    def number(self, property_: str) -> float | None:
        """A number, or None where none is stated."""
        value = self.properties.get(property_)
        return float(value) if isinstance(value, int | float) else None

    def text(self, property_: str) -> str:
        """A string, empty where none is stated."""
        value = self.properties.get(property_)
        return value if isinstance(value, str) else ""
