"""The one place where expressions run: gateway conditions, timers, decision tables, lights, scoring.

A whitelisting interpreter over Python's syntax tree. Nothing is handed to `eval`, `exec` or `getattr`: the tree
is turned once into nested closures that know only JSON values, dates, mapping keys and the functions listed in
`domain.expression_values`. What is not listed is refused when the expression is compiled, so that a published model
holds none that would be refused later; what depends on values (a missing name, text where a number is needed, a
result that grows without end) is an error when it is evaluated.

Language: literals, names, `a.b` and `a["b"]` (mapping keys, list positions), `+ - * / // %` on numbers, `+` on
text and lists, comparisons, `in`, `is None`, `and or not`, `x if c else y`, lists, mappings with literal keys,
one-loop comprehensions, and calls of listed functions with positional arguments.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from domain.expression_values import BINARY, COMPARE, FUNCTIONS, Fault, Value, items_of, number
from domain.process_errors import ExpressionFailed, ExpressionRefused

MAX_LENGTH: Final = 2_000
MAX_NODES: Final = 300
MAX_DEPTH: Final = 60
MAX_STEPS: Final = 20_000


class _Run:
    """One evaluation: the names in scope and the steps left."""

    __slots__ = ("names", "steps")

    def __init__(self, names: Mapping[str, Value]) -> None:
        self.names = names
        self.steps = MAX_STEPS

    def spend(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise Fault("runs too long")


_Code = Callable[[_Run], Value]


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression. `names` are the free names it reads; `source` is what was written."""

    source: str
    names: frozenset[str]
    _code: _Code = field(repr=False, compare=False)

    def evaluate(self, context: Mapping[str, Value]) -> Value:
        """The value over `context`. Raises ExpressionFailed when the values do not allow one."""
        try:
            return self._code(_Run(context))
        except Fault as fault:
            reason = str(fault)
        except (TypeError, ValueError, KeyError, IndexError, ArithmeticError, RecursionError) as error:
            reason = f"{type(error).__name__}: {error}"
        raise ExpressionFailed(f"{self.source!r}: {reason}", expression=self.source, reason=reason)


@lru_cache(maxsize=4096)
def compile_expression(source: str) -> Expression:
    """Compile `source`, once per text. Raises ExpressionRefused with the reason."""
    try:
        return _compile(source)
    except Fault as fault:
        reason = str(fault)
    except SyntaxError as error:
        reason = f"does not parse: {error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        reason = f"does not parse: {type(error).__name__}"
    shown = source if len(source) <= MAX_LENGTH else source[:100] + "…"
    raise ExpressionRefused(f"{shown!r}: {reason}", expression=shown, reason=reason)


def evaluate(source: str, context: Mapping[str, Value]) -> Value:
    """Compile (cached) and evaluate. Raises ExpressionRefused or ExpressionFailed."""
    return compile_expression(source).evaluate(context)


def _compile(source: str) -> Expression:
    if len(source) > MAX_LENGTH:
        raise Fault("is too long")
    if "\\" in source:
        raise Fault("backslashes are not allowed")
    tree = ast.parse(source.strip(), mode="eval")
    if sum(1 for _ in ast.walk(tree)) > MAX_NODES:
        raise Fault("is too complex")
    compiler = _Compiler()
    code = compiler.compile(tree.body, depth=0)
    return Expression(source=source, names=frozenset(compiler.free), _code=code)


