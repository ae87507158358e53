"""One printed name of a responsible unit: whom the registry knows by it, and whether the print itself is damaged.

Damage is judged by what a name may be made of, not by what one city's units are called: a functional area has a
管委会 and no people's government, nothing but an office of its own follows 管委会, and no name ends in 人民政.
"""

import dataclasses
import enum
import re

from domain.units import UnitKind
from importers.grammar.characters import half_width, squeeze, to_simplified
from importers.registry import MatchBasis, UnitMatch, UnitRegistry

GROUP = re.compile(
    r"各(?!自)|有关|相关|成员单位$|全体|所有|其他|其它"
    r"|^(?:重点|市属|省属|区属|县属|央属|驻.|辖区)*(?:国有)?(?:企业|高校|院校|科研院所|金融机构|行业协会|商会|园区|镇街|街镇|乡镇)$"
)
WITH_NAMED_MEMBER = re.compile(
    r"(?P<named>.+?)等(?P<group>(?:各|有关|相关)*(?:市辖)?(?:区|县|市|州|旗|镇|街|乡)[^、]{0,12})"
)
OPEN_LIST = re.compile(
    r"等(?:其他|其它)?(?:各|有关|相关|市级|省级|区级|市|省)*(?:单位|部门|企业|机构|委办局|成员单位|方面)?$"
)

FUNCTIONAL_AREA = (
    r"(?:高新区|经开区|开发区|保税区|保税港区|综保区|综合保税区|自贸区|自贸试验区|度假区|示范区|园区|产业园)"
)
NO_SUCH_GOVERNMENT = re.compile(rf"{FUNCTIONAL_AREA}(?:人民政府|区人民政府|区政府|政府)$")
NO_SUCH_DISTRICT = re.compile(rf"{FUNCTIONAL_AREA}$")
# Bodies after which a name is complete; only a part of that body may follow.
COMPLETE = re.compile(r"(?:管委会|管理委员会|人民政府|有限公司|集团公司)(?P<tail>.+)$")
OWN_PART = re.compile(
    r"(?:办公室|办公厅|办|机关|本级|分公司|子公司|分局|支局|分行|支行|办事处|工作处|处|科|室|局|部|院|所|站|中心|总队|支队|大队|党组|党委|党工委|工委)$"
)
LONGEST_SCRAP = 4
LONGEST_NAME = 60
CUT_OFF = re.compile(
    r"(?:人民政|人民|管理委|管理委员|委员|办公|指挥|领导小|有限公|有限责任|监督管|监督管理|和|及|与|的|、)$"
)
PARENTHESIS = re.compile(r"[(（][^()（）]*[)）]")


class Damage(enum.StrEnum):
    """How a printed name is damaged."""

    NO_SUCH_BODY = "没有这样的机构"
    RUN_TOGETHER = "两个名称连在一起或混入残字"
    CUT_OFF = "名称不完整"


@dataclasses.dataclass(frozen=True, slots=True)
class Name:
    """What is known of one printed name."""

    printed: str
    match: UnitMatch
    damage: Damage | None = None

    @property
    def unit(self) -> str | None:
        """The registry's name, None where nobody confirmed one."""
        return self.match.unit


def spellings(printed: str) -> tuple[str, ...]:
    """The ways to write one name, the printed one first: simplified, half-width, 管委 in full, without a bracket."""
    plain = to_simplified(half_width(squeeze(printed)))
    forms = [printed, squeeze(printed), plain, to_simplified(squeeze(printed))]
    forms += [form + "会" for form in forms if form.endswith("管委")]
    forms += [bare for form in forms if (bare := PARENTHESIS.sub("", half_width(form)))]
    return tuple(dict.fromkeys(form for form in forms if form))


def find(printed: str, registry: UnitRegistry) -> UnitMatch:
    """The registry's answer for a name in any of its spellings; the answer for the printed one if none is known."""
    matches = [registry.lookup(form) for form in spellings(printed)]
    return next((match for match in matches if match.unit is not None), matches[0])


def find_district(printed: str, registry: UnitRegistry) -> UnitMatch:
    """Like `find` for the short name of a district (某某区), whose people's government is meant."""
    match = find(printed, registry)
    if match.unit is None and printed.endswith(("区", "县", "市", "旗", "州")):
        government = find(printed + "人民政府", registry)
        return government if government.unit is not None else match
    return match


def _starts_with_known(name: str, registry: UnitRegistry) -> str | None:
    """What is left of `name` after the longest known name it starts with; None where it starts with none."""
    shortest = 3
    for length in range(len(name) - 1, shortest - 1, -1):
        if registry.lookup(name[:length]).unit is not None:
            return name[length:]
    return None


def damage(name: str, registry: UnitRegistry) -> Damage | None:
    """How the unknown `name` is damaged; None where it may simply be a unit that nobody has registered yet."""
    plain = to_simplified(squeeze(name))
    if len(plain) > LONGEST_NAME:
        return Damage.RUN_TOGETHER
    if NO_SUCH_GOVERNMENT.search(plain):
        return Damage.NO_SUCH_BODY
    complete = COMPLETE.search(plain)
    rest = complete["tail"] if complete else _starts_with_known(plain, registry)
    if rest is not None:
        scrap = not OWN_PART.search(rest) and len(rest) <= LONGEST_SCRAP
        if scrap or registry.lookup(rest).unit is not None:
            return Damage.RUN_TOGETHER
    return Damage.CUT_OFF if CUT_OFF.search(plain) else None


def read_name(printed: str, registry: UnitRegistry) -> Name:
    """Who `printed` is. A name that the registry knows is never called damaged."""
    match = find_district(printed, registry)
    return Name(printed, match, None if match.unit is not None else damage(printed, registry))


def is_group(printed: str, registry: UnitRegistry) -> bool:
    """Whether `printed` names a set of units (各区人民政府, 某机制成员单位) rather than one that the registry knows."""
    match = find(printed, registry)
    if match.unit is not None:
        return match.kind is UnitKind.GROUP
    return bool(GROUP.search(printed)) and not OPEN_LIST.fullmatch(printed)


def renamed(match: UnitMatch) -> bool:
    """Whether the unit has another name since the document was printed (a reform, not a spelling)."""
    return match.basis is MatchBasis.SUCCESSOR
