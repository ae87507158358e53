"""Lights: of an item with their reason, how many of each, what is behind, and the rules of a list."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from api.deps import Run
from api.examples import AT, BEHIND, ITEM_ID, LIST_ID
from api.reading import Asking, example
from api.routes.items import LedgerQuery
from api.schemas import Body, Day
from domain.calendar import end_of, start_of
from domain.light_words import light_words
from services.light_rules import PublishedRules, PublishLightRules
from services.queries.light_check import RulesPreview, RulesVersion, preview_rules, rules_versions
from services.queries.lights import (
    BehindRow,
    LightCounts,
    LightGroup,
    LightView,
    behind,
    light_counts,
    light_of,
)

router = APIRouter(tags=["lights"])

_COUNTS = LightCounts(str(LIST_ID), "重点任务清单", green=18, yellow=5, red=2, grey=3, done=0, none=0)
_BEHIND = BehindRow(
    item_id=ITEM_ID,
    list_id=LIST_ID,
    number="7",
    text="外资企业设立登记和备案实行一次申报",
    section=None,
    leads=("市商务局",),
    light="yellow",
    label="黄灯",
    words=light_words(BEHIND),
    since=AT,
    in_a_row=1,
)


class LightQuery(Body):
    """As of the end of which local day, by what was known at the end of which; now where not given."""

    as_of: Day | None = None
    known_on: Day | None = None


class LightCountQuery(LedgerQuery):
    """The ledger's filters, and what to count by."""

    by: LightGroup = LightGroup.LIST


class RulesBody(Body):
    """A decision table in DMN."""

    dmn: Annotated[str, Field(min_length=1, max_length=200_000, description="The DMN file.")]

    def content(self) -> bytes:
        """The file's bytes."""
        return self.dmn.encode()


class NewRules(RulesBody):
    """A decision table that becomes the rules of the list on a local day; at once where none is given."""

    note: Annotated[str, Field(max_length=500)] = ""
    valid_from: Day | None = None


@router.get("/items/{item_id}/light")
def get_light(item_id: UUID, query: Annotated[LightQuery, Query()], asking: Asking) -> LightView:
    """The light of an item with its reason in words, and the frozen ones: now, or as of a day as known on another."""
    return light_of(asking, item_id, as_of=_end(query.as_of), known_on=_end(query.known_on))


def _end(day: Day | None) -> datetime | None:
    return None if day is None else end_of(day)


@router.get("/lights/counts", responses=example([_COUNTS]))
def count_lights(query: Annotated[LightCountQuery, Query()], asking: Asking) -> list[LightCounts]:
    """How many visible items show each light, by list, section or lead; most red first."""
    return list(light_counts(asking, query.filters(), query.by))


@router.get("/lights/behind", responses=example([_BEHIND]))
def list_behind(query: Annotated[LedgerQuery, Query()], asking: Asking) -> list[BehindRow]:
    """Visible items that are red or yellow: since when, why, and for how many periods in a row. 500 at most."""
    return list(behind(asking, query.filters()))


@router.get("/lists/{list_id}/light-rules")
def get_rules(list_id: UUID, asking: Asking) -> list[RulesVersion]:
    """The versions of the rules that count for a list, the newest first, with those for every list without its own."""
    return list(rules_versions(asking, list_id))


@router.post(
    "/lists/{list_id}/light-rules",
    status_code=201,
    responses=example(PublishedRules(2, 1, datetime(2026, 4, 1, tzinfo=UTC), already=False), 201),
)
def publish_rules(list_id: UUID, body: NewRules, run: Run) -> PublishedRules:
    """Check a decision table and make it the rules of the list from a day on. What was judged before stays."""
    valid_from = None if body.valid_from is None else start_of(body.valid_from)
    return run(PublishLightRules(list_id=list_id, content=body.content(), note=body.note, valid_from=valid_from))


@router.post("/lists/{list_id}/light-rules/preview")
def preview_list_rules(list_id: UUID, body: RulesBody, asking: Asking) -> RulesPreview:
    """Check a decision table, and say how many lights it would change today, from what to what, with examples."""
    return preview_rules(asking, list_id, body.content())
