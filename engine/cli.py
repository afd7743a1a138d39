"""The command line: arguments in, one answer out, and an exit code that says which kind."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from encoders.base import EncoderError
from engine.errors import EncoderUnavailable, IsopathError, UsageError
from engine.journey import Answer, Request
from engine.settings import Settings

EXIT = {"journey": 0, "reading": 0, "support": 3, "question": 4, "withheld": 7}
"""Exit code of each outcome; errors bring their own (`engine/errors.py`)."""
TYPED = 100_000
"""Bytes read from standard input at most."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; every error is told in place, fault and repair."""
    arguments = parser().parse_args(argv)
    try:
        return int(arguments.run(arguments, Settings.from_environment()))
    except IsopathError as error:
        return told(error, getattr(arguments, "json", False))
    except EncoderError as error:
        return told(EncoderUnavailable(error.place, error.fault, error.repair), getattr(arguments, "json", False))
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 0


def told(error: IsopathError, as_json: bool) -> int:
    if as_json:
        print(
            json.dumps(
                {"outcome": "error", "code": error.code, "message": error.message, "repair": error.repairs},
                ensure_ascii=False,
            )
        )
    else:
        print(f"isopath: {error}", file=sys.stderr)
    return error.exit_code


def parser() -> argparse.ArgumentParser:
    """Every command with its arguments; each sets `run`."""
    top = argparse.ArgumentParser(
        prog="isopath", description="Music that meets a feeling and leads on from it, with the reason for every track."
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace, Settings], int], help_: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=help_, description=help_)
        made.set_defaults(run=run)
        return made

    journey = command("journey", run_journey, "Plan a journey from words.")
    journey.add_argument(
        "text",
        nargs="?",
        metavar="TEXT|-",
        help="how you feel; - reads it from standard input; without it you are asked",
    )
    journey.add_argument("--goal", metavar="ID", help="calm (taken when none is named), sleep, comfort, focus or lift")
    journey.add_argument("--minutes", type=float, metavar="M", help="5 to 120; the goal's own length when not given")
    journey.add_argument(
        "--seed", type=int, metavar="N", help="the same seed gives the same journey; random and shown when not given"
    )
    journey.add_argument(
        "--feel", type=listed, default=(), metavar="A,B", help="emotions you name yourself, in place of what is read"
    )
    journey.add_argument(
        "--context", type=listed, default=(), metavar="A,B", help="what to take account of: driving, child, ..."
    )
    journey.add_argument("--answer", metavar="CHOICE", help="the id of a choice of the question asked before")
    journey.add_argument("--save", type=Path, metavar="DIR", help="write the journey there: playlists, MIDI and sound")
    journey.add_argument("--explain", action="store_true", help="show rules, evidence, bounds and what was not known")
    journey.add_argument("--json", action="store_true", help="print the answer as one JSON object")
    emotions = command("emotions", run_emotions, "Show what is read from words.")
    emotions.add_argument("text", nargs="?", metavar="TEXT|-")
    emotions.add_argument("--file", type=Path, metavar="FILE", help="one text a line; needs --json")
    emotions.add_argument("--ungated", action="store_true", help="skip the crisis gate, for measuring")
    emotions.add_argument("--json", action="store_true")
    for name, help_ in (
        ("up", "Start the local Neo4j."),
        ("down", "Stop the local Neo4j."),
        ("status", "Say what runs."),
    ):
        command(name, run_server, help_)
    command("load", run_load, "Bring ontology and catalogue into the graph.")
    ontology = command("ontology", run_ontology, "Check the ontology.")
    ontology.add_argument("action", choices=["check"])
    ontology.add_argument("--json", action="store_true")
    query = command("query", run_query, "Run a query of cypher/, a file, or one from standard input (-), reading only.")
    query.add_argument("query", metavar="NAME|FILE|-")
    query.add_argument("--param", action="append", default=[], metavar="NAME=JSON")
    query.add_argument("--json", action="store_true")
    return top


def listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def note(line: str) -> None:
    """Progress goes to standard error, so that standard output holds the answer alone."""
    print(line, file=sys.stderr, flush=True)


def words(given: str | None, needed: bool) -> str | None:
    """The person's words: the argument, standard input, or what is typed at a prompt. Never kept anywhere."""
    if given == "-":
        read = sys.stdin.buffer.read(TYPED + 1)
        if len(read) > TYPED:
            raise UsageError("standard input", f"more than {TYPED:,} bytes are too many", "Say it in a few sentences")
        try:
            return read.decode("utf-8").strip("\n")
        except UnicodeDecodeError:
            raise UsageError("standard input", "is not UTF-8", "Save the text as UTF-8") from None
    if given is not None or not needed:
        return given
    if not sys.stdin.isatty():
        raise UsageError(
            "TEXT",
            "there are no words",
            "Give them as an argument, through standard input with -, or name feelings with --feel",
        )
    note("How do you feel? (a sentence or two; it is not stored)")
    return input("> ")


