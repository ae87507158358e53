"""Random block-structured models and random walks over them."""

import random
from dataclasses import dataclass, field
from itertools import pairwise

from tests.unit.bpmn.drawing import (
    any_of,
    both,
    boundary,
    catch,
    end,
    flow,
    message,
    model,
    path,
    start,
    sub,
    timer,
    user,
    xor,
)

PLAIN = ("task", "loop", "choice", "parallel", "sub", "wait")
"""Blocks the library itself runs as drawn, so that it can be compared with; no parallel block inside a loop, whose
join fires early in the second round there."""
ALL = (*PLAIN, "inclusive", "timed", "cycle", "interrupted")


@dataclass
class Model:
    """A drawn model: its BPMN, the tasks whose decisions its conditions read, the messages it may wait for."""

    content: bytes
    deciders: list[str]
    messages: list[str]


@dataclass
class _Pen:
    rng: random.Random
    kinds: tuple[str, ...]
    left: int
    count: int = 0
    deciders: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}_{self.count}x"

    def decider(self) -> str:
        name = self.name("decide")
        self.deciders.append(name)
        return name

    def message(self) -> str:
        name = f"news_{len(self.messages)}"
        self.messages.append(name)
        return name

    def block(self, depth: int) -> tuple[str, str, str]:
        """(entry, exit, xml) of one random block."""
        self.left -= 1
        kind = "task" if depth <= 0 or self.left <= 0 else self.rng.choice(self.kinds)
        return getattr(self, f"_{kind}")(depth)

    def line(self, depth: int) -> tuple[str, str, str]:
        blocks = [self.block(depth) for _ in range(self.rng.randint(1, 2))]
        xml = "".join(block[2] for block in blocks)
        xml += "".join(flow(left[1], right[0]) for left, right in pairwise(blocks))
        return blocks[0][0], blocks[-1][1], xml

    def _task(self, depth: int) -> tuple[str, str, str]:
        name = self.name("task")
        return name, name, user(name)

    def _wait(self, depth: int) -> tuple[str, str, str]:
        name = self.name("told")
        return name, name, catch(name, message(self.message(), variable=f"heard_{name}"))

    def _loop(self, depth: int) -> tuple[str, str, str]:
        again, ask, decided, out = self.name("again"), self.decider(), self.name("decided"), self.name("out")
        kinds = self.kinds
        if kinds == PLAIN:
            self.kinds = tuple(kind for kind in kinds if kind != "parallel")
        entry, leave, xml = self.line(depth - 1)
        self.kinds = kinds
        xml += xor(again) + user(ask) + xor(decided, default=f"{decided}_to_{out}") + xor(out)
        xml += path(again, entry) + path(leave, ask, decided, out) + flow(decided, again, f"decision_{ask} == 'b'")
        return again, out, xml

    def _branches(self, depth: int, draw, conditions: bool, default: bool) -> tuple[str, str, str]:
        ask, fork, join = self.decider() if conditions else "", self.name("fork"), self.name("join")
        lines = [self.line(depth - 1) for _ in range(self.rng.randint(2, 3))]
        xml = "".join(line[2] for line in lines)
        xml += draw(fork, default=f"{fork}_to_{lines[0][0]}") if default else draw(fork)
        xml += draw(join)
        for number, (entry, leave, _) in enumerate(lines):
            condition = f"decision_{ask} in ['b', 'c{number}']" if conditions and number else ""
            xml += flow(fork, entry, condition) + flow(leave, join)
        if conditions:
            return ask, join, xml + user(ask) + flow(ask, fork)
        return fork, join, xml

    def _choice(self, depth: int) -> tuple[str, str, str]:
        return self._branches(depth, xor, conditions=True, default=True)

    def _inclusive(self, depth: int) -> tuple[str, str, str]:
        return self._branches(depth, any_of, conditions=True, default=True)

    def _parallel(self, depth: int) -> tuple[str, str, str]:
        return self._branches(depth, both, conditions=False, default=False)

    def _sub(self, depth: int) -> tuple[str, str, str]:
        name, stop, after, out = self.name("part"), self.name("stop"), self.name("task"), self.name("out")
        entry, leave, inner = self.line(depth - 1)
        first, last = self.name("inner_start"), self.name("inner_end")
        body = sub(name, start(first), end(last), inner, flow(first, entry), flow(leave, last))
        xml = body + boundary(stop, name, message(self.message())) + user(after) + xor(out)
        return name, out, xml + path(name, out) + path(stop, after, out)

    def _timed(self, depth: int) -> tuple[str, str, str]:
        name, late, remark, over = (self.name(kind) for kind in ("task", "late", "task", "over"))
        hours = self.rng.randint(1, 60)
        xml = user(name) + boundary(late, name, timer("Duration", f"'PT{hours}H'"), interrupting=False)
        return name, name, xml + user(remark) + end(over) + path(late, remark, over)

    def _cycle(self, depth: int) -> tuple[str, str, str]:
        name, late, over = (self.name(kind) for kind in ("task", "late", "over"))
        times = self.rng.choice(("R", "R2"))
        xml = user(name) + boundary(late, name, timer("Cycle", f"'{times}/PT20H'"), interrupting=False)
        return name, name, xml + end(over) + path(late, over)

    def _interrupted(self, depth: int) -> tuple[str, str, str]:
        name, late, told, after, out = (self.name(kind) for kind in ("task", "late", "told", "task", "out"))
        xml = user(name) + boundary(late, name, timer("Duration", "'PT30H'"))
        xml += boundary(told, name, message(self.message())) + user(after) + xor(out)
        return name, out, xml + path(name, out) + path(late, after, out) + flow(told, after)


def draw(seed: int, kinds: tuple[str, ...] = ALL, size: int = 12) -> Model:
    """The model of a seed."""
    pen = _Pen(random.Random(seed), kinds, size)
    entry, leave, xml = pen.line(3)
    body = [start(), xml, end(), flow("started", entry), flow(leave, "finished")]
    return Model(model(*body, messages=tuple(pen.messages)), pen.deciders, pen.messages)
