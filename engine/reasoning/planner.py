"""The main path: from a person's text to a journey with its reasons. Read `Planner.plan` first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Final
from uuid import uuid4

from encoders.languages import ENGLISH
from engine.answers import Answer, Journey, ModelVersion, Provenance, Question, Support, Withheld
from engine.explaining.faults import localise_faults
from engine.explaining.notices import list_language_notices, list_notices
from engine.explaining.opening import make_opening, make_purport
from engine.explaining.reasons import summarise_rule
from engine.explaining.report import make_report
from engine.explaining.steps import make_stages
from engine.gate import Gate, GateResult
from engine.graph import Graph, ServerBusy, Transaction
from engine.held_rules import OwnRules
from engine.journey import Reading, Request, Step
from engine.order.sequence import measure_quality
from engine.reasoning.asking import build_case, choose_question, find_withholding
from engine.reasoning.facts import Basis, Case
from engine.reasoning.knowledge import Knowledge
from engine.reasoning.ordering import Sequencer
from engine.reasoning.reading import FeelingReader, name_gate_state
from engine.reasoning.search import TrackSearch
from engine.reasoning.text_query import QueryEncoder
from engine.store.journeys import persist_journey
from engine.store.supposing import lay_over
from engine.store.version import GraphReloaded

_ATTEMPTS: Final = 3
"""How often a plan with rules of a listener's own is tried, where it waits for another and another waits for it."""


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans journeys. Models and graph are created lazily, after the gate, so that none of their faults delays help."""

    gate: Gate
    open_reader: Callable[[], FeelingReader]
    """Returns the reader of texts."""
    get_graph: Callable[[], Graph]
    """Returns the graph with ontology and tracks."""
    query_encoder: QueryEncoder
    region: str | None = None
    persists: bool = True
    """Whether journeys are persisted (ISOPATH_KEEP)."""
    version: str | None = None
    """The version of the graph that belongs to the reader's ontology; None: any."""
    progress: Callable[[str], None] = lambda _: None
    """Called with each phase of a plan: reading, rules, order, keeping."""

    @property
    def reader(self) -> FeelingReader:
        return self.open_reader()

    def plan(
        self,
        request: Request,
        gated: GateResult | None = None,
        remember: Callable[[Journey, Basis], None] | None = None,
    ) -> Answer:
        """Support, withheld, a question or a journey, in this order; NoJourney when the rules leave no music.

        `gated` is the result of the gate, where the caller has run it. `remember` is called with every journey and its
        basis.
        """
        gated = gated or self.gate.check_all((request.text, request.like))
        id_ = str(uuid4())
        if gated is not None and gated.hit:
            return Support(id_, request.seed, request.goal, self.gate.support(gated, self.region))
        basis = self.read_request(request, gated)
        answer, case = self.plan_basis(basis, id_)
        if isinstance(answer, Journey):
            self.persist(answer, case)
            if remember is not None:
                remember(answer, basis)
        return answer

    def persist(self, journey: Journey, case: Case) -> None:
        """Stores a journey where journeys are persisted, with its signs only if the request asks for that."""
        if self.persists:
            self.progress("keeping")
            persist_journey(self.get_graph(), journey, case.signs.scores if case.request.keep_reading else None)

    def read_request(self, request: Request, gated: GateResult | None) -> Basis:
        """Reads the text of a request; the basis holds none of it."""
        self.progress("reading")
        language = request.language or (gated.language if gated else ENGLISH)
        with localise_faults(self.reader.get_words(language)):
            reading = self._read(request, gated)
        text_query = self.query_encoder.encode(request.like, "--like") if request.like is not None else None
        is_covered = request.text is None or self.reader.model.covers(request.text)
        covers = is_covered or gated is None or gated.language in self.gate.languages
        lines = () if covers else tuple(self.gate.list_lines("danger", language, self.region))
        one_look = gated is not None and gated.one_look
        wordless = replace(request, text=None, like=None)
        return Basis(wordless, reading, text_query, language, is_covered, lines, one_look)

    def _read(self, request: Request, gated: GateResult | None) -> Reading:
        if request.scores is not None:
            return self.reader.read_scores(request.scores, request.feel)
        markers = gated.markers if gated else ()
        return self.reader.read(request.text, name_gate_state(gated), markers, request.feel)

    def plan_basis(self, basis: Basis, id_: str) -> tuple[Withheld | Question | Journey, Case]:
        """The answer under this id, not persisted, and its case.

        GraphReloaded when the graph serves another version than before: no answer mixes two versions.
        """
        for _ in range(_ATTEMPTS - 1 if _get_own_rules(basis.request) else 0):
            with suppress(ServerBusy):
                return self._plan_once(basis, id_)
        return self._plan_once(basis, id_)

    def _plan_once(self, basis: Basis, id_: str) -> tuple[Withheld | Question | Journey, Case]:
        graph = self.get_graph()
        search = TrackSearch(graph)
        with self._begin(basis.request) as transaction, localise_faults(self.reader.get_words(basis.language)):
            knowledge = Knowledge(transaction, search)
            self.progress("rules")
            case = build_case(knowledge, self.reader, basis)
            answer = self.make_answer(knowledge, case, basis.head, id_, graph.version)
            [now] = transaction.rows("load/version")
        search.repair_index()
        if {now["id"], self.version or now["id"]} != {answer.provenance.version}:
            raise GraphReloaded(graph.place, "was loaded anew while a journey was planned", "Plan it again")
        return answer, case

    def build_case(self, basis: Basis) -> Case:
        """The case of a basis, with the rules that hold for it."""
        with self._begin(basis.request) as transaction:
            return build_case(Knowledge(transaction, TrackSearch(self.get_graph())), self.reader, basis)

    @contextmanager
    def _begin(self, request: Request) -> Iterator[Transaction]:
        """A transaction that sees the rules that serve, and beside them those of the listener's plan."""
        graph, own = self.get_graph(), _get_own_rules(request)
        with graph.begin_read() if own is None else lay_over(graph, own) as transaction:
            yield transaction

    def make_answer(
        self, knowledge: Knowledge, case: Case, head: Sequence[Step], id_: str, server: str
    ) -> Withheld | Question | Journey:
        """The answer to a case; `server` is the version of Neo4j.

        Outcomes that need no tracks (withheld, question) are decided by the rules, before tracks are searched.
        """
        request = case.request
        words = self.reader.get_words(case.language).with_rules(request.rule_names)
        rules = tuple(summarise_rule(rule, words) for rule in case.rules)
        basis = id_, request.seed, request.goal, case.reading, rules, self.make_provenance(case, server)
        if hold := find_withholding(knowledge, case):
            return Withheld(*basis, *hold, words.language)
        if to_ask := choose_question(knowledge, self.reader, case):
            return Question(*basis, to_ask, tuple(list_language_notices(words, case, to_ask.language)))
        self.progress("order")
        sequencer = Sequencer(knowledge, case, knowledge.read_played(head))
        found = sequencer.find_best(case.in_force)
        picks, purport = found.order.picks, make_purport(words, case, found.settled)
        stages = make_stages(words, purport, found.waypoints, picks, head)
        return Journey(
            *basis,
            notices=tuple(list_notices(knowledge, words, case, found)),
            stages=stages,
            quality=measure_quality(found.waypoints, picks, found.order.share_of_bound),
            opening=make_opening(words, purport, case, stages, found.waypoints, picks),
            language=words.language,
            explanation=make_report(knowledge, self.reader, case, found, sequencer.find_best)
            if request.explain
            else {},
        )

    def make_provenance(self, case: Case, server: str) -> Provenance:
        """Versions and checksums of ontology, models and server, and whether words for the sound were given."""
        model, version = self.reader.model.card, case.facts.version
        return Provenance(
            version.name,
            version.id,
            version.ontology_sha256,
            ModelVersion(model.name, model.sha256),
            ModelVersion(version.embedding_model, version.embedding_sha256),
            server,
            bool(case.facts.query_vector),
        )


def _get_own_rules(request: Request) -> OwnRules | None:
    return request.plan.own_rules if request.plan is not None else None
