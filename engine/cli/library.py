"""`isopath ingest`, `tracks`, `forget`: a listener's own music."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from encoders.json_text import json_text
from engine.cli.terminal import AddCommand, note
from engine.errors import UsageError
from engine.settings import Settings

if TYPE_CHECKING:
    from engine.graph import Row
    from engine.ingest.report import ReportLine

SHOWN = ("id", "title", "artist", "source", "gone", "cues", "valence", "arousal")
"""Fields of a track in `isopath tracks --json`."""


def add_commands(command: AddCommand) -> None:
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
    forget.add_argument("--listener", metavar="ID", help="a listener with plan, vetoes and every journey")
    forget.add_argument("--older-than", type=int, metavar="DAYS", help="with --journeys: those of more days ago")
    forget.add_argument("--json", action="store_true", help="print what went as one JSON object")


def run_ingest(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.cli.ingest_progress import IngestProgress, format_line
    from engine.ingest.report import summarise
    from engine.use_cases.ingest import ingest_music

    def report(line: ReportLine) -> None:
        print(json_text(line.as_json()) if arguments.json else format_line(line), flush=True)

    with IngestProgress(note) as progress:
        done = ingest_music(settings, arguments.path, report, progress, note, write=not arguments.dry_run)
    note(summarise(done.counted))
    if done.passed.other or done.passed.hidden:
        note(f"passed over: {done.passed.other} files of other kinds, {done.passed.hidden} hidden ones")
    if arguments.dry_run:
        note("nothing was written")
    return 0


def run_tracks(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.cli.ingest_progress import print_tracks
    from engine.use_cases.list_tracks import list_tracks

    rows: list[Row] = []

    def show(row: Row) -> None:
        print(json_text({name: row[name] for name in SHOWN}))

    counts = list_tracks(settings, arguments.own, show if arguments.json else rows.append, note)
    if not arguments.json:
        print_tracks(rows)
    note(counts.describe())
    return 0


def run_forget(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.use_cases.forget import TrackSelection, forget_tracks

    if arguments.listener is not None:
        return run_forget_listener(arguments, settings)
    if arguments.journeys:
        return run_forget_journeys(arguments, settings)
    if arguments.older_than is not None:
        raise UsageError(
            "--older-than", "goes with --journeys alone", "Say `isopath forget --journeys --older-than DAYS`"
        )
    forgotten = forget_tracks(settings, TrackSelection(arguments.names, arguments.all), note)
    if arguments.json:
        print(json_text({"removed": forgotten.removed, "retired": forgotten.retired, "files": forgotten.files}))
        return 0
    for id_ in forgotten.removed:
        print(f"forgotten  {id_}")
    for id_ in forgotten.retired:
        print(f"retired    {id_}  a journey that is kept plays it; no new one will")
    print(f"{len(forgotten.removed) + len(forgotten.retired)} tracks, {forgotten.files} files", file=sys.stderr)
    return 0


def run_forget_journeys(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.use_cases.forget import JourneySelection, forget_journeys

    selection = JourneySelection(arguments.names, arguments.older_than, arguments.all)
    erased = forget_journeys(settings, selection, note)
    if erased.promise:
        note(erased.promise)
    if arguments.json:
        print(json_text({"erased": erased.ids}))
        return 0
    for id_ in erased.ids:
        print(f"erased  {id_}")
    print(f"{len(erased.ids)} journeys", file=sys.stderr)
    return 0


def run_forget_listener(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.use_cases.journeys.listeners import forget_listener

    if arguments.names or arguments.all or arguments.journeys or arguments.older_than is not None:
        raise UsageError("--listener", "goes with nothing else", "Say `isopath forget --listener ID`")
    forget_listener(settings, arguments.listener, note)
    print(json_text({"erased": True}) if arguments.json else "erased: the listener, their plan and their journeys")
    return 0
