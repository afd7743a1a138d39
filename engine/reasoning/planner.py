"""The main path: from a person's words to a journey, with its reasons. Read `Planner.plan` first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from engine.answers import Answer, Journey, Model, Provenance, Question, Support, Withheld
from engine.errors import GraphUnavailable
from engine.explaining.notices import notices
from engine.explaining.reasons import continued, shown, staged
from engine.explaining.report import account
from engine.gate import Gate, GateResult
from engine.graph import Graph
from engine.journey import Request, Step
from engine.order.sequence import quality
from engine.reasoning.asking import question, understood, withholding
from engine.reasoning.facts import Basis, Case
from engine.reasoning.knowledge import Knowledge
from engine.reasoning.ordering import Ordering
from engine.reasoning.reading import Reader
from engine.reasoning.search import Search
from engine.reasoning.text_query import Wishes
from engine.store.journeys import keep


class Reloaded(GraphUnavailable):
    """The graph began to serve another version while it was asked."""


@dataclass(frozen=True, slots=True)
class Planner:
    """Everything a journey needs; models and the graph are opened when they are first needed."""

    gate: Gate
    open_reader: Callable[[], Reader]
    """What reads the words; asked for only after the gate let them pass, so that no fault of a model delays help."""
    graph: Callable[[], Graph]
    """A graph that holds the ontology and the tracks; asked for only after the gate let the words pass."""
    wishes: Wishes
    region: str | None = None
    keeps: bool = True
    """Whether journeys are kept (ISOPATH_KEEP)."""
    version: str | None = None
    """The version of the graph that the reader's ontology belongs to; None: whichever the graph serves."""
    progress: Callable[[str], None] = lambda _: None
    """Told where a plan stands: reading, rules, order, keeping."""

    @property
    def reader(self) -> Reader:
        return self.open_reader()

    def plan(
        self,
        request: Request,
        gated: GateResult | None = None,
        remember: Callable[[Journey, Basis], None] | None = None,
    ) -> Answer:
        """Support, withheld, a question or a journey, in this order; NoJourney when the rules leave no music.

        `gated` is what the gate found in the words, where the caller has had them checked. `remember` is given every
        journey with what it was planned from.
        """
        gated = gated or self.gate.check_all((request.text, request.like))
        id_ = str(uuid4())
        if gated is not None and gated.hit:
            return Support(id_, request.seed, request.goal, self.gate.support(gated, self.region))
        basis = self.basis(request, gated)
        answer, case = self.planned(basis, id_)
        if isinstance(answer, Journey):
            self.keep(answer, case)
            if remember is not None:
                remember(answer, basis)
        return answer

    def keep(self, journey: Journey, case: Case) -> None:
        """Keeps a journey, where journeys are kept: with what was felt if the request asks for that."""
        if self.keeps:
            self.progress("keeping")
            keep(self.graph(), journey, case.signs.scores if case.request.keep_reading else None)

    def basis(self, request: Request, gated: GateResult | None) -> Basis:
        """What is left of a request once its words were read."""
        self.progress("reading")
        if request.scores is not None:
            reading = self.reader.given(request.scores, request.feel)
        else:
            reading = self.reader.read(
                request.text, "passed" if gated else "not_run", gated.markers if gated else (), request.feel
            )
        wish = self.wishes.of(request.like, "--like") if request.like is not None else None
        return Basis(replace(request, text=None, like=None), reading, wish, gated.language if gated else "en")

    def planned(self, basis: Basis, id_: str) -> tuple[Withheld | Question | Journey, Case]:
        """Withheld, a question or a journey under this id, which is not kept; and the case that it answers.

        Reloaded when the graph began to serve another version meanwhile: no answer mixes two.
        """
        graph = self.graph()
        search = Search(graph)
        with graph.reading() as asking:
            knowledge = Knowledge(asking, search)
            self.progress("rules")
            case = understood(knowledge, self.reader, basis)
            answer = self.answer(knowledge, case, basis.head, id_, graph.version)
            [now] = asking.rows("load/version")
        search.mend()
        if {now["id"], self.version or now["id"]} != {answer.provenance.version}:
            raise Reloaded(graph.place, "was loaded anew while a journey was planned", "Plan it again")
        return answer, case

    def case(self, basis: Basis) -> Case:
        """The case that a basis is, with the rules that hold for it."""
        graph = self.graph()
        with graph.reading() as asking:
            return understood(Knowledge(asking, Search(graph)), self.reader, basis)

    def answer(
        self, knowledge: Knowledge, case: Case, head: Sequence[Step], id_: str, server: str
    ) -> Withheld | Question | Journey:
        """The answer as the graph reasons it out, in one read transaction beside the search; `server` is its version.

        A chain of two statements, cut where an outcome can be told before any track is looked at: which rules hold,
        then from these rules to the candidates of every waypoint. Only ids of rules go from one to the other.
        """
        request, facts = case.request, case.facts
        rules = tuple(shown(rule, facts.units) for rule in case.rules)
        basis = id_, request.seed, request.goal, case.reading, rules, self.provenance(case, server)
        if held := withholding(knowledge, case):
            return Withheld(*basis, *held)
        if asked := question(knowledge, self.reader, case):
            return Question(*basis, asked)
        self.progress("order")
        ordering = Ordering(knowledge, case, knowledge.played(head))
        found = ordering.best(case.in_force)
        return Journey(
            *basis,
            notices=tuple(notices(knowledge, case, found)),
            stages=continued(head, staged(found.waypoints, found.order, case.rules)),
            quality=quality(found.waypoints, found.order.picks, found.order.share_of_bound),
            explanation=account(knowledge, self.reader, case, found, ordering.best) if request.explain else {},
        )

    def provenance(self, case: Case, server: str) -> Provenance:
        """Versions and checksums of everything that decided, and whether a wish did; never its words."""
        model, version = self.reader.model.card, case.facts.version
        return Provenance(
            version.name,
            version.id,
            version.ontology_sha256,
            Model(model.name, model.sha256),
            Model(version.embedding_model, version.embedding_sha256),
            server,
            bool(case.facts.like),
        )
