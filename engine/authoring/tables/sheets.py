"""What stands where in a table of rules: its sheets, their columns, and the cells of each individual."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, TypeAlias

from engine.authoring.effects import describe_effect

if TYPE_CHECKING:
    from engine.rules import Individual, Ontology

Cell: TypeAlias = tuple[str, ...]
"""The values of a cell as texts, sorted; empty for an empty cell."""

ID, KIND, FILE, OWNER, SAID = "id", "kind", "file", "rule", "in words"
"""Columns that are no property: the id, the class, the file, the rule that does an effect, and a sentence to read."""

NOTES: Final = {
    "label": ("Name", "What it is called, in English."),
    "label_zh": ("Name in Chinese", "The same in Chinese."),
    "definition": ("In a sentence", "What it means, in one English sentence."),
    "comment": ("Remark", "For colleagues; no listener reads it."),
}
SPECIAL: Final = {
    ID: ("Id", "Small letters and hyphens. It stays for ever: give a new row a new one, and never rename."),
    KIND: ("What it does", "The kind of effect."),
    FILE: ("Topic", "The file in rules/ that it stands in. Say it for a new rule; it is not moved afterwards."),
    OWNER: ("Rule", "The one rule that does this."),
    SAID: ("In words", "What the numbers mean, to read: edits of it change nothing. Units stand here."),
}
SHEETS: Final = (
    ("Rules", "Rule", (ID, "label", "definition", "status", "tier", "priority", "when", "unless", "at", "for",
                       "overrides", "describedBy", "claims", FILE, "label_zh")),
    ("Conditions", "Condition", (ID, "label", "on", "level", "at_least", "at_most", "label_zh")),
    ("Effects", "Effect", (ID, OWNER, KIND, SAID, "of", "weight", "low", "best", "high", "depth", "steps_min",
                           "steps_max", "seconds_max", "minutes_low", "minutes_high", "at_most", "direction",
                           "outcome", "label", "label_zh")),
    ("Claims", "Claim", (ID, "about", "grade", "definition", "supportedBy", "challengedBy", "signed_by", "review_by",
                         "label", "label_zh")),
    ("Sources", "Evidence", (ID, "key", "read", "design", "population", "n", "finding", "effect", "doi", "url",
                             "label", "label_zh")),
    ("Search words", "Descriptor", (ID, "text", "label", "label_zh")),
)  # fmt: skip
"""Name, class, and the order of columns; other properties of the class stand behind these, then the remark."""
NUMBERS: Final = ("decimal", "integer")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet."""

    name: str
    """Of the property, of the note, or one of the columns that are neither."""
    heading: str
    help: str
    choices: Cell = ()
    """What can be chosen; empty where anything may be written."""
    is_several: bool = False
    """A cell holds several values, with commas between."""
    is_number: bool = False
    is_whole: bool = False
    bounds: tuple[Decimal | None, Decimal | None] = (None, None)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: a class, its columns, and its individuals in the order of rows."""

    name: str
    kind: str
    columns: tuple[Column, ...]
    rows: Mapping[str, Mapping[str, Cell]]
    """Id -> name of a column -> its cell; empty cells left out."""


def lay_out(ontology: Ontology) -> tuple[Sheet, ...]:
    """The sheets of an ontology: its rules, and what rules are made of."""
    owners = {effect: rule.id for rule in ontology.of("Rule") for effect in rule.to("does")}
    return tuple(
        Sheet(
            name,
            kind,
            tuple(_make_column(ontology, kind, one) for one in _order_columns(ontology, kind, order)),
            {one.id: _make_row(ontology, one, owners) for one in _list_individuals(ontology, kind, owners)},
        )
        for name, kind, order in SHEETS
    )


def list_topics(ontology: Ontology) -> dict[str, str]:
    """Name of a topic -> its file within the folder: where rules stand, and what waits for some in rules/."""
    files = {rule.file.partition("/")[2] for rule in ontology.of("Rule")}
    files |= {f"rules/{path.name}" for path in (ontology.directory / "rules").glob("*.owl")}
    return {PurePosixPath(file).stem: file for file in sorted(files)}


def normalise_number(text: str) -> str:
    """A number as it is compared and written: no exponent, no zeros at the end. ValueError for what is none."""
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(text)
    plain = f"{number:f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain in ("-0", "") else plain


def normalise_text(text: str) -> str:
    """A text without spaces around it, with one kind of line end."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _order_columns(ontology: Ontology, kind: str, order: tuple[str, ...]) -> tuple[str, ...]:
    known = [name for name in ontology.schema.list_properties(kind) if name != "does"]
    return (*order, *(name for name in known if name not in order), "comment")


def _make_column(ontology: Ontology, kind: str, name: str) -> Column:
    if name in NOTES:
        return Column(name, *NOTES[name])
    if name in SPECIAL:
        choices = {
            KIND: ontology.schema.list_kinds(kind)[1:] if kind == "Effect" else (),
            OWNER: tuple(rule.id for rule in ontology.of("Rule")),
            FILE: tuple(list_topics(ontology)),
        }
        return Column(name, *SPECIAL[name], choices.get(name, ()))
    if (link := ontology.object_properties.get(name)) is not None:
        help_ = f"{link.definition} {'One id' if link.is_functional else 'Ids, with commas between'}: {link.range}."
        return Column(name, _head(link.label), help_, ontology.list_fitting(name), not link.is_functional)
    data = ontology.data_properties[name]
    is_number = str(data.range).startswith(NUMBERS)
    is_whole = str(data.range).startswith("integer")
    help_ = f"{data.definition} ({data.range})" if is_number or data.choices else data.definition
    return Column(
        name,
        _head(data.label),
        help_,
        data.choices,
        not ontology.schema.is_single(kind, name),
        is_number,
        is_whole,
        data.bounds,
    )


def _head(label: str) -> str:
    return label[:1].upper() + label[1:]


def _list_individuals(ontology: Ontology, kind: str, owners: Mapping[str, str]) -> Iterator[Individual]:
    found = ontology.of(kind)
    match kind:
        case "Rule":
            yield from sorted(found, key=lambda rule: (rule.file, rule.number("priority") or 0.0, rule.id))
        case "Effect":
            yield from sorted(found, key=lambda effect: (owners.get(effect.id, ""), effect.id))
        case "Claim" | "Descriptor":
            link = "claims" if kind == "Claim" else "describedBy"
            used = {target for rule in ontology.of("Rule") for target in rule.to(link)}
            yield from (one for one in found if one.id in used)
        case _:
            yield from found


def _make_row(ontology: Ontology, one: Individual, owners: Mapping[str, str]) -> dict[str, Cell]:
    row: dict[str, Cell] = {ID: (one.id,), KIND: (one.classes[0],)}
    for name, value in one.properties.items():
        values = value if isinstance(value, list) else [value]
        row[name] = tuple(sorted(_format_value(one) for one in values))
    for name in {name for name, _ in one.links} - {"does"}:
        row[name] = tuple(sorted(one.to(name)))
    if "Rule" in one.classes:
        row[FILE] = (one.file.rpartition("/")[2].removesuffix(".owl"),)
    if (owner := owners.get(one.id)) is not None:
        row[OWNER] = (owner,)
        row[SAID] = (" ".join(describe_effect(ontology, ontology[owner], one)),)
    return row


def _format_value(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return normalise_number(repr(value))
    return normalise_text(value.isoformat() if hasattr(value, "isoformat") else str(value))
