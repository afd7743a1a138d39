"""Writes the reference of the ontology's words: every class and every property, from the ontology itself.

python -m engine.authoring.reference    writes ontology/REFERENCE.md anew; a test compares it with ontology/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from encoders.languages import LANGUAGES, name_property
from engine.settings import ONTOLOGY_DIR

if TYPE_CHECKING:
    from engine.rules import Ontology
    from engine.rules.owl.schema import OwlClass, OwlProperty

PAGE: Final = ONTOLOGY_DIR / "REFERENCE.md"
HEAD: Final = """\
# Reference: every class and property

Written from the ontology itself by `make reference`; `README.md` tells how to work with it. Of a property, *must* means
that each individual of the class has a value, *may* that it can have one, and *several* that it can have more.
"""
DRAWN: Final = ("Emotion", "Mapping", "Scale", "CueTarget", "Cue", "Rule", "Condition", "Sign", "StageScope", "Stage",
                "GoalScope", "Goal", "Effect", "CueScope", "Claim", "Evidence", "Descriptor")  # fmt: skip
"""Classes of the picture: what leads from a feeling to the music."""
NOTES: Final = {"label": "a name in English", "label_zh": "one in Chinese", "definition": "a definition"}


def write_reference(ontology: Ontology) -> str:
    """The page in Markdown: a picture, then the classes, then the properties, each sorted by name."""
    parts = [
        HEAD,
        "## How it hangs together\n",
        _draw(ontology),
        "## Classes\n",
        *(_describe_class(ontology, one) for _, one in sorted(ontology.classes.items())),
        "## Properties\n",
        "| Property | Of | Takes | Means |\n|---|---|---|---|",
        *_describe_properties(ontology),
    ]
    return "\n".join(parts) + "\n"


def _draw(ontology: Ontology) -> str:
    """Links between the classes of the picture, as a Mermaid diagram."""
    lines = ["```mermaid", "flowchart LR"]
    lines += [f'    {name}["{ontology.classes[name].label}"]' for name in DRAWN]
    for source in DRAWN:
        for name, link in sorted(ontology.object_properties.items()):
            if _is_of(ontology, source, name):
                ends = _say_range(ontology, source, name).split(" or ")
                lines += [f"    {source} -->|{link.label}| {end}" for end in ends if end in DRAWN]
        lines += [f"    {source} -.->|is a| {name}" for name in ontology.classes[source].ancestors if name in DRAWN]
    return "\n".join([*lines, "```", ""])


def _describe_class(ontology: Ontology, one: OwlClass) -> str:
    parents = f" A kind of {_join(f'[{p}](#{p.lower()})' for p in one.ancestors)}." if one.ancestors else ""
    needed = [NOTES[note] for note in one.notes if note in NOTES]
    needs = f" Needs {_join(needed)}." if needed else ""
    lines = [f"### {one.name}", "", f"{one.label}, {one.label_zh}. {one.definition}{parents}{needs}"]
    rows = [
        f"| `{name}` | {_say_need(ontology, one.name, name)} | {_escape(_say_range(ontology, one.name, name))} |"
        for name in sorted({*ontology.data_properties, *ontology.object_properties})
        if _is_of(ontology, one.name, name) and ontology.schema.may_have(one.name, name)
    ]
    if rows:
        lines += ["", "| Property | Must or may | Takes |", "|---|---|---|", *rows]
    return "\n".join([*lines, ""])


def _is_of(ontology: Ontology, kind: str, name: str) -> bool:
    """Whether the property is declared for the class itself or for what it is a kind of, or needed by it."""
    domain = _get_property(ontology, name).domain
    if domain is None:
        return ontology.schema.must_have(kind, name)
    return bool({kind, *ontology.classes[kind].ancestors} & {*str(domain).split(" or ")})


def _say_range(ontology: Ontology, kind: str, name: str) -> str:
    """What the property takes for individuals of the class: the narrowest that is said."""
    ranges = ontology.schema.list_ranges(kind, name)
    return str(ranges[-1]) if ranges else "anything"


def _say_need(ontology: Ontology, kind: str, name: str) -> str:
    if name == "text" and ontology.schema.speaks(kind):
        notes = {note for one in (kind, *ontology.classes[kind].ancestors) for note in ontology.classes[one].notes}
        languages = [language for language in LANGUAGES if name_property("text", language) in notes]
        return f"must, with a language tag: {_join(languages)}"
    need = "must" if ontology.schema.must_have(kind, name) else "may"
    link = ontology.object_properties.get(name)
    is_single = link.is_functional if link else ontology.schema.is_single(kind, name)
    return need if is_single else f"{need}, several"


def _describe_properties(ontology: Ontology) -> Iterator[str]:
    for name in sorted({*ontology.data_properties, *ontology.object_properties}):
        one = _get_property(ontology, name)
        takes = "anything" if one.range is None else str(one.range)
        yield f"| `{name}` | {_escape(str(one.domain or 'all'))} | {_escape(takes)} | {_escape(one.definition)} |"


def _get_property(ontology: Ontology, name: str) -> OwlProperty:
    return ontology.data_properties.get(name) or ontology.object_properties[name]


def _join(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def _escape(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def main() -> None:
    from engine.rules import Ontology

    PAGE.write_text(write_reference(Ontology.read(ONTOLOGY_DIR)), "utf-8")


if __name__ == "__main__":
    main()
