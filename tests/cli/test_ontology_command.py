"""`isopath ontology check` and `tidy`, as somebody types them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.rules import Draft
from tests.helpers.small_ontology import changed, put, small
from tests.rules.test_saved_files import SAVED, STABLE


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small ontology, held against itself instead of the shipped one; no gate is compiled from it."""
    monkeypatch.setenv("ISOPATH_HOME", str(tmp_path / "home"))
    shipped = put(tmp_path / "shipped", small().values())
    monkeypatch.setattr("engine.use_cases.check_ontology.locate_served", lambda *_: shipped)
    monkeypatch.setattr("engine.use_cases.check_ontology.has_compiled", lambda *_: True)
    return put(tmp_path / "ontology", small().values())


def rewritten(folder: Path, drafts: dict[str, Draft]) -> Path:
    return put(folder, drafts.values())


def test_a_finding_is_told_with_problem_and_repair(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rewritten(folder, changed(small(), "even-limit", at_most=0.9))
    assert main(["ontology", "check", str(folder), "--quick"]) == 2
    told = capsys.readouterr()
    assert (
        "error: ontology/small.owl: Rule 'even-steps'\n"
        "  Problem: its StepLimit of tempo: 'at_most' was 0.5, and is 0.9.\n"
        "  Repair: Take it back, or sign it: `isopath ontology sign ID --by NAME --why TEXT`.\n"
    ) in told.out
    assert "errors" in told.err


def test_findings_are_objects_for_machines(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rewritten(folder, changed(small(), "fear-pace-only", overrides="even-steps"))
    assert main(["ontology", "check", str(folder), "--quick", "--json"]) == 2
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (one,) = [f for f in found if f["check"] == "safety-is-not-overridden"]
    assert one["level"] == "error"
    assert (one["file"], one["individual"]) == ("ontology/small.owl", "fear-pace-only")
    assert "it is clinical and overrides 'even-steps'" in one["problem"]
    assert one["repair"] == "Drop the override: safety rules are locked"
    assert {tuple(f) for f in found} == {tuple(one)}


def test_files_that_cannot_be_read_are_findings_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(SAVED / "small.ofn.owl", folder / "small.owl")
    assert main(["ontology", "check", str(folder), "--json"]) == 2
    (one,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (one["check"], one["file"]) == ("reading", "ontology/small.owl")
    assert one["repair"] == "Save it from Protégé as RDF/XML (File, Save as, RDF/XML Syntax)"


def test_a_folder_is_tidied(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(SAVED / "small.ttl.owl", folder / "small.owl")
    assert main(["ontology", "tidy", str(folder)]) == 0
    assert f"{folder / 'small.owl'}: tidied\n" in capsys.readouterr().out
    assert (folder / "small.owl").read_bytes() == STABLE.read_bytes()
    assert main(["ontology", "tidy", str(folder), "--json"]) == 0
    shown = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["changed"] for one in shown] == [False] * 3


def test_a_spreadsheet_is_written_and_brought_back(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "rules.xlsx"
    assert main(["ontology", "table", str(table), str(folder)]) == 0
    assert f"then run: isopath ontology apply {table}" in capsys.readouterr().out
    assert main(["ontology", "apply", str(table), str(folder)]) == 0
    assert capsys.readouterr().out == "nothing differs\n"
    table.write_text("no spreadsheet", "utf-8")
    assert main(["ontology", "apply", str(table), str(folder), "--json"]) == 2
    assert "cannot be read as .xlsx" in json.loads(capsys.readouterr().out)["message"]


@pytest.mark.parametrize("arguments", [["ontology"], ["ontology", "tidy", "nowhere"], ["ontology", "mend"]])
def test_what_cannot_be_meant_is_a_fault(
    arguments: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("isopath: ")
