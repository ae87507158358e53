"""Who answers for a task: responsibility phrases of official documents (domain notes §2.2) as parties with roles.

Order is kept as printed and nothing is added. A lead is one that the phrase names (牵头, 双牵头单位), the only unit
of a row, or the one that the document's own rule names (首个为牵头单位); otherwise there is none and a person must say.
"""

import dataclasses
import enum
import itertools
import re

from importers.grammar.characters import WHITE, comparable, squeeze
from importers.grammar.unit_names import (
    NO_SUCH_DISTRICT,
    OPEN_LIST,
    WITH_NAMED_MEMBER,
    Name,
    find_district,
    is_group,
    read_name,
    renamed,
)
from importers.model import Flag, FlagCode, LeadRule, LeadRuleKind, Party
from importers.registry import UnitRegistry

FIELD = "units"
DUTY = (
    r"(?:按照?|依照?|根据)?(?:各自|有关|相关)?(?:职责|职能|任务)?(?:和|及)?分工"
    r"|按照?(?:各自|有关)?(?:职责|职能)|分别|各自|各负其责"
)
ACTION = r"(?:抓好|做好|具体|组织|分别|共同)?(?:负责|落实|推进|实施|办理|完成|承担)(?:相关工作|落实|实施|推进)?"
LEAD_LABEL = re.compile(r"(?P<joint>双|共同|联合)?(?:牵头|主办|主责)(?:(?:责任)?(?:单位|部门)(?::|(?=[^、,;。)]))|:)")
SUPPORT_LABEL = re.compile(r"(?:配合|协办|协同|协助|参与|支持|参加)(?:(?:责任)?(?:单位|部门)(?::|(?=[^、,;。)]))|:)")
PLAIN_LABEL = re.compile(r"(?:主要)?(?:责任|负责|承办|落实|实施|完成)(?:单位|部门|主体):")
LABEL = re.compile(
    rf"(?:{LEAD_LABEL.pattern.replace('?P<joint>', '?:')}|{SUPPORT_LABEL.pattern}|{PLAIN_LABEL.pattern})"
)
LEADS = re.compile(rf"(?<!\()(?P<joint>共同|联合|双)?牵头(?:{ACTION})?")
TOGETHER_WITH = re.compile(r"会同")
SUPPORTS = re.compile(rf"(?:(?:{DUTY})(?:负责)?)?(?:积极|做好)?(?:配合|协同|协助|参与|支持)(?:{ACTION}|工作)?$")
# 推进, 落实 and the like close a phrase only at its end: names contain them (推进办公室).
CLOSES = re.compile(rf"(?P<duty>{DUTY})(?:{ACTION})?|(?:具体|共同|主要)?负责|(?:{ACTION})$")
ROLE_IN_BRACKET = re.compile(r"\((?P<role>牵头|牵头单位|主办|配合|协办)\)$")
SEPARATORS = "、,;/|"
OPENING, CLOSING = "（(〔【[", "）)〕】]"
# Lists inside the name of one group: 各市、州人民政府, 各县（市、区）人民政府, 各有关部门、单位.
ONE_GROUP = re.compile(
    r"各(?:省|市|县|区|州|旗|镇|乡)(?:[、（(〔]?(?:自治)?(?:区|县|市|州|旗|镇|乡|街道|直辖市)[）)〕]?)*(?:人民)?政府"
    r"|各?(?:有关|相关)?(?:部门|单位)、(?:各|有关|相关)*(?:部门|单位)"
)
AND_A_GROUP = re.compile(r"(?:以及|和|及(?!其)|与)(?=(?:各|有关|相关))")
NO_UNIT = re.compile(r"(?:长期|持续|常态化?|积极|力争|争取)[^、]{0,8}|(?:\d{4}年|每[年月季周])[^、]{0,20}")
CONJUNCTION = re.compile(r"以及|和|与|及")
TOO_MANY_REPEATS = 2
LONGEST_PAIR = 60
UNIT_LIKE = re.compile(r"(?:局|委|委员会|管委会|人民政府|公司|集团|分行|海关)$")


class Role(enum.StrEnum):
    """What the phrase itself says of a unit."""

    LEAD = "lead"
    SUPPORTING = "supporting"
    UNSTATED = "unstated"


