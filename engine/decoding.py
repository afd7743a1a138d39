"""Decodes bytes of unknown encoding, so that the gate can read damaged text as well."""

from __future__ import annotations

from contextlib import suppress


def decode_leniently(read: bytes) -> str:
    """Decodes UTF-16 with a byte order mark, UTF-8 or GB 18030; else UTF-8 with replacement characters."""
    if read[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return read.decode("utf-16", "replace")
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeDecodeError):
            return read.decode(encoding)
    return read.decode("utf-8", "replace")
