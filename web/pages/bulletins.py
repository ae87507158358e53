"""Bulletins: the list, one with its text beside the printed page, receipts, correction, withdrawal; contributions."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.pagination import decode_cursor, encode_cursor
from domain.bulletins import BulletinKind, Circulation, Manner, month_before
from domain.calendar import local_date
from domain.errors import Conflict, DomainError, RuleViolation
from domain.labels import LABELS
from domain.messages.papers import NAMES_JOINED
from services.bulletin_contributions import ContributeToBulletin
from services.bulletin_withdrawal import RecordOutsideDelivery, WithdrawBulletin
from services.bulletins import AddressBulletin, OpenBulletin, Recipient, SaveBulletinText, TextSection
from services.executor import Command
from services.queries.bulletins import BulletinDetail, bulletin_detail, bulletins, contributions
from services.queries.offices import offices, units_called
from services.visibility import offices_of
from web.notices import Notice
from web.typed import day_in, id_in, named_units, names_in, number_in, numbers_of, paragraphs_in
from web.visit import Submission, Submitting, Visit, Visiting

router = APIRouter()

BULLETIN = "/bulletins/{item_id}"
TRAIL: Mapping[str, int] = {
    "edit_text": 0,
    "check_text": 1,
    "confirm_quotes": 2,
    "state_facts": 2,
    "check_secrecy": 3,
    "sign_as_head": 4,
    "sign_as_convener": 4,
}
"""Which of the stations that people speak of a step belongs to; the whole process is on the matter's page."""
ISSUED_STATION = 5
DRAWN = 30


@router.get("/bulletins", name="bulletins")
def show_bulletins(
    visit: Visiting, kind: Annotated[str, Query(max_length=20)] = "", cursor: Annotated[str, Query(max_length=300)] = ""
) -> Response:
    """What is being written, what was issued, and what units sent for it."""
    return _list(visit, kind=kind, cursor=cursor)


