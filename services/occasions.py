"""What a row of `delivery` is about, read at the moment it is handed over: who is to be told what, and why.

A step only writes that a work item opened; what that means is worked out here, away from the step: whether it was
issued, came back, or ended the item for the units.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from domain.calendar import NO_LIMIT
from domain.delivery import Topic
from domain.labels import NAMES
from domain.permissions import Role
from domain.quiet_hours import QuietHours
from services.policy_book import quiet_hours
from services.queries.steps import decision_label, step_label
from services.unit_of_work import UnitOfWork

WORK_TOPIC = "opened"
ESCALATION_TOPIC = "escalation"
ACCOUNT_TOPICS = frozenset({"account_first_sign_in", "account_reset"})
WITHDRAWAL_TOPIC = "document_withdrawn"
DOCUMENT = "document"
"""The kind of subject of a message about an issued document."""
TOPICS = frozenset({WORK_TOPIC, ESCALATION_TOPIC, WITHDRAWAL_TOPIC}) | ACCOUNT_TOPICS
"""What a hand-over understands. A topic that a newer version writes waits for a newer scheduler."""

_LONGEST_TEXT = 400
_ROUND = "progress_round"

# A work item that a step is just changing is left for the next hand-over: nobody waits for it, nothing can deadlock.
_READ_WORK: LiteralString = (
    "SELECT d.id, w.id, w.item_id, w.bpmn_id, w.unit_id, w.role, w.due_at, w.provisional, w.closed_at IS NOT NULL,"
    " p.version_id, p.key, p.period, i.number, i.text, i.office_unit_id, i.due_at, l.title, u.short_name, o.short_name,"
    # What the same step closed: the reason why this opened.
    " (SELECT json_build_array(c.bpmn_id, c.decision, cu.short_name) FROM work_item c JOIN unit cu ON cu.id = c.unit_id"
    "   WHERE c.instance_id = w.instance_id AND c.closed_at = w.opened_at AND c.closed_as = 'done' AND c.id <> w.id"
    "   ORDER BY c.decision = 'return' DESC, c.id LIMIT 1)"
    " FROM unnest(%s::bigint[], %s::uuid[]) AS d(id, subject_id) JOIN work_item w ON w.id = d.subject_id"
    " JOIN process_instance p ON p.id = w.instance_id JOIN item i ON i.id = w.item_id"
    " JOIN task_list l ON l.id = i.list_id JOIN unit u ON u.id = w.unit_id JOIN unit o ON o.id = i.office_unit_id"
    " ORDER BY w.id FOR NO KEY UPDATE OF w SKIP LOCKED"
)
_KNOWN_WORK: LiteralString = "SELECT id FROM work_item WHERE id = ANY(%s)"
_READ_LEADS: LiteralString = (
    "SELECT item_id, unit_id FROM responsibility WHERE item_id = ANY(%s) AND role = 'lead' AND unit_id IS NOT NULL"
    " AND (valid_to IS NULL OR valid_to > %s)"
)
_READ_ESCALATIONS: LiteralString = (
    "SELECT d.id, e.id, e.item_id, e.recipient_id, e.recipient_unit_id, e.kind, e.level, e.document, e.channels,"
    " e.due_at, e.facts, i.number, i.text, i.office_unit_id, l.title, o.short_name, w.bpmn_id, w.provisional,"
    # An item's deadline is its leads' to meet, or that of the group it was given to, whoever is told.
    " coalesce(wu.short_name, (SELECT string_agg(coalesce(lu.short_name, r.printed), %s ORDER BY r.position)"
    "  FROM responsibility r LEFT JOIN unit lu ON lu.id = r.unit_id WHERE r.item_id = i.id"
    "  AND (r.valid_to IS NULL OR r.valid_to > %s) AND r.role IN ('lead', 'group') GROUP BY r.role"
    "  ORDER BY r.role = 'lead' DESC LIMIT 1)), p.version_id, p.period, pol.quiet"
    " FROM unnest(%s::bigint[], %s::uuid[]) AS d(id, subject_id) JOIN escalation e ON e.id = d.subject_id"
    " JOIN item i ON i.id = e.item_id JOIN task_list l ON l.id = i.list_id JOIN unit o ON o.id = i.office_unit_id"
    " LEFT JOIN work_item w ON e.subject_kind = 'work_item' AND w.id = e.subject_id"
    " LEFT JOIN unit wu ON wu.id = w.unit_id LEFT JOIN process_instance p ON p.id = w.instance_id"
    " LEFT JOIN escalation_policy pol ON pol.id = e.policy_id"
)
_READ_PEOPLE: LiteralString = (
    "SELECT d.id, p.id, p.name FROM unnest(%s::bigint[], %s::uuid[]) AS d(id, subject_id)"
    " JOIN person p ON p.id = d.subject_id"
)
_READ_WITHDRAWALS: LiteralString = (
    "SELECT x.id, d.id, d.title, d.mark, d.office_unit_id, o.short_name, w.reason, r.unit_id, u.short_name"
    " FROM unnest(%s::bigint[], %s::uuid[]) AS x(id, subject_id) JOIN issued_document d ON d.id = x.subject_id"
    " JOIN document_withdrawal w ON w.document_id = d.id JOIN unit o ON o.id = d.office_unit_id"
    " JOIN document_recipient r ON r.document_id = d.id JOIN unit u ON u.id = r.unit_id ORDER BY x.id, u.id"
)


@dataclass(frozen=True, slots=True)
class Occasion:
    """One reason to tell somebody something. Either `person_id` is told, or whoever holds `roles` in `unit_id` today.

    `channels` limits how it may leave the house; None leaves it to the person and the unit. `hours` are those in which
    it may, by its policy.
    """

    delivery_id: int
    topic: Topic
    subject_kind: str
    subject_id: UUID
    facts: Mapping[str, object]
    item_id: UUID | None = None
    office_unit_id: UUID | None = None
    unit_id: UUID | None = None
    roles: tuple[Role, ...] = ()
    person_id: UUID | None = None
    channels: frozenset[str] | None = None
    of_round: bool = False
    hours: QuietHours | None = None


@dataclass(slots=True)
class Occasions:
    """What was found. `settled` need no further look; `arm` are work items whose clock starts."""

    told: list[Occasion] = field(default_factory=list)
    settled: list[int] = field(default_factory=list)
    arm: list[UUID] = field(default_factory=list)


def read_occasions(uow: UnitOfWork, claimed: Sequence[tuple[int, str, UUID]]) -> Occasions:
    """What these deliveries, (id, topic, subject) each, are about."""
    found = Occasions()
    _read_work(uow, [(id_, subject) for id_, topic, subject in claimed if topic == WORK_TOPIC], found)
    _read_escalations(uow, [(id_, subject) for id_, topic, subject in claimed if topic == ESCALATION_TOPIC], found)
    _read_accounts(uow, [row for row in claimed if row[1] in ACCOUNT_TOPICS], found)
    _read_withdrawals(uow, [(id_, subject) for id_, topic, subject in claimed if topic == WITHDRAWAL_TOPIC], found)
    return found


def _read_work(uow: UnitOfWork, deliveries: Sequence[tuple[int, UUID]], found: Occasions) -> None:
    if not deliveries:
        return
    subjects = [subject for _, subject in deliveries]
    rows, known = uow.read((_READ_WORK, ([id_ for id_, _ in deliveries], subjects)), (_KNOWN_WORK, (subjects,)))
    there = {id_ for (id_,) in known}
    # The work item of a rolled back repair by hand: nobody is told of what is not there.
    found.settled += [id_ for id_, subject in deliveries if subject not in there]
    ended: dict[UUID, Occasion] = {}
    for row in rows:
        found.settled.append(row[0])
        closed = row[8]
        if closed:
            continue
        occasion = _work_occasion(uow, row)
        found.told.append(occasion)
        found.arm.append(occasion.subject_id)
        if row[3] == "file_item" and row[19] is not None and row[19][0] == "close":
            ended[row[2]] = occasion
    if ended:
        [leads] = uow.read((_READ_LEADS, (list(ended), uow.now)))
        found.told += [_ended(ended[item_id], unit_id) for item_id, unit_id in leads]


def _work_occasion(uow: UnitOfWork, row: Sequence[Any]) -> Occasion:
    (id_, work_id, item_id, bpmn_id, unit_id, role, due_at, provisional, _, version_id, key, period) = row[:12]
    number, text, office_unit_id, item_due_at, list_title, unit, office, before = row[12:]
    bundle = uow.library.bundle(uow.session, version_id)
    facts: dict[str, object] = {
        **_item_facts(number, text, list_title, office),
        "step": step_label(bundle, bpmn_id),
        "bpmn_id": bpmn_id,
        "unit": unit,
        "due_at": _instant(due_at),
        "provisional": provisional,
        "item_due_at": _instant(item_due_at),
        "period": period,
    }
    topic = Topic.ISSUED if bpmn_id == "sign_for" else Topic.OPENED
    if before is not None:
        step, decision, whose = before
        facts["after"] = {
            "step": step_label(bundle, step),
            "unit": whose,
            "decision": decision_label(bundle, step, decision),
        }
        if decision == "return":
            topic = Topic.RETURNED
    return Occasion(
        id_,
        topic,
        "work_item",
        work_id,
        facts,
        item_id=item_id,
        office_unit_id=office_unit_id,
        unit_id=unit_id,
        roles=(Role(role),),
        of_round=key == _ROUND,
    )


def _ended(filing: Occasion, unit_id: UUID) -> Occasion:
    """The lead agency learns that its item is off the list, from the office's step that files it."""
    kept = ("number", "text", "list", "office", "item_due_at")
    return Occasion(
        filing.delivery_id,
        Topic.CLOSED,
        "item",
        filing.item_id or filing.subject_id,
        {name: filing.facts[name] for name in kept},
        item_id=filing.item_id,
        office_unit_id=filing.office_unit_id,
        unit_id=unit_id,
        roles=(Role.LIAISON, Role.UNIT_LEADER),
    )


