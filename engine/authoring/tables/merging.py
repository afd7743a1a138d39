"""Brings an edited table together with the ontology as it stands now: the edits, and the cells that do not fit."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from engine.authoring.tables.sheets import FILE, ID, KIND, OWNER, SAID, Cell, Sheet, list_topics
from engine.rules.editing import Edits

if TYPE_CHECKING:
    from engine.authoring.tables.workbook import Fault, Row, Table
    from engine.rules import Ontology

EVIDENCE_FILE: Final = "evidence.owl"
SHARED_FILE: Final = "rules/shared.owl"
"""Where a new part stands that rules of several files use."""
ANEW: Final = "Write the table anew (`isopath ontology table`), and edit that one"


class Merge:
    """The edits of a table. `faults` is empty where all of them fit together with the ontology as it is now."""

    def __init__(self, table: Table, sheets: Sequence[Sheet], ontology: Ontology) -> None:
        self.faults: list[Fault] = list(table.faults)
        self._ontology = ontology
        self._places: dict[str, Row] = {}
        self._changed: dict[str, dict[str, Cell]] = defaultdict(dict)
        self._owners: dict[str, tuple[str, ...]] = {}
        """Id of an effect -> the rule that does it from now on; none where it is taken away."""
        self._new: dict[str, tuple[Sheet, Row]] = {}
        self._removed: set[str] = set()
        for sheet in sheets:
            self._compare_sheet(sheet, table)
        self._find_unknown_ids(sheets)
        self._move_effects()
        added = {id_: self._choose_file(id_) for id_ in self._new}
        self.edits = Edits(self._changed, added, frozenset(self._removed))

    def locate(self, place: str, id_: str, fault: str) -> str:
        """The cell that a fault of an individual is about; `place` where the table has no row of it."""
        if (row := self._places.get(id_)) is None:
            return place
        names = [name for name in re.findall(r"'([^']+)'", fault) if name in row.places]
        return row.places[names[0] if names else ID]

    def _compare_sheet(self, sheet: Sheet, table: Table) -> None:
        original = table.original[sheet.name]
        for row in table.rows[sheet.name]:
            id_ = next(iter(row.cells.get(ID, ())), "")
            if not id_:
                self._add_fault(row.place, "has no id", "Give the row one, in small letters with hyphens")
            elif id_ in self._places:
                self._add_fault(row.place, f"'{id_}' stands in two rows", "Give one of them another id")
            else:
                self._places[id_] = row
                if id_ in original:
                    self._compare_row(sheet, id_, row, original[id_])
                elif id_ in sheet.rows:  # written by an earlier `apply` of this very table
                    self._compare_row(sheet, id_, row, sheet.rows[id_])
                elif id_ in self._ontology.by_id:
                    what = self._ontology[id_].classes[0]
                    self._add_fault(row.place, f"'{id_}' is a {what} already", "Give the row an id of its own")
                else:
                    self._new[id_] = sheet, row
                    self._compare_row(sheet, id_, row, {})
        for id_ in original.keys() - self._places.keys():
            self._remove(sheet, id_, original[id_], f"{table.file}, {sheet.name}")

    def _compare_row(self, sheet: Sheet, id_: str, row: Row, original: Mapping[str, Cell]) -> None:
        now = sheet.rows.get(id_, {})
        if id_ not in self._new and not now:
            if any(row.cells.get(c.name, ()) != original.get(c.name, ()) for c in sheet.columns if c.name != SAID):
                self._add_fault(row.place, f"'{id_}' is gone from the ontology since the table was written", ANEW)
            return
        for column in sheet.columns:
            wanted, was = row.cells.get(column.name, ()), original.get(column.name, ())
            current, place = now.get(column.name, ()), row.places[column.name]
            if column.name in (ID, SAID) or wanted in (was, current):
                continue
            if current != was:
                said = f"is {_format(wanted)} here, and was made {_format(current)} since the table was written"
                self._add_fault(place, said, ANEW)
            elif column.choices and (unknown := self._find_unknown(wanted, column.choices, column.name)):
                near = get_close_matches(unknown, column.choices, 1, 0.6)
                repair = f"Did you mean '{near[0]}'?" if near else f"{column.help.rstrip('.')}"
                self._add_fault(place, f"'{unknown}' is nothing that '{column.heading}' takes", repair)
            elif column.name == FILE:
                if id_ not in self._new:
                    self._add_fault(place, "moves the rule to another file", f"Put {_format(was)} back")
            elif column.name == OWNER:
                self._owners[id_] = wanted
            else:
                self._changed[id_][column.name] = wanted
        if id_ in self._new:
            self._add_what_no_cell_says(sheet, id_, row)

    def _add_what_no_cell_says(self, sheet: Sheet, id_: str, row: Row) -> None:
        if sheet.kind != "Effect":
            self._changed[id_][KIND] = (sheet.kind,)
        needed = {"Effect": (OWNER, KIND), "Rule": (FILE,)}.get(sheet.kind, ())
        for name in needed:
            if name not in row.cells:
                heading = next(column.heading for column in sheet.columns if column.name == name)
                self._add_fault(row.places[name], f"is empty, and '{id_}' is new", f"Choose its '{heading}'")

    def _find_unknown_ids(self, sheets: Sequence[Sheet]) -> None:
        """Tells of cells that name what is neither in the ontology nor in a new row."""
        columns = {column.name: column for sheet in sheets for column in sheet.columns}
        known = self._ontology.by_id.keys() | self._new.keys()
        for id_, cells in self._changed.items():
            for name in cells.keys() & self._ontology.object_properties.keys():
                for unknown in (value for value in cells[name] if value not in known):
                    near = get_close_matches(unknown, [*columns[name].choices, *self._new], 1, 0.6)
                    repair = f"Did you mean '{near[0]}'?" if near else columns[name].help.rstrip(".")
                    self._add_fault(self._places[id_].places[name], f"there is no '{unknown}'", repair)

    def _find_unknown(self, wanted: Cell, choices: Cell, name: str) -> str:
        """The first value that is no choice; ids are looked up once all rows were read."""
        known = {*choices}
        if name in self._ontology.object_properties or name == OWNER:
            return ""
        return next((value for value in wanted if value not in known), "")

    def _remove(self, sheet: Sheet, id_: str, original: Mapping[str, Cell], place: str) -> None:
        now = sheet.rows.get(id_)
        if now is None:
            return
        if sheet.kind == "Rule":
            repair = "Put its row back, and set its status to retired: old journeys point to it"
            self._add_fault(place, f"the row of the rule '{id_}' is gone", repair)
        elif any(now.get(c.name, ()) != original.get(c.name, ()) for c in sheet.columns if c.name != SAID):
            self._add_fault(place, f"the row of '{id_}' is gone, and it was edited since the table was written", ANEW)
        else:
            self._removed.add(id_)
            if sheet.kind == "Effect":
                self._owners[id_] = ()

    def _move_effects(self) -> None:
        """Turns rows of effects into what rules do."""
        does = {rule.id: {*rule.to("does")} for rule in self._ontology.of("Rule")}
        before = {id_: {*effects} for id_, effects in does.items()}
        for effect, owner in self._owners.items():
            for effects in does.values():
                effects.discard(effect)
            for rule in owner:
                if rule not in does and rule not in self._new:
                    near = get_close_matches(rule, [*does, *self._new], 1, 0.6)
                    repair = f"Did you mean '{near[0]}'?" if near else "Name a rule of the sheet Rules"
                    self._add_fault(self._places[effect].places[OWNER], f"there is no rule '{rule}'", repair)
                does.setdefault(rule, set()).add(effect)
            if not owner:
                self._removed.add(effect)
                self._changed.pop(effect, None)
        for rule, effects in does.items():
            if effects != before.get(rule, set()) and (rule in before or rule in self._new):
                self._changed[rule]["does"] = tuple(sorted(effects))

    def _choose_file(self, id_: str) -> str:
        """The file that a new individual is written to: that of the rules that use it."""
        sheet, row = self._new[id_]
        if sheet.kind == "Evidence":
            return EVIDENCE_FILE
        rules = [id_] if sheet.kind == "Rule" else sorted(self._find_users(id_))
        files = {self._locate_rule(rule) for rule in rules} - {""}
        if not files and sheet.kind != "Rule":
            self._add_fault(row.place, f"no rule uses '{id_}'", "Name it in the row of a rule, or delete this one")
        return files.pop() if len(files) == 1 else SHARED_FILE

    def _find_users(self, id_: str) -> Iterator[str]:
        for rule in {*self._new, *(one.id for one in self._ontology.of("Rule"))}:
            cells = self._changed.get(rule, {})
            if any(id_ in values for values in cells.values()):
                yield rule

    def _locate_rule(self, id_: str) -> str:
        if id_ in self._new:
            topics = list_topics(self._ontology)
            return next((topics.get(topic, "") for topic in self._new[id_][1].cells.get(FILE, ())), "")
        return self._ontology[id_].file.partition("/")[2]

    def _add_fault(self, place: str, fault: str, repair: str) -> None:
        self.faults.append((place, fault, repair))


def _format(cell: Iterable[str]) -> str:
    return ", ".join(cell) or "empty"
