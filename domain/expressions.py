"""The one place where expressions run: gateway conditions, timers, decision tables, lights, scoring.

A whitelisting interpreter over Python's syntax tree. Nothing is handed to `eval`, `exec` or `getattr`: the tree
is turned once into nested closures that know only JSON values, dates, mapping keys and the functions listed in
`FUNCTIONS`. What is not listed is refused when the expression is compiled, so a published model holds no
expression that this module would refuse later; what depends on values (a missing name, text where a number is
needed, a result that grows without end) is an error when it is evaluated.

Language: literals, names, `a.b` and `a["b"]` (mapping keys, list positions), `+ - * / // %` on numbers, `+` on
text and lists, comparisons, `in`, `is None`, `and or not`, `x if c else y`, lists, mappings with literal keys,
one-loop comprehensions, and calls of listed functions with positional arguments.
"""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

from domain.errors import ExpressionFailed, ExpressionRefused

MAX_LENGTH: Final = 2_000
MAX_NODES: Final = 300
MAX_DEPTH: Final = 30
MAX_STEPS: Final = 20_000
MAX_NUMBER: Final = 10**15
MAX_TEXT: Final = 10_000
MAX_ITEMS: Final = 5_000

Value = Any
"""What an expression works on: JSON values and dates. Not narrower, because Mapping[str, Value] would recurse."""


