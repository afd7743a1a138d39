"""Computes the vectors of the catalogue by any embedding model, from captions or from notes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np

from encoders.base import Matrix
from encoders.catalogue.rows import perform_row
from encoders.embedding.clamp3.mtf import write_mtf
from encoders.embedding.embedder import CaptionEmbedder, Clamp3Embedder, Embedder
from encoders.training.captions import embed_catalogue

_AT_ONCE = 64
"""Performances embedded together: enough for batches of segments of similar length."""


def embed_rows(embedder: Embedder, rows: Sequence[Mapping[str, str]]) -> Matrix:
    """Float32 [rows, dimensions], unit rows: each performance of the catalogue, in its order."""
    if isinstance(embedder, CaptionEmbedder):
        return embed_catalogue(embedder.encoder, embedder.lexicon, rows)
    if not isinstance(embedder, Clamp3Embedder):
        raise TypeError(f"{type(embedder).__name__} cannot embed the catalogue")
    parts = [
        embedder.model.embed_symbolic([write_mtf(perform_row(row)) for row in rows[start : start + _AT_ONCE]])
        for start in range(0, len(rows), _AT_ONCE)
    ]
    return np.concatenate(parts)


def write_vectors(embedder: Embedder, rows: Sequence[Mapping[str, str]], target: Path) -> None:
    """Writes the vectors as float16, atomically."""
    vectors = embed_rows(embedder, rows)
    with NamedTemporaryFile(dir=target.parent, suffix=".npy", delete=False) as out:
        np.save(out, vectors.astype(np.float16), allow_pickle=False)
    made = Path(out.name)
    made.chmod(0o644)
    made.replace(target)
