"""Bulletins from frozen data to receipts: written, checked, heard, signed, numbered, corrected, withdrawn."""

from datetime import date

import pytest
from sqlmodel import select

from db.tables import Bulletin, BulletinSnapshot, BulletinText, DocumentWithdrawal, IssuedDocument, Item
from domain.bulletin_errors import (
    BulletinEmpty,
    BulletinNotIssued,
    BulletinNotOpen,
    BulletinReturnedTwice,
    BulletinTextChanged,
    BulletinTextElsewhere,
    BulletinWithoutRecipients,
    RecipientUnknown,
)
from domain.bulletins import BulletinKind, Circulation
from domain.errors import NotFound, OwnSubmission, PermissionDenied
from domain.permissions import SCHEDULER, Role
from services.asking import CloseQuestion, overdue_questions
from services.bulletin_data import digest_of
from services.bulletin_withdrawal import RecordOutsideDelivery, WithdrawBulletin
from services.bulletins import (
    AddressBulletin,
    OpenBulletin,
    SaveBulletinText,
    TextSection,
)
from services.evidence import DownloadEvidence
from services.queries.bulletins import bulletin_detail, bulletins
from services.queries.evidence import evidence_of_item
from services.queries.item_detail import item_detail
from services.queries.papers import bulletin_paper
from services.queries.receipts import published_as_frozen
from services.queries.work_item_detail import work_item_detail
from tests.bulletin_world import AS_OF, FROM, address, asked, bulletin, issued_one, open_one, to_signature
from tests.bulletin_world import second_clerk as another_clerk


@pytest.fixture
def checker(world):
    return another_clerk(world)


def save(world, item_id, *, seen=1, title="三月进展", paragraphs=("两个码头已接入。",)):
    section = TextSection(heading="一、情况", paragraphs=tuple(paragraphs))
    return world.do(SaveBulletinText(item_id=item_id, seen_version=seen, title=title, sections=(section,)), world.clerk)


def test_a_draft_tells_the_data_as_of_its_day_and_both_are_kept(world, clock):
    done = world.item(text="完成的任务")
    world.to_progress(done)
    world.item(text="没有交办的任务")
    clock.advance(days=5)
    item_id = open_one(world, as_of=date(2026, 3, 14))
    with world.sessions() as session:
        snapshot = session.get_one(BulletinSnapshot, item_id)
        text = session.get_one(BulletinText, (item_id, 1))
    assert snapshot.content["counts"]["total"] == 1
    assert snapshot.content["happened"]["issued"] == 1
    assert digest_of(snapshot.content) == snapshot.sha256
    paragraphs = [p for section in text.sections for p in section["paragraphs"]]
    assert any("截至2026年3月14日" in p and "共1项" in p for p in paragraphs)


def test_what_happens_after_its_day_is_not_in_a_bulletin(world, clock):
    world.to_progress(world.item())
    clock.advance(days=5)
    item_id = open_one(world)
    with world.sessions() as session:
        assert session.get_one(BulletinSnapshot, item_id).content["counts"]["total"] == 0


def test_a_brief_is_signed_by_the_head_and_numbered_only_then(world, checker):
    item_id = open_one(world)
    to_signature(world, item_id, checker)
    with world.sessions() as session:
        assert session.exec(select(IssuedDocument)).all() == []
    done = world.complete(item_id, "sign_as_head")
    assert done.outcome == "issued"
    row = bulletin(world, item_id)
    with world.sessions() as session:
        document = session.get_one(IssuedDocument, row.document_id)
        assert session.get_one(Item, item_id).status == "settled"
    assert (document.number, document.year, document.template) == (1, 2026, "bulletin")
    with asked(world, world.clerk) as read:
        assert published_as_frozen(read, item_id)
        detail = bulletin_detail(read, item_id)
    assert (detail.row.mark, detail.row.state, detail.row.asked) == (document.mark, "issued", 1)


@pytest.mark.parametrize("kind", [BulletinKind.SPECIAL, BulletinKind.CIRCULAR])
def test_other_kinds_are_signed_by_the_convener(world, checker, kind):
    item_id = open_one(world, kind)
    to_signature(world, item_id, checker)
    assert world.complete(item_id, "sign_as_convener").outcome == "issued"


