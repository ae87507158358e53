"""A unit is asked for a due KPI figure: reported, signed, checked, recorded; returned, refused, withdrawn, late."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from db.tables import Item, KpiRequest, Message
from domain.errors import InvalidForm, NotFound, OwnSubmission, ReasonMissing, WrongStatus
from domain.items import ItemStatus
from domain.kpi import KpiKind
from domain.kpi_errors import (
    KpiAlreadyAsked,
    KpiProofMissing,
    KpiReadingBeforeBase,
    KpiReadingInFuture,
    KpiReadingOutsidePeriod,
    KpiReporterMissing,
    KpiReporterUnfit,
    KpiRequestEnded,
    KpiRhythmUnfit,
    KpiValueOutOfRange,
)
from domain.kpi_reporting import KpiRhythm
from domain.permissions import SCHEDULER, Actor, Membership, Role
from services.kpi import RecordKpiReading, RetireKpiTarget, SetKpiTarget
from services.kpi_endings import EndKpiRequest, requests_over
from services.kpi_requests import (
    ArrangeKpiReporting,
    AskForDueKpiFigure,
    AskForKpiFigure,
    WithdrawKpiRequest,
    figures_due,
)
from services.queries.kpi import kpi_target, kpi_targets
from services.queries.kpi_requests import kpi_requests
from services.queries.ledger import LedgerFilter, ledger
from services.queries.reading import reading
from tests.ladder_world import fired, local, play, sweep

FIGURE = {"value": 47, "as_of": "2026-03-31", "source": "一季度创新成果台账"}
RETURN = {"reason_code": "figures_contradict", "opinion": "比上期少了3项，请更正"}


@pytest.fixture
def target(world) -> UUID:
    """A count over three years that the first lead reports every quarter."""
    made: UUID = world.do(setting(world), world.clerk)
    world.do(ArrangeKpiReporting(target_id=made, unit_id=world.leads[0], rhythm=KpiRhythm.QUARTERLY), world.clerk)
    return made


def setting(world, **fields):
    known = {
        "office_unit_id": world.office,
        "name": "制度创新成果",
        "kind": KpiKind.CUMULATIVE_COUNT,
        "target": 90.0,
        "unit": "项",
        "base_on": date(2024, 12, 31),
        "target_on": date(2027, 6, 15),
        "source": "规划表一",
    }
    return SetKpiTarget(**(known | fields))


def on(world, month, day, *, year=2026):
    world.clock.at = local(month, day, 9, year=year)


def ask(world) -> list[UUID]:
    """The clock looks once; the requests it opened."""
    with world.sessions() as session:
        due = figures_due(session, world.clock.now(), 100)
    return [world.do(AskForDueKpiFigure(target_id=target_id), SCHEDULER) for target_id in due]


@pytest.fixture
def asked(world, target) -> UUID:
    """The request for the first quarter, on 1 April."""
    on(world, 4, 1)
    [item_id] = ask(world)
    return item_id


def report(world, item_id, **fields):
    lead = world.actor(world.leads[0], Role.LIAISON)
    proof = world.evidence(item_id, lead)
    return world.complete(item_id, "report_figure", "report", form=FIGURE | fields, evidence_ids=(proof,))


def request(world, item_id) -> KpiRequest:
    with world.sessions() as session:
        return session.get_one(KpiRequest, item_id)


def look(world, target_id, actor=None):
    with reading(world.executor, actor or world.clerk) as reads:
        return kpi_target(reads, target_id)


def test_a_quarter_that_is_over_is_asked_for_once(world, target):
    assert ask(world) == []
    on(world, 3, 31)
    assert ask(world) == []
    on(world, 4, 1)
    [item_id] = ask(world)
    [work] = world.open_work(item_id)
    assert (work.bpmn_id, work.unit_id, work.role) == ("report_figure", world.leads[0], "liaison")
    row = request(world, item_id)
    assert (row.period, row.first_on, row.last_on) == ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31))
    assert row.asked_by is None
    assert ask(world) == []
    assert world.do(AskForDueKpiFigure(target_id=target), SCHEDULER) is None
    on(world, 7, 1)
    [second] = ask(world)
    assert request(world, second).period == "2026-Q2"


def test_what_is_reported_signed_and_accepted_becomes_a_figure_with_its_provenance(world, target, asked):
    report(world, asked)
    row = request(world, asked)
    assert (row.answer, row.value, row.as_of) == ("report", 47, date(2026, 3, 31))
    assert look(world, target).figures == ()
    world.clock.advance(hours=1)
    world.complete(asked, "sign_figure")
    assert world.complete(asked, "check_figure", "accept").outcome == "recorded"
    seen = look(world, target)
    [figure] = seen.figures
    assert (figure.as_of, figure.value, figure.source) == (date(2026, 3, 31), 47, FIGURE["source"])
    assert (figure.reported_by, figure.request_item_id) == ("市牵头甲局", asked)
    assert figure.recorded_by == world.clerk.name
    assert [name for _, name in figure.evidence] == ["会议纪要"]
    assert seen.row.value == 47
    assert seen.requests[0].outcome_label == "已记入"
    assert world.status(asked) == ItemStatus.SETTLED


@pytest.mark.parametrize("step", ["sign_figure", "check_figure"])
def test_what_is_returned_with_its_reason_is_corrected_and_comes_back(world, target, asked, step):
    report(world, asked)
    if step == "check_figure":
        world.complete(asked, "sign_figure")
    with pytest.raises(ReasonMissing):
        world.complete(asked, step, "return")
    world.clock.advance(hours=1)
    world.complete(asked, step, "return", **RETURN)
    assert world.open_work(asked)[0].bpmn_id == "report_figure"
    world.clock.advance(hours=1)
    # What was attached before still proves; a second paper is not asked for.
    world.complete(asked, "report_figure", "report", form=FIGURE | {"value": 50})
    world.complete(asked, "sign_figure")
    world.complete(asked, "check_figure", "accept")
    assert [figure.value for figure in look(world, target).figures] == [50]


def test_what_cannot_be_measured_is_no_figure_and_says_why(world, target, asked):
    with pytest.raises(InvalidForm):
        world.complete(asked, "report_figure", "cannot")
    world.complete(asked, "report_figure", "cannot", form={"why_not": "海关十二月才公布"})
    world.complete(asked, "sign_figure")
    assert world.complete(asked, "check_figure", "accept").outcome == "not_measured"
    seen = look(world, target)
    assert seen.figures == ()
    assert (seen.requests[0].outcome_label, seen.requests[0].said) == ("无法统计", "海关十二月才公布")
    assert seen.row.state == "not_assessable"


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"as_of": "2025-12-31"}, KpiReadingOutsidePeriod),
        ({"as_of": "2026-04-01"}, KpiReadingOutsidePeriod),
        ({"as_of": "2026-04-30"}, KpiReadingInFuture),
        ({"value": 4.5}, KpiValueOutOfRange),
        ({"value": -1}, InvalidForm),
        ({"source": ""}, InvalidForm),
    ],
)
def test_a_figure_that_proves_nothing_is_refused_and_the_step_stays_open(world, asked, fields, refused):
    with pytest.raises(refused):
        report(world, asked, **fields)
    assert world.open_work(asked)[0].bpmn_id == "report_figure"
    assert request(world, asked).answer is None


def test_a_figure_without_evidence_is_refused(world, asked):
    with pytest.raises(KpiProofMissing):
        world.complete(asked, "report_figure", "report", form=FIGURE)


def test_nobody_signs_or_accepts_what_they_reported_themselves(world, asked):
    liaison = world.actor(world.leads[0], Role.LIAISON)
    both = Actor(
        id=liaison.id,
        name=liaison.name,
        memberships=frozenset(
            {*liaison.memberships, Membership(world.leads[0], Role.UNIT_LEADER), *world.clerk.memberships}
        ),
    )
    report(world, asked)
    with pytest.raises(OwnSubmission):
        world.complete(asked, "sign_figure", actor=both)
    world.complete(asked, "sign_figure")
    with pytest.raises(OwnSubmission):
        world.complete(asked, "check_figure", "accept", actor=both)


def test_the_target_says_who_holds_the_request_since_when(world, target, asked):
    holder = look(world, target).requests[0].holder
    assert (holder.step, holder.unit, holder.since) == ("报送数据", "市牵头甲局", world.clock.now())
    assert not holder.late
    report(world, asked)
    lead = world.actor(world.leads[0], Role.UNIT_LEADER)
    [row] = look(world, target, lead).requests
    assert (row.holder.step, row.holder.mine) == ("数据签发", True)
    with reading(world.executor, world.clerk) as reads:
        assert [each.asked for each in kpi_targets(reads)] == [1]
        assert [each.item_id for each in kpi_requests(reads, open_only=True)] == [asked]


def test_another_unit_sees_neither_target_nor_request(world, target, asked):
    other = world.actor(world.leads[1], Role.LIAISON)
    with pytest.raises(NotFound):
        look(world, target, other)
    with reading(world.executor, other) as reads:
        assert kpi_requests(reads) == ()
    with pytest.raises(NotFound):
        world.do(WithdrawKpiRequest(item_id=asked, reason="x"), other)


def test_the_limit_counts_working_days_and_who_is_late_is_urged(world, asked):
    with world.sessions() as session:
        session.execute(text("UPDATE person SET email = 'someone@example.gov.cn'"))
        session.commit()
    sweep(world)
    with world.sessions() as session:
        [told] = session.exec(select(Message).where(col(Message.item_id) == asked)).all()
    assert told.recipient_id == world.actor(world.leads[0], Role.LIAISON).id
    [work] = world.open_work(asked)
    # Five working days after Wednesday 1 April.
    assert work.due_at == datetime(2026, 4, 8, 16, 0, tzinfo=UTC)
    play(world, local(4, 14), timedelta(hours=6))
    assert {row.recipient_id for row in fired(world, work.id)} >= {
        world.actor(world.leads[0], Role.LIAISON).id,
        world.clerk.id,
    }
    with reading(world.executor, world.clerk) as reads:
        assert [row.holder and row.holder.late for row in kpi_requests(reads)] == [True]


def test_a_withdrawn_target_ends_what_is_asked(world, target, asked):
    report(world, asked)
    world.do(RetireKpiTarget(target_id=target), world.clerk)
    assert world.open_work(asked) == []
    row = request(world, asked)
    assert (row.outcome, row.ended_because) == ("cancelled", "retired")
    on(world, 7, 1)
    assert ask(world) == []
    with pytest.raises(WrongStatus):
        world.do(AskForKpiFigure(target_id=target, as_of=date(2026, 6, 1)), world.clerk)


def end_over(world):
    with world.sessions() as session:
        found = requests_over(session, world.clock.now(), 10)
    return [world.do(EndKpiRequest(item_id=item_id), SCHEDULER) for item_id in found]


def test_a_target_that_has_the_figure_of_its_date_asks_for_no_more(world, target, asked):
    on(world, 6, 16, year=2027)
    [last] = ask(world)
    assert (request(world, last).period, request(world, last).last_on) == ("2027-Q2", date(2027, 6, 15))
    assert end_over(world) == []
    world.clock.advance(hours=1)
    report(world, last, as_of="2027-06-15")
    world.complete(last, "sign_figure")
    world.clock.advance(hours=1)
    world.complete(last, "check_figure", "accept")
    assert end_over(world) == [True]
    assert request(world, asked).ended_because == "finished"
    assert not world.do(EndKpiRequest(item_id=asked), SCHEDULER)
    # A corrected figure of the date may still be asked for by hand, and is not ended at once.
    world.clock.advance(hours=1)
    with pytest.raises(KpiAlreadyAsked):
        world.do(AskForKpiFigure(target_id=target, as_of=date(2027, 6, 15)), world.clerk)
    world.do(AskForKpiFigure(target_id=target, as_of=date(2027, 6, 16)), world.clerk)
    assert end_over(world) == []
    on(world, 10, 1, year=2027)
    assert ask(world) == []


def test_the_office_asks_by_hand_one_figure_at_a_time(world, target):
    day = date(2026, 2, 28)
    item_id = world.do(AskForKpiFigure(target_id=target, as_of=day), world.clerk)
    assert (request(world, item_id).first_on, request(world, item_id).asked_by) == (None, world.clerk.id)
    for again in (day, date(2026, 3, 1)):
        with pytest.raises(KpiAlreadyAsked):
            world.do(AskForKpiFigure(target_id=target, as_of=again), world.clerk)
    # An earlier figure answers too: the newest one there is.
    report(world, item_id, as_of="2026-01-31")
    world.complete(item_id, "sign_figure")
    world.complete(item_id, "check_figure", "accept")
    assert look(world, target).row.value_as_of == date(2026, 1, 31)


def test_another_unit_can_be_asked_by_hand_and_none_where_nobody_is_named(world):
    made = world.do(setting(world), world.clerk)
    with pytest.raises(KpiReporterMissing):
        world.do(AskForKpiFigure(target_id=made, as_of=date(2026, 2, 1)), world.clerk)
    command = AskForKpiFigure(target_id=made, as_of=date(2026, 2, 1), unit_id=world.co_units[0])
    item_id = world.do(command, world.clerk)
    assert world.open_work(item_id)[0].unit_id == world.co_units[0]
    assert [row.target_id for row in look(world, made, world.actor(world.co_units[0], Role.LIAISON)).requests] == [made]


@pytest.mark.parametrize(
    ("day", "refused"), [(date(2026, 4, 1), KpiReadingInFuture), (date(2024, 12, 31), KpiReadingBeforeBase)]
)
def test_a_day_without_a_figure_is_not_asked_for(world, target, day, refused):
    with pytest.raises(refused):
        world.do(AskForKpiFigure(target_id=target, as_of=day), world.clerk)


def test_what_the_office_withdraws_ends_with_its_reason_and_may_be_asked_again(world, target, asked):
    with pytest.raises(ReasonMissing):
        world.do(WithdrawKpiRequest(item_id=asked, reason=" "), world.clerk)
    world.do(WithdrawKpiRequest(item_id=asked, reason="口径改了"), world.clerk)
    assert (request(world, asked).outcome, request(world, asked).ended_because) == ("cancelled", "口径改了")
    with pytest.raises(KpiRequestEnded):
        world.do(WithdrawKpiRequest(item_id=asked, reason="口径改了"), world.clerk)
    # The clock does not insist on what a person withdrew.
    assert ask(world) == []
    again = world.do(AskForKpiFigure(target_id=target, as_of=date(2026, 3, 31)), world.clerk)
    assert world.open_work(again)[0].bpmn_id == "report_figure"


def test_a_figure_that_the_office_entered_is_not_asked_for(world, target):
    on(world, 4, 1)
    command = RecordKpiReading(target_id=target, as_of=date(2026, 3, 31), value=40.0, source="统计月报")
    world.do(command, world.clerk)
    assert ask(world) == []


def test_two_clocks_ask_once(world, target):
    on(world, 4, 1)
    with world.sessions() as session:
        due = figures_due(session, world.clock.now(), 10)
    both = [world.do(AskForDueKpiFigure(target_id=due[0]), SCHEDULER) for _ in range(2)]
    assert both[1] is None
    with world.sessions() as session:
        row = session.get_one(KpiRequest, both[0])
        session.add(KpiRequest(**row.model_dump() | {"item_id": world.item()}))
        with pytest.raises(DBAPIError):
            session.flush()


def test_a_growth_is_asked_for_once_a_year(world):
    growth = world.do(setting(world, kind=KpiKind.ANNUAL_AVERAGE_GROWTH, target=6.0, unit="%"), world.clerk)
    arrange = {"target_id": growth, "unit_id": world.leads[0]}
    with pytest.raises(KpiRhythmUnfit):
        world.do(ArrangeKpiReporting(**arrange, rhythm=KpiRhythm.QUARTERLY), world.clerk)
    world.do(ArrangeKpiReporting(**arrange, rhythm=KpiRhythm.YEARLY), world.clerk)
    on(world, 1, 4, year=2027)
    [item_id] = ask(world)
    assert request(world, item_id).period == "2026"


def test_a_unit_that_could_not_answer_is_refused(world, target):
    with world.sessions() as session:
        session.execute(
            text("UPDATE unit_member SET valid_to = '2026-01-31' WHERE unit_id = :unit AND role = 'liaison'"),
            {"unit": world.leads[1]},
        )
        session.commit()
    with pytest.raises(KpiReporterUnfit):
        world.do(ArrangeKpiReporting(target_id=target, unit_id=world.leads[1], rhythm=None), world.clerk)


def test_without_a_rhythm_the_clock_asks_nobody(world, target):
    world.do(ArrangeKpiReporting(target_id=target, unit_id=world.leads[0], rhythm=None), world.clerk)
    on(world, 4, 1)
    assert ask(world) == []
    assert look(world, target).row.reporter == "市牵头甲局"


def test_the_matter_stands_in_the_register_and_among_no_tasks(world, asked):
    with world.sessions() as session:
        item = session.get_one(Item, asked)
        assert (item.kind, item.number, item.text) == (
            "kpi_reading",
            "2026-1",
            "报送“制度创新成果”2026年第一季度数据（项）",
        )
    with reading(world.executor, world.clerk) as reads:
        assert ledger(reads, LedgerFilter()).rows == ()
