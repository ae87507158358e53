"""A person's own inbox, how they want to be told, and their calendar's secret address."""

from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from sqlmodel import col, update

from db.tables import CalendarFeed, MessagePreference
from domain.delivery import Digest, Preference
from domain.permissions import Permission
from services.secrets import digest_of, new_secret
from services.unit_of_work import UnitOfWork

_READ_THESE: LiteralString = (
    "UPDATE message SET read_at = %s WHERE recipient_id = %s AND id = ANY(%s) AND read_at IS NULL RETURNING id"
)
_READ_ALL: LiteralString = "UPDATE message SET read_at = %s WHERE recipient_id = %s AND read_at IS NULL RETURNING id"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRead:
    """Messages of one's own are read; with none named, all of them. Those of others are passed over."""

    message_ids: tuple[UUID, ...] | None = None

    def execute(self, uow: UnitOfWork) -> int:
        """How many were unread."""
        uow.require(Permission.ACCOUNT_SELF)
        # What a person read is their own business.
        uow.audited = False
        if self.message_ids is None:
            [rows] = uow.read((_READ_ALL, (uow.now, uow.actor.id)))
        else:
            [rows] = uow.read((_READ_THESE, (uow.now, uow.actor.id, list(self.message_ids))))
        return len(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPreference:
    """How the person who acts wants to be told."""

    mail: bool
    digest: Digest
    digest_hour: int

    def execute(self, uow: UnitOfWork) -> Preference:
        """The preference that holds now."""
        uow.require(Permission.ACCOUNT_SELF)
        assert uow.actor.id is not None
        row = uow.session.get(MessagePreference, uow.actor.id) or MessagePreference(
            person_id=uow.actor.id, digest=self.digest, digest_hour=self.digest_hour, changed_at=uow.now
        )
        row.mail, row.digest, row.digest_hour, row.changed_at = self.mail, self.digest, self.digest_hour, uow.now
        uow.session.add(row)
        return Preference(self.mail, self.digest, self.digest_hour)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCalendarFeed:
    """A new secret address for one's calendar; the one before stops working."""

    def execute(self, uow: UnitOfWork) -> str:
        """The secret, shown once."""
        uow.require(Permission.ACCOUNT_SELF)
        assert uow.actor.id is not None
        _revoke(uow, uow.actor.id)
        secret = new_secret()
        uow.session.add(CalendarFeed(token_hash=digest_of(secret), person_id=uow.actor.id, created_at=uow.now))
        return secret


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeCalendarFeed:
    """One's calendar is read under no address any more."""

    def execute(self, uow: UnitOfWork) -> None:
        """Does nothing when there is none."""
        uow.require(Permission.ACCOUNT_SELF)
        assert uow.actor.id is not None
        _revoke(uow, uow.actor.id)


def _revoke(uow: UnitOfWork, person_id: UUID) -> None:
    statement = update(CalendarFeed).where(
        col(CalendarFeed.person_id) == person_id, col(CalendarFeed.revoked_at).is_(None)
    )
    uow.session.execute(statement.values(revoked_at=uow.now))
