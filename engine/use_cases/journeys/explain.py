"""Explains a journey after it was planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.journey import Answer

if TYPE_CHECKING:
    from engine.reasoning.planner import Basis, Planner


def explain_planned(planner: Planner, answer: Answer, basis: Basis) -> Mapping[str, Any] | None:
    """The explanation report of a journey, which is reasoned out once more and not kept again.

    None where the graph serves another version since, under which it would be another journey.
    """
    again = planner.planned(
        replace(basis, request=replace(basis.request, explain=True)),
        Answer("question", answer.id, answer.seed, answer.goal, (), None),
    )
    same = again.provenance.get("version") == answer.provenance["version"]
    return (
        again.explanation if same and [s.track_id for s in again.steps] == [s.track_id for s in answer.steps] else None
    )
