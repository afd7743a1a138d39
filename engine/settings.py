"""The settings in the environment. The only module that reads it."""

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from engine.errors import UsageError

ROOT = Path(__file__).resolve().parent.parent
ONTOLOGY_DIR = ROOT / "ontology"
CYPHER_DIR = ROOT / "cypher"
SEED_DIR = ROOT / "seed_data"

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, validated once."""

    home: Path
    """Data of the local server, drafts and keys. Two homes, two servers."""
    cache: Path
    """Data that can be fetched again (the server's jars). Homes share it."""
    neo4j_uri: str | None = None
    """An external Neo4j; None: the local server of `home`."""
    neo4j_user: str = "neo4j"
    neo4j_password: str | None = field(default=None, repr=False)
    """Never None when `neo4j_uri` is given; never used for the local server, which has its own."""
    neo4j_database: str = "neo4j"
    emotion_model: str | None = None
    """Path or name of another emotion model than the one in seed_data/."""
    embedding_model: str | None = None
    """Path or name of another embedding model than the one in seed_data/."""
    mert: Path | None = None
    """Folder with the weights of MERT, for an embedding model with an audio tower."""
    region: str | None = None
    """Where the reader is, as ISO 3166 letters: whose support lines the crisis gate shows."""
    soundfont: Path | None = None
    """A better sound font than the bundled one."""
    text: str | None = field(default=None, repr=False)
    """How a person feels, from `make journey TEXT=...`: an environment is private, arguments are not."""
    like: str | None = field(default=None, repr=False)
    """Their words for the sound, from `make journey LIKE=...`."""
    java_home: Path | None = None
    """JAVA_HOME: one of the places where a Java is searched."""
    keep: bool = True
    """Whether the graph keeps journeys."""
    keep_days: int | None = None
    """Journeys of more days ago are erased at the next command; None keeps them until they are erased by hand."""
    serve_draft: bool = False
    """Whether ontology/ is served as it stands, published or not (ISOPATH_SERVE_DRAFT)."""
    log: str | None = None
    """Level from which commands show log records on standard error; None shows none."""

    @property
    def names_a_cluster(self) -> bool:
        """Whether the address is one of several servers, of which another may answer where one does not."""
        return (self.neo4j_uri or "").startswith("neo4j")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Self:
        """The settings in the environment, or in `environ`. An empty variable counts as unset.

        Raises UsageError with all faults at once.
        """
        given = {name: text for name, text in (os.environ if environ is None else environ).items() if text.strip()}
        faults = list(_find_faults(given))
        if faults:
            raise UsageError(
                "environment",
                "; ".join(fault for fault, _ in faults),
                ". ".join(dict.fromkeys(repair for _, repair in faults)),
            )
        import platformdirs

        return cls(
            home=_find_home(given),
            cache=platformdirs.user_cache_path("isopath", appauthor=False),
            neo4j_uri=given.get("NEO4J_URI"),
            neo4j_user=given.get("NEO4J_USER", "neo4j"),
            neo4j_password=given.get("NEO4J_PASSWORD"),
            neo4j_database=given.get("NEO4J_DATABASE", "neo4j"),
            emotion_model=given.get("ISOPATH_EMOTION_MODEL"),
            embedding_model=given.get("ISOPATH_EMBEDDING_MODEL"),
            mert=_to_path(given.get("ISOPATH_MERT")),
            region=given.get("ISOPATH_REGION"),
            soundfont=_to_path(given.get("ISOPATH_SOUNDFONT")),
            text=given.get("ISOPATH_TEXT"),
            like=given.get("ISOPATH_LIKE"),
            java_home=_to_path(given.get("JAVA_HOME")),
            keep=given.get("ISOPATH_KEEP", "1").strip() == "1",
            keep_days=int(given["ISOPATH_KEEP_DAYS"]) if "ISOPATH_KEEP_DAYS" in given else None,
            serve_draft=given.get("ISOPATH_SERVE_DRAFT", "0").strip() == "1",
            log=given["ISOPATH_LOG"].strip().upper() if "ISOPATH_LOG" in given else None,
        )


def is_completing() -> bool:
    """Whether a shell asks how a line may go on (argcomplete sets the variable), and no command is to be run."""
    return "_ARGCOMPLETE" in os.environ


def read_for_help() -> tuple[Path | None, str | None, tuple[str, ...]]:
    """Home, region and words, as far as they can be read. Never raises: faults of settings must not prevent help."""
    given = {name: text for name, text in os.environ.items() if text.strip()}
    home = None
    with suppress(Exception):
        home = _find_home(given)
    words = tuple(given[name] for name in ("ISOPATH_TEXT", "ISOPATH_LIKE") if name in given)
    return home, given.get("ISOPATH_REGION"), words


def _find_home(given: Mapping[str, str]) -> Path:
    if named := _to_path(given.get("ISOPATH_HOME")):
        return named
    # Imported here so that no fault of a library prevents help.
    import platformdirs

    return platformdirs.user_data_path("isopath", appauthor=False)


def _to_path(text: str | None) -> Path | None:
    return Path(text).expanduser().absolute() if text else None


def _find_faults(given: Mapping[str, str]) -> list[tuple[str, str]]:
    """All faults, each with its repair, without values: one of them is a password."""
    faults = []
    if uri := given.get("NEO4J_URI"):
        scheme, host, credentials = _split_uri(uri)
        if scheme not in _SCHEMES or not host:
            faults.append(
                (
                    f"NEO4J_URI does not name a Neo4j (schemes: {', '.join(_SCHEMES)})",
                    "Write it as bolt://host:7687, or unset it to use the local server",
                )
            )
        if credentials:
            faults.append(("NEO4J_URI carries a user or a password", "Give them in NEO4J_USER and NEO4J_PASSWORD"))
        if "NEO4J_PASSWORD" not in given:
            faults.append(("NEO4J_URI is set and NEO4J_PASSWORD is not", "Set NEO4J_PASSWORD, or unset NEO4J_URI"))
    paths: dict[str, Path | None] = {}
    for name in ("ISOPATH_HOME", "ISOPATH_SOUNDFONT", "ISOPATH_MERT", "JAVA_HOME"):
        try:
            paths[name] = _to_path(given.get(name))
        except RuntimeError:
            faults.append((f"{name} begins with ~ and a user that is not known", "Write the whole path"))
    # By os.path, which raises nothing for a name that is too long.
    if (home := paths.get("ISOPATH_HOME")) and os.path.lexists(home) and not os.path.isdir(home):  # noqa: PTH112
        faults.append(("ISOPATH_HOME names a file", "Point it at a folder; it is made when it does not exist"))
    if (soundfont := paths.get("ISOPATH_SOUNDFONT")) and not os.path.isfile(soundfont):  # noqa: PTH113
        faults.append(("ISOPATH_SOUNDFONT names no file", "Point it at an SF2 or SF3 file, or unset it"))
    if given.get("ISOPATH_KEEP", "1").strip() not in ("0", "1"):
        faults.append(("ISOPATH_KEEP is neither 0 nor 1", "Set it to 0 to keep no journeys, or unset it"))
    if given.get("ISOPATH_SERVE_DRAFT", "0").strip() not in ("0", "1"):
        repair = "Set it to 1 to serve ontology/ as it stands, or unset it"
        faults.append(("ISOPATH_SERVE_DRAFT is neither 0 nor 1", repair))
    if not re.fullmatch(r"\s*[0-9]{1,6}\s*", given.get("ISOPATH_KEEP_DAYS", "0"), re.ASCII):
        faults.append(("ISOPATH_KEEP_DAYS is no number of days", "Set it to a whole number such as 30, or unset it"))
    if given.get("ISOPATH_LOG", "INFO").strip().upper() not in _LEVELS:
        faults.append(("ISOPATH_LOG is no level of a log", f"Set it to one of {', '.join(_LEVELS)}, or unset it"))
    return faults


def _split_uri(uri: str) -> tuple[str, str, bool]:
    """Scheme, host, and whether the URI has credentials; all empty when it is invalid."""
    try:
        parts = urlsplit(uri)
        return parts.scheme, parts.hostname or "", parts.username is not None or parts.password is not None
    except ValueError:
        return "", "", False
