"""Conferences: called, topics, agenda, attendance, minutes; and the problems that climb to them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from api.deps import Run
from api.pagination import Cursor, Limit, Page, decode_cursor
from api.reading import Asking, paged
from api.schemas import Answer, Body, Day
from domain.conferences import ConferenceKind
from services.conferences import (
    Attendee,
    CallConference,
    ProposeTopic,
    RecordAttendance,
    Resolution,
    SaveMinutes,
    SetAgenda,
)
from services.queries.conferences import (
    ConferenceDetail,
    ConferenceRow,
    TopicRow,
    conference_detail,
    conferences,
    topics,
)
from services.queries.coordination import CoordinationDetail, CoordinationRow, coordination_detail, coordinations

router = APIRouter(tags=["conferences"])

Units = Annotated[tuple[UUID, ...], Field(max_length=300)]


class NewConference(Body):
    """A conference of the members, or a special meeting of the units that a problem concerns."""

    office_unit_id: UUID
    kind: ConferenceKind
    unit_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=300)]
    title: Annotated[str, Field(max_length=200)] = ""


class NewTopic(Body):
    """What a unit wants a meeting to decide."""

    office_unit_id: UUID
    unit_id: UUID
    title: Annotated[str, Field(min_length=1, max_length=100)]
    proposal: Annotated[str, Field(min_length=1, max_length=2000)]
    wanted: ConferenceKind = ConferenceKind.JOINT


class NewAgenda(Body):
    """The topics in their order."""

    topic_ids: Annotated[tuple[UUID, ...], Field(max_length=50)]


class AttendeeBody(Body):
    """Whether a unit came, and by whom."""

    unit_id: UUID
    present: bool
    person: Annotated[str, Field(max_length=100)] = ""
    note: Annotated[str, Field(max_length=500)] = ""


class NewAttendance(Body):
    """Who came to the conference, or to the liaison officers' meeting before it."""

    attendees: Annotated[tuple[AttendeeBody, ...], Field(min_length=1, max_length=300)]
    premeeting: bool = False


class ResolutionBody(Body):
    """What was decided, who leads, who helps, by which day."""

    text: Annotated[str, Field(min_length=1, max_length=2000)]
    leads: Annotated[tuple[UUID, ...], Field(max_length=2)]
    co_units: Units = ()
    due_on: Day | None = None


class TopicResult(Body):
    """What was decided of a topic."""

    topic_id: UUID
    result: Annotated[str, Field(max_length=2000)]


class NewMinutes(Body):
    """A new version of the minutes; `seen_version` is 0 for the first."""

    seen_version: Annotated[int, Field(ge=0, le=2**31 - 1)]
    paragraphs: Annotated[tuple[Annotated[str, Field(max_length=3000)], ...], Field(max_length=100)]
    resolutions: Annotated[tuple[ResolutionBody, ...], Field(max_length=50)] = ()
    results: Annotated[tuple[TopicResult, ...], Field(max_length=50)] = ()


class Called(Answer):
    """What was made."""

    id: UUID


class MinutesSaved(Answer):
    """The version that was saved."""

    version: int


class Topics(Answer):
    """Topics in the order in which they were proposed."""

    items: tuple[TopicRow, ...]


class Coordinations(Answer):
    """Problems, the newest first."""

    items: tuple[CoordinationRow, ...]


@router.get("/conferences")
def list_conferences(asking: Asking, cursor: Cursor = None, limit: Limit = 50) -> Page[ConferenceRow]:
    """The conferences that one's office called or one's units belong to, newest first."""
    return paged(conferences(asking, limit=limit, after=decode_cursor(cursor, "conferences")), "conferences")


@router.post("/conferences", status_code=201)
def call_conference(body: NewConference, run: Run) -> Called:
    """Call a conference: its members are asked for topics, or the agenda of a special meeting is prepared."""
    command = CallConference(
        office_unit_id=body.office_unit_id, kind=body.kind, unit_ids=body.unit_ids, title=body.title
    )
    return Called(id=run(command))


@router.get("/conferences/{item_id}")
def get_conference(item_id: UUID, asking: Asking) -> ConferenceDetail:
    """One conference: agenda, attendance, minutes, resolutions, and what became of earlier ones."""
    return conference_detail(asking, item_id)


@router.put("/conferences/{item_id}/agenda", status_code=204)
def set_agenda(item_id: UUID, body: NewAgenda, run: Run) -> None:
    """Choose the topics and their order, while the agenda is being prepared."""
    run(SetAgenda(item_id=item_id, topic_ids=body.topic_ids))


@router.put("/conferences/{item_id}/attendance", status_code=204)
def record_attendance(item_id: UUID, body: NewAttendance, run: Run) -> None:
    """Record who came."""
    attendees = tuple(
        Attendee(unit_id=each.unit_id, present=each.present, person=each.person, note=each.note)
        for each in body.attendees
    )
    run(RecordAttendance(item_id=item_id, attendees=attendees, premeeting=body.premeeting))


@router.put("/conferences/{item_id}/minutes")
def save_minutes(item_id: UUID, body: NewMinutes, run: Run) -> MinutesSaved:
    """Save a new version of the minutes with their resolutions, while they are being drafted."""
    resolutions = tuple(
        Resolution(text=each.text, leads=each.leads, co_units=each.co_units, due_on=each.due_on)
        for each in body.resolutions
    )
    command = SaveMinutes(
        item_id=item_id,
        seen_version=body.seen_version,
        paragraphs=body.paragraphs,
        resolutions=resolutions,
        results=tuple((each.topic_id, each.result) for each in body.results),
    )
    return MinutesSaved(version=run(command))


@router.get("/conference-topics")
def list_topics(asking: Asking, state: Annotated[str, Query(pattern="^(waiting|all)$")] = "all") -> Topics:
    """The topics of one's office, or those of one's units; `waiting` are on no agenda yet."""
    return Topics(items=topics(asking, waiting_only=state == "waiting"))


@router.post("/conference-topics", status_code=201)
def propose_topic(body: NewTopic, run: Run) -> Called:
    """Propose a topic, at any time; it waits for the next agenda."""
    command = ProposeTopic(
        office_unit_id=body.office_unit_id,
        unit_id=body.unit_id,
        title=body.title,
        proposal=body.proposal,
        wanted=body.wanted,
    )
    return Called(id=run(command))


@router.get("/coordinations")
def list_coordinations(asking: Asking, state: Annotated[str, Query(pattern="^(open|all)$")] = "all") -> Coordinations:
    """The problems of the tasks that one sees, and on which level each stands."""
    return Coordinations(items=coordinations(asking, open_only=state == "open"))


@router.get("/coordinations/{instance_id}")
def get_coordination(instance_id: UUID, asking: Asking) -> CoordinationDetail:
    """One problem with what every level wrote."""
    return coordination_detail(asking, instance_id)
