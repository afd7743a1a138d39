"""Encodes rows of a query as JSON lines, CSV, Parquet or Arrow.

All formats but JSON use pyarrow (extra `analyst`), where a column has one type, that of its values. A column that mixes
types is an error that names them. In CSV, lists and maps are JSON in a cell.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, Final

from encoders.json_text import json_text
from engine.errors import UsageError
from engine.queries import Promise

if TYPE_CHECKING:
    import pyarrow as pa

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TableFormat:
    """A format of rows."""

    name: str
    media_type: str
    is_text: bool


FORMATS: Final[Mapping[str, TableFormat]] = {
    one.name: one
    for one in (
        TableFormat("json", "application/x-ndjson", True),
        TableFormat("csv", "text/csv", True),
        TableFormat("parquet", "application/vnd.apache.parquet", False),
        TableFormat("arrow", "application/vnd.apache.arrow.file", False),
        TableFormat("arrows", "application/vnd.apache.arrow.stream", False),
    )
}
"""Name -> format: `json` is an object a line; `arrow` and `arrows` are the file and the stream of Arrow IPC."""

_NAMES: Final[Mapping[type, str]] = {
    bool: "BOOLEAN",
    int: "INTEGER",
    float: "FLOAT",
    str: "STRING",
    bytes: "BYTES",
    date: "DATE",
    datetime: "DATETIME",
    time: "TIME",
    list: "LIST",
    dict: "MAP",
}
"""Python type of a cell -> its Cypher type."""


class _MixedColumn(Exception):
    """A column, or the content of its lists and maps, has no single type; the message says why."""


def encode_table(
    form: str, columns: Sequence[str], rows: Sequence[Row], more: bool = False, promised: Sequence[Promise] = ()
) -> bytes:
    """The rows in the format `form`, one of `FORMATS`.

    `promised` gives the type of a column without values, and its meaning, which Parquet and Arrow store as metadata of
    the column; they store `more` (there are more rows than these) as `truncated` of the table. UsageError, for all
    columns at once, where a column has no single type; and where pyarrow is not installed.
    """
    if form == "json":
        return "".join(f"{_write_json({name: row[name] for name in columns})}\n" for row in rows).encode()
    pa = _import_pyarrow(form)
    table = _build_table(pa, columns, rows, more, {one.name: one for one in promised})
    sink = io.BytesIO()
    if form == "csv":
        from pyarrow import csv

        csv.write_csv(_flatten_table(pa, table), sink)
    elif form == "parquet":
        from pyarrow import parquet

        parquet.write_table(table, sink)
    else:
        with (pa.ipc.new_file if form == "arrow" else pa.ipc.new_stream)(sink, table.schema) as writer:
            writer.write_table(table)
    return sink.getvalue()


def _import_pyarrow(form: str) -> Any:
    try:
        import pyarrow as pa
        import pyarrow.ipc
    except ImportError:
        raise UsageError(
            form,
            "needs pyarrow, which is not installed",
            "Run `make analyst`, or `pip install 'isopath[analyst]'`; json needs nothing",
        ) from None
    return pa


def _build_table(
    pa: Any, columns: Sequence[str], rows: Sequence[Row], more: bool, promised: Mapping[str, Promise]
) -> pa.Table:
    arrays, fields, faults = [], [], []
    for name in columns:
        values, promise = [row[name] for row in rows], promised.get(name)
        try:
            found = _infer_type(pa, values)
        except _MixedColumn as error:
            faults.append((f"column '{name}'", str(error), "Return one type, as with toString(...), or ask for json"))
            continue
        if promise is not None and found in (pa.null(), pa.list_(pa.null())):
            found = _read_promised_type(pa, promise.type) or found
        arrays.append(pa.array(values, found))
        fields.append(pa.field(name, found, metadata={"meaning": promise.text} if promise and promise.text else None))
    if faults:
        raise UsageError.of(faults)
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata={"truncated": str(more).lower()}))


def _infer_type(pa: Any, values: Sequence[Any]) -> pa.DataType:
    """The single type of the values, without nulls."""
    kinds = {_classify_type(kind) for kind in {type(value) for value in values} - {type(None)}}
    if len(kinds) > 1:
        raise _MixedColumn(f"holds {' and '.join(sorted(_NAMES[kind] for kind in kinds))}, and one type is needed")
    if not kinds:
        return pa.null()
    [kind] = kinds
    if kind is list:
        return pa.list_(_infer_type(pa, [inner for value in values if value is not None for inner in value]))
    if kind is dict:
        maps = [value for value in values if value is not None]
        names = dict.fromkeys(name for value in maps for name in value)
        if not names:
            raise _MixedColumn("holds maps with nothing in them")
        return pa.struct([(name, _infer_type(pa, [value.get(name) for value in maps])) for name in names])
    if kind in (datetime, time):
        zones = {value.tzinfo is not None for value in values if value is not None}
        if len(zones) > 1 or (kind is time and True in zones):
            raise _MixedColumn(f"holds {_NAMES[kind]} with a time zone" + (" and without" if len(zones) > 1 else ""))
        return pa.time64("us") if kind is time else pa.timestamp("us", "UTC" if True in zones else None)
    return _list_plain_types(pa)[_NAMES[kind]]


def _classify_type(kind: type) -> type:
    """The kind of cell for a Python type; a point is a list of its numbers."""
    if kind in _NAMES:
        return kind
    if issubclass(kind, tuple):
        return list
    raise _MixedColumn(f"holds values of a kind that has no place in a table ({kind.__name__})")


def _list_plain_types(pa: Any) -> dict[str, pa.DataType]:
    return {
        "BOOLEAN": pa.bool_(),
        "INTEGER": pa.int64(),
        "FLOAT": pa.float64(),
        "STRING": pa.string(),
        "BYTES": pa.binary(),
        "DATE": pa.date32(),
        "ZONED DATETIME": pa.timestamp("us", "UTC"),
    }


def _read_promised_type(pa: Any, type_: str) -> pa.DataType | None:
    """The Arrow type for a promised Cypher type; None where that is open (a map, anything)."""
    type_ = type_.removesuffix(" NOT NULL")
    if type_.startswith("LIST<"):
        within = _read_promised_type(pa, type_[5:-1])
        return None if within is None else pa.list_(within)
    return _list_plain_types(pa).get(type_)


def _flatten_table(pa: Any, table: pa.Table) -> pa.Table:
    """The table with nested columns as JSON, for CSV."""

    def columns() -> Iterator[tuple[str, pa.ChunkedArray]]:
        for field, column in zip(table.schema, table.columns, strict=True):
            if pa.types.is_nested(field.type):
                cells = [None if cell is None else _write_json(cell) for cell in column.to_pylist()]
                yield field.name, pa.chunked_array([cells], pa.string())
            else:
                yield field.name, column

    names, arrays = zip(*columns(), strict=True) if table.num_columns else ((), ())
    return pa.table(list(arrays), names=list(names))


def _write_json(value: object) -> str:
    """JSON with dates and moments in ISO's form."""
    return json_text(value, default=lambda other: other.isoformat() if isinstance(other, date | time) else str(other))