def _read_escalations(uow: UnitOfWork, deliveries: Sequence[tuple[int, UUID]], found: Occasions) -> None:
    if not deliveries:
        return
    ids, subjects = [id_ for id_, _ in deliveries], [subject for _, subject in deliveries]
    [rows] = uow.read((_READ_ESCALATIONS, (NAMES, uow.now, ids, subjects)))
    found.settled += ids
    for row in rows:
        id_, escalation_id, item_id, person_id, unit_id, kind, level, document, channels, due_at, own = row[:11]
        number, text, office_unit_id, list_title, office, bpmn_id, provisional, unit, version_id, period, quiet = row[
            11:
        ]
        facts: dict[str, object] = {
            **_item_facts(number, text, list_title, office),
            "level": level,
            "document": document,
            "due_at": _instant(due_at),
            "provisional": bool(provisional),
            "unit": unit,
            "period": period,
        }
        if bpmn_id is not None:
            facts["step"] = step_label(uow.library.bundle(uow.session, version_id), bpmn_id)
        found.told.append(
            Occasion(
                id_,
                Topic(kind),
                "escalation",
                escalation_id,
                {**facts, **_plain(own)},
                item_id=item_id,
                office_unit_id=office_unit_id,
                unit_id=unit_id,
                person_id=person_id,
                channels=frozenset(channels) or None,
                of_round=period is not None,
                hours=None if quiet is None else quiet_hours(quiet),
            )
        )


