"""Prints answers as tables and bars for a terminal, by `rich`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

if TYPE_CHECKING:
    from encoders.embedding.captions import Lexicon
    from engine.graph import ResultTable
    from engine.questions import SavedQuestions
    from engine.reasoning.influence import Influence
    from engine.store.dictionary import Dictionary

BAR = 24
"""Width of a full bar, in characters."""
SHOWN = 0.02
"""Minimum score that gets a bar."""
OPEN_TO = (
    "whoever can read this home: with its password, any Bolt client that trusts the certificate reads, changes and"
    " deletes everything in the graph"
)
"""Shown with the address of the local server."""


def make_console() -> Console:
    return Console(highlight=False, width=None)


def format_influence(one: Influence) -> str:
    """The influence of a rule in one line."""
    if not one.cases:
        return f"{one.rule_id}: no reading brings it to hold"
    moved = ", ".join(
        f"{cue.cue.replace('_', ' ')} {cue.way:.0%} of the way ({cue.towards:.0%} of {cue.cases})" for cue in one.cues
    )
    line = f"{one.rule_id}: without it {one.changed:.0%} of {one.cases} answers differ, the music in {one.journeys:.0%}"
    return f"{line}, {one.tracks:.0%} of the tracks" + (f"; {moved}" if moved else "")


def print_reading(answer: Any) -> None:
    """Prints a reading as bars, highest score first."""
    out = make_console()
    reading = answer["reading"]
    for label, score in sorted(reading["scores"].items(), key=lambda item: (-item[1], item[0])):
        if score >= SHOWN or label in reading["labels"]:
            mark = "●" if label in reading["labels"] else " "
            out.print(f"{label:>15} {mark} {'█' * round(BAR * score):<{BAR}} {score:.2f}")
    out.print(f"[dim]{reading['status']}; valence {reading['valence']:+.2f}, arousal {reading['arousal']:+.2f}[/dim]")
    if answer["outcome"] == "question":
        out.print(answer["question"]["text"])
        for choice in answer["question"]["choices"]:
            out.print(f"  {choice['label']}")


def print_found_tracks(answer: Any) -> None:
    """Prints tracks that a search found, with descriptions of their sound and their sources."""
    out = make_console()
    from encoders.embedding.captions import LEXICON_FILE, Lexicon
    from encoders.embedding.embedder import CAPTIONS

    lexicon = Lexicon.load(CAPTIONS / LEXICON_FILE)
    grid = Grid(box=None, show_header=False, padding=(0, 1), pad_edge=False)
    grid.add_column(justify="right", style="dim", no_wrap=True)
    grid.add_column(ratio=1)
    grid.add_column(justify="right", no_wrap=True)
    for place, track in enumerate(answer["tracks"], 1):
        line = Text(track["title"], style="bold")
        line.append(f"  {track['artist'] or ''}", style="")
        line.append(f"\n{describe_sound(lexicon, track)}\n{track['source']}", style="dim")
        grid.add_row(str(place), line, f"{track['similarity']:.2f}")
    out.print(grid)


def describe_sound(lexicon: Lexicon, track: Any) -> str:
    """The sound of a track in words: instruments, tempo, level, mode, onset rate, brightness."""
    cues = track["cues"]
    word = {cue: lexicon.name_value(cue, cues[cue]) for cue in ("tempo", "level", "mode", "onset_rate", "brightness")}
    parts = [
        *([track["instrument"]] if track["instrument"] else []),
        f"{word['tempo']} ({cues['tempo']:.0f} BPM)",
        f"{word['level']} ({cues['level']:.0f} dB)",
        word["mode"],
        f"{word['onset_rate']} ({cues['onset_rate']:.1f} a second)",
        word["brightness"],
    ]
    return ", ".join(parts)


def print_status(status: Any, holds: str | None = None, finds: str | None = None, access: str | None = None) -> None:
    """Prints the state of the server, the content of its graph, and how tracks are searched, as far as known."""
    out = make_console()

    def print_field(name: str, value: object) -> None:
        # Paths are copied from here, so lines are not wrapped, and brackets are no markup.
        out.print(f"{name:>11}  {value}", soft_wrap=True, markup=False)

    for name in ("state", "uri", "certificate", "home", "pid", "since", "memory", "version"):
        value = getattr(status, name, None)
        if value is not None:
            print_field(name, value)
    for name, line in (("holds", holds), ("search", finds), ("readers", access)):
        if line:
            print_field(name, line)
    if getattr(status, "certificate", None):
        print_field("open to", OPEN_TO)
    for process in getattr(status, "foreign_processes", ()):
        print_field("not ours", f"{process} has the arguments of this home's server; nothing is sent to it")


def print_rows(table: ResultTable) -> None:
    """Prints the rows of a query as a table."""
    grid = Grid(box=None, header_style="bold")
    for column in table.columns:
        grid.add_column(column)
    for row in table.rows:
        grid.add_row(*[str(row[column]) for column in table.columns])
    make_console().print(grid)
    if table.more:
        make_console().print("[dim]There are more rows.[/dim]")


def print_questions(questions: SavedQuestions) -> None:
    """Prints saved questions with description, chart and an example command."""
    out = make_console()
    for question in questions.values():
        query, chart = question.query, question.chart
        axes = ", ".join(f"{axis} {column}" for axis, column in chart.axes.items())
        out.print(Text(query.title, style="bold").append(f"  {chart.kind}{': ' if axes else ''}{axes}", style="dim"))
        out.print(Padding(Text(f"{query.summary} {query.grain}"), (0, 0, 0, 2)))
        out.print(Text(f"  {question.example}", style="cyan"), soft_wrap=True)  # to be copied: not wrapped


def print_dictionary(found: Dictionary) -> None:
    """Prints the data dictionary: labels with properties, relationships, indexes, and read-only access."""
    out = make_console()
    for label in found.sorted_labels():
        out.print(Text(label.name, style="bold").append(f"  {label.nodes:,} nodes", style="dim"))
        out.print(Padding(Text(label.meaning), (0, 0, 0, 2)))
        grid = Grid(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        for one in label.properties.values():
            absent = "" if one.found else " (none yet)"
            grid.add_row("", one.name, Text(one.type, style="dim"), one.unit, Text(f"{one.meaning}{absent}"))
        out.print(grid)
    out.print(Text("Relationships", style="bold"))
    grid = Grid(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    grid.add_column()
    grid.add_column(overflow="fold")
    for link in found.relationships:
        ends = Text(f"({link.source})-[:{link.type}]->({link.target})")
        grid.add_row("", ends, Text(f"{link.links:,}", style="dim", justify="right"), Text(link.meaning))
    out.print(grid)
    out.print(Text("Indexes", style="bold"))
    for index in found.indexes:
        what = f"{index['type'].lower()} index{', unique' if index['unique'] else ''}, {index['state'].lower()}"
        where = f"{', '.join(index['labels'])} ({', '.join(index['properties'])})"
        out.print(Padding(Text(f"{index['name']}: {what}: {where}"), (0, 0, 0, 2)))
    out.print(Text("Access", style="bold"))
    out.print(Padding(Text(f"{found.server}: {found.access}"), (0, 0, 0, 2)))
    for odd in found.undescribed:
        out.print(Text(f"not described: {odd}", style="red"))