def run_journey(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.doors import planner
    from engine.render import journey_table

    text = words(arguments.text, needed=not arguments.feel)
    seed = secrets.randbelow(2**32) if arguments.seed is None else arguments.seed
    request = Request(
        text=text,
        goal=arguments.goal or "calm",
        goal_chosen=arguments.goal is not None,
        minutes=arguments.minutes,
        seed=seed,
        feel=arguments.feel,
        contexts=arguments.context,
        answer=arguments.answer,
        explain=arguments.explain,
    )
    with planner(settings, note) as door:
        answer = door.plan(request)
        while answer.outcome == "question" and not arguments.json and sys.stdin.isatty() and arguments.text != "-":
            request = answered_at_prompt(answer, request)
            answer = door.plan(request)
        if arguments.save and answer.outcome == "journey":
            from engine.saving import save_journey

            save_journey(answer, arguments.save, settings, note)
    if arguments.json:
        print(json.dumps(answer.as_json(), ensure_ascii=False, allow_nan=False))
    else:
        journey_table(answer, arguments.explain)
    return EXIT[answer.outcome]


def answered_at_prompt(answer: Answer, request: Request) -> Request:
    """The request with the choice that the person typed at the terminal."""
    from dataclasses import replace

    question = answer.question or {"text": "", "choices": []}
    choices = question["choices"]
    print(question["text"])
    for place, choice in enumerate(choices, 1):
        print(f"  {place}  {choice['label']}")
    while True:
        typed = input("> ").strip()
        if typed.isdigit() and 1 <= int(typed) <= len(choices):
            return replace(request, answer=choices[int(typed) - 1]["id"])
        print(f"Type a number from 1 to {len(choices)}.")


def run_emotions(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.doors import read_emotions
    from engine.render import reading_bars

    if arguments.file is not None:
        if not arguments.json:
            raise UsageError("--file", "a batch is printed as JSON only", "Add --json")
        try:
            lines = arguments.file.read_text("utf-8").split("\n")
        except (OSError, UnicodeDecodeError) as exc:
            raise UsageError(
                str(arguments.file), "cannot be read as UTF-8 text", "Check the path and its encoding"
            ) from exc
        texts: list[str] = lines[:-1] if lines and lines[-1] == "" else lines
    else:
        texts = [words(arguments.text, needed=True) or ""]
    if arguments.ungated:
        note("The crisis gate is off: for measuring only.")
    answers = read_emotions(settings, texts, gated=not arguments.ungated, one=arguments.file is None, progress=note)
    for answer in answers:
        if arguments.json:
            print(json.dumps(answer, ensure_ascii=False, allow_nan=False))
        else:
            reading_bars(answer)
    return 0 if arguments.file is not None else EXIT[answers[0]["outcome"]]


def run_server(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.render import status_lines
    from engine.server import Server

    server = Server(settings)
    if arguments.command == "up":
        server.up(note)
    elif arguments.command == "down":
        print("stopped" if server.down(note) else "nothing was running")
        return 0
    status_lines(server.status())
    return 0


def run_load(_: argparse.Namespace, settings: Settings) -> int:
    from engine.doors import loaded_graph

    with loaded_graph(settings, note) as graph:
        note(f"the graph at {graph.place} serves what is in ontology/ and seed_data/")
    return 0


def run_ontology(arguments: argparse.Namespace, _: Settings) -> int:
    from engine.doors import check_ontology

    findings = check_ontology(note)
    for finding in findings:
        print(
            json.dumps(finding, ensure_ascii=False)
            if arguments.json
            else f"{finding['level']}: {finding['place']}: {finding['fault']} {finding['repair']}"
        )
    errors = sum(finding["level"] == "error" for finding in findings)
    note(f"{errors} errors, {len(findings) - errors} notices")
    return 2 if errors else 0


def run_query(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.doors import analyst_table
    from engine.render import rows_table

    try:
        params = {name: json.loads(value) for name, _, value in (given.partition("=") for given in arguments.param)}
    except ValueError as exc:
        raise UsageError("--param", "a value is not JSON", "Write NAME=JSON, for example goal='\"calm\"'") from exc
    table = analyst_table(settings, arguments.query, params, note)
    if arguments.json:
        for row in table.rows:
            print(json.dumps(row, ensure_ascii=False, default=str))
    else:
        rows_table(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
