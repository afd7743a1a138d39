"""The files of an ontology as one value, which can be put aside, sent to a graph and written out again."""

from __future__ import annotations

import hashlib
import io
import lzma
import re
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from engine.errors import OntologyError

_PATTERNS: Final = ("**/*.owl", "catalog-v001.xml", "scenarios/*.yaml", "signatures.json")
"""What is put aside: modules, the catalogue that Protégé reads, scenarios, signatures."""
_NAME: Final = re.compile(r"[\w-]+(/[\w-]+)*\.(owl|xml|yaml|json)")
_LARGEST: Final = 200 * 2**20
"""Bytes that an archive may come to."""


@dataclass(frozen=True, slots=True)
class Sources:
    """All files that an ontology is read and tried from."""

    files: Mapping[str, bytes]
    """Path below the folder -> content."""

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The files of a folder; OntologyError for one that cannot be read."""
        paths = {path for pattern in _PATTERNS for path in folder.glob(pattern)}
        kept = sorted(path for path in paths if path.is_file() and not _is_hidden(path.relative_to(folder)))
        try:
            return cls({path.relative_to(folder).as_posix(): path.read_bytes() for path in kept})
        except OSError as exc:
            raise OntologyError(
                f"{folder.name}/", f"cannot be read ({exc.strerror})", "Let this account read it"
            ) from exc

    @property
    def modules(self) -> dict[str, bytes]:
        """The files that decide journeys."""
        return {name: content for name, content in self.files.items() if name.endswith(".owl")}

    @property
    def sha256(self) -> str:
        """Over names and bytes of the modules: the same as that of the ontology read from them."""
        digest = hashlib.sha256()
        for name, content in sorted(self.modules.items()):
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()

    def pack(self) -> bytes:
        """All files as one archive; the same files give the same bytes."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:xz", preset=6, format=tarfile.PAX_FORMAT) as archive:
            for name, content in sorted(self.files.items()):
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        return packed.getvalue()

    @classmethod
    def unpack(cls, packed: bytes, place: str) -> Self:
        """What `pack` made; OntologyError, naming `place`, for anything else."""
        files: dict[str, bytes] = {}
        try:
            with tarfile.open(fileobj=io.BytesIO(packed), mode="r:xz") as archive:
                for member in archive:
                    content = archive.extractfile(member) if member.isfile() and _NAME.fullmatch(member.name) else None
                    if content is None or sum(map(len, files.values())) + member.size > _LARGEST:
                        raise ValueError(member.name)
                    files[member.name] = content.read()
        except (ValueError, OSError, EOFError, tarfile.TarError, lzma.LZMAError) as exc:
            raise OntologyError(place, "holds no ontology that can be unpacked", "Restore it from a backup") from exc
        return cls(files)

    def write(self, folder: Path) -> None:
        """Writes the files into a folder, which is made."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
