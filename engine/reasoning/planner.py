"""The main path: from a person's words to a journey, with its reasons. Read `Planner.plan` first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from engine.explaining import reasons as explain
from engine.explaining.notices import notices
from engine.explaining.report import account
from engine.gate import Gate
from engine.graph import Answers, Graph
from engine.journey import Answer, Reading, Request, Row, Waypoint
from engine.order.sequence import Order, quality
from engine.reasoning.asking import answered, before_music
from engine.reasoning.facts import Facts
from engine.reasoning.ordering import Ordering
from engine.reasoning.reading import Reader, signs_of
from engine.reasoning.search import Search
from engine.reasoning.text_query import Wish, Wishes
from engine.reasoning.waypoints import staged
from engine.store.journeys import keep


@dataclass(frozen=True, slots=True)
class Planner:
    """Everything a journey needs, behind doors that open when they are first needed."""

    gate: Gate
    open_reader: Callable[[], Reader]
    """What reads the words; asked for only after the gate let them pass, so that no fault of a model delays help."""
    graph: Callable[[], Graph]
    """A graph that holds the ontology and the tracks; asked for only after the gate let the words pass."""
    wishes: Wishes
    region: str | None = None
    keeps: bool = True
    """Whether journeys are kept (ISOPATH_KEEP)."""

    @property
    def reader(self) -> Reader:
        return self.open_reader()

    def plan(self, request: Request) -> Answer:
        """Support, withheld, a question or a journey, in this order; NoJourney when the rules leave no music."""
        gated = self.gate.check_all((request.text, request.like))
        blank = Answer("question", str(uuid4()), request.seed, request.goal, (), None)
        if gated is not None and gated.hit:
            return replace(blank, outcome="support", support=self.gate.support(gated, self.region))
        reading = self.reader.read(
            request.text, "passed" if gated else "not_run", gated.markers if gated else (), request.feel
        )
        wish = self.wishes.of(request.like, "--like") if request.like is not None else None
        graph = self.graph()
        search = Search(graph)
        with graph.reading() as asking:
            language = gated.language if gated else "en"
            answer = self.reasoned(asking, search, request, reading, wish, language, blank, graph.version)
        search.mend()
        if answer.outcome == "journey" and self.keeps:
            keep(graph, answer, answer.signs if request.keep_reading else None)
        return answer

    def reasoned(
        self,
        graph: Answers,
        search: Search,
        request: Request,
        reading: Reading,
        wish: Wish | None,
        language: str,
        blank: Answer,
        server: str,
    ) -> Answer:
        """The answer as the graph reasons it out, in one read transaction beside the search; `blank` with all that was
        found.

        A chain of two statements, cut where an outcome can be told before any track is looked at: which rules hold,
        then from these rules to the candidates of every waypoint. Only ids of rules go from one to the other.
        """
        understood = answered(graph, self.reader, request, reading)
        request, reading = understood.request, understood.reading
        signs = signs_of(self.reader, reading, understood.feelings, understood.declared)
        facts = Facts.of(graph, request, wish)
        rules = graph.rows("journey/holding_rules", **signs, goal=request.goal, without=[])
        told = tuple(explain.rule_json(row, facts.units) for row in rules)
        provenance = self.provenance(facts, server)
        blank = replace(
            blank, goal=request.goal, reading=reading, rules=told, provenance=provenance, signs=signs["scores"]
        )
        if first := before_music(graph, self.reader, understood, rules, blank, language):
            return first
        waypoints, order, relaxed = self.ordered(graph, search, request, facts, signs, rules)
        return replace(
            blank,
            outcome="journey",
            notices=(*notices(graph, request, facts, rules, order, language), *relaxed),
            stages=staged(waypoints, order, rules),
            quality=quality(waypoints, order.picks, order.share_of_bound),
            explanation=self.explained(graph, search, request, reading, facts, signs, rules, waypoints, order),
        )

    def ordered(
        self, graph: Answers, search: Search, request: Request, facts: Facts, signs: Row, rules: Sequence[Row]
    ) -> tuple[list[Waypoint], Order, list[dict[str, str]]]:
        """The waypoints, the best order of tracks over them, and what had to be let go for it."""
        holding = [row for row in rules if not row["overridden_by"]]
        asked = {**signs, "goal": request.goal, "rules": [row["rule_id"] for row in holding]}
        found = Ordering(graph, search, facts, asked, holding, request.seed).best()
        text = f"Too few tracks kept the bounds of {', '.join(found.relaxed)}; they were let go."
        return found.waypoints, found.order, [{"id": "bounds-relaxed", "text": text}] if found.relaxed else []

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

        return account(graph, self.reader, reading, signs, request.goal, rules, waypoints, order, replay)

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
