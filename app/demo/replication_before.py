"""What the sample city published the year before its list: a batch of three cases, which units took up.

Twelve months later, in the year of the play, the effect of each is checked: one is kept, one revised, one stopped.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from app.demo.city import OFFICE
from app.demo.replication import (
    adoption_of,
    batch,
    case_called,
    import_earlier,
    invite_experts,
    plan_within,
    timers,
    way,
)
from app.demo.replication_forms import BEFORE, DISTRICTS
from app.demo.script import Act, Script, in_order
from app.demo.stage import Stage

DAYS: Final = 41 * 7
"""So many days before the list arrives the city begins to work with dudao."""
BATCH_DAY: Final = -240
CHECK_DAY: Final = BATCH_DAY + 370
"""The first working days after the twelve months of the model."""
_EXISTING: Final = {"existing": "前年起已这样做，账册和核销办法都在用。"}
_FOUND: Final[Mapping[str, tuple[str, str, str, tuple[str, str, str]]]] = {
    "P1": (
        "keep",
        "范围内三个区两个已落实、一个原来就有，四十一家企业用一册管理，没有发现料件流失。",
        "",
        ("单票备案", "小时", "2"),
    ),
    "P2": (
        "revise",
        "两个区都已落实。企业反映人员变更还要另填一张表，各区口径不一。",
        "把人员变更并进同一张表，按修订稿继续推广。",
        ("填报项数", "项", "42"),
    ),
    "P3": (
        "stop",
        "两个区都办过展会。全国统一的核验系统上线以后，本市系统重复。",
        "全国统一的核验系统已经上线，本市不再另行核验",
        ("入场等候", "分钟", "5"),
    ),
}
"""For each case what the check proposes, finds, gives as the ground, and the figure that it reads."""


def acts() -> list[Act]:
    """The year before, on days before the play's first."""
    opening = Script("P0", partial(case_called, "P1"), OFFICE, day=-DAYS).act("experts", invite_experts)
    opening.act("earlier", import_earlier)
    scripts = [opening, *(way(ref, story) for ref, story in BEFORE.items())]
    scripts.append(batch("B1", BATCH_DAY, tuple(BEFORE)))
    scripts += [
        _takes_up(ref, unit, existing=(ref, unit) == ("P1", DISTRICTS[1]))
        for ref, story in BEFORE.items()
        for unit in story.units
    ]
    return in_order(scripts)


def checks() -> list[Act]:
    """What comes of each case after twelve months, in the play's own year."""
    return in_order(_check(ref) for ref in BEFORE)


def _takes_up(ref: str, unit: str, *, existing: bool) -> Script:
    """One unit's answer, and its work if it has to do any."""
    script = Script(f"{ref}.{unit}", partial(case_called, ref), OFFICE, day=BATCH_DAY + 4)

    def step(bpmn_id: str, decision: str, after: int = 1, **fields: Any) -> None:
        def perform(stage: Stage, name: str) -> None:
            stage.complete(name, adoption_of(ref, unit, stage), bpmn_id, decision, **fields)

        script.act(bpmn_id, perform, after=after)

    if existing:
        step("answer", "already", form=_EXISTING, files=("电子账册.pdf",))
    else:
        step("answer", "plan", form=partial(plan_within, 60))
    step("sign_answer", "sign")
    step("check_answer", "accept")
    if not existing:
        done = {"summary": "办法已印发，首批企业已用上，问题有专人收集。"}
        step("carry_out", "done", after=40, form=done, files=("印发稿.pdf",))
        step("sign_done", "sign")
        step("check_done", "accept", after=2)
    return script


def _check(ref: str) -> Script:
    decision, found, why, (name, measure, value) = _FOUND[ref]
    script = Script(f"E{ref[1:]}", partial(case_called, ref), OFFICE, day=CHECK_DAY)
    script.act("timer", partial(timers, ref))
    form = {"summary": found, "indicators": [{"name": name, "measure": measure, "value": value}]}
    if why:
        form["opinion"] = why
    script.step("check_effect", decision, form=form, opinion=why, after=3).step("confirm_effect", "confirm", after=2)
    if decision == "revise":
        before = BEFORE[ref].form
        practices = "一是五张表并成一张，人员变更也在内；二是后台分送三个部门；三是当场出回执。"
        script.step("revise_case", "submit", form={**before, "practices": practices}, after=6)
    return script
