"""Who answers for a number or a change: signatures beside the modules, each broken by a later edit.

A signature holds for an individual and for what belongs to it alone: a rule with its conditions, effects and claims, a
claim with whatever claims it. It is no cryptography: it shows an honest author what was edited after somebody answered
for it. Who may write to the folder may write a name there.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Final

from engine.errors import OntologyError, UsageError
from engine.rules.checks.findings import Finding
from engine.rules.drafting import set_text
from engine.rules.individuals import Individual
from engine.rules.ontology import Ontology
from engine.rules.safety import safety_changes

FILE: Final = "signatures.json"
CHECK: Final = "signatures-hold"
BELONGS: Final = ("when", "unless", "does", "claims", "callsFor", "aimsAt", "readAs")
"""Links to what belongs to an individual."""
UNSIGNED: Final = frozenset({"label", "label_zh", "definition", "comment"})
"""Words that may be polished without a new signature."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One name under one individual, as it stands or as it is gone."""

    id: str
    by: str
    on: str
    """Day, as 2026-11-28."""
    why: str
    seal: str
    """Hash over what was signed."""

    def __post_init__(self) -> None:
        require_answerable(self.by, self.why)


def require_answerable(by: str, why: str) -> None:
    """UsageError where a name is nobody's, or a reason says nothing."""
    faults = []
    if len(re.findall(r"[^\W\d_]", by)) < 2 + 2 * by.isascii():
        faults.append(("--by", "is no name of a person", "Give first and last name"))
    if len(why.split()) < 3 and len(why) < 12:
        faults.append(("--why", "is no reason", "Say in a sentence what speaks for it"))
    if faults:
        raise UsageError.of(faults)


def compute_seal(ontology: Ontology, id_: str) -> str:
    """The hash over an individual and what belongs to it; of one that is not there, over its absence."""
    owners = [one.id for one in ontology.individuals if id_ in one.to("claims")]
    said = {one: _describe_sealed(ontology.by_id.get(one)) for one in _collect_parts(ontology, [id_, *owners])}
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def sign(ontology: Ontology, id_: str, by: str, why: str, on: date) -> Signature:
    """A signature under an individual as it stands now."""
    return Signature(id_, by.strip(), on.isoformat(), why.strip(), compute_seal(ontology, id_))


def read_signatures(folder: Path) -> tuple[Signature, ...]:
    """The signatures beside an ontology; OntologyError for a file that is none of them."""
    place = f"{folder.name}/{FILE}"
    try:
        rows = json.loads((folder / FILE).read_text("utf-8"))
        return tuple(Signature(**row) for row in rows)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError, UsageError) as exc:
        raise OntologyError(place, "cannot be read as signatures", "Take back the last change of it") from exc


def write_signature(folder: Path, signature: Signature) -> None:
    """Adds a signature, in place of an earlier one of the same name under the same individual."""
    kept = [one for one in read_signatures(folder) if (one.id, one.by) != (signature.id, signature.by)]
    rows = sorted((asdict(one) for one in (*kept, signature)), key=lambda row: (row["id"], row["by"]))
    text = "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n"
    (folder / FILE).write_text(text, "utf-8")


def name_signer(ontology: Ontology, id_: str, by: str) -> bool:
    """Writes a name under the claims about numbers that an individual is or has; whether there are any.

    Only the files of those claims are written, in the stable form.
    """
    one = ontology.by_id.get(id_)
    claims = [ontology[c] for c in ((id_, *one.to("claims")) if one else ()) if "Claim" in ontology[c].classes]
    numbers = [claim for claim in claims if claim.text("about") == "number" and claim.text("signed_by") != by]
    for claim in numbers:
        set_text(ontology.directory.parent / claim.file, claim.id, "signed_by", by)
    return bool(numbers)


def find_broken_signatures(ontology: Ontology, signatures: Iterable[Signature]) -> Iterator[Finding]:
    """Signatures under what was edited since."""
    for one in signatures:
        if compute_seal(ontology, one.id) != one.seal:
            found = ontology.by_id.get(one.id)
            place = found.place if found else f"{ontology.directory.name}/{FILE}: '{one.id}'"
            fault = f"it was edited after {one.by} signed it on {one.on}"
            yield Finding("error", CHECK, place, fault, "Sign it anew, or take the edit back")


def list_unsigned(
    findings: Sequence[Finding], ontology: Ontology, signatures: Iterable[Signature]
) -> tuple[Finding, ...]:
    """The findings that nobody has answered for: a signature that holds, under what they are about, settles them."""
    settled = {one.id for one in signatures if compute_seal(ontology, one.id) == one.seal}
    return tuple(one for one in findings if one.individual not in settled)


def find_unanswered(before: Ontology, after: Ontology) -> tuple[Finding, ...]:
    """What weakens safety against `before` and is signed by nobody, and signatures that an edit broke."""
    signatures = read_signatures(after.directory)
    return (
        *list_unsigned(safety_changes(before, after), after, signatures),
        *find_broken_signatures(after, signatures),
    )


def _collect_parts(ontology: Ontology, ids: Iterable[str]) -> list[str]:
    found = {*ids}
    for id_ in [*found]:
        if (one := ontology.by_id.get(id_)) is not None:
            found |= {target for name, target in one.links if name in BELONGS}
    return sorted(found)


def _describe_sealed(individual: Individual | None) -> object:
    if individual is None:
        return None
    properties = {name: value for name, value in individual.properties.items() if name not in UNSIGNED}
    return [list(individual.classes), properties, [list(link) for link in individual.links]]
