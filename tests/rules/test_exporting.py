"""The ontology as other programs read it: one document, names of published vocabularies, and shapes."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, SH, SKOS, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection

from engine.cli.main import main
from engine.errors import UsageError
from engine.rules.exporting import export
from engine.rules.owl.modules import Modules
from engine.rules.owl.names import BASE
from engine.rules.owl.shapes import SHAPES, make_shapes
from engine.settings import ONTOLOGY_DIR
from engine.use_cases.authoring.exporting import export_ontology
from tests.helpers.shipped import shipped_ontology
from tests.helpers.small_ontology import put, small

PUBLISHED = {
    "http://purl.obolibrary.org/obo/MFOEM_": r"\d{6}",
    "http://purl.org/ontology/mo/": r"Genre|Instrument",
    "http://www.w3.org/TR/emotion-voc/xml#": r"big6|fsre-dimensions|pad-dimensions",
    "http://www.w3.org/ns/prov#": r"Entity|Plan|wasAttributedTo|wasInfluencedBy",
}
"""Namespace -> the names in it that the alignments may use."""


@cache
def whole() -> Graph:
    found = Graph()
    for module in Modules.read(ONTOLOGY_DIR).modules:
        found += module.graph
    return found


@cache
def shapes() -> Graph:
    return make_shapes(shipped_ontology().schema)


def ours(name: str) -> URIRef:
    return URIRef(BASE + name)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # rdflib's own parser uses it
@pytest.mark.parametrize(("format_", "name"), [("turtle", "turtle"), ("json-ld", "json-ld"), ("shacl", "turtle")])
def test_a_document_holds_every_statement(format_: str, name: str, tmp_path: Path) -> None:
    folder = put(tmp_path / "ontology", small().values())
    read = Graph().parse(data=export(folder, format_), format=name)
    stated = Graph()
    for module in Modules.read(folder).modules:
        stated += module.graph
    if format_ == "shacl":
        assert (URIRef(SHAPES + "Rule"), SH.targetClass, ours("Rule")) in read
        return
    assert count_by_property(read) == count_by_property(stated)
    assert list_named(read) == list_named(stated)


def count_by_property(graph: Graph) -> Counter[str]:
    """How many statements have each property, without those that say of a list that it is one."""
    return Counter(str(p) for _, p, o in graph if o != RDF.List)


def list_named(graph: Graph) -> set[tuple[str, str, str]]:
    """Statements without anonymous nodes; numbers by their value, however they are written."""
    return {
        (str(s), str(p), str(o.value if isinstance(o, Literal) and isinstance(o.value, int) else o).removesuffix(".0"))
        for s, p, o in graph
        if not isinstance(s, BNode) and not isinstance(o, BNode)
    }


def test_a_document_is_written_where_it_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = put(tmp_path / "ontology", small().values())
    export_ontology("json-ld", tmp_path / "all.json", folder)
    assert json.loads((tmp_path / "all.json").read_text("utf-8"))
    with pytest.raises(UsageError, match="cannot be written"):
        export_ontology("turtle", tmp_path / "nowhere" / "all.ttl", folder)
    assert main(["ontology", "export", "--format", "functional"]) == 2
    assert "invalid choice" in capsys.readouterr().err


def test_alignments_name_what_is_there_on_both_sides() -> None:
    [alignments] = [module for module in Modules.read(ONTOLOGY_DIR).modules if module.name == "alignments"]
    matches = [
        (s, str(o))
        for s, p, o in alignments.graph
        if p in (SKOS.broadMatch, SKOS.closeMatch, SKOS.exactMatch, SKOS.narrowMatch, SKOS.relatedMatch)
    ]
    assert len(matches) >= 15
    allowed = {namespace: re.compile(names) for namespace, names in PUBLISHED.items()}
    for subject, target in matches:
        assert (subject, SKOS.definition, None) in whole() or (subject, RDFS.label, None) in whole(), subject
        [namespace] = [one for one in allowed if target.startswith(one)]
        assert allowed[namespace].fullmatch(target.removeprefix(namespace)), target
    assert all(any(target.startswith(one) for _, target in matches) for one in allowed)


def test_what_something_is_called_elsewhere_does_not_describe_it() -> None:
    """The alignments name individuals of other files, whose facts stay where they are."""
    assert shipped_ontology()["anger"].file == "ontology/emotions.owl"


def find_violations(data: Graph, kind: str) -> set[tuple[str, str]]:
    """(individual, property) where plain counts of the class's shape, and closed lists, are not kept."""
    found = set()
    for shape in shapes().subjects(SH.targetClass, ours(kind)):
        for demand in shapes().objects(shape, SH.property):
            path = shapes().value(demand, SH.path)
            if not isinstance(path, URIRef):
                continue
            least, most = (shapes().value(demand, name) for name in (SH.minCount, SH.maxCount))
            for one in data.subjects(RDF.type, ours(kind)):
                number = len(list(data.objects(one, path)))
                if (least is not None and number < int(str(least))) or (most is not None and number > int(str(most))):
                    found.add((str(one).removeprefix(BASE), str(path).removeprefix(BASE)))
    for name in shipped_ontology().data_properties:
        for shape in shapes().subjects(SH.targetObjectsOf, ours(name)):
            listed = shapes().value(shape, SH["in"])
            allowed = set(Collection(shapes(), listed)) if listed is not None else None
            for subject, value in data.subject_objects(ours(name)):
                if allowed is not None and value not in allowed:
                    found.add((str(subject).removeprefix(BASE), name))
    return found


def test_the_shipped_ontology_keeps_its_shapes_and_a_slip_does_not() -> None:
    assert find_violations(whole(), "Rule") == set()
    rule = ours("fear-pace-only")
    broken = Graph()
    broken += whole()
    broken.remove((rule, ours("priority"), None))
    broken.set((rule, ours("tier"), Literal("safty")))
    assert find_violations(broken, "Rule") == {("fear-pace-only", "priority"), ("fear-pace-only", "tier")}


def test_every_class_and_every_range_has_a_shape() -> None:
    schema = shipped_ontology().schema
    for name in schema.classes:
        assert (URIRef(SHAPES + name), SH.targetClass, ours(name)) in shapes()
    for name, used in {**schema.object_properties, **schema.data_properties}.items():
        assert (used.range is None) == ((None, SH.targetObjectsOf, ours(name)) not in shapes())
        functional = (URIRef(f"{SHAPES}{name}-subject"), SH.property, None) in shapes()
        assert functional == ((ours(name), RDF.type, OWL.FunctionalProperty) in whole())
    named = {str(o) for o in shapes().objects() if str(o).startswith(BASE)}
    assert named <= {str(s) for s in whole().subjects()}, "shapes name only what the ontology has"
