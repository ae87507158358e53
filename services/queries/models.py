"""Published process models as people look at them: what runs on which version, what the linter says, the steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from sqlmodel import col, func, select

from bpmn.bundle import Bundle
from bpmn.findings import Finding
from bpmn.specs import UserTask
from db.tables import ProcessInstance
from domain.errors import NotFound
from domain.messages import finding_sentence
from services.queries.processes import Version, versions
from services.queries.reading import Reading
from services.queries.steps import listed


@dataclass(frozen=True, slots=True)
class LintRow:
    """One finding: `severity` is `error` or `warning`."""

    severity: str
    element_id: str
    sentence: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """A user task: who is asked, in which role, until when; which decisions there are, and where a return leads."""

    bpmn_id: str
    name: str
    parties: str
    role: str
    rule: str
    limit: str
    decisions: tuple[str, ...]
    returns_to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A version with what runs on it."""

    version: Version
    running: int
    findings: tuple[LintRow, ...]


@dataclass(frozen=True, slots=True)
class ModelDetail:
    """A version with its steps, and the versions of the same process, the newest first."""

    model: ModelVersion
    steps: tuple[StepRow, ...]
    others: tuple[ModelVersion, ...]


def models(reading: Reading) -> tuple[ModelVersion, ...]:
    """All published versions, the newest of each process first."""
    return _with_running(reading, versions(reading))


def model_detail(reading: Reading, version_id: int) -> ModelDetail:
    """One version. Raises NotFound."""
    found = versions(reading)
    wanted = next((version for version in found if version.id == version_id), None)
    if wanted is None:
        raise NotFound(f"process version {version_id}")
    same = _with_running(reading, tuple(version for version in found if version.process == wanted.process))
    tasks = reading.library.bundle(reading.session, version_id).user_tasks
    return ModelDetail(
        model=next(each for each in same if each.version.id == version_id),
        steps=tuple(_step(task, tasks) for task in tasks.values()),
        others=same,
    )


def _with_running(reading: Reading, found: tuple[Version, ...]) -> tuple[ModelVersion, ...]:
    running = _running(reading)
    before: dict[int, Version] = {}
    for newer, older in pairwise(found):
        if newer.process == older.process:
            before[newer.id] = older
    return tuple(
        ModelVersion(version, running.get(version.id, 0), _findings(reading, version, before.get(version.id)))
        for version in found
    )


def _running(reading: Reading) -> Mapping[int, int]:
    statement = (
        select(ProcessInstance.version_id, func.count())
        .where(col(ProcessInstance.ended_at).is_(None))
        .group_by(col(ProcessInstance.version_id))
    )
    return dict(reading.session.exec(statement).all())


def _findings(reading: Reading, version: Version, before: Version | None) -> tuple[LintRow, ...]:
    bundle = reading.library.bundle(reading.session, version.id)
    previous = reading.library.bundle(reading.session, before.id) if before is not None else None
    return tuple(
        LintRow(each.severity, each.element_id, finding_sentence(each.code, each.element_id, each.args))
        for each in _linted(bundle, previous)
    )


@lru_cache(maxsize=256)
def _linted(bundle: Bundle, previous: Bundle | None) -> tuple[Finding, ...]:
    """Published versions never change, and neither does what the linter says of them."""
    return tuple(bundle.lint(previous))


def _step(task: UserTask, tasks: Mapping[str, UserTask]) -> StepRow:
    given = task.properties
    targets = listed(given.get("return_to", ""))
    return StepRow(
        bpmn_id=task.bpmn_id,
        name=task.name,
        parties=given.get("parties", ""),
        role=given.get("role", ""),
        rule=given.get("rule", ""),
        limit=given.get("limit", "none"),
        decisions=tuple(listed(given.get("decision_labels", ""))),
        returns_to=tuple(tasks[target].name if target in tasks else target for target in targets),
    )
