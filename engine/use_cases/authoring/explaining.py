"""Explains a rule, or a kept journey as its derivation under the version that made it."""

from __future__ import annotations

from typing import Any

from engine.bootstrap import Progress, use_graph
from engine.errors import UsageError
from engine.plans.keeping import read_files
from engine.settings import ONTOLOGY_DIR, Settings
from engine.use_cases.authoring.states import unpack_ontology
from engine.use_cases.authoring.trying import open_trial
from engine.use_cases.journeys.read import read_kept_row


def explain(settings: Settings, progress: Progress, named: str, without: str | None = None) -> tuple[str, ...]:
    """A rule of the draft in sentences, or a kept journey as its derivation; UsageError when there is neither."""
    from engine.authoring.derivation import explain_rule
    from engine.authoring.reading import read_scenarios
    from engine.rules import Ontology

    ontology = Ontology.read(ONTOLOGY_DIR)
    rule = ontology.by_id.get(named)
    with use_graph(settings, progress) as graph:
        kept = read_kept_row(graph, named)
        if kept is not None:
            return _explain_journey(graph, settings, kept, without)
        if rule is None or "Rule" not in rule.classes:
            raise UsageError("NAME", "is neither a rule nor a kept journey", "`isopath journeys` lists the journeys")
        if without is not None:
            raise UsageError("--without", "is for journeys", "Name a kept journey; `ontology influence` weighs a rule")
        fired = next((row["journeys"] for row in graph.rows("authoring/fired", rule=rule.id)), 0)
        return explain_rule(ontology, rule, read_scenarios(ontology), fired)


def _explain_journey(graph: Any, settings: Settings, kept: Any, without: str | None) -> tuple[str, ...]:
    from engine.authoring.derivation import derive, describe_without
    from engine.authoring.kept import make_given
    from engine.store.publications import read_published_sources

    if not kept["signs"]:
        raise UsageError("JOURNEY", "was kept without its reading, and cannot be replayed", "Plan with --keep-reading")
    number = (kept["version"] or {}).get("published")
    if number is None:
        raise UsageError(
            "JOURNEY", "was made by a draft, whose files were not kept", "Publish the draft, and plan anew"
        )
    with (
        unpack_ontology(read_published_sources(graph, number)) as ontology,
        open_trial(graph, ontology, settings) as (trial, _),
    ):
        if without is not None:
            if without not in ontology.by_id or "Rule" not in ontology[without].classes:
                raise UsageError("--without", f"is no rule of version {number}", "Name a rule by its id")
            return describe_without(trial, make_given(ontology, kept), without)
        found = derive(trial, make_given(ontology, kept))
        has_plan = kept["listener"] is not None and read_files(settings.home, kept["listener"]) is not None
        plan = ("Its listener has a plan, and what that adds is not in this derivation.",) if has_plan else ()
        return (f"Made by version {number} of the ontology.", *plan, *found.lines)
