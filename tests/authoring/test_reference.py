"""The reference page is the ontology's own, and says all of it."""

from engine.authoring.reference import PAGE, write_reference
from tests.helpers.shipped import shipped_ontology


def test_the_page_is_written_from_the_ontology_as_it_is() -> None:
    assert PAGE.read_text("utf-8") == write_reference(shipped_ontology()), "Run `make reference`"


def test_every_class_and_property_stands_on_the_page_with_its_meaning() -> None:
    page, ontology = PAGE.read_text("utf-8"), shipped_ontology()
    for name, one in ontology.classes.items():
        assert f"\n### {name}\n" in page
        assert one.definition in page
    for name in (*ontology.data_properties, *ontology.object_properties):
        assert f"\n| `{name}` | " in page


def test_the_picture_leads_from_a_feeling_to_the_music() -> None:
    picture = PAGE.read_text("utf-8").partition("```mermaid")[2].partition("```")[0]
    for link in (
        "Emotion -->|read as| Mapping",
        "Condition -->|on| Sign",
        "Rule -->|does| Effect",
        "Rule -->|at| Stage",
    ):
        assert link in picture
