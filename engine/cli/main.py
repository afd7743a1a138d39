"""The entry point `isopath`: parses arguments, runs one command, reports errors, returns an exit code."""

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
from engine.settings import Settings, is_completing

_GIVEN = re.compile(
    r"(unrecognized arguments): .*|(?::|(?<=given one)) (['\"]).*\2(?= \(choose from [^()]*\)$|$)", re.DOTALL
)
"""Values of arguments in messages of argparse."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; errors are reported with place, fault and repair.

    On any error the gate first checks all texts of the arguments, and help is shown before the error.
    """
    given = sys.argv[1:] if argv is None else argv
    arguments = argparse.Namespace(input_texts=[])
    use_utf8()
    try:
        if is_completing():
            import argcomplete

            argcomplete.autocomplete(build_parser())
        build_parser().parse_args(given, arguments)
        settings = Settings.from_environment()
        with log_to_stderr(settings.log):
            return int(arguments.run(arguments, settings))
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 0
    except HelpRequested as usage:
        if (exit_code := show_help_if_crisis(None, given, arguments.input_texts)) is not None:
            return exit_code
        print(usage, end="")
        return 0
    except Exception as error:
        if (exit_code := show_help_if_crisis(error, given, arguments.input_texts)) is not None:
            return exit_code
        if isinstance(error, IsopathError):
            return report_error(error, "--json" in given)
        raise


def use_utf8() -> None:
    """Switches output to UTF-8 where the encoding of the locale lacks Chinese or musical characters."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            try:
                "助♯█".encode(stream.encoding)
            except (LookupError, UnicodeEncodeError):
                stream.reconfigure(encoding="utf-8")


def report_error(error: IsopathError, as_json: bool) -> int:
    """Prints an error, as JSON or on standard error, and returns its exit code."""
    if as_json:
        print(json_text({"outcome": "error", "code": error.code, "message": error.message, "repair": error.repairs}))
    else:
        print(f"isopath: {error}", file=sys.stderr)
    return error.exit_code


class HelpRequested(Exception):
    """Raised for `--help`, so that the gate checks other arguments first."""


class CommandParser(argparse.ArgumentParser):
    """Raises faults as UsageErrors, without values of arguments: they may be a person's text."""

    def print_help(self, _: object = None) -> NoReturn:
        raise HelpRequested(self.format_help())

    def error(self, message: str) -> NoReturn:
        fault = message.replace("ignored explicit argument", "takes no value, and was given one", 1)
        fault = _GIVEN.sub(r"\1", fault)
        raise UsageError(self.prog, fault, f"`{self.prog} --help` shows what it takes")


SHELLS = ("bash", "zsh", "fish")
EXAMPLES = """examples:
  isopath journey "I have an exam tomorrow and I can't stop worrying"
  isopath journey --feel sadness --goal lift --minutes 20 --save monday
  isopath search "slow warm strings" --limit 5
  isopath ingest ~/music
  eval "$(isopath completion bash)"

`isopath COMMAND --help` says what a command takes."""


def build_parser() -> CommandParser:
    """The parser of all commands, in groups, in the order of the help text; each sets `run`."""
    # Imported here, so that a failing import is reported after help, as other errors.
    from engine.cli import analyst, emotions, graph, journey, library, ontology, search, service
    from engine.cli.journeys import choices, past, plans

    about = "Music that meets a feeling and leads on from it, with the reason for every track."
    # The message for an ambiguous abbreviation would repeat its value.
    top = CommandParser(
        prog="isopath", description=about, allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", help="one of those below")
    helps: dict[str, str] = {}

    def command(name: str, run: Run, help_: str, /) -> argparse.ArgumentParser:
        helps[name] = help_
        # Without `help`, argparse lists none of them: they are listed by groups below.
        made = commands.add_parser(name, description=help_, allow_abbrev=False)
        made.set_defaults(run=run)
        return made

    listed = []
    for title, modules in (
        ("journeys", (journey, past, plans)),
        ("what can be asked for", (choices, emotions, search)),
        ("your own music", (library,)),
        ("the graph, for operators and analysts", (graph, analyst)),
        ("rules, for therapists", (ontology,)),
        ("the service and the shell", (service,)),
    ):
        known = len(helps)
        for module in modules:
            module.add_commands(command)
        if service in modules:
            completion = command(
                "completion", run_completion, "Print the lines that let a shell complete these commands."
            )
            completion.add_argument("shell", choices=SHELLS, help='bash: eval "$(isopath completion bash)"')
        listed += [f"{title}:", *(f"  {name:12}{helps[name]}" for name in list(helps)[known:]), ""]
    top.epilog = "\n".join([*listed, EXAMPLES])
    return top


def run_completion(arguments: argparse.Namespace, _: Settings) -> int:
    from argcomplete.shell_integration import shellcode

    print(shellcode(["isopath"], shell=arguments.shell))
    return 0


if __name__ == "__main__":
    sys.exit(main())
