"""The linter: what keeps a model from being published.

SpiffWorkflow 3.2.0 accepts much that it then runs wrongly, or not at all, or only finds out when somebody submits
a form (`engine-notes` §1). Everything of that kind is refused here, on top of the BPMN schema. Publishing runs
the linter and refuses a bundle with errors.
"""

from collections.abc import Iterator, Mapping

from lxml import etree

from bpmn.diagram import Scope, expressions, names_set, properties, read_scopes, table_expressions, table_tests, tag
from bpmn.findings import Finding, error, warning
from bpmn.lint_elements import check_elements
from bpmn.lint_flows import check_flows
from bpmn.lint_tasks import check_tasks
from bpmn.specs import parse, read_files, validate
from domain.expressions import compile_expression
from domain.process_errors import ExpressionRefused, ModelRefused

__all__ = ["Finding", "lint"]


def lint(files: Mapping[str, bytes], key: str, previous: Mapping[str, bytes] | None) -> list[Finding]:
    """The findings of a bundle's files, errors first; `previous` are the files of the version before."""
    try:
        models, tables = read_files(files)
        for path, root in models.items():
            validate(root, path)
    except ModelRefused as refused:
        return [error("model_refused", str(refused.facts.get("path", key)), reason=refused.facts["reason"])]
    scopes = read_scopes(models)
    found = list(_all(files, key, scopes, tables))
    if previous is not None:
        found += _against(previous, scopes)
    if not any(finding.severity == "error" for finding in found):
        # What the checks above do not know, the parser may still refuse.
        try:
            parse(files, key)
        except ModelRefused as refused:
            found.append(error("model_refused", key, reason=refused.facts["reason"]))
    return sorted(set_of(found), key=lambda finding: (finding.severity, finding.element_id, finding.code))


def set_of(found: list[Finding]) -> list[Finding]:
    """`found` without repetitions (args are mappings, so no set can hold them)."""
    unique: list[Finding] = []
    for finding in found:
        if finding not in unique:
            unique.append(finding)
    return unique


def _all(
    files: Mapping[str, bytes], key: str, scopes: list[Scope], tables: Mapping[str, etree._Element]
) -> Iterator[Finding]:
    if not any(scope.id == key and scope.host is None for scope in scopes):
        yield error("process_missing", key)
    yield from _ids(scopes)
    for scope in scopes:
        yield from check_elements(scope)
        yield from check_flows(scope)
    yield from check_tasks(scopes, files)
    yield from _called(scopes, tables)
    yield from _expressions(scopes, tables)
    yield from _names(scopes, tables, key)


def _ids(scopes: list[Scope]) -> Iterator[Finding]:
    seen: set[str] = set()
    for scope in scopes:
        own = [*scope.nodes, *(flow.id for flow in scope.flows), *([scope.id] if scope.host is None else [])]
        for element_id in own:
            if element_id in seen:
                yield error("id_twice", element_id)
            seen.add(element_id)


def _called(scopes: list[Scope], tables: Mapping[str, etree._Element]) -> Iterator[Finding]:
    processes = {scope.id for scope in scopes if scope.host is None}
    decisions = {decision.get("id") for table in tables.values() for decision in table.iter("{*}decision")}
    for scope in scopes:
        for node_id, node in scope.nodes.items():
            if tag(node) == "callActivity" and node.get("calledElement") not in processes:
                yield error("called_process_missing", node_id, called=node.get("calledElement", ""))
            if tag(node) == "businessRuleTask":
                called = [part.text or "" for part in node.iter("{*}calledDecisionId")]
                if not called or called[0].strip() not in decisions:
                    yield error("decision_missing", node_id, called="".join(called))


def _expressions(scopes: list[Scope], tables: Mapping[str, etree._Element]) -> Iterator[Finding]:
    sources = [pair for scope in scopes for pair in expressions(scope)]
    sources += [pair for table in tables.values() for pair in (*table_expressions(table), *table_tests(table))]
    for element_id, source in sources:
        try:
            compile_expression(source)
        except ExpressionRefused as refused:
            yield error("expression_refused", element_id, **refused.facts)


def _names(scopes: list[Scope], tables: Mapping[str, etree._Element], key: str) -> Iterator[Finding]:
    """Names that conditions read and nobody sets.

    The model sets decisions, message variables and table outputs. What the caller gives at the start is only
    known if the top process's start event lists it in a property `data`; `ProcessEngine.start` refuses to start
    without the rest. A `decision_…` of no user task is a misspelling in any case.
    """
    sets = names_set(scopes, tables)
    given: set[str] | None = None
    for scope in scopes:
        for node in scope.nodes.values():
            if scope.id == key and tag(node) == "startEvent" and "data" in properties(node):
                given = {name.strip() for name in properties(node)["data"].split(",")}
    needed: set[str] = set()
    sources = [pair for scope in scopes for pair in expressions(scope)]
    sources += [pair for table in tables.values() for pair in table_expressions(table)]
    for element_id, source in sources:
        try:
            reads = compile_expression(source).names - sets
        except ExpressionRefused:
            continue
        for name in sorted(reads):
            if name.startswith("decision_") or (given is not None and name not in given):
                yield error("name_never_set", element_id, name=name, expression=source)
        needed |= reads
    if needed and given is None:
        yield warning("data_undeclared", key, names=", ".join(sorted(needed)))


def _against(previous: Mapping[str, bytes], scopes: list[Scope]) -> Iterator[Finding]:
    """Ids are the identity of elements in the log, the drawing and migration: none may come to mean another type."""
    try:
        models, _ = read_files(previous)
    except ModelRefused:
        return
    before = {node_id: kind for scope in read_scopes(models) for node_id, kind in scope.tags().items()}
    for scope in scopes:
        for node_id, kind in scope.tags().items():
            if before.get(node_id, kind) != kind:
                yield error("id_reused", node_id, before=before[node_id], now=kind)
