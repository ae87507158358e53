"""Printed names that the registry does not know: the office says of each which unit it is, or that it is none."""

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from domain.calendar import local_date
from domain.errors import AlreadyExists, DomainError, PermissionDenied
from domain.units import UnitKind
from services.executor import Command
from services.queries.import_desk import desk_list
from services.queries.lists import list_detail
from services.queries.page import MAX_PAGE
from services.queries.units import list_units
from services.unit_lookup import stored_registry
from services.units import AddCandidateAsUnit, AliasKind, ConfirmCandidate, RejectCandidate
from web.notices import Notice
from web.visit import Submission, Submitting, Visit, Visiting

router = APIRouter()


@router.get("/desk/lists/{list_id}/names", name="desk_names")
def show_names(visit: Visiting, list_id: UUID) -> Response:
    """The names of the list that wait for a decision, each with the units written most like it."""
    return _page(visit, list_id)


def _page(
    visit: Visit,
    list_id: UUID,
    *,
    refused: UUID | None = None,
    sentence: str = "",
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    desk_list(visit.reading, list_id)
    detail = list_detail(visit.reading, list_id, with_items=False)
    registry = stored_registry(visit.reading.session, local_date(visit.reading.now))
    names = [each for each in detail.unknown_units if each.candidate_id is not None and not each.rejected]
    units = list_units(visit.reading.session, limit=MAX_PAGE).rows
    return visit.page(
        "desk/names.html",
        status=status,
        list=detail.summary,
        names=names,
        alike={each.printed: registry.lookup(each.printed).candidates[:3] for each in names},
        rejected=[each for each in detail.unknown_units if each.rejected],
        units=[(unit.short_name, unit.official_name) for unit in units if unit.successor_id is None],
        kinds=[kind.value for kind in UnitKind if kind is not UnitKind.GROUP],
        refused=refused,
        sentence=sentence,
        typed=typed or {},
    )


@router.post("/desk/lists/{list_id}/names", name="desk_name")
def decide_name(visit: Submitting, list_id: UUID) -> Response:
    """Decide on one name, and show those that are left."""
    desk_list(visit.reading, list_id)
    candidate_id = UUID(visit.text("candidate"))
    typed = {name: visit.text(name) for name in ("unit", "official_name", "short_name", "kind", "parent", "former")}
    command, problem = _command(visit, candidate_id, typed)
    if command is None:
        return _page(visit, list_id, refused=candidate_id, sentence=problem, typed=typed, status=422)
    try:
        visit.run(command)
    except PermissionDenied:
        raise
    except DomainError as error:
        status = 409 if isinstance(error, AlreadyExists) else 422
        return _page(visit, list_id, refused=candidate_id, sentence=visit.sentence(error), typed=typed, status=status)
    left = [each for each in list_detail(visit.reading, list_id, with_items=False).unknown_units if not each.rejected]
    notice = Notice("desk_name_decided", {"printed": visit.text("printed"), "left": len(left)})
    return visit.redirect("desk_names" if left else "desk_list", list_id=list_id, notice=notice)


def _command(
    visit: Submission, candidate_id: UUID, typed: Mapping[str, str]
) -> tuple[Command[UUID] | Command[None] | None, str]:
    """The command for the button that was pressed; None with a code where a field is not filled in."""
    registry = stored_registry(visit.reading.session, local_date(visit.reading.now))

    def unit_called(name: str) -> UUID | None:
        match = registry.lookup(name)
        return registry.unit_id(match.unit) if match.unit else None

    decision = visit.text("decision")
    if decision == "reject":
        return RejectCandidate(candidate_id=candidate_id), ""
    if decision == "means":
        unit_id = unit_called(typed["unit"])
        kind = AliasKind.FORMER if typed["former"] == "yes" else AliasKind.SPELLING
        if unit_id is None:
            return None, "unit_unknown"
        return ConfirmCandidate(candidate_id=candidate_id, unit_id=unit_id, kind=kind), ""
    parent = unit_called(typed["parent"]) if typed["parent"] else None
    if typed["parent"] and parent is None:
        return None, "parent_unknown"
    if not typed["official_name"] or not typed["short_name"] or typed["kind"] not in set(UnitKind):
        return None, "unit_incomplete"
    return (
        AddCandidateAsUnit(
            candidate_id=candidate_id,
            official_name=typed["official_name"],
            short_name=typed["short_name"],
            kind=UnitKind(typed["kind"]),
            parent_id=parent,
        ),
        "",
    )
