"""The demo on any document: its units are confirmed by the demo's office, people are made for them, items are played.

What the document leaves open the demo's office decides like an office would, and says so: the first printed unit
leads where the document names no lead. A row that the import blocks is left to a person with the original at hand.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlalchemy import ColumnElement, exists
from sqlmodel import col, select

from app.demo.city import OFFICE, appoint
from app.demo.desk import Desk, open_flags
from app.demo.run import Played, Teller, import_list, play, stage_of
from app.demo.script import Script, in_order
from app.demo.stage import Stage
from db.tables import ImportFlag, Item, Responsibility, UnitCandidate
from domain.items import ItemStatus, ResponsibilityRole
from domain.permissions import Role
from domain.units import UnitKind
from importers.registry import packaged_registry
from importers.sheets.packaged import packaged_units
from services.readiness import JOINT_LEADS
from services.units import AddCandidateAsUnit, ConfirmCandidate

SETTLED = "演示：办公室已对照原件核对。"
LAST_DAY = 130
_PER_DAY = 20
"""Items that the office issues in a day."""
_KINDS = (
    ("人民政府", UnitKind.DISTRICT),
    ("管委会", UnitKind.FUNCTIONAL_AREA),
    ("管理委员会", UnitKind.FUNCTIONAL_AREA),
    ("法院", UnitKind.COURT),
    ("公司", UnitKind.ENTERPRISE),
    ("集团", UnitKind.ENTERPRISE),
    ("海关", UnitKind.CENTRAL_BRANCH),
    ("海事局", UnitKind.CENTRAL_BRANCH),
)


@dataclass(frozen=True, slots=True)
class _Draft:
    """An item of the list before it is registered."""

    id: UUID
    number: str
    open_list: bool
    has_group: bool
    leads: tuple[UUID, ...]
    co_units: tuple[UUID, ...]


def play_document(stage: Stage, teller: Teller, *, path: Path) -> Played:
    """Import the document, clear what an office can clear, and let its items live for some months."""
    content = path.read_bytes()
    list_id = import_list(stage, path.name, content)
    stage = stage_of(stage, list_id)
    flags = open_flags(stage, list_id)
    teller.say(f"读到 {len(_drafts(stage, list_id))} 项待立项，待核对标记 {len(flags)} 处")
    teller.flags([flag for flag in flags if flag.blocking])
    confirm_units(stage, list_id, teller)
    _clear(stage, list_id, teller)
    desk = Desk(stage, list_id)
    approved = desk.approve()
    if approved is not None:
        teller.say(f"批准后立项 {len(approved.registered)} 项，{len(approved.waiting)} 项等待人工处理")
    appoint(stage, _units_of(stage, list_id))
    return play(stage, list_id, in_order(_scripts(stage, list_id)), teller)


def confirm_units(stage: Stage, list_id: UUID, teller: Teller) -> None:
    """Each name that the registry does not know becomes a unit, or another name of one; damaged cells are left."""
    clerk = stage.person(OFFICE, Role.OFFICE_STAFF)
    known, packaged = packaged_registry(), {row.short_name: row for row in packaged_units().rows}
    added = 0
    for candidate_id, printed in _candidates(stage, list_id):
        row = packaged.get(known.lookup(printed).unit or "")
        official, short = (row.official_name, row.short_name) if row else (printed, printed)
        try:
            unit_id = stage.unit(short)
        except LookupError:
            unit_id = None
        if unit_id is not None:
            stage.do(ConfirmCandidate(candidate_id=candidate_id, unit_id=unit_id), clerk)
            continue
        kind = (row.kind if row else None) or _kind_of(printed)
        command = AddCandidateAsUnit(candidate_id=candidate_id, official_name=official, short_name=short, kind=kind)
        stage.do(command, clerk)
        added += 1
    if added:
        teller.say(f"单位名录新增 {added} 个单位（由演示办公室逐个确认）")


def _kind_of(printed: str) -> UnitKind:
    return next((kind for ending, kind in _KINDS if printed.endswith(ending)), UnitKind.DEPARTMENT)


def _candidates(stage: Stage, list_id: UUID) -> list[tuple[UUID, str]]:
    """Undecided names of the list's rows that are not blocked, in printed order."""
    with stage.session() as session:
        pending = {
            row.printed: row.id
            for row in session.exec(select(UnitCandidate).where(col(UnitCandidate.decided_at).is_(None)))
        }
        printed = session.exec(
            select(Responsibility.printed)
            .join(Item, col(Item.id) == col(Responsibility.item_id))
            .where(Item.list_id == list_id, col(Responsibility.unit_id).is_(None), ~_blocked())
            .order_by(col(Item.position), col(Responsibility.position))
        ).all()
    return [(pending[name], name) for name in dict.fromkeys(printed) if name in pending]


def _blocked() -> ColumnElement[bool]:
    return exists(
        select(ImportFlag.id).where(
            col(ImportFlag.item_id) == col(Item.id), col(ImportFlag.blocking), col(ImportFlag.resolved_at).is_(None)
        )
    )


