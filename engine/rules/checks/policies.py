"""Checks on hit policies: one for every kind of effect, and none that says what no query knows how to settle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from engine.rules.checks.findings import Finding
from engine.rules.ontology import Ontology

_ONE: Final = {"priority": ("first", "last")}
_ANY: Final = {"collect": ("union",), **_ONE}
_RANGE: Final = {"collect": ("intersect", "union"), **_ONE}


@dataclass(frozen=True, slots=True)
class Settling:
    """How effects of one kind can be settled."""

    ways: Mapping[str, tuple[str, ...]]
    """`policy` -> what `combine` may be with it."""
    when_empty: str
    """What holds when nothing is left, or nothing was said."""


KNOWN: Final[Mapping[str, Settling]] = {
    "Ask": Settling(_ONE, "go-on"),
    "Bar": Settling(_ANY, "nothing-barred"),
    "Bound": Settling(_RANGE, "relax"),
    "Dose": Settling(_RANGE, "cap-wins"),
    "Hold": Settling(_ONE, "go-on"),
    "Lean": Settling({"collect": ("mean", "first", "last"), **_ONE}, "goal-profile"),
    "Mirror": Settling({"unique": ("min", "max", "mean")}, "no-mirror"),
    "Notify": Settling({"output-order": ("collect",)}, "silent"),
    "Replace": Settling(_ONE, "mirror"),
    "Silence": Settling(_ANY, "nothing-silenced"),
    "StepLimit": Settling({"collect": ("min", "max"), **_ONE}, "no-limit"),
    "Via": Settling(_ONE, "straight"),
}
"""What cypher/asking/said, cypher/journey/effects and cypher/journey/depths do, by kind of effect."""


def one_policy_for_every_kind(ontology: Ontology) -> Iterator[Finding]:
    """Exactly one hit policy for every kind of effect."""
    kinds = {name for name, class_ in ontology.classes.items() if "Effect" in class_.ancestors}
    policies = ontology.of("HitPolicy")
    for policy in policies:
        if policy.text("governs") not in kinds:
            yield Finding(
                "error",
                "one-policy-for-every-kind",
                policy.place,
                f"'governs' is '{policy.text('governs')}', which is no kind of effect",
                f"Name one of {', '.join(sorted(kinds))}",
            )
    for kind in sorted(kinds):
        found = [policy.id for policy in policies if policy.text("governs") == kind]
        if len(found) != 1:
            said = "no hit policy governs it" if not found else f"{' and '.join(found)} govern it"
            yield Finding(
                "error",
                "one-policy-for-every-kind",
                f"ontology/: class '{kind}'",
                said,
                "Let one hit policy govern each kind of effect",
            )
        if kind not in KNOWN:
            yield Finding(
                "error",
                "one-policy-for-every-kind",
                f"ontology/: class '{kind}'",
                "no query carries out effects of this kind, so a rule with one would do nothing",
                f"Write rules with {', '.join(sorted(KNOWN))}; a new kind needs queries in cypher/journey",
            )


def policies_can_be_followed(ontology: Ontology) -> Iterator[Finding]:
    """A hit policy says what the queries know how to do; anything else would be read and change nothing."""
    for policy in ontology.of("HitPolicy"):
        if (settling := KNOWN.get(policy.text("governs"))) is None:
            continue
        how, combine, empty = (policy.text(name) for name in ("policy", "combine", "when_empty"))
        if combine not in settling.ways.get(how, ()):
            allowed = "; ".join(f"{way} with {' or '.join(ways)}" for way, ways in settling.ways.items())
            yield Finding(
                "error",
                "policies-can-be-followed",
                policy.place,
                f"'policy' {how} with 'combine' {combine} is no way to settle several {policy.text('governs')} effects",
                f"Say {allowed}",
            )
        if empty != settling.when_empty:
            yield Finding(
                "error",
                "policies-can-be-followed",
                policy.place,
                f"'when_empty' is {empty}, and nothing does that",
                f"Say {settling.when_empty}",
            )


CHECKS = (one_policy_for_every_kind, policies_can_be_followed)
