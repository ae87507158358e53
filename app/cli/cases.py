"""Cases of 复制推广: nominate, list, show, merge, stop, report upward, who takes up what."""

from datetime import datetime
from typing import Annotated

import typer

from app.cli._business import AsJson, OfficeName, Reference, asking, brief, day, office_for, print_json, units_called
from app.cli._console import PAGE, AsLogin, acting, every_row, print_table

app = typer.Typer(no_args_is_help=True)

Reason = Annotated[str, typer.Option("--reason", help="Why.", show_default=False)]


@app.callback()
def cases() -> None:
    """Cases of 复制推广: nominate, list, show, merge, stop, report upward, who takes up what."""


@app.command()
def nominate(
    *,
    title: Annotated[str, typer.Argument(help="What the reform is called.", show_default=False)],
    login: AsLogin,
    applicants: Annotated[list[str], typer.Option("--applicant", help="Who did it; may be repeated.")],
    office: OfficeName = None,
    source: Annotated[str | None, typer.Option(help="The item that the clue comes from.")] = None,
    period: Annotated[str | None, typer.Option(help="The period of that item's report that it is in: 2026-09.")] = None,
    assessment: Annotated[str | None, typer.Option(help="The assessment that noticed it.")] = None,
    clue: Annotated[str, typer.Option(help="What was noticed.")] = "",
) -> None:
    """Open a case; its applicants find it on their work list. A liaison names the office with --office."""
    from domain.permissions import Permission
    from services.queries.references import item_called, round_called, short
    from services.replication import NominateCase

    if period and not source:
        raise typer.BadParameter("--period needs --source, the item whose report it is")
    with acting(login) as console:
        with asking(console) as asked:
            source_id = item_called(asked, source) if source else None
            round_id = round_called(asked, source_id, period) if source_id and period else None
            assessment_id = item_called(asked, assessment) if assessment else None
        command = NominateCase(
            office_unit_id=office_for(console, Permission.CASE_MANAGE, office),
            title=title,
            applicants=tuple(units_called(console, applicants)),
            source_kind="item" if source_id else "call",
            source_item_id=source_id,
            source_round_id=round_id,
            source_assessment_id=assessment_id,
            clue=clue,
        )
        opened = console.run(command)
    typer.echo(f"{short(opened.item_id)} nominated")


