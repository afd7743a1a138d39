"""The ontology as one value, read from its folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from rdflib import Graph, Literal

from engine.errors import OntologyError
from engine.rules.individuals import Individual, Scalar
from engine.rules.owl.demands import find_unmet
from engine.rules.owl.modules import Modules
from engine.rules.owl.names import ROOT_MODULE
from engine.rules.owl.schema import Lineages, OwlClass, OwlProperty, Schema
from engine.rules.owl.statements import Statements


@dataclass(frozen=True, slots=True)
class Ontology:
    """The whole ontology: classes, properties, individuals."""

    directory: Path
    individuals: tuple[Individual, ...]
    """Sorted by id."""
    schema: Schema
    version_info: str
    sha256: str
    """Over names and bytes of all modules."""
    by_id: Mapping[str, Individual]

    @classmethod
    def read(cls, directory: Path) -> Ontology:
        """Reads every module of the folder; OntologyError with all faults at once.

        Missing files, invalid XML and import cycles are reported first: links cannot be checked before they are fixed.
        """
        return cls.of_modules(Modules.read(directory), directory)

    @classmethod
    def of_modules(cls, modules: Modules, directory: Path) -> Ontology:
        """As `read`, for modules that were read from the folder."""
        if modules.faults:
            raise OntologyError.of(modules.faults)
        words = Graph()
        for module in modules.modules:
            individuals_of_module = set(module.list_individuals())
            for s, p, o in module.graph:
                if s not in individuals_of_module:
                    words.add((s, p, o))
        schema = Schema.from_graph(words, f"{directory.name}/schema.owl")
        statements = Statements(modules.modules, schema)
        if faults := [*statements.faults, *find_unmet(statements)]:
            raise OntologyError.of(sorted(set(faults)))
        individuals = tuple(_make_individual(id_, statements) for id_ in sorted(statements.file))
        version = next(m.version_info for m in modules.modules if m.name == ROOT_MODULE)
        return cls(directory, individuals, schema, version, modules.sha256, {i.id: i for i in individuals})

    def __getitem__(self, id_: str) -> Individual:
        return self.by_id[id_]

    def of(self, kind: str) -> tuple[Individual, ...]:
        """All individuals of a class and its subclasses, sorted by id."""
        return tuple(i for i in self.individuals if kind in i.classes)

    def list_fitting(self, property_: str, kind: str = "") -> tuple[str, ...]:
        """Ids of what an object property may point to, from individuals of a class where one is named; sorted."""
        wanted = [self.object_properties[property_].range]
        if kind:
            wanted += self.schema.list_ranges(kind, property_)
        known = Lineages({i.id: i.classes for i in self.individuals})
        return tuple(i.id for i in self.individuals if all(one is None or one.holds(i.id, known) for one in wanted))

    @property
    def classes(self) -> Mapping[str, OwlClass]:
        """Every class by name."""
        return self.schema.classes

    @property
    def object_properties(self) -> Mapping[str, OwlProperty]:
        """Every object property by name."""
        return self.schema.object_properties

    @property
    def data_properties(self) -> Mapping[str, OwlProperty]:
        """Every data property by name."""
        return self.schema.data_properties


def _make_individual(id_: str, statements: Statements) -> Individual:
    properties: dict[str, Scalar | list[Scalar]] = dict(statements.notes[id_])
    links: list[tuple[str, str]] = []
    for name, terms in statements.facts[id_].items():
        data = statements.schema.data_properties.get(name)
        if data is None:
            links += [(name, str(term)) for term in terms]
        else:
            values = [_to_scalar(term) for term in terms if isinstance(term, Literal)]
            is_single = any(statements.schema.is_single(kind, name) for kind in statements.kinds[id_])
            properties[name] = values[0] if is_single else values
    return Individual(id_, statements.kinds[id_], properties, tuple(sorted(links)), statements.file[id_])


def _to_scalar(literal: Literal) -> Scalar:
    value = literal.value
    match value:
        case bool() | int() | str():
            return value
        case Decimal() | float():
            return float(value)
        case datetime():
            return value if value.tzinfo else value.replace(tzinfo=UTC)
    return str(literal)
