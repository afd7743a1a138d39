"""`isopath completion`: what a shell needs to complete commands and options; argcomplete speaks with the shell."""

from __future__ import annotations

import argparse

from engine.cli.speaking import Adding
from engine.settings import Settings

SHELLS = ("bash", "zsh", "fish")


def add(command: Adding) -> None:
    completion = command("completion", run_completion, "Print the lines that let a shell complete these commands.")
    completion.add_argument("shell", choices=SHELLS, help='bash: eval "$(isopath completion bash)"')


def run_completion(arguments: argparse.Namespace, _: Settings) -> int:
    import argcomplete

    print(argcomplete.shellcode(["isopath"], shell=arguments.shell))
    return 0


def complete(parser: argparse.ArgumentParser) -> None:
    """Answers a shell that asks how a line may go on, and ends the process."""
    import argcomplete

    argcomplete.autocomplete(parser)
