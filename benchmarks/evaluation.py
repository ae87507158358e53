"""A year's evaluation of 100 units over 10,000 items, from what was recorded to ranks: facts, sheets, standings.

Each item has twelve reports with their parts, twelve frozen lights, its deadline and what became of it.
"""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import LiteralString
from uuid import UUID

import psycopg
from sqlmodel import Session, select

from benchmarks.database import fresh_database, plain
from benchmarks.figures import Figure
from benchmarks.worklist import publish_models
from db.session import make_engine, make_sessions
from db.tables import Unit
from domain.evaluation_facts import FactSheet, digest_of
from domain.evaluation_ranking import Candidate, Standing, standings
from domain.evaluation_scheme import Source
from domain.evaluation_scores import Entry, EntryKind, score
from services.evaluation_sheets import checked_scheme
from services.evaluations import shipped_scheme
from services.queries.evaluation_facts import Scope, fact_sheets

UNITS, ITEMS, GOAL_S = 100, 10_000, 10.0
OFFICE = UUID(int=1)
KNOWN_ON = datetime(2027, 1, 5, tzinfo=UTC)

_YEAR: tuple[LiteralString, ...] = (
    "CREATE FUNCTION int_uuid(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS"
    " $$ SELECT lpad(to_hex(n), 32, '0')::uuid $$",
    "INSERT INTO unit (id, official_name, short_name, kind, sort_order)"
    " VALUES (int_uuid(1), 'office', 'office', 'office', 0)",
    "INSERT INTO unit (id, official_name, short_name, kind, sort_order)"
    " SELECT int_uuid(1000 + n), 'unit ' || n, 'u' || n, CASE WHEN n < 80 THEN 'department' ELSE 'district' END, n"
    " FROM generate_series(0, 99) n",
    "INSERT INTO task_list (id, office_unit_id, origin, title, kind, found_count, status, warnings, created_at,"
    " version)"
    " VALUES (int_uuid(3), int_uuid(1), 'document', 'bench', 'task_list', 10000, 'approved', '[]', now(), 1)",
    "INSERT INTO item (id, root_id, list_id, office_unit_id, position, number, text, text_printed, measures,"
    " joint_lead, by_duty, open_list, status, due_strength, due_at, created_at, issued_at, ended_at, outcome, version)"
    " SELECT int_uuid(1000000 + n), int_uuid(1000000 + n), int_uuid(3), int_uuid(1), n, n::text, 'item ' || n,"
    "  'item ' || n, '[]', false, false, false, CASE WHEN n % 4 < 3 THEN 'closed' ELSE 'in_progress' END,"
    "  (ARRAY['firm', 'firm', 'strive', 'breakthrough_ok'])[1 + n % 4],"
    "  timestamptz '2026-03-01 16:00Z' + (n % 300) * interval '1 day', '2026-01-05Z', '2026-01-05Z',"
    "  CASE WHEN n % 4 < 3 THEN timestamptz '2026-02-20Z' + (n % 310) * interval '1 day' END,"
    "  CASE WHEN n % 4 < 3 THEN 'closed' END, 1 FROM generate_series(0, 9999) n",
    "INSERT INTO item_deadline (id, item_id, position, phrase, kind, strength, applies_to)"
    " SELECT gen_random_uuid(), id, 0, 'bench', 'by_date', due_strength, 'row' FROM item",
    "INSERT INTO deadline_change (item_id, due_at, kind, reason, recorded_at)"
    " SELECT id, due_at, 'original', '', '2026-01-05Z' FROM item",
    "INSERT INTO responsibility (id, item_id, unit_id, role, printed, position, weight, collects, valid_from)"
    " SELECT gen_random_uuid(), int_uuid(1000000 + n), int_uuid(1000 + (n + p * 7) % 100),"
    "  CASE WHEN p = 0 THEN 'lead' ELSE 'co_unit' END, 'u', p, 1, false, '2026-01-05Z'"
    " FROM generate_series(0, 9999) n, generate_series(0, 2) p",
    "INSERT INTO process_instance (id, item_id, root_item_id, version_id, key, period, rev, outcome, started_at,"
    " ended_at)"
    " SELECT int_uuid(20000000 + n * 12 + m), int_uuid(1000000 + n), int_uuid(1000000 + n), 1, 'progress_round',"
    "  '2026-' || lpad((m + 1)::text, 2, '0'), 0, 'accepted', timestamptz '2026-01-10Z' + m * interval '30 days',"
    "  timestamptz '2026-01-25Z' + m * interval '30 days' FROM generate_series(0, 9999) n, generate_series(0, 11) m",
    "INSERT INTO progress_round (id, item_id, instance_id, period, co_due_at, due_at, opened_at, outcome, percent,"
    " unit_id)"
    " SELECT p.id, p.item_id, p.id, p.period, p.started_at + interval '10 days', p.started_at + interval '15 days',"
    "  p.started_at, 'accepted', 50, r.unit_id"
    " FROM process_instance p JOIN responsibility r ON r.item_id = p.item_id AND r.role = 'lead'",
    # The lead's report reaches the office a day before or after it is due; one co-unit in three answers late.
    "INSERT INTO work_item (id, instance_id, item_id, task_id, unit_id, opened_at, due_at, closed_at, closed_as,"
    " decision, version, provisional, bpmn_id, role)"
    " SELECT gen_random_uuid(), p.id, p.item_id, gen_random_uuid(), int_uuid(1),"
    "  p.started_at + interval '15 days' + (hashtext(p.id::text) % 10 - 7) * interval '1 hour', p.ended_at,"
    "  p.ended_at, 'done', CASE WHEN hashtext(p.id::text) % 13 = 0 THEN 'return' ELSE 'approve' END, 2, false,"
    "  'review_report', 'office_staff' FROM process_instance p",
    "INSERT INTO work_item (id, instance_id, item_id, task_id, unit_id, opened_at, due_at, closed_at, closed_as,"
    " decision, version, provisional, bpmn_id, role)"
    " SELECT gen_random_uuid(), p.id, p.item_id, gen_random_uuid(), r.unit_id, p.started_at,"
    "  p.started_at + interval '10 days', p.started_at + interval '10 days'"
    "  + (hashtext(p.id::text || r.unit_id) % 3 - 1) * interval '1 hour', 'done', 'submit', 2, false, 'contribute',"
    "  'liaison' FROM process_instance p JOIN responsibility r ON r.item_id = p.item_id AND r.role = 'co_unit'",
    "INSERT INTO light (item_id, period, as_of, known_on, light, reason)"
    " SELECT int_uuid(1000000 + n), '2026-' || lpad((m + 1)::text, 2, '0'),"
    "  timestamptz '2026-01-31 16:00Z' + m * interval '30 days', timestamptz '2026-02-01Z' + m * interval '30 days',"
    "  (ARRAY['green', 'green', 'green', 'yellow', 'red'])[1 + (n * 7 + m * 3) % 5], '{}'"
    " FROM generate_series(0, 9999) n, generate_series(0, 11) m",
)


