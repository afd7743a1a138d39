"""Text queries: words for a sound, embedded, so that tracks can be compared with them. The words are not kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import GraphUnavailable, UsageError

if TYPE_CHECKING:
    from encoders.base import ModelCard, TextEmbedder
    from engine.store.version import Version


@dataclass(frozen=True, slots=True)
class TextQuery:
    """A query vector and the model that made it, without the words."""

    vector: tuple[float, ...]
    """Unit length."""
    model: ModelCard

    def get_vector(self, version: Version) -> list[float]:
        """The vector, if the tracks of this version were embedded by the same model; else GraphUnavailable."""
        if version.embedding_sha256 != self.model.sha256:
            raise GraphUnavailable(
                "the graph",
                f"its vectors were made by {version.embedding_model}, and {self.model.name} is to compare them",
                "Run `isopath load` with the ISOPATH_EMBEDDING_MODEL that is to be used, or unset it",
            )
        return list(self.vector)


class QueryEncoder:
    """Encodes text queries with the embedding model, which is opened lazily."""

    def __init__(self, model: str | None = None) -> None:
        """The model at this place, or the bundled one (`encoders/embedding/embedder.py`)."""
        self._place = model
        self._model: TextEmbedder | None = None

    def open_model(self) -> TextEmbedder:
        """The model; opened at the first call."""
        from encoders.embedding.embedder import open_embedder

        self._model = self._model or open_embedder(self._place)
        return self._model

    def encode(self, text: str, place: str) -> TextQuery:
        """The query vector of the words; UsageError at `place` when the model knows none of them."""
        from encoders.embedding.captions import WordsUnknown

        model = self.open_model()
        try:
            [vector] = model.embed_text([text])
        except WordsUnknown as exc:
            raise UsageError(place, exc.fault, exc.repair) from exc
        return TextQuery(tuple(map(float, vector)), model.card)
