"""The command line: arguments in, one answer out, and an exit code that says which kind."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import NoReturn

from encoders.json_text import json_text
from engine.cli.crisis_help import show_help_if_crisis
from engine.cli.logs import log_to_stderr
from engine.cli.terminal import Run
from engine.errors import IsopathError, UsageError
from engine.settings import Settings

_GIVEN = re.compile(
    r"(unrecognized arguments): .*|(?::|(?<=given one)) (['\"]).*\2(?= \(choose from [^()]*\)$|$)", re.DOTALL
)
"""What argparse repeats of an argument."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; every error is told in place, fault and repair.

    No error is told before help: whatever goes wrong, what was said is read by the gate first.
    """
    given = sys.argv[1:] if argv is None else argv
    arguments = argparse.Namespace(heard=[])
    use_utf8()
    try:
        build_parser().parse_args(given, arguments)
        settings = Settings.from_environment()
        with log_to_stderr(settings.log):
            return int(arguments.run(arguments, settings))
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 0
    except HelpRequested as asked:
        if (helped := show_help_if_crisis(None, given, arguments.heard)) is not None:
            return helped
        print(asked, end="")
        return 0
    except Exception as error:
        if (helped := show_help_if_crisis(error, given, arguments.heard)) is not None:
            return helped
        if isinstance(error, IsopathError):
            return report_error(error, "--json" in given)
        raise


def use_utf8() -> None:
    """Prints in UTF-8 where the locale's own encoding lacks the signs: help in Chinese is no place for an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            try:
                "助♯█".encode(stream.encoding)
            except (LookupError, UnicodeEncodeError):
                stream.reconfigure(encoding="utf-8")


def report_error(error: IsopathError, as_json: bool) -> int:
    if as_json:
        print(json_text({"outcome": "error", "code": error.code, "message": error.message, "repair": error.repairs}))
    else:
        print(f"isopath: {error}", file=sys.stderr)
    return error.exit_code


class HelpRequested(Exception):
    """`--help`: how a command is used. Words beside it are read first."""


class CommandParser(argparse.ArgumentParser):
    """Tells what is wrong as every other error is told, and repeats no value: it may be somebody's words."""

    def print_help(self, _: object = None) -> NoReturn:
        raise HelpRequested(self.format_help())

    def error(self, message: str) -> NoReturn:
        fault = message.replace("ignored explicit argument", "takes no value, and was given one", 1)
        fault = _GIVEN.sub(r"\1", fault)
        raise UsageError(self.prog, fault, f"`{self.prog} --help` shows what it takes")


def build_parser() -> CommandParser:
    """Every command with its arguments, in the order in which the help text shows them; each sets `run`."""
    # Not at the top: what a command cannot import is a fault like others, and stands before no help.
    from engine.cli import analyst, emotions, graph, journey, library, ontology, search, service

    about = "Music that meets a feeling and leads on from it, with the reason for every track."
    # An abbreviation that is ambiguous would be told with the words behind it.
    top = CommandParser(prog="isopath", description=about, allow_abbrev=False)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Run, help_: str, /) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=help_, description=help_, allow_abbrev=False)
        made.set_defaults(run=run)
        return made

    for group in (journey, emotions, search, library, graph, analyst, ontology, service):
        group.add_commands(command)
    return top


if __name__ == "__main__":
    sys.exit(main())
