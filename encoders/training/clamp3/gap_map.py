"""The modality-gap map: moves the vector of a recording's captions to where the vector of its notes would be.

Texts and music share one space, but each kind lies in a region of its own (the modality gap: Liang et al. 2022,
arXiv 2203.02053), so that texts are nearer to any caption than to any music. A linear map from caption vectors of
pieces to vectors of their notes removes the gap.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from encoders.base import Matrix

_HELD_BACK: Final = 1e-4
"""Ridge penalty, against a mean square of 1 / dimensions a number. On training works, split by author, smaller
penalties do slightly better (rank correlation of searches .91 with 1e-5, .90 with this); captions of recordings go
beyond the training captions, so the stronger one is kept."""


def fit_gap_map(captions: Matrix, music: Matrix) -> Matrix:
    """Float32 [dimensions, dimensions + 1], the last column a shift: the linear map from `captions` to `music`, both
    [pieces, dimensions] in unit rows of the same pieces.

    Ridge regression shrinks its output, so the output is scaled to the variance of the music.
    """
    words, notes = captions.astype(np.float64), music.astype(np.float64)
    middle, wanted = words.mean(axis=0), notes.mean(axis=0)
    words, notes = words - middle, notes - wanted
    square = words.T @ words + _HELD_BACK * len(words) * np.eye(words.shape[1])
    turned = np.linalg.solve(square, words.T @ notes).T
    turned *= np.sqrt(np.square(notes).sum() / np.square(words @ turned.T).sum())
    return np.concatenate((turned, (wanted - turned @ middle)[:, None]), axis=1).astype(np.float32)


def spread_rows(count: int, wanted: int) -> Sequence[int]:
    """Indices of `wanted` of `count` rows, evenly spaced; of all rows where there are fewer."""
    return range(0, count, max(1, count // wanted))[:wanted]
