"""Every error as an RFC 9457 problem document, in one place.

`code` is stable and for programs, `detail` is the 中文 sentence that says what happened and what to do next, `facts`
are the values in it. An unexpected error shows an id for the log, never its text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, ClassVar, Protocol

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, JsonValue
from pydantic_core import to_jsonable_python
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from domain.errors import (
    Conflict,
    DomainError,
    NotFound,
    NotSignedIn,
    PermissionDenied,
    RuleViolation,
    TooLarge,
    TooManyRequests,
    Unavailable,
)
from domain.messages import field_message, fields_shown, message_of
from services.database_errors import DATABASE_ERRORS, refusal_of

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:dudao:"
API_PATH = "/api/"

STATUS: dict[type[DomainError], int] = {
    NotFound: 404,
    NotSignedIn: 401,
    PermissionDenied: 403,
    Conflict: 409,
    RuleViolation: 422,
    TooLarge: 413,
    TooManyRequests: 429,
    Unavailable: 503,
}
RETRY_AFTER_UNAVAILABLE = 5
"""Seconds after which the database is usually back."""
_CODE_OF_STATUS = {401: "not_signed_in", 404: "route_not_found", 405: "method_not_allowed", 413: "too_large"}

_EXAMPLE_FACTS: dict[str, JsonValue] = {"seen": 3, "current": 4}

_log = structlog.get_logger()


class FieldProblem(BaseModel):
    """What is wrong with one part of the request: where it stands, and the sentence for it."""

    field: str
    code: str
    detail: str


class Problem(BaseModel):
    """An RFC 9457 problem document."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str
    request_id: str | None = None
    facts: dict[str, Any] = {}
    errors: list[FieldProblem] | None = None

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "urn:dudao:stale_version",
                "title": "Conflict",
                "status": 409,
                "detail": message_of("stale_version", _EXAMPLE_FACTS),
                "code": "stale_version",
                "instance": "/api/v1/work-items/5f0c0e8e-2f59-4d9c-9a43-6f0b3a6f4f11/complete",
                "request_id": "0f7a1c52b7f44c43",
                "facts": _EXAMPLE_FACTS,
            }
        }
    )


_DESCRIPTIONS = {
    400: "The request cannot be read.",
    401: "Nobody is signed in, or the session or token has ended.",
    403: "The actor sees the object and may not do this, or the CSRF token is missing.",
    404: "There is no such object, or the actor may not know that there is.",
    405: "The address does not support this method.",
    409: "Something changed since the actor looked; `code` says what.",
    413: "The request carries more than the limit.",
    422: "The request contradicts a rule or its schema; `errors` lists fields.",
    429: "Asked faster than the limit; see Retry-After.",
    500: "An unexpected error; `facts.error_id` finds it in the log.",
    503: "A part of the system does not answer now; see Retry-After.",
}


def declared(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses of problems with these statuses, for a router's `responses`."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _DESCRIPTIONS[status], "content": content} for status in sorted(statuses)}


PROBLEMS = declared(400, 401, 403, 404, 409, 413, 422, 429, 500, 503)
"""What any route that works for a signed-in actor may answer; every router declares it."""


class ProblemResponse(Response):
    """A problem document on the wire."""

    media_type: ClassVar[str] = MEDIA_TYPE  # type: ignore[misc]

    def render(self, content: Any) -> bytes:
        """The document as JSON; what JSON does not know becomes text."""
        return orjson.dumps(content, default=str, option=orjson.OPT_NON_STR_KEYS)


def status_of(error: DomainError) -> int:
    """The HTTP status for an error of the rules; 500 for one that no request can cause."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An answer that is not what was asked for, before it is put into words for a program or a person."""

    status: int
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)
    errors: Sequence[FieldProblem] | None = None
    request_id: str | None = None


