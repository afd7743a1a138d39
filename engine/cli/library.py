"""`isopath ingest`, `tracks`, `forget`: a listener's own music."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from encoders.json_text import json_text
from engine.cli.speaking import Adding, note
from engine.errors import GraphUnavailable, UsageError
from engine.settings import CYPHER_DIR, Settings

if TYPE_CHECKING:
    from engine.graph import Graph
    from engine.queries import Queries


def add(command: Adding) -> None:
    ingest = command("ingest", run_ingest, "Bring your own music in: MIDI, MusicXML, ABC and sound files.")
    ingest.add_argument("path", type=Path, metavar="PATH", help="a file, or a folder with all that is in it")
    ingest.add_argument("--dry-run", action="store_true", help="hear everything and say what would come in")
    ingest.add_argument("--json", action="store_true", help="print a JSON object a file")
    tracks = command("tracks", run_tracks, "List what journeys can play.")
    tracks.add_argument("--own", action="store_true", help="only what you brought in")
    tracks.add_argument("--json", action="store_true", help="print a JSON object a track")
    forget = command("forget", run_forget, "Take music of your own out again, or erase journeys that are kept.")
    forget.add_argument("names", nargs="*", metavar="ID|PATH", help="tracks by id, files, or folders with all in them")
    forget.add_argument("--all", action="store_true", help="everything you brought in; with --journeys, every journey")
    forget.add_argument("--journeys", action="store_true", help="erase journeys for good: by id, --older-than or --all")
    forget.add_argument("--older-than", type=int, metavar="DAYS", help="with --journeys: those of more days ago")
    forget.add_argument("--json", action="store_true", help="print what went as one JSON object")


def run_ingest(arguments: argparse.Namespace, settings: Settings) -> int:
    import psutil

    from encoders.analysis.analyser import Analyser
    from encoders.embedding.embedder import mert_for, open_embedder
    from engine.bootstrap import loaded_graph
    from engine.cli.ingest_progress import Showing, line_told
    from engine.ingest.finding import Found, PassedOver, find
    from engine.ingest.ingesting import ingest
    from engine.ingest.known import Known
    from engine.ingest.pool import Limits, Pool, cores
    from engine.ingest.report import summary
    from engine.ingest.writing import Writer
    from engine.queries import Queries

    passed = PassedOver()
    places = list(find(arguments.path, passed))
    counted: Counter[str] = Counter()
    queries = Queries.load(CYPHER_DIR)
    with loaded_graph(settings, note) as graph:
        embedder = open_embedder(settings.embedding_model)
        recorded = any(isinstance(place, Found) and place.kind == "audio" for place in places)
        mert = mert_for(embedder, settings.mert) if settings.mert and recorded else None
        writer = Writer.open(graph, queries, embedder, mert)
        known = Known.read(graph, queries, embedder.card.sha256, mert.sha256 if mert else None)
        changed = sum(isinstance(place, Found) and not known.unchanged(place) for place in places)
        limits = Limits.with_mert() if mert else Limits()
        processes = min(limits.processes(cores(), psutil.virtual_memory().available), max(changed, 1))
        with Pool(Analyser(settings.mert), processes, limits) as pool, Showing(changed, note) as showing:
            for line in ingest(places, pool, writer, known, showing.one, write=not arguments.dry_run):
                counted[line.outcome] += 1
                print(json_text(line.as_json()) if arguments.json else line_told(line), flush=True)
    note(summary(counted))
    if passed.other or passed.hidden:
        note(f"passed over: {passed.other} files of other kinds, {passed.hidden} hidden ones")
    if arguments.dry_run:
        note("nothing was written")
    return 0


def run_tracks(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.bootstrap import loaded_graph
    from engine.cli.ingest_progress import tracks_table
    from engine.ingest.listing import Counts, tracks
    from engine.queries import Queries

    queries = Queries.load(CYPHER_DIR)
    shown = ("id", "title", "artist", "source", "gone", "cues", "valence", "arousal")
    with loaded_graph(settings, note) as graph:
        rows = tracks(graph, queries, arguments.own)
        if arguments.json:
            for row in rows:
                print(json_text({name: row[name] for name in shown}))
        else:
            tracks_table(rows)
        note(Counts.of(graph, queries).told())
    return 0


def run_forget(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.bootstrap import loaded_graph
    from engine.ingest.forgetting import forget, forget_all
    from engine.queries import Queries

    if arguments.journeys:
        return run_forget_journeys(arguments, settings)
    if arguments.older_than is not None:
        raise UsageError(
            "--older-than", "goes with --journeys alone", "Say `isopath forget --journeys --older-than DAYS`"
        )
    if bool(arguments.names) == arguments.all:
        raise UsageError("forget", "it is not clear what to forget", "Name tracks, files or folders, or give --all")
    queries = Queries.load(CYPHER_DIR)
    with loaded_graph(settings, note) as graph:
        gone = forget_all(graph, queries) if arguments.all else forget(graph, queries, arguments.names)
    if arguments.json:
        print(json_text({"removed": gone.removed, "retired": gone.retired, "files": gone.files}))
        return 0
    for id_ in gone.removed:
        print(f"forgotten  {id_}")
    for id_ in gone.retired:
        print(f"retired    {id_}  a journey that is kept plays it; no new one will")
    print(f"{len(gone.removed) + len(gone.retired)} tracks, {gone.files} files", file=sys.stderr)
    return 0


def run_forget_journeys(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.bootstrap import loaded_graph
    from engine.queries import Queries
    from engine.store.journeys import erase, journeys, named, older

    days = arguments.older_than
    if [bool(arguments.names), arguments.all, days is not None].count(True) != 1 or (days is not None and days < 0):
        repair = "Name journeys by id, or give --older-than DAYS, or --all"
        raise UsageError("forget --journeys", "it is not clear which journeys", repair)
    queries = Queries.load(CYPHER_DIR)
    with loaded_graph(settings, note) as graph:
        if arguments.all:
            ids = [row["id"] for row in journeys(graph, queries)]
        else:
            ids = named(graph, queries, arguments.names) if days is None else older(graph, queries, days)
        if ids:
            erase(graph, queries, ids)
            note(erased_from(graph, queries, settings))
    if arguments.json:
        print(json_text({"erased": ids}))
        return 0
    for id_ in ids:
        print(f"erased  {id_}")
    print(f"{len(ids)} journeys", file=sys.stderr)
    return 0


def erased_from(graph: Graph, queries: Queries, settings: Settings) -> str:
    """What an erasing can promise, when it has come true; GraphUnavailable while a log of the local server holds it."""
    from engine.server.transaction_logs import let_go
    from engine.store.journeys import leave_unfinished

    if settings.neo4j_uri is not None:
        return (
            f"the graph at {graph.place} holds them no more; its transaction logs and backups are its operator's to"
            " prune, and Isopath cannot look into them"
        )
    if not let_go(settings):
        leave_unfinished(graph, queries)
        raise GraphUnavailable(
            str(settings.home),
            "the journeys are erased, and the server still holds its transaction log of that",
            "Run `isopath down`, then any command: it goes on with the erasing",
        )
    return f"no file in {settings.home} holds them any more; copies and backups of that folder, and saved journeys, may"
