"""Checks the individuals against the schema under the closed-world assumption: all it requires must be stated."""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import XSD, Literal

from encoders.languages import ENGLISH
from engine.rules.owl.expressions import AllValuesFrom, Cardinality, Datatype, Expression, OneOf, Term
from engine.rules.owl.modules import Fault, suggest_name
from engine.rules.owl.names import get_local_name
from engine.rules.owl.schema import OwlProperty
from engine.rules.owl.statements import Statements


def find_unmet(statements: Statements) -> Iterator[Fault]:
    """A fault for every requirement of the schema that an individual does not meet."""
    for id_ in sorted(statements.file):
        place, missing = statements.describe_place(id_), set[str]()
        for name, terms in statements.facts[id_].items():
            used = statements.schema.data_properties.get(name) or statements.schema.object_properties[name]
            for fault, repair in _find_misuse(id_, used, terms, statements):
                missing.add(name)
                yield place, fault, repair
        # One message for one mistake: a property reported above is not reported again for each class expression.
        for demand in [d for kind in statements.kinds[id_] for d in statements.schema.classes[kind].demands]:
            if not demand.holds(id_, statements) and not (
                isinstance(demand, Cardinality | AllValuesFrom) and demand.property_ in missing
            ):
                yield place, *_describe_unmet(id_, demand, statements)
        wanted = {note for kind in statements.kinds[id_] for note in statements.schema.classes[kind].notes}
        if "text" in wanted and "text" in statements.facts[id_]:
            yield place, "its 'text' has no language", "Give it the language tag en, and its translations theirs"
            continue
        for note in sorted(wanted):
            if note not in statements.notes[id_]:
                yield place, f"it has no '{note}'", _describe_note_repair(note)


NOTE_REPAIRS = {
    "label": "Give it an rdfs:label in English (language tag en)",
    "label_zh": "Give it an rdfs:label in Chinese (language tag zh)",
    "definition": "Say what it means in one sentence, as skos:definition (language tag en)",
}


def _describe_note_repair(note: str) -> str:
    name, _, language = note.partition("_")
    if name == "text":
        return f"Say it in this language too, as a text with the language tag {language or ENGLISH}"
    return NOTE_REPAIRS.get(note, f"Write its {note}")


def _find_misuse(id_: str, used: OwlProperty, terms: list[Term], statements: Statements) -> Iterator[tuple[str, str]]:
    name = used.name
    if used.is_functional and len(terms) > 1:
        yield f"'{name}' has {len(terms)} values ({', '.join(sorted(map(str, terms)))})", "Keep one"
    if used.domain is not None and statements.kinds[id_] and not used.domain.holds(id_, statements):
        yield f"it has '{name}', which is for {used.domain}", f"Drop it, or widen the domain of '{name}' in schema.owl"
    for term in terms:
        if isinstance(term, Literal):
            if used.range is not None and not used.range.holds(term, statements):
                yield _describe_wrong_value(name, term, used.range)
        elif term not in statements.file:
            fitting = [i for i in statements.file if used.range is None or used.range.holds(i, statements)]
            near = suggest_name(term, fitting) or suggest_name(term, statements.file)
            yield f"'{name}' names '{term}', which no module defines", near or "Define it, or drop the link"
        elif used.range is not None and statements.kinds[term] and not used.range.holds(term, statements):
            yield f"'{name}' names '{term}', a {statements.kinds[term][0]}", f"It takes {used.range}"


def _describe_wrong_value(name: str, value: Literal, wanted: Expression) -> tuple[str, str]:
    if isinstance(wanted, OneOf):
        return f"'{name}' is '{value}'", suggest_name(str(value), wanted.members) or f"It is one of {wanted}"
    if isinstance(wanted, Datatype) and not wanted.fits(value):
        kind = f"text in '{value.language}'" if value.language else get_local_name(value.datatype or XSD.string)
        if value.ill_typed:
            return f"'{name}' is '{value}', which is no {kind}", f"Write a {wanted}"
        return (
            f"'{name}' is '{value}' as {kind}",
            f"Choose xsd:{get_local_name(wanted.base)} as its datatype (it takes {wanted})",
        )
    return f"'{name}' is {value}", f"It takes {wanted}"


def _describe_unmet(id_: str, demand: Expression, statements: Statements) -> tuple[str, str]:
    if isinstance(demand, Cardinality):
        number = len(statements.get_values(id_, demand.property_, demand.inverse))
        if demand.inverse:
            return f"{number or 'no'} '{demand.property_}' points to it", f"It needs {demand}"
        if number == 0:
            return f"it has no '{demand.property_}'", f"It needs {demand}{_describe_range(demand, statements)}"
        return f"it has {number} of '{demand.property_}'", f"It needs {demand}"
    if isinstance(demand, AllValuesFrom):
        wrong = [
            t
            for t in statements.get_values(id_, demand.property_, demand.inverse)
            if not demand.kind.holds(t, statements)
        ]
        named = ", ".join(f"'{t}'" for t in wrong)
        return f"'{demand.property_}' has {named}", f"Here it takes {demand.kind}"
    return "it is not whole", f"It needs {demand}"


def _describe_range(demand: Cardinality, statements: Statements) -> str:
    data = statements.schema.data_properties.get(demand.property_)
    return f": {data.range}" if data is not None and data.range is not None else ""
