"""Saved questions of analysts: queries with a title, a chart, and defaults for all params."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Self

from engine.errors import QueryError, UsageError
from engine.queries import Promise, Queries, Query

FOLDERS: Final = ("analytics", "questions")
"""Their folders below cypher/; queries of the first have no params, so they paste into Neo4j Browser."""

CHARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "bar": ("x", "y"),
    "line": ("x", "y"),
    "scatter": ("x", "y"),
    "heatmap": ("x", "y", "value"),
    "table": (),
}
"""Kind of chart -> the axes that it needs; `by`, a column that splits the rows into series, is optional in each."""

_TYPES: Final[Mapping[str, type]] = {
    "STRING": str,
    "INTEGER": int,
    "FLOAT": float,
    "BOOLEAN": bool,
    "MAP": dict,
    "DATE": date,
    "ZONED DATETIME": datetime,
}


@dataclass(frozen=True, slots=True)
class ChartSpec:
    """The chart of a question."""

    kind: str
    axes: Mapping[str, str]
    """Axis -> column: x, y, value (the colour of a heat map), by (one series for each of its values)."""


@dataclass(frozen=True, slots=True)
class SavedQuestion:
    """A saved query that an analyst can run with defaults or with other params."""

    name: str
    """Short: `rules_by_stage`."""
    query: Query
    chart: ChartSpec

    @classmethod
    def from_query(cls, query: Query) -> Self:
        """Makes a question of a query; QueryError when it lacks a title, a default or a valid chart."""
        place = f"cypher/{query.name}.cypher"
        faults = [] if query.title else [("has no title", "Add '// title   What an analyst would call it'")]
        faults += [
            (f"param '{param.name}' has no default", "Write 'param  name  TYPE = JSON  meaning'")
            for param in query.params
            if _read_default(param) is _NONE
        ]
        kind, *given = query.chart.split() or [""]
        axes = dict(axis.partition("=")[::2] for axis in given)
        columns = {column.name for column in query.columns}
        if (
            kind not in CHARTS
            or not set(CHARTS[kind]) <= set(axes) <= {*CHARTS[kind], "by"}
            or not set(axes.values()) <= columns
        ):
            faults.append(("has no chart that its columns could fill", "Write '// chart   bar  x=COLUMN y=COLUMN'"))
        if faults:
            raise QueryError.of([(place, fault, repair) for fault, repair in faults])
        return cls(query.name.rpartition("/")[2], query, ChartSpec(kind, axes))

    @property
    def example(self) -> str:
        """An example command."""
        given = [f"--param {param.name}={param.default}" for param in self.query.params if param.default != "null"]
        return " ".join(["isopath query --saved", self.name, *given])

    def as_json(self) -> dict[str, Any]:
        """The question for programs: name, title, chart, params, columns and example."""
        return {
            "name": self.name,
            "title": self.query.title,
            "answers": f"{self.query.summary} {self.query.grain}",
            "chart": {"kind": self.chart.kind, **self.chart.axes},
            "params": [
                {"name": one.name, "type": one.type, "default": json.loads(one.default), "text": one.text}
                for one in self.query.params
            ],
            "columns": [{"name": one.name, "type": one.type, "text": one.text} for one in self.query.columns],
            "example": self.example,
        }


@dataclass(frozen=True, slots=True)
class SavedQuestions(Mapping[str, SavedQuestion]):
    """All saved questions, by short name."""

    by_name: Mapping[str, SavedQuestion]

    @classmethod
    def from_queries(cls, queries: Queries) -> Self:
        """The questions among queries: those in `FOLDERS`."""
        found = [SavedQuestion.from_query(query) for folder in FOLDERS for query in queries.list_folder(folder)]
        return cls({question.name: question for question in sorted(found, key=lambda question: question.name)})

    def __getitem__(self, name: str) -> SavedQuestion:
        try:
            return self.by_name[name.rpartition("/")[2]]
        except KeyError:
            near = difflib.get_close_matches(name, self.by_name, 1)
            hint = f"Did you mean '{near[0]}'?" if near else "`isopath questions` lists them"
            raise UsageError("--saved", "there is no saved question of this name", hint) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_name)

    def __len__(self) -> int:
        return len(self.by_name)


def fill_params(query: Query, given: Mapping[str, object]) -> dict[str, object]:
    """The params of a query: the given ones, and the defaults of the others.

    UsageError, with all faults at once, for unknown params, wrong types and missing params. It never repeats a value.
    """
    place = f"cypher/{query.name}.cypher"
    promised = {param.name: param for param in query.params}
    values = {name: _read_default(param) for name, param in promised.items()}
    values = {name: value for name, value in values.items() if value is not _NONE} | dict(given)
    faults = [
        (place, "is given a param that it does not take", f"It takes: {', '.join(promised) or 'none'}")
        for name in values
        if name not in promised
    ]
    faults += [
        (place, f"its param '{name}' is not of type {param.type}", "Give a value of that type")
        for name, param in promised.items()
        if name in values and not has_type(values[name], param.type)
    ]
    if missing := sorted(promised.keys() - values.keys()):
        faults.append((place, f"needs {', '.join(f'${name}' for name in missing)}", "Give a value for each"))
    if faults:
        raise UsageError.of(faults)
    return {
        name: float(value) if isinstance(value, int) and promised[name].type.startswith("FLOAT") else value
        for name, value in values.items()
    }


def has_type(value: object, type_: str) -> bool:
    """Whether a value has this Cypher type; a whole number is a FLOAT too."""
    if value is None:
        return not type_.endswith(" NOT NULL")
    type_ = type_.removesuffix(" NOT NULL")
    if within := re.fullmatch(r"LIST<(.+)>", type_):
        return isinstance(value, list | tuple) and all(has_type(inner, within[1]) for inner in value)
    if type_ == "FLOAT":
        return type(value) in (int, float)
    if isinstance(value, bool):  # in Python bool is a subclass of int
        return type_ in ("BOOLEAN", "ANY")
    return type_ not in _TYPES or isinstance(value, _TYPES[type_])


_NONE: Final = object()


def _read_default(param: Promise) -> object:
    """The default of a param; `_NONE` where it has none, or one that is not JSON."""
    try:
        return json.loads(param.default) if param.default else _NONE
    except ValueError:
        return _NONE