def _drafts(stage: Stage, list_id: UUID) -> list[_Draft]:
    """The rows that an office can clear: drafts that the import did not block, in printed order."""
    with stage.session() as session:
        items = session.exec(
            select(Item)
            .where(Item.list_id == list_id, Item.status == ItemStatus.DRAFT, ~_blocked())
            .order_by(col(Item.position))
        ).all()
        parts: dict[UUID, list[Responsibility]] = defaultdict(list)
        for part in session.exec(
            select(Responsibility)
            .where(col(Responsibility.item_id).in_([item.id for item in items]), col(Responsibility.valid_to).is_(None))
            .order_by(col(Responsibility.position))
        ):
            parts[part.item_id].append(part)
    return [_draft(item, parts[item.id]) for item in items]


def _draft(item: Item, parts: Iterable[Responsibility]) -> _Draft:
    units: dict[str, list[UUID]] = {ResponsibilityRole.LEAD: [], ResponsibilityRole.CO_UNIT: []}
    has_group = False
    for part in parts:
        if part.role == ResponsibilityRole.GROUP:
            has_group = True
        elif part.unit_id is not None and part.unit_id not in units[part.role]:
            units[part.role].append(part.unit_id)
    leads = tuple(units[ResponsibilityRole.LEAD])
    co_units = tuple(unit for unit in units[ResponsibilityRole.CO_UNIT] if unit not in leads)
    return _Draft(item.id, item.number, item.open_list, has_group, leads, co_units)


def _clear(stage: Stage, list_id: UUID, teller: Teller) -> None:
    """The office's decisions: flags settled, open lists and groups closed, a lead named where there is none."""
    drafts, desk = _drafts(stage, list_id), Desk(stage, list_id)
    named = Counter(unit for draft in drafts for unit in (*draft.leads, *draft.co_units))
    # A list that names no unit at all is the office's own business.
    busiest = named.most_common(1)[0][0] if named else stage.unit(OFFICE)
    decided = 0
    for draft in drafts:
        joint = len(draft.leads) in {1, JOINT_LEADS}
        if draft.open_list or draft.has_group or not joint:
            units = (*draft.leads, *draft.co_units) or (busiest,)
            leads = draft.leads or units[:1]
            desk.assign(
                draft.id, leads, [unit for unit in units if unit not in leads], joint_lead=len(leads) == JOINT_LEADS
            )
            decided += 1
        desk.settle(draft.id, SETTLED)
    if decided:
        teller.say(f"{decided} 项的名单或牵头单位由演示办公室指定（文件未写明的，首个单位牵头）")


def _units_of(stage: Stage, list_id: UUID) -> list[UUID]:
    with stage.session() as session:
        found = session.exec(
            select(Responsibility.unit_id)
            .join(Item, col(Item.id) == col(Responsibility.item_id))
            .where(Item.list_id == list_id)
            .distinct()
        )
        return [unit_id for unit_id in found if unit_id is not None]


def _scripts(stage: Stage, list_id: UUID) -> list[Script]:
    """One of the stories for each registered item, by its place in the list."""
    with stage.session() as session:
        items = session.exec(
            select(Item)
            .where(Item.list_id == list_id, Item.status != ItemStatus.DRAFT, col(Item.parent_id).is_(None))
            .order_by(col(Item.position))
        ).all()
        co_units = set(
            session.exec(
                select(Responsibility.item_id).where(
                    col(Responsibility.item_id).in_([item.id for item in items]),
                    Responsibility.role == ResponsibilityRole.CO_UNIT,
                    col(Responsibility.valid_to).is_(None),
                )
            )
        )
    scripts = []
    for item in items:
        script = Script(
            ref=str(item.position),
            find=partial(_itself, item.id),
            office=OFFICE,
            day=2 + item.position // _PER_DAY,
            has_co_units=item.id in co_units,
        )
        _STORIES[item.position % len(_STORIES)](script)
        scripts.append(script)
    return scripts


def _itself(item_id: UUID, _stage: Stage) -> UUID:
    return item_id


def _closed(script: Script) -> None:
    script.taken().planned(co_units=script.has_co_units).reported(40, co_units=script.has_co_units)
    script.on(70).claimed(("完成情况报告.pdf", "工作台账.xlsx"), co_units=script.has_co_units).ended()


def _reporting(script: Script) -> None:
    script.taken().planned(co_units=script.has_co_units)
    for day in (40, 70, 100):
        script.reported(day, co_units=script.has_co_units)


def _planning(script: Script) -> None:
    script.taken().step("draft_plan", after=8)
    script.returned("sign_plan", "content_vague", "节点写得太笼统，请逐项写明成果。")
    if script.has_co_units:
        script.step("draft_plan", after=4).step("sign_plan", "sign")


def _under_review(script: Script) -> None:
    script.taken().planned(co_units=script.has_co_units).reported(70, co_units=script.has_co_units)
    script.on(90).claimed(("印发文件.docx", "现场照片.png"), co_units=script.has_co_units)
    script.returned("review_completion", "material_insufficient", "缺少受益对象名单，请补充。", after=4)
    script.step("claim_completion", "completed", after=6, files=("受益对象名单.xlsx",))


def _not_signed(script: Script) -> None:
    script.on(105).step("issue")


def _in_progress(script: Script) -> None:
    script.taken().planned(co_units=script.has_co_units).reported(70, co_units=script.has_co_units)


_STORIES: tuple[Callable[[Script], None], ...] = (
    _closed,
    _reporting,
    _planning,
    _under_review,
    _in_progress,
    _not_signed,
)