def test_each_kind_counts_for_itself_without_gaps(world, checker):
    for kind in (BulletinKind.BRIEF, BulletinKind.SPECIAL, BulletinKind.BRIEF):
        issued_one(world, checker, kind)
    dropped = open_one(world)
    world.complete(dropped, "edit_text", "drop")
    issued_one(world, checker)
    with world.sessions() as session:
        rows = session.exec(select(Bulletin, IssuedDocument).where(Bulletin.document_id == IssuedDocument.id)).all()
    numbers = sorted((row.kind, document.number) for row, document in rows)
    assert numbers == [("brief", 1), ("brief", 2), ("brief", 3), ("special", 1)]


def test_nobody_checks_their_own_text(world):
    item_id = open_one(world)
    world.complete(item_id, "edit_text")
    with pytest.raises(OwnSubmission):
        world.complete(item_id, "check_text")


def test_a_third_return_by_the_checker_is_refused_and_the_checker_may_mend_the_text(world, checker):
    item_id = open_one(world)
    for _ in range(2):
        world.complete(item_id, "edit_text")
        world.complete(item_id, "check_text", "return", actor=checker, reason_code="content_vague", opinion="写实")
    world.complete(item_id, "edit_text")
    with pytest.raises(BulletinReturnedTwice):
        world.complete(item_id, "check_text", "return", actor=checker, reason_code="content_vague", opinion="写实")
    section = TextSection(heading="一、情况", paragraphs=("核稿人改定。",))
    world.do(SaveBulletinText(item_id=item_id, seen_version=1, title="改定", sections=(section,)), checker)
    world.complete(item_id, "check_text", actor=checker)


def test_every_saved_text_stays_and_an_old_one_is_not_written_over(world):
    item_id = open_one(world)
    assert save(world, item_id) == 2
    with pytest.raises(BulletinTextChanged):
        save(world, item_id, seen=1)
    with world.sessions() as session:
        assert session.get_one(Item, item_id).text == "三月进展"
        assert [row.version for row in session.exec(select(BulletinText))] == [1, 2]


def test_an_empty_text_or_one_to_nobody_is_not_sent_on(world):
    item_id = open_one(world)
    save(world, item_id, paragraphs=(" ",))
    with pytest.raises(BulletinEmpty):
        world.complete(item_id, "edit_text")
    save(world, item_id, seen=2)
    world.do(AddressBulletin(item_id=item_id, recipients=()), world.clerk)
    with pytest.raises(BulletinWithoutRecipients):
        world.complete(item_id, "edit_text")


def test_a_text_that_was_passed_on_is_not_changed(world, checker):
    item_id = open_one(world)
    to_signature(world, item_id, checker)
    with pytest.raises(BulletinTextElsewhere):
        save(world, item_id)
    world.complete(item_id, "sign_as_head")
    with pytest.raises(BulletinNotOpen):
        save(world, item_id)
    with pytest.raises(BulletinNotOpen):
        address(world, item_id)


def test_figures_that_the_data_do_not_hold_are_shown_to_who_checks(world):
    item_id = open_one(world)
    save(world, item_id, paragraphs=("截至2026年3月9日，共0项，接入码头37个。",))
    with asked(world, world.clerk) as read:
        assert bulletin_detail(read, item_id).figures == ("37",)


def criticised(world, checker):
    item_id = open_one(world, BulletinKind.CIRCULAR)
    address(world, item_id, quoted=(world.leads[1],), criticised=world.co_units[:2])
    world.complete(item_id, "edit_text")
    return item_id


def test_who_is_named_sees_the_text_only_when_asked(world, checker):
    item_id = criticised(world, checker)
    liaison = world.actor(world.co_units[0], Role.LIAISON)
    with asked(world, liaison) as read, pytest.raises(NotFound):
        bulletin_detail(read, item_id)
    world.complete(item_id, "check_text", actor=checker)
    with asked(world, liaison) as read:
        detail = bulletin_detail(read, item_id)
    assert detail.text is not None
    assert (detail.data, detail.recipients, detail.statements) == (None, (), ())


