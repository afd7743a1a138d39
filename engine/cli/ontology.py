"""`isopath ontology`: what a therapist asks of the rules."""

from __future__ import annotations

import argparse

from encoders.json_text import json_text
from engine.cli.speaking import Adding, note
from engine.settings import Settings


def add(command: Adding) -> None:
    ontology = command("ontology", run_ontology, "Check the ontology.")
    ontology.add_argument("action", choices=["check"])
    ontology.add_argument("--json", action="store_true")


def run_ontology(arguments: argparse.Namespace, _: Settings) -> int:
    from engine.use_cases.check_ontology import check_ontology

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
