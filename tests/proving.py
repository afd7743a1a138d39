"""The pytest plugin behind `make prove`: writes to tests/PROVED.md what each proof found, and when."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

PLACE = Path(__file__).parent / "PROVED.md"
HEAD = """# What `make prove` found

Written by `make prove`, not by hand; a run over some of the proofs replaces their lines alone. `make test` runs a
seeded sample of each.

| Proof | Cases | Failed | Seconds | Noted | Date |
|---|---|---|---|---|---|
"""


class Proving:
    """Counts cases, failures, seconds and noted properties by test function."""

    def __init__(self) -> None:
        self.reports: dict[str, list[pytest.TestReport]] = defaultdict(list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.failed:
            self.reports[report.nodeid.partition("[")[0]].append(report)

    def pytest_sessionfinish(self) -> None:
        lines = {}
        if PLACE.exists():
            for line in PLACE.read_text("utf-8").splitlines():
                if line.startswith("| tests/"):
                    lines[line.split(" | ")[0].removeprefix("| ")] = line
        for proof, reports in self.reports.items():
            noted = "; ".join(
                dict.fromkeys(f"{name}: {value}" for each in reports for name, value in each.user_properties)
            )
            failed = sum(each.failed for each in reports)
            seconds = sum(each.duration for each in reports)
            lines[proof] = (
                f"| {proof} | {len(reports)} | {failed} | {seconds:.0f} | {noted} | {date.today().isoformat()} |"
            )
        PLACE.write_text(HEAD + "".join(f"{lines[proof]}\n" for proof in sorted(lines)), "utf-8")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Proving())
