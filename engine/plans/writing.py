"""Writes a new plan as text, with a comment beside whatever its author may add."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from engine.plans.plan import Limit, Plan

_HEAD: Final = """\
# The plan of one listener. Every journey of theirs follows it: isopath journey --listener ID
# After an edit: isopath plan check ID. A line that begins with # says nothing.
"""


def write_plan(plan: Plan) -> str:
    """The file of a plan; what it does not say stands in it as a comment."""
    lines = [
        _HEAD,
        f"by = {_quote(plan.by)}        # who answers for the plan and its numbers",
        f"why = {_quote(plan.why)}",
        f"on = {plan.on.isoformat()}",
        "",
        "# Diagnoses and contraindications: ids of `isopath contexts`.",
        _say("contexts", plan.contexts, '["dementia-declared"]'),
        "# Somebody who knows the listener is there, watches and can stop the music, whenever this plan is followed.",
        "carer = true" if plan.carer else "# carer = true",
        "# Words for the sound: they colour the choice among what the rules allow, where a request says nothing.",
        f"like = {_quote(plan.like)}" if plan.like else '# like = "soft strings, slow"',
        "",
        "[without]",
        "# Left out of every journey: whole titles, words in titles, composers by a part of the name, traits by id.",
        _say("titles", plan.titles, '["The Flowers of Edinburgh"]'),
        _say("words", plan.words, '["war", "drink"]'),
        _say("composers", plan.composers, '["Bach"]'),
        _say("traits", plan.traits, '["death"]'),
        "",
        "[limits]",
        "# No track outside these numbers, at any stage. Cues and their units: ontology/REFERENCE.md.",
        *(map(_say_limit, plan.limits) if plan.limits else ["# tempo = {high = 100}"]),
        "",
    ]
    return "\n".join(lines)


def _say(name: str, values: Sequence[str], example: str) -> str:
    return f"{name} = [{', '.join(map(_quote, values))}]" if values else f"# {name} = {example}"


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _say_limit(limit: Limit) -> str:
    sides = [f"{name} = {value:g}" for name, value in (("low", limit.low), ("high", limit.high)) if value is not None]
    return f"{limit.cue} = {{{', '.join(sides)}}}"
