"""Cutting finished history out of an instance at a quiet point.

The activity log has the history; the tree only needs the tokens, and of what is finished:

- the root of each scope,
- a fork under which more than one branch still holds tokens, because the join merges relative to it,
- the split a waiting host or boundary event hangs under, because it finds its siblings there,
- the finished instances of a native multi-instance that is still running.

Everything else is spliced out, in each branch by itself: a loop inside one open parallel branch has no common
quiet point with the others and would otherwise grow by a few tasks with every return.
"""

from collections.abc import Iterable
from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask

from bpmn.runtime import Instance, Node


def compact(instance: Instance) -> None:
    """Splice every scope of `instance`. Call it when nothing is ready."""
    for scope in instance.scopes():
        if scope.completed:
            scope.tasks.clear()
            continue
        _splice(scope.tasks, scope.task_tree, scope.tokens())
    if instance.completed:
        instance.subprocesses.clear()
        instance.event_manager.tasks.clear()
    instance.task_tree.data = instance.task_tree.data if len(instance.task_tree._children) > 1 else {}
    for host_id, scope in instance.subprocesses.items():
        host = instance.get_task_from_id(host_id)
        if host is not None and len(scope.task_tree._children) < 2:  # noqa: PLR2004  a root that forks keeps its data
            scope.task_tree.data = host.data


def _splice(tasks: dict[int, Node], root: Node, live: list[Node]) -> None:
    kept = _kept(tasks, root, live)
    for node in kept.values():
        node._children = []
    for node in kept.values():
        if node is root:
            continue
        parent: Any = node._parent
        while parent not in kept:
            parent = tasks[parent]._parent  # the root is kept, so the walk ends there
        node._parent = parent
        kept[parent]._children.append(node.id)
    tasks.clear()
    tasks.update(kept)


def _kept(tasks: dict[int, Node], root: Node, live: Iterable[Node]) -> dict[int, Node]:
    keep = {root.id}
    branches: dict[int, int] = {}
    for node in live:
        keep.add(node.id)
        if isinstance(node.task_spec, LoopTask):
            keep.update(node._children)
        parent = tasks.get(node._parent)  # type: ignore[arg-type]
        if parent is not None and parent.task_spec.name == node.task_spec.host_split:
            keep.add(parent.id)
        # Walk up until a node another token already passed: there the branches part.
        while parent is not None:
            count = branches.get(parent.id, 0)
            branches[parent.id] = count + 1
            if count:
                keep.add(parent.id)
                break
            parent = tasks.get(parent._parent)  # type: ignore[arg-type]
    return {node_id: node for node_id, node in tasks.items() if node_id in keep}
