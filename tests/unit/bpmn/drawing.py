"""Small models for tests, drawn in a few words.

model(start(), user("draft"), user("review"), xor("reviewed", default="reviewed_to_draft"), end(),
      path("start_here", "draft", "review", "reviewed", "finished"), flow("reviewed", "draft"))
"""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from bpmn.bundle import Bundle
from bpmn.engine import ProcessEngine, Step

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ENGINE = ProcessEngine()

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" id="definitions" targetNamespace="test">'
)
FORM = b'{"type": "object", "properties": {"opinion": {"type": "string"}}}'
PROPERTIES = {
    "parties": "office",
    "role": "office_staff",
    "rule": "any",
    "decisions": "submit,return",
    "limit": "2wd",
    "form": "opinion",
}


def model(*parts: str, key: str = "small_process", messages: tuple[str, ...] = (), before: str = "") -> bytes:
    """A BPMN file with one process; `messages` are declared as message_{name}."""
    declared = "".join(f'<bpmn:message id="message_{name}" name="{name}"/>' for name in messages)
    body = "".join(parts)
    return (
        f'{HEAD}{declared}{before}<bpmn:process id="{key}" isExecutable="true">{body}</bpmn:process></bpmn:definitions>'
    ).encode()


def bundle(content: bytes, key: str = "small_process", **files: bytes) -> Bundle:
    """The bundle of one model; `files` are further paths, dots written as __."""
    extra = {path.replace("__", "."): data for path, data in files.items()}
    return Bundle.of({f"{key}.bpmn": content, "forms/opinion.json": FORM, **extra}, key)


def start(element_id: str = "started") -> str:
    return f'<bpmn:startEvent id="{element_id}"/>'


def end(element_id: str = "finished", inner: str = "") -> str:
    return f'<bpmn:endEvent id="{element_id}">{inner}</bpmn:endEvent>'


def user(element_id: str, inner: str = "", **props: str) -> str:
    """A user task with valid properties; `props` add to them or, if "", take away."""
    merged = {key: value for key, value in {**PROPERTIES, **props}.items() if value}
    listed = "".join(f'<spiffworkflow:property name="{key}" value="{value}"/>' for key, value in merged.items())
    return (
        f'<bpmn:userTask id="{element_id}" name="{element_id}"><bpmn:extensionElements><spiffworkflow:properties>'
        f"{listed}</spiffworkflow:properties></bpmn:extensionElements>{inner}</bpmn:userTask>"
    )


def xor(element_id: str, default: str = "") -> str:
    return f'<bpmn:exclusiveGateway id="{element_id}"' + (f' default="{default}"/>' if default else "/>")


def any_of(element_id: str, default: str = "") -> str:
    return f'<bpmn:inclusiveGateway id="{element_id}"' + (f' default="{default}"/>' if default else "/>")


def both(element_id: str) -> str:
    return f'<bpmn:parallelGateway id="{element_id}"/>'


def flow(source: str, target: str, condition: str = "", element_id: str = "") -> str:
    """A sequence flow, called {source}_to_{target} unless named."""
    inner = (
        f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression"><![CDATA[{condition}]]>'
        "</bpmn:conditionExpression>"
        if condition
        else ""
    )
    name = element_id or f"{source}_to_{target}"
    return f'<bpmn:sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'


def path(*ids: str) -> str:
    """Flows from each to the next."""
    return "".join(flow(source, target) for source, target in pairwise(ids))


def timer(kind: str, expression: str) -> str:
    """A timer definition; `kind` is Date, Duration or Cycle."""
    return (
        f'<bpmn:timerEventDefinition><bpmn:time{kind} xsi:type="bpmn:tFormalExpression">{expression}</bpmn:time{kind}>'
        "</bpmn:timerEventDefinition>"
    )


def message(name: str, variable: str = "") -> str:
    inner = (
        f"<bpmn:extensionElements><spiffworkflow:messageVariable>{variable}</spiffworkflow:messageVariable>"
        "</bpmn:extensionElements>"
        if variable
        else ""
    )
    return f'<bpmn:messageEventDefinition messageRef="message_{name}">{inner}</bpmn:messageEventDefinition>'


def boundary(element_id: str, host: str, definition: str, *, interrupting: bool = True) -> str:
    return (
        f'<bpmn:boundaryEvent id="{element_id}" attachedToRef="{host}" cancelActivity="{str(interrupting).lower()}">'
        f"{definition}</bpmn:boundaryEvent>"
    )


def catch(element_id: str, definition: str) -> str:
    return f'<bpmn:intermediateCatchEvent id="{element_id}">{definition}</bpmn:intermediateCatchEvent>'


def throw(element_id: str, definition: str) -> str:
    return f'<bpmn:intermediateThrowEvent id="{element_id}">{definition}</bpmn:intermediateThrowEvent>'


def sub(element_id: str, *parts: str) -> str:
    return f'<bpmn:subProcess id="{element_id}">{"".join(parts)}</bpmn:subProcess>'


def open_ids(step: Step) -> list[str]:
    """The open user tasks, sorted."""
    return sorted(task.bpmn_id for task in step.open_tasks)


class Case:
    """A process instance under test: the last step, and one call per thing that can happen."""

    def __init__(self, bundle: Bundle, data: dict[str, Any] | None = None, now: datetime = NOW) -> None:
        self.bundle = bundle
        self.now = now
        self.step = ENGINE.start(bundle, data or {}, now=now)

    def do(self, bpmn_id: str, **outputs: Any) -> Step:
        """Complete the first open task with this id."""
        task = next(task for task in self.step.open_tasks if task.bpmn_id == bpmn_id)
        self.step = ENGINE.complete(self.bundle, self.step.state, task.task_id, outputs, now=self.now)
        return self.step

    def send(self, name: str, **payload: Any) -> Step:
        self.step = ENGINE.send(self.bundle, self.step.state, name, payload, now=self.now)
        return self.step

    def fire(self, now: datetime) -> Step:
        self.now = now
        self.step = ENGINE.fire_timers(self.bundle, self.step.state, now=now)
        return self.step
