"""What must hold of reading the ontology, and what must be said of one that is broken.

Broken examples are the small ontology with one slip in it. The shipped ontology is read, checked and reasoned over.
"""

# ruff: noqa: E501  # the tables of slips are read line by line

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from encoders.languages import LANGUAGES, name_property
from engine.errors import OntologyError
from engine.rules import Draft, Ontology, normalise, write_module
from engine.rules.checks.checking import CHECKS as ALL_CHECKS
from engine.rules.checks.checking import check, protege_finds_the_modules
from engine.rules.checks.coverage import reviews_are_kept
from engine.rules.checks.holding import Rulebook
from engine.rules.consistency import reason
from engine.rules.owl.modules import list_files
from engine.settings import ONTOLOGY_DIR
from tests.helpers.shipped import shipped_ontology
from tests.helpers.small_ontology import changed, named, put, rule, small
from tests.rules.test_slips import SLIPS as SLIPPED

TODAY = date(2026, 1, 15)
SMALL = small()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small ontology, nothing wrong with it. Not to be changed."""
    return put(tmp_path_factory.mktemp("whole") / "ontology", SMALL.values())


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy of the small ontology that a test may break."""
    return shutil.copytree(whole, tmp_path / "ontology")


@pytest.fixture(scope="module")
def shipped() -> Ontology:
    """The ontology of this repository."""
    return shipped_ontology()


# ---------------------------------------------------------------- reading


def test_an_individual_carries_all_that_is_stated_of_it(whole: Path) -> None:
    ontology = Ontology.read(whole)
    fear, target = ontology["fear"], ontology["tension-tempo"]
    assert fear.classes == ("Emotion", "Sign")
    assert fear.properties["label_zh"] == "中文 fear"
    assert fear.properties["definition"] == "What fear means."
    assert fear.properties["detectability"] == 0.6
    assert fear.links == (("in", "negative"), ("readAs", "fear-as-tension"))
    assert (target.number("best"), target.to("of")) == (120.0, ("tempo",))
    assert ontology["tension"].properties["adjectives"] == ["even", "soft"]
    assert ontology["always"].properties["held"] is True
    assert type(ontology["match"].properties["order"]) is int
    assert fear.file == "ontology/small.owl"


def test_the_version_is_the_roots_and_the_hash_is_of_every_byte(whole: Path, folder: Path) -> None:
    before = Ontology.read(whole)
    assert before.version_info == "1.2.3"
    assert Ontology.read(folder).sha256 == before.sha256
    text = (folder / "small.owl").read_text(encoding="utf-8")
    (folder / "small.owl").write_text(text.replace("What fear means.", "What fear is."), encoding="utf-8")
    assert Ontology.read(folder).sha256 != before.sha256


def test_a_new_class_and_a_new_property_need_no_python(folder: Path) -> None:
    schema = (folder / "schema.owl").read_text(encoding="utf-8")
    new = """
    <owl:DatatypeProperty rdf:about="https://isopath.org/ontology#hum">
        <rdfs:domain rdf:resource="https://isopath.org/ontology#Place"/>
        <rdfs:range rdf:resource="http://www.w3.org/2001/XMLSchema#decimal"/>
    </owl:DatatypeProperty>
    <owl:Class rdf:about="https://isopath.org/ontology#Place">
        <rdfs:subClassOf rdf:resource="https://isopath.org/ontology#Sign"/>
        <rdfs:subClassOf><owl:Restriction>
            <owl:onProperty rdf:resource="https://isopath.org/ontology#hum"/>
            <owl:minCardinality rdf:datatype="http://www.w3.org/2001/XMLSchema#nonNegativeInteger">1</owl:minCardinality>
        </owl:Restriction></rdfs:subClassOf>
    </owl:Class>
"""
    (folder / "schema.owl").write_text(schema.replace("</rdf:RDF>", f"{new}</rdf:RDF>"), encoding="utf-8")
    write_module(folder / "small.owl", [*SMALL.values(), named("train", "Place", {"hum": 0.5})])
    train = Ontology.read(folder)["train"]
    assert (train.classes, train.properties["hum"]) == (("Place", "Sign"), [0.5])
    write_module(folder / "small.owl", [*SMALL.values(), named("train", "Place", {})])
    with pytest.raises(OntologyError, match=r"Place 'train': it has no 'hum'\. It needs at least one 'hum': decimal"):
        Ontology.read(folder)


def test_all_faults_are_told_at_once(folder: Path) -> None:
    slip(folder, "fear-as-tension", 'ontology#tension"', 'ontology#tensoin"')
    slip(folder, "calm", ">20<", ">2000<")
    slip(folder, "fear-pace-only", "<tier>clinical</tier>", "")
    with pytest.raises(OntologyError) as caught:
        Ontology.read(folder)
    assert [(error.place, error.fault) for error in (caught.value, *caught.value.others)] == [
        ("ontology/small.owl: Goal 'calm'", "'minutes_best' is 2000"),
        ("ontology/small.owl: Mapping 'fear-as-tension'", "'to' names 'tensoin', which no module defines"),
        ("ontology/small.owl: Rule 'fear-pace-only'", "it has no 'tier'"),
    ]


