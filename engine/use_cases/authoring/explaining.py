"""Explains a rule, or a kept journey as its derivation under the version that made it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.bootstrap import Progress, use_graph
from engine.errors import UsageError
from engine.settings import ONTOLOGY_DIR, Settings
from engine.use_cases.authoring.states import unpack_ontology
from engine.use_cases.authoring.trying import open_trial
from engine.use_cases.journeys.read import read_kept_row

if TYPE_CHECKING:
    from engine.authoring.scenario import Given
    from engine.rules import Ontology


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
            return describe_without(trial, _make_given(ontology, kept), without)
        found = derive(trial, _make_given(ontology, kept))
        return (f"Made by version {number} of the ontology.", *found.lines)


def _make_given(ontology: Ontology, kept: Any) -> Given:
    """What a kept journey was planned from, as far as it is kept: minutes that were asked for are not."""
    from engine.authoring.scenario import Given

    scores = {sign["id"]: sign["score"] for sign in kept["signs"] if sign["id"] in ontology.by_id}

    def of(kind: str) -> tuple[str, ...]:
        return tuple(id_ for id_ in scores if kind in ontology[id_].classes)

    emotions = {id_: scores[id_] for id_ in of("Emotion")}
    chosen = tuple(id_ for id_ in emotions) if set(emotions.values()) == {1.0} else ()
    return Given(
        kept["goal"],
        present=of("Marker"),
        scores={} if chosen else emotions,
        feel=chosen,
        contexts=of("Context"),
        signals=of("Signal"),
        seed=kept["seed"],
    )
