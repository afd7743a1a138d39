"""What the commands beside a journey answer, as values; whoever asks prints them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.asking import put
from engine.doors import EMOTIONS, Progress, compiled, loaded_graph
from engine.errors import OntologyError, UsageError
from engine.gate import compile_gate
from engine.journey import SOUND, text_faults
from engine.queries import Queries
from engine.reading import Reader, which_feeling
from engine.settings import CYPHER_DIR, ONTOLOGY_DIR, Settings

if TYPE_CHECKING:
    from engine.graph import Table

MOST_FOUND = 200
"""Tracks that one search shows at most: more is no answer but a listing, which `isopath tracks` gives."""
LOOKED_AT = 2 * MOST_FOUND
"""Tracks that a search looks at: asked for as many as are shown, the index misses a tenth of the likest."""


def read_emotions(
    settings: Settings, texts: Sequence[str], gated: bool, one: bool, progress: Progress
) -> list[dict[str, Any]]:
    """The reading of each text as the contract shows it. A single text that cannot be read is a UsageError."""
    from encoders.emotions import load as load_emotions
    from encoders.passages import label_sentences

    gate, meaning = compiled(settings, progress)
    if one and (faults := text_faults("TEXT", texts[0])):
        raise UsageError.of(faults)
    results = [gate.check(text) if gated else None for text in texts]
    if one and (hit := results[0]) is not None and hit.hit:
        return [{"outcome": "support", "reading": None, "support": gate.support(hit, settings.region)}]
    reader = Reader(load_emotions(settings.emotion_model or EMOTIONS), meaning)
    answers: list[dict[str, Any]] = []
    for text, gone in zip(texts, results, strict=True):
        if gone is not None and gone.hit:
            answers.append({"outcome": "support", "reading": None, "support": gate.support(gone, settings.region)})
            continue
        reading = reader.read(text, "passed" if gone else "not_run", gone.markers if gone else ())
        found = [
            {"start": s.span.start, "end": s.span.end, "labels": list(s.labels)}
            for s in label_sentences(reader.model, text)
        ]
        asked = (
            {}
            if reading.status == "clear"
            else {"question": put(which_feeling(reader, reading), gone.language if gone else "en")}
        )
        outcome = "question" if asked else "reading"
        answers.append({"outcome": outcome, "reading": {**reading.as_json(), "sentences": found}, **asked})
    return answers


def search_tracks(settings: Settings, text: str, limit: int, progress: Progress) -> dict[str, Any]:
    """{"outcome": "tracks", "tracks": [...]}, likest first, or support. The gate reads the words before any model does.

    UsageError for words that cannot be read or have no vector, and for a limit out of range.
    """
    from engine.search import Search
    from engine.wish import Wishes

    faults = text_faults("TEXT", text, SOUND)
    if not 1 <= limit <= MOST_FOUND:
        faults.append(("--limit", f"{limit} tracks cannot be shown", f"Ask for 1 to {MOST_FOUND}"))
    if faults:
        raise UsageError.of(faults)
    gate, _ = compiled(settings, progress)
    gated = gate.check(text)
    if gated.hit:
        return {"outcome": "support", "reading": None, "support": gate.support(gated, settings.region)}
    wish = Wishes(settings.embedding_model).of(text, "TEXT")
    queries = Queries.load(CYPHER_DIR)
    with loaded_graph(settings, progress) as graph:
        [version] = graph.rows(queries["load/version"])
        search = Search(graph, queries)
        found = search.rows("search/tracks", graph, wish=wish.among(version), looked=LOOKED_AT, limit=limit)
        search.mend()
    return {"outcome": "tracks", "tracks": found}


def check_ontology(progress: Progress) -> list[dict[str, Any]]:
    """Every finding of the closed-world checks, of the gate's phrases and of HermiT, errors first."""
    from engine.ontology import Ontology

    def errors(check: str, error: OntologyError) -> list[dict[str, Any]]:
        told = [(e.place, e.fault, e.repair) for e in (error, *error.others)]
        return [{"level": "error", "check": check, "place": p, "fault": f, "repair": r} for p, f, r in told]

    try:
        ontology = Ontology.read(ONTOLOGY_DIR)
    except OntologyError as error:
        return errors("reading", error)
    found: list[dict[str, Any]] = []
    try:
        compile_gate(ontology)
    except OntologyError as error:
        found = errors("phrases", error)
    progress(f"{len(ontology.individuals)} individuals read; reasoning with HermiT")
    names = ("level", "check", "place", "fault", "repair")
    return found + [
        {name: getattr(f, name) for name in names} for f in sorted([*ontology.check(), *ontology.consistent()])
    ]


def analyst_table(settings: Settings, asked: str, params: Mapping[str, object], progress: Progress) -> Table:
    """The rows of an analyst's query, by name, file or text; reading only."""
    import sys

    from engine.analyst import analyst_rows

    queries = Queries.load(CYPHER_DIR)
    if asked == "-":
        asked = sys.stdin.read()
    elif asked not in queries and Path(asked).is_file():
        asked = Path(asked).read_text("utf-8")
    with loaded_graph(settings, progress) as graph:
        return analyst_rows(graph, queries, asked, params)
