"""Bodies of requests, checked. What is not listed here is refused; what is listed says its range.

Answers are the objects of the contract, as the use cases give them (`engine/journey.py`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.problems import FieldError
from engine.journey import LONGEST_TEXT, MOST_EXCLUDED
from engine.use_cases.search import MOST_FOUND

Id = Annotated[str, Field(max_length=160, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$")]
"""Of a goal, an emotion, a context, a choice or a track."""
Answers = Annotated[str, Field(max_length=800, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*(,[A-Za-z0-9][A-Za-z0-9._:-]*)*$")]
"""Of choices."""
Uuid = Annotated[str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
Score = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Body(BaseModel):
    """A body: JSON types as they are, no field that is not known, and no value in any message."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class JourneyRequest(Body):
    """What a journey is asked for with: a text, or scores, or chosen feelings."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"text": "I have an exam tomorrow and I can't stop worrying", "goal": "calm", "minutes": 20, "seed": 7},
                {"feel": ["sadness"], "goal": "comfort", "like": "rain, solo piano"},
                {"scores": {"nervousness": 0.8, "fear": 0.3}, "goal": "sleep", "contexts": ["child"]},
                {"text": "The bus leaves at nine from the main square.", "seed": 3, "answer": "joy"},
            ]
        }
    )

    text: Text | None = Field(None, description="How the person feels, in their own words. Stored nowhere.")
    scores: dict[Id, Score] | None = Field(
        None, max_length=28, description="Emotion id -> probability, of a caller that read the feeling itself."
    )
    feel: list[Id] | None = Field(None, min_length=1, max_length=28, description="Emotions the person chose.")
    goal: Id | None = Field(None, description="An id of `GET /v1/goals`; calm when none is named.")
    minutes: float | None = Field(None, ge=5, le=120, allow_inf_nan=False)
    seed: int | None = Field(None, ge=0, lt=2**32, description="The same seed gives the same journey.")
    contexts: list[Id] = Field([], max_length=40, description="Ids of `GET /v1/contexts` that hold.")
    like: Text | None = Field(None, description="Words for the sound. Stored nowhere.")
    exclude: list[Id] = Field([], max_length=MOST_EXCLUDED, description="Ids of tracks that are not to be played.")
    answer: Answers | None = Field(
        None,
        description="Id of a choice of the question that was asked before; after several questions, the ids of all"
        " choices with commas between, such as `safety-no,joy`.",
    )
    listener: Id | None = Field(
        None,
        description="Your pseudonym for the person: their last journeys and vetoes count. Kept as a keyed hash.",
    )
    repeat: bool = Field(False, description="Tracks of the listener's last journeys may come again.")
    keep_reading: bool = Field(False, description="Keep what was felt, and the rules, with the journey.")

    @model_validator(mode="after")
    def names_one_feeling(self) -> Self:
        if self.text is not None and self.scores is not None:
            raise FieldError("scores", "text and scores are two readings of one feeling", "Give one of the two")
        if self.text is None and self.scores is None and self.feel is None:
            raise FieldError("text", "none of text, scores and feel says what is felt", "Give one of them")
        return self


Mood = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]


class StepFeedback(Body):
    """What is said of one track."""

    position: int = Field(ge=1, le=1_000)
    verdict: Literal["keep", "skip", "never"] = Field(description="`never`: this listener does not want it again.")


class FeedbackRequest(Body):
    """How a journey was, or is so far."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"before": 3, "after": 6, "steps": [{"position": 2, "verdict": "skip"}]}]}
    )

    before: Mood | None = Field(None, description="Mood before it, 0 worst .. 10 best.")
    after: Mood | None = Field(None, description="Mood after it, or now.")
    steps: list[StepFeedback] = Field([], max_length=200)
    stopped: bool = False


class ReplanRequest(Body):
    """From which step on a journey is planned anew."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"position": 3, "signals": ["worse"]}]})

    position: int = Field(ge=1, le=1_000, description="The first step that may change.")
    signals: list[Literal["worse", "stopped", "skipped-twice"]] = Field([], max_length=3)
    exclude: list[Id] = Field([], max_length=MOST_EXCLUDED)


class FeedbackAnswer(BaseModel):
    """What became of feedback."""

    signals: list[str] = Field(description="Signals of the ontology that it raised.")
    kept: bool = Field(description="It is kept with the journey.")
    vetoed: int = Field(description="Tracks that the listener is not played again.")


class TextRequest(Body):
    """Words to be read."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "I am so happy today"}]})

    text: Text = Field(description="Stored nowhere.")


