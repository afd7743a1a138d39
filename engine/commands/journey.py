"""`isopath journey`: a journey from words."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from pathlib import Path

from engine.commands.speaking import EXIT, Adding, add_words, listed, note, words
from engine.errors import UsageError
from engine.journey import Answer, Request
from engine.settings import CYPHER_DIR, Settings


def add(command: Adding) -> None:
    journey = command("journey", run_journey, "Plan a journey from words.")
    add_words(journey, "how you feel; - reads it from standard input; without it you are asked")
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
    journey.add_argument(
        "--like",
        metavar="TEXT",
        help='words for the sound, such as "rain, solo piano": they colour what the rules allow',
    )
    journey.add_argument("--answer", metavar="CHOICE", help="the id of a choice of the question asked before")
    journey.add_argument(
        "--keep-reading", action="store_true", help="keep what was read of you, and the rules, with the journey"
    )
    journey.add_argument("--save", type=Path, metavar="DIR", help="write the journey there: playlists, MIDI and sound")
    journey.add_argument("--explain", action="store_true", help="show rules, evidence, bounds and what was not known")
    journey.add_argument("--json", action="store_true", help="print the answer as one JSON object")
    journeys = command("journeys", run_journeys, "List the journeys that are kept.")
    journeys.add_argument("--json", action="store_true", help="print a JSON object a journey")


def run_journey(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.doors import planner
    from engine.render import journey_table

    if arguments.keep_reading and not settings.keep:
        raise UsageError("--keep-reading", "ISOPATH_KEEP=0 keeps no journeys", "Leave one of the two away")
    text = words(arguments.text, needed=not arguments.feel)
    seed = secrets.randbelow(2**32) if arguments.seed is None else arguments.seed
    request = Request(
        text=text,
        like=arguments.like,
        goal=arguments.goal or "calm",
        goal_chosen=arguments.goal is not None,
        minutes=arguments.minutes,
        seed=seed,
        feel=arguments.feel,
        contexts=arguments.context,
        answer=arguments.answer,
        explain=arguments.explain,
        keep_reading=arguments.keep_reading,
    )
    with planner(settings, note) as door:
        answer = door.plan(request)
        while answer.outcome == "question" and not arguments.json and sys.stdin.isatty() and arguments.text != ["-"]:
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


def run_journeys(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.doors import loaded_graph
    from engine.keeping import journeys
    from engine.queries import Queries
    from engine.render import journeys_table

    with loaded_graph(settings, note) as graph:
        rows = journeys(graph, Queries.load(CYPHER_DIR))
    if arguments.json:
        for row in rows:
            print(json.dumps(row, ensure_ascii=False))
    else:
        journeys_table(rows)
        note(f"{len(rows)} journeys; `isopath forget --journeys` erases them")
    return 0


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
