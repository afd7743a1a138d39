"""Tables as .xlsx files: written with drop-downs and help, and read back cell by cell."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from engine.authoring.tables.sheets import ID, SAID, Cell, Column, Sheet, normalise_number, normalise_text
from engine.errors import UsageError

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell as XlsxCell
    from openpyxl.cell.cell import MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

README, LISTS, ORIGINAL = "Read me", "Lists", "Original"
"""Sheets besides those of rules: help, what drop-downs offer, and every row as it was when the table was written."""
HELP: Final = (
    "One row is one rule, condition, effect, claim or source. Edit, then run: isopath ontology apply FILE.xlsx",
    "A cell offers what it takes, and says what it means when you stand on it. Several ids have commas between.",
    "A new rule: a row in Rules, and one in Effects for each thing that it does, where you name the rule.",
    "Whoever deletes a row deletes what stands in it. Rules are never deleted: set their status to retired.",
    "Sort, filter and format as you like. Columns of your own are not read. Headings and names of sheets stay.",
)
SPARE_ROWS = 200
"""Empty rows below the last that have drop-downs too."""
LONGEST_PROMPT: Final = 255
WIDTHS: Final = {ID: 30, SAID: 44, "definition": 60, "finding": 60, "label": 34, "label_zh": 24, "text": 44}
Fault = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A row that somebody may have edited."""

    place: str
    """Of its id, as `rules.xlsx, Effects!A12`."""
    cells: Mapping[str, Cell]
    """Name of a column -> what stands there; empty cells left out."""
    places: Mapping[str, str]
    """Name of a column -> where it stands."""


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds."""

    file: str
    """Its name."""
    rows: Mapping[str, Sequence[Row]]
    """Name of a sheet -> its rows."""
    original: Mapping[str, Mapping[str, Mapping[str, Cell]]]
    """Name of a sheet -> id -> the cells as they were when the table was written."""
    faults: tuple[Fault, ...]
    """Cells that cannot be read, all of them."""


def write_table(sheets: Iterable[Sheet], path: Path) -> None:
    """Writes the sheets as a file that Excel and LibreOffice open."""
    book = Workbook()
    book.remove(book.worksheets[0])
    readme = book.create_sheet(README)
    for line in HELP:
        readme.append([line])
    lists, original = book.create_sheet(LISTS), book.create_sheet(ORIGINAL)
    for sheet in sheets:
        readme.append([])
        readme.append([sheet.name])
        readme.cell(readme.max_row, 1).font = Font(bold=True)
        for column in sheet.columns:
            readme.append([f"    {column.heading}: {column.help}"])
        _write_sheet(book.create_sheet(sheet.name, len(book.sheetnames) - 2), sheet, lists)
        for id_, row in sheet.rows.items():
            original.append([sheet.name, id_, json.dumps(row, ensure_ascii=False)])
    readme.column_dimensions["A"].width = 120
    lists.sheet_state = original.sheet_state = "hidden"
    book.save(path)


def read_table(path: Path, sheets: Sequence[Sheet]) -> Table:
    """What a file holds, in terms of these sheets; UsageError for a file that is no table of ours."""
    try:
        book = load_workbook(path)
    except FileNotFoundError:
        raise UsageError("FILE", "is not there", "Name a table that `isopath ontology table` wrote") from None
    except (BadZipFile, KeyError, ValueError, OSError, TypeError) as exc:
        raise UsageError("FILE", "cannot be read as .xlsx", "Save it as Excel workbook (.xlsx)") from exc
    missing = [name for name in (*(sheet.name for sheet in sheets), ORIGINAL) if name not in book.sheetnames]
    if missing:
        fault = f"the sheet {missing[0]} is missing"
        raise UsageError(path.name, fault, "Edit a table that `isopath ontology table` wrote, and keep its sheets")
    original: dict[str, dict[str, dict[str, Cell]]] = {sheet.name: {} for sheet in sheets}
    for name, id_, cells in book[ORIGINAL].iter_rows(max_col=3, values_only=True):
        if name in original:
            stated = json.loads(str(cells))
            original[str(name)][str(id_)] = {column: tuple(values) for column, values in stated.items()}
    faults: list[Fault] = []
    rows = {sheet.name: _read_rows(book[sheet.name], sheet, path.name, faults) for sheet in sheets}
    return Table(path.name, rows, original, tuple(faults))


def _write_sheet(written: Worksheet, sheet: Sheet, lists: Worksheet) -> None:
    last = len(sheet.rows) + 1 + SPARE_ROWS
    for number, column in enumerate(sheet.columns, 1):
        head = written.cell(1, number, column.heading)
        head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor="DDE6EE")
        letter = get_column_letter(number)
        written.column_dimensions[letter].width = WIDTHS.get(column.name, 16)
        offered = _make_validation(column, lists)
        offered.add(f"{letter}2:{letter}{last}")
        written.add_data_validation(offered)
        for place, row in enumerate(sheet.rows.values(), 2):
            if (cell := row.get(column.name, ())) != ():
                _write_cell(written.cell(place, number), column, cell)
    written.freeze_panes = "B2"
    written.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{len(sheet.rows) + 1}"


def _write_cell(written: XlsxCell | MergedCell, column: Column, cell: Cell) -> None:
    if column.is_number:
        number = float(cell[0])
        written.value = int(number) if number.is_integer() else number
    else:
        written.value = ", ".join(cell)
        written.data_type = "s"  # a text that begins with = is a text
    written.alignment = Alignment(wrap_text=True, vertical="top")
    if column.name == SAID:
        written.font = Font(italic=True, color="777777")


def _make_validation(column: Column, lists: Worksheet) -> DataValidation:
    low, high = column.bounds
    offered = DataValidation(allow_blank=True, showInputMessage=True)
    offered.promptTitle, offered.prompt = column.heading[:32], column.help[:LONGEST_PROMPT]
    offered.errorTitle, offered.error = column.heading[:32], column.help[:LONGEST_PROMPT]
    if column.choices:
        offered.type, offered.formula1 = "list", _write_list(column, lists)
        offered.showErrorMessage = not column.is_several
    elif low is not None or high is not None:
        offered.type = "decimal"
        if None not in (low, high):
            offered.operator = "between"
        else:
            offered.operator = "greaterThanOrEqual" if low is not None else "lessThanOrEqual"
        first, second = (low, high) if low is not None else (high, None)
        offered.formula1, offered.formula2 = str(first), None if second is None else str(second)
        offered.showErrorMessage = True
    return offered


def _write_list(column: Column, lists: Worksheet) -> str:
    number = 1 if lists.cell(1, 1).value is None else lists.max_column + 1
    for place, choice in enumerate((column.heading, *column.choices), 1):
        lists.cell(place, number, choice)
    letter = get_column_letter(number)
    return f"{LISTS}!${letter}$2:${letter}${len(column.choices) + 1}"


def _read_rows(written: Worksheet, sheet: Sheet, file: str, faults: list[Fault]) -> list[Row]:
    headings = {str(cell.value).strip(): cell.column for cell in written[1] if cell.value is not None}
    for column in sheet.columns:
        if column.heading not in headings:
            fault = f"the heading '{column.heading}' is missing"
            faults.append((f"{file}, {sheet.name}!1:1", fault, "Put the column back, or write the table anew"))
    columns = [column for column in sheet.columns if column.heading in headings]
    rows = []
    for number in range(2, written.max_row + 1):
        cells, places = {}, {}
        for column in columns:
            found = written.cell(number, headings[column.heading])
            places[column.name] = f"{file}, {sheet.name}!{found.coordinate}"
            if column.name == SAID:
                continue
            try:
                if (cell := _read_cell(found, column)) != ():
                    cells[column.name] = cell
            except ValueError as exc:
                faults.append((places[column.name], *exc.args))
        if cells:
            rows.append(Row(places.get(ID, f"{file}, {sheet.name}!{number}:{number}"), cells, places))
    return rows


def _read_cell(found: XlsxCell | MergedCell, column: Column) -> Cell:
    """The cell as texts; ValueError with fault and repair."""
    value = found.value
    if value is None:
        return ()
    if found.data_type in ("f", "e"):
        what = "a formula" if found.data_type == "f" else f"the error {value}"
        raise ValueError(f"holds {what}", "Put the value itself there")
    if isinstance(value, date):
        text = (value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)).isoformat()
        if column.is_number:
            raise ValueError(f"is a date ({text[:10]})", f"'{column.heading}' takes a number: format the cell as one")
        return (text,)
    text = normalise_text(str(value).lower() if isinstance(value, bool) else str(value))
    if not text:
        return ()
    if column.is_number:
        try:
            number = normalise_number(repr(value) if isinstance(value, float) else text)
        except (ValueError, ArithmeticError):
            wanted = "a whole number, such as 2" if column.is_whole else "a number alone, such as 0.5"
            raise ValueError(f"is '{text}'", f"'{column.heading}' takes {wanted}") from None
        if column.is_whole and not number.lstrip("-").isdigit():
            raise ValueError(f"is {number}", f"'{column.heading}' takes a whole number")
        return (number,)
    if column.is_several:
        return tuple(sorted({part.strip() for part in text.replace("，", ",").split(",") if part.strip()}))
    return (text,)