def _read_accounts(uow: UnitOfWork, deliveries: Sequence[tuple[int, str, UUID]], found: Occasions) -> None:
    if not deliveries:
        return
    [rows] = uow.read((_READ_PEOPLE, ([id_ for id_, _, _ in deliveries], [person for _, _, person in deliveries])))
    found.settled += [id_ for id_, _, _ in deliveries]
    purposes = {id_: topic.removeprefix("account_") for id_, topic, _ in deliveries}
    for id_, person_id, name in rows:
        facts = {"purpose": purposes[id_], "name": name}
        found.told.append(Occasion(id_, Topic.ACCOUNT, "person", person_id, facts, person_id=person_id))


def _read_withdrawals(uow: UnitOfWork, deliveries: Sequence[tuple[int, UUID]], found: Occasions) -> None:
    """Every unit that has a document learns that it was taken back; who is outside the system stands on its list."""
    if not deliveries:
        return
    ids, subjects = [id_ for id_, _ in deliveries], [subject for _, subject in deliveries]
    [rows] = uow.read((_READ_WITHDRAWALS, (ids, subjects)))
    found.settled += ids
    for id_, document_id, title, mark, office_unit_id, office, reason, unit_id, unit in rows:
        facts = {"paper": title, "mark": mark, "office": office, "why": reason, "unit": unit}
        found.told.append(
            Occasion(
                id_,
                Topic.WITHDRAWN,
                DOCUMENT,
                document_id,
                facts,
                office_unit_id=office_unit_id,
                unit_id=unit_id,
                roles=(Role.LIAISON, Role.UNIT_LEADER),
            )
        )


def _item_facts(number: str, text: str, list_title: str, office: str) -> dict[str, object]:
    shown = text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"
    return {"number": number, "text": shown, "list": list_title, "office": office}


def _instant(at: datetime | None) -> str | None:
    return None if at is None or at >= NO_LIMIT else at.isoformat()


def _plain(facts: Mapping[str, object] | None) -> dict[str, object]:
    """The ladder's own words about its rung; it never takes the place of what is read here."""
    return {"ladder": dict(facts)} if facts else {}


def units_of(occasions: Collection[Occasion]) -> frozenset[UUID]:
    """Every unit whose people have to be looked up."""
    asked = {o.unit_id for o in occasions if o.unit_id is not None}
    return frozenset(asked | {o.office_unit_id for o in occasions if o.office_unit_id is not None})
