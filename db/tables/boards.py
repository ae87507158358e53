"""What the board shows of large lists, counted ahead."""

from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import SQLModel

from db.columns import datetime, instant, key, reference, words


class BoardSummary(SQLModel, table=True):
    """The figures of an office's board as of `taken_at`: of one list or, where null, of everything.

    Derived from other tables and counted anew every few minutes: losing a row costs nothing. `content` is JSON in the
    form of `services.queries.board.Measured`, `completion` in that of `completion_tally.CompletionTally`, kept as text
    because the database never looks into them.
    """

    __tablename__ = "board_summary"
    __table_args__ = (UniqueConstraint("office_unit_id", "list_id", postgresql_nulls_not_distinct=True),)

    id: UUID = key()
    office_unit_id: UUID = reference("unit.id", index=False)
    list_id: UUID | None = reference("task_list.id", nullable=True, index=False)
    taken_at: datetime = instant()
    content: str = words()
    completion: str | None = words(nullable=True)