def slip(folder: Path, id_: str, old: str, new: str, file: str = "small.owl") -> None:
    """Change the text of one individual's element, as a slip of the hand would."""
    text = (folder / file).read_text(encoding="utf-8")
    start = text.index(f'<owl:NamedIndividual rdf:about="https://isopath.org/ontology#{id_}">')
    end = text.index("</owl:NamedIndividual>", start)
    assert old in text[start:end]
    element = text[start:end].replace(old, new, 1)
    (folder / file).write_text(text[:start] + element + text[end:], encoding="utf-8")


DECIMAL = "http://www.w3.org/2001/XMLSchema#decimal"
SLIPS = {
    "a link to nothing": ("fear-as-tension", 'ontology#tension"', 'ontology#tensoin"', "'to' names 'tensoin', which no module defines. Did you mean 'tension'?"),
    "a link to something of another kind": ("fear-as-tension", 'ontology#tension"', 'ontology#fear"', "'to' names 'fear', a Emotion. It takes Scale."),
    "an effect of a cue on a scale": ("panic-replace", "#peacefulness", "#tempo", "'of' has 'tempo'. Here it takes Scale."),
    "a property nobody knows": ("fear", f'<valence rdf:datatype="{DECIMAL}">0.1</valence>', f'<valance rdf:datatype="{DECIMAL}">0.1</valance>', "there is no property 'valance'. Did you mean 'valence'?"),
    "a class nobody knows": ("fear", "#Emotion", "#Emotoin", "there is no class 'Emotoin'. Did you mean 'Emotion'?"),
    "two classes that exclude each other": ("fear", "<rdf:type ", '<rdf:type rdf:resource="https://isopath.org/ontology#Scale"/><rdf:type ', "it is both Emotion and Scale, which share nothing. Make two individuals of it."),
    "no class": ("panic-words", '<rdf:type rdf:resource="https://isopath.org/ontology#Phrase"/>', "", "it has no class. Give it one"),
    "a property of another class": ("fear", "<valence", f'<depth rdf:datatype="{DECIMAL}">1</depth><valence', "it has 'depth', which is for Mirror. Drop it"),
    "text for a number": ("fear", f'<valence rdf:datatype="{DECIMAL}">', "<valence>", "'valence' is '0.1' as string. Choose xsd:decimal as its datatype (it takes decimal >= -1 and <= 1)."),
    "a double for a decimal": ("fear", f'<valence rdf:datatype="{DECIMAL}">', '<valence rdf:datatype="http://www.w3.org/2001/XMLSchema#double">', "'valence' is '0.1' as double. Choose xsd:decimal"),
    "a number that is none": ("fear", ">0.1</valence>", ">a little</valence>", "'valence' is 'a little', which is no decimal. Write a decimal >= -1 and <= 1."),
    "a number out of range": ("fear", ">0.1</valence>", ">1.5</valence>", "'valence' is 1.5. It takes decimal >= -1 and <= 1."),
    "a share out of range for its class": ("peace-tempo", ">0.2</weight>", ">1.2</weight>", "'weight' has '1.2'. Here it takes decimal >= 0 and <= 1."),
    "a word that is not on the list": ("fear-pace-only", ">clinical<", ">clincal<", "'tier' is 'clincal'. Did you mean 'clinical'?"),
    "a link where a value belongs": ("fear", f'<valence rdf:datatype="{DECIMAL}">0.1</valence>', '<valence rdf:resource="https://isopath.org/ontology#tension"/>', "'valence' points to 'tension'. It takes a value, not an individual."),
    "a value where a link belongs": ("fear-as-tension", '<to rdf:resource="https://isopath.org/ontology#tension"/>', "<to>tension</to>", "'to' points to the text 'tension'. Point to an individual that has an id."),
    "two values where one belongs": ("fear", "<valence", f'<valence rdf:datatype="{DECIMAL}">0.2</valence><valence', "'valence' has 2 values (0.1, 0.2). Keep one."),
    "two links where one belongs": ("fear-as-tension", "<to ", '<to rdf:resource="https://isopath.org/ontology#peacefulness"/><to ', "'to' has 2 values (peacefulness, tension). Keep one."),
    "a field that is required": ("fear-pace-only", "<tier>clinical</tier>", "", "it has no 'tier'. It needs one 'tier': 'clinical' or 'safety' or 'taste'."),
    "a link that is required": ("fear-pace-only", '<does rdf:resource="https://isopath.org/ontology#fear-mirror"/>', "", "it has no 'does'. It needs at least one 'does'."),
    "an effect that no rule has": ("fear-pace-only", "#fear-mirror", "#calmness-mirror", "no 'does' points to it. It needs"),
    "a lean that is half a lean": ("fear-mirror", "#Mirror", "#Lean", "it is not whole. It needs (one 'best' and one 'high' and one 'low'"),
    "no Chinese label": ("fear-pace-only", '<rdfs:label xml:lang="zh">中文 fear-pace-only</rdfs:label>', "", "it has no 'label_zh'. Give it an rdfs:label in Chinese (language tag zh)."),
    "no definition": ("fear-pace-only", '<skos:definition xml:lang="en">What fear-pace-only means.</skos:definition>', "", "it has no 'definition'. Say what it means in one sentence"),
    "a label in no language": ("fear", '<rdfs:label xml:lang="en">', "<rdfs:label>", "it carries a label without a language. Languages are en, zh"),
    "two labels": ("fear", '<rdfs:label xml:lang="en">', '<rdfs:label xml:lang="en">dread</rdfs:label><rdfs:label xml:lang="en">', "it has two texts for 'label'. Keep one."),
    "an empty label": ("fear", '<rdfs:label xml:lang="en">fear<', '<rdfs:label xml:lang="en"> <', "its 'label' is empty. Write it, or drop it."),
    "an annotation that goes nowhere": ("fear", "<valence", '<owl:note xmlns:owl="http://example.org/">x</owl:note><valence', "it carries <http://example.org/note>."),
    "a strange id": ("panic-words", "#panic-words", "#panic--words", "its name is <https://isopath.org/ontology#panic--words>. Name it with letters"),
    "an id in another namespace": ("panic-words", "https://isopath.org/ontology#panic-words", "http://example.org/#panic-words", "its name is <http://example.org/#panic-words>."),
}  # fmt: skip


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_is_told_with_file_individual_fault_and_repair(name: str, folder: Path) -> None:
    id_, old, new, expected = SLIPS[name]
    slip(folder, id_, old, new)
    with pytest.raises(OntologyError) as caught:
        Ontology.read(folder)
    told = [line for line in str(caught.value).splitlines() if expected in line]
    assert len(told) == 1, str(caught.value)
    assert told[0].startswith("ontology/small.owl: ")


