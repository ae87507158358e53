"""When a case of 复制推广 goes no further: what hangs on it ends with it, and a published one is stopped by notice."""

from typing import Final
from uuid import UUID

from sqlmodel import select

from db.tables import Adoption, Item
from services import effects
from services.replication_papers import stop_notice
from services.unit_of_work import UnitOfWork

ADOPTION: Final = "adoption"
NATIONAL_REPORT: Final = "national_report"


def cancel_what_hangs_on(uow: UnitOfWork, item: Item) -> list[UUID]:
    """End the running adoptions and reports of a case whose root row is held, instances in the order of their ids; the
    units that were asked to take the case up.
    """
    adoptions = uow.session.exec(
        select(Adoption.item_id, Adoption.unit_id).where(Adoption.case_item_id == item.id)
    ).all()
    running = [i for item_id, _ in adoptions for i in effects.running_instances(uow, item_id, ADOPTION)]
    running += effects.running_instances(uow, item.id, NATIONAL_REPORT)
    for instance_id in sorted(running):
        effects.cancel_instance(uow, item.root_id, instance_id)
    return [unit_id for _, unit_id in adoptions]


def stop_published(uow: UnitOfWork, item: Item, reason: str) -> None:
    """End what hangs on a published case, and tell the units in its range by a notice, which is numbered last."""
    units = cancel_what_hangs_on(uow, item)
    uow.write("UPDATE replication_case SET ended_because = %s WHERE item_id = %s", (reason, item.id))
    uow.flush()
    stop_notice(uow, item, reason, units)