def test_a_criticised_unit_sees_its_own_passage_and_statement_and_nothing_of_the_others(world, checker, clock):
    item_id = open_one(world)
    first, second = world.co_units[:2]
    address(world, item_id, quoted=(world.leads[1],), criticised=(first, second))
    said = "市牵头乙局已办结三项；市配合子局两项红灯。市配合丑局逾期未报。共五项。"
    save(world, item_id, paragraphs=(said, "市配合丑局另有一项未签收。"))
    world.complete(item_id, "edit_text")
    world.complete(item_id, "check_text", actor=checker, opinion="丑局的数字已核对。")
    with asked(world, world.actor(world.leads[1], Role.LIAISON)) as read:
        [version] = bulletin_detail(read, item_id).texts
    assert version.sections == ({"heading": "一、情况", "paragraphs": ["市牵头乙局已办结三项；"]},)
    world.complete(item_id, "confirm_quotes")
    clock.advance(hours=1)
    stated = {"reason_code": "figures_contradict", "opinion": "材料已报，附后。"}
    paper = world.evidence(item_id, world.actor(second, Role.LIAISON))
    world.complete(item_id, "state_facts", "state", unit_id=second, evidence_ids=(paper,), **stated)
    with asked(world, world.actor(first, Role.LIAISON)) as read:
        seen = bulletin_detail(read, item_id)
        story = item_detail(read, item_id)
        row = next(work for work in world.open_work(item_id, "state_facts") if work.unit_id == first)
        desk = work_item_detail(read, row.id)
        assert evidence_of_item(read, item_id) == []
        printed = bulletin_paper(read, item_id).content
    assert [p for text in seen.texts for section in text.sections for p in section["paragraphs"]] == [
        "市配合子局两项红灯。"
    ]
    assert {each.unit for each in seen.statements} == {"市配合子局"}
    assert {part.unit for part in story.parts} == {"市配合子局"}
    assert {entry.unit for entry in (*story.timeline, *desk.handed_in)} == {"滨海示范市联席会议办公室"}
    assert {party.unit_id for party in desk.parties} == {first}
    assert {holder.unit_id for holder in story.summary.held_by} == {first}
    assert "丑局" not in repr((seen, story, desk, printed))
    assert "材料已报" not in repr((seen, story, desk))
    with pytest.raises(NotFound):
        world.do(DownloadEvidence(evidence_id=paper), world.actor(first, Role.LIAISON))
    with asked(world, world.clerk) as read:
        assert "材料已报，附后。" in {entry.opinion for entry in item_detail(read, item_id).timeline}
        assert [row.id for row in evidence_of_item(read, item_id)] == [paper]


def test_facts_that_are_stated_are_weighed_by_somebody_else_than_the_editor(world, checker):
    item_id = criticised(world, checker)
    world.complete(item_id, "check_text", actor=checker)
    world.complete(item_id, "confirm_quotes")
    world.complete(item_id, "state_facts", "nothing_to_add", unit_id=world.co_units[0])
    done = world.complete(
        item_id,
        "state_facts",
        "state",
        unit_id=world.co_units[1],
        reason_code="figures_contradict",
        opinion="办法已于三月一日印发",
    )
    assert [work.bpmn_id for work in done.opened] == ["weigh_facts"]
    with pytest.raises(OwnSubmission):
        world.complete(item_id, "weigh_facts", "keep")
    world.complete(
        item_id, "weigh_facts", "return", actor=checker, reason_code="figures_contradict", opinion="属实，请改"
    )
    with asked(world, world.clerk) as read:
        said = bulletin_detail(read, item_id).statements
    assert sorted((each.stated, each.words) for each in said) == [(False, ""), (True, "办法已于三月一日印发")]


def test_silence_holds_up_nothing_after_two_working_days(world, checker, clock):
    item_id = criticised(world, checker)
    world.complete(item_id, "check_text", actor=checker)
    world.complete(item_id, "confirm_quotes")
    instance_id = world.instance(item_id, "bulletin").id
    with world.sessions() as session:
        assert overdue_questions(session, clock.now(), 10) == []
    assert not world.do(CloseQuestion(instance_id=instance_id), SCHEDULER)
    clock.advance(days=3)
    with world.sessions() as session:
        assert overdue_questions(session, clock.now(), 10) == [instance_id]
    assert world.do(CloseQuestion(instance_id=instance_id), SCHEDULER)
    assert [work.bpmn_id for work in world.open_work(item_id)] == ["weigh_facts"]
    assert not world.do(CloseQuestion(instance_id=instance_id), SCHEDULER)


def test_a_quoted_unit_that_disagrees_sends_the_text_back(world, checker):
    item_id = criticised(world, checker)
    world.complete(item_id, "check_text", actor=checker)
    world.complete(item_id, "confirm_quotes", "return", reason_code="figures_contradict", opinion="是两家不是三家")
    assert world.open_work(item_id, "edit_text")


