"""The recipe of the multilingual model, and the batches that it is trained on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoders.training.emotions.classifier import tokenise
from encoders.training.multilingual.examples import Source, Targets


@dataclass(frozen=True, slots=True)
class MultilingualRecipe:
    """Hyperparameters. The defaults made the bundled model; all are written into the checkpoint."""

    steps: int = 6000
    minutes: float = 77.0
    batch: int = 32
    rate: float = 1.3e-4
    head_rate: float = 1e-3
    layer_decay: float = 0.9
    """Learning rate of each layer as a share of that of the layer above."""
    weight_decay: float = 0.01
    warm_up: float = 0.05
    """Share of the run over which the rate rises to its full height."""
    focus: float = 1.0
    """Asymmetric loss: how much easy negatives are played down (0 is plain cross-entropy)."""
    rarity: float = 0.25
    """A positive weighs (negatives / positives) ** rarity of GoEmotions, at most 5."""
    smoothing: float = 0.02
    top: float = 0.5
    """Weight of the loss that wants an accepted label to score highest."""
    danger: float = 2.0
    """Weight of the loss of the danger head."""
    danger_late: float = 6.0
    """The same from `late` on: it learns from few texts, and slower than the rest."""
    late: float = 0.7
    """Share of the run."""
    average: float = 0.998
    """Decay per step of the moving average of the weights, which is what is kept."""
    frozen: int = 4
    """Lowest layers that stay as they are, the word vectors with them."""
    longest: int = 48
    """Tokens read of a text in training."""
    dropout: float = 0.1
    chunk: int = 1536
    """Texts drawn at a time, each source with its share, and sorted by length into batches."""
    save_minutes: float = 9.0
    seed: int = 20


@dataclass(frozen=True, slots=True)
class Pool:
    """All texts of all sources, and from which row on each source's stand."""

    tokens: list[list[int]]
    targets: Targets
    sources: Sequence[Source]
    starts: NDArray[np.intp]


def collect(sources: Sequence[Source], tokenizer: Any, longest: int) -> Pool:
    tokens = [ids for source in sources for ids in tokenise(tokenizer, source.texts, longest)]
    targets = Targets(
        *(np.concatenate([getattr(source.targets, name) for source in sources]) for name in Targets.__slots__)
    )
    starts = np.cumsum([0, *(len(source.texts) for source in sources[:-1])])
    return Pool(tokens, targets, sources, starts)


def draw_batches(pool: Pool, recipe: MultilingualRecipe, start: int) -> Iterator[NDArray[np.intp]]:
    """Batches of texts of similar length from batch `start` on, without end; each chunk holds each source's share."""
    lengths = np.array([len(ids) for ids in pool.tokens])
    total = sum(source.share for source in pool.sources)
    per_chunk = [max(1, round(recipe.chunk * source.share / total)) for source in pool.sources]
    batches = -(-sum(per_chunk) // recipe.batch)
    number = start // batches
    orders: dict[tuple[int, int], NDArray[np.intp]] = {}
    while True:
        rng = np.random.default_rng([recipe.seed, number])
        rows = np.concatenate(
            [
                pool.starts[place] + _take(orders, source, place, number * count, count, recipe.seed)
                for place, (source, count) in enumerate(zip(pool.sources, per_chunk, strict=True))
            ]
        )
        rows = rows[np.argsort(lengths[rows] + rng.uniform(0, 2, len(rows)), kind="stable")]
        cut = [rows[first : first + recipe.batch] for first in range(0, len(rows), recipe.batch)]
        for place in rng.permutation(len(cut))[max(0, start - number * batches) :]:
            yield cut[place]
        number += 1


def _take(
    orders: dict[tuple[int, int], NDArray[np.intp]], source: Source, place: int, first: int, count: int, seed: int
) -> NDArray[np.intp]:
    """`count` rows from the `first` on of the endless sequence of passes over a source."""
    halved = source.halved if len(source.halved) else np.zeros(len(source.texts), bool)
    length = len(source.texts) - int(halved.sum()) // 2
    found = []
    for at in range(first, first + count):
        key = (place, at // length)
        if key not in orders:
            rng = np.random.default_rng([seed, place, at // length])
            left_out = rng.permutation(np.flatnonzero(halved))[: int(halved.sum()) // 2]
            orders[key] = rng.permutation(np.setdiff1d(np.arange(len(source.texts)), left_out))
        found.append(orders[key][at % length])
    return np.array(found, dtype=np.intp)
