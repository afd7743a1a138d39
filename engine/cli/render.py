"""Prints answers as tables and bars for a terminal, by `rich`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from engine.answers import Answer, Journey, Question, Withheld
from engine.explaining.report import told
from engine.journey import Reading

if TYPE_CHECKING:
    from encoders.embedding.captions import Lexicon
    from engine.graph import ResultTable, Row
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


def print_journey(answer: Answer, explained: bool) -> None:
    """Prints an answer; with `explained` also the rules' effects and evidence, and the explanation report."""
    out = make_console()
    match answer:
        case Withheld():
            out.print(answer.message)
            out.print(Text(f"Rule: {', '.join(answer.rule_ids)}", style="dim"))
        case Question():
            out.print(answer.question.text)
            for choice in answer.question.choices:
                out.print(f"  [bold]{choice.label}[/bold]  [dim]--answer {choice.id}[/dim]")
        case Journey():
            print_steps(out, answer)
            print_rules(out, answer, explained)
            for notice in answer.notices:
                out.print(Text(f"· {notice.text}", style="dim"))
            print_quality(out, answer, explained)


def format_influence(one: Influence) -> str:
    """The influence of a rule in one line."""
    if not one.cases:
        return f"{one.rule_id}: no reading brings it to hold"
    moved = ", ".join(
        f"{cue.cue.replace('_', ' ')} {cue.way:.0%} of the way ({cue.towards:.0%} of {cue.cases})" for cue in one.cues
    )
    line = f"{one.rule_id}: without it {one.changed:.0%} of {one.cases} answers differ, the music in {one.journeys:.0%}"
    return f"{line}, {one.tracks:.0%} of the tracks" + (f"; {moved}" if moved else "")


def print_steps(out: Console, answer: Journey) -> None:
    """Prints heading, reading, and tracks by stage."""
    length = format_minutes(sum(step.seconds for step in answer.steps))
    out.print(f"[bold]A journey to {answer.goal}[/bold]  {length}, {len(answer.steps)} tracks, seed {answer.seed}")
    out.print(Text(describe_reading(answer.reading), style="dim"))
    for stage, tracks in answer.stages:
        if not tracks:
            continue
        out.print()
        out.print(f"[bold]{stage.capitalize()}[/bold]  [dim]{format_minutes(sum(s.seconds for s in tracks))}[/dim]")
        grid = Grid(box=None, show_header=False, padding=(0, 1), pad_edge=False)
        grid.add_column(justify="right", style="dim", no_wrap=True)
        grid.add_column(ratio=1)
        grid.add_column(justify="right", no_wrap=True)
        for step in tracks:
            line = Text(step.title, style="bold")
            line.append(f"  {step.artist}", style="")
            line.append(f"\n{step.because}", style="dim")
            grid.add_row(str(step.position), line, f"{int(step.seconds // 60)}:{int(step.seconds % 60):02}")
        out.print(grid)


def describe_reading(reading: Reading) -> str:
    """A reading in one line: labels with scores, scales with weights, markers."""
    if reading.chosen:
        return f"You said: {', '.join(reading.chosen)}."
    labels = ", ".join(f"{label} {reading.scores[label]:.0%}" for label in reading.labels) or "no clear feeling"
    scales = ", ".join(f"{scale} {weight:.2f}" for scale, weight in reading.scales.items())
    return (
        f"Read: {labels}"
        + (f"; on the scales of music: {scales}" if scales else "")
        + (f"; wording: {', '.join(reading.markers)}" if reading.markers else "")
        + "."
    )


def print_rules(out: Console, answer: Journey, explained: bool) -> None:
    """Prints the rules that held with the grades of their claims; if `explained`, also definitions and effects."""
    out.print()
    out.print("[bold]Rules that held[/bold]")
    for rule in answer.rules:
        grades = ", ".join(f"{claim.about} {claim.grade}" for claim in rule.claims)
        sources = ", ".join(dict.fromkeys(key for claim in rule.claims for key in claim.evidence))
        line = Text(rule.label)
        line.append(f"  {rule.tier}; {grades}" + (f"; {sources}" if sources else ""), style="dim")
        if rule.overridden_by:
            line.append(f"  gives way to {rule.overridden_by}", style="italic")
        out.print(Padding(line, (0, 0, 0, 2)))
        if explained:
            for text in (rule.definition, *rule.effects):
                out.print(Padding(Text(text, style="dim"), (0, 0, 0, 6)))
            for claim in rule.claims:
                if claim.challenged_by:
                    out.print(
                        Padding(Text(f"contrary evidence: {', '.join(claim.challenged_by)}", style="dim"), (0, 0, 0, 6))
                    )


def print_quality(out: Console, answer: Journey, explained: bool) -> None:
    """Prints the measures of a journey; if `explained`, also the explanation report and the provenance."""
    q = answer.quality
    out.print(
        Text(
            f"Largest step {q.max_step:.2f} on the valence-arousal plane; "
            f"the music arrives within {q.target_error:.2f} of the goal; "
            f"{q.share_of_bound:.0%} of the best order possible.",
            style="dim",
        )
    )
    if explained:
        out.print()
        for line in told(answer.explanation):
            out.print(Text(line))
        provenance = answer.provenance
        out.print(
            Text(
                f"Ontology {provenance.ontology_version}, emotions by {provenance.emotion_model.name}, "
                f"vectors by {provenance.embedding_model.name}, Neo4j {provenance.neo4j}; "
                f"journey {answer.id}.",
                style="dim",
            )
        )


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
    for name, sentence in (("holds", holds), ("search", finds), ("readers", access)):
        if sentence:
            print_field(name, sentence)
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


def print_journeys(rows: Sequence[Row]) -> None:
    """Prints kept journeys, one a line; ids are not truncated, so that they can be copied."""
    grid = Grid(box=None, header_style="bold", pad_edge=False, collapse_padding=True)
    for name in ("id", "day", "no.", "goal", "min", "tracks", "reading"):
        grid.add_column(name, justify="right" if name in ("no.", "min", "tracks") else "left", no_wrap=True)
    for row in rows:
        number, length, tracks = str(row["number"]), f"{row['minutes']:.0f}", str(row["tracks"])
        grid.add_row(row["id"], row["day"], number, row["goal"], length, tracks, "kept" if row["reading"] else "")
    make_console().print(grid)


def format_minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min"
