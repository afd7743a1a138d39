"""What the bench should reach, and whether what was measured does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.bench import analyst, checks, embedding, influence, ingest, repertoire, service, steering
from tests.bench.tables import Section


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
        goal, worst = min(recall.items(), key=lambda item: item[1]["mean"])
        yield (
            "recall@50 of the filtered search, worst goal",
            ">= 0.98",
            f"{worst['mean']} ({goal})",
            worst["mean"] >= 0.98,
        )
    if compared := figures.get("comparison"):
        yield from comparison_targets(compared)
    if weighed := figures.get("influence"):
        yield from influence.targets(weighed)
    if emotions := figures.get("emotions"):
        yield from emotion_targets(emotions)
    if music := figures.get("embedding"):
        yield from embedding.targets(music)
    if library := figures.get("ingest"):
        yield from ingest.targets(library)
    if taken_out := figures.get("analyst"):
        yield from analyst.targets(taken_out)
    if served := figures.get("service"):
        yield from service.targets(served)
    if checked := figures.get("checks"):
        yield from checks.targets(checked)
    if music_there := figures.get("repertoire"):
        yield from repertoire.targets(music_there)
    if steered := figures.get("steering"):
        yield from steering.targets(steered)


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
