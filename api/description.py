"""The description of the service (OpenAPI): what each route takes and gives, every refusal, and examples that run."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.problems import MEDIA_TYPE, TITLES
from api.schemas import ProblemDetails

ABOUT: Final = """Music that meets a feeling and leads on from it, with the reason for every track.

It is no crisis service and no treatment. Words that speak of a crisis are answered with help (`outcome` is `support`,
200) by every route that takes words, whatever else is wrong with the request. Words are stored nowhere."""

_REFUSED: Final = {"4XX": "The request cannot be answered as it is.", "5XX": "The service cannot answer now."}


def described(app: FastAPI) -> dict[str, Any]:
    """The description, made once. Refusals are problems, not what the framework would answer by itself."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        schemas = made["components"]["schemas"]
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        schemas["ProblemDetails"] = ProblemDetails.model_json_schema()
        schemas["ProblemDetails"]["properties"]["code"]["enum"] = sorted(TITLES)
        problem = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
        for operations in made["paths"].values():
            for operation in operations.values():
                operation["responses"].pop("422", None)
                for status, text in _REFUSED.items():
                    operation["responses"][status] = {"description": text, "content": problem}
        app.openapi_schema = made
    return app.openapi_schema
