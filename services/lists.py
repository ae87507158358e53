"""Task lists: imported as a draft, cleared of flags, approved by the office's leader, registered item by item."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from sqlmodel import Session, col, select

from db.tables import ImportFlag, Item, PrintedRow, Responsibility, TaskList, Unit, UnitAlias, UnitCandidate
from domain.errors import DomainError, NotFound, OwnSubmission, RuleViolation, StaleVersion, WrongStatus
from domain.items import ItemStatus, ListStatus, Origin, ResponsibilityRole
from domain.permissions import Permission
from importers.model import AppliesTo, FlagCode, ParsedDocument, ParsedRow, Party
from services.items import EDITABLE, NewDeadline, add_deadlines, office_item, register, replace_deadlines
from services.unit_of_work import UnitOfWork
from services.visibility import OFFICE_ROLES


@dataclass(frozen=True, slots=True)
class ImportedList:
    """The list a document became. `already` says that this very document had been imported before."""

    id: UUID
    already: bool
    items: int
    flags: int
    blocking: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportDocument:
    """A parsed document lands as a draft list: nothing is issued by an import. `source_digest` is its sha256.

    Of a `historical` list the dates that are past at the issue are kept and blame nobody (domain notes, section 8).
    """

    office_unit_id: UUID
    source_name: str
    source_digest: bytes = field(metadata={"audit": False})
    parsed: ParsedDocument = field(metadata={"audit": False})
    historical: bool = False

    def execute(self, uow: UnitOfWork) -> ImportedList:
        """Raises PermissionDenied. The same document again gives the list that it already is."""
        uow.require(Permission.LIST_IMPORT, unit_id=self.office_unit_id)
        known = uow.session.exec(
            select(TaskList).where(
                TaskList.office_unit_id == self.office_unit_id, TaskList.source_digest == self.source_digest
            )
        ).first()
        if known is not None:
            uow.about(known.id)
            return _summary(uow.session, known, already=True)
        parsed = self.parsed
        task_list = TaskList(
            office_unit_id=self.office_unit_id,
            origin=Origin.DOCUMENT,
            title=parsed.title or self.source_name,
            document_number=parsed.document_number,
            issuer=parsed.issuer,
            kind=parsed.kind,
            lead_rule=parsed.lead_rule.printed if parsed.lead_rule else None,
            declared_count=parsed.declared_count,
            historical=self.historical,
            found_count=parsed.found_count,
            status=ListStatus.DRAFT,
            source_name=self.source_name,
            source_digest=self.source_digest,
            warnings=[notice.note or notice.code for notice in parsed.warnings],
            created_at=uow.now,
            created_by=uow.actor.id,
        )
        uow.session.add(task_list)
        uow.session.flush()
        uow.about(task_list.id)
        units = unit_ids_by_name(uow.session)
        items = [_item(uow, task_list, position, row) for position, row in enumerate(parsed.rows, 1)]
        # The items first: what refers to them has no relationship by which a flush would know the order.
        uow.session.add_all(items)
        uow.session.flush()
        for item, row in zip(items, parsed.rows, strict=True):
            _add_parts(uow, item, row, units)
        return _summary(uow.session, task_list, already=False)


def _item(uow: UnitOfWork, task_list: TaskList, position: int, row: ParsedRow) -> Item:
    id_ = uuid4()
    return Item(
        id=id_,
        root_id=id_,
        list_id=task_list.id,
        office_unit_id=task_list.office_unit_id,
        position=position,
        number=str(row.number if row.number is not None else position),
        section=row.section,
        article=row.article,
        text=row.text,
        text_printed=row.text_printed,
        measures=list(row.measures),
        range=row.range,
        kpi=_kpi(row),
        joint_lead=len(row.leads) > 1,
        by_duty=row.by_duty,
        open_list=row.open_ended,
        status=ItemStatus.DRAFT,
        created_at=uow.now,
    )


def _add_parts(uow: UnitOfWork, item: Item, row: ParsedRow, units: Mapping[str, UUID]) -> None:
    """What is printed of it, who answers for the item, what a person must look at, and its deadlines."""
    uow.session.add(_printed(item, row))
    parts = [(p, ResponsibilityRole.LEAD) for p in row.leads]
    parts += [(p, ResponsibilityRole.CO_UNIT) for p in row.co_units]
    parts += [(Party(group), ResponsibilityRole.GROUP) for group in row.groups]
    for order, (party, role) in enumerate(parts):
        unit_id = None if role == ResponsibilityRole.GROUP else units.get(party.unit or party.printed)
        if unit_id is None and role != ResponsibilityRole.GROUP:
            _propose(uow, party.printed, row.text)
        uow.session.add(
            Responsibility(
                item_id=item.id, unit_id=unit_id, role=role, printed=party.printed, position=order, valid_from=uow.now
            )
        )
    uow.session.add_all(
        ImportFlag(item_id=item.id, code=f.code, field=f.field, note=f.note, blocking=f.blocking) for f in row.flags
    )
    add_deadlines(
        uow,
        item,
        [
            NewDeadline(
                phrase=d.phrase,
                kind=d.kind,
                on_date=d.date,
                rule=d.rule,
                anchor=d.anchor,
                strength=d.strength,
                applies_to=d.applies_to,
            )
            for d in row.deadlines
        ],
    )


def _printed(item: Item, row: ParsedRow) -> PrintedRow:
    """The cells as they stand in the document. What was inferred is not printed there."""
    flags = {flag.code for flag in row.flags}
    has_number = row.number is not None and FlagCode.NUMBER_INFERRED not in flags
    return PrintedRow(
        item_id=item.id,
        number=str(row.number) if has_number else None,
        section=None if FlagCode.SECTION_INFERRED in flags else row.section,
        units=row.units_printed,
        deadlines=[deadline.phrase for deadline in row.deadlines if deadline.applies_to == AppliesTo.ROW],
        others=[list(each) for each in row.others],
        line=row.position.line if row.position else None,
        cell=row.position.column if row.position else None,
    )


def _kpi(row: ParsedRow) -> dict[str, object] | None:
    if row.kpi is None:
        return None
    baseline = row.kpi.baseline
    return {
        "name": row.kpi.name,
        "target": row.kpi.target,
        "unit": row.kpi.unit,
        "type": row.kpi.type.value,
        "by": row.kpi.by.isoformat() if row.kpi.by else None,
        "baseline": {"value": baseline.value, "unit": baseline.unit, "year": baseline.year} if baseline else None,
    }


def _propose(uow: UnitOfWork, printed: str, context: str) -> None:
    """A name the registry does not know becomes a candidate that a person decides on, once."""
    with uow.session.no_autoflush:
        known = uow.session.exec(select(UnitCandidate).where(UnitCandidate.printed == printed)).first()
    pending = any(isinstance(new, UnitCandidate) and new.printed == printed for new in uow.session.new)
    if known is None and not pending:
        uow.session.add(UnitCandidate(printed=printed, context=context, seen_at=uow.now))


def unit_ids_by_name(session: Session) -> dict[str, UUID]:
    """Every name a unit is known by: official, short, other spellings and former names.

    A short name that two units share names neither: a person has to say which.
    """
    names = {alias.name: alias.unit_id for alias in session.exec(select(UnitAlias))}
    units = session.exec(select(Unit)).all()
    shared = Counter(unit.short_name for unit in units)
    names |= {unit.short_name: unit.id for unit in units if shared[unit.short_name] == 1}
    return names | {unit.official_name: unit.id for unit in units}


def _summary(session: Session, task_list: TaskList, *, already: bool) -> ImportedList:
    session.flush()
    flags = session.exec(
        select(ImportFlag.blocking)
        .join(Item, col(Item.id) == col(ImportFlag.item_id))
        .where(Item.list_id == task_list.id, col(ImportFlag.resolved_at).is_(None))
    ).all()
    return ImportedList(task_list.id, already, task_list.found_count, len(flags), sum(flags))


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectItem:
    """A person settles what the import could not read: the fields given replace the item's, the flags named are
    resolved with the person's words. The printed text stays as it is.
    """

    item_id: UUID
    seen_version: int
    text: str | None = None
    number: str | None = None
    section: str | None = None
    deadlines: tuple[NewDeadline, ...] | None = None
    flag_ids: tuple[UUID, ...] = ()
    resolution: str = ""

    def execute(self, uow: UnitOfWork) -> int:
        """The item's new version. Raises StaleVersion, WrongStatus, NotFound, RuleViolation without a resolution."""
        item = office_item(uow, self.item_id, Permission.FLAG_RESOLVE, self.seen_version)
        if item.status not in EDITABLE:
            raise WrongStatus(str(item.id), status=item.status)
        if self.text is not None:
            item.text, item.text_confirmed_by, item.text_confirmed_at = self.text, uow.actor.id, uow.now
        if self.number is not None:
            item.number = self.number
        if self.section is not None:
            item.section = self.section
        if self.deadlines is not None:
            replace_deadlines(uow, item, self.deadlines)
        if self.flag_ids:
            self._resolve(uow, item)
        item.version += 1
        return item.version

    def _resolve(self, uow: UnitOfWork, item: Item) -> None:
        if not self.resolution.strip():
            raise RuleViolation("a flag is resolved with words", reason="resolution")
        flags = uow.session.exec(
            select(ImportFlag).where(ImportFlag.item_id == item.id, col(ImportFlag.id).in_(self.flag_ids))
        ).all()
        if len(flags) != len(set(self.flag_ids)):
            raise NotFound("flag")
        for flag in flags:
            flag.resolution, flag.resolved_by, flag.resolved_at = self.resolution, uow.actor.id, uow.now


