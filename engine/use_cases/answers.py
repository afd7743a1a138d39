"""What the commands beside a journey answer, as values; whoever asks prints them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.bootstrap import Compiled, Progress, compiled, loaded_graph, open_reader
from engine.errors import OntologyError, UsageError
from engine.gate import GateResult, compile_gate
from engine.journey import SOUND, text_faults
from engine.queries import Queries
from engine.reasoning.asking import put
from engine.reasoning.reading import Reader, which_feeling
from engine.settings import CYPHER_DIR, ONTOLOGY_DIR, Settings

if TYPE_CHECKING:
    from engine.graph import Table

MOST_FOUND = 200
"""Tracks that one search shows at most: more is no answer but a listing, which `isopath tracks` gives."""
LOOKED_AT = 2 * MOST_FOUND
"""Tracks that a search looks at: asked for as many as are shown, the index misses a tenth of the likest."""


def read_emotions(settings: Settings, opened: Compiled, texts: Sequence[str], gated: bool) -> Iterator[dict[str, Any]]:
    """The reading of each text as the contract shows it, or support.

    A fault of a model or of the ontology is raised at the first text that needs one, after help for all that need it.
    """
    gate = opened.gate
    results = [gate.check(text) if gated else None for text in texts]
    reader: Reader | None = None
    for at, (text, gone) in enumerate(zip(texts, results, strict=True)):
        if gone is not None and gone.hit:
            yield gate.answer(gone, settings.region)
            continue
        try:
            reader = reader or open_reader(settings, opened)
        except Exception:
            yield from (gate.answer(each, settings.region) for each in results[at:] if each and each.hit)
            raise
        yield read_one(reader, text, gone)


def read_one(reader: Reader, text: str, gone: GateResult | None) -> dict[str, Any]:
    """The reading of one text that the gate let pass, with its sentences; a question where it is not clear."""
    from encoders.emotions.passages import label_sentences

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
    return {
        "outcome": "question" if asked else "reading",
        "reading": {**reading.as_json(), "sentences": found},
        **asked,
    }


def search_tracks(
    settings: Settings, text: str, limit: int, progress: Progress, opened: Compiled | None = None
) -> dict[str, Any]:
    """{"outcome": "tracks", "tracks": [...]}, likest first, or support. The gate reads the words before any model does.

    UsageError for words that cannot be read or have no vector, and for a limit out of range.
    """
    from engine.reasoning.search import Search
    from engine.reasoning.text_query import Wishes

    faults = text_faults("TEXT", text, SOUND)
    if not 1 <= limit <= MOST_FOUND:
        faults.append(("--limit", f"{limit} tracks cannot be shown", f"Ask for 1 to {MOST_FOUND}"))
    if faults:
        raise UsageError.of(faults)
    opened = opened or compiled(settings, progress)
    if (gated := opened.gate.check(text)).hit:
        return opened.gate.answer(gated, settings.region)
    if opened.fault:
        raise opened.fault
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
    from engine.rules import Ontology
    from engine.rules.checks.checking import check
    from engine.rules.reasoning import reason

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
        {name: getattr(f, name) for name in names} for f in sorted([*check(ontology), *reason(ontology.directory)])
    ]


def analyst_table(
    settings: Settings, asked: str, params: Mapping[str, object], progress: Progress, typed: str | None = None
) -> Table:
    """The rows of an analyst's query, reading only, by name, file or text; `typed` is a statement whatever it says.

    A local server that cannot end a statement, or that a statement ended, is started anew; UsageError then says so.
    """
    from engine.graph import Gone, Unstopped
    from engine.server import Server
    from engine.use_cases.query import analyst_rows, statement_of, statement_rows

    queries = Queries.load(CYPHER_DIR)
    if typed is None:
        statement_of(queries, asked)  # Its faults are told before a server is started.
    server = Server(settings)
    with loaded_graph(settings, progress) as graph:
        pid = server.status().pid
        try:
            return (
                analyst_rows(graph, queries, asked, params) if typed is None else statement_rows(graph, typed, params)
            )
        except Unstopped as error:
            if not server.renew(pid, progress):
                raise
            fault = "could not be stopped: the server was started anew"
            raise UsageError(error.place, fault, "Ask for less") from None
        except Gone as error:
            if settings.neo4j_uri is not None:
                raise
            server.renew(None, progress)
            fault = (
                "lost its connection to the server: it took too much memory, its answer was too large, or the server"
                " was started anew because of another statement"
            )
            raise UsageError("the statement", fault, "Ask again, and for less if that does not help") from error
