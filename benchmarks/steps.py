"""Steps per second: the product against the naive embedding and against the floor, with one and with eight clients."""

from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import psycopg

from benchmarks.baselines.floor import Floor
from benchmarks.baselines.naive import Naive
from benchmarks.database import fresh_database, plain
from benchmarks.figures import Figure
from benchmarks.history import INSTANCES, leave_history
from benchmarks.product import LIST, OFFICE, PEOPLE, Product
from benchmarks.race import WARM_UP, Race, race
from domain.permissions import Role

ROUNDS = 5
EACH = {1: {"floor": 150, "naive": 40, "product": 80}, 8: {"floor": 60, "naive": 12, "product": 30}}
GOALS = {1: {"naive": 2.0, "floor": 0.45}, 8: {"naive": 1.5, "floor": 0.3}}
LIVE_BYTES_GOAL = 8_000
_LIVE_TABLES = (
    "process_instance",
    "work_item",
    "submission",
    "activity_log",
    "audit_entry",
    "delivery",
    "process_timer",
)


def steps() -> Iterator[Figure]:
    """`step_vs_naive_*`, `step_vs_floor_*`, latencies, and bytes per closed instance.

    All start on tables with a past (`benchmarks.history`). The three run one after the other in each round, so that
    a slow moment of the machine hits all of them; the ratio of a round is taken before the median over the rounds.
    """
    with fresh_database() as access:
        url, owner = plain(access.app_url), plain(access.owner_url)
        Floor.prepare(owner)
        Naive.prepare(owner)
        total = sum(ROUNDS * clients * (EACH[clients]["product"] + WARM_UP) for clients in EACH)
        Product.prepare(access.owner_url, total)
        _open_schemas(owner)
        leave_history(owner, list_id=LIST, office=OFFICE, person=PEOPLE[Role.OFFICE_STAFF][0])
        started = 0
        before = _live_bytes(owner)
        for clients, each in EACH.items():
            runs: dict[str, list[Race]] = {"floor": [], "naive": [], "product": []}
            for _ in range(ROUNDS):
                contestants: dict[str, tuple[Callable[[str], Any], str]] = {
                    "floor": (Floor, url),
                    "naive": (Naive, url),
                    "product": (Product, access.app_url),
                }
                for name, (kind, address) in contestants.items():
                    first = started if name == "product" else 0
                    runs[name].append(race(kind, address, clients=clients, each=each[name], first=first))
                    if name == "product":
                        started += clients * (each[name] + WARM_UP)
            yield from _figures(clients, runs)
        product = Product(access.app_url)
        product.check(INSTANCES + started)
        product.close()
        yield Figure(
            "step_live_bytes_per_closed_instance",
            (_live_bytes(owner) - before) / started,
            "B",
            LIVE_BYTES_GOAL,
            "lower",
        )


def _figures(clients: int, runs: dict[str, list[Race]]) -> Iterator[Figure]:
    for name, races in runs.items():
        yield Figure(f"{name}_steps_per_s_{clients}", median(r.per_second for r in races), "1/s")
    for other in ("naive", "floor"):
        ratio = median(p.per_second / o.per_second for p, o in zip(runs["product"], runs[other], strict=True))
        yield Figure(f"step_vs_{other}_{clients}", ratio, "x", GOALS[clients][other])
    for share, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99")):
        goal = 4.0 if (name, clients) == ("p95", 1) else None
        value = median(r.percentile(share) for r in runs["product"])
        yield Figure(f"step_{name}_ms_{clients}", value, "ms", goal, "lower")


def _open_schemas(owner: str) -> None:
    """Let the application's role use the baselines' tables as it uses its own."""
    with psycopg.connect(owner) as connection:
        connection.execute("GRANT USAGE ON SCHEMA floor, naive TO PUBLIC")
        connection.execute("GRANT ALL ON ALL TABLES IN SCHEMA floor, naive TO PUBLIC")


def _live_bytes(owner: str) -> int:
    """Bytes of the tables a step writes, without dead rows, indexes included."""
    with psycopg.connect(owner, autocommit=True) as connection:
        for table in _LIVE_TABLES:
            connection.execute(psycopg.sql.SQL("VACUUM FULL {}").format(psycopg.sql.Identifier(table)))
        row = connection.execute(
            "SELECT sum(pg_total_relation_size(t::regclass)) FROM unnest(%s::text[]) t", (list(_LIVE_TABLES),)
        ).fetchone()
    assert row is not None
    return int(row[0])
