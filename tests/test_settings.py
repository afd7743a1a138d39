"""What the environment says, and what it may not say."""

from pathlib import Path

import pytest

from engine.errors import UsageError
from engine.settings import CYPHER_DIR, ONTOLOGY_DIR, ROOT, SEED_DIR, Settings


def test_nothing_set_means_the_local_server_in_the_users_data_folder() -> None:
    settings = Settings.from_environment({})
    assert settings.neo4j_uri is None
    assert settings.home.name == "isopath"
    assert settings.home.is_absolute()
    assert settings.cache != settings.home


def test_every_variable_reaches_its_field(tmp_path: Path) -> None:
    font = tmp_path / "font.sf2"
    font.touch()
    settings = Settings.from_environment(
        {
            "NEO4J_URI": "neo4j+s://graph.example",
            "NEO4J_USER": "ada",
            "NEO4J_PASSWORD": "secret",
            "NEO4J_DATABASE": "music",
            "ISOPATH_HOME": str(tmp_path),
            "ISOPATH_EMOTION_MODEL": "models/emotions",
            "ISOPATH_EMBEDDING_MODEL": "models/music",
            "ISOPATH_MERT": str(tmp_path / "mert"),
            "ISOPATH_REGION": "AT",
            "ISOPATH_SOUNDFONT": str(font),
            "JAVA_HOME": "/java",
        }
    )
    assert settings == Settings(
        home=tmp_path,
        cache=settings.cache,
        neo4j_uri="neo4j+s://graph.example",
        neo4j_user="ada",
        neo4j_password="secret",
        neo4j_database="music",
        emotion_model="models/emotions",
        embedding_model="models/music",
        mert=tmp_path / "mert",
        region="AT",
        soundfont=font,
        java_home=Path("/java"),
    )


def test_an_empty_variable_counts_as_unset() -> None:
    assert Settings.from_environment({"NEO4J_URI": " ", "ISOPATH_HOME": ""}) == Settings.from_environment({})


def test_a_relative_home_does_not_move_with_the_working_folder() -> None:
    assert Settings.from_environment({"ISOPATH_HOME": "here"}).home == Path("here").absolute()


def test_a_home_below_the_users_own_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Settings.from_environment({"ISOPATH_HOME": "~/music"}).home == tmp_path / "music"


def test_passwords_are_not_shown() -> None:
    settings = Settings.from_environment({"NEO4J_URI": "bolt://h", "NEO4J_PASSWORD": "open-sesame"})
    assert "open-sesame" not in repr(settings)


@pytest.mark.parametrize(
    ("variables", "fault"),
    [
        ({"NEO4J_URI": "http://localhost:7474", "NEO4J_PASSWORD": "x"}, "does not name a Neo4j"),
        ({"NEO4J_URI": "localhost:7687", "NEO4J_PASSWORD": "x"}, "does not name a Neo4j"),
        ({"NEO4J_URI": "bolt://", "NEO4J_PASSWORD": "x"}, "does not name a Neo4j"),
        ({"NEO4J_URI": "bolt://[::1", "NEO4J_PASSWORD": "x"}, "does not name a Neo4j"),
        ({"NEO4J_URI": "bolt://me:mine@host", "NEO4J_PASSWORD": "x"}, "carries a user or a password"),
        ({"NEO4J_URI": "bolt://host"}, "NEO4J_PASSWORD is not"),
        ({"ISOPATH_HOME": str(ROOT / "pyproject.toml")}, "names a file"),
        ({"ISOPATH_SOUNDFONT": "/no/such/font.sf2"}, "names no file"),
    ],
)
def test_a_wrong_variable_is_named_with_its_repair(variables: dict[str, str], fault: str) -> None:
    with pytest.raises(UsageError) as caught:
        Settings.from_environment(variables)
    assert fault in caught.value.fault
    assert caught.value.place == "environment"
    assert caught.value.repair
    assert "mine" not in str(caught.value)


@pytest.mark.parametrize("name", ["ISOPATH_HOME", "ISOPATH_SOUNDFONT", "ISOPATH_MERT", "JAVA_HOME"])
def test_a_home_of_an_unknown_user_is_told(name: str) -> None:
    with pytest.raises(UsageError, match=f"{name} begins with ~"):
        Settings.from_environment({name: "~nobody-of-this-name/isopath"})


def test_a_name_that_no_disk_takes_is_no_file() -> None:
    assert Settings.from_environment({"ISOPATH_HOME": "x" * 5000}).home.name == "x" * 5000
    with pytest.raises(UsageError, match="ISOPATH_SOUNDFONT names no file"):
        Settings.from_environment({"ISOPATH_SOUNDFONT": "x" * 5000})


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        Settings.from_environment({"NEO4J_URI": "ftp://host", "ISOPATH_SOUNDFONT": "/no/such"})
    assert "NEO4J_URI does not" in caught.value.fault
    assert "NEO4J_PASSWORD is not" in caught.value.fault
    assert "ISOPATH_SOUNDFONT" in caught.value.fault


def test_the_data_folders_stand_in_the_repository() -> None:
    for folder in (ONTOLOGY_DIR, CYPHER_DIR, SEED_DIR):
        assert folder.is_dir(), folder
        assert folder.parent == ROOT


def test_whether_and_how_long_journeys_are_kept() -> None:
    usual, none = Settings.from_environment({}), Settings.from_environment({"ISOPATH_KEEP": "0"})
    assert (usual.keep, usual.keep_days, none.keep) == (True, None, False)
    assert Settings.from_environment({"ISOPATH_KEEP": " 1 ", "ISOPATH_KEEP_DAYS": " 30 "}).keep_days == 30
    assert Settings.from_environment({"ISOPATH_KEEP_DAYS": "0"}).keep_days == 0


def test_a_draft_serves_only_where_that_is_said() -> None:
    assert not Settings.from_environment({}).serve_draft
    assert Settings.from_environment({"ISOPATH_SERVE_DRAFT": " 1 "}).serve_draft
    with pytest.raises(UsageError, match="ISOPATH_SERVE_DRAFT is neither 0 nor 1"):
        Settings.from_environment({"ISOPATH_SERVE_DRAFT": "yes"})


@pytest.mark.parametrize("text", ["no", "2", "00", "-1"])
def test_a_word_that_may_mean_to_keep_nothing_is_not_guessed_at(text: str) -> None:
    with pytest.raises(UsageError, match="ISOPATH_KEEP is neither 0 nor 1"):
        Settings.from_environment({"ISOPATH_KEEP": text})


@pytest.mark.parametrize("text", ["a week", "-1", "1.5", "1e3", "٣", "9999999"])
def test_days_that_are_no_number_are_told_without_their_text(text: str) -> None:
    with pytest.raises(UsageError, match="ISOPATH_KEEP_DAYS is no number of days") as caught:
        Settings.from_environment({"ISOPATH_KEEP_DAYS": text})
    assert text not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "level"), [("debug", "DEBUG"), (" Info ", "INFO"), ("WARNING", "WARNING"), ("", None)]
)
def test_a_level_of_the_log_is_a_name(text: str, level: str | None) -> None:
    assert Settings.from_environment({"ISOPATH_LOG": text}).log == level


@pytest.mark.parametrize("text", ["10", "all", "loud"])
def test_a_level_that_is_none_is_told_without_its_text(text: str) -> None:
    with pytest.raises(UsageError, match="ISOPATH_LOG is no level") as caught:
        Settings.from_environment({"ISOPATH_LOG": text})
    assert text not in caught.value.fault
