"""Parsed models: from the files of a bundle to the specs instances run on, once per digest."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

from lxml import etree
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.spiff.parser.process import VALIDATOR, SpiffBpmnParser

from bpmn.behaviour import adopt
from bpmn.diagram import Scope, expressions, names_set, read_scopes, table_expressions
from bpmn.xml import parse_xml
from domain.expressions import compile_expression
from domain.process_errors import ExpressionRefused, ModelRefused

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
    hosts: Mapping[str, tuple[str, str]]
    """sub-process id -> (id of the process it stands in, its own element id)"""
    needs: frozenset[str]
    """Names expressions read and the model never writes: the caller gives them at the start."""
    blanks: frozenset[str]
    """Names expressions read and the model writes on its way: "" until then."""


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
    scopes = read_scopes(models)
    by_id = {scope.id: scope for scope in scopes}
    user_tasks: dict[str, UserTask] = {}
    for spec in (top, *subs.values()):
        adopt(spec, by_id[spec.name].tags(), by_id[spec.name].flow_ids())
        for task_spec in spec.task_specs.values():
            if task_spec.manual:
                user_task = UserTask(task_spec.bpmn_id, task_spec.bpmn_name or "", _properties(task_spec))
                task_spec.user_task = user_tasks[task_spec.bpmn_id] = user_task
    reads = _names_read(scopes, tables)
    sets = names_set(scopes, tables)
    hosts = {scope.id: scope.host for scope in scopes if scope.host is not None}
    return Specs(top, subs, MappingProxyType(user_tasks), MappingProxyType(hosts), reads - sets, reads & sets)


def _names_read(scopes: list[Scope], tables: Mapping[str, etree._Element]) -> frozenset[str]:
    """The names expressions read. One that does not compile reads nothing: the linter reports it."""
    sources = [source for scope in scopes for _, source in expressions(scope)]
    sources += [source for table in tables.values() for _, source in table_expressions(table)]
    names: set[str] = set()
    for source in sources:
        with suppress(ExpressionRefused):
            names |= compile_expression(source).names
    return frozenset(names)


def _properties(task_spec: Any) -> Mapping[str, str]:
    return MappingProxyType((getattr(task_spec, "extensions", None) or {}).get("properties") or {})


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
