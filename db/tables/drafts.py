"""What is being written and not handed in yet."""

from uuid import UUID

from sqlmodel import Field, SQLModel

from db.columns import datetime, instant, json


class Draft(SQLModel, table=True):
    """The draft of one work item's form, shared by the people of its unit who may complete it.

    Its row outlives the work item: what was typed when the step was overtaken is offered again when the step comes
    back. A sweep takes away what was handed in. No foreign key: saving must not wait for the step's lock.
    """

    __tablename__ = "draft"

    work_item_id: UUID = Field(primary_key=True)
    saved_at: datetime = instant(index=True)
    saved_by: UUID
    version: int = 1
    decision: str | None = None
    form: dict[str, object] = json()
