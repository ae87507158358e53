"""The data of a bulletin as of a day: how many, which lights, what was completed, what is behind, whose.

Lights are judged as of the end of that day from the stored facts, as `dudao lights verify` does, so that a bulletin
made on the fifth tells the state of the last of the month. What was withdrawn or terminated is not counted
(`domain.md` §9, invariant 13).
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

import orjson

from domain.bulletins import Happened
from domain.calendar import end_of, local_date, start_of
from domain.items import ItemKind, ItemStatus
from domain.light_words import light_words
from domain.lights import Judgement, Light
from services.light_histories import read_histories
from services.light_rules import add_shipped_rules
from services.lights import BATCH, judges
from services.unit_of_work import UnitOfWork

# A group item stands for its members, as in the document that prints it, and is its group's where nobody leads it.
_READ_ITEMS: LiteralString = (
    "SELECT i.id, i.list_id, i.number, i.text, i.status, i.issued_at, i.ended_at,"
    " ARRAY(SELECT coalesce(u.short_name, r.printed) FROM responsibility r LEFT JOIN unit u ON u.id = r.unit_id"
    "  WHERE r.item_id = i.id AND r.role = 'lead' AND (r.valid_to IS NULL OR r.valid_to > %(end)s)"
    "  ORDER BY r.position),"
    " ARRAY(SELECT r.printed FROM responsibility r WHERE r.item_id = i.id AND r.role = 'group' ORDER BY r.position)"
    " FROM item i JOIN task_list l ON l.id = i.list_id WHERE i.office_unit_id = %(office)s AND i.kind = 'task'"
    " AND i.parent_id IS NULL AND i.issued_at < %(end)s ORDER BY l.created_at, i.position, i.id"
)
_COUNT_REPORTS: LiteralString = (
    "SELECT count(*) FROM progress_round r JOIN process_instance p ON p.id = r.instance_id"
    " JOIN item i ON i.id = r.item_id WHERE i.office_unit_id = %(office)s AND r.outcome = 'accepted'"
    " AND p.ended_at >= %(start)s AND p.ended_at < %(end)s"
)
_READ_CASES: LiteralString = (
    "SELECT number, text FROM item WHERE office_unit_id = %(office)s AND kind = %(case)s"
    " AND created_at >= %(start)s AND created_at < %(end)s ORDER BY created_at, id"
)
_READ_CONTRIBUTED: LiteralString = (
    "SELECT c.id, u.short_name, c.title, c.text FROM bulletin_contribution c JOIN unit u ON u.id = c.unit_id"
    " WHERE c.office_unit_id = %(office)s AND c.used_in_id IS NULL AND c.sent_at >= %(start)s AND c.sent_at < %(end)s"
    " ORDER BY u.sort_order, c.sent_at, c.id"
)
_DONE = frozenset({ItemStatus.CLOSED, ItemStatus.CLOSED_FOR_STAGE})
_STOPPED = frozenset({ItemStatus.WITHDRAWN, ItemStatus.TERMINATED})


@dataclass(frozen=True, slots=True)
class Taken:
    """Data as JSON, what the period brought, and the contributions that are in it."""

    content: dict[str, Any]
    happened: Happened
    contribution_ids: tuple[UUID, ...]

    @property
    def sha256(self) -> bytes:
        """The digest by which the data are known again."""
        return digest_of(self.content)


def digest_of(content: Mapping[str, Any]) -> bytes:
    """sha256 of a snapshot's content in one fixed form."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    list_id: UUID
    number: str
    text: str
    status: str
    issued_at: datetime
    ended_at: datetime | None
    own_leads: list[str]
    groups: list[str]

    @property
    def leads(self) -> list[str]:
        """Whose it is: its leads, or the group to which it was given."""
        return self.own_leads or self.groups


def take_data(uow: UnitOfWork, office_unit_id: UUID, *, from_on: date, as_of: date) -> Taken:
    """The state of an office's tasks at the end of `as_of`, and what happened since the start of `from_on`."""
    start, end = start_of(from_on), end_of(as_of)
    facts = {"office": office_unit_id, "start": start, "end": end, "case": ItemKind.REPLICATION_CASE}
    uow.flush()
    found, [(reported,)], cases, contributed = uow.read(
        (_READ_ITEMS, facts), (_COUNT_REPORTS, facts), (_READ_CASES, facts), (_READ_CONTRIBUTED, facts)
    )
    rows = [row for row in (_Row(*each) for each in found) if not _stopped(row, end)]
    done = [row for row in rows if row.ended_at is not None and row.ended_at < end]
    completed = [row for row in done if row.ended_at is not None and row.ended_at >= start]
    lights = dict(_lights(uow, [row for row in rows if row not in done], end))
    happened = Happened(
        issued=sum(row.issued_at >= start for row in rows),
        completed=len(completed),
        reported=reported,
        cases=len(cases),
        contributed=len(contributed),
    )
    shown = Counter(judged.light for judged in lights.values())
    behind = [row for row in rows if row.id in lights and lights[row.id].light in {Light.RED, Light.YELLOW}]
    behind.sort(key=lambda row: lights[row.id].light is not Light.RED)
    content: dict[str, Any] = {
        "from_on": from_on.isoformat(),
        "as_of": as_of.isoformat(),
        "counts": {
            "total": len(rows),
            "done": len(done),
            "open": len(rows) - len(done),
            **{light.value: shown[light] for light in (Light.GREEN, Light.YELLOW, Light.RED, Light.GREY)},
        },
        "happened": {name: getattr(happened, name) for name in Happened.__slots__},
        "units": _by_unit(rows, {row.id for row in done}, lights),
        "completed": [{**_shown(row), "on": local_date(row.ended_at).isoformat()} for row in completed if row.ended_at],
        "behind": [
            {**_shown(row), "light": lights[row.id].light.value, "words": light_words(lights[row.id])} for row in behind
        ],
        "cases": [{"number": number, "text": text} for number, text in cases],
        "contributed": [{"unit": unit, "title": title, "text": text} for _, unit, title, text in contributed],
    }
    return Taken(content, happened, tuple(row[0] for row in contributed))


def _stopped(row: _Row, end: datetime) -> bool:
    return row.status in _STOPPED and row.ended_at is not None and row.ended_at < end


def _lights(uow: UnitOfWork, rows: Sequence[_Row], end: datetime) -> Iterator[tuple[UUID, Judgement]]:
    if not rows:
        return
    add_shipped_rules(uow)
    judging = judges(uow.session, list({row.list_id for row in rows}), uow.calendar)
    # Of a day that is not over its end is not known yet.
    as_of = min(end, uow.now)
    for first in range(0, len(rows), BATCH):
        batch = rows[first : first + BATCH]
        histories = read_histories(uow.driver, [row.id for row in batch])
        for row in batch:
            judged = judging.judge(row.list_id, histories[row.id], as_of=as_of, known_on=uow.now)
            yield row.id, judged.judgement


def _by_unit(rows: Sequence[_Row], done: set[UUID], lights: Mapping[UUID, Judgement]) -> list[dict[str, object]]:
    """How each lead stands; a joint lead's task counts for both."""
    counted: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for unit in dict.fromkeys(row.leads):
            counted[unit]["total"] += 1
            counted[unit]["done" if row.id in done else lights[row.id].light.value] += 1
    names = ("total", "done", "green", "yellow", "red", "grey")
    return [{"unit": unit, **{name: counts[name] for name in names}} for unit, counts in counted.items()]


def _shown(row: _Row) -> dict[str, Any]:
    return {"number": row.number, "text": row.text, "leads": list(row.leads)}
