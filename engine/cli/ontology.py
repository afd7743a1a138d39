"""`isopath ontology`: checks the ontology, and measures the influence of rules, for therapists."""

from __future__ import annotations

import argparse

from encoders.json_text import json_text
from engine.cli.terminal import AddCommand, note
from engine.settings import Settings


def add_commands(command: AddCommand) -> None:
    ontology = command("ontology", run_ontology, "Check the ontology, or weigh what its rules change.")
    ontology.add_argument("action", choices=["check", "influence"])
    ontology.add_argument("rule", nargs="?", metavar="RULE", help="for `influence`: the id of one rule; else all")
    ontology.add_argument("--json", action="store_true")


def run_ontology(arguments: argparse.Namespace, settings: Settings) -> int:
    return print_influence(arguments, settings) if arguments.action == "influence" else print_findings(arguments)


def print_findings(arguments: argparse.Namespace) -> int:
    """Prints the findings of all checks; exit code 2 when there is an error."""
    from engine.errors import UsageError
    from engine.use_cases.ontology import check_ontology

    if arguments.rule:
        raise UsageError("RULE", "is given, and all rules are checked together", "Leave it out")
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
