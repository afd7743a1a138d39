"""The queries of cypher/: one statement a file, whose header promises its params and columns."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

from engine.errors import IsopathError, QueryError

FIRST_LINE: Final = "CYPHER 25"

_TYPE: Final = r"(?:STRING|INTEGER|FLOAT|BOOLEAN|MAP|ANY|VECTOR|DATE|ZONED DATETIME|DURATION|LIST<.+?>)(?: NOT NULL)?"
_JSON: Final = r'"(?:[^"\\]|\\.)*"|\[[^\]]*\]|\S+'
_PROMISE: Final = re.compile(rf"(param|column)\s+([A-Za-z_]\w*)\s+({_TYPE})(?:\s+=\s*({_JSON}))?(?:\s+(\S.*))?")
_NOTE: Final = re.compile(r"(title|chart)\s{2,}(\S.*)")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_PARAM: Final = re.compile(r"\$([A-Za-z_]\w*)")
# Comments, quoted strings and names in backticks: a `$` in them is no parameter.
_QUIET: Final = re.compile(
    r"//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`(?:``|[^`])*`",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Promise:
    """A param or a column of a query."""

    name: str
    type: str
    """A Cypher type. Null is allowed unless it ends in NOT NULL."""
    text: str
    """Meaning and unit; may be empty."""
    default: str = ""
    """Only for params of questions: the default as JSON; empty when a value is required."""


@dataclass(frozen=True, slots=True)
class Query:
    """One statement and the promises of its header."""

    name: str
    """Folder and file, without ending: `journey/candidates`."""
    text: str
    """The whole file, as it pastes into Neo4j Browser."""
    summary: str
    """Its description, without the grain."""
    grain: str
    """What one row is ("One row per rule."), or "No rows."."""
    params: tuple[Promise, ...]
    columns: tuple[Promise, ...]
    problem: str = ""
    """Only for checks: the fault that its rows report."""
    repair: str = ""
    """Only for checks: the repair of that fault."""
    title: str = ""
    """Only for saved questions: the title."""
    chart: str = ""
    """Only for saved questions: the chart (`engine/questions.py`)."""

    @classmethod
    def read(cls, name: str, text: str) -> Self:
        """Parses the text of a file; QueryError with every missing or broken promise."""
        place = f"cypher/{name}.cypher"
        lines = text.splitlines()
        opened = lines[:1] == [FIRST_LINE]
        header = _read_header(lines[opened:])
        notes = {match[1]: match[2] for line in header if (match := _NOTE.fullmatch(line))}
        promises, prose, faults = _read_promises([line for line in header if not _NOTE.fullmatch(line)])
        if not opened:
            faults.append(("its first line is not 'CYPHER 25'", "Begin with it: the default dialect knows no SEARCH"))
        problem, prose = _take_paragraph(prose, "Problem:")
        repair, prose = _take_paragraph(prose, "Repair:")
        if name.startswith("checks/") != bool(problem and repair):
            faults.append(("a check, and nothing else, opens with Problem and Repair", "Add both lines, or move it"))
        sentences = _split_sentences(f"{problem} {prose}")
        grain = next((sentence for sentence in sentences if sentence.startswith(("One row", "No rows"))), "")
        summary = " ".join(sentence for sentence in sentences if sentence != grain)
        if not summary or not grain:
            faults.append(("says no summary with a grain", "Open with a sentence, then 'One row per …' or 'No rows.'"))
        params = tuple(promise for kind, promise in promises if kind == "param")
        columns = tuple(promise for kind, promise in promises if kind == "column")
        faults += _find_broken_promises(params, columns, "\n".join(lines[opened + len(header) :]))
        if faults:
            raise QueryError.of([(place, fault, repair) for fault, repair in faults])
        return cls(name, text, summary, grain, params, columns, problem, repair, **notes)


@dataclass(frozen=True, slots=True)
class Queries(Mapping[str, Query]):
    """The queries of a folder, by name."""

    by_name: Mapping[str, Query]

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Reads all queries below a folder and compares promises with statements; QueryError with every fault."""
        by_name: dict[str, Query] = {}
        faults: list[IsopathError] = []
        for path in sorted(folder.rglob("*.cypher")):
            name = path.relative_to(folder).with_suffix("").as_posix()
            try:
                by_name[name] = Query.read(name, path.read_text(encoding="utf-8"))
            except QueryError as fault:
                faults += [fault, *fault.others]
            except UnicodeDecodeError:
                faults.append(QueryError(f"cypher/{name}.cypher", "is not UTF-8", "Save it as UTF-8"))
        if not by_name and not faults:
            raise QueryError(str(folder), "holds no query", "Point at the folder cypher/ of this repository")
        if faults:
            raise QueryError.of([(fault.place, fault.fault, fault.repair) for fault in faults])
        return cls(by_name)

    def __getitem__(self, name: str) -> Query:
        try:
            return self.by_name[name]
        except KeyError:
            raise QueryError(f"cypher/{name}.cypher", "is not there", "cypher/README.md lists every query") from None

    def __contains__(self, name: object) -> bool:
        return name in self.by_name

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_name)

    def __len__(self) -> int:
        return len(self.by_name)

    def list_folder(self, name: str) -> tuple[Query, ...]:
        """The queries of one subfolder, sorted by name."""
        return tuple(query for query in self.by_name.values() if query.name.rpartition("/")[0] == name)


