"""`isopath journey`: plans a journey, or plays a kept one again."""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from encoders.json_text import json_text
from engine.answers import Answer, Journey, Question, SafetyQuestion, Support
from engine.cli.crisis_help import show_support
from engine.cli.journeys.prompting import ask_at_prompt, correct_at_prompt
from engine.cli.terminal import (
    EXIT,
    AddCommand,
    add_language_argument,
    add_text_argument,
    decode_argument,
    is_interactive,
    note,
    read_words,
    split_list,
)
from engine.settings import Settings

if TYPE_CHECKING:
    from engine.bootstrap import CompiledOntology
    from engine.explaining.words import Words
    from engine.export.files import SavedFiles
    from engine.playing.speaker import Speaker
    from engine.use_cases.journeys.compare import Comparison

EXAMPLES = """examples:
  isopath journey "I have an exam tomorrow and I can't stop worrying" --goal calm --minutes 20
  isopath journey --feel sadness --goal lift --like "rain, solo piano" --save monday
  isopath journey --again 3f1c9a52-0c1e-4f7e-9d4e-6b1f3f0c2a11
"""


def add_commands(command: AddCommand) -> None:
    journey = command("journey", run_journey, "Plan a journey from words.")
    journey.epilog, journey.formatter_class = EXAMPLES, argparse.RawDescriptionHelpFormatter
    add_text_argument(journey, "how you feel; - reads it from standard input; without it you are asked")
    asked = journey.add_argument_group("what you ask for")
    asked.add_argument("--goal", metavar="ID", help="calm (taken when none is named), sleep, comfort, focus or lift")
    asked.add_argument("--minutes", type=float, metavar="M", help="5 to 120; the goal's own length when not given")
    asked.add_argument("--like", metavar="TEXT", help='words for the sound, such as "rain, solo piano": they colour'
                       " what the rules allow")  # fmt: skip
    asked.add_argument("--context", type=split_list, default=(), metavar="A,B", help="what to take account of: driving,"
                       " ... (`isopath contexts`)")  # fmt: skip
    asked.add_argument("--without", action="append", default=[], metavar="TRACK", help="plan without this track, by its"
                       " id; may be given again")  # fmt: skip
    asked.add_argument("--seed", type=int, metavar="N", help="the same seed gives the same journey; random and shown"
                       " when not given")  # fmt: skip
    reading = journey.add_argument_group("what is understood")
    reading.add_argument("--feel", type=split_list, default=(), metavar="A,B", help="emotions you name yourself, in"
                         " place of what is read (`isopath feelings`)")  # fmt: skip
    reading.add_argument("--answer", metavar="CHOICE", help="the id of a choice of the question asked before; of"
                         " several questions, all ids with commas between")  # fmt: skip
    reading.add_argument("--keep-reading", action="store_true", help="keep what was read of you, and the rules, with"
                         " the journey")  # fmt: skip
    past = journey.add_argument_group("earlier journeys")
    past.add_argument("--again", metavar="ID", help="a kept journey once more: the same tracks in the same order")
    past.add_argument("--compare", metavar="ID", help="beside a kept journey: what changed, and which rule did it")
    past.add_argument("--listener", metavar="NAME", help="let your last journeys count: no track again, vetoes; kept as"
                      " a hash")  # fmt: skip
    shown = journey.add_argument_group("what you get")
    shown.add_argument("--save", type=Path, metavar="DIR", help="write the journey there: a page, a picture, playlists,"
                       " MIDI and sound")  # fmt: skip
    shown.add_argument("--play", action="store_true", help="play it on this machine; keys pause, go on to the next"
                       " track, and fade to the end")  # fmt: skip
    shown.add_argument("--explain", action="store_true", help="show the therapist's page: asked against heard, rules,"
                       " evidence, and what was not known")  # fmt: skip
    add_language_argument(shown)
    shown.add_argument("--json", action="store_true", help="print the answer as one JSON object")


