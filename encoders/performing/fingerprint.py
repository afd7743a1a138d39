"""A checksum that is equal for equal notes, whatever file they come from."""

import hashlib
from collections.abc import Sequence


def fingerprint(family: str, rows: Sequence[tuple[int, ...]]) -> str:
    """Hexadecimal sha256 over notes as whole numbers, regardless of their order."""
    digest = hashlib.sha256(f"isopath {family}".encode())
    for row in sorted(rows):
        digest.update(repr(row).encode())
    return digest.hexdigest()
