"""The analysts' notebook runs from top to bottom over the encrypted Bolt of a home's server, and draws its pictures."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from engine.graph import Connection
from engine.settings import ROOT

NOTEBOOK = ROOT / "api" / "notebooks" / "journeys.ipynb"


def test_the_notebook_is_stored_without_what_it_answered() -> None:
    """Outputs would hold somebody's addresses, and change at every run."""
    stored = nbformat.reads(NOTEBOOK.read_text("utf-8"), as_version=4)  # type: ignore[no-untyped-call]
    assert [cell for cell in stored.cells if cell.get("outputs") or cell.get("execution_count")] == []


@pytest.mark.graph
@pytest.mark.long
def test_the_notebook_runs_from_top_to_bottom(
    connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "MPLCONFIGDIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    notebook = nbformat.reads(NOTEBOOK.read_text("utf-8"), as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}).execute()
    outputs: list[Any] = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    pictures = [output["data"]["image/png"] for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) == 3, "the plane, the reasons, the coverage"
    assert all(len(picture) > 10_000 for picture in pictures)
    assert any("refused" in output.get("text", "") for output in outputs), "py2neo only reads"
