"""Explains a planned journey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.answers import Journey

if TYPE_CHECKING:
    from engine.reasoning.facts import Basis
    from engine.reasoning.planner import Planner


def explain_planned(planner: Planner, answer: Journey, basis: Basis) -> Mapping[str, Any] | None:
    """The explanation report of a journey, by planning it again without storing it.

    None where the graph serves another version, or another journey results.
    """
    again, _ = planner.plan_basis(replace(basis, request=replace(basis.request, explain=True)), answer.id)
    if not isinstance(again, Journey) or again.provenance.version != answer.provenance.version:
        return None
    same = [step.track_id for step in again.steps] == [step.track_id for step in answer.steps]
    return again.explanation if same else None
