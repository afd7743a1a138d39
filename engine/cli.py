"""The command line: arguments in, one answer out, and an exit code that says which kind."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from encoders.base import EncoderError
from engine.commands import emotions, graph, journey, library, ontology, search
from engine.commands.speaking import Run
from engine.errors import EncoderUnavailable, IsopathError
from engine.settings import Settings

GROUPS = (journey, emotions, search, library, graph, ontology)
"""In the order in which the help text shows them."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; every error is told in place, fault and repair."""
    arguments = parser().parse_args(argv)
    try:
        return int(arguments.run(arguments, Settings.from_environment()))
    except IsopathError as error:
        return told(error, getattr(arguments, "json", False))
    except EncoderError as error:
        return told(EncoderUnavailable(error.place, error.fault, error.repair), getattr(arguments, "json", False))
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 0


def told(error: IsopathError, as_json: bool) -> int:
    if as_json:
        print(
            json.dumps(
                {"outcome": "error", "code": error.code, "message": error.message, "repair": error.repairs},
                ensure_ascii=False,
            )
        )
    else:
        print(f"isopath: {error}", file=sys.stderr)
    return error.exit_code


def parser() -> argparse.ArgumentParser:
    """Every command with its arguments; each sets `run`."""
    top = argparse.ArgumentParser(
        prog="isopath", description="Music that meets a feeling and leads on from it, with the reason for every track."
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Run, help_: str, /) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=help_, description=help_)
        made.set_defaults(run=run)
        return made

    for group in GROUPS:
        group.add(command)
    return top


if __name__ == "__main__":
    sys.exit(main())
