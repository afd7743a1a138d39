"""What a rule changes is weighed over cases where it holds, and told on a line."""

import pytest

from engine.cli.render import format_influence
from engine.errors import UsageError
from engine.reasoning.influence import InfluenceMeter
from engine.reasoning.planner import Planner
from engine.rules.checks.holding import Rulebook
from engine.use_cases.ontology import list_cases, sample_evenly
from tests.helpers.shipped import shipped_ontology

pytestmark = pytest.mark.graph

ONTOLOGY = shipped_ontology()
BOOK = Rulebook(ONTOLOGY)


@pytest.fixture(scope="module")
def influences(planner: Planner) -> InfluenceMeter:
    return InfluenceMeter(planner.get_graph(), planner.reader, frozenset(i.id for i in ONTOLOGY.of("Context")))


def test_a_rule_that_mirrors_moves_cues_to_where_it_asks(influences: InfluenceMeter) -> None:
    found = influences.measure(
        "sadness-met-then-moved", sample_evenly(list(list_cases(BOOK, ONTOLOGY["sadness-met-then-moved"])), 3)
    )
    assert found.cases == 3
    assert found.journeys > 0
    assert any(cue.way > 0 for cue in found.cues)
    assert "sadness-met-then-moved: without it" in format_influence(found)


def test_a_rule_that_only_speaks_changes_the_answer_and_not_the_music(influences: InfluenceMeter) -> None:
    found = influences.measure(
        "advise-hearing-child", sample_evenly(list(list_cases(BOOK, ONTOLOGY["advise-hearing-child"])), 2)
    )
    assert (found.changed, found.journeys) == (1.0, 0.0)


def test_every_published_rule_has_cases() -> None:
    assert [rule.id for rule in BOOK.rules if not list(sample_evenly(list(list_cases(BOOK, rule)), 2))] == []


def test_a_rule_that_is_none_is_told() -> None:
    from engine.bootstrap import load_compiled
    from engine.settings import Settings
    from engine.use_cases.ontology import measure_influence

    settings = Settings.from_environment()
    with pytest.raises(UsageError, match="no published rule"):
        next(measure_influence(settings, load_compiled(settings, print), print, "no-such-rule"))
