"""Matters: what a process is about when it is no supervised task (docs/decisions/0010).

A replication case, a bulletin, an evaluation is an item as a task is: it is locked, has parts of units, evidence,
work items, a timeline. It stands in the office's register of matters, which no list of tasks shows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID, uuid4

from domain.items import ItemKind, ItemStatus, ListStatus, Origin, ResponsibilityRole
from domain.labels import label
from services.stepping import LOCK_ROOT, Advanced, OpenedWorkItem, advance, lock_instance, start_instance
from services.unit_of_work import UnitOfWork

_REGISTER: LiteralString = (
    "INSERT INTO task_list (id, office_unit_id, origin, title, kind, found_count, status, warnings, created_at,"
    " version) VALUES (%(id)s, %(office)s, %(origin)s, %(title)s, 'matters', 0, %(status)s, '[]', %(now)s, 1)"
)
_READ_REGISTER: LiteralString = "SELECT id FROM task_list WHERE office_unit_id = %s AND origin = %s"
# The office's row is the lock that keeps two clerks from making two registers.
_LOCK_OFFICE: LiteralString = "SELECT id FROM unit WHERE id = %s FOR NO KEY UPDATE"
# The position comes from a sequence: two who open a matter at once do not wait for each other.
_ADD_MATTER: LiteralString = (
    "INSERT INTO item (id, root_id, parent_id, list_id, office_unit_id, position, number, text, text_printed, measures,"
    " joint_lead, by_duty, open_list, status, kind, due_at, due_provisional, created_at, issued_at, light_check_at,"
    " epoch, version) VALUES (%(id)s, %(root)s, %(parent)s, %(list)s, %(office)s, nextval('matter_position'),"
    " %(number)s, %(title)s, %(title)s, '[]', false, false, false, %(status)s, %(kind)s, %(due_at)s, %(provisional)s,"
    " %(now)s, %(issued_at)s, NULL, 1, 1)"
)
_ADD_PARTY: LiteralString = (
    "INSERT INTO responsibility (id, item_id, unit_id, role, printed, position, weight, collects, valid_from)"
    " SELECT u.id, %(item)s, u.unit_id, u.role, n.official_name, u.position, 1, false, %(now)s"
    " FROM unnest(%(ids)s::uuid[], %(units)s::uuid[], %(roles)s::text[], %(positions)s::int[])"
    " AS u(id, unit_id, role, position) JOIN unit n ON n.id = u.unit_id"
    " WHERE NOT EXISTS (SELECT FROM responsibility r WHERE r.item_id = %(item)s AND r.unit_id = u.unit_id"
    "  AND r.role = u.role AND r.valid_to IS NULL)"
)
_LAST_POSITION: LiteralString = "SELECT coalesce(max(position) + 1, 0) FROM responsibility WHERE item_id = %s"
_END_PARTIES: LiteralString = (
    "UPDATE responsibility SET valid_to = %(now)s WHERE item_id = %(item)s AND role = %(role)s AND valid_to IS NULL"
    " AND (%(units)s::uuid[] IS NULL OR unit_id = ANY(%(units)s))"
)
_END_MATTER: LiteralString = (
    "UPDATE item SET status = %s, outcome = %s, ended_at = %s, paused_at = NULL, escalate_at = NULL,"
    " version = version + 1 WHERE id = %s AND ended_at IS NULL"
)
_NEXT_NUMBER: LiteralString = (
    "INSERT INTO matter_counter (office_unit_id, kind, year, last) VALUES (%s, %s, %s, 1)"
    " ON CONFLICT (office_unit_id, kind, year) DO UPDATE SET last = matter_counter.last + 1 RETURNING last"
)
_ROOT_OF: LiteralString = "SELECT root_id, parent_id FROM item WHERE id = %s"


@dataclass(frozen=True, slots=True)
class MatterParty:
    """A unit and its part in a matter."""

    unit_id: UUID
    role: ResponsibilityRole


@dataclass(frozen=True, slots=True)
class OpenedMatter:
    """A new matter with its process."""

    item_id: UUID
    instance_id: UUID
    opened: tuple[OpenedWorkItem, ...]
    outcome: str | None


def open_matter(
    uow: UnitOfWork,
    *,
    kind: ItemKind,
    office_unit_id: UUID,
    title: str,
    number: str,
    process: str,
    data: Mapping[str, Any] | None = None,
    parties: Sequence[MatterParty] = (),
    parent_id: UUID | None = None,
    due_at: datetime | None = None,
    due_provisional: bool = False,
    period: str | None = None,
    visible_to_parties: bool = True,
    item_id: UUID | None = None,
) -> OpenedMatter:
    """Register a matter and start its process. The caller has checked the permission.

    With `parent_id` the caller holds the parent's root row, which becomes the matter's too. `due_at` is when the whole
    matter has to be settled (UTC). Unless `visible_to_parties`, only the office sees it before `show_to_parties`.
    """
    new_id = item_id or uuid4()
    uow.session.flush()
    root_id = new_id
    if parent_id is not None:
        [[(root_id, _)]] = uow.read((_ROOT_OF, (parent_id,)))
    list_id = _register_of(uow, office_unit_id)
    uow.write(
        _ADD_MATTER,
        {
            "id": new_id,
            "root": root_id,
            "parent": parent_id,
            "list": list_id,
            "office": office_unit_id,
            "number": number,
            "title": title,
            "status": ItemStatus.UNDER_WAY,
            "kind": kind,
            "due_at": due_at,
            "provisional": due_provisional,
            "now": uow.now,
            "issued_at": uow.now if visible_to_parties else None,
        },
    )
    uow.flush()
    add_parties(uow, new_id, parties)
    uow.about(new_id)
    uow.flush()
    instance_id, advanced = start_matter_process(
        uow, item_id=new_id, root_item_id=root_id, process=process, data=data, period=period
    )
    return OpenedMatter(new_id, instance_id, advanced.opened, advanced.outcome)


def start_matter_process(
    uow: UnitOfWork,
    *,
    item_id: UUID,
    root_item_id: UUID,
    process: str,
    data: Mapping[str, Any] | None = None,
    period: str | None = None,
) -> tuple[UUID, Advanced]:
    """Start a process on a matter whose root row the caller holds, or which it has just made.

    Every decision of the model's steps is there from the start as an empty word, because a condition may read it.
    """
    bundle = uow.library.bundle(uow.session, uow.library.newest(uow.session, process))
    facts: dict[str, Any] = {"return_to": "", "resume_at": ""}
    facts |= {f"decision_{bpmn_id}": "" for bpmn_id in bundle.user_tasks}
    return start_instance(
        uow,
        key=process,
        item_id=item_id,
        root_item_id=root_item_id,
        data={**facts, **(data or {})},
        period=period,
    )


def add_parties(uow: UnitOfWork, item_id: UUID, parties: Sequence[MatterParty]) -> None:
    """Give units a part in a matter from now on; one that has it already keeps it."""
    if not parties:
        return
    [[(first,)]] = uow.read((_LAST_POSITION, (item_id,)))
    uow.write(
        _ADD_PARTY,
        {
            "item": item_id,
            "now": uow.now,
            "ids": [uuid4() for _ in parties],
            "units": [party.unit_id for party in parties],
            "roles": [party.role.value for party in parties],
            "positions": list(range(first, first + len(parties))),
        },
    )


def end_parties(uow: UnitOfWork, item_id: UUID, role: ResponsibilityRole, units: Sequence[UUID] | None = None) -> None:
    """End the part of these units, of all that have it if None. What they did stays, and they go on seeing it."""
    uow.write(
        _END_PARTIES,
        {"item": item_id, "role": role, "now": uow.now, "units": None if units is None else list(units)},
    )


def show_to_parties(uow: UnitOfWork, item_id: UUID) -> None:
    """From now on the units that have a part see the matter."""
    uow.write("UPDATE item SET issued_at = %s WHERE id = %s AND issued_at IS NULL", (uow.now, item_id))


def end_matter(uow: UnitOfWork, item_id: UUID, outcome: str) -> None:
    """The matter is settled, with the end event that its process reached. The caller holds its root row."""
    uow.write(_END_MATTER, (ItemStatus.SETTLED, outcome, uow.now, item_id))


def lock_matter(uow: UnitOfWork, item_id: UUID) -> UUID:
    """Lock the matter's root row, as every command on it begins; the root's id. The matter must exist."""
    [[(root_id, _)]] = uow.read((_ROOT_OF, (item_id,)))
    uow.read((LOCK_ROOT, (root_id,)))
    root: UUID = root_id
    return root


def tell_process(
    uow: UnitOfWork, root_item_id: UUID, instance_id: UUID, message: str, facts: Mapping[str, Any] | None = None
) -> Advanced:
    """Send a message to a running process whose root row the caller holds, and save what it led to.

    What the step means is the caller's to carry out: it sends the message because it knows.
    """
    instance = lock_instance(uow, root_item_id, instance_id)
    step = uow.engine.send(instance.bundle, instance.state, message, dict(facts or {}), now=uow.now)
    return advance(uow, instance, step)


def next_number(uow: UnitOfWork, office_unit_id: UUID, kind: ItemKind, year: int) -> int:
    """The register's running number of such a matter in a year. No document number: one that is rolled back is used
    again, one of a withdrawn matter is not.
    """
    uow.session.flush()
    [[(number,)]] = uow.read((_NEXT_NUMBER, (office_unit_id, kind, year)))
    return int(number)


def _register_of(uow: UnitOfWork, office_unit_id: UUID) -> UUID:
    [found] = uow.read((_READ_REGISTER, (office_unit_id, Origin.MATTERS)))
    if not found:
        _, found = uow.read((_LOCK_OFFICE, (office_unit_id,)), (_READ_REGISTER, (office_unit_id, Origin.MATTERS)))
    if not found:
        facts = {
            "id": uuid4(),
            "office": office_unit_id,
            "origin": Origin.MATTERS,
            "title": label(Origin, Origin.MATTERS),
            "status": ListStatus.APPROVED,
            "now": uow.now,
        }
        uow.write(_REGISTER, facts)
        uow.flush()
        [found] = uow.read((_READ_REGISTER, (office_unit_id, Origin.MATTERS)))
    list_id: UUID = found[0][0]
    return list_id
