"""`isopath ontology new-rule`: a rule with all its parts, from answers at the prompt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.rules import Ontology
from tests.helpers.small_ontology import put, small

WHEN = ["panic", "", "", "target", ""]
LEAN = ["Lean", "tempo", "50", "60", "70", "0.5", ""]
CLAIMS = ["Judgement: slow music after a panic.", "", "C", "Judgement: a slow walk.", "first-study", "b"]
NAMES = ["Panic: slow", "恐慌：放慢", "", "small", "", "", "published"]
RULE = ["When panic shows, the music slows down.", *WHEN, *LEAN, *CLAIMS, *NAMES]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ISOPATH_HOME", str(tmp_path / "home"))
    return put(tmp_path / "ontology", small().values())


def answer(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    left: Iterator[str] = iter(answers)

    def read(_: str = "") -> str:
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", read)


def test_all_parts_are_written_together(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(monkeypatch, *RULE, "yes")
    assert main(["ontology", "new-rule", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "New: Panic (panic-slow) holds from now on" in said
    assert said.count("  Lean: ") == 1, "the kinds of effects are listed once, and again where ? asks for them"
    ontology = Ontology.read(folder)
    rule = ontology["panic-slow"]
    assert rule.to("when") == ("panic-there",), "a condition that is there is used again"
    assert (rule.to("at"), rule.to("for"), rule.text("tier")) == (("target",), ("any-goal",), "clinical")
    assert (rule.text("label"), rule.text("label_zh")) == ("Panic: slow", "恐慌：放慢")
    [lean] = (ontology[id_] for id_ in rule.to("does"))
    assert (lean.id, lean.classes[0], lean.to("of")) == ("panic-slow-lean-tempo", "Lean", ("tempo",))
    assert [lean.number(name) for name in ("low", "best", "high", "weight")] == [50, 60, 70, 0.5]
    claims = {ontology[id_].text("about"): ontology[id_] for id_ in rule.to("claims")}
    assert claims["number"].to("supportedBy") == ("first-study",)
    assert {claim.text("grade") for claim in claims.values()} == {"B", "C"}
    parts = [rule, lean, *claims.values()]
    assert {part.file for part in parts} == {"ontology/small.owl"}
    assert all(part.text("label") and part.text("label_zh") for part in parts)


def test_an_answer_that_does_not_fit_is_asked_for_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    slips = ["When panic shows, the music slows down.", "pannic", *WHEN, "Mirrorr", *LEAN[:5], "7", *LEAN[5:]]
    answer(monkeypatch, *slips, *CLAIMS, *NAMES[:2], "grief-met", *NAMES[2:], "yes")
    assert main(["ontology", "new-rule", str(folder)]) == 0
    said = capsys.readouterr().out
    assert "There is no 'pannic'. Did you mean panic?" in said
    assert "It is -2 to 2." in said
    assert "There is a Rule of this id." in said
    assert "panic-slow" in Ontology.read(folder).by_id


def test_what_check_refuses_is_not_written_and_can_be_mended(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (folder / "small.owl").read_bytes()
    upside_down = ["Lean", "tempo", "70", "60", "50", "0.5", ""]
    asked = ["When panic shows, the music slows down.", *WHEN, *upside_down, *CLAIMS, *NAMES]
    answer(monkeypatch, *asked, "yes", "no")
    assert main(["ontology", "new-rule", str(folder)]) == 0
    assert "It cannot be written so:" in capsys.readouterr().out
    assert (folder / "small.owl").read_bytes() == before
    answer(monkeypatch, *asked, "yes", "does", *LEAN, "yes")
    assert main(["ontology", "new-rule", str(folder)]) == 0
    assert Ontology.read(folder)["panic-slow-lean-tempo"].number("low") == 50


def test_new_conditions_are_named_in_both_languages(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, RULE[0], "fear, grief", "strong", *WHEN[1:], *LEAN, *CLAIMS, *NAMES, "yes")
    assert main(["ontology", "new-rule", str(folder)]) == 0
    ontology = Ontology.read(folder)
    [condition] = (ontology[id_] for id_ in ontology["panic-slow"].to("when"))
    assert (condition.id, condition.to("on")) == ("fear-or-grief-strong", ("fear", "grief"))
    assert (condition.text("label"), condition.text("label_zh")) == (
        "strong fear or grief",
        "强烈的中文 fear或中文 grief",
    )


def test_nothing_is_written_when_the_answers_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (folder / "small.owl").read_bytes()
    answer(monkeypatch, *RULE[:12])
    assert main(["ontology", "new-rule", str(folder)]) != 0
    answer(monkeypatch, *RULE, "no")
    assert main(["ontology", "new-rule", str(folder)]) == 0
    assert (folder / "small.owl").read_bytes() == before
