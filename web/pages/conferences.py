"""Conferences and coordination: topics, agenda, attendance, minutes, what became of resolutions; what climbs."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from domain.calendar import local_date
from domain.conferences import ConferenceKind
from domain.errors import Conflict, DomainError, RuleViolation
from domain.labels import LABELS
from domain.messages.papers import NAMES_JOINED
from services.conferences import (
    Attendee,
    CallConference,
    ProposeTopic,
    RecordAttendance,
    Resolution,
    SaveMinutes,
    SetAgenda,
)
from services.executor import Command
from services.queries.conferences import ConferenceDetail, conference_detail, conferences, topics
from services.queries.coordination import coordination_detail, coordinations
from services.queries.offices import offices, unit_names, units_called
from services.visibility import offices_of
from web.notices import Notice
from web.typed import day_in, id_in, ids_in, named_units, number_in, numbers_of, paragraphs_in
from web.visit import Submission, Submitting, Visit, Visiting

router = APIRouter()

DRAWN = 50
LAST = 9_999
"""The place of a topic for which nobody typed one: behind the others."""
BLANK: Mapping[str, str] = {"text": "", "leads": "", "co_units": "", "due_on": ""}
"""A resolution that is still to be written."""
PREMEETING, MEETING = "hold_premeeting", "hold_meeting"
CONFERENCE = "/conferences/{item_id}"


@router.get("/conferences", name="conferences")
def show_conferences(visit: Visiting) -> Response:
    """The conferences, the topics that wait for one, and the problems that units cannot settle themselves."""
    return _list(visit)


def _list(
    visit: Visit,
    *,
    refused: str | None = None,
    unknown: tuple[str, ...] = (),
    act: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    asking = visit.reading
    own = offices_of(visit.actor)
    every = offices(asking)
    proposing = [role for role in visit.account.roles if role.role.value in {"liaison", "unit_leader"}]
    units = {role.unit_id: role.unit for role in proposing} | {each.id: each.name for each in every if each.id in own}
    return visit.page(
        "conferences/conferences.html",
        status=422 if refused or unknown else 200,
        rows=conferences(asking, limit=DRAWN).rows,
        waiting=topics(asking, waiting_only=True),
        problems=coordinations(asking, limit=DRAWN),
        kinds=LABELS[ConferenceKind],
        offices=every,
        own_offices=[each for each in every if each.id in own],
        may_call=visit.may("conference:edit") and bool(own),
        units=list(units.items()) if visit.may("topic:propose") or visit.may("conference:edit") else [],
        refused=refused,
        unknown=NAMES_JOINED.join(unknown),
        act=act,
        typed=typed or {},
    )


@router.post("/conferences", name="call_conference")
def call_conference(visit: Submitting) -> Response:
    """Call a conference, or propose a topic for the next one."""
    act = visit.text("act")
    kind = ConferenceKind.SPECIAL if visit.text("kind") == ConferenceKind.SPECIAL else ConferenceKind.JOINT
    office_id = id_in(visit.text("office")) or UUID(int=0)
    members, unknown = named_units(visit.reading, visit.text("members")) if act == "call" else ((), ())
    if unknown:
        return _list(visit, unknown=unknown, act=act, typed=_typed(visit))
    try:
        if act == "call":
            title = visit.text("title")
            called = visit.run(CallConference(office_unit_id=office_id, kind=kind, unit_ids=members, title=title))
            return visit.redirect("conference", item_id=called, notice=Notice("conference_acted", {"act": act}))
        visit.run(
            ProposeTopic(
                office_unit_id=office_id,
                unit_id=id_in(visit.text("unit")) or office_id,
                title=visit.text("title"),
                proposal=visit.text("proposal"),
                wanted=kind,
            )
        )
    except (Conflict, RuleViolation) as error:
        return _list(visit, refused=visit.sentence(error), act=act, typed=_typed(visit))
    return visit.redirect("conferences", notice=Notice("conference_acted", {"act": act}))


def _typed(visit: Submission) -> dict[str, str]:
    return {name: value for name, value in visit.form.items() if isinstance(value, str)}


@router.get(CONFERENCE, name="conference")
def show_conference(visit: Visiting, item_id: UUID) -> Response:
    """One conference, with what its office writes at the step that is open."""
    return _conference(visit, conference_detail(visit.reading, item_id))


def _conference(
    visit: Visit,
    detail: ConferenceDetail,
    *,
    refused: str | None = None,
    resolutions: list[Mapping[str, str]] | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    row = detail.row
    steps = {held.bpmn_id for held in row.held_by}
    edits = detail.of_office and visit.may("conference:edit")
    newest = detail.minutes[-1] if detail.minutes else None
    if resolutions is None:
        resolutions = _worded(visit, newest.resolutions) if newest is not None and edits else []
    premeeting = PREMEETING in steps
    members = units_called(visit.reading, list(detail.members)) if edits and steps & {PREMEETING, MEETING} else {}
    return visit.page(
        "conferences/conference.html",
        status=409 if refused is not None else 200,
        detail=detail,
        row=row,
        mine=[held for held in row.held_by if visit.acts_as(held.role, held.unit_id)],
        sets_agenda=edits and "prepare_agenda" in steps,
        records=bool(members),
        premeeting=premeeting,
        members=[(unit_id, name) for name, unit_id in members.items() if unit_id is not None],
        came={each.unit_id: each for each in detail.attendance if each.premeeting == premeeting},
        writes_minutes=edits and "draft_minutes" in steps,
        newest=newest,
        resolutions=[*resolutions, BLANK],
        refused=refused,
        typed=typed or {},
    )


def _worded(visit: Visit, kept: tuple[Mapping[str, object], ...]) -> list[Mapping[str, str]]:
    """Resolutions as they are typed: units by name."""
    ids = {UUID(str(unit_id)) for each in kept for role in ("leads", "co_units") for unit_id in _listed(each[role])}
    names = unit_names(visit.reading, ids)

    def called(each: Mapping[str, object], role: str) -> str:
        return NAMES_JOINED.join(names.get(UUID(str(unit_id)), "") for unit_id in _listed(each[role]))

    return [
        {
            "text": str(each["text"]),
            "leads": called(each, "leads"),
            "co_units": called(each, "co_units"),
            "due_on": str(each["due_on"] or ""),
        }
        for each in kept
    ]


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


@router.post(CONFERENCE, name="act_on_conference")
def act_on_conference(visit: Submitting, item_id: UUID) -> Response:
    """Set the agenda, record who came, save the minutes; the form names which."""
    act = visit.text("act")
    detail = conference_detail(visit.reading, item_id)
    rows = _resolution_rows(visit) if act == "minutes" else []
    if act == "minutes" and visit.text("add_row"):
        return _conference(visit, detail, resolutions=[*rows, BLANK], typed=_typed(visit))
    try:
        command = _command(visit, detail, act, rows)
        if isinstance(command, str):
            return _conference(visit, detail, refused=command, resolutions=rows, typed=_typed(visit))
        visit.run(command)
    except (Conflict, RuleViolation) as error:
        fresh = conference_detail(visit.reading, item_id)
        return _conference(
            visit,
            fresh,
            refused=_why(visit, error),
            resolutions=rows if act == "minutes" else None,
            typed=_typed(visit),
        )
    return visit.redirect("conference", item_id=item_id, notice=Notice("conference_acted", {"act": act}))


def _why(visit: Visit, error: DomainError) -> str:
    return visit.sentence(error)


def _resolution_rows(visit: Submission) -> list[Mapping[str, str]]:
    names = ("text", "leads", "co_units", "due_on")
    rows = [
        {name: visit.text(f"resolution.{number}.{name}") for name in names}
        for number in numbers_of(visit.form.keys(), "resolution")
    ]
    return [row for row in rows if any(row.values())]


def _command(
    visit: Submission, detail: ConferenceDetail, act: str, rows: list[Mapping[str, str]]
) -> Command[object] | str:
    """What the form asks for; or the names of units that nobody knows."""
    item_id = detail.row.item_id
    if act == "agenda":
        chosen = ids_in(visit.texts("topic"))
        placed = {topic_id: number_in(visit.text(f"place.{topic_id}")) or LAST for topic_id in chosen}
        return SetAgenda(item_id=item_id, topic_ids=tuple(sorted(chosen, key=lambda topic_id: placed[topic_id])))
    if act == "attendance":
        present = set(ids_in(visit.texts("present")))
        attendees = tuple(
            Attendee(
                unit_id=unit_id,
                present=unit_id in present,
                person=visit.text(f"person.{unit_id}"),
                note=visit.text(f"note.{unit_id}"),
            )
            for unit_id in ids_in(visit.texts("unit"))
        )
        return RecordAttendance(item_id=item_id, attendees=attendees, premeeting=bool(visit.text("premeeting")))
    resolutions, unknown = [], []
    for row in rows:
        leads, strange = named_units(visit.reading, row["leads"])
        co_units, others = named_units(visit.reading, row["co_units"])
        unknown += [*strange, *others]
        due_on = day_in(row["due_on"])
        resolutions.append(Resolution(text=row["text"], leads=leads, co_units=co_units, due_on=due_on))
    if unknown:
        return NAMES_JOINED.join(unknown)
    return SaveMinutes(
        item_id=item_id,
        seen_version=number_in(visit.text("seen_version")),
        paragraphs=paragraphs_in(visit.text("paragraphs")),
        resolutions=tuple(resolutions),
        results=tuple((topic.id, visit.text(f"result.{topic.id}")) for topic in detail.agenda),
    )


@router.get("/coordinations/{instance_id}", name="coordination")
def show_coordination(visit: Visiting, instance_id: UUID) -> Response:
    """One problem: how the lead put it, and what every level wrote."""
    detail = coordination_detail(visit.reading, instance_id)
    mine = [held for held in detail.row.held_by if visit.acts_as(held.role, held.unit_id)]
    return visit.page(
        "conferences/coordination.html",
        detail=detail,
        row=detail.row,
        mine=mine,
        today=local_date(visit.reading.now),
    )
