"""What the steps of a conference mean: collected topics become rows, signed minutes a document, resolutions items."""

from datetime import date
from typing import Any, Final, LiteralString
from uuid import UUID, uuid4

from db.tables import Conference, ConferenceMinutes, ConferenceResolution
from domain.conference_errors import AgendaEmpty, AttendanceMissing, MeetingAhead, MinutesMissing
from domain.conferences import ConferenceKind
from domain.items import DeadlineKind, Origin, Strength
from services.conference_papers import issue_minutes
from services.conferences import agenda_of
from services.items import CreateItem, NewDeadline, NewItem
from services.stepping import Advanced, Done, LockedInstance
from services.unit_of_work import UnitOfWork

ENDS_MATTER: Final = True

_COLLECT: LiteralString = (
    "INSERT INTO conference_topic (id, office_unit_id, unit_id, title, proposal, wanted, proposed_by, proposed_at,"
    " collected_in_id) SELECT gen_random_uuid(), %(office)s, w.unit_id, s.form->>'title', s.form->>'proposal',"
    " %(wanted)s, w.closed_by, w.closed_at, %(conference)s FROM work_item w JOIN submission s ON s.work_item_id = w.id"
    " WHERE w.instance_id = %(instance)s AND w.bpmn_id = 'propose_topics' AND w.decision = 'submit'"
    " ORDER BY w.closed_at, w.id"
)
_CAME: LiteralString = (
    "SELECT EXISTS (SELECT FROM conference_attendance WHERE conference_id = %s AND NOT premeeting AND present)"
)


def check(uow: UnitOfWork, instance: LockedInstance, done: Done) -> dict[str, Any]:
    """Raises AgendaEmpty, MeetingAhead, AttendanceMissing, MinutesMissing."""
    row = uow.get(Conference, instance.item_id)
    step, decision = done.bpmn_id, done.decision
    if step == "prepare_agenda" and decision == "submit" and not agenda_of(uow, row.item_id):
        raise AgendaEmpty(str(row.item_id))
    if step == "settle_agenda" and decision == "approve":
        meets_on = date.fromisoformat(done.form["meets_on"])
        if meets_on < uow.today:
            raise MeetingAhead(str(row.item_id), meets_on=str(meets_on))
    if step == "hold_meeting" and decision == "held":
        if row.meets_on is None or uow.today < row.meets_on:
            raise MeetingAhead(str(row.item_id), meets_on=str(row.meets_on or ""))
        [[(came,)]] = uow.read((_CAME, (row.item_id,)))
        if not came:
            raise AttendanceMissing(str(row.item_id))
    if step == "draft_minutes" and not row.minutes_version:
        raise MinutesMissing(str(row.item_id))
    return {}


def apply(uow: UnitOfWork, instance: LockedInstance, advanced: Advanced, done: Done | None) -> None:
    """Carry the step into the conference's row, its topics and its resolutions."""
    row = uow.get(Conference, instance.item_id)
    if done is None or done.bpmn_id == "propose_topics":
        _collect(uow, instance, row)
    elif done.bpmn_id == "settle_agenda" and done.decision == "approve":
        row.meets_on, row.place = date.fromisoformat(done.form["meets_on"]), done.form["place"]
    elif done.bpmn_id == "hold_meeting" and done.decision == "held":
        row.held_on = row.meets_on
    elif done.bpmn_id == "sign_minutes" and done.decision == "sign":
        row.minutes_document_id = issue_minutes(uow, row, _minutes(uow, row)).id
    elif done.bpmn_id == "register_resolutions":
        _register(uow, row)
    if advanced.outcome is not None:
        row.concluded_at = uow.now
        if advanced.outcome in {"called_off", "not_held"}:
            # What was to be discussed waits for another meeting.
            for topic in agenda_of(uow, row.item_id):
                topic.conference_id, topic.position = None, None


def _collect(uow: UnitOfWork, instance: LockedInstance, row: Conference) -> None:
    uow.flush()
    wanted = ConferenceKind.JOINT.value
    uow.write(
        _COLLECT,
        {
            "office": row.office_unit_id,
            "wanted": wanted,
            "conference": row.item_id,
            "instance": instance.id,
        },
    )


def _minutes(uow: UnitOfWork, row: Conference) -> ConferenceMinutes:
    return uow.get(ConferenceMinutes, (row.item_id, row.minutes_version))


def _register(uow: UnitOfWork, row: Conference) -> None:
    """Each resolution becomes a registered item that the office issues, with the minutes as its source."""
    subject = uow.subject_id
    for position, kept in enumerate(_minutes(uow, row).resolutions, 1):
        resolution: dict[str, Any] = dict(kept)
        created = CreateItem(
            office_unit_id=row.office_unit_id,
            origin=Origin.MEETING,
            item=NewItem(
                text=resolution["text"],
                leads=tuple(UUID(unit_id) for unit_id in resolution["leads"]),
                co_units=tuple(UUID(unit_id) for unit_id in resolution["co_units"]),
                joint_lead=len(resolution["leads"]) > 1,
                deadlines=_deadlines(resolution["due_on"]),
                section=row.title,
            ),
        ).execute(uow)
        uow.session.flush()
        uow.session.add(
            ConferenceResolution(
                id=uuid4(),
                conference_id=row.item_id,
                position=position,
                text=resolution["text"],
                item_id=created.id,
                registered_at=uow.now,
            )
        )
    if subject is not None:
        uow.about(subject)


def _deadlines(due_on: str | None) -> tuple[NewDeadline, ...]:
    if due_on is None:
        return ()
    day = date.fromisoformat(due_on)
    return (NewDeadline(phrase=due_on, kind=DeadlineKind.BY_DATE, on_date=day, strength=Strength.FIRM),)
