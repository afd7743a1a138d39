"""Writes shipped.json, the bundled gate, from ontology/gate.owl.

python -m engine.gate.shipping        writes it; a test compares it with the ontology
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.gate.checking import CRISIS, Sense
from engine.gate.compiling import compile_gate, list_words
from engine.gate.shipped import SHIPPED

if TYPE_CHECKING:
    from engine.rules import Ontology


SHARED = ("messages", "lines", "watched", "plain", "asked", "languages", "second_look")
"""Members of the compiled gate that ship as they are."""


def build_source(ontology: "Ontology") -> dict[str, Any]:
    """The content of shipped.json for this ontology."""
    compiled = compile_gate(ontology)
    texts = {phrase.id: [phrase.text("text"), phrase.text("language")] for phrase in ontology.of("Phrase")}
    senses = [sense for sense in compiled["senses"] if Sense(*sense).marker == CRISIS]
    return {
        **{name: compiled[name] for name in SHARED},
        "reach": {CRISIS: compiled["reach"][CRISIS]},
        "lists": {each.id: each.text("text") for each in ontology.of("WordList")},
        "fillers": list_words(ontology.of("WordList"), "filler"),
        "senses": senses,
        "texts": [texts[sense[0]] for sense in senses],
    }


def format_source(source: Mapping[str, Any]) -> str:
    """The content as JSON with an item a line, so that a change of one phrase is a change of one line."""

    def items(value: Any) -> str:
        if not isinstance(value, list):
            return json.dumps(value, ensure_ascii=False)
        return "[\n" + ",\n".join(json.dumps(each, ensure_ascii=False) for each in value) + "\n]"

    return "{\n" + ",\n".join(f"{json.dumps(name)}: {items(value)}" for name, value in source.items()) + "\n}\n"


def main() -> None:
    from engine.rules import Ontology
    from engine.settings import ONTOLOGY_DIR

    SHIPPED.write_text(format_source(build_source(Ontology.read(ONTOLOGY_DIR))), "utf-8")


if __name__ == "__main__":
    main()
