"""What a paper prints: of an issued one what was frozen, of a draft what would be printed if it were signed today."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from sqlmodel import col, select

from db.tables import (
    Bulletin,
    BulletinRecipient,
    BulletinSnapshot,
    BulletinText,
    Conference,
    ConferenceMinutes,
    ReplicationBatch,
    Unit,
)
from domain.calendar import local_date
from domain.errors import NotFound
from domain.messages.conferences import TITLES
from domain.messages.papers import NUMBER_TO_COME
from domain.messages.replication import BATCH_NOTICE_TITLE
from services.bulletin_papers import paper_content
from services.conference_papers import MINUTES, minutes_content
from services.queries.bulletins import TextVersion, bulletin_detail
from services.queries.conferences import conference_detail
from services.queries.documents import document_detail, frozen_document
from services.queries.reading import Reading
from services.queries.replication_batches import batch_detail
from services.replication_papers import NOTICE, batch_content


@dataclass(frozen=True)
class Paper:
    """A template with its content; `title` is how the paper is called, `draft` that it has no number yet."""

    template: str
    content: Mapping[str, Any]
    title: str
    draft: bool

    @cached_property
    def digest(self) -> str:
        """The same for the same pages."""
        return sha256(orjson.dumps([self.template, self.content], option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def issued_paper(reading: Reading, document_id: UUID) -> Paper:
    """A document as it was frozen. Raises DocumentNotFound."""
    document_detail(reading, document_id)
    frozen = frozen_document(reading.session, document_id)
    return Paper(frozen.template, frozen.content, frozen.title, draft=False)


def bulletin_paper(reading: Reading, item_id: UUID) -> Paper:
    """A bulletin: its newest text for its office, or what was issued. Raises NotFound."""
    detail = bulletin_detail(reading, item_id)
    if detail.row.document_id is not None:
        return issued_paper(reading, detail.row.document_id)
    session = reading.session
    bulletin = session.get(Bulletin, item_id)
    snapshot = session.get(BulletinSnapshot, item_id)
    text = session.get(BulletinText, (item_id, bulletin.text_version)) if bulletin is not None else None
    if bulletin is None or snapshot is None or text is None or not detail.texts:
        raise NotFound(f"text of bulletin {item_id}")
    if not detail.of_office:
        return _passage_paper(reading, bulletin, snapshot, detail.texts[-1])
    recipients = session.exec(
        select(BulletinRecipient).where(BulletinRecipient.item_id == item_id).order_by(col(BulletinRecipient.position))
    ).all()
    office = session.get_one(Unit, bulletin.office_unit_id).official_name
    content = paper_content(bulletin, text, snapshot, recipients, office=office)
    return draft_of("bulletin", text.title, content, reading)


def _passage_paper(reading: Reading, bulletin: Bulletin, snapshot: BulletinSnapshot, seen: TextVersion) -> Paper:
    """What a unit that is asked about a bulletin sees of it, printed: its passage, without data and recipients."""
    office = reading.session.get_one(Unit, bulletin.office_unit_id).official_name
    sections = [dict(section) for section in seen.sections]
    text = BulletinText(item_id=bulletin.item_id, version=seen.version, title=seen.title, note="", sections=sections)
    content = paper_content(bulletin, text, snapshot, (), office=office)
    return draft_of("bulletin", text.title, {**content, "data": {}}, reading)


def batch_paper(reading: Reading, batch_id: UUID) -> Paper:
    """The notice of a batch with its four columns: as it was issued, or as it would be today. Raises NotFound."""
    detail = batch_detail(reading, batch_id)
    if detail.row.document_id is not None:
        return issued_paper(reading, detail.row.document_id)
    lines = [(e.position, e.title, e.content, e.range_text, e.responsible_text) for e in detail.entries]
    batch = reading.session.get_one(ReplicationBatch, batch_id)
    office = reading.session.get_one(Unit, batch.office_unit_id).official_name
    content = batch_content(batch.title, lines, office=office, today=local_date(reading.now))
    return draft_of(NOTICE, BATCH_NOTICE_TITLE.format(title=batch.title), content, reading)


def minutes_paper(reading: Reading, item_id: UUID) -> Paper:
    """The minutes of a conference: the newest version for its office, or what was issued. Raises NotFound."""
    detail = conference_detail(reading, item_id)
    if detail.row.minutes_document_id is not None:
        return issued_paper(reading, detail.row.minutes_document_id)
    if not detail.minutes:
        raise NotFound(f"minutes of conference {item_id}")
    conference = reading.session.get_one(Conference, item_id)
    newest = reading.session.get_one(ConferenceMinutes, (item_id, detail.minutes[-1].version))
    content = minutes_content(reading.session, conference, newest)
    return draft_of(MINUTES, TITLES["minutes"].format(title=conference.title), content, reading)


def draft_of(template: str, title: str, content: Mapping[str, Any], reading: Reading) -> Paper:
    """A paper that nobody has signed: dated today, with words in place of its number."""
    today = local_date(reading.now)
    own = {"title": title, "dated": today.isoformat(), "mark": NUMBER_TO_COME, "number": 0, "year": today.year}
    frozen = {**content, **own}
    if isinstance(content.get("head"), Mapping):
        frozen["head"] = {**content["head"], "mark": NUMBER_TO_COME}
    return Paper(template, frozen, title, draft=True)
