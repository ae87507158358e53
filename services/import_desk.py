"""Settling a row of the import desk: everything a person decided about it on one screen, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from db.tables import ImportFlag, Item
from domain.desk_errors import FlagNeedsWords, OpenListNotDeclared
from domain.messages.desk import BETWEEN_FIELDS, CHECKED, CORRECTED, FIELD_NAMES
from domain.permissions import Permission
from services.items import AssignUnits, ExpandGroup, NewDeadline, office_item
from services.lists import CorrectItem
from services.unit_of_work import UnitOfWork
from services.units import ConfirmCandidate


@dataclass(frozen=True, slots=True, kw_only=True)
class PartiesChosen:
    """Who answers for a row: registry ids, and who collects where several lead without leading jointly."""

    leads: tuple[UUID, ...]
    co_units: tuple[UUID, ...] = ()
    joint_lead: bool = False
    collecting: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NameMeans:
    """A printed name that the registry did not know is this unit of it, here and wherever the name is printed."""

    candidate_id: UUID
    unit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleRow:
    """A person of the office compared a row with the document: what is given replaces what was read, and every open
    flag of the row is resolved with their words, or with a sentence that says what was corrected.

    `members` fans a printed group out to these units, `list_closed` declares that a list ending in 等 is complete.
    """

    item_id: UUID
    seen_version: int
    number: str | None = None
    section: str | None = None
    text: str | None = None
    deadlines: tuple[NewDeadline, ...] | None = None
    parties: PartiesChosen | None = None
    members: tuple[UUID, ...] = ()
    list_closed: bool = False
    names: tuple[NameMeans, ...] = ()
    words: str = ""

    def execute(self, uow: UnitOfWork) -> int:
        """The row's new version. Raises StaleVersion, WrongStatus, NotFound, FlagNeedsWords, OpenListNotDeclared, and
        what `AssignUnits`, `ExpandGroup` and `ConfirmCandidate` raise.
        """
        item = office_item(uow, self.item_id, Permission.FLAG_RESOLVE, self.seen_version)
        flags = uow.session.exec(
            select(ImportFlag).where(ImportFlag.item_id == item.id, col(ImportFlag.resolved_at).is_(None))
        ).all()
        changed = self._changed()
        if not self.words.strip() and not changed and any(flag.blocking for flag in flags):
            raise FlagNeedsWords(str(item.id), number=item.number)
        for name in self.names:
            ConfirmCandidate(candidate_id=name.candidate_id, unit_id=name.unit_id).execute(uow)
        self._settle_units(uow, item)
        # The parts written above are read again by the commands below, which lock and refresh the item.
        uow.session.flush()
        correction = CorrectItem(
            item_id=item.id,
            seen_version=item.version,
            # Also an unchanged text: somebody stands for it now.
            text=self.text if self.text is not None else item.text,
            number=self.number,
            section=self.section,
            deadlines=self.deadlines,
            flag_ids=tuple(flag.id for flag in flags),
            resolution=self.words.strip() or _sentence(changed),
        )
        return correction.execute(uow)

    def _changed(self) -> list[str]:
        given = {
            "number": self.number is not None,
            "section": self.section is not None,
            "text": self.text is not None,
            "deadlines": self.deadlines is not None,
            "units": self.parties is not None or bool(self.names),
            "members": bool(self.members),
        }
        return [name for name, is_given in given.items() if is_given]

    def _settle_units(self, uow: UnitOfWork, item: Item) -> None:
        if self.members:
            ExpandGroup(item_id=item.id, seen_version=item.version, unit_ids=self.members).execute(uow)
            uow.session.flush()
        if self.parties is None:
            return
        if item.open_list and not self.list_closed:
            raise OpenListNotDeclared(str(item.id), number=item.number)
        AssignUnits(
            item_id=item.id,
            seen_version=item.version,
            leads=self.parties.leads,
            co_units=self.parties.co_units,
            joint_lead=self.parties.joint_lead,
            collecting=self.parties.collecting,
        ).execute(uow)


def _sentence(changed: Sequence[str]) -> str:
    if not changed:
        return CHECKED
    return CORRECTED.format(fields=BETWEEN_FIELDS.join(FIELD_NAMES[name] for name in changed))
