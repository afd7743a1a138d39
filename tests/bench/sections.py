"""The figures of each measurement as a section of the page, for people."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench import analyst, checks, embedding, influence, ingest, repertoire, service, steering
from tests.bench.tables import Section, table


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
        ["Goal", "mean", "worst reading", "worst waypoint", "waypoints"],
        [
            [
                goal,
                one["mean"],
                f"{one['worst_reading'][1]} ({one['worst_reading'][0]})",
                one["worst_waypoint"],
                one["waypoints"],
            ]
            for goal, one in figures.items()
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
    "influence": influence.tell, "steering": steering.tell, "checks": checks.tell,
    "emotions": tell_emotions, "embedding": embedding.tell, "ingest": ingest.tell, "analyst": analyst.tell,
    "service": service.tell,
    "repertoire": repertoire.tell,
}  # fmt: skip
