"""What expressions compute with: values, operators and functions, each with its limit.

Numbers stay below 10**15, texts and lists below a length, so that no expression can use up memory or time; a value
that does not fit raises `Fault`, which `domain.expressions` turns into an error that names the expression.
"""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

MAX_NUMBER: Final = 10**15
MAX_TEXT: Final = 10_000
MAX_ITEMS: Final = 5_000

Value = Any
"""JSON values and dates. Not narrower, because a mapping of values would have to name itself."""


class Fault(Exception):
    """What is wrong, in a few words."""


def number(value: Value) -> int | float:
    """`value` if it is a number within the limit."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Fault(f"a number is needed, not {type(value).__name__}")
    if abs(value) > MAX_NUMBER or value != value:  # noqa: PLR0124  NaN is the only value unequal to itself
        raise Fault("a number is too large")
    return value


def _sized(value: Value) -> Value:
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise Fault("a text is too long")
    elif isinstance(value, list | tuple | Mapping) and len(value) > MAX_ITEMS:
        raise Fault("a list is too long")
    return value


def items_of(value: Value) -> list[Value]:
    """The items of a list, or the keys of a mapping, within the limit."""
    if isinstance(value, Mapping | list | tuple):
        return list(_sized(value))
    raise Fault(f"a list is needed, not {type(value).__name__}")


def _add(left: Value, right: Value) -> Value:
    if isinstance(left, str) and isinstance(right, str):
        return _sized(left + right)
    if isinstance(left, list) and isinstance(right, list):
        return _sized(left + right)
    return number(number(left) + number(right))


def _arithmetic(function: Callable[[Any, Any], Value]) -> Callable[[Value, Value], Value]:
    return lambda left, right: number(function(number(left), number(right)))


def _contains(left: Value, right: Value) -> bool:
    if isinstance(right, str):
        if not isinstance(left, str):
            raise Fault("only a text can be in a text")
        return left in right
    if isinstance(right, Mapping | list | tuple):
        return left in right
    raise Fault(f"{type(right).__name__} holds nothing to look for")


BINARY: Final[Mapping[type[ast.operator], Callable[[Value, Value], Value]]] = {
    ast.Add: _add,
    ast.Sub: _arithmetic(operator.sub),
    ast.Mult: _arithmetic(operator.mul),
    ast.Div: _arithmetic(operator.truediv),
    ast.FloorDiv: _arithmetic(operator.floordiv),
    ast.Mod: _arithmetic(operator.mod),
}

COMPARE: Final[Mapping[type[ast.cmpop], Callable[[Value, Value], bool]]] = {
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


def _text(value: Value) -> str:
    if value is None or isinstance(value, str | int | float | date):
        return str(_sized(value))
    raise Fault(f"{type(value).__name__} has no text")


def _int(value: Value) -> int:
    if isinstance(value, str):
        if len(value) > 16:  # noqa: PLR2004  longer than any number up to MAX_NUMBER with its sign
            raise Fault("a number is too large")
        return int(number(int(value)))
    return int(value) if isinstance(value, bool) else int(number(value))


def _float(value: Value) -> float:
    if isinstance(value, str):
        return float(number(float(value[:32])))
    return float(number(value))


def _round(value: Value, digits: Value = 0) -> int | float:
    places = _int(digits)
    if abs(places) > 9:  # noqa: PLR2004  more digits than a score or a share can carry
        raise Fault("too many digits")
    factor = 10**places
    # Half away from zero, as offices round; Python's own round() goes to the even neighbour.
    scaled = math.floor(abs(number(value)) * factor + 0.5) / factor
    signed = math.copysign(scaled, value)
    return int(signed) if places <= 0 else signed


def _length(value: Value) -> int:
    if isinstance(value, str | list | tuple | Mapping):
        return len(value)
    raise Fault(f"{type(value).__name__} has no length")


def _mapping(value: Value) -> Mapping[str, Value]:
    if isinstance(value, Mapping):
        return value
    raise Fault(f"a mapping is needed, not {type(value).__name__}")


def _extreme(pick: Callable[..., Value]) -> Callable[..., Value]:
    return lambda *values: pick(items_of(values[0]) if len(values) == 1 else values)


def _date(value: Value) -> date:
    if not isinstance(value, str):
        raise Fault("date() needs a text YYYY-MM-DD")
    return date.fromisoformat(value)


def _days_between(start: Value, end: Value) -> int:
    if isinstance(start, date) and isinstance(end, date):
        return (end - start).days
    raise Fault("days_between() needs two dates")


def _add_days(start: Value, days: Value) -> date:
    if isinstance(start, date):
        return start + timedelta(days=_int(days))
    raise Fault("add_days() needs a date")


FUNCTIONS: Final[Mapping[str, tuple[Callable[..., Value], int, int]]] = {
    "abs": (lambda value: abs(number(value)), 1, 1),
    "add_days": (_add_days, 2, 2),
    "all": (lambda values: all(items_of(values)), 1, 1),
    "any": (lambda values: any(items_of(values)), 1, 1),
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
    "sorted": (lambda values: sorted(items_of(values)), 1, 1),
    "str": (_text, 1, 1),
    "sum": (lambda values: number(sum(number(value) for value in items_of(values))), 1, 1),
    "values": (lambda mapping: list(_sized(_mapping(mapping)).values()), 1, 1),
}
"""name -> (function, fewest arguments, most arguments). `round` rounds half away from zero."""
