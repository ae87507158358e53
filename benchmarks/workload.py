"""The work that product, naive engine and floor do alike: one supervision loop of eight commits.

Start, assign, submit 1 kB, sign off, review: return, submit, sign off, review: approve.
"""

import json
import random
from dataclasses import dataclass

WORDS = [
    "budget",
    "review",
    "agency",
    "deadline",
    "report",
    "progress",
    "target",
    "region",
    "project",
    "housing",
    "water",
    "safety",
    "inspection",
    "approved",
    "pending",
    "contract",
    "supplier",
    "schedule",
    "milestone",
    "annual",
    "quarter",
    "policy",
    "measure",
    "department",
    "county",
    "office",
    "leader",
    "meeting",
    "minutes",
    "notice",
    "education",
    "health",
    "road",
]
FORM_BYTES = 1000
STATE_BYTES = 4000
DEADLINE = "P30D"


@dataclass(frozen=True, slots=True)
class Move:
    """One completion of a user task: its BPMN id, the routing facts it sets, and the form that comes with it."""

    bpmn_id: str
    outputs: dict[str, str]
    form: dict[str, object]


def form(instance: int, round_number: int) -> dict[str, object]:
    """A progress report of about 1 kB, the same for every contestant."""
    chance = random.Random(instance * 31 + round_number)
    report: dict[str, object] = {
        "percent": chance.randint(0, 100),
        "round": round_number,
        "summary": "",
        "files": [f"{chance.getrandbits(64):016x}.pdf" for _ in range(3)],
    }
    summary = ""
    while len(json.dumps(report)) + len(summary) < FORM_BYTES:
        summary += f"{chance.choice(WORDS)} {chance.randint(0, 99)} "
    return {**report, "summary": summary}


def moves(instance: int) -> list[Move]:
    """The seven completions after the start."""
    return [
        Move("assign", {"decision_assign": "done"}, {}),
        Move("submit_progress", {"decision_submit_progress": "done"}, form(instance, 1)),
        Move("lead_signoff", {"decision_lead_signoff": "sign"}, {}),
        Move("office_review", {"decision_office_review": "return"}, {}),
        Move("submit_progress", {"decision_submit_progress": "done"}, form(instance, 2)),
        Move("lead_signoff", {"decision_lead_signoff": "sign"}, {}),
        Move("office_review", {"decision_office_review": "approve"}, {}),
    ]


START_DATA = {
    "deadline": DEADLINE,
    "decision_assign": "",
    "decision_submit_progress": "",
    "decision_lead_signoff": "",
    "decision_office_review": "",
    "return_to": "",
    "resume_at": "",
}