def test_recipients_see_what_was_issued_and_sign_for_it_and_nothing_of_how_it_was_made(world, checker):
    item_id = issued_one(world, checker, secrecy=Circulation.INTERNAL)
    delivery_id = bulletin(world, item_id).delivery_item_id
    liaison, stranger = world.actor(world.leads[0], Role.LIAISON), world.actor(world.co_units[0], Role.LIAISON)
    with asked(world, liaison) as read:
        detail = bulletin_detail(read, item_id)
        assert (len(detail.texts), detail.data, detail.row.held_by) == (1, None, ())
        assert [row.item_id for row in bulletins(read).rows] == [item_id]
    with asked(world, stranger) as read:
        assert bulletins(read).rows == ()
    world.complete(delivery_id, "receive_bulletin")
    with asked(world, world.clerk) as read:
        detail = bulletin_detail(read, item_id)
    assert (detail.row.asked, detail.row.receipts) == (1, 1)
    assert [(row.unit_id, row.received_at is not None) for row in detail.recipients] == [
        (world.leads[0], True),
        (None, False),
    ]
    assert world.status(delivery_id) == "settled"


def test_a_public_bulletin_is_read_by_everybody_when_it_is_issued(world, checker):
    stranger = world.actor(world.co_units[0], Role.LIAISON)
    item_id = open_one(world)
    with asked(world, stranger) as read, pytest.raises(NotFound):
        bulletin_detail(read, item_id)
    to_signature(world, item_id, checker)
    world.complete(item_id, "sign_as_head")
    with asked(world, stranger) as read:
        assert bulletin_detail(read, item_id).text is not None


def test_a_receipt_on_paper_is_recorded_by_the_office(world, checker):
    item_id = issued_one(world, checker)
    on_paper = RecordOutsideDelivery(item_id=item_id, name="邻市联席会议办公室", sent_on=AS_OF, receipt="王某签收")
    world.do(on_paper, world.clerk)
    with asked(world, world.clerk) as read:
        assert bulletin_detail(read, item_id).recipients[1].receipt == "王某签收"
    with pytest.raises(RecipientUnknown):
        world.do(RecordOutsideDelivery(item_id=item_id, name="没有的单位", sent_on=AS_OF), world.clerk)


def test_a_correction_is_a_new_issue_that_names_the_old_one_which_stays(world, checker):
    first = issued_one(world, checker)
    with asked(world, world.clerk) as read:
        before = bulletin_detail(read, first)
    second = world.do(
        OpenBulletin(
            office_unit_id=world.office,
            kind=BulletinKind.BRIEF,
            as_of=AS_OF,
            from_on=FROM,
            corrects_id=first,
        ),
        world.clerk,
    )
    to_signature(world, second, checker)
    world.complete(second, "sign_as_head")
    with asked(world, world.clerk) as read:
        corrected, correction = bulletin_detail(read, first), bulletin_detail(read, second)
        assert published_as_frozen(read, first)
    assert corrected.texts == before.texts
    assert corrected.corrected_by == (second,)
    assert before.row.mark in correction.row.title
    assert [row.name for row in correction.recipients] == [row.name for row in before.recipients]


def test_what_was_not_issued_is_neither_corrected_nor_withdrawn(world):
    item_id = open_one(world)
    with pytest.raises(BulletinNotIssued):
        open_one(world, corrects_id=item_id)
    with pytest.raises(BulletinNotIssued):
        world.do(WithdrawBulletin(item_id=item_id, reason="误发"), world.head)


@pytest.mark.parametrize("received", [True, False])
def test_a_withdrawn_bulletin_is_called_back_from_everybody_who_has_it(world, checker, received):
    item_id = issued_one(world, checker)
    delivery_id = bulletin(world, item_id).delivery_item_id
    if received:
        world.complete(delivery_id, "receive_bulletin")
    with pytest.raises(PermissionDenied):
        world.do(WithdrawBulletin(item_id=item_id, reason="涉及未公开数据"), world.clerk)
    world.do(WithdrawBulletin(item_id=item_id, reason="涉及未公开数据"), world.head)
    with world.sessions() as session:
        [taken_back] = session.exec(select(DocumentWithdrawal)).all()
    assert set(taken_back.recipients) == {"市牵头甲局", "邻市联席会议办公室"}
    assert [work.bpmn_id for work in world.open_work(delivery_id)] == ["confirm_recall"]
    with asked(world, world.actor(world.leads[0], Role.LIAISON)) as read:
        assert bulletin_detail(read, item_id).text is None
    world.complete(delivery_id, "confirm_recall")
    with asked(world, world.clerk) as read:
        assert bulletin_detail(read, item_id).recipients[0].recalled_at is not None
    with pytest.raises(BulletinNotIssued):
        world.do(WithdrawBulletin(item_id=item_id, reason="再次"), world.head)
