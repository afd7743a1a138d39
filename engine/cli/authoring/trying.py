"""`isopath ontology test`, `diff`, `what-if` and `explain`: what rules do, and how a draft differs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from encoders.json_text import json_text
from engine.cli.terminal import AddCommand, note
from engine.settings import Settings

if TYPE_CHECKING:
    from engine.authoring.judging import Verdict


def add_commands(command: AddCommand) -> None:
    test = command("test", run_test, "Try the scenarios in ontology/scenarios on the draft in ontology/.")
    test.add_argument("--only", metavar="WORDS", default="", help="those with these words in their names")
    test.add_argument("--json", action="store_true", help="one object a line")
    diff = command("diff", run_diff, "Say in clinical sentences what differs between two states of the ontology.")
    states = "a folder, an .owl file, the number of a version, 'published', 'draft' or a git revision"
    diff.add_argument("before", nargs="?", default="published", metavar="A", help=states)
    diff.add_argument("after", nargs="?", default="draft", metavar="B", help="the same; 'draft' where it is not given")
    diff.add_argument("--json", action="store_true", help="a list of sentences")
    what_if = command("what-if", run_what_if, "Say which journeys a draft would change, how, and which rule does it.")
    what_if.add_argument("state", nargs="?", default="draft", metavar="DRAFT", help=states)
    explain = command("explain", run_explain, "Explain a rule with its evidence, or a kept journey step by step.")
    explain.add_argument("name", metavar="RULE|JOURNEY", help="the id of one; a journey kept with --keep-reading")
    explain.add_argument("--without", metavar="RULE", help="says what the journey would be without this rule")
    what_if.add_argument("--report", type=Path, metavar="FILE", help="writes a page with each journey before and after")


def run_test(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.use_cases.authoring.trying import try_draft

    def tell(verdict: Verdict) -> None:
        scenario = verdict.scenario
        if arguments.json:
            said = {"name": scenario.name, "place": scenario.place, "holds": not verdict.faults}
            print(json_text(said | {"faults": list(verdict.faults)}), flush=True)
        elif verdict.faults:
            print(f"does not hold: {scenario.name} ({scenario.place})", *verdict.faults, sep="\n    ", flush=True)

    tried = try_draft(settings, note, tell, arguments.only)
    for gap in tried.gaps:
        note(f"no scenario would miss {gap.place}")
    note(f"{len(tried.verdicts) - len(tried.failed)} of {len(tried.verdicts)} scenarios hold")
    return 2 if tried.failed else 0


def report_failed(verdict: Verdict) -> None:
    """Tells of a scenario that does not hold while others are tried."""
    if verdict.faults:
        note(f"does not hold: {verdict.scenario.name}")


def run_diff(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.use_cases.authoring.comparing import compare

    changes = compare(arguments.before, arguments.after, settings, note)
    if arguments.json:
        print(json_text(list(changes)))
    else:
        print("\n".join(changes) or "nothing differs")
    return 0


def run_what_if(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.use_cases.authoring.previewing import preview, save_report

    found = preview(settings, note, arguments.state)
    for line in (*found.changes, *found.summarise()):
        print(line)
    if arguments.report is not None:
        save_report(found, arguments.report)
        note(f"the report is in {arguments.report}")
    note(f"{found.seconds:.0f} seconds")
    return 0


def run_explain(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.use_cases.authoring.explaining import explain

    for line in explain(settings, note, arguments.name, arguments.without):
        print(line)
    return 0