class SearchRequest(Body):
    """Words for a sound."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "slow warm strings, like rain", "limit": 5}]})

    text: Text = Field(description="Such as 'slow warm strings'. Stored nowhere.")
    limit: int = Field(10, ge=1, le=MOST_FOUND)


QuestionName = Annotated[str, Field(max_length=80, pattern=r"^([a-z][a-z0-9_]*/)?[a-z][a-z0-9_]*$")]
"""Of a saved question, with the folder of its file or without."""


class QueryRequest(Body):
    """An analyst's question: a statement that only reads, or the name of a saved one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"query": "RETURN 6 * 7 AS answer"},
                {"name": "rules_by_stage", "limit": 10},
            ]
        }
    )

    query: str | None = Field(None, max_length=20_000)
    name: QuestionName | None = Field(None, description="A saved question: `GET /v1/questions` lists them.")
    params: dict[str, Any] = Field({}, max_length=50, description="A saved question's have defaults.")
    limit: int = Field(1_000, ge=1, le=10_000)

    @model_validator(mode="after")
    def asks_one_thing(self) -> Self:
        if (self.query is None) == (self.name is None):
            raise FieldError("query", "either query or name says what is asked", "Give exactly one of the two")
        return self


class ProblemDetails(BaseModel):
    """What is answered in place of what was asked for (`application/problem+json`)."""

    type: str
    code: str = Field(description="Stable; api/README.md lists them all.")
    title: str
    status: int
    detail: str
    repair: str
    field: str | None
    faults: list[dict[str, str | None]] | None = None


class Journey(BaseModel):
    """A journey, a question, withheld or support, told apart by `outcome`. Fields that are not listed may come."""

    model_config = ConfigDict(extra="allow")

    outcome: Literal["journey", "question", "withheld", "support"]
    id: str
    seed: int
    goal: str
    language: str | None = Field(
        None, description="In which it speaks: English or Chinese; a question also in other languages."
    )
    notices: list[dict[str, Any]]
    reading: dict[str, Any] | None
    opening: str | None = Field(None, description="What was understood and what the journey will do, to be corrected.")
    rules: list[dict[str, Any]] | None = None
    stages: list[dict[str, Any]] | None = Field(
        None,
        description="Each step has `because`, one plain sentence; `moved`, by cue what changed from the track before"
        " ({before, now}); and `met`, by cue what was asked ({asked, low, high}), what is heard, and if that is met.",
    )
    quality: dict[str, float | None] | None = None
    gate: Literal["asked"] | None = Field(None, description="With the question of kind `safety`.")
    question: dict[str, Any] | None = Field(
        None,
        description="`kind` is feeling, rule or safety; `safety` has `lines`, people to call, and comes before all but"
        " support: yes and I don't know are answered with support.",
    )
    withheld: dict[str, Any] | None = None
    support: dict[str, Any] | None = None
    provenance: dict[str, Any]


class EmotionsAnswer(BaseModel):
    """What was read of words, with a question where it is not clear; or support."""

    model_config = ConfigDict(extra="allow")

    outcome: Literal["reading", "question", "support"]
    reading: dict[str, Any] | None
    question: dict[str, Any] | None = None
    support: dict[str, Any] | None = None


class SearchAnswer(BaseModel):
    """Tracks, likest first; or support."""

    model_config = ConfigDict(extra="allow")

    outcome: Literal["tracks", "support"]
    tracks: list[dict[str, Any]] | None = None
    support: dict[str, Any] | None = None


class TableAnswer(BaseModel):
    """Rows of a question."""

    columns: list[str]
    rows: list[dict[str, Any]]
    truncated: bool = Field(description="There were more rows than these.")


class QuestionAnswer(BaseModel):
    """A saved question."""

    model_config = ConfigDict(extra="allow")

    name: str
    title: str
    answers: str
    chart: dict[str, str] = Field(description="`kind`, and the column of each axis.")
    params: list[dict[str, Any]]
    columns: list[dict[str, str]]
    example: dict[str, Any] = Field(description="A body for `POST /v1/query`.")


class Page(BaseModel):
    """A page of a list, and where the next begins."""

    items: list[dict[str, Any]]
    next: str | None = Field(description="Give it as `cursor` for the next page; null at the end.")
