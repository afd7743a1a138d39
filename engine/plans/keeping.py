"""Where plans lie: in the home, a folder for each listener's pseudonym, for this account alone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from engine.errors import GraphUnavailable, UsageError
from engine.files import read_sealed, write_sealed
from engine.held_rules import OwnRules
from engine.plans.laying import RULES
from engine.plans.plan import PLACE

FOLDER: Final = "plans"
_CHECKED: Final = "checked.json"
"""In a plan's folder: its rules as they were checked last, and what they were checked with."""


@dataclass(frozen=True, slots=True)
class PlanFiles:
    """The files of one plan."""

    folder: Path
    plan: bytes
    rules: bytes | None
    """None where it has no rules of its own."""

    def hash(self, served: str) -> str:
        """A hash over both files, and over what they are checked with."""
        parts = (served.encode(), self.plan, self.rules or b"")
        return sha256(b"".join(b"%d\0" % len(part) + part for part in parts)).hexdigest()


def locate_plan(home: Path, pseudonym: str) -> Path:
    """The folder of a listener's plan, whether it is there or not."""
    return home / FOLDER / pseudonym


def read_files(home: Path, pseudonym: str) -> PlanFiles | None:
    """The files of a listener's plan; None where there is none."""
    folder = locate_plan(home, pseudonym)
    try:
        plan = (folder / PLACE).read_bytes()
        rules = (folder / RULES).read_bytes() if (folder / RULES).exists() else None
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise GraphUnavailable(str(folder), f"cannot be read ({exc.strerror})", "Let this account read it") from exc
    return PlanFiles(folder, plan, rules)


def create_plan(home: Path, pseudonym: str, text: str) -> Path:
    """Writes a new plan, and gives back its folder; UsageError where the listener has one."""
    folder = locate_plan(home, pseudonym)
    if (folder / PLACE).exists():
        raise UsageError("ID", "has a plan already", f"Edit {folder / PLACE}, or forget it: `isopath plan forget ID`")
    write_private(folder / PLACE, text.encode())
    return folder


def write_private(path: Path, content: bytes) -> None:
    """Writes a file of a plan atomically, for this account alone."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        for folder in (path.parent.parent.parent, path.parent.parent, path.parent):
            folder.mkdir(mode=0o700, exist_ok=True, parents=True)
        beside.touch(mode=0o600)
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as exc:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        repair = "Free some space, or set ISOPATH_HOME to a folder you can write to"
        raise GraphUnavailable(str(path), f"cannot be written ({exc.strerror})", repair) from exc


def erase_plan(home: Path, pseudonym: str) -> bool:
    """Deletes a listener's plan; whether there was one."""
    folder = locate_plan(home, pseudonym)
    if not folder.exists():
        return False
    try:
        shutil.rmtree(folder)
    except OSError as exc:
        repair = "Delete it by hand, then ask again"
        raise GraphUnavailable(str(folder), f"cannot be deleted ({exc.strerror})", repair) from exc
    return True


def recall_rules(files: PlanFiles, served: str, check: Callable[[], OwnRules | None]) -> OwnRules | None:
    """A plan's rules as they were checked with what serves; `check` is asked where they were not yet."""
    known, hash_ = read_sealed(files.folder / _CHECKED), files.hash(served)
    if known.get("hash") == hash_ and (own := known["own"]) is not None:
        return OwnRules(tuple(own["individuals"]), tuple(own["links"]), own["ontology_sha256"])
    found = check()
    write_sealed(files.folder / _CHECKED, {"hash": hash_, "own": None if found is None else asdict(found)})
    return found
