"""A process version: everything that decides how its instances run, immutable, under one digest."""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from importlib import resources
from types import MappingProxyType
from typing import Any

import orjson

from bpmn import codec
from bpmn.diagram import NAMES
from bpmn.lint import Finding, lint
from bpmn.specs import SPECS, Specs, UserTask, parse
from bpmn.xml import parse_xml
from domain.process_errors import ModelRefused

SHIPPED = (
    "supervision",
    "progress_round",
    "extension",
    "suspension",
    "change_of_responsibility",
    "quarterly_check",
    "yearly_check",
    "deadline_choice",
    "kpi_reading",
    "replication",
    "national_report",
    "adoption",
    "unit_evaluation",
    "unit_score",
    "assessed_item",
    "item_review",
    "lead_opinion",
    "self_assessment",
    "summary_assessment",
    "visit_notice",
    "coordination",
    "bulletin",
    "bulletin_delivery",
    "joint_conference",
    "list_change",
)
"""The processes that this release carries, by their keys."""


class Bundle:
    """BPMN of the process and of those it calls, decision tables, form schemas, notice templates.

    `key` is the process id of the top process; `files` maps paths ("supervision.bpmn", "forms/report.json") to
    bytes; `digest` is a sha256 over all of it and the state format, so that equal digests run alike.
    """

    key: str
    files: Mapping[str, bytes]
    digest: bytes

    def __init__(self, files: Mapping[str, bytes], key: str) -> None:
        self.key = key
        self.files = MappingProxyType(dict(sorted(files.items())))
        self.digest = _digest(self.files, key)

    @staticmethod
    def of(files: Mapping[str, bytes], key: str) -> "Bundle":
        """The bundle of these files. Nothing is parsed yet."""
        return Bundle(files, key)

    @staticmethod
    def shipped(key: str) -> "Bundle":
        """The bundle this release carries in `bpmn/models`: {key}.bpmn and what it refers to.

        Raises ModelRefused for a key that is not shipped or a reference that leads nowhere.
        """
        return Bundle(_collect(key), key)

    def lint(self, previous: "Bundle | None" = None) -> list[Finding]:
        """What a publisher has to know, errors first; publishing refuses a bundle with errors."""
        return lint(self.files, self.key, None if previous is None else previous.files)

    @property
    def specs(self) -> Specs:
        """What instances run on; parsed once per digest. Raises ModelRefused."""
        return SPECS.get(self.digest, lambda: parse(self.files, self.key))

    @property
    def user_tasks(self) -> Mapping[str, UserTask]:
        """The user tasks of all processes of the bundle, by bpmn_id. Raises ModelRefused."""
        return self.specs.user_tasks

    def form(self, name: str) -> Mapping[str, Any] | None:
        """The JSON schema of a form, or None if the bundle has none of this name. Do not change it."""
        return self._forms.get(name)

    @cached_property
    def _forms(self) -> Mapping[str, Mapping[str, Any]]:
        forms = {}
        for path, content in self.files.items():
            if path.startswith("forms/") and path.endswith(".json"):
                try:
                    forms[path.removeprefix("forms/").removesuffix(".json")] = orjson.loads(content)
                except orjson.JSONDecodeError as error:
                    raise ModelRefused(f"{path}: {error}", path=path, reason=f"{path}: {error}") from error
        return MappingProxyType(forms)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bundle) and other.digest == self.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return f"<Bundle {self.key} {self.digest.hex()[:12]}>"


def _digest(files: Mapping[str, bytes], key: str) -> bytes:
    digest = hashlib.sha256(f"dudao-bundle {codec.FORMAT} {key}\n".encode())
    for path, content in files.items():
        # Lengths first, so that no two sets of files share one byte stream.
        digest.update(f"{len(path.encode())} {len(content)} {path}\n".encode())
        digest.update(content)
    return digest.digest()


def _collect(key: str) -> dict[str, bytes]:
    models = resources.files("bpmn") / "models"
    files: dict[str, bytes] = {}
    todo = [f"{key}.bpmn"]
    while todo:
        path = todo.pop()
        if path in files:
            continue
        source = models / path
        if not source.is_file():
            raise ModelRefused(f"{path} is not shipped", path=path, reason=f"{path} is not shipped")
        files[path] = source.read_bytes()
        if path.endswith(".bpmn"):
            todo += _references(files[path], path)
    return files


def _references(content: bytes, path: str) -> list[str]:
    root = parse_xml(content, path)
    forms = root.xpath("//spiffworkflow:property[@name='form']/@value", namespaces=NAMES)
    called = root.xpath("//bpmn:callActivity/@calledElement", namespaces=NAMES)
    tables = root.xpath("//spiffworkflow:calledDecisionId/text()", namespaces=NAMES)
    assert isinstance(forms, list)
    assert isinstance(called, list)
    assert isinstance(tables, list)
    return [
        *(f"forms/{name!s}.json" for name in forms),
        *(f"{name!s}.bpmn" for name in called),
        *(f"{str(name).strip()}.dmn" for name in tables),
    ]
