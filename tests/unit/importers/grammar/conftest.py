"""A small invented registry: the grammars must work for any city's."""

import pytest

from domain.units import UnitKind
from importers.registry import MatchBasis, UnitMatch

KNOWN = {
    "市商务局": UnitKind.DEPARTMENT,
    "市财政局": UnitKind.DEPARTMENT,
    "市税务局": UnitKind.DEPARTMENT,
    "市文化和旅游局": UnitKind.DEPARTMENT,
    "市大数据局": UnitKind.DEPARTMENT,
    "江北海关": UnitKind.CENTRAL_BRANCH,
    "市高级人民法院": UnitKind.COURT,
    "云湖区人民政府": UnitKind.DISTRICT,
    "江北经济技术开发区管委会": UnitKind.FUNCTIONAL_AREA,
    "江北港集团": UnitKind.ENTERPRISE,
    "服务贸易联席会议成员单位": UnitKind.GROUP,
}
FORMER = {"市大数据中心": "市大数据局"}


class SmallRegistry:
    """Knows a dozen names and one former name."""

    def lookup(self, printed: str) -> UnitMatch:
        if printed in KNOWN:
            return UnitMatch(printed, printed, KNOWN[printed], MatchBasis.EXACT)
        if printed in FORMER:
            unit = FORMER[printed]
            return UnitMatch(printed, unit, KNOWN[unit], MatchBasis.SUCCESSOR)
        candidates = tuple(name for name in KNOWN if name[:3] == printed[:3])
        return UnitMatch(printed, None, candidates=candidates)

    def names(self) -> tuple[str, ...]:
        return (*KNOWN, *FORMER)


@pytest.fixture
def registry() -> SmallRegistry:
    return SmallRegistry()
