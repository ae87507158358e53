"""What importing a spreadsheet leads to, row by row; wholly or not at all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import RowsRefused
from domain.messages import row_message, rows_shown
from importers.sheets.rows import RowProblem


class RowOutcome(StrEnum):
    """What a row led to."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class RowResult:
    """`number` is the row in the file, `what` whom or what it describes, `fields` what was added or changed."""

    number: int
    what: str
    outcome: RowOutcome
    fields: tuple[str, ...] = ()


def outcome(*, is_new: bool, fields: Sequence[str]) -> RowOutcome:
    """What a row led to."""
    if is_new:
        return RowOutcome.ADDED
    return RowOutcome.CHANGED if fields else RowOutcome.UNCHANGED


def refuse_faulty(problems: Iterable[RowProblem]) -> None:
    """Raises RowsRefused when there is any problem: its fact `rows` lists number, code and 中文 reason of each."""
    found = sorted(problems, key=lambda problem: problem.number)
    if not found:
        return
    reasons = [(problem.number, row_message(problem.code, problem.facts)) for problem in found]
    raise RowsRefused(
        f"{len(found)} problems",
        count=len({number for number, _ in reasons}),
        problems=rows_shown(reasons),
        rows=[
            {"row": number, "code": problem.code, "reason": reason}
            for problem, (number, reason) in zip(found, reasons, strict=True)
        ],
    )
