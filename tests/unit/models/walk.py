"""Walking an instance through a model as the services do, without tables: who decides what, and where that leads."""

from datetime import UTC, datetime
from functools import cache
from typing import Self

from bpmn.bundle import Bundle
from bpmn.engine import ProcessEngine, Step
from tests.unit.models.model_files import words

ENGINE = ProcessEngine()
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@cache
def bundle(key: str) -> Bundle:
    return Bundle.shipped(key)


class Walk:
    """One instance. `seen` collects the steps, `flows` the sequence flows it took."""

    def __init__(self, key: str, **facts: object) -> None:
        self.bundle = bundle(key)
        self.seen: list[str] = []
        self.flows: set[str] = set()
        self._after(
            ENGINE.start(
                self.bundle,
                {
                    "joint_lead": False,
                    "has_co_units": True,
                    "has_members": False,
                    "breakthrough_ok": True,
                    "completion_returns": 0,
                    "return_to": "",
                    "resume_at": "",
                    "by_office": False,
                    "needs_convener": False,
                    "notice_enough": False,
                    "has_partners": True,
                    "is_host": False,
                    **dict.fromkeys(("opinions_until", "answer_until"), ""),
                    "opinions_wanted": False,
                    "field_check": False,
                    "announced": False,
                    **{f"decision_{step}": "" for step in self.bundle.user_tasks},
                    **facts,
                },
                now=NOW,
            )
        )

    def _after(self, step: Step) -> None:
        self.step = step
        self.flows |= {entry.bpmn_id for entry in step.log if entry.element == "sequenceFlow"}

    def fork(self) -> "Walk":
        other = object.__new__(Walk)
        other.__dict__.update(self.__dict__)
        other.seen, other.flows = [*self.seen], {*self.flows}
        return other

    @property
    def open(self) -> str | None:
        """The step that is open. A party's signature is a row, not a token: there is never more than one."""
        assert len(self.step.open_tasks) <= 1
        return self.step.open_tasks[0].bpmn_id if self.step.open_tasks else None

    @property
    def waits(self) -> set[str]:
        """The messages the instance waits for."""
        return {wait.name for wait in ENGINE.inspect(self.bundle, self.step.state).waits}

    @property
    def timers(self) -> list[datetime]:
        """When the instance goes on by itself."""
        return sorted(timer.due_at for timer in ENGINE.inspect(self.bundle, self.step.state).timers)

    @property
    def outcome(self) -> str | None:
        return self.step.outcome

    def decisions(self, step: str) -> list[str]:
        return words(self.bundle.user_tasks[step].properties["decisions"])

    def targets(self, step: str) -> list[str]:
        return words(self.bundle.user_tasks[step].properties.get("return_to", ""))

    def do(self, step: str, decision: str = "", *, to: str = "", straight_back: bool = False) -> Self:
        """Complete `step` with a decision, by default the normal one. An adverse decision sends back `to` a step."""
        assert self.open == step
        [task] = self.step.open_tasks
        decision = decision or self.decisions(step)[0]
        outputs: dict[str, object] = {f"decision_{step}": decision}
        if decision == task.properties.get("adverse"):
            outputs["return_to"] = to or next(iter(self.targets(step)), "")
            outputs["resume_at"] = step if straight_back else ""
            if step == "review_completion":
                outputs["completion_returns"] = self.step.data["completion_returns"] + 1
        self.seen.append(step)
        self._after(ENGINE.complete(self.bundle, self.step.state, task.task_id, outputs, now=NOW))
        return self

    def until(self, step: str) -> Self:
        """Take the normal decisions until `step` is open."""
        while self.open != step:
            assert self.open is not None, f"{step} is not on the way: {self.seen}"
            assert len(self.seen) < 100
            self.do(self.open)
        return self

    def to_the_end(self) -> Self:
        while self.open is not None:
            assert len(self.seen) < 100
            self.do(self.open)
        return self

    def send(self, message: str, **payload: str) -> Self:
        self._after(ENGINE.send(self.bundle, self.step.state, message, payload, now=NOW))
        return self

    def wait_until(self, moment: datetime) -> Self:
        """Let the timers go off that are due by then."""
        self._after(ENGINE.fire_timers(self.bundle, self.step.state, now=moment))
        return self

    def wait(self) -> Self:
        """Let the time pass until the next timer goes off."""
        self._after(ENGINE.fire_timers(self.bundle, self.step.state, now=self.timers[0]))
        return self
