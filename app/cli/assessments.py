"""Summary assessments: start one, see the matrix, replace a member, settle recommendations, publish the report."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli._business import AsJson, OfficeName, Reference, asking, brief, office_for, print_json, units_called
from app.cli._console import AsLogin, acting, print_table

if TYPE_CHECKING:
    from uuid import UUID

    from services.queries.reading import Reading

app = typer.Typer(no_args_is_help=True)

_DAY = ["%Y-%m-%d"]
Because = Annotated[str, typer.Option("--because", help="The reason, in words.", show_default=False)]


@app.callback()
def assessments() -> None:
    """Summary assessments: start one, see the matrix, replace a member, settle recommendations."""


@app.command()
def start(
    *,
    cycle: Annotated[str, typer.Argument(help="mid_term, yearly or final.")],
    login: AsLogin,
    from_: Annotated[datetime, typer.Option("--from", formats=_DAY, help="First day of the period.")],
    to: Annotated[datetime, typer.Option("--to", formats=_DAY, help="Last day of the period.")],
    lists: Annotated[list[str] | None, typer.Option("--list", help="Only this list; may be repeated.")] = None,
    title: Annotated[str, typer.Option(help="What it is called.")] = "",
    office: OfficeName = None,
) -> None:
    """Give the start order; the group is proposed by completing the work item that opens."""
    from domain.assessment import Cycle
    from domain.permissions import Permission
    from services.assessments import StartAssessment
    from services.queries.references import list_called, short

    if cycle not in set(Cycle):
        raise typer.BadParameter(f"one of {', '.join(Cycle)}", param_hint="CYCLE")
    with acting(login) as console:
        with asking(console) as asked:
            list_ids = tuple(list_called(asked, reference) for reference in lists or ())
        command = StartAssessment(
            office_unit_id=office_for(console, Permission.ASSESSMENT_RUN, office),
            cycle=Cycle(cycle),
            period_from=from_.date(),
            period_to=to.date(),
            list_ids=list_ids,
            title=title,
        )
        opened = console.run(command)
        typer.echo(f"{short(opened.item_id)}\tstarted")
        for work in opened.opened:
            typer.echo(f"{short(work.id)}\t{work.bpmn_id}")


@app.command("list")
def list_assessments(login: AsLogin, as_json: AsJson = False) -> None:
    """Print the assessments."""
    from domain.messages.assessment_labels import ASSESSMENT_COLUMNS
    from services.queries.assessments import assessments as all_of_them
    from services.queries.references import short

    with acting(login) as console, asking(console) as asked:
        rows = all_of_them(asked)
    if as_json:
        print_json(rows)
        return
    cells = [
        (
            short(row.id),
            row.number,
            row.title,
            row.cycle_label,
            f"{row.period_from} {row.period_to}",
            row.status_label,
            row.sample,
            row.graded,
        )
        for row in rows
    ]
    print_table(ASSESSMENT_COLUMNS, cells)


@app.command()
def show(reference: Reference, login: AsLogin, as_json: AsJson = False) -> None:
    """Print the matrix of members and items, with recusals, views and grades."""
    from domain.labels import NAMES
    from domain.messages.assessment_labels import CELL_STATES, MATRIX_COLUMNS
    from services.queries.assessments import assessment

    with acting(login) as console, asking(console) as asked:
        found = assessment(asked, _called(asked, reference))
    if as_json:
        print_json(found)
        return
    group = [member.unit for member in found.members if member.left_at is None]
    cells = [
        (
            row.number,
            brief(row.text, 30),
            NAMES.join(row.leads),
            row.basis_label,
            row.visit_label,
            row.grade_label,
            *(cell.grade_label or CELL_STATES[cell.state] for cell in row.cells),
        )
        for row in found.matrix
    ]
    print_table((*MATRIX_COLUMNS, *group), cells)
    if found.plan is not None:
        again = "" if found.plan.drawn_again else "not "
        typer.echo(f"seed {found.plan.seed}: {again}drawn again; outside the denominator: {len(found.outside)}")


@app.command()
def outcome(reference: Reference, login: AsLogin, as_json: AsJson = False) -> None:
    """Print the leads' opinions with what became of them, minority opinions, and recommendations."""
    from domain.messages.assessment_labels import OPINION_OUTCOMES, OUTCOME_COLUMNS, RECOMMENDATION_COLUMNS
    from services.queries.assessment_papers import assessment_outcome
    from services.queries.references import short

    with acting(login) as console, asking(console) as asked:
        found = assessment_outcome(asked, _called(asked, reference))
    if as_json:
        print_json(found)
        return
    for meeting in found.meetings:
        typer.echo(f"{meeting.held_on}\t{meeting.overall}")
        for held in meeting.minority:
            typer.echo(f"\t{held.unit}\t{held.number}\t{held.view}")
    opinions = [
        (row.number, row.unit, row.grade_label, OPINION_OUTCOMES.get(row.outcome or "", ""), row.grounds, row.reply)
        for row in found.opinions
    ]
    print_table(OUTCOME_COLUMNS, opinions)
    wanted = [
        (
            short(row.id),
            row.position,
            row.kind_label,
            row.text,
            row.unit,
            f"{row.became_label} {row.became_number}" if row.became_id else row.document_number or row.dropped_because,
        )
        for row in found.recommendations
    ]
    print_table(RECOMMENDATION_COLUMNS, wanted)


