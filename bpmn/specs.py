"""Parsed models: from the files of a bundle to the specs instances run on, once per digest."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from lxml import etree
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.spiff.parser.process import VALIDATOR, SpiffBpmnParser

from bpmn.behaviour import adopt
from bpmn.xml import parse_xml
from domain.errors import ModelRefused

BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SPIFF: Final = "http://spiffworkflow.org/bpmn/schema/1.0/core"
NAMES: Final = {"bpmn": BPMN, "spiffworkflow": SPIFF}

_XSD = threading.Lock()


@dataclass(frozen=True, slots=True)
class UserTask:
    """A user task of the model with its spiffworkflow:properties."""

    bpmn_id: str
    name: str
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Specs:
    """What instances of one bundle run on. Shared by all threads and never written."""

    top: Any
    subs: Mapping[str, Any]
    user_tasks: Mapping[str, UserTask]


def read_files(files: Mapping[str, bytes]) -> tuple[dict[str, etree._Element], dict[str, etree._Element]]:
    """The roots of the BPMN and of the DMN files, by path. Raises ModelRefused."""
    models = {path: parse_xml(content, path) for path, content in sorted(files.items()) if path.endswith(".bpmn")}
    tables = {path: parse_xml(content, path) for path, content in sorted(files.items()) if path.endswith(".dmn")}
    return models, tables


def validate(root: etree._Element, path: str) -> None:
    """Check against the BPMN schema. Raises ModelRefused. lxml's error log is per validator, hence the lock."""
    with _XSD:
        try:
            VALIDATOR.validate(root, path)
        except ValidationException as error:
            raise ModelRefused(f"{path}: {error}", path=path, reason=f"{path}: {error}") from error


def parse(files: Mapping[str, bytes], key: str) -> Specs:
    """Parse a bundle's files into specs with our behaviour. Raises ModelRefused."""
    models, tables = read_files(files)
    parser = SpiffBpmnParser()
    try:
        for path, root in models.items():
            validate(root, path)
            parser.add_bpmn_xml(root, path)
        for path, root in tables.items():
            parser.add_dmn_xml(root, path)
        top = parser.get_spec(key)
        subs = parser.get_subprocess_specs(key)
    except SpiffWorkflowException as error:
        raise ModelRefused(f"{key}: {error}", reason=str(error)) from error
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, NotImplementedError, RecursionError) as error:
        # The parser meets what the schema lets through with whatever exception its own code runs into.
        raise ModelRefused(f"{key}: {error!r}", reason=repr(error)) from error
    user_tasks: dict[str, UserTask] = {}
    for spec in (top, *subs.values()):
        adopt(spec, *_diagram(spec.name, models))
        for task_spec in spec.task_specs.values():
            if task_spec.element == "userTask":
                user_task = UserTask(task_spec.bpmn_id, task_spec.bpmn_name or "", _properties(task_spec))
                task_spec.user_task = user_tasks[task_spec.bpmn_id] = user_task
    return Specs(top, subs, user_tasks)


def _properties(task_spec: Any) -> Mapping[str, str]:
    return dict((getattr(task_spec, "extensions", None) or {}).get("properties") or {})


def _diagram(
    process_id: str, models: Mapping[str, etree._Element]
) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """The elements (id -> tag) and flows ((source, target) -> id) directly in one process or sub-process."""
    elements: dict[str, str] = {}
    flows: dict[tuple[str, str], str] = {}
    for root in models.values():
        for process in root.iter(f"{{{BPMN}}}process", f"{{{BPMN}}}subProcess"):
            if process.get("id") != process_id:
                continue
            for child in process:
                tag = etree.QName(child).localname
                if tag == "sequenceFlow":
                    flows.setdefault((child.get("sourceRef", ""), child.get("targetRef", "")), child.get("id", ""))
                elif child.get("id"):
                    elements[child.get("id", "")] = tag
    return elements, flows


_T = TypeVar("_T")


class Cache(Generic[_T]):
    """The most recently used values by digest. A value is built once, under a lock of its own key."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._values: OrderedDict[bytes, _T] = OrderedDict()
        self._building: dict[bytes, threading.Lock] = {}

    def get(self, key: bytes, build: Callable[[], _T]) -> _T:
        """The value of `key`; `build` makes it if it is not there."""
        with self._lock:
            found = self._values.get(key)
            if found is not None:
                self._values.move_to_end(key)
                return found
            building = self._building.setdefault(key, threading.Lock())
        with building:
            with self._lock:
                if key in self._values:
                    return self._values[key]
            value = build()
            with self._lock:
                self._values[key] = value
                self._building.pop(key, None)
                while len(self._values) > self._size:
                    self._values.popitem(last=False)
            return value


SPECS: Final[Cache[Specs]] = Cache(200)
