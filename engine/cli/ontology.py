"""`isopath ontology`: what a therapist asks of the rules."""

from __future__ import annotations

import argparse

from encoders.json_text import json_text
from engine.cli.authoring import publishing, trying
from engine.cli.speaking import Adding, Run, note
from engine.settings import Settings


def add(command: Adding) -> None:
    ontology = command("ontology", run_ontology, "Check, try, compare and publish what a therapist changed.")
    actions = ontology.add_subparsers(dest="action", required=True, metavar="ACTION")

    def action(name: str, run: Run, help_: str, /) -> argparse.ArgumentParser:
        made = actions.add_parser(name, help=help_, description=help_, allow_abbrev=False)
        made.set_defaults(run_action=run)
        return made

    check = action("check", checked, "Say everything that is wrong with the ontology.")
    influence = action("influence", weighed, "Weigh what its rules change.")
    influence.add_argument("rule", nargs="?", metavar="RULE", help="the id of one rule; else all")
    for one in (check, influence):
        one.add_argument("--json", action="store_true", help="one object a line")
    for group in (trying, publishing):
        group.add(action)


def run_ontology(arguments: argparse.Namespace, settings: Settings) -> int:
    return int(arguments.run_action(arguments, settings))


def checked(arguments: argparse.Namespace, _: Settings) -> int:
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


def weighed(arguments: argparse.Namespace, settings: Settings) -> int:
    from dataclasses import asdict

    from engine.bootstrap import compiled
    from engine.cli.render import influence_line
    from engine.use_cases.ontology import influence

    for one in influence(settings, compiled(settings, note), note, arguments.rule):
        print(json_text(asdict(one)) if arguments.json else influence_line(one), flush=True)
    return 0
