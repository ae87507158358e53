"""The scheme of an evaluation, edited while it is drafted: criteria, weights, groups, cut-off, assessors."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from domain.errors import Conflict, NotFound, RuleViolation
from domain.evaluation_facts import ADVERSE, NAMES
from domain.evaluation_reading import read_scheme
from domain.evaluation_scheme import Fault
from domain.messages.evaluations import FACT_LABELS, FAMILY_LABELS
from domain.scheme_words import fault_words
from domain.units import UnitKind
from services.evaluations import SaveScheme, Terms
from services.queries.evaluations import EvaluationView, evaluation_view
from services.queries.units import names_to_choose
from web.notices import Notice
from web.scheme_form import add_row, drop_row, fields_of, scheme_of, typed_fields
from web.typed import day_in, named_units, number_in
from web.visit import Submission, Submitting, Visit, Visiting

router = APIRouter()

ADDRESS = "/evaluations/{item_id}/scheme"
UNPROCESSABLE = 422
SHOWN_FAULTS = 20
TIES = 3
"""How many comparisons in turn decide between equal totals."""
KINDS = tuple(kind.value for kind in UnitKind if kind is not UnitKind.GROUP)


@dataclass(frozen=True, slots=True)
class TypedTerms:
    """What was typed besides the criteria."""

    last_day: str
    host: str
    assessors: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the draft is not saved, and the field that it is about; empty for the whole."""

    at: str
    sentence: str


@router.get(ADDRESS, name="evaluation_scheme")
def show_scheme(visit: Visiting, item_id: UUID) -> Response:
    """The draft as it is kept. Nobody but the office finds it, and only while it is drafted."""
    view = _editable(visit, item_id)
    return _page(visit, view, fields_of(view.scheme), _kept_terms(view))


@router.post(ADDRESS, name="save_evaluation_scheme")
def save_scheme(visit: Submitting, item_id: UUID) -> Response:
    """Save the draft, or add or take away a row by the button that was pressed; what was typed stays either way."""
    view = _editable(visit, item_id)
    fields = typed_fields((name, value) for name, value in visit.form.multi_items() if isinstance(value, str))
    terms = TypedTerms(visit.text("last_day"), visit.text("host"), visit.text("assessors"))
    act, _, place = visit.text("act").partition(":")
    if act in {"add", "drop"}:
        try:
            focus = _rearranged(fields, act, place)
        except KeyError as error:
            raise NotFound(place) from error
        return _page(visit, view, fields, terms, focus=focus)
    last_day = day_in(terms.last_day)
    hosts, assessors, problems = _named(visit, terms)
    scheme = scheme_of(fields)
    faults = read_scheme(scheme)
    if isinstance(faults, list):
        problems += [Problem(fault.at, fault_words(fault)) for fault in _first_of_each(faults)]
    if problems or last_day is None:
        return _page(visit, view, fields, terms, problems=problems or [Problem("last_day", "")])
    command = SaveScheme(
        evaluation_id=item_id,
        seen_version=number_in(visit.text("seen_version")),
        scheme=scheme,
        terms=Terms(last_day=last_day, host_unit_id=hosts[0] if hosts else None, assessors=assessors),
    )
    try:
        version = visit.run(command)
    except (Conflict, RuleViolation) as error:
        return _page(visit, view, fields, terms, problems=[Problem("", visit.sentence(error))])
    return visit.redirect("evaluation", item_id=item_id, notice=Notice("scheme_saved", {"version": version}))


def _rearranged(fields: dict[str, Any], act: str, place: str) -> str:
    """Add or take away a row; where to go on typing."""
    if act == "add":
        return add_row(fields, place)
    drop_row(fields, place)
    return place.rpartition(".")[0]


def _editable(visit: Visit, item_id: UUID) -> EvaluationView:
    view = evaluation_view(visit.reading, item_id)
    if not view.editable:
        raise NotFound(f"draft of {item_id}")
    return view


def _kept_terms(view: EvaluationView) -> TypedTerms:
    return TypedTerms(view.summary.last_day.isoformat(), view.host or "", "、".join(view.assessors))


def _named(visit: Submission, terms: TypedTerms) -> tuple[tuple[UUID, ...], tuple[UUID, ...], list[Problem]]:
    """The host and the assessors that were named, and what names are no unit's."""
    hosts, strange_hosts = named_units(visit.reading, terms.host)
    assessors, strange = named_units(visit.reading, terms.assessors)
    problems = [Problem("host", name) for name in strange_hosts] + [Problem("assessors", name) for name in strange]
    return hosts[:1], assessors, problems


def _first_of_each(faults: Sequence[Fault]) -> Iterable[Fault]:
    """The first faults, each sentence once."""
    seen: set[tuple[str, str]] = set()
    for fault in faults:
        said = (fault.at, fault_words(fault))
        if said not in seen and len(seen) < SHOWN_FAULTS:
            seen.add(said)
            yield fault


def _page(
    visit: Visit,
    view: EvaluationView,
    fields: dict[str, Any],
    terms: TypedTerms,
    *,
    problems: Sequence[Problem] = (),
    focus: str = "",
) -> Response:
    errors: defaultdict[str, list[str]] = defaultdict(list)
    for problem in problems:
        errors[problem.at].append(problem.sentence)
    return visit.page(
        "evaluations/scheme.html",
        status=UNPROCESSABLE if problems else 200,
        view=view,
        row=view.summary,
        draft=fields,
        terms=terms,
        problems=problems,
        errors=dict(errors),
        focus=focus,
        kinds=KINDS,
        facts=[(name, FACT_LABELS[name], FAMILY_LABELS[family]) for name, family in NAMES.items()],
        adverse=[(name, FACT_LABELS[name]) for name in NAMES if name in ADVERSE],
        ties=TIES,
        units=names_to_choose(visit.reading.session),
        last_of_year=date(view.summary.last_day.year, 12, 31),
    )
