"""Reads emotions from one text, or from many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from engine.bootstrap import CompiledOntology, open_reader
from engine.errors import UsageError
from engine.gate import Gate, GateResult, detect_language
from engine.journey import find_text_faults
from engine.reasoning.asking import localise_question
from engine.reasoning.reading import FeelingReader, ask_which_feeling, name_gate_state
from engine.settings import Settings
from engine.use_cases.journeys.safety_question import look_again, make_question


def read_emotions(
    settings: Settings,
    opened: CompiledOntology,
    text: str,
    gated: bool,
    kept_open: Callable[[], FeelingReader] | None = None,
) -> dict[str, Any]:
    """The reading of one text in the form of the contract, or support. The gate runs before any error is raised.

    `kept_open` returns the caller's reader; without it one is opened.
    """
    if gated and (found := opened.gate.check(text)).hit:
        return opened.gate.answer(found, settings.region)
    if faults := find_text_faults("TEXT", text):
        raise UsageError.of(faults)
    [answer] = read_emotions_of_all(settings, opened, [text], gated, kept_open)
    return answer


def read_emotions_of_all(
    settings: Settings,
    opened: CompiledOntology,
    texts: Sequence[str],
    gated: bool,
    kept_open: Callable[[], FeelingReader] | None = None,
) -> Iterator[dict[str, Any]]:
    """The reading of each text in the form of the contract, or support.

    Errors of a model or of the ontology are raised at the first text that needs it, after support for all others.
    """
    gate, region = opened.gate, settings.region
    results = [gate.check(text) if gated else None for text in texts]
    reader: FeelingReader | None = None
    for at, (text, result) in enumerate(zip(texts, results, strict=True)):
        if result is not None and result.hit:
            yield gate.answer(result, region)
            continue
        try:
            reader = reader or (kept_open() if kept_open else open_reader(settings, opened))
        except Exception:
            yield from (gate.answer(each, region) for each in results[at:] if each and each.hit)
            raise
        yield _read_one(reader, gate, text, result, region)


def _read_one(
    reader: FeelingReader, gate: Gate, text: str, gated: GateResult | None, region: str | None
) -> dict[str, Any]:
    """The reading of one text with its sentences, and a question where danger is possible or it is unclear; or
    support, where the second look finds a crisis."""
    from encoders.emotions.passages import label_sentences

    gated = look_again(gate, gated, [text], lambda: reader)
    if gated is not None and gated.hit:
        return gate.answer(gated, region)
    reading = reader.read(text, name_gate_state(gated), gated.markers if gated else ())
    found = [
        {"start": s.span.start, "end": s.span.end, "labels": list(s.labels), "speaks": s.speaks}
        for s in label_sentences(reader.model, text)
    ]
    likely_question = None if reading.status == "clear" else ask_which_feeling(reader, reading)
    words = reader.get_words(gated.language if gated else detect_language(text))
    question: dict[str, Any] = (
        {"question": localise_question(likely_question, words).as_json()} if likely_question else {}
    )
    if gated is not None and gated.asks:
        question = {"gate": "asked", "question": make_question(gate, gated, region).as_json()}
    return {
        "outcome": "question" if question else "reading",
        "reading": {**reading.as_json(), "sentences": found},
        **question,
    }
