"""What a step of `kpi_reading` means: a unit's answer is kept, and the figure that the office accepts is recorded."""

from datetime import date
from typing import Any, Final, LiteralString

from sqlmodel import select

from db.tables import KpiReading, KpiRequest, KpiTarget
from domain.kpi import KpiKind, Target, check_reading
from domain.kpi_errors import KpiProofMissing
from domain.kpi_reporting import KpiAnswer, KpiPeriod, KpiRequestEnd, check_within
from services.stepping import Advanced, Done, LockedInstance
from services.unit_of_work import UnitOfWork

ENDS_MATTER: Final = True

_PROOFS: LiteralString = (
    "SELECT e.id FROM evidence e LEFT JOIN blob b ON b.sha256 = e.blob_sha256"
    " WHERE e.item_id = %s AND e.work_item_id IS NOT NULL AND b.expunged_at IS NULL ORDER BY e.added_at, e.id"
)
_SET_ANSWER: LiteralString = (
    "UPDATE kpi_request SET answer = %s, value = %s, as_of = %s, said = %s, answered_by = %s, answered_at = %s"
    " WHERE item_id = %s"
)
_END: LiteralString = "UPDATE kpi_request SET outcome = %s, ended_at = %s WHERE item_id = %s"


def check(uow: UnitOfWork, instance: LockedInstance, done: Done) -> dict[str, Any]:
    """Raises KpiReadingOutsidePeriod, KpiProofMissing, and what is wrong with a reported figure."""
    if done.bpmn_id == "report_figure" and done.decision == KpiAnswer.REPORT:
        request, target = _request(uow, instance)
        as_of = date.fromisoformat(done.form["as_of"])
        rule = Target(KpiKind(target.kind), target.target, target.base_on, target.target_on)
        check_reading(rule, target.name, as_of, float(done.form["value"]), uow.today)
        check_within(KpiPeriod(request.period, request.first_on, request.last_on), as_of)
        uow.flush()
        [proofs] = uow.read((_PROOFS, (instance.item_id,)))
        if not proofs:
            raise KpiProofMissing(str(instance.item_id))
    return {}


def apply(uow: UnitOfWork, instance: LockedInstance, advanced: Advanced, done: Done | None) -> None:
    """Keep the answer; record the figure that was accepted, with the unit's evidence."""
    if done is not None and done.bpmn_id == "report_figure":
        form, reported = done.form, done.decision == KpiAnswer.REPORT
        facts = (
            done.decision,
            float(form["value"]) if reported else None,
            date.fromisoformat(form["as_of"]) if reported else None,
            form["source"] if reported else form["why_not"],
            uow.actor.id,
            uow.now,
            instance.item_id,
        )
        uow.write(_SET_ANSWER, facts)
    if advanced.outcome is None:
        return
    if advanced.outcome == KpiRequestEnd.RECORDED:
        _record(uow, instance)
    uow.write(_END, (advanced.outcome, uow.now, instance.item_id))


def _record(uow: UnitOfWork, instance: LockedInstance) -> None:
    request, target = _request(uow, instance)
    assert request.value is not None
    assert request.as_of is not None
    [proofs] = uow.read((_PROOFS, (instance.item_id,)))
    uow.session.add(
        KpiReading(
            target_id=target.id,
            as_of=request.as_of,
            value=request.value,
            source=request.said or "",
            evidence_ids=[str(evidence_id) for (evidence_id,) in proofs],
            request_item_id=request.item_id,
            recorded_by=uow.actor.id,
            recorded_at=uow.now,
        )
    )
    uow.session.flush()


def _request(uow: UnitOfWork, instance: LockedInstance) -> tuple[KpiRequest, KpiTarget]:
    return uow.session.exec(
        select(KpiRequest, KpiTarget)
        .join(KpiTarget)
        .where(KpiRequest.item_id == instance.item_id)
        .execution_options(populate_existing=True)
    ).one()
