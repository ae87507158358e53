"""The documents of an evaluation, each from a snapshot: scheme, self-score, data check, scoring record, circular.

All are official documents with tables as annexes, drawn by the template `evaluation`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session, col, select

from db.tables import Evaluation, EvaluationUnit, Item, Unit
from domain.calendar import local_date
from domain.evaluation_facts import FactSheet, Family
from domain.evaluation_ranking import Standing
from domain.evaluation_scheme import Part, Scheme, Source
from domain.evaluation_scores import LineState
from domain.labels import LISTING, NAMES
from domain.messages import evaluation_documents as words
from domain.messages.evaluations import DAY, FACT_LABELS, OUTSIDE_LABELS, REMARK_LABELS
from services.documents import issue_document
from services.evaluation_fact_words import cited, counted, named, told
from services.evaluation_sheets import UnitSheet, scheme_of, standings_of, unit_sheets
from services.unit_of_work import UnitOfWork

RECORDS: Final = "evaluation_record"
CIRCULARS: Final = "evaluation"
TEMPLATE: Final = "evaluation"
MOST_ROWS: Final = 2_000
"""Rows of a printed table; a unit with more adverse facts has them all on its page."""

Row = list[str]


def issue_scheme(uow: UnitOfWork, row: Evaluation) -> UUID:
    """The approved scheme, for everybody."""
    scheme = scheme_of(row)
    title = words.SCHEME_TITLE.format(title=scheme.title, period=period_words(row))
    content = {
        "text": _text(words.SCHEME_TEXT, _scheme_facts(row, scheme)),
        "annexes": [_annex(words.CRITERIA_TABLE, words.CRITERIA_COLUMNS, list(_criteria_rows(scheme)))],
    }
    return _issue(uow, row, row.item_id, title, content, series=RECORDS, public=True)


def issue_self_score(uow: UnitOfWork, row: Evaluation, unit: EvaluationUnit, form: Mapping[str, Any]) -> UUID:
    """A unit's signed self-score, for it and the office."""
    scheme = scheme_of(row)
    given = {each["part"].strip(): each for each in form.get("scores", ())}
    rows = [
        [part.label, str(part.points), str(said.get("points", "")), str(said.get("reason", ""))]
        for part in scheme.parts
        for said in [given.get(part.id, {})]
    ]
    title = words.SELF_TITLE.format(unit=_name(uow, unit.unit_id), period=period_words(row))
    content = {"text": str(form.get("summary", "")), "annexes": [_annex(words.SELF_TABLE, words.SELF_COLUMNS, rows)]}
    return _issue(uow, row, unit.item_id, title, content, series=RECORDS, recipients=[unit.unit_id])


def issue_fact_sheet(uow: UnitOfWork, row: Evaluation, unit: EvaluationUnit, sheet: FactSheet) -> UUID:
    """What the system knows of a unit, for it to check."""
    title = words.FACTS_TITLE.format(unit=_name(uow, unit.unit_id), period=period_words(row))
    inherited = [_name(uow, each) for each in sheet.inherited]
    facts = {
        "as_of": DAY.format(day=row.last_day),
        "known_on": DAY.format(day=local_date(sheet.known_on)),
        "inherited": words.INHERITED.format(units=NAMES.join(inherited)) if inherited else "",
    }
    numbers = [[FACT_LABELS[name], str(count)] for name, count in sheet.numbers().items() if count]
    annexes = [_annex(words.NUMBERS_TABLE, words.NUMBERS_COLUMNS, numbers)]
    adverse = list(_adverse_rows(uow.session, sheet))[:MOST_ROWS]
    annexes += [_annex(words.ADVERSE_TABLE, words.ADVERSE_COLUMNS, adverse)] if adverse else []
    left_out = list(_left_out_rows(uow.session, sheet))
    annexes += [_annex(words.LEFT_OUT_TABLE, words.LEFT_OUT_COLUMNS, left_out)] if left_out else []
    content = {"text": _text(words.FACTS_TEXT, facts), "annexes": annexes}
    return _issue(uow, row, unit.item_id, title, content, series=RECORDS, recipients=[unit.unit_id])


