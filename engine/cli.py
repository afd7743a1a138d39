"""The command line: arguments in, one answer out, and an exit code that says which kind."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from encoders.base import EncoderError
from encoders.json_text import json_text
from engine.commands import emotions, graph, journey, library, ontology, search
from engine.commands.speaking import Run
from engine.errors import EncoderUnavailable, IsopathError, UsageError
from engine.settings import Settings

GROUPS = (journey, emotions, search, library, graph, ontology)
"""In the order in which the help text shows them."""

_GIVEN = re.compile(
    r"(unrecognized arguments): .*|(?::|(?<=given one)) (['\"]).*\2(?= \(choose from [^()]*\)$|$)", re.DOTALL
)
"""What argparse repeats of an argument."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; every error is told in place, fault and repair."""
    given = sys.argv[1:] if argv is None else argv
    try:
        arguments = parser().parse_args(given)
        return int(arguments.run(arguments, Settings.from_environment()))
    except IsopathError as error:
        return told(error, "--json" in given)
    except EncoderError as error:
        return told(EncoderUnavailable(error.place, error.fault, error.repair), "--json" in given)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 0


def told(error: IsopathError, as_json: bool) -> int:
    if as_json:
        print(json_text({"outcome": "error", "code": error.code, "message": error.message, "repair": error.repairs}))
    else:
        print(f"isopath: {error}", file=sys.stderr)
    return error.exit_code


class Parser(argparse.ArgumentParser):
    """Tells what is wrong as every other error is told, and repeats no value: it may be somebody's words."""

    def error(self, message: str) -> NoReturn:
        fault = message.replace("ignored explicit argument", "takes no value, and was given one", 1)
        fault = _GIVEN.sub(r"\1", fault)
        raise UsageError(self.prog, fault, f"`{self.prog} --help` shows what it takes")


def parser() -> Parser:
    """Every command with its arguments; each sets `run`."""
    about = "Music that meets a feeling and leads on from it, with the reason for every track."
    # An abbreviation that is ambiguous would be told with the words behind it.
    top = Parser(prog="isopath", description=about, allow_abbrev=False)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Run, help_: str, /) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=help_, description=help_, allow_abbrev=False)
        made.set_defaults(run=run)
        return made

    for group in GROUPS:
        group.add(command)
    return top


if __name__ == "__main__":
    sys.exit(main())
