"""Rule sets of lights: published per list, valid from an instant on, never changed; and which one counted when."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

from sqlmodel import Session, col, or_, select

from bpmn.decisions import read_table, shipped_table
from db.tables import LightRuleSet, TaskList
from domain.decision_tables import DecisionTable, Refused, check_table
from domain.errors import NotFound
from domain.light_errors import LightRulesRefused, LightRulesTooLate
from domain.light_words import findings_words
from domain.lights import FACTS, RULE_OUTCOMES
from domain.permissions import ActorKind, Permission
from services.unit_of_work import UnitOfWork
from services.visibility import OFFICE_ROLES

SHIPPED = "shipped"
"""The note of the rules that come with the program; a newer program brings its own as the next version."""
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=256)
def parsed(content: bytes) -> DecisionTable:
    """The checked table of a DMN file. Raises ModelRefused, LightRulesRefused with every reason."""
    checked = check_table(read_table(content), FACTS, RULE_OUTCOMES)
    if isinstance(checked, Refused):
        raise LightRulesRefused(f"{len(checked.findings)} findings", reason=findings_words(checked.findings))
    return checked


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One version, ready to decide."""

    id: int
    list_id: UUID | None
    version: int
    valid_from: datetime
    published_at: datetime
    table: DecisionTable


@dataclass(frozen=True, slots=True)
class RuleSets:
    """The versions of some lists, with those for every list without its own."""

    versions: Sequence[RuleVersion]

    def at(self, list_id: UUID, *, as_of: datetime, known_on: datetime) -> RuleVersion:
        """The version that counted for a list as of `as_of`, of those published by `known_on`. Raises NotFound."""
        counting = [
            version
            for version in self.versions
            if version.list_id in {list_id, None} and version.valid_from <= as_of and version.published_at <= known_on
        ]
        if not counting:
            raise NotFound("no light rules")
        return max(counting, key=lambda v: (v.list_id is not None, v.valid_from, v.version))


def rule_sets(session: Session, list_ids: Iterable[UUID]) -> RuleSets:
    """All versions that may count for these lists."""
    statement = select(LightRuleSet).where(
        or_(col(LightRuleSet.list_id).is_(None), col(LightRuleSet.list_id).in_(list(list_ids)))
    )
    return RuleSets([_version(row) for row in session.exec(statement)])


def _version(row: LightRuleSet) -> RuleVersion:
    assert row.id is not None
    return RuleVersion(row.id, row.list_id, row.version, row.valid_from, row.published_at, parsed(row.content))


def add_shipped_rules(uow: UnitOfWork) -> None:
    """See that the rules of this release are there, unless the office has put its own in their place."""
    newest = _newest(uow.session, None)
    content = shipped_table("lights")
    if newest is not None and (newest.note != SHIPPED or newest.digest == hashlib.sha256(content).digest()):
        return
    first = newest is None
    _add(
        uow,
        None,
        content,
        note=SHIPPED,
        valid_from=ALWAYS if first else uow.now,
        published_at=ALWAYS if first else None,
    )


def _newest(session: Session, list_id: UUID | None) -> LightRuleSet | None:
    same = col(LightRuleSet.list_id).is_(None) if list_id is None else col(LightRuleSet.list_id) == list_id
    return session.exec(select(LightRuleSet).where(same).order_by(col(LightRuleSet.version).desc())).first()


def _add(
    uow: UnitOfWork,
    list_id: UUID | None,
    content: bytes,
    *,
    note: str,
    valid_from: datetime,
    published_at: datetime | None = None,
) -> LightRuleSet:
    newest = _newest(uow.session, list_id)
    row = LightRuleSet(
        list_id=list_id,
        version=newest.version + 1 if newest else 1,
        content=content,
        digest=hashlib.sha256(content).digest(),
        note=note,
        valid_from=valid_from,
        published_at=published_at or uow.now,
        published_by=uow.actor.id,
    )
    uow.session.add(row)
    uow.session.flush()
    return row


@dataclass(frozen=True, slots=True)
class PublishedRules:
    """The version that was published; `already` says that the newest version has these very bytes and date."""

    id: int
    version: int
    valid_from: datetime
    already: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishLightRules:
    """A decision table becomes the rules of a list from `valid_from` on (UTC; at once where None).

    Without a list it is for every list that has no rules of its own: the office's business no more than the model
    of a process is, so the system's administrator publishes it.
    """

    list_id: UUID | None
    content: bytes = field(metadata={"audit": False})
    note: str = ""
    valid_from: datetime | None = None

    def execute(self, uow: UnitOfWork) -> PublishedRules:
        """Raises NotFound, PermissionDenied, ModelRefused, LightRulesRefused, LightRulesTooLate."""
        may_publish(uow, self.list_id)
        parsed(self.content)
        valid_from = uow.now if self.valid_from is None else self.valid_from
        if valid_from < uow.now:
            raise LightRulesTooLate(str(valid_from), valid_from=f"{valid_from.astimezone(UTC):%Y-%m-%d}")
        newest = _newest(uow.session, self.list_id)
        digest = hashlib.sha256(self.content).digest()
        if newest is not None and newest.digest == digest and newest.valid_from <= valid_from:
            assert newest.id is not None
            return PublishedRules(newest.id, newest.version, newest.valid_from, already=True)
        row = _add(uow, self.list_id, self.content, note=self.note, valid_from=valid_from)
        assert row.id is not None
        return PublishedRules(row.id, row.version, row.valid_from, already=False)


def may_publish(uow: UnitOfWork, list_id: UUID | None) -> None:
    """Refuse who may not set the rules of this list. Raises NotFound for a list of another office."""
    if list_id is None:
        uow.require(Permission.MODEL_PUBLISH)
        return
    uow.about(list_id)
    task_list = uow.session.get(TaskList, list_id)
    of_office = task_list is not None and task_list.office_unit_id in uow.actor.units_as(*OFFICE_ROLES)
    if task_list is None or (uow.actor.kind is ActorKind.PERSON and not of_office):
        uow.authorized = True
        raise NotFound(f"list {list_id}")
    uow.require(Permission.LIGHT_RULE_PUBLISH, unit_id=task_list.office_unit_id)
