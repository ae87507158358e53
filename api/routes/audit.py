"""Searching the audit record: for the audit administrator alone."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from api.examples import AUDIT_ROW
from api.pagination import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_cursor
from api.reading import Asking, example, paged
from api.schemas import Body, Day
from services.queries.audit import AuditFilter, AuditRow, audit_entries

router = APIRouter(prefix="/audit-entries", tags=["audit"])


class AuditQuery(Body):
    """What to search for. Dates are local and inclusive; `refused` asks for attempts that were refused, or were not."""

    actor_id: UUID | None = None
    subject_id: UUID | None = None
    unit_id: UUID | None = None
    command: Annotated[str | None, Field(max_length=100, examples=["CompleteWorkItem"])] = None
    request_id: Annotated[str | None, Field(max_length=100)] = None
    refused: bool | None = None
    error_code: Annotated[str | None, Field(max_length=100)] = None
    from_day: Day | None = None
    to_day: Day | None = None
    cursor: Annotated[str | None, Field(max_length=500, description="`next_cursor` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT


@router.get("", responses=example({"items": [AUDIT_ROW], "next_cursor": None}))
def search_audit_entries(query: Annotated[AuditQuery, Query()], asking: Asking) -> Page[AuditRow]:
    """Who commanded what, also in vain, newest first."""
    filters = AuditFilter(
        actor_id=query.actor_id,
        subject_id=query.subject_id,
        unit_id=query.unit_id,
        command=query.command,
        request_id=query.request_id,
        refused=query.refused,
        error_code=query.error_code,
        from_day=query.from_day,
        to_day=query.to_day,
    )
    found = audit_entries(asking, filters, limit=query.limit, after=decode_cursor(query.cursor, "audit"))
    return paged(found, "audit")
