"""Conferences: call one, propose topics, settle the agenda, record who came, save minutes, see what came of it."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import typer

from app.cli._business import (
    AsJson,
    OfficeName,
    Reference,
    asking,
    brief,
    day,
    json_object,
    office_for,
    print_json,
    units_called,
)
from app.cli._console import PAGE, AsLogin, Console, acting, every_row, print_table

app = typer.Typer(no_args_is_help=True)

Content = Annotated[str, typer.Option("--json", help="See the command's help.", show_default=False)]


@app.callback()
def conferences() -> None:
    """Conferences: call one, propose topics, settle the agenda, record who came, save minutes, see what came of it."""


@app.command("list")
def list_(login: AsLogin, as_json: AsJson = False) -> None:
    """Print the conferences that a person sees, newest first."""
    from domain.labels import NAMES
    from domain.messages.conferences import CONFERENCE_COLUMNS
    from services.queries.conferences import conferences as found
    from services.queries.references import short

    with acting(login) as console, asking(console) as asked:
        rows = every_row(lambda after: found(asked, limit=PAGE, after=after))
    if as_json:
        print_json(rows)
        return
    cells = [
        (
            short(row.item_id),
            row.title,
            day(row.held_on or row.meets_on),
            row.topics,
            row.resolutions,
            row.closed,
            NAMES.join(dict.fromkeys(held.step for held in row.held_by)),
        )
        for row in rows
    ]
    print_table(tuple(CONFERENCE_COLUMNS.values()), cells)


@app.command()
def show(conference: Reference, login: AsLogin, as_json: AsJson = False) -> None:
    """Print a conference: its agenda, what waits for one, its resolutions and those before it."""
    from domain.labels import NAMES
    from domain.messages.conferences import RESOLUTION_COLUMNS, TOPIC_COLUMNS
    from services.queries.conferences import conference_detail
    from services.queries.references import item_called, short

    with acting(login) as console, asking(console) as asked:
        detail = conference_detail(asked, item_called(asked, conference))
    if as_json:
        print_json(detail)
        return
    typer.echo(f"{detail.row.title}\t{day(detail.row.held_on or detail.row.meets_on)}\t{detail.row.place or ''}")
    topics = [
        (short(topic.id), topic.unit, topic.title, topic.wanted_label, topic.result or "")
        for topic in (*detail.agenda, *detail.waiting)
    ]
    print_table(tuple(TOPIC_COLUMNS.values()), topics)
    resolved = [
        (row.position, brief(row.text), NAMES.join(row.leads), day(row.due_on), row.status_label)
        for row in (*detail.resolutions, *detail.before)
    ]
    print_table(tuple(RESOLUTION_COLUMNS.values()), resolved)


@app.command()
def call(
    login: AsLogin,
    units: Annotated[list[str], typer.Option("--unit", help="A member; may be repeated.", show_default=False)],
    special: Annotated[bool, typer.Option("--special", help="A special meeting on one problem.")] = False,
    title: Annotated[str, typer.Option(help="Its title, if not the usual one.")] = "",
    office: OfficeName = None,
) -> None:
    """Call a conference: its members are asked for topics; or a special meeting of the units concerned."""
    from domain.conferences import ConferenceKind
    from domain.permissions import Permission
    from services.conferences import CallConference
    from services.queries.references import short

    with acting(login) as console:
        command = CallConference(
            office_unit_id=office_for(console, Permission.CONFERENCE_EDIT, office),
            kind=ConferenceKind.SPECIAL if special else ConferenceKind.JOINT,
            unit_ids=tuple(units_called(console, units)),
            title=title,
        )
        typer.echo(short(console.run(command)))


@app.command()
def propose(
    login: AsLogin,
    unit: Annotated[str, typer.Option(help="The unit that proposes.", show_default=False)],
    office: Annotated[str, typer.Option(help="The office that calls conferences.", show_default=False)],
    title: Annotated[str, typer.Option(help="What the meeting is to decide.", show_default=False)],
    proposal: Annotated[str, typer.Option(help="Background, dispute, what is proposed.", show_default=False)],
) -> None:
    """Propose a topic; it waits for the next agenda."""
    from services.conferences import ProposeTopic
    from services.queries.references import short

    with acting(login) as console:
        unit_id, office_id = units_called(console, [unit, office])
        command = ProposeTopic(office_unit_id=office_id, unit_id=unit_id, title=title, proposal=proposal)
        typer.echo(short(console.run(command)))


@app.command()
def agenda(
    conference: Reference,
    login: AsLogin,
    topics: Annotated[list[str], typer.Option("--topic", help="A topic, in order; may be repeated.")],
) -> None:
    """Choose the topics of a conference and their order."""
    from domain.errors import NotFound
    from services.conferences import SetAgenda
    from services.queries.conferences import conference_detail
    from services.queries.references import item_called

    with acting(login) as console:
        with asking(console) as asked:
            detail = conference_detail(asked, item_called(asked, conference))
        known = [topic.id for topic in (*detail.agenda, *detail.waiting)]
        chosen = []
        for reference in topics:
            found = [topic_id for topic_id in known if str(topic_id).startswith(reference.lower())]
            if len(found) != 1:
                raise NotFound(f"topic {reference}")
            chosen += found
        console.run(SetAgenda(item_id=detail.row.item_id, topic_ids=tuple(chosen)))
        typer.echo(len(chosen))


@app.command()
def attendance(
    conference: Reference,
    login: AsLogin,
    present: Annotated[list[str] | None, typer.Option("--present", help="A unit that came, as UNIT=PERSON.")] = None,
    absent: Annotated[list[str] | None, typer.Option("--absent", help="A unit that did not come.")] = None,
    premeeting: Annotated[bool, typer.Option("--premeeting", help="Of the liaison officers' meeting.")] = False,
) -> None:
    """Record who came."""
    from services.conferences import Attendee, RecordAttendance
    from services.queries.references import item_called

    with acting(login) as console:
        with asking(console) as asked:
            item_id = item_called(asked, conference)
        came = [entry.partition("=") for entry in present or ()]
        attendees = [
            Attendee(unit_id=unit_id, present=True, person=person)
            for unit_id, (_, _, person) in zip(units_called(console, [unit for unit, _, _ in came]), came, strict=True)
        ]
        attendees += [Attendee(unit_id=unit_id, present=False) for unit_id in units_called(console, absent or ())]
        console.run(RecordAttendance(item_id=item_id, attendees=tuple(attendees), premeeting=premeeting))
        typer.echo(len(attendees))


@app.command()
def minutes(conference: Reference, login: AsLogin, content: Content) -> None:
    """Save minutes: {paragraphs: [..], resolutions: [{text, leads: [unit], co_units: [unit], due_on}]}."""
    from services.conferences import SaveMinutes
    from services.queries.conferences import conference_detail
    from services.queries.references import item_called

    given = json_object(content, "--json")
    with acting(login) as console:
        with asking(console) as asked:
            detail = conference_detail(asked, item_called(asked, conference))
        command = SaveMinutes(
            item_id=detail.row.item_id,
            seen_version=detail.minutes[-1].version if detail.minutes else 0,
            paragraphs=tuple(map(str, given.get("paragraphs", []))),
            resolutions=tuple(_resolution(console, each) for each in given.get("resolutions", [])),
        )
        typer.echo(console.run(command))


def _resolution(console: Console, given: Mapping[str, Any]) -> Any:
    from services.conferences import Resolution

    due_on = given.get("due_on")
    return Resolution(
        text=str(given.get("text", "")),
        leads=tuple(units_called(console, given.get("leads", []))),
        co_units=tuple(units_called(console, given.get("co_units", []))),
        due_on=date.fromisoformat(due_on) if due_on else None,
    )
