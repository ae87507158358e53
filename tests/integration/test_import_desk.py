"""The import desk's own command and queries: one screen, one transaction, and the printed row beside it."""

import hashlib
from datetime import date

import pytest
from sqlmodel import select

from db.tables import ImportFlag, Item, PrintedRow, Responsibility, Unit, UnitAlias, UnitCandidate
from domain.desk_errors import FlagNeedsWords, OpenListNotDeclared
from domain.errors import LeadMissing, NotFound, StaleVersion
from domain.import_doubts import DoubtLevel
from domain.items import DeadlineKind
from domain.permissions import Role
from importers.model import Deadline, DocumentKind, Flag, FlagCode, ParsedDocument, ParsedRow, Party
from importers.structure import Position
from services.import_desk import NameMeans, PartiesChosen, SettleRow
from services.items import NewDeadline
from services.lists import ApproveList, ImportDocument
from services.queries.import_desk import approvers, desk_item, desk_rows, issue_work, list_progress, printed_rows
from services.queries.reading import reading

BY_DATE = NewDeadline(phrase="2027年6月底前", kind=DeadlineKind.BY_DATE, on_date=date(2027, 6, 30))


@pytest.fixture
def imported(world):
    """A draft list of three rows: one without a deadline, one with an open list and an unknown name, one clear."""
    with world.sessions() as session:
        lead, co_unit = (session.get_one(Unit, id_).short_name for id_ in (world.leads[0], world.co_units[0]))
    rows = (
        ParsedRow(
            number=1,
            text="建立机制",
            text_printed="建立 机制",
            section="一、总体",
            units_printed=f"{lead}",
            leads=(Party(lead, lead),),
            flags=(Flag(FlagCode.DEADLINE_MISSING, "deadlines", "空", blocking=True),),
            position=Position(12, 2),
        ),
        ParsedRow(
            number=2,
            text="推进试点",
            text_printed="推进试点",
            section="一、总体",
            units_printed=f"{lead}、促进会等",
            leads=(Party(lead, lead),),
            co_units=(Party("促进会"),),
            deadlines=(Deadline("持续推进", DeadlineKind.ONGOING),),
            open_ended=True,
            flags=(
                Flag(FlagCode.NUMBER_INFERRED, "number", "推定"),
                Flag(FlagCode.SECTION_INFERRED, "section", "沿用"),
                Flag(FlagCode.OPEN_LIST, "units", "等"),
                Flag(FlagCode.UNIT_UNKNOWN, "units", "不在"),
            ),
            others=(("备注", "试点"),),
        ),
        ParsedRow(
            number=3,
            text="公布目录",
            text_printed="公布目录",
            units_printed=f"{lead}牵头，{co_unit}配合",
            leads=(Party(lead, lead),),
            co_units=(Party(co_unit, co_unit),),
            deadlines=(Deadline("2027年6月底前", DeadlineKind.BY_DATE, date(2027, 6, 30)),),
        ),
    )
    parsed = ParsedDocument(kind=DocumentKind.TASK_LIST, title="任务清单", rows=rows)
    command = ImportDocument(
        office_unit_id=world.office,
        source_name="清单.docx",
        source_digest=hashlib.sha256(b"desk").digest(),
        parsed=parsed,
    )
    return world.do(command, world.clerk).id


def rows_of(world, list_id, actor=None):
    with reading(world.executor, actor or world.clerk) as asking:
        return desk_rows(asking, list_id)


def flags_of(world, item_id):
    with world.sessions() as session:
        return list(session.exec(select(ImportFlag).where(ImportFlag.item_id == item_id)))


def test_rows_press_by_what_keeps_them_from_their_issue(world, imported):
    first, second, third = rows_of(world, imported)
    assert [(d.code, d.level) for d in first.doubts] == [("deadline_missing", DoubtLevel.BLOCK)]
    assert {d.code for d in second.doubts if d.level is DoubtLevel.BLOCK} == {"open_list", "unit_unknown"}
    assert second.level is DoubtLevel.BLOCK
    assert third.level is DoubtLevel.CLEAR
    assert third.due_on == date(2027, 6, 30)


def test_the_printed_row_is_kept_without_what_was_inferred_and_cannot_be_changed(world, imported):
    with reading(world.executor, world.clerk) as asking:
        first, second, third = printed_rows(asking, imported, first=1, count=10)
        item = desk_item(asking, second.item_id)
    assert (first.number, first.section, first.text, first.line, first.cell) == ("1", "一、总体", "建立 机制", 12, 2)
    assert (second.number, second.section) == (None, None)
    assert second.others == (("备注", "试点"),)
    assert item.printed == second
    assert third.deadlines == ("2027年6月底前",)
    with world.sessions() as session:
        row = session.get_one(PrintedRow, second.item_id)
        row.units = "改写"
        with pytest.raises(Exception, match=r"permission denied|append-only"):
            session.flush()


