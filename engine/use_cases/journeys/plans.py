"""Plans of listeners: made, shown, checked, forgotten, and followed by every journey of theirs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.bootstrap import Progress, use_graph
from engine.errors import IsopathError, OntologyError, UsageError
from engine.files import fingerprint
from engine.held_rules import OwnRules, PlanFollowed
from engine.journey import Request
from engine.plans.keeping import (
    PlanFiles,
    create_plan,
    erase_plan,
    read_files,
    recall_rules,
    write_private,
)
from engine.plans.leaving_out import find_left_out
from engine.plans.plan import Plan, find_unknown_contexts, read_plan
from engine.plans.writing import write_plan
from engine.publishing.serving import locate_served
from engine.publishing.sources import Sources
from engine.settings import ONTOLOGY_DIR, ROOT, Settings
from engine.use_cases.journeys.listeners import make_pseudonym

if TYPE_CHECKING:
    from engine.graph import Graph
    from engine.plans.laying import LaidPlan
    from engine.rules import Finding

_CHECKERS = [ROOT / "engine" / name for name in ("plans", "rules")]
"""Sources that check a plan: a change of them checks it anew."""


@dataclass(frozen=True, slots=True)
class Plans:
    """The plans of a home."""

    settings: Settings
    progress: Progress = lambda _: None

    def follow(self, graph: Graph, listener: str, request: Request) -> Request:
        """The request with what the plan of a listener (a pseudonym) adds; as it was where there is none.

        OntologyError for a plan that cannot be followed: no journey leaves a part of it out.
        """
        if (files := read_files(self.settings.home, listener)) is None:
            return request
        plan = read_plan(files.plan)
        if faults := find_unknown_contexts(plan, [row["id"] for row in graph.rows("browse/contexts")]):
            raise OntologyError.of(faults)
        kept_out = find_left_out(plan, graph.rows("listeners/titles")) if plan.leaves_out else frozenset()
        own, has_sound = self._read_rules(files, plan), bool(plan.like and not request.like)
        return replace(
            request,
            contexts=tuple(dict.fromkeys((*request.contexts, *plan.all_contexts))),
            like=request.like or plan.like,
            plan=PlanFollowed(kept_out, own, plan.carer, has_sound),
        )

    def _read_rules(self, files: PlanFiles, plan: Plan) -> OwnRules | None:
        if files.rules is None and not plan.has_numbers:
            return None
        served = Sources.read(locate_served(self.settings, ONTOLOGY_DIR))

        def check() -> OwnRules | None:
            self.progress("checking the listener's plan together with the rules that serve")
            laid = lay(self.settings, files, plan, served)
            if errors := [one for one in laid.findings if one.level == "error"]:
                raise OntologyError.of([(one.place, one.fault, one.repair) for one in errors])
            return laid.own

        return recall_rules(files, f"{served.sha256} {fingerprint(_CHECKERS)}", check)


@dataclass(frozen=True, slots=True)
class ShownPlan:
    """A plan as it is read."""

    folder: Path
    plan: Plan
    has_rules: bool
    """Whether it has rules of its own beside it."""


@dataclass(frozen=True, slots=True)
class CheckedPlan:
    """What was found in a plan, and what it comes to."""

    findings: tuple[Finding, ...]
    rules: dict[str, str]
    """Id -> definition of its own rules."""
    left_out: int
    """Tracks that it leaves out by title or composer."""
    tracks: int

    @property
    def errors(self) -> int:
        return sum(finding.level == "error" for finding in self.findings)


def make_plan(settings: Settings, listener: str, plan: Plan) -> Path:
    """Writes a plan for a listener who has none; gives back its folder. OntologyError where it would not be read."""
    text = write_plan(plan)
    read_plan(text.encode())
    return create_plan(settings.home, make_pseudonym(settings.home, listener), text)


def show_plan(settings: Settings, listener: str) -> ShownPlan:
    """The plan of a listener; UsageError where there is none."""
    files = _find(settings, listener)
    return ShownPlan(files.folder, read_plan(files.plan), files.rules is not None)


def check_plan(settings: Settings, listener: str, progress: Progress, with_reasoner: bool = True) -> CheckedPlan:
    """Everything that is wrong with a plan, laid over the rules that serve; UsageError where there is none."""
    from engine.rules.consistency import start_reasoning

    files = _find(settings, listener)
    plan = read_plan(files.plan)
    served = Sources.read(locate_served(settings, ONTOLOGY_DIR))
    progress("checking it together with the rules that serve" + (", with HermiT" if with_reasoner else ""))
    laid = lay(settings, files, plan, served, (lambda modules: start_reasoning(modules)()) if with_reasoner else None)
    with use_graph(settings, progress) as graph:
        tracks = graph.rows("listeners/titles")
    return CheckedPlan(laid.findings, dict(laid.rules), len(find_left_out(plan, tracks)), len(tracks))


def forget_plan(settings: Settings, listener: str) -> bool:
    """Deletes the plan of a listener; whether there was one."""
    return erase_plan(settings.home, make_pseudonym(settings.home, listener))


def read_plan_texts(home: Path, pseudonym: str) -> dict[str, str | None] | None:
    """The files of a plan as texts, for whoever asks what is known of a listener; None where there is none."""
    if (files := read_files(home, pseudonym)) is None:
        return None
    rules = files.rules.decode("utf-8", "replace") if files.rules is not None else None
    return {"plan": files.plan.decode("utf-8", "replace"), "rules": rules}


@contextmanager
def open_rules(settings: Settings, listener: str) -> Iterator[tuple[Path, str, str]]:
    """A folder with the rules that serve and those of a plan, to add a rule to; the plan's are kept at the end.

    Gives the folder, the topic of the plan's own rules, and who answers for it.
    """
    from engine.plans.laying import RULES, open_own_module

    files = _find(settings, listener)
    plan = read_plan(files.plan)
    served = Sources.read(locate_served(settings, ONTOLOGY_DIR))
    with open_own_module(served, files.rules) as (folder, path, topic):
        before = path.read_bytes()
        yield folder, topic, plan.by
        if path.read_bytes() != before:
            write_private(files.folder / RULES, path.read_bytes())


def lay(settings: Settings, files: PlanFiles, plan: Plan, served: Sources, reason: Any = None) -> LaidPlan:
    """A plan over the rules that serve, held against the tracks and the emotion model that the program has."""
    from engine.plans.laying import lay_plan
    from engine.use_cases.check_ontology import read_loaded

    try:
        loaded = read_loaded(settings)
    except IsopathError:
        loaded = None  # `ontology check` tells of it
    return lay_plan(plan, files.rules, served, loaded, *([reason] if reason is not None else []))


def _find(settings: Settings, listener: str) -> PlanFiles:
    files = read_files(settings.home, make_pseudonym(settings.home, listener))
    if files is None:
        raise UsageError("ID", "has no plan", "Make one: `isopath plan new ID --by NAME --why TEXT`")
    return files
