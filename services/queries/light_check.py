"""Whether every frozen light is what the stored facts and the rules of then give, and what other rules would change."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, or_, select

from db.tables import Item, Light, LightRuleSet, Person, TaskList
from domain.calendar import WorkCalendar
from domain.errors import NotFound
from domain.labels import label
from domain.light_facts import situation
from domain.light_words import light_words
from domain.lights import Judgement, judge
from domain.lights import Light as Colour
from domain.permissions import ActorKind
from services.light_histories import read_histories
from services.light_rules import parsed, rule_sets
from services.lights import BATCH, judges
from services.queries.reading import Reading
from services.visibility import OFFICE_ROLES, visible_lists

EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """A frozen light that is not what it is computed to be now."""

    item_id: UUID
    period: str
    frozen: str
    computed: str


@dataclass(frozen=True, slots=True)
class Checked:
    """How many frozen lights of a batch were computed again, and those that differ."""

    lights: int
    differences: tuple[Difference, ...]


def check_frozen(session: Session, calendar: WorkCalendar) -> Iterator[Checked]:
    """Compute every frozen light again, as of its close and as known when it was frozen, some items at a time.

    Raises NotFound when the rules that it was judged by are gone.
    """
    last = UUID(int=0)
    while True:
        statement = select(Light.item_id).where(col(Light.item_id) > last).distinct()
        item_ids = list(session.exec(statement.order_by(col(Light.item_id)).limit(BATCH)))
        if not item_ids:
            return
        last = item_ids[-1]
        yield _check(session, calendar, item_ids)


def _check(session: Session, calendar: WorkCalendar, item_ids: Sequence[UUID]) -> Checked:
    lists = dict(session.exec(select(Item.id, Item.list_id).where(col(Item.id).in_(item_ids))).all())
    judging = judges(session, list(set(lists.values())), calendar)
    histories = read_histories(_driver(session), item_ids)
    rows = session.exec(select(Light).where(col(Light.item_id).in_(item_ids)).order_by(col(Light.as_of))).all()
    differences = []
    for row in rows:
        computed = judging.judge(lists[row.item_id], histories[row.item_id], as_of=row.as_of, known_on=row.known_on)
        kept = Judgement.kept(row.light, row.reason)
        version = computed.version.id if computed.version else None
        if (computed.judgement.light, computed.judgement.reason, version) != (kept.light, kept.reason, row.rule_set_id):
            now, then = light_words(computed.judgement), light_words(kept)
            differences.append(Difference(row.item_id, row.period, then, now))
    return Checked(len(rows), tuple(differences))


def _driver(session: Session) -> Any:
    return session.connection().connection.driver_connection


@dataclass(frozen=True, slots=True)
class Change:
    """An item whose light other rules would change."""

    item_id: UUID
    number: str
    text: str
    before: str
    after: str
    words: str


@dataclass(frozen=True, slots=True)
class RulesPreview:
    """What rules would do to the lights as they are now: how many items, how many change from what to what."""

    items: int
    changed: int
    transitions: tuple[tuple[str, str, int], ...]
    examples: tuple[Change, ...]


def preview_rules(reading: Reading, list_id: UUID, content: bytes) -> RulesPreview:
    """Judge every open item of a list by other rules, as of now, and compare. Nothing is written.

    Raises NotFound for who does not run the list, ModelRefused, LightRulesRefused.
    """
    task_list = reading.session.get(TaskList, list_id)
    of_office = task_list is not None and task_list.office_unit_id in reading.actor.units_as(*OFFICE_ROLES)
    if task_list is None or (reading.actor.kind is ActorKind.PERSON and not of_office):
        raise NotFound(f"list {list_id}")
    rules = parsed(content)
    count, changed = 0, Counter[tuple[str, str]]()
    examples: list[Change] = []
    for items in _open_items(reading.session, list_id):
        ids = [item.id for item in items]
        histories = read_histories(_driver(reading.session), ids)
        judging = judges(reading.session, [list_id], reading.calendar)
        days = judging.calendar.working_days(reading.now)
        for item in items:
            found = situation(histories[item.id], as_of=reading.now, known_on=reading.now)
            before = judging.judge(list_id, histories[item.id], as_of=reading.now, known_on=reading.now).judgement
            after = judge(found, rules, days)
            count += 1
            if before.light is after.light:
                continue
            names = label(Colour, before.light), label(Colour, after.light)
            changed[names] += 1
            if len(examples) < EXAMPLES:
                examples.append(Change(item.id, item.number, item.text, *names, light_words(after)))
    transitions = tuple((before, after, number) for (before, after), number in changed.most_common())
    return RulesPreview(count, sum(changed.values()), transitions, tuple(examples))


def _open_items(session: Session, list_id: UUID) -> Iterator[Sequence[Item]]:
    last = -1
    while True:
        statement = select(Item).where(Item.list_id == list_id, col(Item.position) > last)
        statement = statement.where(col(Item.ended_at).is_(None), col(Item.issued_at).is_not(None))
        items = session.exec(statement.order_by(col(Item.position)).limit(BATCH)).all()
        if not items:
            return
        last = items[-1].position
        yield items


@dataclass(frozen=True, slots=True)
class RulesVersion:
    """A version of rules: `own` of the list itself, otherwise for every list without its own; `counts` now."""

    id: int
    version: int
    own: bool
    counts: bool
    valid_from: datetime
    published_at: datetime
    published_by: str | None
    note: str
    digest: str


def rules_versions(reading: Reading, list_id: UUID) -> tuple[RulesVersion, ...]:
    """The versions of the rules that a list has or falls back to, the newest first. Raises NotFound."""
    if (
        reading.session.exec(select(TaskList.id).where(TaskList.id == list_id, visible_lists(reading.actor))).first()
        is None
    ):
        raise NotFound(f"list {list_id}")
    statement = select(LightRuleSet, Person.name).outerjoin(Person, col(Person.id) == col(LightRuleSet.published_by))
    rows = reading.session.exec(
        statement.where(or_(col(LightRuleSet.list_id) == list_id, col(LightRuleSet.list_id).is_(None)))
    ).all()
    counting = None
    if rows:
        counting = rule_sets(reading.session, [list_id]).at(list_id, as_of=reading.now, known_on=reading.now).id
    versions = [
        RulesVersion(
            id=row.id or 0,
            version=row.version,
            own=row.list_id is not None,
            counts=row.id == counting,
            valid_from=row.valid_from,
            published_at=row.published_at,
            published_by=person,
            note=row.note,
            digest=row.digest.hex(),
        )
        for row, person in rows
    ]
    return tuple(sorted(versions, key=lambda version: (version.own, version.version), reverse=True))
