"""`isopath journey`, `journeys`: plans a journey, lists kept ones."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from encoders.json_text import json_text
from engine.answers import Journey, Question, Support
from engine.cli.crisis_help import show_support
from engine.cli.terminal import (
    EXIT,
    AddCommand,
    add_text_argument,
    decode_argument,
    is_interactive,
    note,
    read_prompt,
    read_words,
    split_list,
)
from engine.settings import Settings

if TYPE_CHECKING:
    from engine.gate import Gate
    from engine.use_cases.plan import UncheckedRequest


def add_commands(command: AddCommand) -> None:
    journey = command("journey", run_journey, "Plan a journey from words.")
    add_text_argument(journey, "how you feel; - reads it from standard input; without it you are asked")
    journey.add_argument("--goal", metavar="ID", help="calm (taken when none is named), sleep, comfort, focus or lift")
    journey.add_argument("--minutes", type=float, metavar="M", help="5 to 120; the goal's own length when not given")
    journey.add_argument(
        "--seed", type=int, metavar="N", help="the same seed gives the same journey; random and shown when not given"
    )
    journey.add_argument(
        "--feel",
        type=split_list,
        default=(),
        metavar="A,B",
        help="emotions you name yourself, in place of what is read",
    )
    journey.add_argument(
        "--context", type=split_list, default=(), metavar="A,B", help="what to take account of: driving, child, ..."
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
    journey.add_argument(
        "--listener", metavar="NAME", help="let your last journeys count: no track again, vetoes; kept as a hash"
    )
    journey.add_argument("--save", type=Path, metavar="DIR", help="write the journey there: playlists, MIDI and sound")
    journey.add_argument("--explain", action="store_true", help="show rules, evidence, bounds and what was not known")
    journey.add_argument("--json", action="store_true", help="print the answer as one JSON object")
    journeys = command("journeys", run_journeys, "List the journeys that are kept.")
    journeys.add_argument("--json", action="store_true", help="print a JSON object a journey")


def run_journey(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.bootstrap import load_compiled
    from engine.use_cases.plan import UncheckedRequest, plan_journey

    # `make journey` passes texts in the environment: other users of the machine can read arguments.
    arguments.text = arguments.text or ([settings.text] if settings.text else [])
    text = read_words(arguments, needed=not arguments.feel)
    asked = UncheckedRequest(
        text=text,
        like=(arguments.like and decode_argument(arguments.like)) or settings.like,
        goal=arguments.goal,
        minutes=arguments.minutes,
        seed=arguments.seed,
        feel=arguments.feel,
        contexts=arguments.context,
        answer=arguments.answer,
        explain=arguments.explain,
        keep_reading=arguments.keep_reading,
        listener=arguments.listener,
    )
    opened = load_compiled(settings, note)
    asks = not arguments.json and is_interactive() and arguments.text != ["-"]
    answer = plan_journey(settings, opened, asked, note)
    while isinstance(answer, Question) and asks:
        asked = ask_at_prompt(answer, asked, opened.gate, arguments.input_texts)
        answer = plan_journey(settings, opened, asked, note)
    if isinstance(answer, Support):
        return show_support(answer.as_json(), arguments.json, opened.fault)
    if arguments.save and isinstance(answer, Journey):
        from engine.use_cases.save import save_journey

        save_journey(answer, arguments.save, settings, note)
    if arguments.json:
        print(json_text(answer.as_json()))
    else:
        from engine.cli.render import print_journey

        print_journey(answer, arguments.explain)
    return EXIT[answer.outcome]


def run_journeys(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.cli.render import print_journeys
    from engine.use_cases.journeys.read import list_journeys

    rows = list_journeys(settings, note)
    if arguments.json:
        for row in rows:
            print(json_text(row))
    else:
        print_journeys(rows)
        note(f"{len(rows)} journeys; `isopath forget --journeys` erases them")
    return 0


def ask_at_prompt(answer: Question, asked: UncheckedRequest, gate: Gate, input_texts: list[str]) -> UncheckedRequest:
    """Asks at the terminal; returns the request with the choice, or with a text of a crisis that was typed instead."""
    from dataclasses import replace

    choices = answer.question.choices
    print(answer.question.text)
    for place, choice in enumerate(choices, 1):
        print(f"  {place}  {choice.label}")
    while True:
        typed = read_prompt(input_texts).strip()
        if gate.check(typed).hit:
            return replace(asked, seed=answer.seed, like=typed)
        if typed.isdigit() and 1 <= int(typed) <= len(choices):
            return replace(asked, seed=answer.seed, answer=choices[int(typed) - 1].id)
        print(f"Type a number from 1 to {len(choices)}.")
