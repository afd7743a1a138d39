"""`isopath plan`: what counts in every journey of one listener."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from encoders.json_text import json_text
from engine.cli.terminal import AddCommand, Run, note, split_list
from engine.errors import UsageError
from engine.settings import Settings

if TYPE_CHECKING:
    from engine.plans.plan import Limit, Plan


def add_commands(command: AddCommand) -> None:
    plan = command("plan", run_without_action, "Write down what counts in every journey of one listener.")
    actions = plan.add_subparsers(dest="action", required=True, metavar="ACTION")

    def add_action(name: str, run: Run, help_: str) -> argparse.ArgumentParser:
        made = actions.add_parser(name, help=help_, description=help_, allow_abbrev=False)
        made.add_argument("listener", metavar="ID", help="your pseudonym for the listener, as for --listener")
        made.set_defaults(run=run)
        return made

    new = add_action("new", run_new, "Make a plan; whatever is not given here can be written into its file.")
    new.add_argument("--by", required=True, metavar="NAME", help="who answers for it")
    new.add_argument("--why", required=True, metavar="TEXT", help="the reason, in a sentence")
    new.add_argument("--context", type=split_list, default=(), metavar="A,B", help="diagnoses and contraindications:"
                     " ids of `isopath contexts`")  # fmt: skip
    new.add_argument("--carer", action="store_true", help="somebody who knows the listener is always there")
    new.add_argument("--like", metavar="TEXT", help="words for the sound, where a request says none")
    for name, help_ in (("title", "a whole title"), ("word", "a word that no title may have"),
                        ("composer", "a name, or a part of it"), ("trait", "a trait by its id")):  # fmt: skip
        new.add_argument(f"--{name}", action="append", default=[], metavar="TEXT", help=f"left out: {help_}")
    new.add_argument("--limit", action="append", default=[], metavar="CUE=LOW:HIGH", help="no track outside, such as"
                     " tempo=:100")  # fmt: skip
    show = add_action("show", run_show, "Say what a plan says, and where its files are.")
    show.add_argument("--json", action="store_true", help="print it as one JSON object")
    check = add_action("check", run_check, "Everything that is wrong with a plan, checked together with all rules.")
    check.add_argument("--quick", action="store_true", help="without HermiT, the reasoner")
    add_action("rule", run_rule, "Ask for a rule of the listener's own, and write all its parts together.")
    add_action("forget", run_forget, "Delete a plan; `isopath forget --listener ID` erases all of a listener.")


def run_without_action(_: argparse.Namespace, __: Settings) -> int:
    raise AssertionError("the parser asks for an action")


def run_new(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.plans.plan import PLACE, Plan
    from engine.use_cases.journeys.plans import make_plan

    plan = Plan(
        arguments.by,
        arguments.why,
        date.today(),
        arguments.context,
        arguments.carer,
        arguments.like,
        tuple(arguments.title),
        tuple(arguments.word),
        tuple(arguments.composer),
        tuple(arguments.trait),
        tuple(map(read_limit, arguments.limit)),
    )
    folder = make_plan(settings, arguments.listener, plan)
    print(folder / PLACE)
    note("Edit it there, or add a rule: isopath plan rule ID. Then: isopath plan check ID")
    return 0


def read_limit(text: str) -> Limit:
    """`tempo=50:100` as a limit; UsageError for anything else."""
    from engine.plans.plan import Limit

    try:
        cue, sides = text.split("=")
        low, high = (float(side) if side.strip() else None for side in sides.split(":"))
    except ValueError:
        raise UsageError("--limit", "is no limit", "Write CUE=LOW:HIGH, such as tempo=50:100 or tempo=:100") from None
    return Limit(cue.strip(), low, high)


def run_show(arguments: argparse.Namespace, settings: Settings) -> int:
    from dataclasses import asdict

    from engine.use_cases.journeys.plans import show_plan

    shown = show_plan(settings, arguments.listener)
    if arguments.json:
        said = asdict(shown.plan) | {"on": shown.plan.on.isoformat()}
        print(json_text(said | {"folder": str(shown.folder), "has_rules": shown.has_rules}))
        return 0
    print(*describe(shown.plan), sep="\n")
    print("It has rules of its own." if shown.has_rules else "It has no rules of its own.")
    note(f"Its files are in {shown.folder}")
    return 0


def describe(plan: Plan) -> Iterator[str]:
    """A plan in sentences."""
    yield f"{plan.by} answers for it since {plan.on.isoformat()}: {plan.why}"
    for what, ids in (
        ("Always declared", plan.contexts),
        ("Titles left out", plan.titles),
        ("Words that no title may have", plan.words),
        ("Composers left out", plan.composers),
        ("Traits left out", plan.traits),
    ):
        if ids:
            yield f"{what}: {', '.join(ids)}"
    yield "A carer is always there." if plan.carer else "Nobody says that a carer is there."
    if plan.like:
        yield f"Sound, where a request says nothing: {plan.like}"
    for limit in plan.limits:
        sides = [f"{said} {value:g}" for said, value in (("from", limit.low), ("to", limit.high)) if value is not None]
        yield f"No track outside: {limit.cue} {' '.join(sides)}"


def run_check(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.cli.ontology import format_finding
    from engine.use_cases.journeys.plans import check_plan

    checked = check_plan(settings, arguments.listener, note, not arguments.quick)
    for finding in checked.findings:
        print(format_finding(finding))
    for id_, definition in checked.rules.items():
        print(f"{id_}: {definition}")
    print(f"It leaves out {checked.left_out:,} of {checked.tracks:,} tracks by title or composer.")
    note(f"{checked.errors} errors, {len(checked.findings) - checked.errors} notices")
    return 2 if checked.errors else 0


def run_rule(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.cli.authoring.new_rule import write_new_rule
    from engine.rules import Ontology
    from engine.use_cases.journeys.plans import open_rules

    with open_rules(settings, arguments.listener) as (folder, topic, by):
        rule = write_new_rule(settings, Ontology.read(folder), topic, by)
    if rule is not None:
        print(f"{rule.id} is a rule of this plan, and {by} answers for its numbers. Next: isopath plan check ID")
    return 0


def run_forget(arguments: argparse.Namespace, settings: Settings) -> int:
    from engine.use_cases.journeys.plans import forget_plan

    print("the plan is deleted" if forget_plan(settings, arguments.listener) else "there was no plan")
    return 0
