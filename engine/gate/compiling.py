"""Compiles ontology/gate.owl to one JSON value, and tests every phrase on its own examples."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

from encoders.languages import LANGUAGES, name_property
from engine.errors import OntologyError
from engine.gate.checking import CRISIS, EVERYWHERE, Gate, Sense, build_spelling
from engine.gate.clues import HUNDREDTHS, ClueThreshold
from engine.gate.phrases import Phrases

if TYPE_CHECKING:
    from engine.rules import Individual, Ontology

TEXTS = tuple(name_property("text", language) for language in LANGUAGES)
"""Properties of what is said, a language each."""
ASKED = ("safety", "safety-yes", "safety-no", "safety-unsure", "help-beside", "one-look")
"""Patterns that the gate says by itself, since they are needed where the ontology cannot be read."""


def compile_gate(ontology: "Ontology") -> dict[str, Any]:
    """All data of the gate, as one JSON value.

    OntologyError, with all faults at once, for phrases that cannot be read, that miss an example of `catches` or match
    one of `spares`, and for missing markers, messages or lines.
    """
    markers = {phrase: marker.id for marker in ontology.of("Marker") for phrase in marker.to("spelled")}
    written = [phrase for phrase in ontology.of("Phrase") if phrase.id in markers]
    lists = {each.id: each for each in ontology.of("WordList")}
    phrases, unread = Phrases.compile(
        [(phrase.text("text"), phrase.text("language")) for phrase in written],
        {id_: each.text("text") for id_, each in lists.items()},
        list_words(lists.values(), "filler"),
    )
    faults = [
        (written[number].place, fault, "Correct its text; engine/gate/language.py shows the phrase language")
        for number, fault in unread.items()
    ]
    faults += [
        (phrase.place, "no marker is spelled by it, so it would never count", "Link it from a Marker with `spelled`")
        for phrase in ontology.of("Phrase")
        if phrase.id not in markers
    ]
    senses = [
        Sense(
            phrase.id,
            markers[phrase.id],
            phrase.text("kind") or None,
            phrase.text("person") or None,
            phrase.text("role") == "guard",
            round((phrase.number("weight") or 0) * HUNDREDTHS) if phrase.text("role") == "clue" else None,
            phrase.text("role") == "doubt",
        )
        for phrase in written
    ]
    reach = {
        marker.id: ClueThreshold(
            round((marker.number("enough") or 0) * HUNDREDTHS),
            round(marker.number("within") or 0),
            round((marker.number("lent") or 0) * HUNDREDTHS),
            None if marker.number("asks") is None else round((marker.number("asks") or 0) * HUNDREDTHS),
        )
        for marker in ontology.of("Marker")
        if any(sense.marker == marker.id and sense.weight is not None for sense in senses)
    }
    faults += _find_weight_faults(written, senses, reach)
    messages = [
        {name: message.text(name) for name in ("kind", "person", *TEXTS)}
        for message in sorted(ontology.of("SupportMessage"), key=lambda each: (each.number("order") or 0, each.id))
    ]
    faults += _find_unanswered(written, senses, {(message["kind"], message["person"]) for message in messages})
    lines = [
        _compile_line(line)
        for line in sorted(ontology.of("SupportLine"), key=lambda each: (each.number("order") or 0, each.id))
    ]
    if not any(EVERYWHERE in line["regions"] for line in lines):
        faults.append(
            ("ontology/gate.owl: SupportLine", "none serves everywhere", f"Give a directory the region `{EVERYWHERE}`")
        )
    watched, plain = (list_words(lists.values(), use) for use in ("watched", "plain"))
    if not faults:
        gate = Gate(
            phrases, tuple(senses), build_spelling(phrases, watched, plain), tuple(messages), tuple(lines), reach
        )
        faults += [
            fault
            for phrase, sense in zip(written, senses, strict=True)
            for fault in _find_broken_examples(gate, phrase, sense)
        ]
    if faults:
        raise OntologyError.of(faults)
    return {
        "phrases": phrases.as_json(),
        "senses": [list(astuple(sense)) for sense in senses],
        "reach": {marker: [each.enough, each.within, each.lent, each.asks] for marker, each in reach.items()},
        "asked": {one.id: _list_languages(one) for one in ontology.of("SharedPattern") if one.id in ASKED},
        "languages": sorted(
            {
                phrase.text("language")
                for phrase, sense in zip(written, senses, strict=True)
                if sense.marker == CRISIS and sense.weight is None and not sense.is_guard
            }
        ),
        "second_look": next(([one.number("asks"), one.number("supports")] for one in ontology.of("SecondLook")), None),
        "watched": sorted(watched),
        "plain": sorted(plain),
        "messages": messages,
        "lines": lines,
    }


def list_words(lists: "Iterable[Individual]", use: str) -> list[str]:
    return sorted({word for each in lists if each.text("use") == use for word in each.text("text").split("|") if word})


def _list_languages(individual: "Individual") -> dict[str, str]:
    """Language -> text."""
    texts = {language: individual.text(name_property("text", language)) for language in LANGUAGES}
    return {language: text for language, text in texts.items() if text}


def _compile_line(line: "Individual") -> dict[str, Any]:
    return {
        "name": line.text("label"),
        "name_zh": line.text("label_zh") or line.text("label"),
        "contact": line.text("contact"),
        "contact_zh": line.text("contact_zh") or line.text("contact"),
        "url": line.text("url"),
        "regions": sorted(_list_texts(line, "region")),
        "kinds": sorted(_list_texts(line, "serves")),
    }


def _list_texts(individual: "Individual", property_: str) -> list[str]:
    values = individual.properties.get(property_, [])
    return [str(value) for value in (values if isinstance(values, list) else [values])]


def _find_unanswered(
    written: "Sequence[Individual]", senses: Sequence[Sense], answered: set[tuple[str, str]]
) -> Iterator[tuple[str, str, str]]:
    for phrase, sense in zip(written, senses, strict=True):
        if sense.marker != CRISIS or sense.is_guard or (sense.weight is not None and not sense.person):
            continue
        if (sense.kind, sense.person) not in answered:
            yield (
                phrase.place,
                f"no SupportMessage answers kind '{sense.kind}' and person '{sense.person}'",
                "Give it a kind and a person that a message has, or write the message",
            )


def _find_weight_faults(
    written: "Sequence[Individual]", senses: Sequence[Sense], reach: Mapping[str, ClueThreshold]
) -> Iterator[tuple[str, str, str]]:
    for phrase, sense in zip(written, senses, strict=True):
        if sense.weight == 0:
            yield phrase.place, "it is a clue without a weight, so it would never count", "Give it a `weight`"
        if sense.weight is None and phrase.number("weight") is not None:
            yield phrase.place, "it has a weight and is no clue", "Make its role `clue`, or take the weight away"
        if sense.weight and sense.weight > 0 and sense.marker == CRISIS and not sense.kind:
            yield phrase.place, "it is a clue to a crisis of no kind", "Give it a `kind`"
    for marker, each in reach.items():
        if each.enough <= 0 or each.within <= 0:
            yield (
                f"ontology/gate.owl: Marker '{marker}'",
                "it has clues, and does not say what is enough",
                "Give it `enough` (the sum of weights) and `within` (how many words they may lie apart)",
            )


def _find_broken_examples(gate: Gate, phrase: "Individual", sense: Sense) -> Iterator[tuple[str, str, str]]:
    """Faults of examples that fail. A guard catches a text whose phrases it cancels, and spares any other."""
    for promise in ("catches", "spares"):
        for number, example in enumerate(_list_texts(phrase, promise), start=1):
            found = gate.find_phrases(example)
            if sense.is_guard:
                # Without clues: whether the remaining ones reach the threshold does not depend on one guard.
                held = any(sense in excuses for _, excuses in found) and not any(
                    sense.excuses(other) and other.weight is None and not excuses for other, excuses in found
                )
            else:
                held = any(other == sense and not excuses for other, excuses in found)
            if held != (promise == "catches"):
                yield (
                    phrase.place,
                    f"example {number} of `{promise}` is {'caught' if held else 'not caught'}",
                    "Change the phrase or the example",
                )
