"""The audit record 审计: who commanded what, also in vain, with the state of its seals."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from api.pagination import decode_cursor, encode_cursor
from domain.errors import NotFound
from domain.messages.commands import COMMAND_NAMES, command_name
from services.queries.audit import AuditFilter, audit_entries
from services.queries.audit_chain import chain_tail
from services.queries.people import person_called
from web.addresses import ListAddress
from web.visit import Visiting

router = APIRouter()

ROWS = 100
ORDER = "audit page"


class AuditAddress(BaseModel):
    """What is searched for; days are local and inclusive. `person` is a login, `subject` an id."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    person: Annotated[str, Query(max_length=64)] = ""
    command: Annotated[str, Query(max_length=100)] = ""
    subject: UUID | Literal[""] = ""
    result: Literal["", "done", "refused"] = ""
    since: date | Literal[""] = ""
    until: date | Literal[""] = ""
    cursor: Annotated[str, Query(max_length=500)] = ""


@router.get("/audit", name="audit")
def show_audit(visit: Visiting, asked: Annotated[AuditAddress, Query()]) -> Response:
    """The entries that fit, the newest first."""
    reading = visit.reading
    tail = chain_tail(reading)
    unknown = False
    actor_id = None
    if asked.person:
        try:
            actor_id = person_called(reading.session, asked.person)
        except NotFound:
            unknown = True
    filters = AuditFilter(
        actor_id=actor_id,
        command=asked.command or None,
        subject_id=asked.subject or None,
        refused={"done": False, "refused": True}.get(asked.result),
        from_day=asked.since or None,
        to_day=asked.until or None,
    )
    found = audit_entries(reading, filters, limit=ROWS, after=decode_cursor(asked.cursor or None, ORDER))
    following = encode_cursor(ORDER, found.next)
    address = ListAddress(visit.url("audit"), {name: value for name, value in asked if value != ""}).but()
    return visit.page(
        "audit/audit.html",
        asked=asked,
        commands=COMMAND_NAMES,
        command_name=command_name,
        address=address,
        rows=() if unknown else found.rows,
        unknown=unknown,
        next_page=address.but(cursor=following) if following and not unknown else None,
        tail=tail,
    )
