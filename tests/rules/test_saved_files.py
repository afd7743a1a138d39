"""What Protégé saves is read as it stands, and comes back into the stable form with nothing lost.

The saves in tests/data/saved were made by the OWL API 4.5, which Protégé saves with, from `small.stable.owl`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.errors import OntologyError
from engine.rules import Ontology, normalise
from engine.rules.owl.syntaxes import name_syntax
from engine.use_cases.tidy_ontology import tidy_ontology
from tests.helpers.small_ontology import put, small

SAVED = Path(__file__).parents[1] / "data" / "saved"
STABLE = SAVED / "small.stable.owl"
READ = ("rdfxml", "ttl", "owx")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The ontology that was saved, in its stable form."""
    folder = put(tmp_path / "ontology", small().values())
    shutil.copy(STABLE, folder / "small.owl")
    return folder


def save(folder: Path, syntax: str) -> Path:
    return Path(shutil.copy(SAVED / f"small.{syntax}.owl", folder / "small.owl"))


@pytest.mark.parametrize("syntax", READ)
def test_a_save_is_read_as_what_was_saved(syntax: str, folder: Path) -> None:
    before = Ontology.read(folder)
    save(folder, syntax)
    after = Ontology.read(folder)
    assert after.individuals == before.individuals


@pytest.mark.parametrize("syntax", READ)
def test_a_save_is_tidied_to_the_very_bytes_that_were_there(syntax: str, folder: Path) -> None:
    path = save(folder, syntax)
    assert [(one.path, one.changed) for one in tidy_ontology([path])] == [(path, True)]
    assert path.read_bytes() == STABLE.read_bytes()
    assert [one.changed for one in tidy_ontology([folder])] == [False] * 3


@pytest.mark.parametrize(("syntax", "name"), [("ofn", "functional syntax"), ("omn", "Manchester syntax")])
def test_what_is_not_read_is_told_with_how_to_save_it(syntax: str, name: str, folder: Path) -> None:
    path = save(folder, syntax)
    before = path.read_bytes()
    with pytest.raises(
        OntologyError, match=f"it is written in {name}, which is not read. Save it from Protégé as RDF/XML"
    ):
        Ontology.read(folder)
    with pytest.raises(OntologyError, match="Save it from Protégé as RDF/XML"):
        list(tidy_ontology([path]))
    assert path.read_bytes() == before


def test_an_edit_in_a_save_is_a_small_change_of_the_file(folder: Path) -> None:
    path = save(folder, "rdfxml")
    text = path.read_text("utf-8").replace(">0.5</depth>", ">0.7</depth>")
    path.write_text(text.replace("What fear means.", "What fear is."), "utf-8")
    assert normalise(path)
    old, new = STABLE.read_text("utf-8").splitlines(), path.read_text("utf-8").splitlines()
    changed = [b.strip() for a, b in zip(old, new, strict=True) if a != b]
    assert changed == [
        '<skos:definition xml:lang="en">What fear is.</skos:definition>',
        '<depth rdf:datatype="http://www.w3.org/2001/XMLSchema#decimal">0.7</depth>',
    ]


COMMENT = "<!-- seven is a guess -->"
ANNOTATED = """<owl:Axiom>
        <owl:annotatedSource rdf:resource="https://isopath.org/ontology#fear-mirror"/>
        <owl:annotatedProperty rdf:resource="https://isopath.org/ontology#depth"/>
        <owl:annotatedTarget rdf:datatype="http://www.w3.org/2001/XMLSchema#decimal">0.5</owl:annotatedTarget>
        <rdfs:comment xml:lang="en">Ask Ana.</rdfs:comment>
    </owl:Axiom>
"""


def test_comments_of_every_kind_are_kept(folder: Path) -> None:
    path = save(folder, "rdfxml")
    text = path.read_text("utf-8")
    element = '<owl:NamedIndividual rdf:about="https://isopath.org/ontology#fear-mirror">'
    noted = text.replace(element, f'{COMMENT}\n    {element}\n        <rdfs:comment xml:lang="en">Half.</rdfs:comment>')
    path.write_text(noted.replace("</rdf:RDF>", f"{ANNOTATED}<!-- to the end -->\n</rdf:RDF>"), "utf-8")
    assert normalise(path)
    tidied = path.read_text("utf-8")
    assert f"{COMMENT}\n    {element}" in tidied
    assert all(said in tidied for said in ("Half.", "Ask Ana.", "<!-- to the end -->"))
    assert not any(said in tidied for said in ("// Individuals", "OWL API"))
    assert not normalise(path)


def test_an_individual_that_is_only_named_is_not_one_without_a_class(folder: Path) -> None:
    path = folder / "isopath.owl"
    named = '<owl:NamedIndividual rdf:about="https://isopath.org/ontology#fear"/>'
    path.write_text(path.read_text("utf-8").replace("</rdf:RDF>", f"{named}\n</rdf:RDF>"), "utf-8")
    assert Ontology.read(folder)["fear"].file == "ontology/small.owl"
    bare = named.replace("#fear", "#dread")
    path.write_text(path.read_text("utf-8").replace(named, bare), "utf-8")
    with pytest.raises(OntologyError, match="individual 'dread': it has no class"):
        Ontology.read(folder)
    normalise(path)
    assert bare in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("content", "syntax"),
    [
        (b"# rules\n@prefix : <https://isopath.org/ontology#> .", "Turtle"),
        (b"\xef\xbb\xbfPREFIX x: <http://x/>", "Turtle"),
        (b"<?xml version='1.0'?>\n<!-- by hand -->\n<Ontology xmlns='x'/>", "OWL/XML"),
        (b"<?xml version='1.0'?><rdf:RDF>", "RDF/XML"),
        (b"Prefix(:=<x>)\nOntology(<y>)", "functional syntax"),
        (b"Prefix: : <x>", "Manchester syntax"),
        (b'{"@context": {}}', "JSON-LD"),
        (b"rules: [fear]", "RDF/XML"),
    ],
)
def test_a_syntax_is_known_by_its_first_words(content: bytes, syntax: str) -> None:
    assert name_syntax(content) == syntax


BROKEN = (
    "@prefix : <https://x#> .\n:a :b",
    "@prefix : <https://x#> .\n:a ; ;; .\n",
    "<?xml version='1.0'?><Ontology xmlns='http://www.w3.org/2002/07/owl#'><SubClassOf/></Ontology>",
)


@pytest.mark.parametrize("broken", BROKEN)
def test_a_file_that_only_begins_well_is_told(broken: str, folder: Path) -> None:
    (folder / "small.owl").write_text(broken, "utf-8")
    with pytest.raises(OntologyError, match=r"small\.owl"):
        Ontology.read(folder)
