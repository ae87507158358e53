"""What branches did to process data, told from what they merely carried along."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from bpmn.steps import Json

if TYPE_CHECKING:
    from bpmn.runtime import Node

_ABSENT: Final = object()


def ancestors(node: "Node") -> "Iterator[Node]":
    """The nodes above `node` in the tree, nearest first."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def merge_branches(arrivals: "Sequence[Node]") -> dict[str, Json]:
    """The data after a join: the fork's, with what each branch changed since, in order of arrival.

    If two branches changed one key, the later arrival wins; if both hold a mapping there, it is merged by key.
    """
    if len(arrivals) == 1:
        return dict(arrivals[0].data)
    common = [{ancestor.id for ancestor in ancestors(node)} for node in arrivals[1:]]
    fork = next((node for node in ancestors(arrivals[0]) if all(node.id in ids for ids in common)), None)
    base = {} if fork is None else fork.data
    merged: Mapping[str, Json] = base
    for node in sorted(arrivals, key=lambda arrival: arrival.id):
        merged = three_way(base, merged, node.data)
    return dict(merged)


def three_way(base: Mapping[str, Json], ours: Mapping[str, Json], theirs: Mapping[str, Json]) -> Mapping[str, Json]:
    """`ours` with what `theirs` changed relative to `base`."""
    merged = dict(ours)
    for key, value in theirs.items():
        before = base.get(key, _ABSENT)
        if value is before or value == before:
            continue
        mine = merged.get(key)
        if isinstance(value, dict) and isinstance(mine, dict):
            merged[key] = three_way(before if isinstance(before, dict) else {}, mine, value)
        else:
            merged[key] = value
    for key in base:
        if key not in theirs:
            merged.pop(key, None)
    return merged


def changes(base: Mapping[str, Json], branch: Mapping[str, Json]) -> dict[str, list[Json]]:
    """What a branch changed: key -> [new value], or [new value, value at the fork] where there was one."""
    changed: dict[str, list[Json]] = {}
    for key, value in branch.items():
        before = base.get(key, _ABSENT)
        if before is _ABSENT:
            changed[key] = [value]
        elif value is not before and value != before:
            changed[key] = [value, before]
    return changed


def settle(data: Mapping[str, Json], parked: Mapping[str, list[Json]]) -> dict[str, Json]:
    """`data` of the last token with what earlier ends changed, unless the last token changed it too."""
    settled = dict(data)
    for key, (value, *before) in parked.items():
        if settled.get(key, _ABSENT) == (before[0] if before else _ABSENT):
            settled[key] = value
    return settled
