"""Prints journeys, kept ones and what can be asked for, as a person reads them on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from engine.answers import Answer, Journey, Question, SafetyQuestion, Withheld
from engine.cli.render import make_console
from engine.drawing.picture import SMALLEST, draw_sparkline
from engine.explaining.words import Words, capitalise
from engine.journey import Step

if TYPE_CHECKING:
    from engine.graph import Row
    from engine.use_cases.journeys.compare import Comparison


def print_journey(answer: Answer, explained: bool, words: Words) -> None:
    """Prints an answer in its language; with `explained` also the therapist's page."""
    out = make_console()
    match answer:
        case Withheld():
            out.print(answer.message)
            out.print(Text(f"Rule: {', '.join(answer.rule_ids)}", style="dim"))
        case Question() | SafetyQuestion():
            for notice in answer.notices:
                out.print(Text(f"· {notice.text}", style="dim"))
            out.print(answer.question.text)
            for people in answer.question.lines:
                out.print(Text(f"  {people['name']}: {people['contact']}  {people['url']}"))
            for choice in answer.question.choices:
                out.print(f"  [bold]{choice.label}[/bold]  [dim]--answer {choice.id}[/dim]")
        case Journey():
            print_steps(out, answer, words)
            for notice in answer.notices:
                out.print(Text(f"· {notice.text}", style="dim"))
            if explained:
                print_explanation(out, answer)


def print_steps(out: Console, answer: Journey, words: Words) -> None:
    """Prints heading and opening, the tracks stage by stage, and the way of pace and loudness as blocks."""
    tracks = answer.steps
    title = words.say("title-journey", goal=words.name("goals", answer.goal))
    length = format_minutes(sum(step.seconds for step in tracks))
    size = words.say("title-size", minutes=length, tracks=len(tracks), seed=answer.seed)
    out.print(Text(title, style="bold").append(f"  {size}", style="not bold"))
    out.print(Text(answer.opening))
    for stage, found in answer.stages:
        if not found:
            continue
        out.print()
        length = words.say("title-stage", minutes=format_minutes(sum(step.seconds for step in found)))
        out.print(
            Text(capitalise(words.name("stages", stage)), style="bold").append(f"  {length}", style="not bold dim")
        )
        grid = Grid(box=None, show_header=False, padding=(0, 1), pad_edge=False)
        grid.add_column(justify="right", style="dim", no_wrap=True)
        grid.add_column(ratio=1)
        grid.add_column(justify="right", no_wrap=True)
        for step in found:
            line = Text(step.title, style="bold")
            line.append(f"  {step.artist}", style="not bold")
            line.append(f"\n{step.because}", style="not bold dim")
            grid.add_row(str(step.position), line, f"{int(step.seconds // 60)}:{int(step.seconds % 60):02}")
        out.print(grid)
    out.print()
    print_blocks(out, tracks, words)
    labels = [words.name("rules", rule.id) for rule in answer.rules if rule.tier != "safety" and not rule.overridden_by]
    if labels:
        out.print(Text(words.say("by-rules", rules=words.join(labels, "items")), style="dim"))


def print_blocks(out: Console, tracks: Sequence[Step], words: Words) -> None:
    """Prints tempo and level of the tracks, each as a line of blocks."""
    ways = {"tempo": [log2(step.cues["tempo"]) for step in tracks], "level": [step.cues["level"] for step in tracks]}
    grid = Grid(box=None, show_header=False, padding=(0, 1), pad_edge=False)
    for cue, values in ways.items():
        grid.add_row(words.say(f"blocks-{cue}"), draw_sparkline(values, SMALLEST[cue]))
    out.print(grid)


def print_explanation(out: Console, answer: Journey) -> None:
    """Prints the therapist's page, measures of the order, and the provenance."""
    out.print()
    for line in answer.explanation["page"]:
        out.print(Text(line))
    q, made_by = answer.quality, answer.provenance
    out.print(
        Text(
            f"Largest step {q.max_step:.2f} on the valence-arousal plane; "
            f"the music arrives within {q.target_error:.2f} of the goal; "
            f"{q.share_of_bound:.0%} of the best order possible.",
            style="dim",
        )
    )
    out.print(
        Text(
            f"Ontology {made_by.ontology_version}, emotions by {made_by.emotion_model.name}, "
            f"vectors by {made_by.embedding_model.name}, Neo4j {made_by.neo4j}; journey {answer.id}.",
            style="dim",
        )
    )


def print_journeys(rows: Sequence[tuple[Row, Words]]) -> None:
    """Prints kept journeys, each in its words; ids are not truncated, so that they can be copied."""
    out = make_console()
    for row, words in rows:
        minutes = format_minutes(60 * row["minutes"])
        said = {"day": row["day"], "number": row["number"], "goal": words.name("goals", row["goal"])}
        line = words.say("kept-journey", **said, minutes=minutes, tracks=row["tracks"])
        out.print(Text(f"{line} {words.say('kept-reading')}" if row["reading"] else line, style="bold"))
        out.print(Text(f"  {row['id']}", style="dim"), soft_wrap=True)
        if row["first"] and row["last"]:
            ends = words.say("kept-ends", first=row["first"], last=row["last"])
            out.print(Padding(Text(ends, style="dim"), (0, 0, 0, 2)))


def print_comparison(comparison: Comparison) -> None:
    """Prints two journeys side by side, then what made them differ."""
    out = make_console()
    out.print()
    grid = Grid(box=None, header_style="bold", pad_edge=False)
    for name in ("", "this journey", f"journey {comparison.id[:8]}", "by"):
        grid.add_column(name, overflow="fold")
    for pair in comparison.steps:
        style = "dim" if pair.is_same else ""
        grid.add_row(str(pair.position), pair.here or "–", pair.there or "–", "; ".join(pair.rules), style=style)
    out.print(grid)
    for line in comparison.changed:
        out.print(Text(line))


def print_choices(rows: Sequence[Mapping[str, str]]) -> None:
    """Prints what can be asked for: id, both names, and what it means."""
    grid = Grid(box=None, show_header=False, padding=(0, 1), pad_edge=False)
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1, style="dim")
    for row in rows:
        grid.add_row(row["id"], row["label_zh"], row["definition"] or row["label"])
    make_console().print(grid)


def format_minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f}"
