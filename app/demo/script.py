"""Acts of a play: what is done with one item, on which simulated day, under which name."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from app.demo.stage import Stage
from db.tables import Evidence, ExpungeRequest, Item
from domain.calendar import end_of, local_date
from domain.permissions import Role
from services.evidence import AddPaperReference, DecideExpunge, RequestExpunge
from services.items import AssignUnits, StopItem
from services.rounds import OpenRound

Find = Callable[[Stage], UUID]

CO_DUE_DAYS, DUE_DAYS = 8, 13
"""From the opening of a round on the 12th to the co-units' day (the 20th) and the lead's (the 25th)."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something done with the item `ref` on a day; `name` is unique in its play."""

    day: int
    ref: str
    name: str
    perform: Callable[[Stage], None]


@dataclass(slots=True)
class Script:
    """Writes the acts of one item one after the other. `after` is in days since the act before."""

    ref: str
    find: Find
    office: str
    day: int = 0
    has_co_units: bool = False
    acts: list[Act] = field(default_factory=list)

    def on(self, day: int) -> "Script":
        """Go on on that day."""
        self.day = max(day, self.day)
        return self

    def act(self, what: str, perform: Callable[[Stage, str], None], *, after: int = 0) -> "Script":
        """Anything; `perform` gets the stage and the act's name."""
        self.day += after
        name = f"{self.ref}.{len(self.acts) + 1}.{what}"
        self.acts.append(Act(self.day, self.ref, name, lambda stage: perform(stage, name)))
        return self

    def step(self, bpmn_id: str, decision: str | None = None, *, after: int = 1, **fields: Any) -> "Script":
        """Everybody who is asked, or the unit named, completes a step."""

        def perform(stage: Stage, name: str) -> None:
            stage.complete(name, self.find(stage), bpmn_id, decision, **fields)

        return self.act(bpmn_id, perform, after=after)

    def returned(self, bpmn_id: str, reason: str, opinion: str, *, decision: str = "return", **fields: Any) -> "Script":
        """A step that is answered with a return, an objection or a sending back."""
        return self.step(bpmn_id, decision, reason_code=reason, opinion=opinion, **fields)

    def reassign(self, leads: Sequence[str], co_units: Sequence[str] = (), *, after: int = 1) -> "Script":
        """The office names other units."""

        def perform(stage: Stage, name: str) -> None:
            item_id = self.find(stage)
            command = AssignUnits(
                item_id=item_id,
                seen_version=stage.version(item_id),
                leads=tuple(map(stage.unit, leads)),
                co_units=tuple(map(stage.unit, co_units)),
                joint_lead=False,
            )
            stage.do(command, stage.person(self.office, Role.OFFICE_STAFF), name=name)

        return self.act("reassign", perform, after=after)

    def open_round(self, *, after: int = 0) -> "Script":
        """The office asks for the report of the month."""

        def perform(stage: Stage, name: str) -> None:
            today = local_date(stage.clock.at)
            command = OpenRound(
                item_id=self.find(stage),
                period=f"{today:%Y-%m}",
                co_due_at=end_of(today + timedelta(days=CO_DUE_DAYS)),
                due_at=end_of(today + timedelta(days=DUE_DAYS)),
            )
            stage.do(command, stage.person(self.office, Role.OFFICE_STAFF), name=name)

        return self.act("open_round", perform, after=after)

    def stop(self, message: str, reason: str, document_number: str = "", *, after: int = 1) -> "Script":
        """The head of the office withdraws or terminates the item."""

        def perform(stage: Stage, name: str) -> None:
            item_id = self.find(stage)
            command = StopItem(
                item_id=item_id,
                seen_version=stage.version(item_id),
                message=message,
                reason=reason,
                document_number=document_number,
            )
            stage.do(command, stage.person(self.office, Role.UNIT_LEADER), name=name)

        return self.act(message, perform, after=after)

    def paper(self, unit: str, title: str, number: str, place: str, level: Any, *, after: int = 1) -> "Script":
        """Classified material takes part as a paper reference."""

        def perform(stage: Stage, name: str) -> None:
            command = AddPaperReference(
                item_id=self.find(stage),
                name=title,
                proves="涉密佐证只登记编号和存放处，经两人现场查验",
                document_number=number,
                place=place,
                classification=level,
            )
            stage.do(command, stage.person(unit, Role.LIAISON), name=name)

        return self.act("paper", perform, after=after)

    def expunge(self, unit: str, file_name: str, reason: str, *, after: int = 1) -> "Script":
        """A file is uploaded by mistake, its uploader asks to have it removed, a second person agrees."""

        def upload(stage: Stage, name: str) -> None:
            if not stage.has_done(name):
                facts = stage.item(self.find(stage))
                stage.upload(facts, file_name, stage.person(unit, Role.LIAISON), name=name)

        def ask(stage: Stage, name: str) -> None:
            with stage.session() as session:
                evidence_id = session.exec(
                    select(Evidence.id).where(Evidence.item_id == self.find(stage), Evidence.name == file_name)
                ).one()
            stage.do(
                RequestExpunge(evidence_id=evidence_id, reason=reason), stage.person(unit, Role.LIAISON), name=name
            )

        def agree(stage: Stage, name: str) -> None:
            with stage.session() as session:
                request_id = session.exec(
                    select(ExpungeRequest.id)
                    .join(Evidence, col(Evidence.id) == col(ExpungeRequest.evidence_id))
                    .where(Evidence.item_id == self.find(stage), col(ExpungeRequest.decided_at).is_(None))
                ).one()
            command = DecideExpunge(request_id=request_id, approve=True, note="已核实属误传")
            stage.do(command, stage.person(self.office, Role.OFFICE_STAFF), name=name)

        return self.act("upload", upload, after=after).act("ask", ask).act("expunge", agree, after=1)

    # What most items have in common

    def taken(self) -> "Script":
        """Issued and signed for."""
        return self.step("issue", after=0).step("sign_for", "accept", after=1)

    def planned(self, *, co_units: bool) -> "Script":
        """Planned, signed, confirmed by co-units, checked."""
        self.step("draft_plan", after=6).step("sign_plan", "sign", after=1)
        if co_units:
            self.step("confirm_plan", "confirm", after=2)
        return self.step("check_plan", "approve", after=2)

    def reported(self, day: int, *, co_units: bool, files: Sequence[str] = ()) -> "Script":
        """One month's report, accepted."""
        self.on(day).open_round()
        if co_units:
            self.step("contribute", after=3)
        self.step("consolidate", after=3, files=files)
        return self.step("sign_report", "sign", after=1).step("review_report", "approve", after=2)

    def claimed(self, files: Sequence[str], *, co_units: bool, as_: str = "completed", after: int = 3) -> "Script":
        """Claimed with evidence, countersigned, signed: until the office reviews."""
        self.step("claim_completion", as_, after=after, files=files)
        if co_units:
            self.step("countersign", "agree", after=2)
        return self.step("sign_completion", "sign", after=1)

    def ended(self) -> "Script":
        """Approved, closed, filed."""
        self.step("review_completion", "approve", after=4, opinion="材料齐全，情况属实，同意办结。")
        return self.step("close", "close", after=1).step("file_item", after=3)


def in_order(scripts: Iterable[Script]) -> list[Act]:
    """The acts of all items by day; on one day in the order in which they were written."""
    return sorted((act for script in scripts for act in script.acts), key=lambda act: act.day)


def numbered(list_id: UUID, number: str, known: dict[str, UUID], stage: Stage) -> UUID:
    """The item that is printed under this number; `known` spares the second look."""
    if number not in known:
        with stage.session() as session:
            known[number] = session.exec(select(Item.id).where(Item.list_id == list_id, Item.number == number)).one()
    return known[number]
