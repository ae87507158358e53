"""The figures of the board and of completion, counted ahead for large lists: counting a hundred thousand items takes
longer than a page may take.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlmodel import Session

from domain.calendar import local_date
from domain.permissions import Actor, Membership, Permission, Role
from services.queries.board import measure, stored_form
from services.queries.completion_tally import count_completion, stored_tally
from services.queries.reading import Reading
from services.unit_of_work import UnitOfWork

LARGE = 2_000
"""Items from which on a board is counted ahead; below it takes a few milliseconds."""
TAKEN_EVERY = timedelta(minutes=2)

# An office's whole board, and that of each of its large lists.
_DUE: LiteralString = (
    "SELECT b.office_unit_id, b.list_id FROM ("
    " SELECT office_unit_id, NULL::uuid AS list_id FROM task_list GROUP BY 1 HAVING sum(found_count) >= :large"
    " UNION ALL SELECT office_unit_id, id FROM task_list WHERE found_count >= :large) b"
    " LEFT JOIN board_summary s ON s.office_unit_id = b.office_unit_id AND s.list_id IS NOT DISTINCT FROM b.list_id"
    " WHERE s.taken_at IS NULL OR s.taken_at <= :before ORDER BY s.taken_at NULLS FIRST LIMIT :limit"
)
_KEEP: LiteralString = (
    "INSERT INTO board_summary (id, office_unit_id, list_id, taken_at, content, completion)"
    " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (office_unit_id, list_id) DO UPDATE"
    " SET taken_at = EXCLUDED.taken_at, content = EXCLUDED.content, completion = EXCLUDED.completion"
    " WHERE board_summary.taken_at < EXCLUDED.taken_at"
)


@dataclass(frozen=True, slots=True)
class BoardKey:
    """The board of an office: of one of its lists or, where None, of everything."""

    office_unit_id: UUID
    list_id: UUID | None

    def __str__(self) -> str:
        return f"{self.office_unit_id}/{self.list_id or ''}"


def boards_to_take(session: Session, now: datetime, limit: int) -> Sequence[BoardKey]:
    """Boards of large lists that were not counted within the last minutes."""
    parameters = {"large": LARGE, "before": now - TAKEN_EVERY, "limit": limit}
    return [BoardKey(*row) for row in session.connection().execute(text(_DUE), parameters)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBoard:
    """Count the board of an office as one of its staff would see it, and keep it."""

    office_unit_id: UUID
    list_id: UUID | None

    def execute(self, uow: UnitOfWork) -> None:
        """Two that count at once do no harm: the later one is kept."""
        uow.require(Permission.LIGHT_REFRESH)
        uow.audited = False
        staff = Actor(
            id=None, name="board", memberships=frozenset({Membership(self.office_unit_id, Role.OFFICE_STAFF)})
        )
        reading = Reading(uow.session, staff, uow.now, uow.calendar, uow.library)
        content = stored_form().dump_json(measure(reading, self.list_id)).decode()
        lists = () if self.list_id is None else (self.list_id,)
        tally = count_completion(reading, list_ids=lists, day=local_date(uow.now), cut=uow.now)
        completion = stored_tally().dump_json(tally).decode()
        uow.write(_KEEP, (uuid4(), self.office_unit_id, self.list_id, uow.now, content, completion))