def test_a_blocking_flag_asks_for_a_correction_or_words(world, imported):
    first = rows_of(world, imported)[0]
    with pytest.raises(FlagNeedsWords):
        world.do(SettleRow(item_id=first.id, seen_version=first.version), world.clerk)
    world.do(SettleRow(item_id=first.id, seen_version=first.version, deadlines=(BY_DATE,)), world.clerk)
    [flag] = flags_of(world, first.id)
    assert flag.resolution == "已对照原文更正：完成时限。"
    assert flag.resolved_by == world.clerk.id
    row = rows_of(world, imported)[0]
    assert (row.level, row.confirmed, row.due_on) == (DoubtLevel.CLEAR, True, date(2027, 6, 30))
    with pytest.raises(StaleVersion):
        world.do(SettleRow(item_id=first.id, seen_version=first.version, words="再来"), world.clerk)


def test_words_settle_a_blocking_flag_without_a_correction(world, imported):
    first = rows_of(world, imported)[0]
    world.do(SettleRow(item_id=first.id, seen_version=first.version, words="无时限，逐年安排"), world.clerk)
    assert [flag.resolution for flag in flags_of(world, first.id)] == ["无时限，逐年安排"]


def test_one_screen_is_settled_wholly_or_not_at_all(world, imported):
    second = rows_of(world, imported)[1]
    with world.sessions() as session:
        candidate = session.exec(select(UnitCandidate).where(UnitCandidate.printed == "促进会")).one()
    names = (NameMeans(candidate_id=candidate.id, unit_id=world.co_units[0]),)
    parties = PartiesChosen(leads=world.leads[:1], co_units=world.co_units[:2])
    settle = SettleRow(
        item_id=second.id, seen_version=second.version, number="9", names=names, parties=parties, list_closed=False
    )
    with pytest.raises(OpenListNotDeclared):
        world.do(settle, world.clerk)
    with world.sessions() as session:
        assert session.exec(select(UnitAlias).where(UnitAlias.name == "促进会")).first() is None
    nobody = PartiesChosen(leads=())
    with pytest.raises(LeadMissing):
        world.do(
            SettleRow(item_id=second.id, seen_version=second.version, parties=nobody, list_closed=True), world.clerk
        )
    world.do(
        SettleRow(
            item_id=second.id,
            seen_version=second.version,
            number="9",
            names=names,
            parties=parties,
            list_closed=True,
        ),
        world.clerk,
    )
    row = rows_of(world, imported)[1]
    assert (row.number, row.level, len(row.others)) == ("9", DoubtLevel.CLEAR, 2)
    with world.sessions() as session:
        item = session.get_one(Item, second.id)
        assert not item.open_list
        printed = session.exec(
            select(Responsibility.printed).where(
                Responsibility.item_id == second.id, Responsibility.unit_id == world.co_units[0]
            )
        ).all()
        assert "促进会" in printed


def test_members_of_a_group_get_items_of_their_own(world, imported):
    third = rows_of(world, imported)[2]
    world.do(SettleRow(item_id=third.id, seen_version=third.version, members=world.co_units[:2]), world.clerk)
    with world.sessions() as session:
        members = session.exec(select(Item).where(Item.parent_id == third.id)).all()
    assert sorted(member.number for member in members) == ["3-1", "3-2"]


def test_the_desk_is_closed_to_other_units(world, imported):
    stranger = world.actor(world.leads[0], Role.LIAISON)
    with pytest.raises(NotFound):
        rows_of(world, imported, stranger)
    first = rows_of(world, imported)[0]
    with pytest.raises(NotFound):
        world.do(SettleRow(item_id=first.id, seen_version=first.version, words="好"), stranger)


def test_progress_goes_from_drafts_to_what_can_be_issued(world, imported):
    with reading(world.executor, world.clerk) as asking:
        assert list_progress(asking, [imported])[imported].drafts == 3
        assert issue_work(asking, imported, limit=10) == []
        assert len(approvers(asking, imported)) == 1
    world.do(ApproveList(list_id=imported, seen_version=1), world.head)
    with reading(world.executor, world.clerk) as asking:
        progress = list_progress(asking, [imported])[imported]
        assert (progress.drafts, progress.registered, progress.issued) == (2, 1, 0)
        assert len(issue_work(asking, imported, limit=10)) == 1
