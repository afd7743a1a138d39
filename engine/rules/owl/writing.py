"""Writes an OWL module as RDF/XML in a stable order, for small diffs.

Sorted by kind and id, one fact a line, anonymous classes nested where they are used: two people's changes conflict only
where their meaning does, and Protégé can open the file. owlready2's own writer reorders a file at each save.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from rdflib import OWL, RDF, RDFS, SKOS, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from engine.errors import OntologyError
from engine.rules.owl.names import BASE, MODULES, get_local_name
from engine.rules.owl.parsing import parse_bytes

PREFIXES = {str(OWL): "owl", str(RDF): "rdf", str(RDFS): "rdfs", str(SKOS): "skos", str(XSD): "xsd", BASE: ""}
KINDS = (
    OWL.Ontology,
    OWL.AnnotationProperty,
    OWL.ObjectProperty,
    OWL.DatatypeProperty,
    OWL.Class,
    RDFS.Datatype,
    OWL.NamedIndividual,
)
RULE = URIRef(f"{BASE}Rule")
CROSSING = (URIRef(f"{BASE}overrides"), URIRef(f"{BASE}on"), RDF.type)
"""Links of a rule that lead to what is not its own."""
PARTS = ("Rule", "Condition")
"""What stands first beside a rule: the rule itself, what it waits for, then its effects, words and claims."""
FIRST = (RDF.type, RDFS.label, SKOS.definition, RDFS.comment, OWL.onProperty, OWL.onDatatype)
INDENT = "    "
RETURN = {"\r": "&#13;"}
"""Escaped, because XML parsers read a raw carriage return as a line feed."""
DESCRIPTION = URIRef(f"{RDF}Description")


def write_graph(graph: Graph, path: Path, remarks: Mapping[str, tuple[str, ...]] | None = None) -> None:
    """Writes the module to `path`, atomically. `remarks`: comments to stand before the element of each IRI.

    OntologyError for a module that does not survive a round trip (a control character, a class that contains itself).
    """
    text = serialise(graph, name_module(path), remarks)
    if len(parse_bytes(text.encode(), str(path))) != len(graph):
        raise OntologyError(
            str(path), "it holds statements that RDF/XML cannot show in this form", "Name its anonymous parts"
        )
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(path)


def name_module(path: Path) -> str:
    """Name of the module in a file: `cues`, and `rules/sadness` where the schema is in the folder above."""
    is_below = not (path.parent / "schema.owl").exists() and (path.parent.parent / "schema.owl").is_file()
    return f"{path.parent.name}/{path.stem}" if is_below else path.stem


def serialise(graph: Graph, module: str, remarks: Mapping[str, tuple[str, ...]] | None = None) -> str:
    """The module as RDF/XML. The same statements give the same text in whatever order."""
    return _RdfWriter(graph, module, remarks or {}).write()


class _RdfWriter:
    """Serialises one module, with blank nodes nested where they are used."""

    def __init__(self, graph: Graph, module: str, remarks: Mapping[str, tuple[str, ...]]) -> None:
        self.graph = graph
        self.module = module
        self.remarks = remarks
        self.nested = {o for o in graph.objects() if isinstance(o, BNode)}
        for node in self.nested:
            if len(set(graph.subject_predicates(node))) > 1:
                raise OntologyError(
                    f"ontology/{module}.owl", "an anonymous class is used in two places", "Write it out in each of them"
                )

    def write(self) -> str:
        head = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<rdf:RDF xmlns="{BASE}"',
            *(f'         xmlns:{p}="{iri}"' for iri, p in sorted(PREFIXES.items(), key=lambda item: item[1]) if p),
            f'         xml:base="{MODULES}{self.module}">',
        ]
        roots = {s for s in self.graph.subjects() if s not in self.nested}
        self.places = self._place_beside_rules()
        blocks = sorted((self._rank_node(root), self._remark(root) + self._write_node(root, 1)) for root in roots)
        spare = [text for about, texts in self.remarks.items() if URIRef(about) not in roots for text in texts]
        last = [f"\n{INDENT}<!-- {text} -->" for text in spare]
        return "\n".join([*head, *("\n" + block for _, block in blocks), *last, "", "</rdf:RDF>", ""])

    def _remark(self, node: Node) -> str:
        return "".join(f"{INDENT}<!-- {text} -->\n" for text in self.remarks.get(str(node), ()))

    def _rank_node(self, node: Node) -> tuple[int, str, str]:
        types = set(self.graph.objects(node, RDF.type))
        if node in self.places:
            return len(KINDS), *self.places[node]
        rank = next((i for i, kind in enumerate(KINDS) if kind in types), len(KINDS) + 1)
        kinds = sorted(get_local_name(t) for t in types - set(KINDS))
        group = kinds[0] if kinds and rank >= KINDS.index(OWL.NamedIndividual) else ""
        return rank, group, "" if isinstance(node, BNode) else str(node)

    def _place_beside_rules(self) -> dict[Node, tuple[str, str]]:
        """Rules, and what hangs on them in this file -> where they stand: each rule before what only it uses.

        What several rules use stands before all of them, sorted by kind like everything else.
        """
        rules = sorted(self.graph.subjects(RDF.type, RULE), key=str)
        owners: dict[Node, set[Node]] = {}
        for rule in rules:
            ahead: list[Node] = [rule]
            while ahead:
                node = ahead.pop()
                owners.setdefault(node, set()).add(rule)
                ahead += [
                    o
                    for p, o in self.graph.predicate_objects(node)
                    if p not in CROSSING and o not in rules and rule not in owners.get(o, ()) and self._is_described(o)
                ]
        return {
            node: (str(next(iter(owner))), f"{self._rank_part(node)} {node}")
            for node, owner in owners.items()
            if len(owner) == 1
        }

    def _is_described(self, node: Node) -> bool:
        return isinstance(node, URIRef) and (node, RDF.type, OWL.NamedIndividual) in self.graph

    def _rank_part(self, node: Node) -> str:
        kinds = {get_local_name(kind) for kind in self.graph.objects(node, RDF.type)}
        return str(next((i for i, kind in enumerate(PARTS) if kind in kinds), len(PARTS)))

    def _write_node(self, node: Node, depth: int) -> str:
        """The element of a node: named by its kind, with one child for every fact."""
        pad = INDENT * depth
        types = list(self.graph.objects(node, RDF.type))
        tag = next((kind for kind in KINDS if kind in types), None) or min(
            (t for t in types if isinstance(t, URIRef) and not str(t).startswith(BASE)), default=DESCRIPTION, key=str
        )
        about = f" rdf:about={quoteattr(str(node))}" if isinstance(node, URIRef) else ""
        facts = [(p, o) for p, o in self.graph.predicate_objects(node) if not (p == RDF.type and o == tag)]
        lines = sorted((self._rank_predicate(p), self._write_fact(p, o, depth + 1)) for p, o in facts)
        if not lines:
            return f"{pad}<{self._shorten_name(tag)}{about}/>"
        body = "\n".join(line for _, line in lines)
        return f"{pad}<{self._shorten_name(tag)}{about}>\n{body}\n{pad}</{self._shorten_name(tag)}>"

    @staticmethod
    def _rank_predicate(predicate: Node) -> tuple[int, str]:
        return (FIRST.index(predicate) if predicate in FIRST else len(FIRST)), get_local_name(predicate)

    def _write_fact(self, predicate: Node, value: Node, depth: int) -> str:
        pad, name = INDENT * depth, self._shorten_name(predicate)
        if isinstance(value, Literal):
            kind = f" xml:lang={quoteattr(value.language)}" if value.language else ""
            if value.datatype and value.datatype != XSD.string:
                kind = f" rdf:datatype={quoteattr(str(value.datatype))}"
            return f"{pad}<{name}{kind}>{escape(str(value), RETURN)}</{name}>"
        if isinstance(value, URIRef):
            return f"{pad}<{name} rdf:resource={quoteattr(str(value))}/>"
        if (value, RDF.first, None) in self.graph:
            members = list(Collection(self.graph, value))
            if predicate in (OWL.distinctMembers, OWL.members, OWL.unionOf, OWL.intersectionOf, OWL.oneOf):
                members.sort(key=lambda m: str(m) if not isinstance(m, BNode) else self._write_node(m, 0))
            if any(isinstance(m, Literal) for m in members):
                return f"{pad}<{name}>\n{self._write_literals(members, depth + 1)}\n{pad}</{name}>"
            inner = "\n".join(self._write_member(m, depth + 1) for m in members)
            return f'{pad}<{name} rdf:parseType="Collection">\n{inner}\n{pad}</{name}>'
        return f"{pad}<{name}>\n{self._write_node(value, depth + 1)}\n{pad}</{name}>"

    def _write_member(self, member: Node, depth: int) -> str:
        if isinstance(member, URIRef):
            return f"{INDENT * depth}<rdf:Description rdf:about={quoteattr(str(member))}/>"
        return self._write_node(member, depth)

    def _write_literals(self, members: list[Node], depth: int) -> str:
        """A list of literals, which parseType="Collection" cannot express, cell by cell as Protégé writes it."""
        pad = INDENT * depth
        first = self._write_fact(RDF.first, members[0], depth + 1)
        nil = f'{pad}{INDENT}<rdf:rest rdf:resource="{RDF.nil}"/>'
        rest = (
            nil
            if len(members) == 1
            else (f"{pad}{INDENT}<rdf:rest>\n{self._write_literals(members[1:], depth + 2)}\n{pad}{INDENT}</rdf:rest>")
        )
        kind = f'{pad}{INDENT}<rdf:type rdf:resource="{RDF.List}"/>'
        return f"{pad}<rdf:Description>\n{kind}\n{first}\n{rest}\n{pad}</rdf:Description>"

    @staticmethod
    def _shorten_name(node: Node) -> str:
        for iri, prefix in PREFIXES.items():
            if str(node).startswith(iri):
                local = str(node)[len(iri) :]
                return f"{prefix}:{local}" if prefix else local
        raise OntologyError("ontology/", f"'{node}' is in a namespace that no module uses", f"Give it a name in {BASE}")
