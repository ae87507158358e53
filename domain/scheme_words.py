"""Why a scheme of evaluation is refused, in words."""

from collections.abc import Iterable

from domain.evaluation_scheme import Fault
from domain.light_words import finding_words, value_words
from domain.messages.evaluations import FACT_LABELS, FAMILY_LABELS, FAULTS
from domain.telling import Said, said, side_by_side


def scheme_words(faults: Iterable[Fault], *, limit: int = 8) -> Said:
    """Why a scheme is refused, a sentence for each of the first faults."""
    return side_by_side(fault_words(fault) for fault in list(faults)[:limit])


def fault_words(fault: Fault) -> Said:
    """Why a scheme is refused: the sentence of one fault."""
    args: dict[str, object] = {name: value_words(value, FACT_LABELS) for name, value in fault.args.items()}
    findings = fault.args.get("findings")
    if isinstance(findings, tuple):
        args["words"] = side_by_side(finding_words(finding, FACT_LABELS) for finding in findings[:3])
    if "family" in args:
        family = str(fault.args["family"])
        args["family"] = said(FAMILY_LABELS.get(family, family))
    return said(FAULTS[fault.code], args)