class _Run:
    """One evaluation: the names in scope and the steps left."""

    __slots__ = ("names", "steps")

    def __init__(self, names: Mapping[str, Value]) -> None:
        self.names = names
        self.steps = MAX_STEPS

    def spend(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise _Fault("runs too long")


class _Fault(Exception):
    """A value the expression cannot work with; becomes an ExpressionFailed that names the expression."""


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
        except _Fault as fault:
            reason = str(fault)
        except (TypeError, ValueError, KeyError, IndexError, ArithmeticError, RecursionError) as error:
            reason = f"{type(error).__name__}: {error}"
        raise ExpressionFailed(f"{self.source!r}: {reason}", expression=self.source, reason=reason)


@lru_cache(maxsize=4096)
def compile_expression(source: str) -> Expression:
    """Compile `source`, once per text. Raises ExpressionRefused with the reason."""
    try:
        return _compile(source)
    except _Fault as fault:
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
        raise _Fault("is too long")
    if "\\" in source:
        raise _Fault("backslashes are not allowed")
    tree = ast.parse(source.strip(), mode="eval")
    if sum(1 for _ in ast.walk(tree)) > MAX_NODES:
        raise _Fault("is too complex")
    compiler = _Compiler()
    code = compiler.compile(tree.body, depth=0)
    return Expression(source=source, names=frozenset(compiler.free), _code=code)


# --- values ----------------------------------------------------------------------------------------------------


def _number(value: Value) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Fault(f"a number is needed, not {type(value).__name__}")
    if abs(value) > MAX_NUMBER or value != value:  # noqa: PLR0124  NaN is the only value unequal to itself
        raise _Fault("a number is too large")
    return value


def _sized(value: Value) -> Value:
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise _Fault("a text is too long")
    elif isinstance(value, list | tuple | Mapping) and len(value) > MAX_ITEMS:
        raise _Fault("a list is too long")
    return value


def _items(value: Value) -> list[Value]:
    if isinstance(value, Mapping | list | tuple):
        return list(_sized(value))
    raise _Fault(f"a list is needed, not {type(value).__name__}")


def _add(left: Value, right: Value) -> Value:
    if isinstance(left, str) and isinstance(right, str):
        return _sized(left + right)
    if isinstance(left, list) and isinstance(right, list):
        return _sized(left + right)
    return _number(_number(left) + _number(right))


def _arithmetic(function: Callable[[Any, Any], Value]) -> Callable[[Value, Value], Value]:
    return lambda left, right: _number(function(_number(left), _number(right)))


def _contains(left: Value, right: Value) -> bool:
    if isinstance(right, str):
        if not isinstance(left, str):
            raise _Fault("only a text can be in a text")
        return left in right
    if isinstance(right, Mapping | list | tuple):
        return left in right
    raise _Fault(f"{type(right).__name__} holds nothing to look for")


_BINARY: Final[Mapping[type[ast.operator], Callable[[Value, Value], Value]]] = {
    ast.Add: _add,
    ast.Sub: _arithmetic(operator.sub),
    ast.Mult: _arithmetic(operator.mul),
    ast.Div: _arithmetic(operator.truediv),
    ast.FloorDiv: _arithmetic(operator.floordiv),
    ast.Mod: _arithmetic(operator.mod),
}

_COMPARE: Final[Mapping[type[ast.cmpop], Callable[[Value, Value], bool]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: _contains,
    ast.NotIn: lambda left, right: not _contains(left, right),
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}


# --- functions -------------------------------------------------------------------------------------------------


def _text(value: Value) -> str:
    if value is None or isinstance(value, str | int | float | date):
        return str(_sized(value))
    raise _Fault(f"{type(value).__name__} has no text")


def _int(value: Value) -> int:
    if isinstance(value, str):
        if len(value) > 16:  # noqa: PLR2004  longer than any number up to MAX_NUMBER with its sign
            raise _Fault("a number is too large")
        return int(_number(int(value)))
    return int(value) if isinstance(value, bool) else int(_number(value))


def _float(value: Value) -> float:
    if isinstance(value, str):
        return float(_number(float(value[:32])))
    return float(_number(value))


def _round(value: Value, digits: Value = 0) -> int | float:
    places = _int(digits)
    if abs(places) > 9:  # noqa: PLR2004  more digits than a score or a share can carry
        raise _Fault("too many digits")
    factor = 10**places
    # Half away from zero, as offices round; Python's own round() goes to the even neighbour.
    scaled = math.floor(abs(_number(value)) * factor + 0.5) / factor
    signed = math.copysign(scaled, value)
    return int(signed) if places <= 0 else signed


def _length(value: Value) -> int:
    if isinstance(value, str | list | tuple | Mapping):
        return len(value)
    raise _Fault(f"{type(value).__name__} has no length")


def _mapping(value: Value) -> Mapping[str, Value]:
    if isinstance(value, Mapping):
        return value
    raise _Fault(f"a mapping is needed, not {type(value).__name__}")


def _extreme(pick: Callable[..., Value]) -> Callable[..., Value]:
    return lambda *values: pick(_items(values[0]) if len(values) == 1 else values)


def _date(value: Value) -> date:
    if not isinstance(value, str):
        raise _Fault("date() needs a text YYYY-MM-DD")
    return date.fromisoformat(value)


def _days_between(start: Value, end: Value) -> int:
    if isinstance(start, date) and isinstance(end, date):
        return (end - start).days
    raise _Fault("days_between() needs two dates")


def _add_days(start: Value, days: Value) -> date:
    if isinstance(start, date):
        return start + timedelta(days=_int(days))
    raise _Fault("add_days() needs a date")


FUNCTIONS: Final[Mapping[str, tuple[Callable[..., Value], int, int]]] = {
    "abs": (lambda value: abs(_number(value)), 1, 1),
    "add_days": (_add_days, 2, 2),
    "all": (lambda values: all(_items(values)), 1, 1),
    "any": (lambda values: any(_items(values)), 1, 1),
    "bool": (bool, 1, 1),
    "date": (_date, 1, 1),
    "days_between": (_days_between, 2, 2),
    "float": (_float, 1, 1),
    "get": (lambda mapping, key, default=None: _mapping(mapping).get(key, default), 2, 3),
    "int": (_int, 1, 1),
    "keys": (lambda mapping: list(_sized(_mapping(mapping))), 1, 1),
    "len": (_length, 1, 1),
    "max": (_extreme(max), 1, 20),
    "min": (_extreme(min), 1, 20),
    "round": (_round, 1, 2),
    "sorted": (lambda values: sorted(_items(values)), 1, 1),
    "str": (_text, 1, 1),
    "sum": (lambda values: _number(sum(_number(value) for value in _items(values))), 1, 1),
    "values": (lambda mapping: list(_sized(_mapping(mapping)).values()), 1, 1),
}
"""name -> (function, fewest arguments, most arguments). `round` rounds half away from zero."""


# --- compiler --------------------------------------------------------------------------------------------------


class _Compiler:
    """Turns a checked tree into closures; `free` collects the names read from the context."""

    def __init__(self) -> None:
        self.free: set[str] = set()
        self._bound: list[str] = []

    def compile(self, node: ast.expr, depth: int) -> _Code:
        if depth > MAX_DEPTH:
            raise _Fault("is nested too deeply")
        handler = self._HANDLERS.get(type(node))
        if handler is None:
            raise _Fault(f"{type(node).__name__} is not allowed")
        return handler(self, node, depth + 1)

    def _constant(self, node: ast.Constant, _depth: int) -> _Code:
        value = node.value
        if isinstance(value, int | float) and not isinstance(value, bool):
            _number(value)
        elif not (value is None or isinstance(value, bool | str)):
            raise _Fault(f"{type(value).__name__} is not allowed")
        return lambda _: value

    def _name(self, node: ast.Name, _depth: int) -> _Code:
        name = self._checked(node.id)
        if name not in self._bound:
            self.free.add(name)

        def read(run: _Run) -> Value:
            try:
                return run.names[name]
            except KeyError:
                raise _Fault(f"{name} is not defined") from None

        return read

    def _checked(self, name: str) -> str:
        if name.startswith("_"):
            raise _Fault("names may not start with _")
        if name in FUNCTIONS:
            raise _Fault(f"{name} is a function, not a value")
        return name

    def _attribute(self, node: ast.Attribute, depth: int) -> _Code:
        base, key = self.compile(node.value, depth), node.attr
        if key.startswith("_"):
            raise _Fault("names may not start with _")

        def read(run: _Run) -> Value:
            mapping = base(run)
            if not isinstance(mapping, Mapping):
                raise _Fault(f"{type(mapping).__name__} has no .{key}")
            if key not in mapping:
                raise _Fault(f".{key} is not there")
            return mapping[key]

        return read

    def _subscript(self, node: ast.Subscript, depth: int) -> _Code:
        base, index = self.compile(node.value, depth), self.compile(node.slice, depth)

        def read(run: _Run) -> Value:
            container = base(run)
            if not isinstance(container, Mapping | list | tuple | str):
                raise _Fault(f"{type(container).__name__} has no parts")
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
            return lambda run: -_number(operand(run))
        raise _Fault(f"{type(node.op).__name__} is not allowed")

    def _binary(self, node: ast.BinOp, depth: int) -> _Code:
        function = _BINARY.get(type(node.op))
        if function is None:
            raise _Fault(f"{type(node.op).__name__} is not allowed")
        left, right = self.compile(node.left, depth), self.compile(node.right, depth)
        return lambda run: function(left(run), right(run))

    def _compare(self, node: ast.Compare, depth: int) -> _Code:
        left = self.compile(node.left, depth)
        rest = []
        for op, comparator in zip(node.ops, node.comparators, strict=True):
            if isinstance(op, ast.Is | ast.IsNot) and not (
                isinstance(comparator, ast.Constant) and comparator.value in (None, True, False)
            ):
                raise _Fault("'is' compares with None, True or False only")
            rest.append((_COMPARE[type(op)], self.compile(comparator, depth)))

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
            raise _Fault("only listed functions may be called")
        function, fewest, most = FUNCTIONS[node.func.id]
        if node.keywords or not fewest <= len(node.args) <= most:
            raise _Fault(f"{node.func.id}() takes {fewest} to {most} positional arguments")
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
                raise _Fault("the keys of a mapping are literal texts")
            pairs.append((key.value, self.compile(value, depth)))
        return lambda run: {key: value(run) for key, value in pairs}

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp, depth: int) -> _Code:
        if len(node.generators) != 1:
            raise _Fault("one loop only")
        loop = node.generators[0]
        if loop.is_async or not isinstance(loop.target, ast.Name):
            raise _Fault("simple loops only")
        target = self._checked(loop.target.id)
        source = self.compile(loop.iter, depth)
        self._bound.append(target)
        tests = [self.compile(test, depth) for test in loop.ifs]
        element = self.compile(node.elt, depth)
        self._bound.pop()
        cost = 1 + sum(1 for _ in ast.walk(node.elt)) + sum(1 for test in loop.ifs for _ in ast.walk(test))

        def collect(run: _Run) -> list[Value]:
            items = _items(source(run))
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
