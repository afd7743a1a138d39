"""How tests are spread over processes: files that use the same server stay together, others go one by one."""

from xdist.scheduler import LoadFileScheduling

SERVED = frozenset(
    {
        "api/test_asking.py",
        "api/test_description.py",
        "api/test_feedback.py",
        "api/test_fuzzing.py",
        "api/test_hostile_statements.py",
        "api/test_journeys.py",
        "api/test_listening.py",
        "api/test_privacy.py",
        "api/test_recovery.py",
        "authoring/test_explaining.py",
        "authoring/test_publishing.py",
        "authoring/test_trying.py",
        "authoring/test_what_if.py",
        "cli/test_analyst.py",
        "cli/test_cli.py",
        "explaining/test_sentences.py",
        "graph/test_queries.py",
        "graph/test_questions.py",
        "graph/test_statement.py",
        "order/test_layout.py",
        "reasoning/test_asking.py",
        "reasoning/test_clinical_journeys.py",
        "reasoning/test_holding.py",
        "reasoning/test_influence.py",
        "reasoning/test_journey.py",
        "reasoning/test_policies.py",
        "reasoning/test_search.py",
        "store/test_dictionary.py",
        "store/test_search_index.py",
        "store/test_shipped.py",
        "use_cases/test_backup.py",
        "use_cases/test_earlier_journeys.py",
        "use_cases/test_plan_logs.py",
        "use_cases/test_plans.py",
    }
)
"""Files whose tests use what is shipped."""

WRITTEN_INTO = frozenset(
    {
        "graph/test_checks.py",
        "graph/test_graph.py",
        "ingest/test_ingest.py",
        "ingest/test_ingest_again.py",
        "ingest/test_ingest_forgetting.py",
        "ingest/test_ingest_pool.py",
        "ingest/test_ingest_real_files.py",
        "server/test_closed.py",
        "store/test_keeping.py",
        "store/test_load.py",
    }
)
"""Files whose tests write into the other server."""

FIXTURES = {"served": SERVED, "connection": WRITTEN_INTO}
"""The fixture that starts a server -> the files whose tests use it; tests/test_spreading.py holds this."""
SERVERS = {f"tests/{file}": fixture for fixture, files in FIXTURES.items() for file in files}


class ByServer(LoadFileScheduling):
    """A server that has answered the same before answers ten times as fast; its start alone takes ten seconds.

    A file that uses a server and is not named above would start one more in the process that runs it.
    """

    one_for_all = False
    """Whether both servers are the same, which somebody named."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "server" if self.one_for_all and file in SERVERS else SERVERS.get(file, file)
