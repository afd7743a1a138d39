"""What changed is told in clinical sentences."""

import pytest

from engine.authoring.differences import describe_changes
from engine.rules import Ontology
from tests.helpers.shipped import shipped_ontology
from tests.rules.test_signatures import condition, edited, effect, having, with_link, without_link


def told(after: Ontology) -> tuple[str, ...]:
    return describe_changes(shipped_ontology(), after)


def test_what_did_not_change_is_not_told() -> None:
    assert told(shipped_ontology()) == ()


@pytest.mark.parametrize(
    ("after", "sentence"),
    [
        (
            having(effect("sadness-met-then-moved", "Dose"), steps_max=1, seconds_max=180.0),
            "now opens with at most one short track, at most 3 minutes of it instead of at most two tracks, at most 5",
        ),
        (having(condition("joy-mirrored"), at_least=0.7), "now asks for at least 0.7 instead of no score of its own"),
        (having("joy-mirrored", status="retired"), "(joy-mirrored) is retired"),
        (having("joy-mirrored", tier="taste"), "is now a rule of taste instead of clinical"),
        (having(effect("fear-pace-only", "Mirror"), depth=0.0), "not at all instead of"),
        (having(effect("even-loudness", "StepLimit"), at_most=8.0), "at most 8 dB from track to track instead of 6 dB"),
        (edited(lambda i: None if i.id == "pride-mirrored" else i), "Gone: "),
        (with_link("joy-mirrored", "overrides", "pride-mirrored"), "(joy-mirrored) now takes the place of "),
        (without_link("withhold-sedation-at-the-wheel", "for", "sleep"), "no longer holds for "),
        (having("affect-reach", value=0.5), "value is 0.5"),
        (having("anger-as-tension-reading", share=0.5), "share is 0.5 instead of 0.6"),
        (having("joy-mirrored", definition="Otherwise."), "is described in other words"),
    ],
)
def test_a_change_is_a_sentence(after: Ontology, sentence: str) -> None:
    found = told(after)
    assert any(sentence in one for one in found), found
    assert len(found) <= 2


def test_a_sign_more_is_told_for_every_rule_that_rests_on_it() -> None:
    condition = shipped_ontology()["withhold-when-unsupervised"].to("when")[0]
    found = told(with_link(condition, "on", "in-pain"))
    assert any("(withhold-when-unsupervised) now also holds for" in one for one in found), found
