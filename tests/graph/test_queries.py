"""Every query keeps the promise in its first lines, and is in the index."""

import ast
import re
from datetime import datetime
from pathlib import Path

import pytest

from engine.errors import QueryError
from engine.graph import Graph
from engine.queries import Promise, Queries, Query, find_params
from engine.reasoning.waypoints import SEARCHABLE
from engine.settings import CYPHER_DIR
from engine.store.catalogue import CUES
from engine.store.search_index import find_searchable_properties
from tests.helpers.fakes import broken_promises
from tests.helpers.shipped import shipped_ontology

QUERIES = Queries.load(CYPHER_DIR)
SOUND = """CYPHER 25
// Rules of a tier. One row per rule.
//
// param   tier  STRING
// column  id    STRING NOT NULL  of the rule
MATCH (rule:Rule {tier: $tier})
RETURN rule.id AS id
"""
FOLDERS = {name.partition("/")[0] for name in QUERIES}
PLANNED_KINDS = {"schema": {"s"}, "analytics": {"r"}, "questions": {"r"}, "checks": {"r"}}
"""What the statements of a folder may do; load and journey read and write, and the planner reads by `Graph.rows`."""


@pytest.mark.graph
@pytest.mark.parametrize("query", QUERIES.values(), ids=lambda query: query.name)
def test_columns_are_those_promised_and_a_folder_does_what_it_is_for(query: Query, shipped_graph: Graph) -> None:
    plan = shipped_graph.plan_statement(query.text, query.name)
    assert plan.columns == tuple(column.name for column in query.columns)
    assert plan.kind in PLANNED_KINDS.get(query.name.partition("/")[0], {"r", "rw", "w", "s"})


@pytest.mark.parametrize("query", QUERIES.values(), ids=lambda query: query.name)
def test_no_rows_means_no_columns(query: Query) -> None:
    assert (query.grain.startswith("No rows")) == (not query.columns)


def test_the_index_tells_of_every_query_in_its_own_words() -> None:
    told = dict(
        re.findall(r"^\| \[(.+?)\]\(.+?\.cypher\) \| (.+) \|$", (CYPHER_DIR / "README.md").read_text(), re.MULTILINE)
    )
    expected = {name: f"{query.summary} {query.grain}".replace("|", "\\|") for name, query in QUERIES.items()}
    lines = [f"| [{name}]({name}.cypher) | {text} |" for name, text in expected.items() if told.get(name) != text]
    assert told == expected, "cypher/README.md should say:\n" + "\n".join(lines)


def test_every_query_that_code_asks_by_its_name_is_there() -> None:
    """By the first argument of `rows(…)`, `read(…)` and the like; also by a method that only few requests reach."""
    root = CYPHER_DIR.parent
    asked = {
        call.args[0].value
        for room in ("engine", "api")
        for path in (root / room).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant)
        if isinstance(call.args[0].value, str) and call.args[0].value.partition("/")[0] in FOLDERS
    }
    asked = {name for name in asked if name.partition("/")[2]}
    assert len(asked) > 30
    assert asked <= set(QUERIES)


def test_the_closed_list_of_cues_is_the_same_everywhere() -> None:
    cues = {cue.id for cue in shipped_ontology().of("Cue")}
    assert cues == {*CUES, "valence", "arousal"}
    for name in ("embedding", "profile"):
        index = find_searchable_properties(QUERIES[f"load/create_track_{name}"])
        assert set(index) == cues | {"seconds"}
        assert len(index) == len(set(index))
    assert set(index) == set(SEARCHABLE)


def test_every_setting_that_a_query_asks_for_is_in_the_ontology() -> None:
    """A query that misses one has no rows, and nothing says why."""
    known = {setting.id for setting in shipped_ontology().of("Setting")}
    asked = {id_ for query in QUERIES.values() for id_ in re.findall(r":Setting \{id: '([^']+)'", query.text)}
    assert "weigh-like" in asked
    assert asked <= known