@dataclass(frozen=True, slots=True)
class Waiting:
    """An item that cannot be registered yet, and the code of the reason."""

    item_id: UUID
    number: str
    code: str


@dataclass(frozen=True, slots=True)
class Registered:
    """What approving or registering a list led to."""

    registered: tuple[UUID, ...]
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveList:
    """The office's leader approves the list's version. Items without an open question are registered at once.

    `historical` settles whether the list is taken over as history; None leaves it as it was imported.
    """

    list_id: UUID
    seen_version: int
    historical: bool | None = None

    def execute(self, uow: UnitOfWork) -> Registered:
        """Raises StaleVersion, WrongStatus when it is approved already, OwnSubmission for who imported it."""
        task_list = _list(uow, self.list_id, Permission.LIST_APPROVE)
        if task_list.created_by is not None and task_list.created_by == uow.actor.id:
            raise OwnSubmission(str(task_list.id), step=task_list.title)
        if task_list.version != self.seen_version:
            raise StaleVersion(str(task_list.id), seen=self.seen_version, current=task_list.version)
        if task_list.status != ListStatus.DRAFT:
            raise WrongStatus(str(task_list.id), status=task_list.status)
        if self.historical is not None:
            task_list.historical = self.historical
        task_list.status = ListStatus.APPROVED
        task_list.approved_at, task_list.approved_by = uow.now, uow.actor.id
        task_list.version += 1
        return _register_ready(uow, task_list)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterItems:
    """Register the items of an approved list whose questions were settled since."""

    list_id: UUID

    def execute(self, uow: UnitOfWork) -> Registered:
        """Raises WrongStatus for a list that is not approved."""
        task_list = _list(uow, self.list_id, Permission.ITEM_ISSUE)
        if task_list.status != ListStatus.APPROVED:
            raise WrongStatus(str(task_list.id), status=task_list.status)
        return _register_ready(uow, task_list)


def _list(uow: UnitOfWork, list_id: UUID, permission: Permission) -> TaskList:
    task_list = uow.session.get(TaskList, list_id)
    uow.about(list_id)
    if task_list is None or task_list.office_unit_id not in uow.actor.units_as(*OFFICE_ROLES):
        uow.authorized = True
        raise NotFound(f"list {list_id}")
    uow.require(permission, unit_id=task_list.office_unit_id)
    return uow.lock(TaskList, list_id)


def _register_ready(uow: UnitOfWork, task_list: TaskList) -> Registered:
    drafts: Sequence[Item] = uow.session.exec(
        select(Item)
        .where(Item.list_id == task_list.id, Item.status == ItemStatus.DRAFT, col(Item.parent_id).is_(None))
        .order_by(col(Item.id))
        .with_for_update(key_share=True)
    ).all()
    registered, waiting = [], []
    for item in sorted(drafts, key=lambda i: i.position):
        try:
            register(uow, item)
        except DomainError as reason:
            waiting.append(Waiting(item.id, item.number, reason.code))
        else:
            item.version += 1
            registered.append(item.id)
    return Registered(tuple(registered), tuple(waiting))
