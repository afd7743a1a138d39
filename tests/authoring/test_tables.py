"""Rules in a spreadsheet: what is edited changes alone, and what does not fit is told by its cell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from engine.authoring.tables.merging import Merge
from engine.authoring.tables.sheets import OWNER, SAID, Sheet, lay_out
from engine.authoring.tables.workbook import read_table, write_table
from engine.errors import UsageError
from engine.rules import Ontology
from engine.settings import Settings
from engine.use_cases.authoring.editing import apply_table, save_table
from tests.helpers.shipped import shipped_ontology
from tests.helpers.small_ontology import put, small

Value = str | int | float | None
SETTINGS = Settings.from_environment({})


@pytest.fixture(scope="module")
def sheets() -> tuple[Sheet, ...]:
    return lay_out(shipped_ontology())


@pytest.fixture(scope="module")
def written(sheets: tuple[Sheet, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tables") / "rules.xlsx"
    write_table(sheets, path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return put(tmp_path / "ontology", small().values())


@pytest.fixture
def table(folder: Path, tmp_path: Path) -> Path:
    path = tmp_path / "rules.xlsx"
    save_table(path, folder)
    return path


def find(sheet: Worksheet, id_: str, heading: str) -> str:
    """Where a cell stands."""
    [column] = [cell.column for cell in sheet[1] if cell.value == heading]
    [row] = [cell.row for cell in sheet["A"] if cell.value == id_]
    return sheet.cell(row, column).coordinate


def edit(path: Path, *edits: tuple[str, str, str, Value]) -> list[str]:
    """Writes cells, each (sheet, id, heading, value); gives back where they stand."""
    book = load_workbook(path)
    places = []
    for name, id_, heading, value in edits:
        place = find(book[name], id_, heading)
        book[name][place] = value
        places.append(f"{path.name}, {name}!{place}")
    book.save(path)
    return places


def append(path: Path, name: str, **values: Value) -> str:
    """Adds a row; gives back where it begins."""
    book = load_workbook(path)
    sheet = book[name]
    row = sheet.max_row + 1
    for column, cell in enumerate(sheet[1], 1):
        if str(cell.value) in values:
            sheet.cell(row, column).value = values[str(cell.value)]
    book.save(path)
    return f"{path.name}, {name}!A{row}"


def read_files(folder: Path) -> dict[str, list[str]]:
    return {path.name: path.read_text("utf-8").splitlines() for path in folder.rglob("*.owl")}


def list_changed_lines(before: dict[str, list[str]], folder: Path) -> list[str]:
    after = read_files(folder)
    assert before.keys() == after.keys()
    return [new.strip() for name in before for old, new in zip(before[name], after[name], strict=True) if old != new]


def test_every_rule_effect_and_condition_of_what_ships_stands_in_a_row(sheets: tuple[Sheet, ...]) -> None:
    shown = {id_ for sheet in sheets for id_ in sheet.rows}
    ontology = shipped_ontology()
    assert shown >= {one.id for kind in ("Rule", "Condition", "Effect", "Evidence") for one in ontology.of(kind)}
    assert shown >= {id_ for rule in ontology.of("Rule") for id_ in (*rule.to("claims"), *rule.to("describedBy"))}


def test_every_value_of_a_row_has_a_column(sheets: tuple[Sheet, ...]) -> None:
    for sheet in sheets:
        columns = {column.name for column in sheet.columns} | {"kind"}
        assert {name for row in sheet.rows.values() for name in row} <= columns, sheet.name
        assert len({column.heading for column in sheet.columns}) == len(sheet.columns)
        assert all(column.help for column in sheet.columns)


def test_a_table_that_nobody_edited_changes_nothing(sheets: tuple[Sheet, ...], written: Path) -> None:
    merge = Merge(read_table(written, sheets), sheets, shipped_ontology())
    assert merge.faults == []
    assert not merge.edits


def test_cells_offer_what_they_take_and_say_what_they_mean(sheets: tuple[Sheet, ...], written: Path) -> None:
    book = load_workbook(written)
    offered = {str(one.sqref).split(":")[0]: one for one in book["Rules"].data_validations.dataValidation}
    status = find(book["Rules"], "fear-pace-only", "Status").rstrip("0123456789") + "2"
    assert offered[status].type == "list"
    assert offered[status].showErrorMessage
    assert all(one.prompt for one in offered.values())
    said = book["Effects"][find(book["Effects"], "anger-discharged-lean-tempo", "In words")].value
    assert said == "leans by 80 % towards tempo of 116 BPM (104 to 132)"
    assert book["Lists"].sheet_state == book["Original"].sheet_state == "hidden"


def test_the_unedited_table_of_a_folder_leaves_every_byte(folder: Path, table: Path) -> None:
    before = read_files(folder)
    assert apply_table(SETTINGS, table, folder) == ()
    assert list_changed_lines(before, folder) == []


def test_an_edited_number_changes_that_number_alone(folder: Path, table: Path) -> None:
    before = read_files(folder)
    edit(table, ("Effects", "fear-mirror", "Depth", 0.7))
    [said] = apply_table(SETTINGS, table, folder)
    assert (
        said == "fear-pace-only (fear-pace-only) now meets tempo for the most part (0.7) instead of tempo by half (0.5)"
    )
    assert list_changed_lines(before, folder) == [
        '<depth rdf:datatype="http://www.w3.org/2001/XMLSchema#decimal">0.7</depth>'
    ]
    assert apply_table(SETTINGS, table, folder) == (), "a second time there is nothing left to do"


RULE: dict[str, Value] = {
    "Id": "panic-softly",
    "Name": "Panic: soft",
    "Name in Chinese": "恐慌：轻柔",
    "In a sentence": "When panic shows, the tempo is led low.",
    "Topic": "small",
    "Status": "published",
    "Tier": "clinical",
    "Priority": 90,
    "When": "panic-there",
    "At": "target, match",
    "For": "any-goal",
    "Claims": "by-judgement",
}
LEAN: dict[str, Value] = {
    "Id": "panic-softly-lean",
    "Rule": "panic-softly",
    "What it does": "Lean",
    "Of": "tempo",
    "Low": 50,
    "Best": 60,
    "High": 70,
    "Weight": 0.5,
}


def test_a_new_rule_is_a_row_and_its_effects_are_rows(folder: Path, table: Path) -> None:
    append(table, "Rules", **RULE)
    append(table, "Effects", **LEAN)
    changes = apply_table(SETTINGS, table, folder)
    assert "New: Panic (panic-softly) holds from now on: When panic shows, the tempo is led low." in changes
    rule = Ontology.read(folder)["panic-softly"]
    assert rule.to("does") == ("panic-softly-lean",)
    assert rule.to("at") == ("match", "target")
    assert rule.file == "ontology/small.owl"


def test_a_deleted_row_takes_the_effect_away(folder: Path, table: Path) -> None:
    book = load_workbook(table)
    place = find(book["Effects"], "even-notice", "Id")
    book["Effects"].delete_rows(int(place[1:]))
    book.save(table)
    assert len(apply_table(SETTINGS, table, folder)) == 1
    after = Ontology.read(folder)
    assert "even-notice" not in after.by_id
    assert after["even-steps"].to("does") == ("even-limit",)


def test_all_cells_that_cannot_be_read_are_told_at_once(folder: Path, table: Path) -> None:
    places = edit(
        table,
        ("Effects", "fear-mirror", "Depth", "much"),
        ("Effects", "grief-mirror", "Depth", "=1-0.5"),
        ("Rules", "fear-pace-only", "Status", "publisht"),
        ("Effects", "panic-replace", "Rule", "panic-skips-mach"),
        ("Rules", "grief-met", "When", "grief-thre"),
        ("Rules", "grief-met", "Priority", "first"),
    )
    again = append(table, "Rules", Id="grief-met", Name="again")
    before = read_files(folder)
    with pytest.raises(UsageError) as raised:
        apply_table(SETTINGS, table, folder)
    told = {one.place: one for one in (raised.value, *raised.value.others)}
    assert {*told} == {*places, again}
    assert told[places[0]].fault == "is 'much'"
    assert told[places[1]].fault == "holds a formula"
    assert told[places[2]].repair == "Did you mean 'published'?"
    assert told[places[3]].repair == "Did you mean 'panic-skips-match'?"
    assert (told[places[4]].fault, told[places[4]].repair) == (
        "there is no 'grief-thre'",
        "Did you mean 'grief-there'?",
    )
    assert told[places[5]].repair == "'Priority' takes a whole number, such as 2"
    assert list_changed_lines(before, folder) == []


NO_FIT: dict[str, tuple[tuple[str, str, str, Value], str]] = {
    "a number out of its range": (("Effects", "fear-mirror", "Depth", 7), "'depth' is 7"),
    "a half step": (("Rules", "grief-met", "Priority", 40.5), "is 40.5"),
    "a condition that is not there": (("Rules", "grief-met", "When", "grief-thre"), "there is no 'grief-thre'"),
    "a required cell that was emptied": (("Rules", "grief-met", "Tier", None), "'tier'"),
    "a kind that cannot have these cells": (("Effects", "fear-mirror", "What it does", "Silence"), "'depth'"),
    "a name that is no Chinese": (("Rules", "grief-met", "Name in Chinese", "Grief"), "'label_zh'"),
    "a locked rule that is overridden": (("Rules", "grief-met", "Overrides", "even-steps"), "overrides 'even-steps'"),
}


@pytest.mark.parametrize("name", NO_FIT)
def test_what_check_refuses_is_told_by_its_cell(name: str, folder: Path, table: Path) -> None:
    edited, said = NO_FIT[name]
    [place] = edit(table, edited)
    before = read_files(folder)
    with pytest.raises(UsageError) as raised:
        apply_table(SETTINGS, table, folder)
    told = [one for one in (raised.value, *raised.value.others) if said in one.fault]
    assert told, raised.value
    assert told[0].place.split("!")[0] == place.split("!")[0]
    assert told[0].place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")[-1] == place[-1]
    assert list_changed_lines(before, folder) == []


def test_a_rule_is_never_deleted(folder: Path, table: Path) -> None:
    book = load_workbook(table)
    book["Rules"].delete_rows(int(find(book["Rules"], "grief-met", "Id")[1:]))
    book.save(table)
    with pytest.raises(UsageError, match=r"the row of the rule 'grief-met' is gone.*retired"):
        apply_table(SETTINGS, table, folder)


def test_edits_of_others_are_neither_lost_nor_overwritten(folder: Path, table: Path, tmp_path: Path) -> None:
    mine, theirs = table, tmp_path / "theirs.xlsx"
    save_table(theirs, folder)
    edit(theirs, ("Effects", "fear-mirror", "Depth", 0.6), ("Effects", "grief-mirror", "Depth", 0.9))
    apply_table(SETTINGS, theirs, folder)
    edit(mine, ("Effects", "calmness-mirror", "Depth", 0.8))
    apply_table(SETTINGS, mine, folder)
    after = Ontology.read(folder)
    depths = [after[id_].number("depth") for id_ in ("fear-mirror", "grief-mirror", "calmness-mirror")]
    assert depths == [0.6, 0.9, 0.8]
    [place] = edit(mine, ("Effects", "fear-mirror", "Depth", 0.2))
    with pytest.raises(UsageError, match=r"is 0\.2 here, and was made 0\.6 since the table was written") as raised:
        apply_table(SETTINGS, mine, folder)
    assert raised.value.place == place


SPOILED: dict[str, tuple[Callable[[Path], object], str]] = {
    "no file": (lambda path: path.unlink(), "is not there"),
    "no spreadsheet": (lambda path: path.write_text("Id,Rule", "utf-8"), "cannot be read as .xlsx"),
    "a sheet that is gone": (lambda path: drop(path, "Effects"), "the sheet Effects is missing"),
    "a heading that was renamed": (lambda path: rename(path, "Rules", "A1", "Rule"), "the heading 'Id' is missing"),
}


def drop(path: Path, name: str) -> None:
    book = load_workbook(path)
    del book[name]
    book.save(path)


def rename(path: Path, name: str, place: str, value: str) -> None:
    book = load_workbook(path)
    book[name][place] = value
    book.save(path)


@pytest.mark.parametrize("name", SPOILED)
def test_a_file_that_is_no_table_is_told(name: str, folder: Path, table: Path) -> None:
    spoil, said = SPOILED[name]
    spoil(table)
    with pytest.raises(UsageError, match=said):
        apply_table(SETTINGS, table, folder)


def test_a_table_overwrites_nothing(folder: Path, table: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is there already"):
        save_table(table, folder)
    with pytest.raises(UsageError, match=r"Let it end in \.xlsx"):
        save_table(tmp_path / "rules.csv", folder)


def test_sorted_and_annotated_tables_are_read_the_same(folder: Path, table: Path) -> None:
    book = load_workbook(table)
    sheet = book["Effects"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    for number, row in enumerate(reversed(rows), 2):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column).value = value
        sheet.cell(number, len(row) + 1, "seen")
    sheet.cell(1, len(rows[0]) + 1, "My notes")
    book.save(table)
    assert apply_table(SETTINGS, table, folder) == ()


def test_what_is_only_read_is_marked(sheets: tuple[Sheet, ...]) -> None:
    effects = next(sheet for sheet in sheets if sheet.name == "Effects")
    assert {OWNER, SAID} < {column.name for column in effects.columns}
