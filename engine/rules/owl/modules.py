"""The modules of the ontology: its files and their imports."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from rdflib import OWL, RDF, SKOS, Graph, URIRef

from engine.errors import OntologyError
from engine.rules.owl.names import MODULES, ROOT_MODULE, get_module_name, is_ours
from engine.rules.owl.parsing import parse_bytes, read_bytes

MATCHES = frozenset((SKOS.broadMatch, SKOS.closeMatch, SKOS.exactMatch, SKOS.narrowMatch, SKOS.relatedMatch))
"""Annotations that say what something is called in another vocabulary: a file of alignments holds nothing else."""
Fault = tuple[str, str, str]
"""Place, fault, repair."""


@dataclass(frozen=True, slots=True)
class Module:
    """One parsed file."""

    name: str
    """Its place below the folder, without `.owl`: `cues`, `rules/sadness`."""
    place: str
    """Name of the file in errors: `ontology/rules/fear.owl`."""
    graph: Graph
    imports: tuple[str, ...]
    version_info: str
    """owl:versionInfo, empty where the module states none."""

    def list_individuals(self) -> list[URIRef]:
        """Named subjects that are declared as individuals, or have a class of ours; sorted."""
        found = set(self.graph.subjects(RDF.type, OWL.NamedIndividual))
        found |= {s for s, kind in self.graph.subject_objects(RDF.type) if is_ours(kind)}
        return sorted(s for s in found if isinstance(s, URIRef))

    def describes(self, individual: URIRef) -> bool:
        """Whether it says anything of the individual but what it is called elsewhere.

        Other tools declare the individuals of other files where they name them.
        """
        said = self.graph.predicate_objects(individual)
        return any(p not in MATCHES and o not in (OWL.NamedIndividual, OWL.Thing) for p, o in said)


@dataclass(frozen=True, slots=True)
class Modules:
    """All modules of a folder, and the faults of files and imports."""

    modules: tuple[Module, ...]
    sha256: str
    """Over names and bytes of the files, in the order of their names."""
    faults: tuple[Fault, ...]

    @classmethod
    def read(cls, folder: Path) -> Modules:
        """Parses the `.owl` files below the folder, checks the imports; raises only when there is no root module."""
        root = folder / f"{ROOT_MODULE}.owl"
        if not root.is_file():
            raise OntologyError(
                f"{folder.name}/{root.name}",
                "the root module is not there",
                "Put it back: it names the modules that count",
            )
        digest = hashlib.sha256()
        modules: dict[str, Module] = {}
        faults: list[Fault] = []
        names = [path.relative_to(folder).as_posix() for path in list_files(folder)]
        for name in names:
            place = f"{folder.name}/{name}"
            try:
                content = read_bytes(folder / name, place)
                digest.update(f"{name}\0{len(content)}\0".encode() + content)
                module = _read_module(name.removesuffix(".owl"), place, parse_bytes(content, place), faults)
            except OntologyError as error:
                faults.extend((one.place, one.fault, one.repair) for one in (error, *error.others))
            else:
                modules[module.name] = module
        present = {name.removesuffix(".owl") for name in names}
        faults += [
            *_find_missing(modules, present),
            *_find_cycles(modules),
            *_find_orphans(modules, folder.name, present),
        ]
        return cls(tuple(modules.values()), digest.hexdigest(), tuple(faults))


def list_files(folder: Path) -> list[Path]:
    """The modules of a folder and of the folders in it, sorted; hidden ones left out."""
    found = (
        path for path in folder.rglob("*.owl") if not any(p.startswith(".") for p in path.relative_to(folder).parts)
    )
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def _read_module(name: str, place: str, graph: Graph, faults: list[Fault]) -> Module:
    headers = sorted(str(s) for s in graph.subjects(RDF.type, OWL.Ontology))
    if headers != [MODULES + name]:
        stated = " and ".join(f"'{h}'" for h in headers) or "nothing"
        faults.append(
            (place, f"it says that it is {stated}", f"Give it the ontology IRI {MODULES}{name}, or the file its name")
        )
    imports = []
    for header in headers:
        for target in sorted(graph.objects(URIRef(header), OWL.imports), key=str):
            if str(target).startswith(MODULES):
                imports.append(get_module_name(target))
            else:
                faults.append((place, f"it imports '{target}'", f"Import modules of this folder only ({MODULES}…)"))
    version = next((str(v) for h in headers for v in graph.objects(URIRef(h), OWL.versionInfo)), "")
    if name == ROOT_MODULE and not version:
        faults.append((place, "it states no owl:versionInfo", "State one: every journey keeps it"))
    return Module(name, place, graph, tuple(imports), version)


def _find_missing(modules: Mapping[str, Module], present: set[str]) -> list[Fault]:
    return [
        (
            module.place,
            f"it imports '{name}', and there is no {name}.owl",
            suggest_name(name, present) or "Put the file back, or drop the import",
        )
        for module in modules.values()
        for name in module.imports
        if name not in present
    ]


def _find_cycles(modules: Mapping[str, Module]) -> list[Fault]:
    """A fault for each import cycle, which begins at its alphabetically first name."""
    circles: set[tuple[str, ...]] = set()

    def walk(trail: tuple[str, ...]) -> None:
        for name in modules[trail[-1]].imports:
            if name in trail:
                circle = trail[trail.index(name) :]
                turn = circle.index(min(circle))
                circles.add(circle[turn:] + circle[:turn])
            elif name in modules and name not in done:
                walk((*trail, name))
        done.add(trail[-1])

    done: set[str] = set()
    for name in sorted(modules):
        if name not in done:
            walk((name,))
    return [
        (modules[c[0]].place, f"its imports run in a circle: {' -> '.join((*c, c[0]))}", "Drop one of these imports")
        for c in sorted(circles)
    ]


def _find_orphans(modules: Mapping[str, Module], folder: str, present: set[str]) -> list[Fault]:
    if ROOT_MODULE not in modules:
        return []
    reached, ahead = {ROOT_MODULE}, [ROOT_MODULE]
    while ahead:
        new = [n for n in modules[ahead.pop()].imports if n in modules and n not in reached]
        reached.update(new)
        ahead.extend(new)
    return [
        (
            f"{folder}/{name}.owl",
            "no module imports it, so Protégé would not show it",
            f"Import it in {ROOT_MODULE}.owl, or move it away",
        )
        for name in sorted(present & set(modules) - reached)
    ]


def suggest_name(name: str, known: Iterable[str]) -> str:
    """`Did you mean 'peacefulness'?`, or an empty text when no name is similar."""
    near = get_close_matches(name, sorted(known), 1, 0.75)
    return f"Did you mean '{near[0]}'?" if near else ""
