"""`isopath ontology`: checks the ontology, tidies its files, measures the influence of rules, and publishes drafts."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from encoders.json_text import json_text
from engine.cli.authoring import editing, publishing, trying
from engine.cli.terminal import AddCommand, Run, note
from engine.settings import Settings

if TYPE_CHECKING:
    from engine.rules import Finding


def add_commands(command: AddCommand) -> None:
    ontology = command("ontology", run_without_action, "Check, try, compare and publish what a therapist changed.")
    actions = ontology.add_subparsers(dest="action", required=True, metavar="ACTION")

    def add_action(name: str, run: Run, help_: str, /) -> argparse.ArgumentParser:
        made = actions.add_parser(name, help=help_, description=help_, allow_abbrev=False)
        made.set_defaults(run=run)
        return made

    check = add_action("check", run_check, "Everything that is wrong with the rules, at once.")
    check.add_argument("folder", nargs="?", metavar="FOLDER", help="an ontology's folder; else the one that ships")
    check.add_argument("--quick", action="store_true", help="without HermiT, the reasoner")
    check.add_argument("--json", action="store_true", help="one object a finding, a line each")
    tidy = add_action("tidy", run_tidy, "Bring files that Protégé saved into their stable form, nothing lost.")
    tidy.add_argument("places", nargs="*", metavar="FILE|FOLDER", help="else the ontology that ships")
    tidy.add_argument("--json", action="store_true", help="one object a file, a line each")
    export = add_action("export", run_export, "Write the whole ontology as one document for other programs.")
    export.add_argument("file", nargs="?", type=Path, metavar="FILE", help="else standard output")
    export.add_argument("--format", choices=("turtle", "json-ld", "shacl"), default="turtle", help="shacl: the schema's"
                        " requirements as shapes")  # fmt: skip
    influence = add_action("influence", run_influence, "What rules change where they hold.")
    influence.add_argument("rule", nargs="?", metavar="RULE", help="the id of one rule; else all")
    influence.add_argument("--json", action="store_true", help="one object a rule, a line each")
    for group in (editing, trying, publishing):
        group.add_commands(add_action)


def run_without_action(_: argparse.Namespace, __: Settings) -> int:
    raise AssertionError("the parser asks for an action")


def run_check(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.settings import ONTOLOGY_DIR
    from engine.use_cases.check_ontology import check_ontology

    folder = Path(arguments.folder) if arguments.folder else ONTOLOGY_DIR
    checked = check_ontology(settings, note, folder, with_reasoner=not arguments.quick)
    for finding, shown in zip(checked.findings, checked.as_json(), strict=True):
        print(json_text(shown) if arguments.json else format_finding(finding))
    note(f"{checked.errors} errors, {len(checked.findings) - checked.errors} notices")
    return 2 if checked.errors else 0


def format_finding(finding: Finding) -> str:
    """A finding as a person reads it: its place, then what is wrong, then what to do."""
    return f"{finding.level}: {finding.place}\n  Problem: {finding.fault}.\n  Repair: {finding.repair}."


def run_tidy(arguments: argparse.Namespace, _: Settings) -> int:
    from engine.settings import ONTOLOGY_DIR
    from engine.use_cases.tidy_ontology import tidy_ontology

    for one in tidy_ontology([Path(place) for place in arguments.places] or [ONTOLOGY_DIR]):
        shown = {"path": str(one.path), "changed": one.changed}
        print(json_text(shown) if arguments.json else f"{one.path}: {'tidied' if one.changed else 'as it should be'}")
    return 0


def run_export(arguments: argparse.Namespace, _: Settings) -> int:
    from engine.use_cases.authoring.exporting import export_ontology

    text = export_ontology(arguments.format, arguments.file)
    if arguments.file is None:
        print(text, end="")
    else:
        note(f"written to {arguments.file}")
    return 0


def run_influence(arguments: argparse.Namespace, settings: Settings) -> int:
    from dataclasses import asdict

    from engine.bootstrap import load_compiled
    from engine.cli.render import format_influence
    from engine.use_cases.ontology import measure_influence

    for one in measure_influence(settings, load_compiled(settings, note), note, arguments.rule):
        print(json_text(asdict(one)) if arguments.json else format_influence(one), flush=True)
    return 0
