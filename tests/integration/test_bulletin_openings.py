"""What opens a bulletin: its data, its month, its units' contributions, and who may."""

from datetime import date, datetime, timedelta

import pytest

from db.tables import IssuedDocument
from domain.bulletin_errors import BulletinDayAhead, BulletinMonthTaken
from domain.bulletins import BulletinKind
from domain.errors import NotFound, PermissionDenied
from domain.permissions import SCHEDULER, Role
from services.bulletin_contributions import ContributeToBulletin
from services.bulletins import AddressBulletin, OpenBulletin, OpenMonthlyBulletin, monthly_bulletins_due
from services.queries.bulletins import bulletin_detail, contributions
from tests.bulletin_world import AS_OF, FROM, address, asked, bulletin, issued_one, open_one, second_clerk


@pytest.fixture
def checker(world):
    return second_clerk(world)


def test_a_contribution_goes_into_the_next_bulletin_of_its_time(world):
    liaison = world.actor(world.leads[0], Role.LIAISON)
    world.item()
    sent = ContributeToBulletin(
        office_unit_id=world.office, unit_id=world.leads[0], title="首票通关", text="首票货物当日放行。"
    )
    world.do(sent, liaison)
    with pytest.raises(PermissionDenied):
        world.do(sent, world.actor(world.leads[1], Role.LIAISON))
    item_id = open_one(world, as_of=date(2026, 3, 10))
    with asked(world, liaison) as read:
        assert [each.used_in_id for each in contributions(read)] == [item_id]
    with asked(world, world.clerk) as read:
        detail = bulletin_detail(read, item_id)
    assert detail.text is not None
    assert any("首票货物当日放行" in p for s in detail.text.sections for p in s["paragraphs"])


def test_the_month_before_gets_its_bulletin_by_itself_on_the_fifth_and_only_once(world, clock):
    world.to_progress(world.item())
    clock.at = datetime.fromisoformat("2026-04-04T09:00:00+08:00")
    with world.sessions() as session:
        assert monthly_bulletins_due(session, clock.now(), 10) == []
    clock.advance(days=1)
    with world.sessions() as session:
        assert list(monthly_bulletins_due(session, clock.now(), 10)) == [world.office]
    item_id = world.do(OpenMonthlyBulletin(office_unit_id=world.office), SCHEDULER)
    row = bulletin(world, item_id)
    assert (row.month, row.from_on, row.as_of, row.kind) == ("2026-03", date(2026, 3, 1), date(2026, 3, 31), "brief")
    with world.sessions() as session:
        assert monthly_bulletins_due(session, clock.now(), 10) == []
    assert world.do(OpenMonthlyBulletin(office_unit_id=world.office), SCHEDULER) is None
    whole = OpenBulletin(
        office_unit_id=world.office, kind=BulletinKind.BRIEF, from_on=date(2026, 3, 1), as_of=date(2026, 3, 31)
    )
    with pytest.raises(BulletinMonthTaken):
        world.do(whole, world.clerk)


def test_a_month_without_material_has_no_bulletin_and_leaves_no_gap(world, checker, clock):
    issued_one(world, checker)
    world.to_progress(world.item())
    clock.at = datetime.fromisoformat("2026-05-06T09:00:00+08:00")
    assert world.do(OpenMonthlyBulletin(office_unit_id=world.office), SCHEDULER) is None
    clock.advance(days=1)
    item_id = issued_one(world, checker, as_of=date(2026, 5, 6), from_on=date(2026, 5, 1))
    with world.sessions() as session:
        assert session.get_one(IssuedDocument, bulletin(world, item_id).document_id).number == 2


@pytest.mark.parametrize(("from_on", "as_of"), [(FROM, date(2026, 3, 11)), (date(2026, 3, 9), date(2026, 3, 8))])
def test_data_are_not_taken_as_of_a_day_to_come_nor_backwards(world, from_on, as_of):
    with pytest.raises(BulletinDayAhead):
        open_one(world, from_on=from_on, as_of=as_of)


def test_only_the_office_makes_bulletins(world):
    command = OpenBulletin(office_unit_id=world.office, kind=BulletinKind.BRIEF, from_on=FROM, as_of=AS_OF)
    with pytest.raises(PermissionDenied):
        world.do(command, world.actor(world.leads[0], Role.LIAISON))
    item_id = open_one(world)
    with pytest.raises(NotFound):
        world.do(AddressBulletin(item_id=item_id, recipients=()), world.actor(world.leads[0], Role.LIAISON))


def test_deadlines_of_questions_are_working_days(world, checker, clock):
    clock.at = datetime.fromisoformat("2026-03-13T09:00:00+08:00")
    item_id = open_one(world, BulletinKind.CIRCULAR)
    address(world, item_id, criticised=world.co_units[:2])
    world.complete(item_id, "edit_text")
    world.complete(item_id, "check_text", actor=checker)
    [work, _] = world.open_work(item_id, "state_facts")
    assert work.due_at - clock.now() > timedelta(days=4)