class _Compiler:
    """Turns a checked tree into closures; `free` collects the names read from the context."""

    def __init__(self) -> None:
        self.free: set[str] = set()
        self._bound: list[str] = []

    def compile(self, node: ast.expr, depth: int) -> _Code:
        if depth > MAX_DEPTH:
            raise Fault("is nested too deeply")
        handler = self._HANDLERS.get(type(node))
        if handler is None:
            raise Fault(f"{type(node).__name__} is not allowed")
        return handler(self, node, depth + 1)

    def _constant(self, node: ast.Constant, _depth: int) -> _Code:
        value = node.value
        if isinstance(value, int | float) and not isinstance(value, bool):
            number(value)
        elif not (value is None or isinstance(value, bool | str)):
            raise Fault(f"{type(value).__name__} is not allowed")
        return lambda _: value

    def _name(self, node: ast.Name, _depth: int) -> _Code:
        name = self._checked(node.id)
        if name not in self._bound:
            self.free.add(name)

        def read(run: _Run) -> Value:
            try:
                return run.names[name]
            except KeyError:
                raise Fault(f"{name} is not defined") from None

        return read

    def _checked(self, name: str) -> str:
        if name.startswith("_"):
            raise Fault("names may not start with _")
        if name in FUNCTIONS:
            raise Fault(f"{name} is a function, not a value")
        return name

    def _attribute(self, node: ast.Attribute, depth: int) -> _Code:
        base, key = self.compile(node.value, depth), node.attr
        if key.startswith("_"):
            raise Fault("names may not start with _")

        def read(run: _Run) -> Value:
            mapping = base(run)
            if not isinstance(mapping, Mapping):
                raise Fault(f"{type(mapping).__name__} has no .{key}")
            if key not in mapping:
                raise Fault(f".{key} is not there")
            return mapping[key]

        return read

    def _subscript(self, node: ast.Subscript, depth: int) -> _Code:
        base, index = self.compile(node.value, depth), self.compile(node.slice, depth)

        def read(run: _Run) -> Value:
            container = base(run)
            if not isinstance(container, Mapping | list | tuple | str):
                raise Fault(f"{type(container).__name__} has no parts")
            return container[index(run)]

        return read

    def _bool(self, node: ast.BoolOp, depth: int) -> _Code:
        parts = [self.compile(value, depth) for value in node.values]
        stop_at = isinstance(node.op, ast.Or)

        def run_all(run: _Run) -> Value:
            value: Value = None
            for part in parts:
                value = part(run)
                if bool(value) is stop_at:
                    return value
            return value

        return run_all

    def _unary(self, node: ast.UnaryOp, depth: int) -> _Code:
        operand = self.compile(node.operand, depth)
        if isinstance(node.op, ast.Not):
            return lambda run: not operand(run)
        if isinstance(node.op, ast.USub):
            return lambda run: -number(operand(run))
        raise Fault(f"{type(node.op).__name__} is not allowed")

    def _binary(self, node: ast.BinOp, depth: int) -> _Code:
        function = BINARY.get(type(node.op))
        if function is None:
            raise Fault(f"{type(node.op).__name__} is not allowed")
        left, right = self.compile(node.left, depth), self.compile(node.right, depth)
        return lambda run: function(left(run), right(run))

    def _compare(self, node: ast.Compare, depth: int) -> _Code:
        left = self.compile(node.left, depth)
        rest = []
        for op, comparator in zip(node.ops, node.comparators, strict=True):
            if isinstance(op, ast.Is | ast.IsNot) and not (
                isinstance(comparator, ast.Constant) and comparator.value in (None, True, False)
            ):
                raise Fault("'is' compares with None, True or False only")
            rest.append((COMPARE[type(op)], self.compile(comparator, depth)))

        def run_chain(run: _Run) -> bool:
            value = left(run)
            for function, comparator in rest:
                other = comparator(run)
                if isinstance(other, Mapping | list | tuple):
                    run.spend(len(other))
                if not function(value, other):
                    return False
                value = other
            return True

        return run_chain

    def _choice(self, node: ast.IfExp, depth: int) -> _Code:
        test, body, other = (self.compile(part, depth) for part in (node.test, node.body, node.orelse))
        return lambda run: body(run) if test(run) else other(run)

    def _call(self, node: ast.Call, depth: int) -> _Code:
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
            raise Fault("only listed functions may be called")
        function, fewest, most = FUNCTIONS[node.func.id]
        if node.keywords or not fewest <= len(node.args) <= most:
            raise Fault(f"{node.func.id}() takes {fewest} to {most} positional arguments")
        arguments = [self.compile(argument, depth) for argument in node.args]

        def call(run: _Run) -> Value:
            values = [argument(run) for argument in arguments]
            for value in values:
                if isinstance(value, Mapping | list | tuple | str):
                    run.spend(len(value) // 10)
            return function(*values)

        return call

    def _list(self, node: ast.List | ast.Tuple, depth: int) -> _Code:
        parts = [self.compile(part, depth) for part in node.elts]
        return lambda run: [part(run) for part in parts]

    def _dict(self, node: ast.Dict, depth: int) -> _Code:
        pairs = []
        for key, value in zip(node.keys, node.values, strict=True):
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                raise Fault("the keys of a mapping are literal texts")
            pairs.append((key.value, self.compile(value, depth)))
        return lambda run: {key: value(run) for key, value in pairs}

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp, depth: int) -> _Code:
        if len(node.generators) != 1:
            raise Fault("one loop only")
        loop = node.generators[0]
        if loop.is_async or not isinstance(loop.target, ast.Name):
            raise Fault("simple loops only")
        target = self._checked(loop.target.id)
        source = self.compile(loop.iter, depth)
        self._bound.append(target)
        tests = [self.compile(test, depth) for test in loop.ifs]
        element = self.compile(node.elt, depth)
        self._bound.pop()
        cost = 1 + sum(1 for _ in ast.walk(node.elt)) + sum(1 for test in loop.ifs for _ in ast.walk(test))

        def collect(run: _Run) -> list[Value]:
            items = items_of(source(run))
            outer = run.names
            inner: dict[str, Value] = dict(outer)
            run.names = inner
            result: list[Value] = []
            try:
                for item in items:
                    run.spend(cost)
                    inner[target] = item
                    if all(test(run) for test in tests):
                        result.append(element(run))
            finally:
                run.names = outer
            return result

        return collect

    _HANDLERS: Final[Mapping[type[ast.expr], Callable[..., _Code]]] = {
        ast.Constant: _constant,
        ast.Name: _name,
        ast.Attribute: _attribute,
        ast.Subscript: _subscript,
        ast.BoolOp: _bool,
        ast.UnaryOp: _unary,
        ast.BinOp: _binary,
        ast.Compare: _compare,
        ast.IfExp: _choice,
        ast.Call: _call,
        ast.List: _list,
        ast.Tuple: _list,
        ast.Dict: _dict,
        ast.ListComp: _comprehension,
        ast.GeneratorExp: _comprehension,
    }
