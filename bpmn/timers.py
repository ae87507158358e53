"""Timer events that read the instance's `now`, never a clock, and keep their due time as UTC ISO text.

UTC ISO texts sort as the times they mean, so that a step compares texts and parses nothing.

The library compares with a strict `<` and the machine's clock, reads a naive text in the time zone the process
was started in, fails with AttributeError on None, and fires every missed shot of a cycle after an outage.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    CycleTimerEventDefinition,
    DurationTimerEventDefinition,
    TimeDateEventDefinition,
    TimerEventDefinition,
)

from domain.process_errors import TimerInvalid


def utc_text(moment: datetime) -> str:
    """`moment` (aware) as the text timers are kept and compared in."""
    return moment.astimezone(UTC).isoformat()


def _invalid(definition: Any, reason: str) -> TimerInvalid:
    return TimerInvalid(f"{definition.name}: {reason}", timer=definition.name, reason=reason)


def _parse(definition: Any, text: object) -> datetime:
    if not isinstance(text, str):
        raise _invalid(definition, f"text is needed, not {type(text).__name__}")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _invalid(definition, str(error)) from error
    if moment.tzinfo is None:
        raise _invalid(definition, f"{text} has no offset")
    return moment


def _duration(definition: Any, text: object, start: datetime) -> timedelta:
    if not isinstance(text, str):
        raise _invalid(definition, f"a quoted duration is needed, not {type(text).__name__}")
    try:
        length: timedelta = TimerEventDefinition.get_timedelta_from_start(
            TimerEventDefinition.parse_iso_duration(text), start
        )
    except Exception as error:
        raise _invalid(definition, f"{text!r} is no duration") from error
    if length <= timedelta(0):
        raise _invalid(definition, f"{text!r} is not positive")
    return length


def _fired_once(node: Any, first_due: Callable[[Any], str]) -> bool:
    """Whether a timer that goes off once is due; its time is evaluated when the event is reached."""
    data = node.internal_data
    due = data.get("event_value")
    if due is None:
        due = data["event_value"] = first_due(node)
    return bool(due) and due <= node.workflow.top_workflow.now_text


class DateTimer(TimeDateEventDefinition):  # type: ignore[misc]
    """Due at a point in time, text with an offset. None or "" is a deadline not set: it waits until one is."""

    def has_fired(self, node: Any) -> bool:
        return _fired_once(node, self._first_due)

    def _first_due(self, node: Any) -> str:
        value = node.workflow.script_engine.evaluate(node, self.expression)
        return "" if value is None or value == "" else utc_text(_parse(self, value))


class DurationTimer(DurationTimerEventDefinition):  # type: ignore[misc]
    """Due after an ISO 8601 duration ("P3D", "PT1H"; months by the calendar) from when it is reached."""

    def has_fired(self, node: Any) -> bool:
        return _fired_once(node, self._first_due)

    def _first_due(self, node: Any) -> str:
        now = node.workflow.top_workflow.now
        value = node.workflow.script_engine.evaluate(node, self.expression)
        return utc_text(now + _duration(self, value, now))


class CycleTimer(CycleTimerEventDefinition):  # type: ignore[misc]
    """R3/PT10M, R/P1D, R3/<start>/P1D. Shots missed in an outage are one shot; the rhythm is kept."""

    def has_fired(self, _: Any) -> bool:
        return False

    def update_task(self, node: Any) -> None:
        value = node.internal_data.get("event_value")
        if value is None:
            value = node.internal_data["event_value"] = self._start(node)
        if not value["cycles"] or value["next"] > node.workflow.top_workflow.now_text:
            return
        now = node.workflow.top_workflow.now
        due = datetime.fromisoformat(value["next"])
        length = timedelta(seconds=value["duration"])
        following = due + length * ((now - due) // length + 1)
        left = value["cycles"] - 1
        node.internal_data["event_value"] = {**value, "next": utc_text(following), "cycles": left}
        node.task_spec.shoot(node)
        if not left:
            node.retire()

    def _start(self, node: Any) -> dict[str, Any]:
        now: datetime = node.workflow.top_workflow.now
        text = node.workflow.script_engine.evaluate(node, self.expression)
        parts = text.split("/") if isinstance(text, str) else []
        if len(parts) not in (2, 3) or not parts[0].startswith("R") or not (parts[0] == "R" or parts[0][1:].isdigit()):
            raise _invalid(self, f"{text!r} is no cycle")
        cycles = int(parts[0][1:]) if len(parts[0]) > 1 else -1
        start = _parse(self, parts[1]) if len(parts) == 3 else None  # noqa: PLR2004  R/start/duration
        length = _duration(self, parts[-1], start or now)
        return {"cycles": cycles, "next": utc_text(start or now + length), "duration": length.total_seconds()}


_OURS = {
    TimeDateEventDefinition: DateTimer,
    DurationTimerEventDefinition: DurationTimer,
    CycleTimerEventDefinition: CycleTimer,
}


def adopt_timer(definition: Any) -> None:
    """Make a freshly parsed timer definition one of ours; any other definition stays what it is."""
    ours = _OURS.get(type(definition))
    if ours is not None:
        definition.__class__ = ours
