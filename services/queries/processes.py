"""Published process versions, their drawing, and where an instance stands in it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlmodel import col, select

from bpmn.bundle import Bundle
from bpmn.diagram import Scope, read_scopes
from bpmn.overlay import Mark, overlay
from bpmn.specs import read_files
from db.tables import ActivityLog, Person, ProcessInstance, ProcessVersion, WorkItem
from domain.errors import NotFound
from services.activity import COMPLETED, unpack
from services.queries.item_detail import visible_item
from services.queries.ledger_facts import Holder, holders_of
from services.queries.reading import Reading


@dataclass(frozen=True, slots=True)
class Version:
    """A published version. `name` is the process's own, `digest` that of everything in its bundle, in hexadecimal."""

    id: int
    process: str
    name: str
    version: int
    digest: str
    published_at: datetime
    published_by: str | None
    newest: bool


@dataclass(frozen=True, slots=True)
class InstanceOverlay:
    """What to draw on the diagram of an instance: marks by element id, how often each flow was taken, who holds it.

    Element ids are unique in a model, so that the sub-processes need no diagram of their own.
    """

    instance_id: UUID
    item_id: UUID
    process: str
    version_id: int
    period: str | None
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    elements: Mapping[str, Mark]
    flows: Mapping[str, int]
    held_by: tuple[Holder, ...]


def versions(reading: Reading) -> tuple[Version, ...]:
    """All published versions, the newest of each process first."""
    statement = (
        select(ProcessVersion, Person.name)
        .outerjoin(Person, col(Person.id) == col(ProcessVersion.published_by))
        .order_by(col(ProcessVersion.key), col(ProcessVersion.version).desc())
    )
    found = []
    newest: set[str] = set()
    for version, publisher in reading.session.execute(statement):
        bundle = reading.library.bundle(reading.session, version.id)
        found.append(
            Version(
                id=version.id,
                process=version.key,
                name=process_name(bundle),
                version=version.version,
                digest=version.digest.hex(),
                published_at=version.published_at,
                published_by=publisher,
                newest=version.key not in newest,
            )
        )
        newest.add(version.key)
    return tuple(found)


def process_xml(reading: Reading, version_id: int) -> bytes:
    """The BPMN of a version's process as it was published. Raises NotFound."""
    bundle = reading.library.bundle(reading.session, version_id)
    return bundle.files[f"{bundle.key}.bpmn"]


def process_name(bundle: Bundle) -> str:
    """The name in the drawing, or the process's id."""
    scope = next(scope for scope in _scopes(bundle) if scope.id == bundle.key)
    return scope.element.get("name") or bundle.key


def instance_overlay(reading: Reading, instance_id: UUID) -> InstanceOverlay:
    """Where an instance stands. Raises NotFound for one of an item that the actor does not see."""
    instance = reading.session.get(ProcessInstance, instance_id)
    if instance is None:
        raise NotFound(f"process instance {instance_id}")
    visible_item(reading, instance.item_id)
    bundle = reading.library.bundle(reading.session, instance.version_id)
    scopes = _scopes(bundle)
    log = list(_log(reading, instance))
    open_work = reading.session.exec(
        select(WorkItem.bpmn_id)
        .where(WorkItem.instance_id == instance_id, col(WorkItem.closed_at).is_(None))
        .order_by(col(WorkItem.bpmn_id))
    ).all()
    scope_of = {node_id: scope.id for scope in scopes for node_id in scope.nodes}
    marks = overlay(log, [_Open(scope_of[bpmn_id], bpmn_id) for bpmn_id in open_work], bundle.specs.hosts)
    held = holders_of(reading, [instance.item_id]).get(instance.item_id, ())
    return InstanceOverlay(
        instance_id=instance.id,
        item_id=instance.item_id,
        process=instance.key,
        version_id=instance.version_id,
        period=instance.period,
        started_at=instance.started_at,
        ended_at=instance.ended_at,
        outcome=instance.outcome,
        elements={bpmn_id: mark for part in marks.elements.values() for bpmn_id, mark in part.items()},
        flows=taken_flows(scopes, log, set(open_work)),
        held_by=tuple(holder for holder in held if holder.instance_id == instance_id),
    )


def taken_flows(scopes: Iterable[Scope], log: Iterable["_Logged"], open_work: set[str]) -> dict[str, int]:
    """How often each flow was taken, from the elements that were completed or are open.

    The log leaves flows out, because they follow from it: a token came to an element over the flow from whichever
    of its predecessors was completed last before it, and over all of them where branches join.
    """
    incoming: dict[str, list[tuple[str, str]]] = {}
    joins: set[str] = set()
    for scope in scopes:
        joins |= {node_id for node_id, tag in scope.tags().items() if tag in {"parallelGateway", "inclusiveGateway"}}
        for flow in scope.flows:
            incoming.setdefault(flow.target, []).append((flow.source, flow.id))
    taken: dict[str, int] = {}
    completed_at: dict[str, int] = {}

    def arrive(bpmn_id: str) -> None:
        came = [(completed_at[source], flow) for source, flow in incoming.get(bpmn_id, ()) if source in completed_at]
        for _, flow in came if bpmn_id in joins else [max(came)] if came else []:
            taken[flow] = taken.get(flow, 0) + 1

    for at, entry in enumerate(log):
        if entry.state == COMPLETED:
            arrive(entry.bpmn_id)
            completed_at[entry.bpmn_id] = at
    for bpmn_id in sorted(open_work):
        arrive(bpmn_id)
    return taken


@dataclass(frozen=True, slots=True)
class _Logged:
    process_id: str
    bpmn_id: str
    state: str
    element: str = ""


@dataclass(frozen=True, slots=True)
class _Open:
    process_id: str
    bpmn_id: str


def _log(reading: Reading, instance: ProcessInstance) -> Iterator[_Logged]:
    statement = select(ActivityLog.entries).where(ActivityLog.instance_id == instance.id)
    for entries in reading.session.exec(statement.order_by(col(ActivityLog.rev))):
        for activity in unpack(entries, instance.key):
            yield _Logged(activity.process_id, activity.bpmn_id, activity.state)


@lru_cache(maxsize=64)
def _scopes(bundle: Bundle) -> list[Scope]:
    models, _ = read_files(bundle.files)
    return read_scopes(models)
