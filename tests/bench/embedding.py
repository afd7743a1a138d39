"""Music to vectors: in batches of like length, against one piece at a time and always padded to a full segment.

Twice: the model as it ships, both ways through the same session; and towers of its size with random weights against
the reference's own way (torch, characters as one-hot rows), with the shipped and with the published segment length.
Processor time on one core, both ways in turn: a busy machine then slows neither more than the other.
"""

from __future__ import annotations

import csv
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from encoders.base import Matrix
from encoders.catalogue.sources import ScoreSource, find_corpus
from encoders.embedding.clamp3 import Clamp3
from encoders.embedding.clamp3.loading import load_clamp3
from encoders.embedding.clamp3.model import DESCRIPTION, SYMBOLIC
from encoders.embedding.clamp3.patches import PATCH_LENGTH, split_patches
from encoders.embedding.clamp3.segments import pad_batch, split_segments
from encoders.notation.abc.lines import split_tunes
from engine.settings import SEED_DIR

PUBLISHED = 512
"""Patches of a segment in the published checkpoints."""
SAME = 1e-4
"""Number by number, what both ways may differ by."""
Embed = Callable[[Sequence[str]], Matrix]


def measure(folder: Path, quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """Ratios and differences of the exported model in `folder`; AssertionError when two ways disagree."""
    # torch comes with it, which the other sections and the page do without.
    from encoders.training.clamp3.export import choose_probes

    count, runs = (8, 1) if quick else (24, 2)
    model, described = load_clamp3(folder), json.loads((folder / DESCRIPTION).read_text("utf-8"))
    words, performances = choose_probes(count)
    music = {"tunes in ABC": scores(count), "performances": performances}
    sizes = described["towers"][SYMBOLIC]
    found: dict[str, Any] = {
        "model": model.card.name,
        "positions": sizes["positions"],
        "megabytes": round(sum(file.stat().st_size for file in folder.iterdir() if file.is_file()) / 1e6, 1),
        "rounding": described.get("rounding", {}),
        "alone": {
            "text": most_apart(model.embed_text, words),
            "symbolic": most_apart(model.embed_symbolic, [text for some in music.values() for text in some]),
        },
        "music": {
            name: {"pieces": len(texts), "patches": statistics.median(len(split_patches(text)) for text in texts)}
            for name, texts in music.items()
        },
    }
    say("  against padding, one at a time, same session")
    found["padded"] = compared(model.embed_symbolic, lambda texts: one_at_a_time(model, texts), music, runs)
    found["reference"] = {}
    for positions in dict.fromkeys((sizes["positions"], PUBLISHED)):
        say(f"  against the reference's way, segments of {positions}")
        ours, theirs = twins(sizes["hidden"], sizes["layers"], positions, model.dimensions)
        found["reference"][str(positions)] = compared(ours, theirs, music, runs)
    return found


def scores(count: int) -> list[str]:
    """Tunes of the catalogue as ABC, as they stand in their books, evenly over all of them."""
    with (SEED_DIR / "catalogue.csv").open(encoding="utf-8", newline="") as file:
        named = dict.fromkeys(row["source"] for row in csv.DictReader(file))
    sources = [source for source in map(ScoreSource.parse, named) if source.path.endswith(".abc") and source.tune]
    some = sources[:: len(sources) // count][:count]
    return [split_tunes((find_corpus() / one.path).read_text("utf-8", "replace"))[one.tune - 1] for one in some]


def compared(ours: Embed, theirs: Embed, music: Mapping[str, Sequence[str]], runs: int) -> dict[str, Any]:
    """For each kind of music and for all of it: seconds of both ways, and how many times longer theirs took."""
    spent: dict[str, list[tuple[float, float]]] = {}
    for name, texts in music.items():
        # Once for each unmeasured: files are read and memory is taken when first needed.
        np.testing.assert_allclose(ours(texts), theirs(texts), atol=SAME)
        spent[name] = [(seconds(ours, texts), seconds(theirs, texts)) for _ in range(runs)]
    spent["all of it"] = [
        (sum(o for o, _ in each), sum(t for _, t in each)) for each in zip(*spent.values(), strict=True)
    ]
    return {
        name: {
            "ours": round(statistics.median(o for o, _ in each), 3),
            "theirs": round(statistics.median(t for _, t in each), 3),
            "times": round(statistics.median(t / o for o, t in each), 2),
        }
        for name, each in spent.items()
    }


def seconds(embed: Embed, texts: Sequence[str]) -> float:
    """Of processor time."""
    began = time.process_time()
    embed(texts)
    return time.process_time() - began


def one_at_a_time(model: Clamp3, texts: Sequence[str]) -> Matrix:
    """What `embed_symbolic` gives, segment by segment, each padded to its full length."""
    tower, vectors = model.towers.get_tower(SYMBOLIC), []
    for text in texts:
        patches = split_patches(text)
        total = np.zeros(model.dimensions)
        for segment in split_segments(0, len(patches), tower.longest):
            short, kept = pad_batch([segment], [patches], 0)
            inputs = np.zeros((1, tower.longest, PATCH_LENGTH), dtype=short.dtype)
            mask = np.zeros((1, tower.longest), dtype=kept.dtype)
            inputs[:, : segment.length], mask[:, : segment.length] = short, kept
            total += segment.weight * tower.embed(inputs, mask)[0]
        vectors.append(total / np.linalg.norm(total))
    return np.array(vectors, dtype=np.float32)


def most_apart(embed: Embed, texts: Sequence[str]) -> float:
    """The largest difference of any number of a vector between its text alone and among all the others."""
    alone = np.concatenate([embed([text]) for text in texts])
    return float(f"{np.abs(embed(texts) - alone).max():.1e}")


def twins(width: int, layers: int, positions: int, dimensions: int) -> tuple[Embed, Embed]:
    """One symbolic tower with random weights: exported with all bits as ours are, and as the reference runs it."""
    import torch

    from encoders.embedding.clamp3.towers import Clamp3Module, SymbolicTower, save_checkpoint
    from encoders.training.clamp3.export import ModelInfo, export
    from tests.helpers.clamp3_literal import PatchTower, mean, whole

    torch.set_num_threads(1)
    torch.manual_seed(0)
    literal = PatchTower(width, layers, positions, spread=0.05).eval()
    towers = Clamp3Module(dimensions, symbolic=SymbolicTower(width, layers, 4 * width, positions))
    # The literal one has a pooler, which nothing reads.
    towers.symbolic_model.load_state_dict(literal.state_dict(), strict=False)
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / "twin.pth"
        save_checkpoint(towers, checkpoint)
        export(checkpoint, None, Path(folder) / "twin", ModelInfo("twin", "MIT", "random numbers"), exact=True)
        model = load_clamp3(Path(folder) / "twin")
        model.embed_symbolic(["K:D\nA|"])  # the session is opened while its file is there

    def read(part: Any, mask: Any) -> Any:
        return towers.symbolic_proj(mean(literal(part, mask), mask))

    def theirs(texts: Sequence[str]) -> Matrix:
        pad = torch.zeros(PATCH_LENGTH, dtype=torch.long)
        found = [whole(torch.from_numpy(split_patches(text).astype(np.int64)), positions, pad, read) for text in texts]
        vectors: Matrix = torch.stack(found).numpy()
        return vectors

    return model.embed_symbolic, theirs


def targets(found: Mapping[str, Any]) -> list[tuple[str, str, str, bool]]:
    """Rows for the page's first table: what, reach, found, whether it holds."""
    rows = []
    for positions, each in found["reference"].items():
        told = ", ".join(f"{name} {one['times']}" for name, one in each.items() if name != "all of it")
        times = each["all of it"]["times"]
        what = f"symbolic embedding in batches against one at a time, padded to {positions}, same vectors"
        rows.append((what, ">= 4 x", f"{times} ({told})", times >= 4))
    for kind, one in found["rounding"].items():
        holds = one["median"] >= 0.999 and one["worst"] >= 0.99
        reach = "median >= 0.999, worst >= 0.99"
        rows.append((f"{kind}: cosine of 8-bit weights to exact", reach, f"{one['median']}, {one['worst']}", holds))
    for kind, apart in found["alone"].items():
        rows.append((f"{kind}: a vector alone against in a batch", "<= 1e-4", str(apart), apart <= 1e-4))
    size = found["megabytes"]
    rows.append(("embedding model files", "<= 45 MB", f"{size} MB", size <= 45))
    return rows


def tell(found: Mapping[str, Any]) -> list[str]:
    """The page's section."""
    music = "; ".join(f"{m['pieces']} {name}, {m['patches']:.0f} patches long" for name, m in found["music"].items())
    lines = ["## Music to vectors", "", f"Model: {found['model']}, {found['positions']} patches a segment. {music}"]
    lines[-1] += " (median). Processor time, one core; how many times longer the other way took."
    lines += ["A piece longer than a segment has no padding: its last segment is a full window that reaches back."]
    lines += ["", "| Music | " + " | ".join(head for head, _ in _ways(found)) + " |"]
    lines += ["|---|" + "---|" * len(_ways(found))]
    for name in found["padded"]:
        cells = [
            f"{each[name]['times']} ({each[name]['theirs']} s / {each[name]['ours']} s)" for _, each in _ways(found)
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def _ways(found: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    reference = [(f"the reference's way, segments of {n}", each) for n, each in found["reference"].items()]
    return [("as shipped, padded, one at a time", found["padded"]), *reference]