def issue_record(uow: UnitOfWork, row: Evaluation, unit: UnitSheet, standing: Standing) -> UUID:
    """Every point of a unit with what it comes from, as decided."""
    sheet = unit.sheet
    assert sheet is not None
    scheme = scheme_of(row)
    title = words.RECORD_TITLE.format(unit=unit.name, period=period_words(row))
    figures = {
        "total": str(sheet.total),
        "base": str(sheet.base),
        "bonus": str(sheet.bonus_points),
        "deducted": str(sheet.deducted),
        "standing": _standing_words(scheme, standing),
    }
    annexes = [_annex(words.LINES_TABLE, words.LINES_COLUMNS, list(_line_rows(unit)))]
    reasons = {entry.number: entry.reason for entry in unit.entries}
    off = [
        [line.label, f"+{line.points}", "", LISTING.join(reasons.get(number, "") for number in line.entries)]
        for line in sheet.bonus
        if line.points
    ]
    facts = {fact.key: fact for fact in (unit.facts.facts if unit.facts is not None else ())}
    keys = {each.fact_key for each in sheet.deductions} | {each.fact_key for each in sheet.taken}
    concerned = (facts[key].item_id for key in keys & facts.keys())
    items = _items(uow.session, (item_id for item_id in concerned if item_id is not None))
    off += [
        [line.label, f"-{line.points}", cited(line.fact_key, facts, items), line.reason] for line in sheet.deductions
    ]
    annexes += [_annex(words.OFF_TABLE, words.OFF_COLUMNS, off)] if off else []
    taken = [[cited(each.fact_key, facts, items), words.TAKEN_WORDS[each.kind], each.reason] for each in sheet.taken]
    annexes += [_annex(words.TAKEN_TABLE, words.TAKEN_COLUMNS, taken)] if taken else []
    content = {"text": _text(words.RECORD_TEXT, figures), "annexes": annexes}
    return _issue(uow, row, unit.row.item_id, title, content, series=RECORDS, recipients=[unit.row.unit_id])


def issue_circular(uow: UnitOfWork, row: Evaluation, requirements: str) -> UUID:
    """The decided results, for everybody: ranks within each group, and those who are shown only."""
    scheme = scheme_of(row)
    found = standings_of(row, unit_sheets(uow.session, row))
    annexes = []
    for group in scheme.groups:
        members = [each for each in found if each.group_id == group.id]
        if members:
            columns = words.RESULT_COLUMNS if group.ranked else words.SHOWN_COLUMNS
            rows = [_result_row(scheme, each, ranked=group.ranked) for each in members]
            annexes.append(_annex(group.label, columns, rows))
    not_rated = [_name(uow, UUID(each)) for each in row.without_tasks]
    summary = [
        words.GRADE_UNITS.format(grade=grade.label, units=NAMES.join(names))
        for grade in scheme.grades
        if (names := [each.name for each in found if each.grade == grade.id])
    ]
    summary += [words.NOT_RATED.format(units=NAMES.join(not_rated))] if not_rated else []
    facts = {
        **_days(row),
        "scheme": scheme.title,
        "count": str(len(found)),
        "summary": "\n".join(summary),
        "requirements": requirements,
    }
    title = words.CIRCULAR_TITLE.format(period=period_words(row))
    content = {"text": _text(words.CIRCULAR_TEXT, facts), "annexes": annexes}
    units = [each.unit_id for each in found]
    return _issue(uow, row, row.item_id, title, content, series=CIRCULARS, recipients=units, public=True)


def _issue(
    uow: UnitOfWork,
    row: Evaluation,
    item_id: UUID,
    title: str,
    content: dict[str, Any],
    *,
    series: str,
    recipients: Sequence[UUID] = (),
    public: bool = False,
) -> UUID:
    office = uow.get(Unit, row.office_unit_id)
    signature = {"unit": office.official_name, "date": uow.today.isoformat()}
    issued = issue_document(
        uow,
        series=series,
        template=TEMPLATE,
        title=title,
        content={"head": {"name": office.official_name}, **content, "signature": signature},
        office_unit_id=row.office_unit_id,
        item_id=item_id,
        public=public,
        recipients=recipients,
    )
    return issued.id


def period_words(row: Evaluation) -> str:
    """The year that an evaluation is about, or its local days."""
    first, last = row.first_day, row.last_day
    whole_year = (first.month, first.day) == (1, 1) and last == first.replace(month=12, day=31)
    period = words.YEAR.format(year=first.year) if whole_year else words.PERIOD.format(**_days(row))
    return words.TRIAL.format(period=period) if row.trial else period


def _days(row: Evaluation) -> dict[str, str]:
    return {"first": DAY.format(day=row.first_day), "last": DAY.format(day=row.last_day)}


def _text(lines: Iterable[str], facts: Mapping[str, str]) -> str:
    # Filled in line by line: what a person wrote may hold braces.
    return "\n".join(line for line in (each.format_map(facts) for each in lines) if line)


def _annex(title: str, columns: Sequence[str], rows: Sequence[Row]) -> dict[str, Any]:
    titled = [{"title": column} for column in columns]
    return {"title": title, "table": {"columns": titled, "rows": [list(row) for row in rows]}}


def _name(uow: UnitOfWork, unit_id: UUID) -> str:
    return uow.get(Unit, unit_id).short_name


def _scheme_facts(row: Evaluation, scheme: Scheme) -> dict[str, str]:
    groups = [
        (words.GROUP_RANKED if group.ranked else words.GROUP_SHOWN).format(label=group.label) for group in scheme.groups
    ]
    ceiling = words.NO_CEILING
    if scheme.ceiling is not None:
        share = f"{scheme.ceiling.share * 100:.0f}"
        ceiling = words.CEILING.format(grade=scheme.grades[0].label, share=share)
    vetoes = NAMES.join(veto.label for veto in scheme.vetoes)
    return {
        **_days(row),
        "groups": LISTING.join(groups),
        "total": str(scheme.total),
        "criteria": NAMES.join(words.POINTS_OF.format(label=c.label, points=c.points) for c in scheme.criteria),
        "bonus": str(scheme.bonus_cap),
        "deductions": str(scheme.deduction_cap),
        "grades": NAMES.join(_grade_words(scheme)),
        "ceiling": ceiling,
        "vetoes": words.VETOES.format(grade=scheme.grades[-1].label, vetoes=vetoes) if vetoes else "",
    }


