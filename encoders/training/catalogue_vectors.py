"""Computes the vectors of the catalogue by any embedding model, from captions or from notes."""

import hashlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np

from encoders.base import Matrix
from encoders.catalogue.rows import perform_row
from encoders.embedding.clamp3.mtf import write_mtf
from encoders.embedding.embedder import CaptionEmbedder, Clamp3Embedder, Embedder
from encoders.training.captions import embed_catalogue
from encoders.training.source_files import find_sources

_AT_ONCE = 64
"""Performances embedded together: enough for batches of segments of similar length."""


def embed_rows(embedder: Embedder, rows: Sequence[Mapping[str, str]], work: Path) -> Matrix:
    """Float32 [rows, dimensions], unit rows: each performance of the catalogue, in its order.

    What is done is kept in the folder `work`, so that a run that was stopped goes on where it was.
    """
    if isinstance(embedder, CaptionEmbedder):
        return embed_catalogue(embedder.encoder, embedder.lexicon, rows)
    if not isinstance(embedder, Clamp3Embedder):
        raise TypeError(f"{type(embedder).__name__} cannot embed the catalogue")
    parts = []
    for start in range(0, len(rows), _AT_ONCE):
        parts.append(_part(embedder, rows[start : start + _AT_ONCE], work))
        print(f"  {start + len(parts[-1])} of {len(rows)} performances", file=sys.stderr, flush=True)
    return np.concatenate(parts)


def _part(embedder: Clamp3Embedder, rows: Sequence[Mapping[str, str]], work: Path) -> Matrix:
    """The vectors of some rows, from the folder where this model made them of these rows before."""
    digest = hashlib.sha256(embedder.card.sha256.encode())
    for path in find_sources("encoders.training.catalogue_vectors"):
        digest.update(path.read_bytes())
    for row in rows:
        digest.update(repr(sorted(row.items())).encode())
    kept = work / f"vectors-{digest.hexdigest()[:16]}.npy"
    if not kept.is_file():
        _save(embedder.model.embed_symbolic([write_mtf(perform_row(row)) for row in rows]), kept)
    vectors: Matrix = np.load(kept, allow_pickle=False)
    return vectors


def write_vectors(embedder: Embedder, rows: Sequence[Mapping[str, str]], target: Path) -> None:
    """Writes the vectors as float16, whole or not at all."""
    _save(embed_rows(embedder, rows, target.parent).astype(np.float16), target)


def _save(vectors: np.ndarray[Any, Any], target: Path) -> None:
    with NamedTemporaryFile(dir=target.parent, suffix=".npy", delete=False) as out:
        np.save(out, vectors, allow_pickle=False)
    made = Path(out.name)
    made.chmod(0o644)
    made.replace(target)
