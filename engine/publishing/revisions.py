"""The ontology as it stood in a revision of the repository."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

from engine.errors import UsageError
from engine.publishing.sources import Sources

_SECONDS = 60.0


def read_revision(folder: Path, revision: str) -> Sources:
    """The files of a folder in a git revision; UsageError when there is none of this name, or no repository."""
    asked = ["git", "-C", str(folder.parent), "archive", "--format=tar", revision, "--", folder.name]
    try:
        if revision.startswith("-"):
            raise ValueError(revision)
        done = subprocess.run(asked, capture_output=True, check=True, timeout=_SECONDS)
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            files = {
                member.name.removeprefix(f"{folder.name}/"): content.read()
                for member in archive
                if member.isfile() and (content := archive.extractfile(member)) is not None
            }
    except (OSError, ValueError, subprocess.SubprocessError, tarfile.TarError) as exc:
        fault = "is no folder, file, version or git revision with an ontology"
        repair = (
            "Name a folder, an .owl file, the number of a published version, 'published', 'draft' or a git revision"
        )
        raise UsageError("STATE", fault, repair) from exc
    return Sources({name: content for name, content in files.items() if name.endswith((".owl", ".xml", ".yaml"))})