def _grade_words(scheme: Scheme) -> Iterable[str]:
    """Where each grade begins; the lowest one, which begins at nothing, is what falls short of the one above."""
    above = None
    for grade in scheme.grades:
        lowest = above is not None and not grade.least
        form = words.GRADE_BELOW if lowest else words.GRADE_FROM
        yield form.format(label=grade.label, least=above.least if above is not None and lowest else grade.least)
        above = grade


def _criteria_rows(scheme: Scheme) -> Iterable[Row]:
    for criterion in scheme.criteria:
        for part in criterion.parts:
            yield [criterion.label, part.label, str(part.points), how_words(part)]
    for part in scheme.bonus:
        yield [words.BONUS, part.label, str(part.points), how_words(part)]
    for kind in scheme.deductions:
        how = words.EACH_FACT if kind.fact else words.BY_RECORD
        yield [words.DEDUCTIONS, kind.label, str(kind.cap), how.format(each=kind.each, cap=kind.cap)]


def how_words(part: Part) -> str:
    """How a part is scored: in the scheme's own words, or else by its formula with the names of its facts."""
    if part.how:
        return part.how
    if part.source is not Source.FACTS:
        return words.BY_OFFICE if part.source is Source.OFFICE else words.BY_PARTNERS
    measure = part.measure
    if measure is not None and measure.table is not None:
        return words.BY_TABLE.format(
            rows=LISTING.join(words.TABLE_ROW.format(words=r.words, points=r.outcome) for r in measure.table.rules)
        )
    formula = measure.source if measure is not None else ""
    for name in sorted(FACT_LABELS, key=len, reverse=True):
        formula = formula.replace(name, FACT_LABELS[name])
    return words.COMPUTED.format(formula=formula)


def _items(session: Session, ids: Iterable[UUID]) -> dict[UUID, Item]:
    return {item.id: item for item in session.exec(select(Item).where(col(Item.id).in_(list(set(ids)))))}


def _adverse_rows(session: Session, sheet: FactSheet) -> Iterable[Row]:
    """What speaks against the unit, one fact a row; what went well is in the sums."""
    shown = [fact for fact in sheet.facts if _speaks_against(fact.family, fact.counts)]
    items = _items(session, (fact.item_id for fact in shown if fact.item_id is not None))
    for number, fact in enumerate(shown, 1):
        item = items.get(fact.item_id) if fact.item_id is not None else None
        yield [str(number), named(item), counted(fact), told(fact.about)]


def _speaks_against(family: Family, counts: Mapping[str, int]) -> bool:
    if family is Family.COMPLETION:
        return not all(counts.get(name.replace("due_", "done_"), 0) for name in counts if name.startswith("due_"))
    if family is Family.RECTIFICATION:
        return "rectifications_done" not in counts
    return bool(counts.keys() & {"returned", "lights_red", "lights_yellow"}) or any(
        name.endswith(("_late", "_missing")) for name in counts
    )


def _left_out_rows(session: Session, sheet: FactSheet) -> Iterable[Row]:
    items = _items(session, (each.item_id for each in sheet.left_out))
    for each in sheet.left_out:
        item = items[each.item_id]
        yield [item.number, item.text[:60], OUTSIDE_LABELS[each.reason]]


def _line_rows(unit: UnitSheet) -> Iterable[Row]:
    reasons = {entry.number: entry.reason for entry in unit.entries}
    assert unit.sheet is not None
    for section in unit.sheet.sections:
        for line in section.lines:
            read = [words.READ_WORDS.format(label=FACT_LABELS[n], count=c) for n, c in (line.read or {}).items()]
            said = [reasons[number] for number in line.entries if reasons.get(number)]
            basis = LISTING.join([*([line.row] if line.row else []), *read, *said])
            points = words.NOT_APPLICABLE if line.state is LineState.NOT_APPLICABLE else str(line.points)
            yield [section.label, line.label, str(line.most), points, basis]


def _grade_label(scheme: Scheme, grade: str | None) -> str:
    return next((each.label for each in scheme.grades if each.id == grade), "")


def _standing_words(scheme: Scheme, standing: Standing) -> str:
    if standing.rank is not None:
        return words.RANKED.format(rank=standing.rank, grade=_grade_label(scheme, standing.grade))
    return words.UNRANKED.format(remark=REMARK_LABELS[standing.remark]) if standing.remark else ""


def _result_row(scheme: Scheme, standing: Standing, *, ranked: bool) -> Row:
    remark = REMARK_LABELS[standing.remark] if standing.remark else ""
    if not ranked:
        return [standing.name, str(standing.total), remark]
    rank = "" if standing.rank is None else str(standing.rank)
    return [rank, standing.name, str(standing.total), _grade_label(scheme, standing.grade), remark]
