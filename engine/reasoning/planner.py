"""The main path: from a person's words to a journey, with its reasons. Read `Planner.plan` first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from engine.errors import GraphUnavailable, NoJourney
from engine.explaining import reasons as explain
from engine.explaining.notices import notices
from engine.explaining.report import account
from engine.gate import Gate, GateResult
from engine.graph import Answers, Graph
from engine.journey import Answer, Reading, Request, Row, Step, Waypoint
from engine.order.sequence import Order, quality
from engine.queries import Queries
from engine.reasoning.asking import answered, before_music
from engine.reasoning.facts import Facts
from engine.reasoning.ordering import Ordering
from engine.reasoning.reading import Reader, signs_of
from engine.reasoning.search import Search
from engine.reasoning.text_query import Wish, Wishes
from engine.reasoning.waypoints import continued, staged
from engine.store.journeys import keep


class Reloaded(GraphUnavailable):
    """The graph began to serve another version while it was asked."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a journey is planned from: a request and what its words were read as, without the words."""

    request: Request
    reading: Reading
    wish: Wish | None = None
    """What `like` asks for, as a vector."""
    language: str = "en"
    """Of what is said to the person."""
    head: tuple[Step, ...] = ()
    """Steps that were played already: a plan begins with them."""


@dataclass(frozen=True, slots=True)
class Planner:
    """Everything a journey needs, behind doors that open when they are first needed."""

    gate: Gate
    open_reader: Callable[[], Reader]
    """What reads the words; asked for only after the gate let them pass, so that no fault of a model delays help."""
    graph: Callable[[], Graph]
    """A graph that holds the ontology and the tracks; asked for only after the gate let the words pass."""
    queries: Queries
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

    def plan(self, request: Request, remember: Callable[[Answer, Basis], None] | None = None) -> Answer:
        """Support, withheld, a question or a journey, in this order; NoJourney when the rules leave no music.

        `remember` is given every journey with what it was planned from.
        """
        gated = self.gate.check_all((request.text, request.like))
        blank = Answer("question", str(uuid4()), request.seed, request.goal, (), None)
        if gated is not None and gated.hit:
            return replace(blank, outcome="support", support=self.gate.support(gated, self.region))
        basis = self.basis(request, gated)
        answer = self.planned(basis, blank)
        if answer.outcome == "journey":
            self.keep(answer, request)
            if remember is not None:
                remember(answer, basis)
        return answer

    def keep(self, answer: Answer, request: Request) -> None:
        """Keeps a journey, where journeys are kept: with what was felt if the request asks for that."""
        if self.keeps:
            self.progress("keeping")
            keep(self.graph(), self.queries, answer, answer.signs if request.keep_reading else None)

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

    def planned(self, basis: Basis, blank: Answer) -> Answer:
        """Withheld, a question or a journey, which is not kept; `blank` with the id that it gets.

        Reloaded when the graph began to serve another version meanwhile: no answer mixes two.
        """
        graph = self.graph()
        search = Search(graph, self.queries)
        with graph.reading() as asking:
            answer = self.reasoned(asking, search, basis, blank, graph.version)
            [now] = asking.rows(self.queries["load/version"])
        search.mend()
        if {now["id"], self.version or now["id"]} != {answer.provenance["version"]}:
            raise Reloaded(graph.place, "was loaded anew while a journey was planned", "Plan it again")
        return answer

    def reasoned(
        self,
        graph: Answers,
        search: Search,
        basis: Basis,
        blank: Answer,
        server: str,
    ) -> Answer:
        """The answer as the graph reasons it out, in one read transaction beside the search; `blank` with all that was
        found.

        A chain of two statements, cut where an outcome can be told before any track is looked at: which rules hold,
        then from these rules to the candidates of every waypoint. Only ids of rules go from one to the other.
        """
        wish, language = basis.wish, basis.language
        understood = answered(graph, self.queries, self.reader, basis.request, basis.reading)
        request, reading = understood.request, understood.reading
        declared = (*understood.declared, *request.signals)
        signs = signs_of(self.reader, reading, understood.feelings, declared)
        self.progress("rules")
        facts = Facts.of(graph, self.queries, request, wish)
        rules = graph.rows(self.queries["journey/holding_rules"], **signs, goal=request.goal, without=[])
        told = tuple(explain.rule_json(row, facts.units) for row in rules)
        provenance = self.provenance(facts, server)
        blank = replace(
            blank, goal=request.goal, reading=reading, rules=told, provenance=provenance, signs=signs["scores"]
        )
        if first := before_music(graph, self.queries, self.reader, understood, rules, blank, language):
            return first
        self.progress("order")
        head = self.played(graph, basis.head)
        waypoints, order, relaxed = self.ordered(graph, search, request, facts, signs, rules, head)
        return replace(
            blank,
            outcome="journey",
            notices=(*notices(graph, self.queries, request, facts, rules, order, language), *relaxed),
            stages=continued(basis.head, staged(waypoints, order, rules)),
            quality=quality(waypoints, order.picks, order.share_of_bound),
            explanation=self.explained(graph, search, request, reading, facts, signs, rules, waypoints, order),
        )

    def ordered(
        self,
        graph: Answers,
        search: Search,
        request: Request,
        facts: Facts,
        signs: Row,
        rules: Sequence[Row],
        head: Sequence[Row] = (),
    ) -> tuple[list[Waypoint], Order, list[dict[str, str]]]:
        """The waypoints, the best order of tracks over them, and what had to be let go for it."""
        holding = [row for row in rules if not row["overridden_by"]]
        asked = {**signs, "goal": request.goal, "rules": [row["rule_id"] for row in holding]}
        found = Ordering(graph, search, self.queries, facts, asked, holding, request.seed, request.exclude, head).best()
        text = f"Too few tracks kept the bounds of {', '.join(found.relaxed)}; they were let go."
        return found.waypoints, found.order, [{"id": "bounds-relaxed", "text": text}] if found.relaxed else []

    def played(self, graph: Answers, head: Sequence[Step]) -> list[Row]:
        """The tracks of these steps as candidates; NoJourney where one of them is not known any more."""
        if not head:
            return []
        rows = {row["id"]: row for row in graph.rows(self.queries["browse/tracks"], ids=[s.track_id for s in head])}
        if any(step.track_id not in rows for step in head):
            raise NoJourney("journey", "a track that was played is not known any more", "Plan a new journey")
        return [
            {
                **rows[step.track_id],
                "track_id": step.track_id,
                "similarity": step.similarity,
                "cue_fit": step.cue_fit,
                "rule_ids": step.rule_ids,
            }
            for step in head
        ]

    def explained(
        self,
        graph: Answers,
        search: Search,
        request: Request,
        reading: Reading,
        facts: Facts,
        signs: Row,
        rules: Sequence[Row],
        waypoints: Sequence[Waypoint],
        order: Order,
    ) -> dict[str, Any]:
        """The full account, replays with one rule off included; nothing unless it was asked for."""
        if not request.explain:
            return {}

        def replay(held: Sequence[Row]) -> tuple[list[Waypoint], Order]:
            return self.ordered(graph, search, request, facts, signs, held)[:2]

        return account(graph, self.queries, self.reader, reading, signs, request.goal, rules, waypoints, order, replay)

    def provenance(self, facts: Facts, server: str) -> dict[str, Any]:
        """Versions and checksums of everything that decided, and whether a wish did; never its words."""
        model, version = self.reader.model.card, facts.version
        return {
            "ontology_version": version["version_info"],
            "version": version["id"],
            "ontology_sha256": version["ontology_sha256"],
            "emotion_model": {"name": model.name, "sha256": model.sha256},
            "embedding_model": {"name": version["embedding_model"], "sha256": version["embedding_sha256"]},
            "neo4j": server,
            **({"like": True} if facts.like else {}),
        }
