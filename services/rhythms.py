"""The rhythm in which a list's units report, as data: set by the office, read by the sweep that opens rounds."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from pydantic import TypeAdapter, ValidationError

from db.tables import ReportRhythm, TaskList
from domain.errors import NotFound, StaleVersion
from domain.messages import field_message
from domain.permissions import Permission
from domain.reporting_errors import RhythmInvalid
from domain.rhythm import Rhythm
from domain.telling import side_by_side
from services.unit_of_work import UnitOfWork
from services.visibility import OFFICE_ROLES


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[Rhythm]:
    return TypeAdapter(Rhythm)


def rhythm_of(row: ReportRhythm) -> Rhythm:
    """The rule of a stored rhythm."""
    return _adapter().validate_json(orjson.dumps(row.rule))


def rule_of(values: Mapping[str, Any]) -> Rhythm:
    """A rule as somebody wrote it down. Raises RhythmInvalid for what is no rule."""
    try:
        rhythm = _adapter().validate_json(orjson.dumps(values))
    except ValidationError as error:
        where = "/".join(str(part) for part in error.errors()[0]["loc"])
        reason = field_message(error.errors()[0]["type"], error.errors()[0].get("ctx", {}))
        shown = side_by_side((where, reason), " ")
        raise RhythmInvalid(str(error), field=where, problem="unreadable", reason=shown) from error
    rhythm.check()
    return rhythm


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRhythm:
    """The office says when the units of a list report. `seen_version` is that of the rhythm it changes, 0 for the
    first one. Rounds that are open keep their limits; the sweep opens what the new rule asks for.
    """

    list_id: UUID
    seen_version: int
    rhythm: Rhythm

    def execute(self, uow: UnitOfWork) -> int:
        """The new version. Raises NotFound, RhythmInvalid, StaleVersion."""
        uow.about(self.list_id)
        list_ = uow.session.get(TaskList, self.list_id)
        if list_ is None or list_.office_unit_id not in uow.actor.units_as(*OFFICE_ROLES):
            uow.authorized = True
            raise NotFound(f"list {self.list_id}")
        uow.require(Permission.RHYTHM_SET, unit_id=list_.office_unit_id)
        self.rhythm.check()
        # The list's row keeps two first settings apart: there is no rhythm to lock yet.
        uow.lock(TaskList, self.list_id)
        row = uow.session.get(ReportRhythm, self.list_id, populate_existing=True)
        current = row.version if row is not None else 0
        if current != self.seen_version:
            raise StaleVersion(str(self.list_id), seen=self.seen_version, current=current)
        row = row or ReportRhythm(list_id=self.list_id, set_at=uow.now, version=0)
        row.rule = _adapter().dump_python(self.rhythm, mode="json")
        row.version += 1
        row.set_at, row.set_by = uow.now, uow.actor.id
        # Looked at once in any case: also what a pause or a later start means is decided there.
        row.next_at = uow.now
        uow.session.add(row)
        return row.version
