"""`isopath ontology`: checks the ontology, and measures the influence of rules, for therapists."""

from __future__ import annotations

import argparse

from encoders.json_text import json_text
from engine.cli.authoring import publishing, trying
from engine.cli.terminal import AddCommand, Run, note
from engine.settings import Settings


def add_commands(command: AddCommand) -> None:
    ontology = command("ontology", run_ontology, "Check, try, compare and publish what a therapist changed.")
    actions = ontology.add_subparsers(dest="action", required=True, metavar="ACTION")

    def add_action(name: str, run: Run, help_: str, /) -> argparse.ArgumentParser:
        made = actions.add_parser(name, help=help_, description=help_, allow_abbrev=False)
        made.set_defaults(run_action=run)
        return made

    check = add_action("check", print_findings, "Say everything that is wrong with the ontology.")
    influence = add_action("influence", print_influence, "Weigh what its rules change.")
    influence.add_argument("rule", nargs="?", metavar="RULE", help="the id of one rule; else all")
    for one in (check, influence):
        one.add_argument("--json", action="store_true", help="one object a line")
    for group in (trying, publishing):
        group.add_commands(add_action)


def run_ontology(arguments: argparse.Namespace, settings: Settings) -> int:
    return int(arguments.run_action(arguments, settings))


def print_findings(arguments: argparse.Namespace, _: Settings) -> int:
    """Prints the findings of all checks; exit code 2 when there is an error."""
    from engine.use_cases.ontology import check_ontology

    findings = check_ontology(note)
    for finding in findings:
        print(
            json_text(finding)
            if arguments.json
            else f"{finding['level']}: {finding['place']}: {finding['fault']} {finding['repair']}"
        )
    errors = sum(finding["level"] == "error" for finding in findings)
    note(f"{errors} errors, {len(findings) - errors} notices")
    return 2 if errors else 0


def print_influence(arguments: argparse.Namespace, settings: Settings) -> int:
    """Prints the influence of one rule or of all, each when it is measured."""
    from dataclasses import asdict

    from engine.bootstrap import load_compiled
    from engine.cli.render import format_influence
    from engine.use_cases.ontology import measure_influence

    for one in measure_influence(settings, load_compiled(settings, note), note, arguments.rule):
        print(json_text(asdict(one)) if arguments.json else format_influence(one), flush=True)
    return 0
