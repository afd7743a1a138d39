"""The results as a file that programs read, and as a page that people read and the README quotes."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.bench import analyst, embedding, ingest
from tests.bench.tables import table

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results.json"
PAGE = FOLDER / "RESULTS.md"

Section = Mapping[str, Any]


def keep(name: str, figures: Mapping[str, Any], on: Mapping[str, Any]) -> None:
    """Puts one section in the place of its last measurement, and writes the page anew."""
    results = read()
    results[name] = {"on": dict(on), "figures": dict(figures)}
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")
    PAGE.write_text("\n".join(page(results)).rstrip() + "\n", "utf-8")


def read() -> dict[str, Any]:
    return json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}


def page(results: Mapping[str, Section]) -> Iterator[str]:
    yield "# What `make bench` measured"
    yield ""
    yield "Times are milliseconds, medians. Beside each stands how busy the machine was: `ratio` is the time over that"
    yield "of a fixed Python loop run right before it (about 15 ms on a quiet machine of this kind)."
    yield ""
    yield "| What | Reach | Found | Holds |"
    yield "|---|---|---|---|"
    for what, reach, found, holds in targets(results):
        yield f"| {what} | {reach} | {found} | {'yes' if holds else '**no**'} |"
    for name, tell in TELL.items():
        if name in results:
            yield ""
            yield from tell(results[name]["figures"])
            yield ""
            yield measured_on(results[name]["on"])


def measured_on(on: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in on["versions"].items())
    held = f"{on['tracks']} tracks, ontology {on['ontology']}; " if "tracks" in on else ""
    return (
        f"*{on['date']}{', quick run' if on['quick'] else ''}; {on['machine']}, load {on['load'][0]} before and "
        f"{on['load_after'][0]} after; {held}{versions}.*"
    )


def missed(sections: Collection[str]) -> list[str]:
    """Targets of these sections that were measured and do not hold."""
    measured = {name: section for name, section in read().items() if name in sections}
    return [what for what, _, _, holds in targets(measured) if not holds]


def targets(results: Mapping[str, Section]) -> Iterator[tuple[str, str, str, bool]]:
    """Every number of the table that was measured: what, reach, found, whether it holds."""
    figures = {name: section["figures"] for name, section in results.items()}
    if speed := figures.get("speed"):
        goal, slowest = slowest_of(speed["journeys"])
        yield (
            "scores -> ordered journey, server warm, shipped catalogue, slowest goal", "<= 150 ms",
            f"{slowest['median']} ms ({goal}; least {slowest['least']}, ratio {slowest['ratio']})",
            slowest["median"] <= 150,
        )  # fmt: skip
    if growth := figures.get("growth"):
        goal, slowest = slowest_of(growth["journeys"])
        yield (
            f"the same over {growth['tracks']:,} tracks", "<= 300 ms",
            f"{slowest['median']} ms ({goal}; least {slowest['least']}, ratio {slowest['ratio']})",
            slowest["median"] <= 300,
        )  # fmt: skip
    if speed:
        command = speed["commands"]["journey"]
        seconds = [command[name] / 1000 for name in ("median", "least", "processor")]
        yield (
            "`isopath journey` as a whole process, server warm", "<= 1.5 s",
            f"{seconds[0]:.2f} s (least {seconds[1]:.2f}, processor {seconds[2]:.2f}, ratio {command['ratio']})",
            command["median"] <= 1500,
        )  # fmt: skip
    if recall := figures.get("recall"):
        goal, worst = min(recall["reach 1"].items(), key=lambda item: item[1]["mean"])
        yield (
            "recall@50 of the filtered search, worst goal",
            ">= 0.98",
            f"{worst['mean']} ({goal})",
            worst["mean"] >= 0.98,
        )
    if compared := figures.get("comparison"):
        yield from comparison_targets(compared)
    if emotions := figures.get("emotions"):
        yield from emotion_targets(emotions)
    if music := figures.get("embedding"):
        yield from embedding.targets(music)
    if library := figures.get("ingest"):
        yield from ingest.targets(library)
    if taken_out := figures.get("analyst"):
        yield from analyst.targets(taken_out)


def comparison_targets(compared: Section) -> Iterator[tuple[str, str, str, bool]]:
    better = compared["better_at_once"]
    yield (
        "baselines better on max_step, monotonicity and target_error at once",
        "none",
        ", ".join(better) or "none",
        not better,
    )
    way, least = min(compared["paired"].items(), key=lambda item: item[1]["low"])
    yield (
        "objective less that of the best baseline, 95 % interval", "above 0",
        f"{least['low']} to {least['high']} ({way})", least["low"] > 0,
    )  # fmt: skip
    contracts = compared["ways"]["Isopath"]["contracts_met"]
    yield "contracts_met", "1", f"{contracts}", contracts == 1
    for name, reach in (("share_of_bound", ">= 0.9"), ("max_step", "<= 0.5"), ("monotonicity", ">= 0.8")):
        missed = sum(name in one["misses"] for one in compared["misses"])
        yield f"{name} in each journey", reach, f"missed by {missed} of {compared['journeys']}", not missed
    errors = len(compared["errors"])
    yield "readings and goals without a journey", "0", str(errors), not errors


def emotion_targets(emotions: Section) -> Iterator[tuple[str, str, str, bool]]:
    bundled, large = emotions["one_text"]["bundled"], emotions["one_text"].get("xlm_roberta_base")
    beside = f"; XLM-RoBERTa-base, random weights, {large['median']} ms" if large else ""
    yield (
        "one text of 40 words, one core, warm", "<= 10 ms",
        f"{bundled['median']} ms (least {bundled['least']}, processor {bundled['processor']}{beside})",
        bundled["median"] <= 10,
    )  # fmt: skip
    cold = emotions["cold"]
    yield (
        "cold start to first reading, whole process", "<= 1.2 s, <= 400 MB",
        "{:.2f} s (least {:.2f}, processor {:.2f}), {} MB".format(
            *(cold[name] / 1000 for name in ("median", "least", "processor")), cold["megabytes"]
        ),
        cold["median"] <= 1200 and cold["megabytes"] <= 400,
    )  # fmt: skip
    size = emotions["files"]["megabytes"]
    yield "emotion model files", "<= 40 MB", f"{size} MB", size <= 40
    people = emotions["people"]
    yield "first-person sentences read acceptably", ">= 0.85", f"{people['accepted']}", people["accepted"] >= 0.85
    dev = emotions["development"]
    f1, origin = dev["macro_f1"], dev["origin"]
    yield "macro-F1 over 28 labels, dev, cross-fitted", ">= 0.53", f"{f1} {dev['interval']}, {origin}", f1 >= 0.53
    error, clearest = dev["calibration_error"], dev["top_label_right"]["clearest 60 %"]
    yield "expected calibration error, scores >= 0.1", "<= 0.03", f"{error}", error <= 0.03
    raw = dev["log_loss_uncalibrated"]
    yield "log-loss, against the uncalibrated model's", f"< {raw}", f"{dev['log_loss']}", dev["log_loss"] < raw
    skill = dev["least_brier_skill"]
    yield "Brier skill, worst label with >= 50 positives", "> 0", f"{skill}", skill > 0
    yield "F1 of the worst label", "> 0", f"{dev['least_f1']}", dev["least_f1"] > 0
    yield (
        "top label right, clearest 60 %", ">= 0.78",
        f"{clearest} (all texts {dev['top_label_right']['all']})", clearest >= 0.78,
    )  # fmt: skip
    if gate := emotions.get("gate"):
        yield "crisis gate: caught", ">= 0.97", f"{gate['caught']} of {gate['crises']}", gate["caught"] >= 0.97
        alarms = gate["false_alarms"]
        yield (
            "crisis gate: false alarms, hard negatives",
            "<= 0.03",
            f"{alarms} of {gate['hard_negatives']}",
            alarms <= 0.03,
        )
        if "ordinary" in gate:
            rate = gate["ordinary_false_alarms"]
            yield (
                "crisis gate: false alarms, ordinary comments",
                "<= 0.004",
                f"{rate} of {gate['ordinary']}",
                rate <= 0.004,
            )


def slowest_of(goals: Mapping[str, Section]) -> tuple[str, Section]:
    return max(goals.items(), key=lambda item: item[1]["median"])


def tell_speed(figures: Section) -> Iterator[str]:
    yield "## Speed, shipped catalogue"
    yield ""
    yield from speed_table(figures["journeys"])
    around = figures["around"]
    parts = ", ".join(f"{name} {spent}" for name, spent in around["parts"].items())
    yield ""
    yield f"A whole `Planner.plan` takes {around['median']} (of which {parts})."
    yield ""
    yield from table(
        ["Process", "wall", "least", "ratio", "processor, itself", "runs"],
        [
            [f"`isopath {n}`", c["median"], c["least"], c["ratio"], c["processor"], c["runs"]]
            for n, c in figures["commands"].items()
        ],
    )


def speed_table(goals: Section) -> Iterator[str]:
    parts = list(dict.fromkeys(part for goal in goals.values() for part in goal["parts"]))
    head = ["Goal", "median", "quartiles", "least", "ratio", *parts, "processor: ours / server", "asked exactly"]
    yield from table(
        head,
        [
            [name, g["median"], f"{g['quarter']}-{g['three_quarters']}", g["least"], g["ratio"],
             *(g["parts"].get(part, "-") for part in parts),
             f"{g['processor']['ours']} / {g['processor']['server']}", f"{g['asked_again']} of {g['runs']}"]
            for name, g in goals.items()
        ],
    )  # fmt: skip


def tell_growth(figures: Section) -> Iterator[str]:
    yield f"## Speed and recall, {figures['tracks']:,} tracks"
    yield ""
    yield f"Loaded and indexed in {figures['load_and_index_s']} s; the server then takes {figures['resident_mb']} MB."
    yield ""
    yield from speed_table(figures["journeys"])
    yield ""
    yield from recall_table(figures["recall"])


def tell_recall(figures: Section) -> Iterator[str]:
    yield "## Recall of the filtered search against the exact query"
    yield ""
    yield from recall_table(figures)


def recall_table(figures: Section) -> Iterator[str]:
    yield from table(
        ["Window", "Goal", "mean", "worst reading", "worst waypoint", "waypoints"],
        [
            [
                reach,
                goal,
                one["mean"],
                f"{one['worst_reading'][1]} ({one['worst_reading'][0]})",
                one["worst_waypoint"],
                one["waypoints"],
            ]
            for reach, goals in figures.items()
            for goal, one in goals.items()
        ],
    )


def tell_comparison(figures: Section) -> Iterator[str]:
    yield "## Against baselines"
    yield ""
    yield f"{figures['journeys']} journeys. `allowed`: from the tracks that the rules allow at each step; `catalogue`:"
    yield "from all of them. `objective` is what an order is worth without hard limits and without the seed's liking;"
    yield "`keeps_limits` is the share of lists that kept every step limit and the asked minutes. Higher is better,"
    yield "but for steps and errors."
    yield ""
    names = list(figures["ways"]["Isopath"])
    yield from table(
        ["Way", *names, "objective, ours less theirs (95 %)", "the same where theirs keeps limits", "better than ours"],
        [
            [
                way,
                *(each[name] for name in names),
                interval(figures["paired"].get(way)),
                interval(figures["paired_valid"].get(way)),
                figures["paired"].get(way, {}).get("better_than_ours", ""),
            ]
            for way, each in figures["ways"].items()
        ],
    )  # fmt: skip
    share = figures["share_of_bound"]
    yield ""
    yield "share_of_bound: " + ", ".join(f"{name} {value}" for name, value in share.items()) + "."
    yield f"Bounds let go: {figures['relaxed']}; minutes missed: {figures['minutes_missed']}."
    yield ""
    yield f"Journeys that miss a limit: {len(figures['misses'])}. Without a journey: {len(figures['errors'])}."
    if figures["misses"]:
        yield ""
        yield from table(
            ["Reading", "Goal", "Seed", "Misses", "share_of_bound", "max_step", "monotonicity"],
            [
                [
                    m["feeling"],
                    m["goal"],
                    m["seed"],
                    ", ".join(m["misses"]),
                    m["share_of_bound"],
                    m["max_step"],
                    m["monotonicity"],
                ]
                for m in figures["misses"]
            ],
        )
    for error in figures["errors"]:
        yield f"- {error['feeling']}, {error['goal']}, seed {error['seed']}: {error['error']}"


def interval(paired: Section | None) -> str:
    return f"{paired['difference']} ({paired['low']} to {paired['high']})" if paired else ""


def tell_emotions(figures: Section) -> Iterator[str]:
    yield "## Emotions and the gate"
    yield ""
    yield f"Model: {figures['model']}."
    yield ""
    yield "One text of 40 words, read by turns on one core; the second has random weights and is as slow as a real one."
    yield ""
    head = ("Model", "median", "quartiles", "least", "ratio", "processor", "runs", "size, MB")
    sizes = {"bundled": figures["files"]["megabytes"]}
    yield from table(
        head,
        [
            (name.replace("_", " "), one["median"], f"{one['quarter']}-{one['three_quarters']}", one["least"],
             one["ratio"], one["processor"], one["runs"], sizes.get(name, one.get("megabytes")))
            for name, one in figures["one_text"].items()
        ],
    )  # fmt: skip
    yield ""
    for part in ("cold", "files", "people", "development", "gate"):
        yield f"- {part}: " + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in figures[part].items())


TELL = {
    "speed": tell_speed, "growth": tell_growth, "recall": tell_recall, "comparison": tell_comparison,
    "emotions": tell_emotions, "embedding": embedding.tell, "ingest": ingest.tell, "analyst": analyst.tell,
}  # fmt: skip
