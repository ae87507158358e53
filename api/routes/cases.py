"""Cases of 复制推广: nominated, withdrawn, merged, stopped, reported upward. Their steps are work items."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from api.deps import Run
from api.examples import AT, ITEM_ID, UNIT_ID
from api.pagination import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_cursor
from api.reading import Asking, example, paged
from api.schemas import Answer, Body, Day
from domain.replication_states import CaseState
from services.queries.adoptions import AdoptionRow, adoption_matrix
from services.queries.replication import CaseDetail, CaseFilter, CaseRow, case_detail, cases
from services.replication import (
    MergeCases,
    NominateCase,
    RecordLetterAnswer,
    ReportUpward,
    StopCase,
    WithdrawCase,
)
from services.replication_batches import SettleLikeness
from services.stepping import OpenedWorkItem

router = APIRouter(tags=["replication"])

Reason = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"\S", examples=["政策依据到期失效"])]


class CaseQuery(Body):
    """Which cases. `basis_expired`: only those in force whose policy is not any more."""

    state: Annotated[tuple[CaseState, ...], Field(max_length=len(CaseState))] = ()
    text: Annotated[str | None, Field(max_length=100)] = None
    applicant_id: UUID | None = None
    batch_id: UUID | None = None
    basis_expired: bool = False
    cursor: Annotated[str | None, Field(max_length=500, description="`next_cursor` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT


class Nomination(Body):
    """A clue that becomes a case; the first applicant is named first. The text is handed in as a step."""

    office_unit_id: UUID
    title: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S", examples=["样品清单管理"])]
    applicants: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=20)]
    source_kind: Literal["call", "item", "round", "assessment"] = "call"
    source_item_id: UUID | None = None
    source_round_id: Annotated[UUID | None, Field(description="The report of the item that the clue is in.")] = None
    source_assessment_id: Annotated[UUID | None, Field(description="The assessment that noticed it.")] = None
    clue: Annotated[str, Field(max_length=1000)] = ""


class Nominated(Answer):
    """The new case and what waits in it."""

    item_id: UUID
    opened: list[OpenedWorkItem]


class Why(Body):
    """Why the case ends."""

    reason: Reason


class Merging(Body):
    """The case that stays, and why they are one."""

    into_id: UUID
    reason: Reason


class Opened(Answer):
    """What waits now."""

    opened: list[OpenedWorkItem]


class Likeness(Body):
    """Whether the two are the same reform, and why one thinks so."""

    same: bool
    reason: Annotated[str, Field(max_length=1000)] = ""


class LetterAnswer(Body):
    """What was answered to a letter."""

    answered_on: Day
    answer: Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]
    answer_number: Annotated[str | None, Field(max_length=100)] = None


class MatrixQuery(Body):
    """Whose adoptions: of one batch, of one unit."""

    batch_id: UUID | None = None
    unit_id: UUID | None = None


class AdoptionMatrix(Answer):
    """Units by cases; a cell names its unit and its case, and stands only where a unit is asked."""

    cases: list[tuple[UUID, str, str]]
    units: list[tuple[UUID, str]]
    cells: list[AdoptionRow]


_ROW = CaseRow(
    id=ITEM_ID,
    number="推广2026-3",
    title="样品清单管理",
    state="implementing",
    state_label="落实中",
    applicants=("江北区",),
    nominated_at=AT,
    batch=1,
    range="city",
    range_label="全市",
    due_on=None,
    adoptions=16,
    adopted=9,
    basis_expired=False,
    held_by=(),
    version=4,
)


@router.get("/cases", responses=example({"items": [_ROW], "next_cursor": None}))
def list_cases(query: Annotated[CaseQuery, Query()], asking: Asking) -> Page[CaseRow]:
    """The cases that one sees, the newest first."""
    filters = CaseFilter(
        states=tuple(query.state),
        text=query.text,
        applicant_id=query.applicant_id,
        batch_id=query.batch_id,
        basis_expired=query.basis_expired,
    )
    found = cases(asking, filters, limit=query.limit, after=decode_cursor(query.cursor, "cases"))
    return paged(found, "cases")


@router.post("/cases", status_code=201, responses=example({"item_id": ITEM_ID, "opened": []}, 201))
def nominate_case(body: Nomination, run: Run) -> Nominated:
    """Open a case: the applicants write it, sign it, and the office checks it."""
    command = NominateCase(
        office_unit_id=body.office_unit_id,
        title=body.title,
        applicants=body.applicants,
        source_kind=body.source_kind,
        source_item_id=body.source_item_id,
        source_round_id=body.source_round_id,
        source_assessment_id=body.source_assessment_id,
        clue=body.clue,
    )
    opened = run(command)
    return Nominated(item_id=opened.item_id, opened=list(opened.opened))


@router.get("/cases/{item_id}")
def get_case(item_id: UUID, asking: Asking) -> CaseDetail:
    """One case with what was said about it, and who takes it up."""
    return case_detail(asking, item_id)


@router.post("/cases/{item_id}/withdraw", status_code=204)
def withdraw_case(item_id: UUID, body: Why, run: Run) -> None:
    """Take one's own case back before its batch is issued."""
    run(WithdrawCase(item_id=item_id, reason=body.reason))


@router.post("/cases/{item_id}/merge", status_code=204)
def merge_case(item_id: UUID, body: Merging, run: Run) -> None:
    """Merge a case into another one of the same reform; its applicants join with credit."""
    run(MergeCases(item_id=item_id, into_id=body.into_id, reason=body.reason))


@router.post("/cases/{item_id}/stop", status_code=204)
def stop_case(item_id: UUID, body: Why, run: Run) -> None:
    """Stop a published case by notice; what units still owe for it ends."""
    run(StopCase(item_id=item_id, reason=body.reason))


@router.post("/cases/{item_id}/report", status_code=201, responses=example({"opened": []}, 201))
def report_case(item_id: UUID, run: Run) -> Opened:
    """Open the report of a case to the State Council's inter-ministry office."""
    return Opened(opened=list(run(ReportUpward(item_id=item_id))))


@router.post("/case-likenesses/{likeness_id}", status_code=204)
def settle_likeness(likeness_id: UUID, body: Likeness, run: Run) -> None:
    """Say whether a case and a published one are the same reform."""
    run(SettleLikeness(likeness_id=likeness_id, same=body.same, reason=body.reason))


@router.post("/case-letters/{letter_id}/answer", status_code=204)
def answer_letter(letter_id: UUID, body: LetterAnswer, run: Run) -> None:
    """Record what somebody beyond the city's power answered."""
    command = RecordLetterAnswer(
        letter_id=letter_id, answered_on=body.answered_on, answer=body.answer, answer_number=body.answer_number
    )
    run(command)


@router.get("/adoptions", responses=example({"cases": [], "units": [(UNIT_ID, "江北区")], "cells": []}))
def get_adoptions(query: Annotated[MatrixQuery, Query()], asking: Asking) -> AdoptionMatrix:
    """Who takes up what."""
    matrix = adoption_matrix(asking, batch_id=query.batch_id, unit_id=query.unit_id)
    return AdoptionMatrix(cases=list(matrix.cases), units=list(matrix.units), cells=list(matrix.cells.values()))
