"""What a step of each mechanism beside supervision means: which module carries it into the tables.

A module is loaded with the first step of its process: it may itself use commands that complete work items, and those
look here.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final, Protocol, cast
from uuid import UUID

from services.stepping import Advanced, Done, LockedInstance
from services.unit_of_work import UnitOfWork


class MatterProcess(Protocol):
    """The joint between one process and its tables: a module of `services` with these names."""

    ENDS_MATTER: bool
    """Whether the matter is settled when this process ends; not for one that runs beside the matter's own."""

    def check(self, uow: UnitOfWork, instance: LockedInstance, done: Done) -> dict[str, Any]:
        """Routing facts the model's gateways need beside the decision. Raises what forbids the step."""

    def apply(self, uow: UnitOfWork, instance: LockedInstance, advanced: Advanced, done: Done | None) -> None:
        """Carry the step's meaning into the tables; `advanced.outcome` is the end event, if it was reached."""


_MODULES: Final[Mapping[str, str]] = {
    "adoption": "adoption_effects",
    "assessed_item": "assessment_effects",
    "item_review": "assessment_effects",
    "kpi_reading": "kpi_reading_effects",
    "lead_opinion": "assessment_effects",
    "list_change": "list_change_effects",
    "national_report": "national_report_effects",
    "replication": "replication_effects",
    "bulletin": "bulletin_effects",
    "bulletin_delivery": "delivery_effects",
    "coordination": "coordination_effects",
    "joint_conference": "conference_effects",
    "self_assessment": "assessment_effects",
    "summary_assessment": "assessment_effects",
    "visit_notice": "assessment_effects",
    "unit_evaluation": "evaluation_effects",
    "unit_score": "unit_score_effects",
}
"""Process key: the module of `services` that knows it."""


def check_part(uow: UnitOfWork, instance: LockedInstance, unit_id: UUID, done: Done) -> None:
    """Raise what forbids one unit's part of a step, also while others are still asked; for mechanisms that look."""
    looks = getattr(matter_process(instance.key), "check_part", None)
    if looks is not None:
        looks(uow, instance, unit_id, done)


def matter_process(key: str) -> MatterProcess | None:
    """The joint of a process, or None for those of `services.effects` and for a model without any."""
    name = _MODULES.get(key)
    return None if name is None else cast("MatterProcess", import_module(f"services.{name}"))