@app.command("list")
def list_cases(
    login: AsLogin,
    state: Annotated[list[str] | None, typer.Option(help="Only these states; may be repeated.")] = None,
    text: Annotated[str | None, typer.Option(help="Words of the title.")] = None,
    *,
    expired: Annotated[bool, typer.Option("--expired", help="In force, but the policy it rests on is not.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the cases that one sees, the newest first."""
    from domain.labels import LISTING
    from domain.messages.replication import CASE_COLUMNS
    from services.queries.references import short
    from services.queries.replication import CaseFilter
    from services.queries.replication import cases as found_cases

    filters = CaseFilter(states=tuple(state or ()), text=text, basis_expired=expired)
    with acting(login) as console, asking(console) as asked:
        rows = every_row(lambda after: found_cases(asked, filters, limit=PAGE, after=after))
    if as_json:
        print_json(rows)
        return
    cells = [
        (
            short(row.id),
            row.number,
            brief(row.title),
            LISTING.join(row.applicants),
            row.state_label,
            row.batch or "",
            row.range_label,
            f"{row.adopted}/{row.adoptions}" if row.adoptions else "",
            LISTING.join(f"{holder.unit} {holder.step}" for holder in row.held_by),
        )
        for row in rows
    ]
    print_table(CASE_COLUMNS, cells)


@app.command()
def show(reference: Reference, login: AsLogin, as_json: AsJson = False) -> None:
    """Print one case: opinions, scores, letters, reports upward, and who takes it up."""
    from domain.labels import LISTING
    from domain.messages.replication import ANSWERS, RESULTS
    from services.queries.references import item_called
    from services.queries.replication import case_detail

    with acting(login) as console, asking(console) as asked:
        found = case_detail(asked, item_called(asked, reference))
    if as_json:
        print_json(found)
        return
    row = found.row
    typer.echo(f"{row.number}\t{row.title}\t{row.state_label}\t{LISTING.join(row.applicants)}")
    typer.echo(found.source.words)
    for opinion in found.opinions:
        typer.echo(f"{opinion.unit}\t{opinion.letter}\t{ANSWERS[opinion.answer]}\t{brief(opinion.opinion)}")
    for score in found.scores:
        typer.echo(f"{score.unit}\t{score.total if score.total is not None else ANSWERS['recused']}")
    if found.mean is not None:
        typer.echo(f"\t{found.mean}")
    for letter in found.letters:
        typer.echo(f"{letter.document_number}\t{letter.addressee}\t{brief(letter.answer or '')}")
    for report in found.reports:
        result = RESULTS[report.result] if report.result else ""
        typer.echo(f"{report.document_number or ''}\t{report.title}\t{result}\t{report.result_batch or ''}")
    for adoption in found.adoptions:
        typer.echo(f"{adoption.unit}\t{adoption.state_label}\t{day(adoption.planned_on)}\t{brief(adoption.said)}")


@app.command()
def merge(
    reference: Reference,
    into: Annotated[str, typer.Argument(help="The case that stays.", show_default=False)],
    login: AsLogin,
    reason: Reason,
) -> None:
    """Merge a case into another one of the same reform, with joint credit."""
    from services.queries.references import item_called
    from services.replication import MergeCases

    with acting(login) as console:
        with asking(console) as asked:
            ids = item_called(asked, reference), item_called(asked, into)
        console.run(MergeCases(item_id=ids[0], into_id=ids[1], reason=reason))


@app.command()
def withdraw(reference: Reference, login: AsLogin, reason: Reason) -> None:
    """Take one's own case back before its batch is issued."""
    from services.queries.references import item_called
    from services.replication import WithdrawCase

    with acting(login) as console:
        with asking(console) as asked:
            item_id = item_called(asked, reference)
        console.run(WithdrawCase(item_id=item_id, reason=reason))


@app.command()
def stop(reference: Reference, login: AsLogin, reason: Reason) -> None:
    """Stop a published case by notice."""
    from services.queries.references import item_called
    from services.replication import StopCase

    with acting(login) as console:
        with asking(console) as asked:
            item_id = item_called(asked, reference)
        console.run(StopCase(item_id=item_id, reason=reason))


@app.command()
def report(reference: Reference, login: AsLogin) -> None:
    """Open the report of a case to the State Council's inter-ministry office."""
    from services.queries.references import item_called
    from services.replication import ReportUpward

    with acting(login) as console:
        with asking(console) as asked:
            item_id = item_called(asked, reference)
        opened = console.run(ReportUpward(item_id=item_id))
    typer.echo(f"{len(opened)} opened")


@app.command()
def answer(
    letter: Annotated[str, typer.Argument(help="The letter's document number.", show_default=False)],
    case: Annotated[str, typer.Option("--case", help="The case of the letter.", show_default=False)],
    login: AsLogin,
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day of the answer.", show_default=False)],
    words: Annotated[str, typer.Option(help="What was answered.", show_default=False)],
) -> None:
    """Record what somebody beyond the city's power answered to a letter."""
    from domain.errors import NotFound
    from services.queries.references import item_called
    from services.queries.replication import case_detail
    from services.replication import RecordLetterAnswer

    with acting(login) as console:
        with asking(console) as asked:
            letters = case_detail(asked, item_called(asked, case)).letters
        found = next((each for each in letters if each.document_number == letter), None)
        if found is None:
            raise NotFound(letter)
        console.run(RecordLetterAnswer(letter_id=found.id, answered_on=on.date(), answer=words))


@app.command()
def adoptions(
    login: AsLogin,
    unit: Annotated[str | None, typer.Option(help="Only this unit's.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print units by cases: what each makes of each."""
    from services.queries.adoptions import adoption_matrix

    with acting(login) as console:
        unit_id = units_called(console, [unit])[0] if unit else None
        with asking(console) as asked:
            matrix = adoption_matrix(asked, unit_id=unit_id)
    if as_json:
        print_json(list(matrix.cells.values()))
        return
    cells = [
        (
            name,
            *(
                cell.state_label if (cell := matrix.cells.get((id_, case_id))) is not None else ""
                for case_id, _, _ in matrix.cases
            ),
        )
        for id_, name in matrix.units
    ]
    print_table(("", *(brief(title, 12) for _, _, title in matrix.cases)), cells)
