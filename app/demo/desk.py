"""The office's desk: what its people do with a draft list before it can be issued."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import col, select

from app.demo.city import OFFICE, appoint
from app.demo.stage import Stage
from app.demo.tasks import Issue
from db.tables import ImportFlag, Item, ItemDeadline, TaskList, Unit, UnitCandidate, UnitGroup, UnitGroupMember
from domain.items import DeadlineKind, ListStatus, Strength
from domain.permissions import Role
from domain.units import UnitKind
from services.items import AssignUnits, ExpandGroup, NewDeadline
from services.lists import ApproveList, CorrectItem, Registered
from services.units import AddCandidateAsUnit

UNKNOWN_UNIT = "市数字经济促进中心"
_RELATIVE_DAYS = 40


@dataclass(frozen=True, slots=True)
class OpenFlag:
    """A flag of the import, with the number of its item."""

    number: str
    code: str
    note: str
    blocking: bool


def open_flags(stage: Stage, list_id: UUID) -> list[OpenFlag]:
    """What the import left for a person to look at, in printed order."""
    with stage.session() as session:
        rows = session.execute(
            select(Item.number, ImportFlag.code, ImportFlag.note, ImportFlag.blocking)
            .join(Item, col(Item.id) == col(ImportFlag.item_id))
            .where(Item.list_id == list_id, col(ImportFlag.resolved_at).is_(None))
            .order_by(col(Item.position))
        )
        return [OpenFlag(*row) for row in rows]


def clear_sample_list(stage: Stage, list_id: UUID, issue: Issue) -> None:
    """The office's decisions on the sample list, one by one: nothing is decided by the import itself."""
    desk = Desk(stage, list_id)
    desk.add_unit(UNKNOWN_UNIT, "滨海示范市数字经济促进中心", UnitKind.OTHER, parent="市工业和信息化局")
    desk.settle("6", "国家部门新的授权文件印发之日为触发事项，由市工业和信息化局登记。")
    desk.settle("7", "已核实，该中心为市工业和信息化局所属事业单位，列入单位名录。")
    by_date = _by_date(f"{issue.month(6)}（办公室补定）", issue.end_of_month(6))
    desk.settle("8", "经与示范港集团商定时限。", deadline=by_date)
    desk.assign("9", ("示范海关",), ("市交通运输委", "市市场监管局", "市商务局"))
    desk.settle("9", "“等有关单位”确定为增加市商务局。")
    desk.expand("10", _members(stage, "各区人民政府"))
    desk.settle("10", "按全市四个区逐一分解。")
    desk.expand("11", _members(stage, "各区人民政府"))
    desk.settle("11", "市市场监管局牵头，四个区分别办理。")
    desk.expand("12", [stage.unit("东湾区人民政府"), stage.unit("南洲区人民政府")])
    desk.settle("12", "有测试条件的东湾区、南洲区先行。")
    desk.settle("13", "从印发之日起算四十个工作日。", deadline=_relative(stage, list_id, issue))
    desk.settle("16", "机构改革后由市委金融办承接。")
    desk.assign("28", ("市商务局", "市政务服务办", "市公安局"), (), collecting="市商务局")
    desk.settle("28", "专班成员各负其责，市商务局汇总。")
    desk.approve()