def run_journey(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.bootstrap import load_compiled

    answer: Answer
    # Asked for first, so that nobody waits for a journey that cannot be heard.
    speaker = open_speaker() if arguments.play else None
    if arguments.again is not None:
        opened = load_compiled(settings, note)
        answer = play_again(arguments, settings, opened)
    else:
        # `make journey` passes texts in the environment: other users of the machine can read arguments.
        arguments.text = arguments.text or ([settings.text] if settings.text else [])
        text = read_words(arguments, needed=not arguments.feel)
        opened = load_compiled(settings, note)
        answer = plan_request(arguments, settings, opened, text)
    if isinstance(answer, Support):
        return show_support(answer.as_json(), arguments.json, opened.fault)
    saved = save(answer, arguments.save, settings, opened) if arguments.save and isinstance(answer, Journey) else None
    spoken = open_words(opened, answer.language)
    comparison = compare_with_kept(answer, arguments.compare, settings, spoken) if arguments.compare else None
    if arguments.json:
        print(json_text(make_json(answer, arguments, comparison)))
    else:
        from engine.cli.journeys.rendering import print_comparison, print_journey

        print_journey(answer, arguments.explain and arguments.again is None, spoken)
        if comparison is not None:
            print_comparison(comparison)
    if speaker is not None and isinstance(answer, Journey):
        play(answer, saved, settings, opened, speaker)
    return EXIT[answer.outcome]


def plan_request(
    arguments: argparse.Namespace, settings: Settings, opened: CompiledOntology, text: str | None
) -> Answer:
    """What the request comes to; at a terminal questions are asked, and what was understood can be corrected."""
    from engine.use_cases.plan import UncheckedRequest, plan_journey

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
        exclude=frozenset(arguments.without),
        listener=arguments.listener,
        language=arguments.language,
    )
    asks = not arguments.json and is_interactive() and arguments.text != ["-"]
    if asks and text is not None and not (arguments.text or asked.feel or asked.answer):
        asked = correct_at_prompt(settings, opened, asked, arguments.input_texts)
    answer = plan_journey(settings, opened, asked, note)
    while isinstance(answer, Question | SafetyQuestion) and asks:
        asked = ask_at_prompt(answer, asked, opened.gate, arguments.input_texts, open_words(opened, answer.language))
        answer = plan_journey(settings, opened, asked, note)
    return answer


def open_speaker() -> Speaker:
    """The machine's sound device; SoundUnavailable where it has none."""
    from engine.playing.speaker import SoundDevice

    return SoundDevice()


def save(answer: Journey, directory: Path, settings: Settings, opened: CompiledOntology) -> SavedFiles:
    """Writes the journey into the directory, and shows how far it is."""
    from engine.cli.journeys.saving import show_rendering
    from engine.use_cases.save import save_journey

    with show_rendering(note) as count:
        fade = opened.meaning["fades"].get(answer.goal, 0.0)
        return save_journey(answer, directory, settings, note, open_words(opened, answer.language), fade, count)


def play(
    answer: Journey, saved: SavedFiles | None, settings: Settings, opened: CompiledOntology, speaker: Speaker
) -> None:
    """Plays the journey, as it was saved or else from a folder that is gone at the end."""
    from engine.cli.journeys.playing import play_saved
    from engine.playing.keys import open_keys

    with TemporaryDirectory(prefix="isopath-") as folder:
        saved = saved or save(answer, Path(folder) / "journey", settings, opened)
        with open_keys() as keys:
            play_saved(saved, answer.steps, opened.meaning["fades"].get(answer.goal, 0.0), speaker, keys, note)


def play_again(arguments: argparse.Namespace, settings: Settings, opened: CompiledOntology) -> Journey:
    """The kept journey that `--again` names."""
    from engine.errors import UsageError
    from engine.use_cases.journeys.again import read_journey_again

    if arguments.text or arguments.feel:
        raise UsageError("--again", "plays a kept journey, and words ask for a new one", "Give one of the two")
    return read_journey_again(settings, opened.meaning["words"], arguments.again, arguments.language, note)


def compare_with_kept(answer: Answer, id_: str, settings: Settings, spoken: Words) -> Comparison | None:
    """The journey beside the kept one of this id; None where the answer is no journey."""
    from engine.use_cases.journeys.again import read_journey_again
    from engine.use_cases.journeys.compare import compare_journeys

    if not isinstance(answer, Journey):
        return None
    return compare_journeys(spoken, answer, read_journey_again(settings, spoken.spoken, id_, spoken.language, note))


def open_words(opened: CompiledOntology, language: str = "en") -> Words:
    """What is said in this language."""
    from engine.explaining.words import Words

    return Words.choose(opened.meaning["words"], language)


def make_json(answer: Answer, arguments: argparse.Namespace, comparison: Comparison | None) -> dict[str, Any]:
    """The answer as the contract has it; of a kept journey, `complete` is false and the reading null."""
    told = answer.as_json()
    if arguments.again is not None:
        told |= {"complete": False, "reading": None}
    return told | ({"comparison": comparison.as_json()} if comparison is not None else {})
