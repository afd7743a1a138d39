"""Edits the ontology by tables and answers; what cannot be meant is refused before a file is touched."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import IsopathError, OntologyError, UsageError
from engine.settings import ONTOLOGY_DIR, Settings
from engine.use_cases.check_ontology import read_loaded

if TYPE_CHECKING:
    from engine.rules import Finding, Ontology
    from engine.rules.editing import Edits

Locate = Callable[[str, str, str], str]
"""Place, id of an individual and fault -> where the author finds it."""


def save_table(path: Path, folder: Path = ONTOLOGY_DIR) -> int:
    """Writes the rules of a folder as a spreadsheet; gives back how many there are."""
    from engine.authoring.tables.sheets import lay_out
    from engine.authoring.tables.workbook import write_table
    from engine.rules import Ontology

    if path.suffix != ".xlsx":
        raise UsageError("FILE", "is no name of a spreadsheet", "Let it end in .xlsx")
    if path.exists():
        raise UsageError("FILE", "is there already", "Name another, so that nobody's edits are lost")
    sheets = lay_out(Ontology.read(folder))
    try:
        write_table(sheets, path)
    except OSError as exc:
        raise UsageError("FILE", f"cannot be written: {exc.strerror}", "Name a folder that you may write to") from exc
    return len(sheets[0].rows)


def apply_table(settings: Settings, path: Path, folder: Path = ONTOLOGY_DIR) -> tuple[str, ...]:
    """Brings the edits of a spreadsheet into a folder; gives back what differs now, in clinical sentences.

    UsageError with every cell that does not fit; then nothing was written.
    """
    from engine.authoring.tables.merging import Merge
    from engine.authoring.tables.sheets import lay_out
    from engine.authoring.tables.workbook import read_table
    from engine.rules import Ontology

    ontology = Ontology.read(folder)
    sheets = lay_out(ontology)
    merge = Merge(read_table(path, sheets), sheets, ontology)
    if merge.faults:
        raise UsageError.of(merge.faults)
    return apply_edits(settings, ontology, merge.edits, merge.locate)


def apply_edits(
    settings: Settings, ontology: Ontology, edits: Edits, locate: Locate = lambda place, *_: place
) -> tuple[str, ...]:
    """Writes edits into the folder of an ontology; gives back what differs now, in clinical sentences.

    UsageError with everything that the checks find wrong with them and was not wrong before; then nothing was written.
    HermiT and safety are left to `check` and `publish`: a loosening is signed once it is written.
    """
    from engine.authoring.differences import describe_changes
    from engine.rules import Ontology
    from engine.rules.editing import write_edits

    if not edits:
        return ()
    with tempfile.TemporaryDirectory(prefix="isopath-") as kept:
        draft = Path(kept) / ontology.directory.name
        shutil.copytree(ontology.directory, draft)
        try:
            files = write_edits(_at(ontology, draft), edits)
            edited = Ontology.read(draft)
        except OntologyError as error:
            found = [(one.place, one.fault, one.repair) for one in (error, *error.others)]
        else:
            known = {(one.place, one.fault) for one in _find_errors(settings, ontology)}
            wrong = [one for one in _find_errors(settings, edited) if (one.place, one.fault) not in known]
            found = [(one.place, one.fault, one.repair) for one in wrong]
        if found:
            raise UsageError.of(
                [(locate(place, _name_in(place), fault), fault, repair) for place, fault, repair in found]
            )
        changes = describe_changes(ontology, edited)
        for file in files:
            target = ontology.directory / file.relative_to(draft)
            beside = target.with_name(f".{target.name}.new")
            shutil.copyfile(file, beside)
            beside.replace(target)
    return changes


def _at(ontology: Ontology, folder: Path) -> Ontology:
    from dataclasses import replace

    return replace(ontology, directory=folder)


def _find_errors(settings: Settings, ontology: Ontology) -> list[Finding]:
    from engine.rules.checks.checking import check

    try:
        loaded = read_loaded(settings)
    except IsopathError:
        loaded = None  # `check` tells of it
    return [one for one in check(ontology, loaded=loaded) if one.level == "error"]


def _name_in(place: str) -> str:
    from engine.rules import Finding

    return Finding("error", "", place, "", "").individual
