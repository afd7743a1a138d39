"""Errors as `application/problem+json`: a stable code, the field, the fault and its repair; never what was sent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from encoders.json_text import json_text
from engine.errors import IsopathError

MEDIA_TYPE: Final = "application/problem+json"
RETRY: Final = 2
"""Seconds after which a client whose request could not be answered asks again."""

TITLES: Final[Mapping[str, tuple[int, str]]] = {
    "invalid_request": (422, "The request cannot be answered as it is"),
    "malformed": (400, "It is no HTTP request"),
    "invalid_json": (400, "The body is no JSON object that can be read"),
    "invalid_utf8": (400, "The body is not UTF-8"),
    "too_deep": (400, "The body is nested too deeply"),
    "body_too_large": (413, "The body is too large"),
    "too_slow": (408, "The body did not come in time"),
    "unsupported_media_type": (415, "The body has another media type than application/json"),
    "unauthorized": (401, "A key is needed"),
    "forbidden": (403, "The key does not open this"),
    "not_found": (404, "There is nothing of this name"),
    "journey_not_found": (404, "There is no such journey"),
    "not_acceptable": (406, "There is no such format"),
    "method_not_allowed": (405, "This cannot be done here"),
    "reading_not_kept": (409, "What was felt is not kept with this journey"),
    "version_changed": (409, "The rules changed since"),
    "idempotency_mismatch": (409, "The idempotency key was used for another request"),
    "in_progress": (409, "The same request is being answered"),
    "changed": (412, "It has changed since"),
    "range_not_satisfiable": (416, "The file has no such part"),
    "rate_limited": (429, "Too many requests"),
    "usage": (422, "The request cannot be answered as it is"),
    "no_journey": (422, "The rules that hold leave no music"),
    "ontology": (503, "The ontology cannot be used"),
    "catalogue": (503, "The catalogue cannot be used"),
    "query": (422, "The statement cannot be answered"),
    "graph_unavailable": (503, "The graph is not available"),
    "encoder_unavailable": (503, "A model is not available"),
    "timeout": (503, "It took too long"),
    "overloaded": (503, "Too many requests wait"),
    "internal": (500, "A fault of the service"),
}
"""Code -> status and title. Codes are for ever; whatever stands behind them may be worded anew."""

FIELDS: Final = {
    "TEXT": "text",
    "--context": "contexts",
    "--without": "exclude",
    "NAME|FILE|-": "query",
    "--saved": "name",
}
"""Where use cases name a place of the command line, the field that stands for it."""
_OPTION: Final = re.compile(r"--([a-z][a-z-]*)")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a request."""

    field: str | None
    """Name of the field, with dots where it is nested; None where it is the whole."""
    fault: str
    repair: str


@dataclass(slots=True)
class Problem(Exception):
    """What is answered in place of what was asked for."""

    code: str
    faults: Sequence[Fault]
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        return TITLES[self.code][0]

    def as_json(self) -> dict[str, Any]:
        status, title = TITLES[self.code]
        first = self.faults[0]
        told: dict[str, Any] = {
            "type": f"https://isopath.org/problems/{self.code}",
            "code": self.code,
            "title": title,
            "status": status,
            "detail": " ".join(_sentence(fault.fault) for fault in self.faults),
            "repair": " ".join(dict.fromkeys(_sentence(fault.repair) for fault in self.faults)),
            "field": first.field,
        }
        if len(self.faults) > 1:
            told["faults"] = [{"field": f.field, "fault": f.fault, "repair": f.repair} for f in self.faults]
        return told

    def response(self) -> Response:
        headers = dict(self.headers)
        if self.status in (503, 429, 408):
            headers.setdefault("Retry-After", str(RETRY))
        return Response(json_text(self.as_json()), self.status, headers, MEDIA_TYPE)


def problem(code: str, fault: str, repair: str, field: str | None = None, **headers: str) -> Problem:
    """A problem with one fault."""
    return Problem(
        code, [Fault(field, fault, repair)], {name.replace("_", "-"): text for name, text in headers.items()}
    )


