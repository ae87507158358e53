"""Bulletins: opened from data as of a day, written, addressed; their receipts, corrections and withdrawals."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from api.deps import Run
from api.pagination import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_cursor
from api.reading import Asking, paged
from api.schemas import Answer, Body, Day, SeenVersion
from domain.bulletins import BulletinKind, Circulation, Manner
from services.bulletin_contributions import ContributeToBulletin
from services.bulletin_withdrawal import RecordOutsideDelivery, WithdrawBulletin
from services.bulletins import AddressBulletin, OpenBulletin, Recipient, SaveBulletinText, TextSection
from services.queries.bulletins import (
    BulletinDetail,
    BulletinRow,
    Contribution,
    bulletin_detail,
    bulletins,
    contributions,
)
from services.queries.receipts import published_as_frozen

router = APIRouter(prefix="/bulletins", tags=["bulletins"])

Words = Annotated[str, Field(max_length=3000)]


class BulletinQuery(Body):
    """Which bulletins. `state` is `issued` for those that are published."""

    kind: BulletinKind | None = None
    state: Annotated[str, Field(pattern="^(issued|all)$")] = "all"
    cursor: Annotated[str | None, Field(max_length=500, description="`next_cursor` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT


class NewBulletin(Body):
    """A bulletin about the days from `from_on` to `as_of`; `corrects_id` makes it the correction of an issued one."""

    office_unit_id: UUID
    kind: BulletinKind
    from_on: Day
    as_of: Day
    subject: Annotated[str, Field(max_length=200, examples=["通关便利化"])] = ""
    secrecy: Circulation = Circulation.PUBLIC
    corrects_id: UUID | None = None


class Section(Body):
    """A heading with its paragraphs."""

    heading: Annotated[str, Field(max_length=200, examples=["一、总体情况"])] = ""
    paragraphs: Annotated[tuple[Words, ...], Field(max_length=200)] = ()


class NewText(Body):
    """A new version of the text; `seen_version` is the version one edited."""

    seen_version: SeenVersion
    title: Annotated[str, Field(max_length=200)]
    note: Words = ""
    sections: Annotated[tuple[Section, ...], Field(max_length=50)]


class NewRecipient(Body):
    """A unit of the registry, or somebody outside by `name`."""

    manner: Manner
    unit_id: UUID | None = None
    name: Annotated[str, Field(max_length=200)] = ""


class Addressing(Body):
    """Everybody who gets the bulletin, whose facts it quotes, and whom it criticises by name."""

    recipients: Annotated[tuple[NewRecipient, ...], Field(max_length=500)]
    quoted: Annotated[tuple[UUID, ...], Field(max_length=200)] = ()
    criticised: Annotated[tuple[UUID, ...], Field(max_length=200)] = ()


class Withdrawing(Body):
    """Why it is withdrawn."""

    reason: Annotated[str, Field(min_length=1, max_length=1000, examples=["涉及未公开数据"])]


class OutsideDelivery(Body):
    """How it went to somebody outside the system."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    sent_on: Day
    receipt: Annotated[str, Field(max_length=500)] = ""


class NewContribution(Body):
    """What a unit sends for the office's bulletins, about one of its tasks or not."""

    office_unit_id: UUID
    unit_id: UUID
    title: Annotated[str, Field(min_length=1, max_length=200)]
    text: Annotated[str, Field(min_length=1, max_length=3000)]
    about_item_id: UUID | None = None


class Contributions(Answer):
    """Contributions, the newest first."""

    items: tuple[Contribution, ...]


class Opened(Answer):
    """The new bulletin, or whatever was made."""

    id: UUID


class Saved(Answer):
    """The version that was saved."""

    version: int


class Proof(Answer):
    """Whether what was published is what was frozen; null for a bulletin that was not issued."""

    as_frozen: bool | None


@router.get("")
def list_bulletins(query: Annotated[BulletinQuery, Query()], asking: Asking) -> Page[BulletinRow]:
    """The bulletins that one sees: one's office's, those one is asked about, and what was issued; newest first."""
    after = decode_cursor(query.cursor, "bulletins")
    found = bulletins(asking, kind=query.kind, issued_only=query.state == "issued", limit=query.limit, after=after)
    return paged(found, "bulletins")


@router.post("", status_code=201)
def open_bulletin(body: NewBulletin, run: Run) -> Opened:
    """Freeze the data, draft the text from them, and give it to the editor."""
    command = OpenBulletin(
        office_unit_id=body.office_unit_id,
        kind=body.kind,
        as_of=body.as_of,
        from_on=body.from_on,
        subject=body.subject,
        secrecy=body.secrecy,
        corrects_id=body.corrects_id,
    )
    return Opened(id=run(command))


@router.get("/contributions")
def list_contributions(asking: Asking, state: Annotated[str, Query(pattern="^(open|all)$")] = "all") -> Contributions:
    """What units sent to one's office, and what one's own units sent."""
    return Contributions(items=contributions(asking, open_only=state == "open"))


@router.post("/contributions", status_code=201)
def contribute(body: NewContribution, run: Run) -> Opened:
    """Send the office something; its next bulletin of this time takes it up."""
    command = ContributeToBulletin(
        office_unit_id=body.office_unit_id,
        unit_id=body.unit_id,
        title=body.title,
        text=body.text,
        about_item_id=body.about_item_id,
    )
    return Opened(id=run(command))


@router.get("/{item_id}")
def get_bulletin(item_id: UUID, asking: Asking) -> BulletinDetail:
    """One bulletin with its text; for its office also versions, data, statements, recipients and receipts."""
    return bulletin_detail(asking, item_id)


@router.get("/{item_id}/proof")
def prove_bulletin(item_id: UUID, asking: Asking) -> Proof:
    """Hold what was published against its frozen data and its signed text."""
    bulletin_detail(asking, item_id)
    return Proof(as_frozen=published_as_frozen(asking, item_id))


@router.put("/{item_id}/text")
def save_bulletin_text(item_id: UUID, body: NewText, run: Run) -> Saved:
    """Save a new version of the text, while it is being edited or checked."""
    sections = tuple(TextSection(heading=each.heading, paragraphs=each.paragraphs) for each in body.sections)
    command = SaveBulletinText(
        item_id=item_id, seen_version=body.seen_version, title=body.title, note=body.note, sections=sections
    )
    return Saved(version=run(command))


@router.put("/{item_id}/recipients", status_code=204)
def address_bulletin(item_id: UUID, body: Addressing, run: Run) -> None:
    """Say who gets the bulletin, who is quoted and who is criticised; all of it at once."""
    recipients = tuple(Recipient(manner=each.manner, unit_id=each.unit_id, name=each.name) for each in body.recipients)
    run(AddressBulletin(item_id=item_id, recipients=recipients, quoted=body.quoted, criticised=body.criticised))


@router.post("/{item_id}/withdraw", status_code=204)
def withdraw_bulletin(item_id: UUID, body: Withdrawing, run: Run) -> None:
    """Withdraw an issued bulletin: everybody who has it is asked to stop using it."""
    run(WithdrawBulletin(item_id=item_id, reason=body.reason))


@router.post("/{item_id}/outside-deliveries", status_code=204)
def record_outside_delivery(item_id: UUID, body: OutsideDelivery, run: Run) -> None:
    """Record how a bulletin went to somebody outside the system."""
    run(RecordOutsideDelivery(item_id=item_id, name=body.name, sent_on=body.sent_on, receipt=body.receipt))