class Desk:
    """Corrects, assigns, expands and approves as the people of the office, each decision once. Items are named by
    their number in the list, or by id.
    """

    def __init__(self, stage: Stage, list_id: UUID) -> None:
        self._stage = stage
        self._list_id = list_id
        self._clerk = stage.person(OFFICE, Role.OFFICE_STAFF)

    def settle(self, number: str | UUID, words: str, *, deadline: NewDeadline | None = None) -> None:
        """Resolve all flags of an item, with words, and correct its deadline if one is given."""
        name = f"desk.settle.{number}"
        item = self._item(number)
        with self._stage.session() as session:
            flags = session.exec(
                select(ImportFlag.id).where(ImportFlag.item_id == item.id, col(ImportFlag.resolved_at).is_(None))
            ).all()
        if self._stage.has_done(name) or not (flags or deadline):
            return
        command = CorrectItem(
            item_id=item.id,
            seen_version=item.version,
            flag_ids=tuple(flags),
            resolution=words,
            deadlines=(deadline,) if deadline else None,
        )
        self._stage.do(command, self._clerk, name=name)

    def assign(
        self,
        number: str | UUID,
        leads: Sequence[str | UUID],
        co_units: Sequence[str | UUID],
        *,
        joint_lead: bool = False,
        collecting: str | None = None,
    ) -> None:
        """Say who is responsible."""
        name = f"desk.assign.{number}"
        if self._stage.has_done(name):
            return
        item = self._item(number)
        command = AssignUnits(
            item_id=item.id,
            seen_version=item.version,
            leads=tuple(map(self._unit, leads)),
            co_units=tuple(map(self._unit, co_units)),
            joint_lead=joint_lead,
            collecting=self._unit(collecting) if collecting else None,
        )
        self._stage.do(command, self._clerk, name=name)

    def expand(self, number: str, unit_ids: Sequence[UUID]) -> None:
        """Fan an item out to the members of its group."""
        name = f"desk.expand.{number}"
        if self._stage.has_done(name):
            return
        item = self._item(number)
        command = ExpandGroup(item_id=item.id, seen_version=item.version, unit_ids=tuple(unit_ids))
        self._stage.do(command, self._clerk, name=name)

    def add_unit(self, printed: str, official_name: str, kind: UnitKind, *, parent: str | None = None) -> None:
        """A name that the registry does not know is confirmed as a unit of its own, which then names its people."""
        name = f"desk.unit.{printed}"
        if not self._stage.has_done(name):
            with self._stage.session() as session:
                candidate_id = session.exec(select(UnitCandidate.id).where(UnitCandidate.printed == printed)).one()
            command = AddCandidateAsUnit(
                candidate_id=candidate_id,
                official_name=official_name,
                short_name=printed,
                kind=kind,
                parent_id=self._stage.unit(parent) if parent else None,
            )
            self._stage.do(command, self._clerk, name=name)
        appoint(self._stage, [self._stage.unit(printed)])

    def approve(self) -> Registered | None:
        """The head of the office approves the list; None if that was done before."""
        with self._stage.session() as session:
            task_list = session.get_one(TaskList, self._list_id)
            if task_list.status == ListStatus.APPROVED:
                return None
        command = ApproveList(list_id=self._list_id, seen_version=task_list.version)
        return self._stage.do(command, self._stage.person(OFFICE, Role.UNIT_LEADER), name="desk.approve")

    def _item(self, number: str | UUID) -> Item:
        """By its id where a list may print a number twice."""
        with self._stage.session() as session:
            if isinstance(number, UUID):
                return session.get_one(Item, number)
            return session.exec(select(Item).where(Item.list_id == self._list_id, Item.number == number)).one()

    def _unit(self, unit: str | UUID) -> UUID:
        return unit if isinstance(unit, UUID) else self._stage.unit(unit)


def _members(stage: Stage, group: str) -> list[UUID]:
    with stage.session() as session:
        return list(
            session.exec(
                select(UnitGroupMember.unit_id)
                .join(UnitGroup, col(UnitGroup.id) == col(UnitGroupMember.group_id))
                .join(Unit, col(Unit.id) == col(UnitGroupMember.unit_id))
                .where(UnitGroup.name == group)
                .order_by(col(Unit.sort_order))
            )
        )


def _by_date(phrase: str, day: date) -> NewDeadline:
    return NewDeadline(phrase=phrase, kind=DeadlineKind.BY_DATE, on_date=day, strength=Strength.FIRM)


def _relative(stage: Stage, list_id: UUID, issue: Issue) -> NewDeadline:
    """The printed term, with the day on which it ends by the working calendar."""
    with stage.session() as session:
        printed = session.exec(
            select(ItemDeadline)
            .join(Item, col(Item.id) == col(ItemDeadline.item_id))
            .where(Item.list_id == list_id, Item.number == "13", ItemDeadline.position == 0)
            .order_by(col(ItemDeadline.replaced_at).nulls_last())
            .limit(1)
        ).one()
        calendar = stage.executor.calendar.get(session)
    return NewDeadline(
        phrase=printed.phrase,
        kind=DeadlineKind.RELATIVE,
        on_date=calendar.add_working_days(issue.on, _RELATIVE_DAYS).day,
        rule=printed.rule,
        anchor=printed.anchor,
        strength=Strength.FIRM,
    )
