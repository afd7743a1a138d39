"""A wish: words for a sound as a vector, which tracks can be compared with. The words stay with whoever wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import GraphUnavailable, UsageError

if TYPE_CHECKING:
    from encoders.base import ModelCard, TextEmbedder
    from engine.store.version import Version


@dataclass(frozen=True, slots=True)
class TextQuery:
    """What the words ask for; never any of the words."""

    vector: tuple[float, ...]
    """Unit length."""
    model: ModelCard

    def get_vector(self, version: Version) -> list[float]:
        """The vector, for tracks of the version that serves; GraphUnavailable when another model made theirs."""
        if version.embedding_sha256 != self.model.sha256:
            raise GraphUnavailable(
                "the graph",
                f"its vectors were made by {version.embedding_model}, and {self.model.name} is to compare them",
                "Run `isopath load` with the ISOPATH_EMBEDDING_MODEL that is to be used, or unset it",
            )
        return list(self.vector)


class QueryEncoder:
    """Where wishes come from: the embedding model, opened at the first one."""

    def __init__(self, model: str | None = None) -> None:
        """The model at this place, or the bundled one (`encoders/embedding/embedder.py`)."""
        self._place = model
        self._model: TextEmbedder | None = None

    def open_model(self) -> TextEmbedder:
        """The model, opened when it is first asked for."""
        from encoders.embedding.embedder import open_embedder

        self._model = self._model or open_embedder(self._place)
        return self._model

    def encode(self, text: str, place: str) -> TextQuery:
        """What the words ask for; UsageError, naming where they were given, when the model knows none of them."""
        from encoders.embedding.captions import WordsUnknown

        model = self.open_model()
        try:
            [vector] = model.embed_text([text])
        except WordsUnknown as exc:
            raise UsageError(place, exc.fault, exc.repair) from exc
        return TextQuery(tuple(map(float, vector)), model.card)
