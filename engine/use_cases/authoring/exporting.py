"""Writes the ontology for other programs."""

from __future__ import annotations

from pathlib import Path

from engine.errors import UsageError
from engine.settings import ONTOLOGY_DIR


def export_ontology(format_: str, file: Path | None = None, folder: Path = ONTOLOGY_DIR) -> str:
    """A folder's ontology as one document (`engine.rules.exporting.FORMATS`), also written to a file that is named.

    UsageError where the file cannot be written; OntologyError with every fault of the ontology's files.
    """
    from engine.rules.exporting import export

    text = export(folder, format_)
    if file is not None:
        try:
            file.write_text(text, "utf-8")
        except OSError as exc:
            raise UsageError("FILE", f"cannot be written ({exc.strerror})", "Name a file in a folder of yours") from exc
    return text