class ErrorPages(Protocol):
    """Words a refusal for a person; in `app.state.error_pages` where the application has pages."""

    def __call__(self, scope: Scope, refused: Refused) -> Response | None:
        """A page, or None for a client that does not ask for one."""
        ...


def answer(
    scope: Scope,
    *,
    status: int,
    code: str,
    facts: Mapping[str, object] | None = None,
    errors: Sequence[FieldProblem] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A page for a person outside the API, a problem document for everybody else."""
    request_id = scope.get("dudao.request_id")
    refused = Refused(status=status, code=code, facts=facts or {}, errors=errors, request_id=request_id)
    pages: ErrorPages | None = getattr(scope["app"].state, "error_pages", None)
    page = pages(scope, refused) if pages is not None and not scope["path"].startswith(API_PATH) else None
    response = page or _document(scope["path"], refused)
    response.headers.update(headers or {})
    return response


def _document(instance: str, refused: Refused) -> Response:
    """A problem document with the catalogue's sentence."""
    body = {
        "type": TYPE_PREFIX + refused.code,
        "title": HTTPStatus(refused.status).phrase,
        "status": refused.status,
        "detail": message_of(refused.code, refused.facts),
        "code": refused.code,
        "instance": instance,
        "request_id": refused.request_id,
        "facts": to_jsonable_python(dict(refused.facts), fallback=str),
    }
    if refused.errors is not None:
        body["errors"] = [error.model_dump() for error in refused.errors]
    return ProblemResponse(body, status_code=refused.status)


def _request_id(request: Request) -> str | None:
    return request.scope.get("dudao.request_id")


async def _domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)
    status = status_of(error)
    headers: dict[str, str] = {}
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(error.facts.get("seconds", 1))
    elif isinstance(error, Unavailable):
        headers["Retry-After"] = str(RETRY_AFTER_UNAVAILABLE)
    elif isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = 'Bearer realm="dudao"'
    facts = error.facts
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        # No request causes these: a model or a stored state has to be looked at.
        facts = {**facts, "error_id": _request_id(request)}
        _log.error("fault", code=error.code, exc_info=error)
    else:
        _log.info("refused", code=error.code, status=status, reason=str(error))
    return answer(
        request.scope,
        status=status,
        code=error.code,
        facts=facts,
        headers=headers,
    )


async def _database_error(request: Request, error: Exception) -> Response:
    """Reading goes to the database without the executor, which words these errors for commands."""
    refusal = refusal_of(error)
    if refusal is None:
        raise error
    _log.warning("database_error", reason=str(refusal))
    return await _domain_error(request, refusal)


async def _invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = [_field_problem(each) for each in error.errors()]
    shown = fields_shown((problem.field, problem.detail) for problem in found)
    return answer(
        request.scope,
        status=422,
        code="request_invalid",
        facts={"count": len(found), "problems": shown},
        errors=found,
    )


def _field_problem(error: Mapping[str, Any]) -> FieldProblem:
    kind = str(error["type"])
    # `body` and `query` say where FastAPI looked; within them the path is what the client wrote.
    where = [str(part) for part in error["loc"]]
    return FieldProblem(
        field=".".join(where[1:]) or where[0],
        code=kind,
        detail=field_message(kind, error.get("ctx") or {}),
    )


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _CODE_OF_STATUS.get(error.status_code, "http_error")
    return answer(
        request.scope,
        status=error.status_code,
        code=code,
        headers=error.headers,
    )


async def _unexpected(request: Request, _error: Exception) -> Response:
    # Logged with its traceback by `api.security.RequestContext`, to which the framework raises it again.
    return answer(
        request.scope,
        status=500,
        code="internal_error",
        facts={"error_id": _request_id(request)},
    )


def install(app: FastAPI) -> None:
    """Answer every error of `app` with a problem document."""
    app.add_exception_handler(DomainError, _domain_error)
    for kind in DATABASE_ERRORS:
        app.add_exception_handler(kind, _database_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)
