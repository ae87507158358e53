"""KPI targets: set, based, read with their sources, served by items, and asked about any past day."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from db.tables import Item
from domain.errors import AlreadyExists, NotFound, PermissionDenied, WrongStatus
from domain.kpi import KpiKind
from domain.kpi_errors import (
    KpiDatesReversed,
    KpiEvidenceUnrelated,
    KpiNotAnItemTarget,
    KpiReadingInFuture,
    KpiReadingNotFullYear,
    KpiSourceMissing,
    KpiValueOutOfRange,
)
from domain.permissions import Role
from services.kpi import LinkKpiItem, RecordKpiReading, RetireKpiTarget, SetKpiBase, SetKpiTarget, TakeOverKpiTarget
from services.queries.kpi import kpi_target, kpi_targets
from services.queries.reading import reading

BASE, END = date(2020, 12, 31), date(2026, 12, 31)


def command(world, **fields):
    known = {
        "office_unit_id": world.office,
        "name": "制度创新成果",
        "kind": KpiKind.CUMULATIVE_COUNT,
        "target": 120.0,
        "unit": "项",
        "base_on": BASE,
        "target_on": END,
        "source": "规划表一",
    }
    return SetKpiTarget(**(known | fields))


@pytest.fixture
def target(world) -> UUID:
    made: UUID = world.do(command(world), world.clerk)
    return made


def read(world, target_id, on, value, **fields):
    known = {"source": "统计月报", **fields}
    return world.do(RecordKpiReading(target_id=target_id, as_of=on, value=value, **known), world.clerk)


def look(world, target_id, actor=None, **when):
    with reading(world.executor, actor or world.clerk) as asked:
        return kpi_target(asked, target_id, **when)


def test_a_target_without_a_figure_cannot_be_assessed(world, target):
    row = look(world, target).row
    assert (row.value, row.state, row.why_not_label) == (None, "not_assessable", "还没有数据")


def test_a_growth_without_a_base_is_no_zero_until_the_base_comes(world):
    growth = world.do(
        command(world, name="进出口年均增速", kind=KpiKind.ANNUAL_AVERAGE_GROWTH, target=4.0, unit="%"), world.clerk
    )
    read(world, growth, date(2024, 12, 31), 1200.0)
    row = look(world, growth).row
    assert (row.value, row.forecast, row.state_label, row.why_not_label) == (None, None, "无法评估", "缺少基数")
    world.do(SetKpiBase(target_id=growth, value=1000.0, source="2020年统计公报"), world.clerk)
    row = look(world, growth).row
    assert row.value == pytest.approx(4.664, abs=0.001)
    assert row.state == "on_schedule"


def test_the_series_has_the_course_and_the_forecast_its_method_and_range(world, target):
    for month, value in ((6, 60.0), (9, 66.0), (12, 71.0)):
        read(world, target, date(2025, month, 28), value)
    seen = look(world, target)
    assert [point.value for point in seen.series] == [60, 66, 71]
    assert all(point.expected is not None for point in seen.series)
    row = seen.row
    assert (row.method, row.used) == ("linear", 3)
    assert row.forecast is not None and row.low is not None and row.high is not None
    assert 71 < row.low < row.forecast < row.high
    assert row.state == "behind"


def test_a_corrected_figure_is_beside_the_first_and_both_moments_can_be_asked(world, target):
    read(world, target, date(2025, 12, 31), 90.0)
    known = world.clock.now()
    world.clock.advance(days=3)
    read(world, target, date(2025, 12, 31), 84.0, source="更正的统计月报")
    assert look(world, target).row.value == 84
    assert look(world, target, known_at=known).row.value == 90
    assert [(f.value, f.counts) for f in look(world, target).figures] == [(84, True), (90, False)]
    assert look(world, target, as_of=date(2025, 6, 30)).row.value is None


def test_parts_follow_their_whole(world, target):
    part = world.do(command(world, name="首创性成果", target=20.0, parent_id=target), world.clerk)
    other = world.do(command(world, name="利用外资", kind=KpiKind.CUMULATIVE_SUM, unit="亿"), world.clerk)
    with reading(world.executor, world.clerk) as asked:
        ids = [row.id for row in kpi_targets(asked)]
    assert ids.index(part) == ids.index(target) + 1
    assert other in ids


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"target_on": BASE}, KpiDatesReversed),
        ({"source": "  "}, KpiSourceMissing),
        ({"base": 5.0}, KpiSourceMissing),
        ({"kind": KpiKind.SHARE_LEVEL, "target": 120.0}, KpiValueOutOfRange),
        ({"parent_id": UUID(int=1)}, NotFound),
    ],
)
def test_a_target_that_cannot_be_one_is_refused(world, fields, refused):
    with pytest.raises(refused):
        world.do(command(world, **fields), world.clerk)


@pytest.mark.parametrize(
    ("figure", "fields", "refused"),
    [
        ((date(2026, 3, 11), 5.0), {}, KpiReadingInFuture),
        ((date(2025, 3, 1), 5.5), {}, KpiValueOutOfRange),
        ((date(2025, 3, 1), 5.0), {"source": ""}, KpiSourceMissing),
        ((date(2025, 3, 1), 5.0), {"evidence_ids": (UUID(int=1),)}, KpiEvidenceUnrelated),
    ],
)
def test_a_figure_that_proves_nothing_is_refused(world, target, figure, fields, refused):
    with pytest.raises(refused):
        read(world, target, *figure, **fields)
    assert look(world, target).figures == ()


def test_a_growth_is_read_at_the_end_of_whole_years(world):
    growth = world.do(command(world, kind=KpiKind.ANNUAL_AVERAGE_GROWTH, target=4.0), world.clerk)
    with pytest.raises(KpiReadingNotFullYear):
        read(world, growth, date(2025, 6, 30), 1200.0)


def test_evidence_of_an_item_that_serves_the_target_stands_beside_its_figure(world, target):
    item = world.item()
    world.complete(item, "issue")
    paper = world.evidence(item, world.clerk)
    with pytest.raises(KpiEvidenceUnrelated):
        read(world, target, date(2025, 12, 31), 90.0, evidence_ids=(paper,))
    world.do(LinkKpiItem(target_id=target, item_id=item), world.clerk)
    read(world, target, date(2025, 12, 31), 90.0, evidence_ids=(paper,))
    seen = look(world, target)
    assert seen.figures[0].evidence == ((paper, "会议纪要"),)
    assert [each.id for each in seen.serving] == [item]
    world.do(LinkKpiItem(target_id=target, item_id=item, serves=False), world.clerk)
    assert look(world, target).serving == ()


def test_a_unit_sees_the_targets_that_its_items_serve_and_no_others(world, target):
    lead = world.actor(world.leads[0], Role.LIAISON)
    with pytest.raises(NotFound):
        look(world, target, lead)
    item = world.item()
    world.complete(item, "issue")
    world.do(LinkKpiItem(target_id=target, item_id=item), world.clerk)
    assert not look(world, target, lead).may_edit
    with pytest.raises(NotFound):
        world.do(SetKpiBase(target_id=target, value=1.0, source="x"), lead)
    with pytest.raises(PermissionDenied):
        world.do(command(world), lead)


def test_a_target_that_was_taken_off_takes_no_more_figures_and_leaves_the_list(world, target):
    world.do(RetireKpiTarget(target_id=target), world.clerk)
    with pytest.raises(WrongStatus):
        read(world, target, date(2025, 12, 31), 90.0)
    with reading(world.executor, world.clerk) as asked:
        assert kpi_targets(asked) == ()


def test_an_imported_item_with_a_target_becomes_one_once(world):
    item = world.item(text="到2026年底，累计利用外资达到60亿美元。")
    with pytest.raises(KpiNotAnItemTarget):
        world.do(TakeOverKpiTarget(item_id=item, base_on=BASE), world.clerk)
    with world.sessions() as session:
        session.get_one(Item, item).kpi = {
            "name": "累计利用外资",
            "target": 60.0,
            "unit": "亿美元",
            "type": "cumulative_sum",
            "by": "2026-12-31",
            "baseline": {"value": 8.5, "unit": "亿美元", "year": 2020},
        }
        session.commit()
    made = world.do(TakeOverKpiTarget(item_id=item, base_on=BASE), world.clerk)
    seen = look(world, made)
    assert (seen.row.name, seen.row.target, seen.row.base, seen.item_id) == ("累计利用外资", 60, 8.5, item)
    with pytest.raises(AlreadyExists):
        world.do(TakeOverKpiTarget(item_id=item, base_on=BASE), world.clerk)


def test_figures_and_bases_cannot_be_changed(world, target):
    read(world, target, date(2025, 12, 31), 90.0)
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    for statement in ("UPDATE kpi_reading SET value = 1", "DELETE FROM kpi_reading"):
        with world.sessions() as session, pytest.raises(DBAPIError):
            session.execute(text(statement))


def test_a_past_day_is_asked_with_what_was_known_then(world, target):
    read(world, target, date(2024, 12, 31), 70.0)
    world.clock.advance(days=1)
    read(world, target, date(2025, 12, 31), 110.0)
    then = look(world, target, as_of=date(2024, 12, 31)).row
    assert (then.value, then.state) == (70, "behind")
    assert look(world, target, known_at=world.clock.now() - timedelta(hours=1)).row.value == 70
