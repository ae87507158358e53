"""What the receipts of a bulletin mean: nothing beyond themselves; the last one settles the matter."""

from typing import Any, Final

from services.stepping import Advanced, Done, LockedInstance
from services.unit_of_work import UnitOfWork

ENDS_MATTER: Final = True


def check(_uow: UnitOfWork, _instance: LockedInstance, _done: Done) -> dict[str, Any]:
    """Nothing forbids a receipt."""
    return {}


def apply(_uow: UnitOfWork, _instance: LockedInstance, _advanced: Advanced, _done: Done | None) -> None:
    """A receipt is its closed work item: nothing is written beside it."""