@app.command()
def replace(
    reference: Reference,
    login: AsLogin,
    lost: Annotated[str, typer.Option("--lost", help="The unit that leaves the group.", show_default=False)],
    new: Annotated[str, typer.Option("--by", help="The unit of the same kind that follows.", show_default=False)],
    because: Because,
) -> None:
    """Replace a member that is lost; its open views go to the substitute."""
    from services.assessments import ReplaceMember

    with acting(login) as console:
        with asking(console) as asked:
            assessment_id = _called(asked, reference)
        [lost_id, new_id] = units_called(console, [lost, new])
        command = ReplaceMember(assessment_id=assessment_id, lost_unit_id=lost_id, new_unit_id=new_id, reason=because)
        console.run(command)
        typer.echo("replaced")


@app.command()
def stop(reference: Reference, login: AsLogin, because: Because) -> None:
    """Stop an assessment with everything that is under way in it."""
    from services.assessments import StopAssessment

    with acting(login) as console:
        with asking(console) as asked:
            assessment_id = _called(asked, reference)
        console.run(StopAssessment(assessment_id=assessment_id, reason=because))
        typer.echo("stopped")


@app.command()
def publish(reference: Reference, login: AsLogin) -> None:
    """Issue the public version of the report; `dudao documents write` writes its files."""
    from services.assessment_public import PublishReport

    with acting(login) as console:
        with asking(console) as asked:
            assessment_id = _called(asked, reference)
        issued = console.run(PublishReport(assessment_id=assessment_id))
        typer.echo(f"{issued.id}\t{issued.mark}\t{issued.sha256_of_content.hex()}")


@app.command()
def settle(
    *,
    reference: Reference,
    number: Annotated[int, typer.Argument(help="The recommendation's number.")],
    login: AsLogin,
    way: Annotated[
        str | None, typer.Option("--way", help="item, case, change_of_lead, rewording, termination or list_revision.")
    ] = None,
    lead: Annotated[str | None, typer.Option("--lead", help="The unit that leads the new item, or applies.")] = None,
    due: Annotated[datetime | None, typer.Option("--due", formats=_DAY, help="The new item's deadline.")] = None,
    text: Annotated[str, typer.Option("--text", help="Other words than the group's.")] = "",
    document: Annotated[str, typer.Option("--document", help="The document that revokes an item.")] = "",
    list_: Annotated[str | None, typer.Option("--list", help="The list that changes as a whole.")] = None,
    dropped: Annotated[str | None, typer.Option("--drop", help="Why it is not taken up.")] = None,
) -> None:
    """Take a recommendation of the last meeting up as an item, a case or a change of the list, or drop it."""
    from domain.assessment import TakenUpAs
    from domain.errors import NotFound
    from services.assessment_recommendations import SettleRecommendation
    from services.queries.assessment_papers import assessment_outcome
    from services.queries.references import list_called, short

    if way is not None and way not in set(TakenUpAs):
        raise typer.BadParameter(f"one of {', '.join(TakenUpAs)}", param_hint="--way")
    with acting(login) as console:
        with asking(console) as asked:
            found = assessment_outcome(asked, _called(asked, reference)).recommendations
            list_id = list_called(asked, list_) if list_ else None
        ids = [row.id for row in found if row.position == number]
        if not ids:
            raise NotFound(f"recommendation {number}")
        command = SettleRecommendation(
            recommendation_id=ids[0],
            way=TakenUpAs(way) if way else None,
            lead_unit_id=units_called(console, [lead])[0] if lead else None,
            due_on=due.date() if due else None,
            text=text,
            document_number=document,
            list_id=list_id,
            dropped_because=dropped,
        )
        made = console.run(command)
        typer.echo(short(made) if made else "settled")


def _called(asked: "Reading", reference: str) -> "UUID":
    from sqlmodel import col, select

    from db.tables import Item
    from domain.items import ItemKind
    from services.queries.references import one_called
    from services.visibility import visible_items

    statement = select(col(Item.id)).where(Item.kind == ItemKind.ASSESSMENT, visible_items(asked.actor))
    return one_called(asked.session, statement, col(Item.id), reference)
