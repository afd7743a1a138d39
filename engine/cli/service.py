"""`isopath serve`, `isopath key`: runs the service, and manages its keys."""

from __future__ import annotations

import argparse

from encoders.json_text import json_text
from engine.cli.terminal import AddCommand, note, split_list
from engine.settings import Settings


def add_commands(command: AddCommand) -> None:
    serve = command("serve", run_serve, "Answer requests over HTTP (api/README.md) until it is stopped.")
    serve.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="127.0.0.1: this machine alone")
    serve.add_argument("--port", type=int, default=8321, metavar="N", help="8321 by default")
    serve.add_argument("--workers", type=int, default=1, metavar="N", help="processes that answer; 1 by default")
    key = command("key", run_key, "Make, revoke or list the keys that open the service.")
    key.add_argument("action", choices=("create", "revoke", "list"))
    key.add_argument("name", nargs="?", metavar="NAME|ID", help="whose key it is; the id or the name of one to revoke")
    scopes = "journeys (taken when none is named), feedback, query, rules"
    key.add_argument("--scope", type=split_list, default=("journeys",), metavar="A,B", help=scopes)
    key.add_argument("--rate", type=int, default=None, metavar="N", help="requests a minute; 600 by default")
    key.add_argument("--json", action="store_true", help="print a JSON object a key")


def run_serve(arguments: argparse.Namespace, settings: Settings) -> int:
    # The only import of the service, and a lazy one.
    from api.serving import Address, serve

    serve(settings, Address(arguments.host, arguments.port, arguments.workers))
    return 0


def run_key(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.keys import RATE, create_key, list_keys, revoke_key

    if arguments.action == "create":
        key, shown = create_key(settings.home, arguments.name or "", arguments.scope, arguments.rate or RATE)
        note(f"{key.name} ({key.id}) opens {', '.join(key.scopes)}. The key is shown this once; only its hash is kept:")
        print(json_text({"id": key.id, "key": shown, "scopes": key.scopes}) if arguments.json else shown)
        return 0
    if arguments.action == "revoke":
        key = revoke_key(settings.home, arguments.name or "")
        note(f"{key.name} ({key.id}) opens nothing any more")
        return 0
    for key in list_keys(settings.home):
        fields = {"id": key.id, "name": key.name, "scopes": key.scopes, "rate": key.rate, "created": key.created}
        print(
            json_text(fields)
            if arguments.json
            else f"{key.id}  {key.name}  {','.join(key.scopes)}  {key.rate}/min  {key.created}"
        )
    return 0
