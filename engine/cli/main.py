"""The command line: arguments in, one answer out, and an exit code that says which kind."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import NoReturn

from encoders.json_text import json_text
from engine.cli.helping import help_despite
from engine.cli.logs import log_to_stderr
from engine.cli.speaking import Run
from engine.errors import IsopathError, UsageError
from engine.settings import Settings, is_completing

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
    speak_utf8()
    try:
        if is_completing():
            import argcomplete

            argcomplete.autocomplete(parser())
        parser().parse_args(given, arguments)
        settings = Settings.from_environment()
        with log_to_stderr(settings.log):
            return int(arguments.run(arguments, settings))
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 0
    except UsageAskedFor as asked:
        if (helped := help_despite(None, given, arguments.heard)) is not None:
            return helped
        print(asked, end="")
        return 0
    except Exception as error:
        if (helped := help_despite(error, given, arguments.heard)) is not None:
            return helped
        if isinstance(error, IsopathError):
            return told(error, "--json" in given)
        raise


def speak_utf8() -> None:
    """Prints in UTF-8 where the locale's own encoding lacks the signs: help in Chinese is no place for an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            try:
                "助♯█".encode(stream.encoding)
            except (LookupError, UnicodeEncodeError):
                stream.reconfigure(encoding="utf-8")


def told(error: IsopathError, as_json: bool) -> int:
    if as_json:
        print(json_text({"outcome": "error", "code": error.code, "message": error.message, "repair": error.repairs}))
    else:
        print(f"isopath: {error}", file=sys.stderr)
    return error.exit_code


class UsageAskedFor(Exception):
    """`--help`: how a command is used. Words beside it are read first."""


class Parser(argparse.ArgumentParser):
    """Tells what is wrong as every other error is told, and repeats no value: it may be somebody's words."""

    def print_help(self, _: object = None) -> NoReturn:
        raise UsageAskedFor(self.format_help())

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


def parser() -> Parser:
    """Every command with its arguments, in the order in which the help text shows them; each sets `run`."""
    # Not at the top: what a command cannot import is a fault like others, and stands before no help.
    from engine.cli import asking, emotions, graph, journey, library, ontology, search, service
    from engine.cli.journeys import choices, past

    about = "Music that meets a feeling and leads on from it, with the reason for every track."
    # An abbreviation that is ambiguous would be told with the words behind it.
    top = Parser(
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
        ("journeys", (journey, past)),
        ("what can be asked for", (choices, emotions, search)),
        ("your own music", (library,)),
        ("the graph, for operators and analysts", (graph, asking)),
        ("rules, for therapists", (ontology,)),
        ("the service and the shell", (service,)),
    ):
        known = len(helps)
        for module in modules:
            module.add(command)
        if service in modules:
            completion = command(
                "completion", run_completion, "Print the lines that let a shell complete these commands."
            )
            completion.add_argument("shell", choices=SHELLS, help='bash: eval "$(isopath completion bash)"')
        listed += [f"{title}:", *(f"  {name:12}{helps[name]}" for name in list(helps)[known:]), ""]
    top.epilog = "\n".join([*listed, EXAMPLES])
    return top


def run_completion(arguments: argparse.Namespace, _: Settings) -> int:
    import argcomplete

    print(argcomplete.shellcode(["isopath"], shell=arguments.shell))
    return 0


if __name__ == "__main__":
    sys.exit(main())
