"""Printed quantities: a number with its unit, and what the words around it say of how it is to be measured."""

import dataclasses
import re

from importers.model import KpiType

_COUNTED = (
    "个百分点|百分点|%|亿美元|美元|亿元|元|平方公里|平方米|立方米|公里|标准箱|标箱|吨|亩|公顷|千瓦时|千瓦|兆瓦"
    "|项|家|个|件|户|人次|人|名|位|艘|架|辆|台|套|座|处|所|条|班列|班|列|次|倍|场|期|批|例|篇|部|种|类|门|支|份|笔|单|款|宗|只"
)
_TIMED = "小时|天|分钟|工作日"
QUANTITY = re.compile(
    rf"(?<![\d.第])(?P<number>\d{{1,9}}(?:\.\d+)?)(?:\s*[至到~—-]\s*(?P<upper>\d{{1,9}}(?:\.\d+)?))?"
    rf"(?P<unit>[十百千万亿]{{0,3}}(?:{_COUNTED}|{_TIMED}))(?P<bound>以上|以内|左右)?"
)
# Verbs that say a number is reached; they belong to neither the name nor the unit.
REACHES = re.compile(
    r"(?:累计)?(?:力争|争取)?(?:不低于|不少于|不高于|不超过|控制在|稳定在|保持在|(?:提高|提升|增加|增长|扩大|缩短|压缩|降低|下降|上升|增|降|升)[到至]"
    r"|达到|达|超过|超|突破|实现|完成|约|近|为|(?<!年均)增长|提高|下降)+(?:了)?$"
)
SHARES = re.compile(r"占|比重|比例|率(?:达|超|提|保|不|稳|约|为|$)|覆盖")
GROWS = re.compile(r"增速|增长|增幅|递增|增加")
EACH_YEAR = re.compile(r"年均|年平均|每年平均")
MEASURED = re.compile(r"元|吨|箱|公里|平方|立方|亩|公顷|瓦")


@dataclasses.dataclass(frozen=True, slots=True)
class Quantity:
    """A number and its unit in a text; for a range (3至5家) the number is its lower end, which fulfils it."""

    start: int
    end: int
    value: float
    unit: str
    is_range: bool = False


def quantities(plain: str) -> list[Quantity]:
    """The quantities of a text (half-width, without white space); lengths of time only where they are reached."""
    found = []
    for match in QUANTITY.finditer(plain):
        timed = re.search(rf"(?:{_TIMED})$", match["unit"])
        if not timed or REACHES.search(plain[: match.start()]):
            found.append(
                Quantity(match.start(), match.end(), float(match["number"]), match["unit"], bool(match["upper"]))
            )
    return found


def kpi_type(words: str, unit: str) -> KpiType:
    """How a target is measured, by the words before it and its unit (domain notes §1.2)."""
    if "%" in unit or "百分点" in unit:
        return KpiType.ANNUAL_AVERAGE_GROWTH if EACH_YEAR.search(words) and GROWS.search(words) else KpiType.SHARE_LEVEL
    if MEASURED.search(unit):
        return KpiType.CUMULATIVE_SUM if re.search(r"累计|新增|合计|共", words) else KpiType.SHARE_LEVEL
    return KpiType.SHARE_LEVEL if SHARES.search(words) or re.search(_TIMED, unit) else KpiType.CUMULATIVE_COUNT
