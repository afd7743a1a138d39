"""Rules that tests add to a graph, and take out again."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from engine.graph import Graph
from tests.helpers.asking import do


@contextmanager
def ruled(graph: Graph, kind: str, effects: Sequence[tuple[str, str]]) -> Iterator[None]:
    """More rules, which hold always and before all others, each with an effect of this kind: what it is of, numbers."""
    for place, (of, numbers) in enumerate(effects):
        target = f"WITH effect MATCH (of:Individual {{id: '{of}'}}) CREATE (effect)-[:OF]->(of)" if of else ""
        stage = "match" if kind == "Dose" else "every-stage"
        do(
            graph,
            f"""MATCH (condition:Condition)-[:ON]->(:Context {{id: 'always'}}) WITH condition LIMIT 1
            MATCH (goal:GoalScope {{id: 'any-goal'}}), (at:StageScope {{id: '{stage}'}})
            CREATE (rule:Rule:Individual {{id: 'tried-{place}', tier: 'safety', priority: {place - 9}}})
            SET rule += {{status: 'published', label: 'Tried', definition: 'Tried.'}}
            CREATE (rule)-[:DOES]->(effect:{kind}:Effect:Individual {{id: 'tried-{place}-effect'}}),
              (rule)-[:WHEN]->(condition), (rule)-[:FOR]->(goal), (rule)-[:AT]->(at)
            SET effect += {{{numbers}}}
            {target}""",
        )
    try:
        yield
    finally:
        do(graph, "MATCH (n:Individual) WHERE n.id STARTS WITH 'tried-' DETACH DELETE n")
