"""Reads emotions from words: one text, or many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from engine.bootstrap import CompiledOntology, open_reader
from engine.errors import UsageError
from engine.gate import GateResult
from engine.journey import find_text_faults
from engine.reasoning.asking import localise_question
from engine.reasoning.reading import FeelingReader, ask_which_feeling
from engine.settings import Settings


def read_emotions(
    settings: Settings,
    opened: CompiledOntology,
    text: str,
    gated: bool,
    kept_open: Callable[[], FeelingReader] | None = None,
) -> dict[str, Any]:
    """The reading of one text as the contract shows it, or support. The gate reads it before any fault is raised.

    `kept_open` gives the reader that a caller keeps; without it one is opened.
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
    """The reading of each text as the contract shows it, or support.

    A fault of a model or of the ontology is raised at the first text that needs one, after help for all that need it.
    """
    gate = opened.gate
    results = [gate.check(text) if gated else None for text in texts]
    reader: FeelingReader | None = None
    for at, (text, gone) in enumerate(zip(texts, results, strict=True)):
        if gone is not None and gone.hit:
            yield gate.answer(gone, settings.region)
            continue
        try:
            reader = reader or (kept_open() if kept_open else open_reader(settings, opened))
        except Exception:
            yield from (gate.answer(each, settings.region) for each in results[at:] if each and each.hit)
            raise
        yield _read_one(reader, text, gone)


def _read_one(reader: FeelingReader, text: str, gone: GateResult | None) -> dict[str, Any]:
    """The reading of one text that the gate let pass, with its sentences; a question where it is not clear."""
    from encoders.emotions.passages import label_sentences

    reading = reader.read(text, "passed" if gone else "not_run", gone.markers if gone else ())
    found = [
        {"start": s.span.start, "end": s.span.end, "labels": list(s.labels)}
        for s in label_sentences(reader.model, text)
    ]
    likely = None if reading.status == "clear" else ask_which_feeling(reader, reading)
    asked = {"question": asdict(localise_question(likely, gone.language if gone else "en"))} if likely else {}
    return {
        "outcome": "question" if asked else "reading",
        "reading": {**reading.as_json(), "sentences": found},
        **asked,
    }