@pytest.mark.parametrize("name", ["journey/candidates", "journey/candidates_exact"])
def test_a_search_tests_every_property_that_the_index_can(name: str) -> None:
    index = find_searchable_properties(QUERIES["load/create_track_profile"])
    tests = {operator: set(re.findall(rf"\bt\.(\w+) {operator} ", QUERIES[name].text)) for operator in (">=", "<=")}
    assert tests["<="] == tests[">="] == set(index)


def test_a_sound_query_is_read() -> None:
    query = Query.read("analytics/rules", SOUND)
    assert (query.summary, query.grain) == ("Rules of a tier.", "One row per rule.")
    assert query.params == (Promise("tier", "STRING", ""),)
    assert query.columns == (Promise("id", "STRING NOT NULL", "of the rule"),)
    assert query.text == SOUND


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("CYPHER 25\n", "", "its first line is not 'CYPHER 25'"),
        (" One row per rule.", "", "says no summary with a grain"),
        ("Rules of a tier. ", "", "says no summary with a grain"),
        ("// param   tier  STRING\n", "", "uses $tier without promising it"),
        ("{tier: $tier}", "", "promises param 'tier' and never uses it"),
        ("STRING NOT", "TEXT NOT", "cannot read the promise 'column  id    TEXT NOT NULL  of the rule'"),
        ("// param   tier", "// param   tier  STRING\n// param   tier", "promises 'tier' twice"),
        ("MATCH (rule:Rule {tier: $tier})\nRETURN rule.id AS id\n", "", "holds no statement"),
        ("Rules of a tier", "Problem: none. Repair: none", "a check, and nothing else, opens with Problem and Repair"),
    ],
)
def test_a_broken_promise_is_told(before: str, after: str, fault: str) -> None:
    assert before in SOUND
    with pytest.raises(QueryError, match=re.escape(fault)) as caught:
        Query.read("analytics/rules", SOUND.replace(before, after, 1))
    assert "cypher/analytics/rules.cypher" in str(caught.value)


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "one.cypher").write_text(SOUND.replace("CYPHER 25\n", "").replace("{tier: $tier}", ""))
    (tmp_path / "two.cypher").write_bytes(b"CYPHER 25\n// \xff")
    with pytest.raises(QueryError) as caught:
        Queries.load(tmp_path)
    assert len(str(caught.value).splitlines()) == 3
    assert "cypher/two.cypher: is not UTF-8" in str(caught.value)


def test_a_folder_without_queries_is_an_error_and_so_is_an_unknown_name(tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="holds no query"):
        Queries.load(tmp_path)
    with pytest.raises(QueryError, match=r"cypher/journey/none\.cypher: is not there"):
        QUERIES["journey/none"]


def test_a_dollar_in_a_comment_a_string_or_a_name_is_no_param() -> None:
    text = "MATCH (n {a: $yes, b: '$no \\' $no', c: \"$no\"}) // $no\n/* $no */ RETURN n.`$no`, $also[0]"
    assert find_params(text) == {"yes", "also"}


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        ("STRING", "a", 1),
        ("INTEGER", 1, 1.0),
        ("INTEGER", 1, True),
        ("FLOAT", 1.0, 1),
        ("BOOLEAN", True, 1),
        ("MAP", {"a": 1}, [1]),
        ("LIST<STRING>", ["a"], ["a", 1]),
        ("LIST<LIST<FLOAT>>", [[1.0]], [1.0]),
        ("LIST<MAP>", [{}], {}),
        ("ZONED DATETIME", datetime.now().astimezone(), "2026-01-01"),
        ("STRING NOT NULL", "a", None),
    ],
)
def test_a_value_of_another_type_breaks_a_promise(type_: str, good: object, bad: object) -> None:
    query = Query.read("analytics/rules", SOUND.replace("STRING NOT NULL", type_))
    assert not broken_promises(query, [{"id": good}])
    assert broken_promises(query, [{"id": good}, {"id": bad}])
    assert broken_promises(query, [{"other": good}])
