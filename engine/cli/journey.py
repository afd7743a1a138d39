"""`isopath journey`: a journey from words."""

from __future__ import annotations

import argparse
import secrets
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from encoders.json_text import json_text
from engine.cli.helping import asked_first, show
from engine.cli.speaking import EXIT, Adding, add_words, at_terminal, legible, listed, note, prompted, words
from engine.errors import UsageError
from engine.journey import Answer, Request
from engine.settings import CYPHER_DIR, Settings

if TYPE_CHECKING:
    from engine.bootstrap import Compiled
    from engine.gate import Gate


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
    # What `make journey` was given comes in the environment: arguments are for every user of the machine to read.
    arguments.text = arguments.text or ([settings.text] if settings.text else [])
    text = words(arguments, needed=not arguments.feel)
    like = (arguments.like and legible(arguments.like)) or settings.like
    # Words in the wrong place are a person's words too: `--goal "I want to die"`.
    misplaced = (arguments.goal, arguments.answer, ", ".join(arguments.feel), ", ".join(arguments.context))
    opened, support = asked_first(settings, [text, like, *misplaced])
    seed = secrets.randbelow(2**32) if arguments.seed is None else arguments.seed
    if support:
        # Told again only where it is a name and no words.
        named = arguments.goal and arguments.goal.isidentifier() and not opened.gate.check(arguments.goal).hit
        goal = arguments.goal if named else "calm"
        helped = Answer("support", str(uuid4()), seed, goal, (), None, support=support["support"])
        return show(helped.as_json(), arguments.json, opened.fault)
    if arguments.keep_reading and not settings.keep:
        raise UsageError("--keep-reading", "ISOPATH_KEEP=0 keeps no journeys", "Leave one of the two away")
    request = Request(
        text=text,
        like=like,
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
    asks = not arguments.json and at_terminal() and arguments.text != ["-"]
    answer = planned(settings, opened, request)
    while answer.outcome == "question" and asks:
        request = answered_at_prompt(answer, request, opened.gate, arguments.heard)
        answer = planned(settings, opened, request)
    if arguments.save and answer.outcome == "journey":
        from engine.use_cases.saving import save_journey

        save_journey(answer, arguments.save, settings, note)
    if answer.outcome == "support":
        return show(answer.as_json(), arguments.json)
    if arguments.json:
        print(json_text(answer.as_json()))
    else:
        from engine.cli.render import journey_table

        journey_table(answer, arguments.explain)
    return EXIT[answer.outcome]


def planned(settings: Settings, opened: Compiled, request: Request) -> Answer:
    """The answer to a request; asked once more when the local server was started anew meanwhile.

    Another command may have had to: `isopath query`, for a statement that the server could not end.
    """
    from engine.bootstrap import planner
    from engine.graph import Gone

    for last in (False, True):
        try:
            with planner(settings, opened, note) as door:
                return door.plan(request)
        except Gone:
            if last or settings.neo4j_uri is not None:
                raise
            note("the server went away; asking again")
    raise AssertionError("the last attempt returns or raises")


def run_journeys(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.bootstrap import loaded_graph
    from engine.cli.render import journeys_table
    from engine.queries import Queries
    from engine.store.journeys import journeys

    with loaded_graph(settings, note) as graph:
        rows = journeys(graph, Queries.load(CYPHER_DIR))
    if arguments.json:
        for row in rows:
            print(json_text(row))
    else:
        journeys_table(rows)
        note(f"{len(rows)} journeys; `isopath forget --journeys` erases them")
    return 0


def answered_at_prompt(answer: Answer, request: Request, gate: Gate, heard: list[str]) -> Request:
    """The request with the choice that the person typed at the terminal, or with the crisis that they typed instead."""
    from dataclasses import replace

    question = answer.question or {"text": "", "choices": []}
    choices = question["choices"]
    print(question["text"])
    for place, choice in enumerate(choices, 1):
        print(f"  {place}  {choice['label']}")
    while True:
        typed = prompted(heard).strip()
        if gate.check(typed).hit:
            return replace(request, like=typed)
        if typed.isdigit() and 1 <= int(typed) <= len(choices):
            return replace(request, answer=choices[int(typed) - 1]["id"])
        print(f"Type a number from 1 to {len(choices)}.")