def of_error(error: Exception) -> Problem:
    """The problem that an error of ours is; of any other only that there was one, since its message may hold words."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, IsopathError):
        code = error.code if error.code in TITLES else "internal"
        return Problem(code, [_fault(each) for each in (error, *error.others)])
    return problem("internal", "something went wrong that should not", "Send it again; its log names the request's id")


def of_validation(error: RequestValidationError, known: Mapping[str, Any]) -> Problem:
    """The problem with the faults of a body or of a query, by field; never a value that was sent, nor a name."""
    return Problem("invalid_request", [_invalid(each, known) for each in error.errors()[:20]])


def of_http(error: HTTPException) -> Problem:
    """The problem for what the framework refuses by itself: a path or a method that is none."""
    if error.status_code == 405:
        allowed = dict(error.headers or {}).get("Allow", "")
        return problem("method_not_allowed", "the method is not allowed here", f"Use {allowed or 'another method'}",
                       **({"Allow": allowed} if allowed else {}))  # fmt: skip
    if error.status_code == 416:
        return problem("range_not_satisfiable", "no byte of it lies in the range", "Ask for a range within its length")
    if error.status_code == 404:
        return problem("not_found", "no route has this path", "See /openapi.json for all of them")
    return problem("invalid_request", "it cannot be read", "See /openapi.json for what is expected")


def of_request(request: Request) -> Mapping[str, Any]:
    """Names that a request of this route may have: only those are repeated."""
    route = request.scope.get("route")
    names: dict[str, Any] = {}
    if (body := getattr(route, "body_field", None)) is not None:
        names |= getattr(body.field_info.annotation, "model_fields", {})
    dependant = getattr(route, "dependant", None)
    for group in ("query_params", "path_params", "header_params"):
        names |= {each.alias: None for each in getattr(dependant, group, ())}
    return names


def _fault(error: IsopathError) -> Fault:
    place = FIELDS.get(error.place, error.place)
    named = place.startswith("--") or error.place in FIELDS
    field_ = place.removeprefix("--").replace("-", "_") if named else None
    where = "" if named else f"{error.place}: "
    return Fault(field_, f"{where}{_in_fields(error.fault)}", _in_fields(error.repair))


def _in_fields(text: str) -> str:
    return _OPTION.sub(lambda match: f"`{FIELDS.get(match[0], match[1].replace('-', '_'))}`", text)


def _invalid(error: Mapping[str, Any], known: Mapping[str, Any]) -> Fault:
    where, *inner = [*error["loc"][1:], None] if len(error["loc"]) > 1 else [None]
    kind = error["type"]
    if kind == "extra_forbidden":
        return Fault(None, "a field is given that is not known", f"Known are: {', '.join(sorted(known))}")
    path = [str(where)] if where in known else []
    path += [str(part) for part in inner if path and isinstance(part, int)]
    fault, repair = _WORDED.get(kind, ("has a value that cannot be", "See /openapi.json for what is expected"))
    context = error.get("ctx", {})
    if kind == "value_error" and isinstance(context.get("error"), FieldError):
        return Fault(context["error"].field, context["error"].fault, context["error"].repair)
    limits = {name: str(limit) for name, limit in context.items() if isinstance(limit, int | float | str)}
    return Fault(".".join(path) or None, fault.format_map(_Limits(limits)), repair.format_map(_Limits(limits)))


class FieldError(ValueError):
    """A fault that a schema finds across fields, with its repair."""

    def __init__(self, field: str, fault: str, repair: str) -> None:
        super().__init__(fault)
        self.field, self.fault, self.repair = field, fault, repair


class _Limits(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "the limit"


_WORDED: Final = {
    "missing": ("is missing", "Give it"),
    "string_type": ("is no text", "Give a text in quotes"),
    "string_too_long": ("is too long", "Give at most {max_length} characters"),
    "string_too_short": ("is empty", "Give at least {min_length} characters"),
    "string_pattern_mismatch": ("is not written as such a thing is", "See /openapi.json for how it is written"),
    "string_unicode": ("holds characters that are none", "Send valid Unicode"),
    "int_type": ("is no whole number", "Give a number without quotes"),
    "int_parsing": ("is no whole number", "Give a number"),
    "int_from_float": ("is no whole number", "Give a number without a fraction"),
    "int_parsing_size": ("is too large", "Give a smaller number"),
    "float_type": ("is no number", "Give a number without quotes"),
    "float_parsing": ("is no number", "Give a number"),
    "finite_number": ("is no finite number", "Give a finite number"),
    "bool_type": ("is neither true nor false", "Give true or false"),
    "list_type": ("is no list", "Give a list"),
    "dict_type": ("is no object", "Give an object"),
    "model_attributes_type": ("is no object", "Give an object"),
    "too_long": ("has too many entries", "Give at most {max_length}"),
    "too_short": ("has too few entries", "Give at least {min_length}"),
    "greater_than_equal": ("is too small", "Give {ge} or more"),
    "less_than_equal": ("is too large", "Give {le} or less"),
    "literal_error": ("is none of what it may be", "Choose from: {expected}"),
    "enum": ("is none of what it may be", "Choose from: {expected}"),
}
"""Kinds of pydantic's errors in our words: its own may repeat what was sent."""


def _sentence(text: str) -> str:
    text = text.strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "!")) else f"{text}."