def evaluation() -> Iterator[Figure]:
    """`evaluation_year_s`: everything from the recorded facts; its parts, and that a second time gives the same."""
    with fresh_database() as access:
        engine = make_engine(access.app_url)
        with make_sessions(engine)() as session:
            publish_models(session)
        with psycopg.connect(plain(access.owner_url), autocommit=True) as connection:
            for statement in _YEAR:
                connection.execute(statement)
            connection.execute("VACUUM ANALYZE")
        with make_sessions(engine)() as session:
            began = time.perf_counter()
            sheets = _facts(session)
            collected = time.perf_counter()
            ranked = _ranked(session, sheets)
            ended = time.perf_counter()
            assert len(ranked) == UNITS
            assert sum(sheet.numbers()["tasks_led"] for sheet in sheets.values()) == ITEMS
            again = {unit_id: digest_of(sheet.to_json()) for unit_id, sheet in _facts(session).items()}
            assert again == {unit_id: digest_of(sheet.to_json()) for unit_id, sheet in sheets.items()}
        yield Figure("evaluation_facts_s", collected - began, "s")
        yield Figure("evaluation_facts_count", sum(len(sheet.facts) for sheet in sheets.values()), "")
        yield Figure("evaluation_sheets_s", ended - collected, "s")
        yield Figure("evaluation_year_s", ended - began, "s", GOAL_S, "lower")
        engine.dispose()


def _facts(session: Session) -> dict[UUID, FactSheet]:
    units = {unit_id: unit_id for unit_id in session.exec(select(Unit.id)) if unit_id != OFFICE}
    days = (date(2026, 1, 1), date(2026, 12, 31))
    return fact_sheets(session, Scope(OFFICE, *days, KNOWN_ON, units, dict.fromkeys(units, 12)))


def _ranked(session: Session, sheets: dict[UUID, FactSheet]) -> tuple[Standing, ...]:
    scheme = checked_scheme(shipped_scheme())
    given = [
        Entry(number, EntryKind.SCORE, part.id, part.points, from_unit=OFFICE)
        for number, part in enumerate(scheme.parts)
        if part.source is Source.OFFICE
    ]
    candidates = []
    for unit in session.exec(select(Unit).where(Unit.id != OFFICE)):
        group = scheme.group_of(unit.kind)
        assert group is not None
        candidates.append(Candidate(unit.id, unit.short_name, group, score(scheme, sheets[unit.id], given)))
    return standings(scheme, candidates)
