"""Collects the statements of all modules about individuals, by id and property, and the faults in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from rdflib import DC, DCTERMS, OWL, RDF, RDFS, SKOS, BNode, Literal, URIRef
from rdflib.term import Node

from encoders.languages import LANGUAGES, name_property
from engine.rules.owl.expressions import Term
from engine.rules.owl.modules import Fault, Module, suggest_name
from engine.rules.owl.names import BASE, ID, get_local_name, is_ours
from engine.rules.owl.schema import Schema

TEXT = URIRef(f"{BASE}text")
"""What is said to people carries a language and is a note; a pattern or a descriptor carries none and is a fact."""
NOTES = {
    **{(RDFS.label, language): name_property("label", language) for language in LANGUAGES},
    **{(SKOS.definition, language): name_property("definition", language) for language in LANGUAGES},
    (RDFS.comment, "en"): "comment",
    **{(TEXT, language): name_property("text", language) for language in LANGUAGES},
}
WRITTEN = {RDFS.label, SKOS.definition, TEXT}
SPARE_NAMESPACES = (str(RDFS), str(SKOS), str(DC), str(DCTERMS))
"""Annotations from these namespaces are allowed and ignored: they are for readers of the file."""
DECLARED_KINDS = {OWL.NamedIndividual, OWL.Thing}


TAGGED = {name: note for note, name in NOTES.items()}
"""Name of a note -> its predicate and its language."""


def find_tag(name: str, speaks: bool) -> tuple[URIRef, str] | None:
    """Predicate and language of a property that is a note of such an individual; None for any other property.

    `text` is a note only of what is said to people (`speaks`).
    """
    tag = TAGGED.get(name)
    return None if tag is None or (tag[0] == TEXT and not speaks) else tag


class Statements:
    """All stated facts; the class expressions of the schema are evaluated on them."""

    def __init__(self, modules: Sequence[Module], schema: Schema) -> None:
        self.schema = schema
        self.faults: list[Fault] = []
        self.file: dict[str, str] = {}
        self.kinds: dict[str, tuple[str, ...]] = {}
        self.facts: dict[str, dict[str, list[Term]]] = {}
        self.notes: dict[str, dict[str, str]] = {}
        self._pointing: dict[tuple[str, str], list[Term]] = defaultdict(list)
        named = {module.place: module.list_individuals() for module in modules}
        described = {s for module in modules for s in named[module.place] if module.describes(s)}
        for module in modules:
            subjects = named[module.place]
            for subject in subjects:
                if subject in described and not module.describes(subject):
                    continue  # declared where it is named, described elsewhere
                if self._declare(module, subject):
                    self._gather(module, subject)
            self._report_strays(module, set(subjects))

    def get_values(self, subject: str, property_: str, inverse: bool) -> Sequence[Term]:
        """The values of the property, or, with `inverse`, the individuals that point here by it."""
        return self._pointing.get((subject, property_), ()) if inverse else self.facts[subject].get(property_, ())

    def is_a(self, subject: str, kind: str) -> bool:
        """Whether the individual belongs to the class, by statement or by subclass."""
        return kind in self.kinds.get(subject, ())

    def describe_place(self, subject: str) -> str:
        """The individual's name in errors: file, class and id."""
        return f"{self.file[subject]}: {next(iter(self.kinds[subject]), 'individual')} '{subject}'"

    def _declare(self, module: Module, subject: URIRef) -> bool:
        """Stores classes and file of an individual; False when its id is taken."""
        id_, classes = get_local_name(subject), self.schema.classes
        stated = sorted(get_local_name(k) for k in module.graph.objects(subject, RDF.type) if k not in DECLARED_KINDS)
        place = f"{module.place}: {stated[0] if stated else 'individual'} '{id_}'"
        if id_ in self.file:
            self.faults.append(
                (place, f"{self.describe_place(id_)} has the same id", "Keep one of them, or give it another id")
            )
            return False
        if not is_ours(subject) or not ID.fullmatch(id_):
            self.faults.append(
                (
                    place,
                    f"its name is <{subject}>",
                    "Name it with letters, digits and single hyphens, in the namespace of the ontology",
                )
            )
        if not stated:
            self.faults.append((place, "it has no class", "Give it one, under Types in Protégé"))
        for kind in stated:
            if kind not in classes:
                repair = suggest_name(kind, classes) or "Use a class of schema.owl, or add it there"
                self.faults.append((place, f"there is no class '{kind}'", repair))
        known = [kind for kind in stated if kind in classes]
        lineage = [*known, *(a for kind in known for a in classes[kind].ancestors)]
        lineage.sort(key=lambda name: -len(classes[name].ancestors))
        self.file[id_] = module.place
        self.kinds[id_] = tuple(dict.fromkeys(lineage))
        for group in self.schema.disjoint:
            if len(clash := sorted(group.intersection(lineage))) > 1:
                self.faults.append(
                    (place, f"it is both {' and '.join(clash)}, which share nothing", "Make two individuals of it")
                )
        return True

    def _gather(self, module: Module, subject: URIRef) -> None:
        id_ = get_local_name(subject)
        facts: dict[str, list[Term]] = defaultdict(list)
        self.notes[id_] = {}
        for predicate, value in sorted(module.graph.predicate_objects(subject)):
            name = get_local_name(predicate)
            if predicate in (RDF.type, OWL.differentFrom):  # all individuals are different ones here
                continue
            if not is_ours(predicate) or (predicate == TEXT and isinstance(value, Literal) and value.language):
                self._add_note(id_, predicate, value)
            elif name in self.schema.object_properties:
                if isinstance(value, URIRef):
                    facts[name].append(get_local_name(value))
                    self._pointing[get_local_name(value), name].append(id_)
                else:
                    what = f"the text '{value}'" if isinstance(value, Literal) else "something without a name"
                    self._add_fault(id_, f"'{name}' points to {what}", "Point to an individual that has an id")
            elif name in self.schema.data_properties:
                if isinstance(value, Literal):
                    facts[name].append(value)
                else:
                    self._add_fault(
                        id_, f"'{name}' points to '{get_local_name(value)}'", "It takes a value, not an individual"
                    )
            else:
                known = [*self.schema.object_properties, *self.schema.data_properties]
                repair = suggest_name(name, known) or "Use a property of schema.owl, or add it there"
                self._add_fault(id_, f"there is no property '{name}'", repair)
        self.facts[id_] = dict(facts)

    def _add_note(self, id_: str, predicate: Node, value: Node) -> None:
        language = value.language if isinstance(value, Literal) else None
        name = NOTES.get((URIRef(str(predicate)), language or ""))
        if name is None:
            if predicate in WRITTEN or not str(predicate).startswith(SPARE_NAMESPACES):
                said = f"in the language '{language}'" if language else "without a language"
                fault = f"a {get_local_name(predicate)} {said}" if predicate in WRITTEN else f"<{predicate}>"
                repair = f"Languages are {', '.join(LANGUAGES)}; comments are in en"
                self._add_fault(id_, f"it carries {fault}", repair)
        elif name in self.notes[id_]:
            self._add_fault(id_, f"it has two texts for '{name}'", "Keep one")
        elif not str(value).strip():
            self._add_fault(id_, f"its '{name}' is empty", "Write it, or drop it")
        else:
            self.notes[id_][name] = str(value)

    def _report_strays(self, module: Module, subjects: set[URIRef]) -> None:
        """Reports statements about names that their module does not declare, and individuals without a name."""
        for subject in sorted({s for s in module.graph.subjects() if is_ours(s)} - subjects, key=str):
            if (subject, RDF.type, None) not in module.graph:
                self.faults.append(
                    (
                        f"{module.place}: '{get_local_name(subject)}'",
                        "facts are stated of it, and it is declared nowhere here",
                        "State them where it is described",
                    )
                )
        for subject, kind in module.graph.subject_objects(RDF.type):
            if isinstance(subject, BNode) and is_ours(kind):
                self.faults.append(
                    (f"{module.place}: a {get_local_name(kind)}", "it has no id", "Give it a name: ids are for ever")
                )

    def _add_fault(self, id_: str, fault: str, repair: str) -> None:
        self.faults.append((self.describe_place(id_), fault, repair))
