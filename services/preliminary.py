"""Figures that a unit sends before its leader signed them: marked as unsigned wherever they are shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb

from domain.errors import AlreadyExists, NotFound
from domain.permissions import Permission, Role
from domain.reporting_errors import NotPreliminary
from services.stepping import OpenedWorkItem
from services.unit_of_work import UnitOfWork

_ADD: LiteralString = (
    "INSERT INTO preliminary_report (id, round_id, work_item_id, unit_id, sent_by, sent_at, percent, form)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)
_LOCK_ROOTS: LiteralString = (
    "SELECT id FROM item WHERE id IN (SELECT p.root_item_id FROM progress_round r JOIN process_instance p"
    " ON p.id = r.instance_id WHERE r.id = ANY(%s)) ORDER BY id FOR NO KEY UPDATE"
)
# The report that waits for its signature, with the form as it was last handed in, for the units of the actor.
_READ: LiteralString = (
    "SELECT r.id, i.number, w.id, w.unit_id, (SELECT s.form FROM submission s JOIN work_item c ON c.id = s.work_item_id"
    "  WHERE c.instance_id = r.instance_id AND c.bpmn_id = 'consolidate' ORDER BY c.closed_at DESC,"
    "  c.opened_at DESC, c.id LIMIT 1),"
    " EXISTS (SELECT FROM preliminary_report p WHERE p.work_item_id = w.id)"
    " FROM progress_round r JOIN item i ON i.id = r.item_id"
    " LEFT JOIN work_item w ON w.instance_id = r.instance_id AND w.bpmn_id = 'sign_report' AND w.closed_at IS NULL"
    "  AND w.unit_id = ANY(%s)"
    " WHERE r.id = ANY(%s) AND EXISTS (SELECT FROM responsibility t WHERE t.item_id = i.id AND t.unit_id = ANY(%s)"
    "  AND t.role = 'lead' AND (t.valid_to IS NULL OR t.valid_to > %s)) ORDER BY r.id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPreliminary:
    """A liaison sends the figures of reports that wait for their signature to the office as they are: unsigned.

    The reports go on waiting for the signature, and the mark is gone with it.
    """

    round_ids: tuple[UUID, ...]

    def execute(self, uow: UnitOfWork) -> int:
        """How many were sent. Raises NotFound, NotPreliminary, AlreadyExists where they were sent before."""
        units = sorted(uow.actor.units_as(Role.LIAISON))
        ids = sorted(set(self.round_ids))
        for unit_id in units:
            uow.require(Permission.WORK_ITEM_COMPLETE, unit_id=unit_id)
        _, rows = uow.read((_LOCK_ROOTS, (ids,)), (_READ, (units, ids, units, uow.now)))
        if not ids or {row[0] for row in rows} != set(ids):
            uow.authorized = True
            raise NotFound("rounds")
        uow.about(ids[0])
        sent: set[UUID] = set()
        for round_id, number, work_item_id, unit_id, form, already in rows:
            if work_item_id is None or not form:
                raise NotPreliminary(str(round_id), number=number)
            if already:
                raise AlreadyExists(str(round_id), what="preliminary")
            if round_id not in sent:
                _write(uow, round_id, work_item_id, unit_id, form)
            sent.add(round_id)
        return len(sent)


def write(uow: UnitOfWork, round_id: UUID, opened: Iterable[OpenedWorkItem], form: Mapping[str, Any]) -> int:
    """Queue the figures of a report that has just come to its signature; how many rows were queued.

    Joint leads sign each; the figures are sent once, for the actor's own unit where it signs.
    """
    own = uow.actor.units_as(Role.LIAISON)
    signing = [o for o in opened if o.unit_id in own]
    for each in signing[:1]:
        _write(uow, round_id, each.id, each.unit_id, form)
    return len(signing[:1])


def _write(uow: UnitOfWork, round_id: UUID, work_item_id: UUID, unit_id: UUID, form: Mapping[str, Any]) -> None:
    values = (uuid4(), round_id, work_item_id, unit_id, uow.actor.id, uow.now, form["percent"], Jsonb(dict(form)))
    uow.write(_ADD, values)