def test_facts_about_something_undeclared_are_told(folder: Path) -> None:
    text = (folder / "small.owl").read_text(encoding="utf-8")
    stray = '<rdf:Description rdf:about="https://isopath.org/ontology#ghost"><text>boo</text></rdf:Description>'
    nameless = "<Phrase><text>boo</text></Phrase>"
    (folder / "small.owl").write_text(text.replace("</rdf:RDF>", f"{stray}{nameless}</rdf:RDF>"), encoding="utf-8")
    with pytest.raises(OntologyError) as caught:
        Ontology.read(folder)
    assert "ontology/small.owl: 'ghost': facts are stated of it, and it is declared nowhere here." in str(caught.value)
    assert "ontology/small.owl: a Phrase: it has no id." in str(caught.value)


def test_an_id_in_two_modules_is_told(folder: Path) -> None:
    write_module(folder / "isopath.owl", [SMALL["negative"]], imports=("schema", "small"), version="1.2.3")
    with pytest.raises(
        OntologyError, match=r"small\.owl: Group 'negative': ontology/isopath\.owl: Group 'negative' has"
    ):
        Ontology.read(folder)


def test_a_schema_that_says_something_unreadable_is_told(folder: Path) -> None:
    text = (folder / "schema.owl").read_text(encoding="utf-8")
    (folder / "schema.owl").write_text(text.replace("owl:minCardinality", "owl:leastCardinality"), encoding="utf-8")
    with pytest.raises(
        OntologyError, match=r"schema\.owl: it has a restriction on '\w+' with leastCardinality, onProperty"
    ):
        Ontology.read(folder)


# ---------------------------------------------------------------- files


def bomb(text: str) -> str:
    """The text with a document type that would grow to gigabytes."""
    entities = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {c} "{f"&{p};" * 10}">' for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    return text.replace("<rdf:RDF", f"<!DOCTYPE rdf:RDF [{entities}]>\n<rdf:RDF", 1).replace("What fear means.", "&i;")


def outside(text: str) -> str:
    """The text with a document type that would read another file."""
    return text.replace("<rdf:RDF", '<!DOCTYPE rdf:RDF [<!ENTITY a SYSTEM "file:///etc/hostname">]>\n<rdf:RDF', 1)


