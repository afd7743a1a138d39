"""What a rule changes is weighed over cases where it holds, and told on a line."""

import pytest

from engine.cli.render import influence_line
from engine.errors import UsageError
from engine.reasoning.influence import Influences
from engine.reasoning.planner import Planner
from engine.rules.checks.holding import Rulebook
from engine.use_cases.ontology import cases, spread
from tests.helpers.shipped import shipped_ontology

pytestmark = pytest.mark.graph

ONTOLOGY = shipped_ontology()
BOOK = Rulebook(ONTOLOGY)


@pytest.fixture(scope="module")
def influences(planner: Planner) -> Influences:
    return Influences(planner.graph(), planner.reader, frozenset(i.id for i in ONTOLOGY.of("Context")))


def test_a_rule_that_mirrors_moves_cues_to_where_it_asks(influences: Influences) -> None:
    found = influences.of("sadness-met-then-moved", spread(list(cases(BOOK, ONTOLOGY["sadness-met-then-moved"])), 3))
    assert found.cases == 3
    assert found.journeys > 0
    assert any(cue.way > 0 for cue in found.cues)
    assert "sadness-met-then-moved: without it" in influence_line(found)


def test_a_rule_that_only_speaks_changes_the_answer_and_not_the_music(influences: Influences) -> None:
    found = influences.of("advise-hearing-child", spread(list(cases(BOOK, ONTOLOGY["advise-hearing-child"])), 2))
    assert (found.changed, found.journeys) == (1.0, 0.0)


def test_every_published_rule_has_cases() -> None:
    assert [rule.id for rule in BOOK.rules if not list(spread(list(cases(BOOK, rule)), 2))] == []


def test_a_rule_that_is_none_is_told() -> None:
    from engine.bootstrap import compiled
    from engine.settings import Settings
    from engine.use_cases.ontology import influence

    settings = Settings.from_environment()
    with pytest.raises(UsageError, match="no published rule"):
        next(influence(settings, compiled(settings, print), print, "no-such-rule"))
