"""A person's own filters: a name for a way to look at a list."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlmodel import Session, col, func, select

from db.tables import SavedFilter
from domain.errors import NotFound
from domain.page_errors import TooManyFilters
from domain.permissions import Actor, Permission
from services.unit_of_work import UnitOfWork

MOST = 20
"""Of one page; more would be a list to search."""
LONGEST_NAME = 40
LONGEST_QUERY = 1000


class FilteredPage(StrEnum):
    """The pages whose filters can be kept."""

    TO_DO = "todo"
    LEDGER = "ledger"


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveFilter:
    """Keep a filter under a name; the one that had the name before is replaced. Nobody else sees it."""

    page: FilteredPage
    name: str
    query: str

    def execute(self, uow: UnitOfWork) -> UUID:
        """The filter's id. Raises TooManyFilters. Not in the audit: it changes nothing but what its owner sees."""
        uow.require(Permission.ACCOUNT_SELF)
        uow.audited = False
        person_id = _own_id(uow.actor)
        name = self.name.strip()[:LONGEST_NAME]
        own = select(SavedFilter).where(SavedFilter.person_id == person_id, SavedFilter.page == self.page)
        known = uow.session.exec(own.where(SavedFilter.name == name)).one_or_none()
        if known is not None:
            known.query = self.query[:LONGEST_QUERY]
            return known.id
        if uow.session.exec(select(func.count()).select_from(own.subquery())).one() >= MOST:
            raise TooManyFilters(str(person_id), most=MOST)
        row = SavedFilter(
            person_id=person_id, page=self.page, name=name, query=self.query[:LONGEST_QUERY], created_at=uow.now
        )
        uow.session.add(row)
        return row.id


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveFilter:
    """Forget a filter."""

    filter_id: UUID

    def execute(self, uow: UnitOfWork) -> None:
        """Raises NotFound for a filter of somebody else."""
        uow.require(Permission.ACCOUNT_SELF)
        uow.audited = False
        row = uow.session.get(SavedFilter, self.filter_id)
        if row is None or row.person_id != uow.actor.id:
            raise NotFound(f"filter {self.filter_id}")
        uow.session.delete(row)


def saved_filters(session: Session, actor: Actor, page: FilteredPage) -> list[SavedFilter]:
    """The actor's filters of a page, the oldest first."""
    statement = (
        select(SavedFilter)
        .where(SavedFilter.person_id == actor.id, SavedFilter.page == page)
        .order_by(col(SavedFilter.created_at), col(SavedFilter.id))
    )
    return list(session.exec(statement))


def _own_id(actor: Actor) -> UUID:
    if actor.id is None:
        raise NotFound("only people keep filters")
    return actor.id