IMPORT = '<owl:imports rdf:resource="https://isopath.org/ontology/schema"/>'
FILES: dict[str, tuple[str, Callable[[str], str], str]] = {
    "cut short": ("small.owl", lambda text: text[: len(text) // 2], "it is not XML:"),
    "a tag that is not closed": ("small.owl", lambda text: text.replace("</owl:Ontology>", "", 1), "it is not XML: mismatched tag. Mend the file there"),
    "empty": ("small.owl", lambda _: "", "small.owl:1:1: it is not XML: no element found."),
    "no XML at all": ("small.owl", lambda _: "rules: [fear]", "small.owl:1:1: it is not XML: syntax error."),
    "XML of another kind": ("small.owl", lambda _: "<html><body>Not found</body></html>", "it says that it is nothing."),
    "RDF/XML with a fault": ("small.owl", lambda text: text.replace('rdf:parseType="Collection"', 'rdf:ID="1 2"', 1), "it is XML, but not RDF/XML"),
    "entities that grow": ("small.owl", bomb, ": it has a DOCTYPE. Save it without XML entities"),
    "entities from outside": ("small.owl", outside, "small.owl:2:"),
    "a missing module": ("isopath.owl", lambda text: text.replace("/small", "/smal"), "it imports 'smal', and there is no smal.owl. Did you mean 'small'?"),
    "a module from the net": ("isopath.owl", lambda text: text.replace(IMPORT, '<owl:imports rdf:resource="http://example.org/x"/>' + IMPORT), "it imports 'http://example.org/x'. Import modules of this folder only"),
    "a circle of imports": ("schema.owl", lambda text: text.replace("</owl:Ontology>", '<owl:imports rdf:resource="https://isopath.org/ontology/small"/></owl:Ontology>', 1), "its imports run in a circle: schema -> small -> schema. Drop one"),
    "a module that imports itself": ("small.owl", lambda text: text.replace("/schema", "/small"), "its imports run in a circle: small -> small."),
    "a module nobody imports": ("isopath.owl", lambda text: text.replace('<owl:imports rdf:resource="https://isopath.org/ontology/small"/>', ""), "small.owl: no module imports it"),
    "the name of another module": ("small.owl", lambda text: text.replace('rdf:about="https://isopath.org/ontology/small"', 'rdf:about="https://isopath.org/ontology/big"'), "it says that it is 'https://isopath.org/ontology/big'. Give it the ontology IRI"),
    "no version": ("isopath.owl", lambda text: text.replace("<owl:versionInfo>1.2.3</owl:versionInfo>", ""), "isopath.owl: it states no owl:versionInfo."),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_module_is_refused(name: str, folder: Path) -> None:
    file, broken, expected = FILES[name]
    (folder / file).write_text(broken((folder / file).read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(OntologyError) as caught:
        Ontology.read(folder)
    assert expected in str(caught.value)
    assert str(caught.value).count("ontology/") >= 1


def test_an_individual_is_not_called_missing_while_its_file_cannot_be_read(folder: Path) -> None:
    (folder / "small.owl").write_text("<", encoding="utf-8")
    with pytest.raises(OntologyError) as caught:
        Ontology.read(folder)
    assert (caught.value.place, caught.value.others) == ("ontology/small.owl:1:1", ())


def test_a_module_that_cannot_be_read_is_told(folder: Path) -> None:
    (folder / "small.owl").unlink()
    (folder / "small.owl").mkdir()
    with pytest.raises(OntologyError, match=r"small\.owl: the file cannot be read \(Is a directory\)"):
        Ontology.read(folder)


def test_a_class_that_contains_itself_is_refused_and_not_lost(folder: Path) -> None:
    knot = '<owl:Class rdf:nodeID="a"><owl:complementOf rdf:nodeID="a"/></owl:Class>'
    tied = f'<rdf:Description rdf:about="https://isopath.org/ontology#Bar"><rdfs:subClassOf rdf:nodeID="a"/></rdf:Description>{knot}'
    for name, addition in (("schema.owl", tied), ("small.owl", knot)):
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace("</rdf:RDF>", f"{addition}</rdf:RDF>"), encoding="utf-8")
    before = (folder / "small.owl").read_bytes()
    with pytest.raises(OntologyError, match="an anonymous class contains itself"):
        Ontology.read(folder)
    with pytest.raises(OntologyError):
        normalise(folder / "small.owl")
    assert (folder / "small.owl").read_bytes() == before


def test_a_character_that_xml_cannot_hold_is_not_written(folder: Path) -> None:
    before = (folder / "small.owl").read_bytes()
    with pytest.raises(OntologyError, match="it is not XML"):
        write_module(folder / "small.owl", [Draft("a", "Descriptor", {"text": "soft\x00"})])
    assert (folder / "small.owl").read_bytes() == before


def test_a_folder_without_a_root_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match=r"isopath\.owl: the root module is not there"):
        Ontology.read(tmp_path)


# ---------------------------------------------------------------- writing


def test_writing_is_stable_whatever_the_order(whole: Path, tmp_path: Path) -> None:
    again = put(tmp_path / "again", reversed(SMALL.values()))
    for file in ("small.owl", "isopath.owl"):
        assert (again / file).read_bytes() == (whole / file).read_bytes()


@pytest.mark.parametrize("name", [path.relative_to(ONTOLOGY_DIR).as_posix() for path in list_files(ONTOLOGY_DIR)])
def test_a_shipped_module_is_in_its_stable_form(name: str, tmp_path: Path) -> None:
    shutil.copy(ONTOLOGY_DIR / "schema.owl", tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    shutil.copy(ONTOLOGY_DIR / name, tmp_path / name)
    assert not normalise(tmp_path / name), f"ontology/{name}: normalise it, so that people can diff it"


def test_a_double_that_protege_saved_becomes_a_decimal(folder: Path, whole: Path) -> None:
    path = folder / "small.owl"
    text = path.read_text(encoding="utf-8")
    doubles = text.replace("XMLSchema#decimal", "XMLSchema#double").replace(">0.5</share>", ">5.0E-1</share>")
    path.write_text(doubles, encoding="utf-8")
    assert normalise(path)
    assert path.read_bytes() == (whole / "small.owl").read_bytes()
    assert not normalise(path)


def test_a_new_individual_is_told_apart_from_the_others_of_its_class(folder: Path) -> None:
    path = folder / "small.owl"
    new = '<owl:NamedIndividual rdf:about="https://isopath.org/ontology#steady-words"><rdf:type rdf:resource="https://isopath.org/ontology#Descriptor"/><text>steady</text></owl:NamedIndividual>'
    path.write_text(path.read_text(encoding="utf-8").replace("</rdf:RDF>", f"{new}</rdf:RDF>"), encoding="utf-8")
    assert normalise(path)
    everyone_differs = path.read_text(encoding="utf-8").split("<owl:AllDifferent>", 1)[1]
    assert '<rdf:Description rdf:about="https://isopath.org/ontology#steady-words"/>' in everyone_differs


def test_what_a_rule_uses_alone_stands_beside_it_one_topic_a_file(shipped: Ontology) -> None:
    for file in sorted({each.file for each in shipped.of("Rule")}):
        text = (ONTOLOGY_DIR.parent / file).read_text("utf-8").partition("<owl:AllDifferent>")[0]
        order = re.findall(r'<owl:NamedIndividual rdf:about="[^"#]*#([^"]+)"', text)
        rules = [id_ for id_ in order if "Rule" in shipped[id_].classes]
        owned = {id_: [r for r in rules if id_ in {*shipped[r].to("does"), *shipped[r].to("claims")}] for id_ in order}
        for id_, owners in owned.items():
            if len(owners) == 1:
                before = [r for r in rules if order.index(r) < order.index(id_)]
                assert before[-1] == owners[0], f"{file}: {id_}"


def test_what_the_schema_does_not_know_is_not_written(folder: Path) -> None:
    drafts = [Draft("a", "Emotoin", {"valance": 1}, {"too": "b"}), Draft("a", "Emotion")]
    with pytest.raises(OntologyError) as caught:
        write_module(folder / "new.owl", drafts)
    assert len((caught.value, *caught.value.others)) == 4
    assert not (folder / "new.owl").exists()


# ---------------------------------------------------------------- checking


def rewritten(folder: Path, drafts: Mapping[str, Draft]) -> Path:
    """The folder with these individuals instead."""
    write_module(folder / "small.owl", drafts.values())
    return folder


def review(drafts: Mapping[str, Draft], day: datetime) -> dict[str, Draft]:
    return changed(drafts, "fear-pace-only", review_by=day)


def more(*drafts: Draft) -> dict[str, Draft]:
    return {**SMALL, **{draft.id: draft for draft in drafts}}


def pattern(**properties: str | list[str]) -> Draft:
    return Draft("said", "Pattern", {"text": "It was met", "text_zh": "已达到", **properties})


PURPOSE = Draft("begins", "Purpose", {"text": "it begins", "text_zh": "它开始"}, {"at": "match", "for": "any-goal"})
PASSAGE = Draft("takes", "Passage", {"text": "{minutes}", "text_zh": "{minutes}"}, {"at": "every-stage", "for": "calm"})
SECOND = Draft("second-replace", "Replace", {}, {"of": "tension"})
LEANING = Draft("hard-bound", "Bound", {"high": 100}, {"of": "tempo"})
UNMET = rule("grief-met", "grief-there", ["grief-mirror"], 40, at="target")
UNDER = changed(
    more(
        Draft(
            "fear-as-peace",
            "Mapping",
            {"share": 0.5, "grade": "C"},
            {"to": "peacefulness", "under": "panic-skips-match"},
        )
    ),
    "fear",
    readAs=["fear-as-peace", "fear-as-tension"],
)
CHECKS: dict[str, list[tuple[dict[str, Draft], str]]] = {
    "numbers-in-order": [
        (changed(SMALL, "peace-tempo", best=100), "CueTarget 'peace-tempo': 'best' is 100 and 'high' is 90"),
        (changed(SMALL, "calm", minutes_low=30), "Goal 'calm': 'minutes_low' is 30 and 'minutes_best' is 20"),
    ],
    "numbers-inside-the-cue": [
        (
            changed(SMALL, "peace-tempo", low=5),
            "CueTarget 'peace-tempo': 'low' is 5, and tempo runs from 30 to 240 BPM",
        ),
        (
            changed(SMALL, "even-limit", at_most=30),
            "StepLimit 'even-limit': 'at_most' is 30, and tempo spans 3 octaves",
        ),
    ],
    "log-cues-above-zero": [(changed(SMALL, "tempo", minimum=0), "Cue 'tempo': its scale is log")],
    "targets-for-every-cue": [
        (
            more(named("level", "Cue", SMALL["tempo"].properties)),
            "Scale 'tension': it calls for nothing in level",
        ),
        (changed(SMALL, "tension-tempo", of="valence", low=0, best=0, high=0), "it has a target for valence"),
    ],
    "shares-of-stages": [
        (changed(SMALL, "match", share=0.5), "the shares of the stages add up to 1.1"),
        (changed(SMALL, "target", order=1, ends_at=0.1), "it ends at 0.1, and the goal is at 1"),
        (changed(SMALL, "match", drop="next"), "'next' names nothing, and by 'order' it is target"),
    ],
    "shares-of-aims": [(changed(SMALL, "calm-aim", share=0.7), "Goal 'calm': the shares of its aims add up to 0.7")],
    "shares-of-readings": [
        (
            changed(
                more(Draft("more-fear", "Mapping", {"share": 0.5, "grade": "C"}, {"to": "tension"})),
                "fear",
                readAs=["fear-as-tension", "more-fear"],
            ),
            "Emotion 'fear': the shares of its readings add up to 1.5",
        ),
        (UNDER, "Emotion 'fear': the shares of its readings add up to 1.5 while 'panic-skips-match' holds"),
    ],
    "one-policy-for-every-kind": [
        ({k: v for k, v in SMALL.items() if k != "via-policy"}, "class 'Via': no hit policy governs it"),
        (changed(SMALL, "via-policy", governs="Ask"), "class 'Ask': ask-policy and via-policy govern it"),
        (changed(SMALL, "via-policy", governs="Detour"), "'governs' is 'Detour', which is no kind of effect"),
    ],
    "policies-can-be-followed": [
        (
            changed(SMALL, "via-policy", combine="mean"),
            "'policy' priority with 'combine' mean is no way to settle several Via effects. Say priority with first",
        ),
        (changed(SMALL, "bound-policy", when_empty="go-on"), "'when_empty' is go-on, and nothing does that. Say relax"),
    ],
    "no-ties": [
        (
            more(SECOND, rule("panic-begins-tense", "panic-there", ["second-replace"], 20)),
            "'panic-skips-match' can hold together, both have priority 20, and only one Replace can count",
        ),
        (
            more(
                Draft("second-mirror", "Mirror", {"depth": 1}, {"of": "tempo"}),
                rule("fear-met", "fear-there", ["second-mirror"], 60),
            ),
            "'fear-pace-only' can hold together, both are on fear, and only one Mirror can count",
        ),
    ],
    "the-way-is-named-where-it-begins": [
        (
            changed(SMALL, "panic-skips-match", at="target"),
            "Rule 'panic-skips-match': it replaces the beginning and stands at target, where nothing begins",
        )
    ],
    "every-rule-can-hold": [
        (changed(SMALL, "fear-pace-only", unless="fear-there"), "Rule 'fear-pace-only': no signs bring it to hold")
    ],
    "bounds-leave-room": [
        (
            changed(
                changed(
                    more(LEANING, Draft("low-bound", "Bound", {"low": 120}, {"of": "tempo"})),
                    "fear-pace-only",
                    does=["fear-mirror", "hard-bound"],
                ),
                "even-steps",
                does=["even-limit", "even-notice", "low-bound"],
            ),
            "Rule 'even-steps': its bound on tempo and that of 'fear-pace-only' leave nothing between 120 and 100",
        )
    ],
    "overrides-run-one-way": [
        (
            changed(changed(SMALL, "fear-pace-only", overrides="grief-met"), "grief-met", overrides="fear-pace-only"),
            "Rule 'fear-pace-only': its overrides lead back to itself",
        )
    ],
    "safety-is-not-overridden": [
        (changed(SMALL, "fear-pace-only", overrides="even-steps"), "it is clinical and overrides 'even-steps'")
    ],
    "safety-rests-on-firm-signs": [
        (changed(SMALL, "grief-met", tier="safety"), "it rests on labels that are often missed alone: grief (0.2)"),
        (changed(SMALL, "even-steps", unless="fear-there"), "it rests on the absence of 'fear'"),
        ({k: v for k, v in SMALL.items() if k != "rare-label"}, "there is no setting 'rare-label'"),
    ],
    "bounds-are-signed": [
        (
            changed(more(LEANING), "fear-pace-only", does=["fear-mirror", "hard-bound"]),
            "Rule 'fear-pace-only': it sets a hard bound (hard-bound) that nobody has signed",
        )
    ],
    "markers-can-be-seen": [
        (
            changed(more(named("gloom", "Marker")), "panic-there", on=["panic", "gloom"]),
            "'gloom': it has no phrases",
        )
    ],
    "every-feeling-is-answered": [
        ({**SMALL, "grief-met": UNMET}, "Emotion 'grief': alone and present it meets no mirror"),
    ],
    "every-scale-is-reached": [
        (changed(SMALL, "calmness-as-peace", to="tension"), "Scale 'peacefulness': no words lead to it, only goals"),
        (changed(SMALL, "calmness-as-peace", grade="C"), "Scale 'peacefulness': words lead to it by judgement alone"),
        (
            changed(
                changed(changed(SMALL, "calmness-as-peace", to="tension"), "calm-aim", atScale="tension"),
                "panic-replace",
                of="tension",
            ),
            "Scale 'peacefulness': nothing leads to it",
        ),
    ],
    "grades-have-evidence": [(changed(SMALL, "by-judgement", grade="B"), "its grade is B and nothing supports it")],
    "evidence-was-read": [
        (changed(SMALL, "first-study", read="M"), "Rule 'panic-skips-match': all its evidence is quoted from memory")
    ],
    "reviews-are-kept": [
        (
            review(SMALL, datetime(2026, 1, 14, tzinfo=UTC)),
            "Rule 'fear-pace-only': it was to be reviewed by 2026-01-14",
        ),
        (
            changed(SMALL, "risk-studied", review_by=datetime(2020, 2, 1, tzinfo=UTC)),
            "Claim 'risk-studied': it was to be reviewed by 2020-02-01",
        ),
    ],
    "numbers-are-signed": [(SMALL, "ontology/small.owl: 1 claims about numbers are not signed")],
    "labels-differ": [
        (
            more(Draft("dread", "Group", {}, {}, "negative", "恐惧")),
            "'dread' and 'negative' are each a Group called 'negative'",
        )
    ],
    "evidence-is-cited": [
        (
            more(Draft("lone-study", "Evidence", SMALL["first-study"].properties)),
            "Evidence 'lone-study': no claim names it",
        )
    ],
    "patterns-can-be-filled": [
        (more(pattern(text="{a} is met")), "its 'text' has the slot {a}, which nothing fills"),
        (more(pattern(text="{b} is met", slot=["b"])), "its languages have different slots"),
        (more(pattern(text="{b is met", slot=["b"])), "its 'text' has a brace that opens or closes nothing"),
        (
            more(replace(PURPOSE, properties={**PURPOSE.properties, "text_zh": "{who}"})),
            "its 'text_zh' has the slot {who}",
        ),
    ],
    "feelings-can-be-asked-for": [
        (
            more(
                Draft("which-feeling", "SharedPattern", {name_property("text", each): "哪个？" for each in LANGUAGES})
            ),
            "Emotion 'grief': it has no 'label_de'",
        ),
    ],
    "texts-are-in-their-language": [
        (more(pattern(text="达到")), "its 'text' is not in English"),
        (more(pattern(text_zh="It was met")), "its 'text_zh' is not in Chinese"),
    ],
    "words-name-no-figure": [(more(pattern(text="Met by 60 %")), "its 'text' names the figure 60")],
    "every-place-has-words": [
        (
            more(PURPOSE, PASSAGE),
            "Stage 'target': for the goal calm there is no Purpose that is true whatever is measured",
        ),
    ],
}
EXAMPLES = [(check, *example) for check, examples in CHECKS.items() for example in examples]


def test_the_small_ontology_has_nothing_wrong_with_it(whole: Path) -> None:
    assert [f.check for f in check(Ontology.read(whole), TODAY)] == ["numbers-are-signed"]


@pytest.mark.parametrize(("name", "drafts", "expected"), EXAMPLES, ids=[f"{e[0]}: {e[2]}" for e in EXAMPLES])
def test_a_check_finds_what_it_is_for(name: str, drafts: dict[str, Draft], expected: str, folder: Path) -> None:
    findings = check(Ontology.read(rewritten(folder, drafts)), TODAY)
    told = [f for f in findings if f.check == name and expected in str(f)]
    assert len(told) == 1, "\n".join(map(str, findings))
    assert told[0].repair


def test_every_check_has_an_example_that_makes_it_fire() -> None:
    checks = {check.__name__.replace("_", "-") for check in (*ALL_CHECKS, reviews_are_kept)}
    assert checks - {expected for _, expected, _ in SLIPPED.values()} <= set(CHECKS) <= checks


@pytest.mark.parametrize(
    "drafts",
    [
        review(SMALL, datetime(2026, 1, 15, tzinfo=UTC)),
        changed(review(SMALL, datetime(2020, 1, 1, tzinfo=UTC)), "fear-pace-only", status="retired"),
    ],
    ids=["on the day", "retired"],
)
def test_a_review_is_not_asked_for_too_early_or_in_vain(drafts: dict[str, Draft], folder: Path) -> None:
    findings = check(Ontology.read(rewritten(folder, drafts)), TODAY)
    assert "reviews-are-kept" not in {f.check for f in findings}


@pytest.mark.parametrize(
    "links",
    [{"overrides": "panic-skips-match"}, {"unless": "panic-there"}, {"at": "target"}],
    ids=["overrides", "excludes", "elsewhere"],
)
def test_rules_that_never_meet_do_not_tie(links: dict[str, str], folder: Path) -> None:
    drafts = more(SECOND, rule("panic-begins-tense", "panic-there", ["second-replace"], 20, **links))
    findings = check(Ontology.read(rewritten(folder, drafts)), TODAY)
    assert "no-ties" not in {f.check for f in findings}


def test_a_reading_under_a_rule_counts_only_while_the_rule_holds(folder: Path) -> None:
    book = Rulebook(Ontology.read(rewritten(folder, UNDER)))
    scales = {"tension", "peacefulness"}
    assert book.suppose(["fear"]).present & scales == {"tension"}
    assert book.suppose(["fear", "panic"]).present & scales == scales


def test_a_catalogue_that_protege_could_not_follow_is_told(folder: Path) -> None:
    catalog = folder / "catalog-v001.xml"
    ontology = Ontology.read(folder)
    assert protege_finds_the_modules(ontology) == []
    catalog.write_text(
        catalog.read_text(encoding="utf-8").replace('uri="small.owl"', 'uri="big.owl"'), encoding="utf-8"
    )
    assert "'big.owl' and the file is 'small.owl'" in str(*protege_finds_the_modules(ontology))
    catalog.write_text("<catalog>", encoding="utf-8")
    assert "it is not XML" in str(*protege_finds_the_modules(ontology))
    catalog.unlink()
    assert "the file cannot be read (No such file" in str(*protege_finds_the_modules(ontology))


# ---------------------------------------------------------------- reasoning


def test_hermit_finds_the_small_ontology_consistent(whole: Path) -> None:
    assert reason(whole) == []


def test_hermit_names_those_who_contradict_each_other(folder: Path) -> None:
    ontology = Ontology.read(folder)
    text = (folder / "schema.owl").read_text(encoding="utf-8")
    nobody = '<owl:Class><owl:complementOf rdf:resource="https://isopath.org/ontology#Emotion"/></owl:Class>'
    axiom = f'<rdf:Description rdf:about="https://isopath.org/ontology#to"><rdfs:range>{nobody}</rdfs:range></rdf:Description>'
    (folder / "schema.owl").write_text(text.replace("</rdf:RDF>", f"{axiom}</rdf:RDF>"), encoding="utf-8")
    assert reason(ontology.directory) == []
    slip(folder, "grief-as-tension", 'ontology#tension"', 'ontology#calmness"')
    (finding,) = reason(ontology.directory)
    assert finding.level == "error"
    assert "'calmness' (ontology/small.owl), 'grief-as-tension' (ontology/small.owl)" in finding.fault
    assert finding.fault.endswith(
        ": 'grief-as-tension' to 'calmness'; 'calmness' is a 'Emotion'; what the schema says of 'to'"
    )


def test_hermit_does_not_take_two_individuals_for_one(folder: Path) -> None:
    write_module(folder / "small.owl", [SMALL[i] for i in ("fear", "fear-as-tension", "peacefulness", "tension")])
    slip(folder, "fear-as-tension", "<to ", '<to rdf:resource="https://isopath.org/ontology#peacefulness"/><to ')
    (finding,) = reason(folder)
    assert "'fear-as-tension' (ontology/small.owl), 'peacefulness' (ontology/small.owl), 'tension'" in finding.fault


def test_hermit_names_a_class_that_nothing_can_belong_to(folder: Path) -> None:
    ontology = Ontology.read(folder)
    text = (folder / "schema.owl").read_text(encoding="utf-8")
    torn = '<owl:Class rdf:about="https://isopath.org/ontology#Torn"><rdfs:subClassOf rdf:resource="https://isopath.org/ontology#Bar"/><rdfs:subClassOf rdf:resource="https://isopath.org/ontology#Ask"/></owl:Class>'
    (folder / "schema.owl").write_text(text.replace("</rdf:RDF>", f"{torn}</rdf:RDF>"), encoding="utf-8")
    assert [f.place for f in reason(ontology.directory)] == ["ontology/: class 'Torn'"]


def test_a_datatype_that_hermit_does_not_know_is_told(folder: Path) -> None:
    ontology = Ontology.read(folder)
    text = (folder / "schema.owl").read_text(encoding="utf-8")
    (folder / "schema.owl").write_text(text.replace("XMLSchema#dateTime", "XMLSchema#date"), encoding="utf-8")
    with pytest.raises(OntologyError, match=r"HermiT stops: .*UnsupportedDatatype"):
        reason(ontology.directory)


# ---------------------------------------------------------------- the shipped ontology


def test_the_shipped_ontology_has_no_error(shipped: Ontology) -> None:
    assert [str(f) for f in check(shipped) if f.level == "error"] == []


def test_hermit_finds_the_shipped_ontology_consistent(shipped: Ontology) -> None:
    assert reason(shipped.directory) == []


def test_the_shipped_ontology_is_whole(shipped: Ontology) -> None:
    assert len(shipped.of("Emotion")) == 28
    assert len(shipped.of("Scale")) == 9
    assert len(shipped.of("Superfactor")) == 3
    assert {goal.id for goal in shipped.of("Goal")} == {"calm", "sleep", "comfort", "focus", "lift"}
    assert [s.id for s in sorted(shipped.of("Stage"), key=lambda s: s.number("order") or 0)] == [
        "match",
        "guide",
        "target",
    ]
    assert len([rule for rule in shipped.of("Rule") if rule.text("status") == "published"]) >= 49