@dataclasses.dataclass(frozen=True, slots=True)
class Responsibility:
    """The parties of one row. `joint_lead` is set where the document names several leads together."""

    leads: tuple[Party, ...] = ()
    co_units: tuple[Party, ...] = ()
    groups: tuple[str, ...] = ()
    open_ended: bool = False
    by_duty: bool = False
    joint_lead: bool = False
    flags: tuple[Flag, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class _Entry:
    """One element of a list: a unit, or a group."""

    printed: str
    role: Role
    name: Name | None = None


@dataclasses.dataclass(slots=True)
class _Reader:
    """Collects what the clauses of one cell say."""

    registry: UnitRegistry
    entries: list[_Entry] = dataclasses.field(default_factory=list)
    flags: list[Flag] = dataclasses.field(default_factory=list)
    open_ended: bool = False
    by_duty: bool = False
    joint: bool = False
    repeats: int = 0

    def noise(self, note: str, *, blocking: bool = True) -> None:
        self.flags.append(Flag(FlagCode.UNIT_NOISE, FIELD, note, blocking=blocking))

    def add_list(self, text: str, role: Role) -> None:
        for element in _elements(text, self.registry):
            self.add(element, role)

    def add(self, element: str, role: Role) -> None:
        """Read one element of a list, with its bracketed role or its 等."""
        plain, positions = comparable(element)
        if bracket := ROLE_IN_BRACKET.search(plain):
            role = Role.LEAD if bracket["role"].startswith(("牵头", "主办")) else Role.SUPPORTING
            plain, element = plain[: bracket.start()], element[: positions[bracket.start()]]
        if etc := OPEN_LIST.search(plain):
            self.open_ended = True
            plain, element = plain[: etc.start()], element[: positions[etc.start()]] if etc.start() else ""
        elif member := WITH_NAMED_MEMBER.fullmatch(plain):
            cut, group = positions[member.end("named")], positions[member.start("group")]
            self._add_group_with_member(element, element[:cut], element[group:], role)
            return
        if not plain:
            return
        parts = _conjoined(element, self.registry)
        for part in parts:
            self._add_name(part, role)

    def _add_group_with_member(self, printed: str, named: str, group: str, role: Role) -> None:
        """某区等有关区政府: a group with one named member, unless that member cannot be one."""
        match = find_district(named, self.registry)
        if match.unit is None and NO_SUCH_DISTRICT.search(named):
            self.entries.append(_Entry(printed, role))
            self.noise(f"“{printed}”：{named}是功能区，不是行政区，没有区政府，请核对")
            return
        self._append(_Entry(named, role, Name(named, match)))
        self._append(_Entry(group, role))

    def _add_name(self, printed: str, role: Role) -> None:
        if is_group(printed, self.registry):
            self._append(_Entry(printed, role))
            return
        name = read_name(printed, self.registry)
        self._append(_Entry(printed, role, name))
        if name.damage is not None:
            self.noise(f"“{printed}”：{name.damage}，请对照原件核对")

    def _append(self, entry: _Entry) -> None:
        """Add an entry unless it is there already; a lead named again among the others is not a repetition."""
        for other in self.entries:
            same = entry.printed == other.printed or (
                entry.name is not None
                and other.name is not None
                and entry.name.unit is not None
                and entry.name.unit == other.name.unit
            )
            if same:
                if other.role is entry.role:
                    self.repeats += 1
                    self.noise(f"“{entry.printed}”重复出现", blocking=False)
                return
        self.entries.append(entry)


def _lines(element: str, registry: UnitRegistry) -> list[str]:
    """The names in an element with gaps: several where each piece is a whole name, else one name broken by the page."""
    lines = WHITE.sub(" ", element).split()
    joined = "".join(lines)
    each_is_whole = all(UNIT_LIKE.search(line) or read_name(line, registry).unit for line in lines)
    if len(lines) > 1 and each_is_whole and read_name(joined, registry).unit is None:
        return lines
    return [joined]


def _elements(text: str, registry: UnitRegistry) -> list[str]:
    """Split a list at its separators, but not inside brackets: 各县（市、区）人民政府 is one element."""
    elements, depth, current = [], 0, ""
    kept_together = [match.span() for match in ONE_GROUP.finditer(text)]
    for place, char in enumerate(text):
        depth = max(0, depth + (char in OPENING) - (char in CLOSING))
        inside = depth > 0 or any(start <= place < end for start, end in kept_together)
        if not inside and char in SEPARATORS + "，；／｜":
            elements.append(current)
            current = ""
        else:
            current += char
    elements.append(current)
    elements = [piece for element in elements for piece in AND_A_GROUP.split(element)]
    lines = (line for element in elements for line in _lines(element, registry))
    trimmed = (re.sub(r"^\d+[.．)）]", "", line).strip("。.:：") for line in lines)
    return [name for name in trimmed if name]


def _conjoined(element: str, registry: UnitRegistry) -> list[str]:
    """The two names of 市商务局和市财政局; one name where the whole is known (市文化和旅游局) or a half is not."""
    if len(element) <= LONGEST_PAIR and read_name(element, registry).unit is None:
        for match in CONJUNCTION.finditer(element):
            halves = [element[: match.start()], element[match.end() :]]
            if all(half and read_name(half, registry).unit for half in halves):
                return halves
    return [element]


def _clauses(plain: str) -> list[tuple[int, int]]:
    """Where the clauses of a cell lie: at labels, at ; and 。, and at a comma that ends a statement of role."""
    stops = {0, len(plain)}
    stops.update(match.start() for match in LABEL.finditer(plain))
    depth = 0
    for place, char in enumerate(plain):
        depth = max(0, depth + (char == "(") - (char == ")"))
        if depth == 0 and char in ";。":
            stops.add(place + 1)
        if (
            depth == 0
            and char == ","
            and re.search(r"(?:牵头|负责|落实|推进|配合|协助|参与|实施|分工)$", plain[:place])
        ):
            stops.add(place + 1)
    ordered = sorted(stops)
    return [(start, end) for start, end in itertools.pairwise(ordered) if plain[start:end].strip(",;。")]


def _read_clause(reader: _Reader, text: str, role: Role = Role.UNSTATED) -> None:
    """Read one clause into `reader`; recursive, because 由甲牵头会同乙、丙负责 nests."""
    plain, positions = comparable(text)

    def printed(start: int, end: int | None = None) -> str:
        stop = len(plain) if end is None else end
        return text[positions[start] : positions[stop - 1] + 1] if stop > start else ""

    plain_end = len(plain)
    while plain_end and plain[plain_end - 1] in ",;。":
        plain_end -= 1
    plain, positions = plain[:plain_end], positions[:plain_end]
    if NO_UNIT.fullmatch(plain):
        reader.noise(f"“{plain}”不是单位", blocking=False)
        return
    for label, labelled in ((LEAD_LABEL, Role.LEAD), (SUPPORT_LABEL, Role.SUPPORTING), (PLAIN_LABEL, Role.UNSTATED)):
        if match := label.match(plain):
            reader.joint |= labelled is Role.LEAD and bool(match["joint"])
            _read_clause(reader, printed(match.end()), labelled)
            return
    if match := LEADS.search(plain):
        reader.joint |= bool(match["joint"])
        reader.add_list(printed(1 if plain.startswith("由") else 0, match.start()), Role.LEAD)
        _read_clause(reader, printed(match.end()).lstrip("，,"), role)
    elif (match := TOGETHER_WITH.search(plain)) and match.start() > 0 and role is Role.UNSTATED:
        reader.add_list(printed(1 if plain.startswith("由") else 0, match.start()), Role.LEAD)
        _read_clause(reader, printed(match.end()), Role.SUPPORTING)
    elif (match := TOGETHER_WITH.match(plain)) and match.end() < len(plain):
        _read_clause(reader, printed(match.end()), Role.SUPPORTING)
    elif match := SUPPORTS.search(plain):
        reader.by_duty |= "分工" in match[0] or "职责" in match[0]
        reader.add_list(printed(0, match.start()), Role.SUPPORTING)
    elif match := CLOSES.search(plain):
        reader.by_duty |= bool(match["duty"])
        reader.add_list(printed(1 if plain.startswith("由") else 0, match.start()), role)
        _read_rest(reader, printed(match.end()), role)
    else:
        reader.add_list(printed(0), role)


def _read_rest(reader: _Reader, rest: str, role: Role) -> None:
    """What stands after 负责: the object of the duty (甲负责资金保障), or a line of names that slipped out of place."""
    head, _, tail = re.sub(r"[，,；;。]", "\n", squeeze(rest)).partition("\n")
    elements = _elements(head, reader.registry)
    if any(read_name(element, reader.registry).unit or UNIT_LIKE.search(element) for element in elements):
        reader.noise(f"“{head}”印在“负责”之后，位置错乱，单位及其次序请对照原件核对")
        reader.add_list(head, role)
    elif elements:
        reader.by_duty = True
    if tail.strip():
        _read_clause(reader, tail.replace("\n", "，"), role)


def _lead(reader: _Reader, lead_rule: LeadRule | None) -> tuple[list[_Entry], str]:
    """The leads among the entries, and why there is none."""
    units = [entry for entry in reader.entries if entry.name is not None]
    named = [entry for entry in units if entry.role is Role.LEAD]
    if named:
        return named, ""
    unstated = [entry for entry in units if entry.role is Role.UNSTATED]
    # The only unit, or the only one beside those that the phrase calls supporting (甲负责，乙、丙配合).
    not_supporting = [entry for entry in reader.entries if entry.role is not Role.SUPPORTING]
    if len(not_supporting) == 1 and unstated and not reader.open_ended:
        return unstated, ""
    if lead_rule is not None and lead_rule.kind is LeadRuleKind.FIRST_LEADS:
        if reader.entries and reader.entries[0].name is not None:
            return reader.entries[:1], ""
        return [], f"按“{lead_rule.printed}”应由首个单位牵头，但首个不是单位"
    if lead_rule is not None and lead_rule.kind is LeadRuleKind.ALL_LEAD_IF_NONE_NAMED:
        return unstated, ""
    return [], "文件没有写明牵头单位"


def _about_units(reader: _Reader) -> list[Flag]:
    """Flags for names that are unknown, renamed, or repeat each other like a damaged print."""
    flags = list(reader.flags)
    names = [entry.name for entry in reader.entries if entry.name is not None]
    unknown = [name for name in names if name.unit is None and name.damage is None]
    if reader.repeats >= TOO_MANY_REPEATS or (reader.repeats and len(unknown) >= TOO_MANY_REPEATS):
        note = f"单位名单自身重复{reader.repeats}次，另有{len(unknown)}个名称不在单位库，疑为识别错误，请对照原件重录"
        flags.append(Flag(FlagCode.UNIT_NOISE, FIELD, note, blocking=True))
    for name in unknown:
        candidates = f"，可能是{'、'.join(name.match.candidates)}" if name.match.candidates else ""
        flags.append(Flag(FlagCode.UNIT_UNKNOWN, FIELD, f"“{name.printed}”不在单位库{candidates}"))
    return flags + [
        Flag(FlagCode.UNIT_RENAMED, FIELD, f"“{name.printed}”现为{name.unit}") for name in names if renamed(name.match)
    ]


def _bare(text: str) -> str:
    """`text` without a pair of brackets around the whole of it, as plans print it after a measure."""
    stripped = text.strip().rstrip("。")
    depths = list(itertools.accumulate((char in OPENING) - (char in CLOSING) for char in stripped))
    enclosed = len(depths) > 1 and depths[-1] == 0 and all(depth > 0 for depth in depths[:-1])
    return stripped[1:-1] if enclosed else text


def read_responsibility(
    cell: str, registry: UnitRegistry, *, lead_rule: LeadRule | None = None, spaces_separate: bool = False
) -> Responsibility:
    """Read one responsibility cell.

    `lead_rule` is what the document says of leads; `spaces_separate` is for columns where blanks separate units.
    Never raises; an empty cell gives an empty answer, which only the caller can judge.
    """
    text = re.sub(r"[ \t\u3000\u00a0]+", "、", cell.strip()) if spaces_separate else cell
    text = _bare(text)
    plain, positions = comparable(text)
    reader = _Reader(registry)
    for start, end in _clauses(plain):
        _read_clause(reader, text[positions[start] : positions[end - 1] + 1])
    leads, why_none = _lead(reader, lead_rule)
    flags = _about_units(reader)
    groups = [entry.printed for entry in reader.entries if entry.name is None]
    if reader.entries and not leads:
        flags.append(Flag(FlagCode.LEAD_NOT_STATED, "leads", why_none))
    if reader.open_ended:
        flags.append(Flag(FlagCode.OPEN_LIST, FIELD, "名单以“等”结尾，交办前须列全"))
    flags += [Flag(FlagCode.GROUP, "groups", f"“{group}”是一组单位，交办前须确定成员") for group in groups]
    return Responsibility(
        leads=tuple(_party(entry) for entry in leads),
        co_units=tuple(_party(entry) for entry in reader.entries if entry.name is not None and entry not in leads),
        groups=tuple(groups),
        open_ended=reader.open_ended,
        by_duty=reader.by_duty,
        joint_lead=len(leads) > 1 and (reader.joint or leads[0].role is Role.LEAD),
        flags=tuple(flags),
    )


def _party(entry: _Entry) -> Party:
    return Party(entry.printed, entry.name.unit if entry.name else None)
