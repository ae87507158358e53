"""Light rules 亮灯规则 of a list: the table in words and its versions; another table is tried out before it counts."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict
from starlette.datastructures import UploadFile

from domain.calendar import start_of
from domain.errors import DomainError, NotFound, RuleViolation
from services.light_rules import PublishLightRules
from services.queries.light_check import RulesPreview, preview_rules
from services.queries.light_rule_table import RuleInWords, list_rules, rules_file, rules_in_words
from services.queries.lists import list_names
from web.notices import Notice
from web.visit import Submission, Submitting, Visit, Visiting

router = APIRouter()

UNPROCESSABLE = 422
LONGEST_NOTE = 500
MEDIA_TYPE = "application/dmn+xml"
VersionId = Annotated[int, Path(ge=1, le=2**31 - 1)]


class RulesAddress(BaseModel):
    """Which list; the newest without one."""

    model_config = ConfigDict(extra="ignore")

    list: UUID | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """A table that was sent: its text, what came with it, and what it would change; or why it is refused."""

    dmn: str
    note: str
    valid_from: str
    rules: tuple[RuleInWords, ...] = ()
    preview: RulesPreview | None = None
    refused: str | None = None


@router.get("/light-rules", name="light_rules")
def show_rules(visit: Visiting, asked: Annotated[RulesAddress, Query()]) -> Response:
    """The rules that count for a list, in words."""
    lists = list_names(visit.reading)
    list_id = asked.list or next((each.id for each in lists), None)
    return visit.page("light_rules/none.html") if list_id is None else _page(visit, list_id)


def _page(visit: Visit, list_id: UUID, *, tried: Tried | None = None) -> Response:
    reading = visit.reading
    found = list_rules(reading, list_id)
    if found is None:
        return visit.page("light_rules/not_yet.html")
    return visit.page(
        "light_rules/light_rules.html",
        status=UNPROCESSABLE if tried and tried.refused else 200,
        lists=list_names(reading),
        list_id=list_id,
        found=found,
        tried=tried,
        longest_note=LONGEST_NOTE,
    )


@router.get("/light-rules/{list_id}/{version_id}.dmn", name="light_rules_file")
def download_rules(visit: Visiting, list_id: UUID, version_id: VersionId) -> Response:
    """The file of one version: to be kept, or changed and published again."""
    content = rules_file(visit.reading, list_id, version_id)
    headers = {"Content-Disposition": f'attachment; filename="lights-{version_id}.dmn"'}
    return Response(content, media_type=MEDIA_TYPE, headers=headers)


@router.post("/light-rules", name="send_light_rules")
def send_rules(visit: Submitting) -> Response:
    """Try a table out, or publish it, by the button that was pressed. Both check it first."""
    try:
        list_id = UUID(visit.text("list"))
    except ValueError as error:
        raise NotFound("list") from error
    dmn, note = _sent_table(visit), visit.text("note")[:LONGEST_NOTE]
    given = Tried(dmn, note, visit.text("valid_from"))
    try:
        rules = rules_in_words(dmn.encode())
        preview = preview_rules(visit.reading, list_id, dmn.encode())
        if visit.text("act") != "publish":
            tried = Tried(dmn, note, given.valid_from, rules, preview)
            return _page(visit, list_id, tried=tried)
        valid_from = start_of(date.fromisoformat(given.valid_from)) if given.valid_from else None
        command = PublishLightRules(list_id=list_id, content=dmn.encode(), note=note, valid_from=valid_from)
        published = visit.run(command)
    except (RuleViolation, ValueError) as error:
        sentence = visit.sentence(error) if isinstance(error, DomainError) else None
        return _page(visit, list_id, tried=Tried(dmn, note, given.valid_from, refused=sentence or ""))
    notice = Notice("light_rules_published", {"version": published.version, "already": published.already})
    return visit.redirect_to(f"{visit.url('light_rules')}?list={list_id}", notice=notice)


def _sent_table(visit: Submission) -> str:
    """The file where one was chosen, otherwise the text of the field."""
    sent = visit.form.get("table")
    if isinstance(sent, UploadFile) and sent.filename:
        return sent.file.read().decode("utf-8", errors="replace")
    return visit.text("dmn")
