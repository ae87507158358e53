"""Four items of one unit report by one sheet: the clock asks, the unit fills row by row, the office returns one row."""

from datetime import date, timedelta
from functools import partial
from uuid import UUID

from sqlmodel import select

from app.demo.city import OFFICE
from app.demo.script import Script
from app.demo.stage import Stage
from app.demo.words import form_for
from db.tables import Item, ReportPeriod, ReportRhythm
from domain.calendar import local_date
from domain.permissions import SCHEDULER, Actor, Role
from domain.rhythm import ReportDate, Rhythm, RhythmKind
from services.drafts import SaveDraft
from services.queries.reading import reading
from services.queries.sheets import SheetRow, sheet_view
from services.rhythms import SetRhythm
from services.rounds import due_rounds, round_command
from services.sheets import ReviewSheet, RowAct, SheetStep, SignSheet, SubmitSheet

_FIRST_DUE, _EVERY, _DATES = 13, 70, 6
"""Days from the office's decision to the first report, days between reports, how many there are."""
_CO_UNITS_BEFORE = 5


def by_sheet(lead: str, first: "partial[UUID]") -> Script:
    """The reports of a list whose items one unit leads; `first` finds one of them."""
    script = Script("sheet", first, OFFICE, day=160)
    play = _Play(lead, script)
    script.act("rhythm", play.set_rhythm).act("open", play.open)
    script.act("submit", play.submit, after=3).act("sign", play.sign, after=1)
    script.act("review", partial(play.review, returned=1), after=2)
    script.act("submit_again", play.submit, after=2).act("sign_again", play.sign, after=1)
    return script.act("review_again", partial(play.review, returned=None), after=1)


class _Play:
    """The hands of the unit and of the office."""

    def __init__(self, lead: str, script: Script) -> None:
        self._lead = lead
        self._script = script

    def set_rhythm(self, stage: Stage, name: str) -> None:
        """The office says on which days the units of the list report."""
        if stage.has_done(name):
            return
        list_id, today = self._list(stage), local_date(stage.clock.at)
        with stage.session() as session:
            known = session.get(ReportRhythm, list_id)
        days = (today + timedelta(days=_FIRST_DUE + n * _EVERY) for n in range(_DATES))
        rhythm = Rhythm(kind=RhythmKind.DATES, starts_on=today, dates=tuple(map(_report_date, days)))
        command = SetRhythm(list_id=list_id, seen_version=known.version if known else 0, rhythm=rhythm)
        stage.do(command, stage.person(OFFICE, Role.OFFICE_STAFF), name=name)

    def open(self, stage: Stage, name: str) -> None:
        """The clock asks every item of the list."""
        if stage.has_done(name):
            return
        with stage.session() as session:
            due = due_rounds(session, stage.clock.now(), 100)
        for number, key in enumerate(due, 1):
            stage.do(round_command(key), SCHEDULER, name=name if number == len(due) else None)

    def submit(self, stage: Stage, name: str) -> None:
        """The liaison writes the rows that wait, one draft each; then all go to the leader together."""
        if stage.has_done(name):
            return
        liaison = stage.person(self._lead, Role.LIAISON)
        for row in self._rows(stage, liaison, SheetStep.CONSOLIDATE):
            assert row.work_item_id is not None
            form = form_for("consolidate", None, stage.item(row.item_id), stage.clock.at)
            seen = row.draft.version if row.draft else 0
            stage.do(SaveDraft(work_item_id=row.work_item_id, seen_version=seen, form=form), liaison)
        rows = _acts(self._rows(stage, liaison, SheetStep.CONSOLIDATE))
        command = SubmitSheet(report_period_id=self._period(stage), unit_id=self._unit(stage), rows=rows)
        stage.do(command, liaison, name=name)

    def sign(self, stage: Stage, name: str) -> None:
        """The leader signs them in one act."""
        if stage.has_done(name):
            return
        leader = stage.person(self._lead, Role.UNIT_LEADER)
        rows = _acts(self._rows(stage, leader, SheetStep.SIGN))
        command = SignSheet(report_period_id=self._period(stage), unit_id=self._unit(stage), rows=rows)
        stage.do(command, leader, name=name)

    def review(self, stage: Stage, name: str, *, returned: int | None) -> None:
        """The office approves them in one act, but for one row."""
        if stage.has_done(name):
            return
        clerk = stage.person(OFFICE, Role.OFFICE_STAFF)
        rows = _acts(self._rows(stage, clerk, SheetStep.REVIEW), returned)
        command = ReviewSheet(report_period_id=self._period(stage), unit_id=self._unit(stage), rows=rows)
        stage.do(command, clerk, name=name)

    def _rows(self, stage: Stage, actor: Actor, step: SheetStep) -> list[SheetRow]:
        with reading(stage.executor, actor) as asked:
            view = sheet_view(asked, self._period(stage), self._unit(stage))
        return [row for row in view.rows if row.step == step]

    def _unit(self, stage: Stage) -> UUID:
        return stage.unit(self._lead)

    def _list(self, stage: Stage) -> UUID:
        with stage.session() as session:
            return session.get_one(Item, self._script.find(stage)).list_id

    def _period(self, stage: Stage) -> UUID:
        list_id = self._list(stage)
        with stage.session() as session:
            return session.exec(
                select(ReportPeriod.id).where(ReportPeriod.list_id == list_id).order_by(ReportPeriod.period)
            ).all()[0]


def _report_date(day: date) -> ReportDate:
    return ReportDate(day, day - timedelta(days=_CO_UNITS_BEFORE))


def _acts(rows: list[SheetRow], returned: int | None = None) -> tuple[RowAct, ...]:
    acts = []
    for number, row in enumerate(rows):
        assert row.work_item_id is not None
        assert row.seen_version is not None
        back = number == returned
        acts.append(
            RowAct(
                work_item_id=row.work_item_id,
                seen_version=row.seen_version,
                decision="return" if back else None,
                reason_code="content_vague" if back else None,
                opinion="只写了会议次数，请补写解决了几件、还剩几件。" if back else "",
            )
        )
    return tuple(acts)