def find_params(text: str) -> frozenset[str]:
    """The names of the parameters of a statement, without those in comments and strings."""
    return frozenset(_PARAM.findall(_QUIET.sub(" ", text)))


def _read_header(lines: list[str]) -> list[str]:
    """The comment lines before the statement."""
    header: list[str] = []
    for line in lines:
        if not line.startswith("//"):
            break
        header.append(line.removeprefix("//").strip())
    return header


def _read_promises(header: list[str]) -> tuple[list[tuple[str, Promise]], str, list[tuple[str, str]]]:
    """The promises of a header in order, its prose, and faults of unreadable lines."""
    promises: list[tuple[str, Promise]] = []
    prose: list[str] = []
    faults: list[tuple[str, str]] = []
    for line in header:
        if match := _PROMISE.fullmatch(line):
            kind, name, type_, default, text = match.groups()
            promises.append((kind, Promise(name, type_, text or "", default or "")))
            if not _NAME.fullmatch(name):
                faults.append((f"{kind} '{name}' is not in small letters", "Use snake_case"))
        elif line.startswith(("param ", "column ")):
            faults.append((f"cannot read the promise '{line}'", "Write 'param  name  TYPE  meaning'"))
        elif promises and line:
            # A promise may continue in the next line.
            kind, last = promises[-1]
            promises[-1] = (kind, replace(last, text=f"{last.text} {line}".strip()))
        else:
            prose.append(line)
    return promises, " ".join(line for line in prose if line), faults


def _find_broken_promises(
    params: tuple[Promise, ...], columns: tuple[Promise, ...], body: str
) -> list[tuple[str, str]]:
    """Faults where promises and statement disagree."""
    promised, used = {param.name for param in params}, find_params(body)
    names = [promise.name for promise in params], [promise.name for promise in columns]
    return [
        *(
            (f"uses ${name} without promising it", f"Add 'param  {name}  TYPE  meaning'")
            for name in sorted(used - promised)
        ),
        *((f"promises param '{name}' and never uses it", "Delete the line") for name in sorted(promised - used)),
        *(
            (f"promises '{name}' twice", "Keep one of the lines")
            for group in names
            for name in sorted({name for name in group if group.count(name) > 1})
        ),
        *([] if _QUIET.sub(" ", body).strip() else [("holds no statement", "Write it below the header")]),
    ]


def _take_paragraph(prose: str, word: str) -> tuple[str, str]:
    """The text behind a word such as "Problem:", up to the next such word, and the prose without it."""
    match = re.search(rf"{word}\s*(.+?)(?=\s+(?:Problem|Repair):|\s+One row|$)", prose)
    return (match[1].strip(), f"{prose[: match.start()]} {prose[match.end() :]}".strip()) if match else ("", prose)


def _split_sentences(prose: str) -> list[str]:
    return [sentence for sentence in re.split(r"(?<=[.!?])\s+", prose.strip()) if sentence]
