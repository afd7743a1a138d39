"""Lays a plan over the rules that serve: what only a rule can say becomes rules, checked together with all others."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from engine.errors import OntologyError
from engine.held_rules import OwnRules
from engine.plans.plan import PLACE, Plan, find_unknown_contexts
from engine.publishing.sources import Sources
from engine.rules import Draft, Finding, write_module
from engine.store.supposing import to_row

if TYPE_CHECKING:
    from engine.rules import Ontology
    from engine.rules.checks.loaded import Loaded
    from engine.rules.laying import Laid

RULES: Final = "rules.owl"
"""File of a plan for rules of its own."""
OWN, LIMITS = "rules/listener", "rules/listener_limits"
"""Modules that a plan's own rules, and its numbers, are laid over the ontology as."""
_IMPORTED: Final = ("cues", "emotions", "evidence", "gate", "gems", "goals", "schema", "signs", "rules/shared")
LIMITS_RULE: Final = "listener-limits"
_ORDER: Final = ("FOR", "AT", "ON", "OF", "OVERRIDES")
"""Relationships in the order in which a kept journey writes to what they lead to."""


@dataclass(frozen=True, slots=True)
class LaidPlan:
    """What came of it."""

    own: OwnRules | None
    """None where the plan says nothing that needs a rule."""
    findings: tuple[Finding, ...]
    """Errors first. With an error nothing of it may serve."""
    rules: Mapping[str, str]
    """Id -> definition of the plan's own rules."""


def lay_plan(
    plan: Plan,
    rules: bytes | None,
    served: Sources,
    loaded: Loaded | None = None,
    reason: Callable[[Any], list[Finding]] = lambda _: [],
) -> LaidPlan:
    """A plan over the ontology that serves. `rules` is the content of its rules.owl; `reason` asks a reasoner, too."""
    from engine.rules.laying import find_overreach, read_laid

    with tempfile.TemporaryDirectory(prefix="isopath-") as kept:
        folder = Path(kept) / "ontology"
        served.write(folder)
        own = _write_modules(folder, plan, rules)
        try:
            laid = read_laid(folder, own)
        except OntologyError as error:
            told = [Finding("error", "reading", e.place, e.fault, e.repair) for e in (error, *error.others)]
            return LaidPlan(None, tuple(_name_files(one) for one in told), {})
        findings = [*_find_unknown(plan, laid.base), *find_overreach(laid), *_check(laid, loaded)]
        findings += reason(laid.modules)
        labels = {one.id: one.text("definition") for one in laid.own if "Rule" in one.classes}
        own_rules = _make_rows(laid, served.sha256) if laid.own else None
    return LaidPlan(own_rules, tuple(sorted({_name_files(one) for one in findings})), labels)


@contextmanager
def open_own_module(served: Sources, rules: bytes | None) -> Iterator[tuple[Path, Path, str]]:
    """A folder with the ontology that serves and a plan's own rules in it, to be edited as any other.

    Gives the folder, the module of the plan's rules, and the topic that it is.
    """
    from engine.rules.laying import import_modules

    with tempfile.TemporaryDirectory(prefix="isopath-") as kept:
        folder = Path(kept) / "ontology"
        served.write(folder)
        path = folder / f"{OWN}.owl"
        if rules is None:
            write_module(path, (), _IMPORTED, "Rules of a listener's plan")
        else:
            path.write_bytes(rules)
        import_modules(folder, [OWN])
        yield folder, path, path.stem


def _write_modules(folder: Path, plan: Plan, rules: bytes | None) -> list[str]:
    (folder / "rules").mkdir(exist_ok=True)
    own = []
    if rules is not None:
        (folder / f"{OWN}.owl").write_bytes(rules)
        own.append(OWN)
    if plan.has_numbers:
        write_module(folder / f"{LIMITS}.owl", _draft_limits(plan), _IMPORTED)
        own.append(LIMITS)
    return own


def _draft_limits(plan: Plan) -> Iterator[Draft]:
    """The rule that a plan's limits and traits amount to, of the tier safety: it is never relaxed."""
    effects = [
        Draft(
            f"{LIMITS_RULE}-{limit.cue.replace('_', '-')}",
            "Bound",
            {name: value for name, value in (("low", limit.low), ("high", limit.high)) if value is not None},
            {"of": limit.cue},
            f"Keep {limit.cue.replace('_', ' ')} within the plan's limits",
            f"{limit.cue} 限于计划的范围",
        )
        for limit in plan.limits
    ] + [
        Draft(f"{LIMITS_RULE}-bar-{trait}", "Bar", {}, {"of": trait}, f"Bar {trait}", f"排除 {trait}")
        for trait in plan.traits
    ]
    yield from effects
    number = Draft(
        f"{LIMITS_RULE}-number",
        "Claim",
        {"about": "number", "grade": "C", "signed_by": plan.by},
        {},
        "Limits of the listener's plan: number",
        "听者计划的限制：数值",
        f"Judgement of {plan.by} for this listener, {plan.on.isoformat()}: {plan.why}.",
    )
    risk = Draft(
        f"{LIMITS_RULE}-risk",
        "Claim",
        {"about": "risk", "grade": "C"},
        {},
        "Limits of the listener's plan: risk",
        "听者计划的限制：风险",
        f"Judgement of {plan.by} for this listener: {plan.why}.",
    )
    yield number
    yield risk
    yield Draft(
        LIMITS_RULE,
        "Rule",
        {"tier": "safety", "priority": 9000, "status": "published"},
        {
            "when": "always-holds",
            "at": "every-stage",
            "for": "any-goal",
            "does": [effect.id for effect in effects],
            "claims": [number.id, risk.id],
        },
        "Limits of the listener's plan",
        "听者计划的限制",
        "No track is played that lies outside the limits that the listener's plan sets.",
    )


def _find_unknown(plan: Plan, base: Ontology) -> Iterator[Finding]:
    known = [one.id for one in base.of("Context") if not one.properties.get("held")]
    for place, fault, repair in find_unknown_contexts(plan, known):
        yield Finding("error", "names", place, fault, repair)


def _check(laid: Laid, loaded: Loaded | None) -> Iterator[Finding]:
    """What the checks find that is not wrong without the plan."""
    from engine.rules.checks.checking import check

    own = {one.file for one in laid.own}
    found = [one for one in check(laid.whole, loaded=loaded) if one.check != "protege-finds-the-modules"]
    if any(one.level == "error" and one.file not in own for one in found):
        known = set(check(laid.base, loaded=loaded))
        found = [one for one in found if one not in known]
    yield from (one for one in found if one.level == "error" or one.file in own)


def _make_rows(laid: Laid, sha256: str) -> OwnRules:
    rows = [to_row(one) for one in laid.own]
    links = [{"source": row["id"], "type": type_, "target": target} for row in rows for type_, target in row["links"]]

    def place(link: Mapping[str, str]) -> tuple[int, float, str, str]:
        rank = _ORDER.index(link["type"]) if link["type"] in _ORDER else len(_ORDER)
        order = laid.whole[link["target"]].number("order") or 0.0
        return rank, order, link["target"], link["source"]

    individuals = tuple({name: row[name] for name in ("id", "labels", "properties")} for row in rows)
    return OwnRules(individuals, tuple(sorted(links, key=place)), sha256)


def _name_files(finding: Finding) -> Finding:
    """The finding with the plan's own files in its place."""
    place = finding.place.replace(f"ontology/{LIMITS}.owl", PLACE).replace(f"ontology/{OWN}.owl", RULES)
    return Finding(finding.level, finding.check, place, finding.fault, finding.repair)