def _list(
    visit: Visit,
    *,
    kind: str = "",
    cursor: str = "",
    refused: DomainError | None = None,
    act: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    asking = visit.reading
    chosen = BulletinKind(kind) if kind in set(BulletinKind) else None
    page = bulletins(asking, kind=chosen, limit=DRAWN, after=decode_cursor(cursor or None, "bulletins"))
    from_on, as_of = month_before(local_date(asking.now))
    own = offices_of(visit.actor)
    every = offices(asking)
    contributing = [role for role in visit.account.roles if role.role.value in {"liaison", "unit_leader"}]
    return visit.page(
        "bulletins/bulletins.html",
        status=409 if refused is not None else 200,
        rows=page.rows,
        next_page=encode_cursor("bulletins", page.next),
        cursor=cursor,
        kind=chosen.value if chosen is not None else "",
        kinds=LABELS[BulletinKind],
        secrecies=LABELS[Circulation],
        own_offices=[each for each in every if each.id in own],
        offices=every,
        units=list({role.unit_id: role for role in contributing}.values()) if visit.may("bulletin:contribute") else [],
        sent=contributions(asking, limit=DRAWN),
        from_on=from_on,
        as_of=as_of,
        refused=visit.sentence(refused) if refused is not None else None,
        act=act,
        typed=typed or {},
    )


@router.post("/bulletins", name="open_bulletin")
def open_bulletin(visit: Submitting) -> Response:
    """Begin a bulletin from the data of some days, or send the office something for the next one."""
    act = visit.text("act")
    try:
        if act == "contribute":
            visit.run(_contribution(visit))
            return visit.redirect("bulletins", notice=Notice("bulletin_acted", {"act": act}))
        item_id = visit.run(_opening(visit))
    except (Conflict, RuleViolation) as error:
        return _list(visit, refused=error, act=act, typed=_typed(visit))
    return visit.redirect("bulletin", item_id=item_id, notice=Notice("bulletin_acted", {"act": "open"}))


def _contribution(visit: Submission) -> ContributeToBulletin:
    return ContributeToBulletin(
        office_unit_id=_chosen_id(visit, "office"),
        unit_id=_chosen_id(visit, "unit"),
        title=visit.text("title"),
        text=visit.text("text"),
    )


def _opening(visit: Submission, corrects: BulletinDetail | None = None) -> OpenBulletin:
    from_on, as_of = month_before(local_date(visit.reading.now))
    if corrects is not None:
        row = corrects.row
        return OpenBulletin(
            office_unit_id=row.office_unit_id,
            kind=BulletinKind(row.kind),
            from_on=row.from_on,
            as_of=row.as_of,
            secrecy=Circulation(row.secrecy),
            corrects_id=row.item_id,
        )
    return OpenBulletin(
        office_unit_id=_chosen_id(visit, "office"),
        kind=BulletinKind(visit.text("kind")) if visit.text("kind") in set(BulletinKind) else BulletinKind.BRIEF,
        from_on=day_in(visit.text("from_on")) or from_on,
        as_of=day_in(visit.text("as_of")) or as_of,
        subject=visit.text("subject"),
        secrecy=Circulation.INTERNAL if visit.text("secrecy") == Circulation.INTERNAL else Circulation.PUBLIC,
    )


def _chosen_id(visit: Submission, name: str) -> UUID:
    """An id out of a list of choices. Nobody sends another one by hand and gets more than a refusal for it."""
    return id_in(visit.text(name)) or UUID(int=0)


def _typed(visit: Submission) -> dict[str, str]:
    return {name: value for name, value in visit.form.items() if isinstance(value, str)}


@router.get(BULLETIN, name="bulletin")
def show_bulletin(visit: Visiting, item_id: UUID, version: Annotated[int, Query(ge=0, le=100_000)] = 0) -> Response:
    """One bulletin: written beside its printed page, or read with its receipts. `version` shows an earlier text."""
    return _page(visit, bulletin_detail(visit.reading, item_id), version=version)


def _page(
    visit: Visit,
    detail: BulletinDetail,
    *,
    version: int = 0,
    refused: str | None = None,
    act: str = "",
    typed: Mapping[str, str] | None = None,
    sections: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> Response:
    row = detail.row
    shown = next((text for text in detail.texts if text.version == version), detail.text)
    mine = [held for held in row.held_by if visit.acts_as(held.role, held.unit_id)]
    if sections is None and shown is not None:
        sections = [(each["heading"], "\n".join(each["paragraphs"])) for each in shown.sections]
    by_manner = {manner.value: [r.name for r in detail.recipients if r.manner == manner] for manner in Manner}
    return visit.page(
        "bulletins/bulletin.html",
        status=status,
        detail=detail,
        row=row,
        shown=shown,
        editable=detail.editable and shown is detail.text and visit.may("bulletin:edit"),
        sections=sections or [],
        station=ISSUED_STATION
        if row.issued_at
        else max((TRAIL.get(held.bpmn_id, 0) for held in row.held_by), default=-1),
        mine=mine,
        manners=LABELS[Manner],
        addressed={manner: NAMES_JOINED.join(names) for manner, names in by_manner.items()},
        quoted=NAMES_JOINED.join(detail.quoted),
        criticised=NAMES_JOINED.join(detail.criticised),
        may_withdraw=detail.of_office and visit.may("bulletin:withdraw"),
        may_edit=detail.of_office and visit.may("bulletin:edit"),
        today=local_date(visit.reading.now),
        refused=refused,
        act=act,
        typed=typed or {},
    )


@router.post(BULLETIN, name="act_on_bulletin")
def act_on_bulletin(visit: Submitting, item_id: UUID) -> Response:
    """Save the text, say who gets it, or act on an issued one; the form names which."""
    act = visit.text("act")
    detail = bulletin_detail(visit.reading, item_id)
    if act == "text" and visit.text("add_section"):
        return _page(visit, detail, typed=_typed(visit), sections=[*_sections(visit), ("", "")])
    unknown = _unknown_units(visit) if act == "address" else ()
    if unknown:
        named = NAMES_JOINED.join(unknown)
        return _page(visit, detail, act="unknown_unit", refused=named, typed=_typed(visit), status=422)
    try:
        if act == "correct":
            made = visit.run(_opening(visit, detail))
            return visit.redirect("bulletin", item_id=made, notice=Notice("bulletin_acted", {"act": "open"}))
        visit.run(_command(visit, item_id, act))
    except (Conflict, RuleViolation) as error:
        fresh = bulletin_detail(visit.reading, item_id)
        sections = _sections(visit) if act == "text" else None
        words = visit.sentence(error)
        return _page(visit, fresh, refused=words, act=act, typed=_typed(visit), sections=sections, status=409)
    return visit.redirect("bulletin", item_id=item_id, notice=Notice("bulletin_acted", {"act": act}))


def _sections(visit: Submission) -> list[tuple[str, str]]:
    numbers = numbers_of(visit.form.keys(), "section")
    found = [(visit.text(f"section.{n}.heading"), visit.text(f"section.{n}.text")) for n in numbers]
    return [(heading, text.replace("\r\n", "\n")) for heading, text in found if heading or text]


def _unknown_units(visit: Submission) -> tuple[str, ...]:
    """Names of quoted or criticised units that the registry does not have: these are asked, so they must be known."""
    return (
        *named_units(visit.reading, visit.text("quoted"))[1],
        *named_units(visit.reading, visit.text("criticised"))[1],
    )


def _command(visit: Submission, item_id: UUID, act: str) -> Command[object]:
    if act == "text":
        return SaveBulletinText(
            item_id=item_id,
            seen_version=number_in(visit.text("seen_version")),
            title=visit.text("title"),
            note=visit.text("note"),
            sections=tuple(
                TextSection(heading=heading, paragraphs=paragraphs_in(text)) for heading, text in _sections(visit)
            ),
        )
    if act == "address":
        return AddressBulletin(
            item_id=item_id,
            recipients=_recipients(visit),
            quoted=named_units(visit.reading, visit.text("quoted"))[0],
            criticised=named_units(visit.reading, visit.text("criticised"))[0],
        )
    if act == "deliver":
        sent_on = day_in(visit.text("sent_on")) or local_date(visit.reading.now)
        return RecordOutsideDelivery(
            item_id=item_id, name=visit.text("name"), sent_on=sent_on, receipt=visit.text("receipt")
        )
    return WithdrawBulletin(item_id=item_id, reason=visit.text("reason"))


def _recipients(visit: Submission) -> tuple[Recipient, ...]:
    """Units by the names that the registry knows; whoever else is named gets it on paper."""
    named = [(manner, name) for manner in Manner for name in names_in(visit.text(f"to_{manner.value}"))]
    found = units_called(visit.reading, [name for _, name in named])
    return tuple(
        Recipient(manner=manner, unit_id=found[name]) if found[name] else Recipient(manner=manner, name=name)
        for manner, name in named
    )
