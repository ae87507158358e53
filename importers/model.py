"""What an official document says, as plain values: the result of the import before anything is stored.

Two rules shape these types. Printed text is kept beside whatever was read from it, so that a reviewer can
always compare; and what the document does not say is absent here (`None`, an empty tuple) and flagged, never
filled in.
"""

import dataclasses
import datetime as dt
import enum
from collections.abc import Mapping

from domain.items import DeadlineKind, Strength
from importers.structure import Position

__all__ = [
    "AppliesTo",
    "Baseline",
    "Deadline",
    "DeadlineKind",
    "DocumentKind",
    "Flag",
    "FlagCode",
    "Kpi",
    "KpiType",
    "LeadRule",
    "LeadRuleKind",
    "Notice",
    "ParsedDocument",
    "ParsedRow",
    "Party",
    "Strength",
]


class DocumentKind(enum.StrEnum):
    """What a document holds that can be supervised."""

    TASK_LIST = "task_list"
    REPLICATION_LIST = "replication_list"
    KPI_LIST = "kpi_list"
    NONE = "none"


class AppliesTo(enum.StrEnum):
    """Whether a date is the row's own deadline or a target date inside its text."""

    ROW = "row"
    TEXT = "text"


class KpiType(enum.StrEnum):
    """How a target is measured (domain notes §1.2)."""

    CUMULATIVE_COUNT = "cumulative_count"
    CUMULATIVE_SUM = "cumulative_sum"
    ANNUAL_AVERAGE_GROWTH = "annual_average_growth"
    SHARE_LEVEL = "share_level"


class FlagCode(enum.StrEnum):
    """Why a person should look at a row. The first group is domain notes §3, the second our own finds."""

    NUMBER_MISSING = "number_missing"
    NUMBER_INFERRED = "number_inferred"
    MERGED_ROW = "merged_row"
    UNIT_UNKNOWN = "unit_unknown"
    UNIT_NOISE = "unit_noise"
    LEAD_NOT_STATED = "lead_not_stated"
    DEADLINE_MISSING = "deadline_missing"
    DEADLINE_CONDITIONAL = "deadline_conditional"
    TEXT_DIFFERS_FROM_BODY = "text_differs_from_body"
    SECTION_INFERRED = "section_inferred"
    OPEN_LIST = "open_list"
    GROUP = "group"
    COUNT_MISMATCH = "count_mismatch"

    NUMBER_DUPLICATE = "number_duplicate"
    NUMBER_GAP = "number_gap"
    TEXT_MISSING = "text_missing"
    TEXT_SUSPECT = "text_suspect"
    UNITS_MISSING = "units_missing"
    UNIT_RENAMED = "unit_renamed"
    DEADLINE_UNREADABLE = "deadline_unreadable"
    CELL_UNPLACED = "cell_unplaced"
    MEASURE_SEQUENCE = "measure_sequence"
    KPI_BASELINE_MISSING = "kpi_baseline_missing"
    KPI_SCOPE_AMBIGUOUS = "kpi_scope_ambiguous"


class LeadRuleKind(enum.StrEnum):
    """What a document's own sentence says about who leads."""

    FIRST_LEADS = "first_leads"
    ALL_LEAD_IF_NONE_NAMED = "all_lead_if_none_named"


@dataclasses.dataclass(frozen=True, slots=True)
class LeadRule:
    """The document's own rule for leads, with the words that state it (domain notes §2.2)."""

    kind: LeadRuleKind
    printed: str


@dataclasses.dataclass(frozen=True, slots=True)
class Party:
    """A responsible unit: its printed name, and the registry's name for it, or None while nobody confirmed one."""

    printed: str
    unit: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Deadline:
    """One deadline phrase and its reading. `date` is the last day that is still in time.

    `rule` is an RFC 5545 recurrence rule for a recurring deadline, an ISO 8601 duration for a relative one
    (P5D/WORKDAYS where the document counts working days, which ISO 8601 does not know);
    `anchor` the event in the document's words from which a relative or conditional deadline runs.
    """

    phrase: str
    kind: DeadlineKind
    date: dt.date | None = None
    rule: str | None = None
    anchor: str | None = None
    strength: Strength | None = None
    applies_to: AppliesTo = AppliesTo.ROW


@dataclasses.dataclass(frozen=True, slots=True)
class Baseline:
    """The printed value a target starts from."""

    value: float
    unit: str
    year: int | None = None
    quote: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Kpi:
    """A quantified target; `target` in `unit` by the end of `by`."""

    name: str
    target: float
    unit: str
    type: KpiType
    by: dt.date | None = None
    baseline: Baseline | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Flag:
    """Something a person should look at. A blocking flag keeps the row from being issued until it is resolved."""

    code: FlagCode
    field: str
    note: str = ""
    blocking: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Notice:
    """Something to know about the document as a whole; `line` is where, when there is such a place."""

    code: str
    note: str
    line: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class ParsedRow:
    """One task, measure, experience or target.

    `text` may be repaired from the document itself, `text_printed` never is. `units_printed` is the whole
    responsibility cell (or cells, one per line) as printed; `others` holds the columns this model has no
    field for, as (header, text). `position` is where the row starts.
    """

    text: str
    text_printed: str
    number: int | None = None
    section: str | None = None
    article: str | None = None
    measures: tuple[str, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    leads: tuple[Party, ...] = ()
    co_units: tuple[Party, ...] = ()
    groups: tuple[str, ...] = ()
    open_ended: bool = False
    by_duty: bool = False
    range: str | None = None
    kpi: Kpi | None = None
    flags: tuple[Flag, ...] = ()
    units_printed: str = ""
    persons: tuple[str, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    position: Position | None = None

    @property
    def blocked(self) -> bool:
        """Whether a person must act before the row can be issued."""
        return any(flag.blocking for flag in self.flags)


@dataclasses.dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What the document says. `declared_count` is what it says of its own length, None where it says nothing."""

    kind: DocumentKind
    title: str | None = None
    document_number: str | None = None
    issuer: str | None = None
    declared_count: int | None = None
    lead_rule: LeadRule | None = None
    rows: tuple[ParsedRow, ...] = ()
    warnings: tuple[Notice, ...] = ()

    @property
    def found_count(self) -> int:
        """How many rows were read."""
        return len(self.rows)

    def to_json(self) -> dict[str, object]:
        """Plain values in the order of the published format, dates in ISO 8601."""
        return {
            "title": self.title,
            "document_number": self.document_number,
            "issuer": self.issuer,
            "kind": self.kind.value,
            "declared_count": self.declared_count,
            "found_count": self.found_count,
            "lead_rule": self.lead_rule.printed if self.lead_rule else None,
            "rows": [_plain(row) for row in self.rows],
            "warnings": [_plain(warning) for warning in self.warnings],
        }


# The published order of a row's keys; what the format does not name follows.
_ROW_KEYS = (
    "number", "section", "article", "text", "text_printed", "measures", "deadlines", "leads", "co_units", "groups",
    "open_ended", "by_duty", "range", "kpi", "flags", "units_printed", "persons", "others", "position",
)  # fmt: skip


def _plain(value: object) -> object:
    """`value` as what a JSON encoder knows."""
    if isinstance(value, ParsedRow):
        return {key: _plain(getattr(value, key)) for key in _ROW_KEYS}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value
