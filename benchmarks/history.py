"""What a year of use leaves behind, so that a step is measured on tables with content and statistics.

On an empty database the planner takes every table for one page and reads it whole; by the end of a short run that costs
more than the step. No installation is in that state for longer than autovacuum's first minute.
"""

from typing import LiteralString

import psycopg

INSTANCES = 4_000
STEPS = 8

_HISTORY: tuple[LiteralString, ...] = (
    "INSERT INTO floor.instance (status, task, assignee, due_at, state)"
    " SELECT 'closed', 'office_review', 'unit', now(), jsonb_build_object('text', repeat(md5(n::text), 125))"
    " FROM generate_series(1, %(instances)s) n",
    "INSERT INTO floor.history (instance, task, who, data)"
    " SELECT 1 + n / %(steps)s, 'lead_signoff', 'person', '{}'"
    " FROM generate_series(0, %(instances)s * %(steps)s - 1) n",
    "INSERT INTO naive.instance (status, state)"
    " SELECT 'closed', repeat(md5(n::text), 300) FROM generate_series(1, %(instances)s) n",
    "INSERT INTO naive.history (instance, task, who, data)"
    " SELECT 1 + n / %(steps)s, 'lead_signoff', 'person', '{}'"
    " FROM generate_series(0, %(instances)s * %(steps)s - 1) n",
    "INSERT INTO item (id, root_id, list_id, office_unit_id, position, number, text, text_printed, measures,"
    " joint_lead, by_duty, open_list, status, created_at, issued_at, version)"
    " SELECT id, id, %(list)s, %(office)s, -n, n::text, 'closed', 'closed', '[]', false, false, false, 'closed',"
    "  now(), now(), 1"
    " FROM (SELECT n, md5(n::text)::uuid AS id FROM generate_series(1, %(instances)s) n) AS past",
    "INSERT INTO process_instance (id, item_id, root_item_id, version_id, key, rev, outcome, started_at, ended_at)"
    " SELECT id, id, id, 1, 'supervision_loop', %(steps)s, 'closed', now(), now() FROM item WHERE status = 'closed'",
    "INSERT INTO work_item (id, instance_id, item_id, task_id, unit_id, closed_by, opened_at, due_at, closed_at,"
    " closed_as, decision, version, provisional, bpmn_id, role)"
    " SELECT gen_random_uuid(), p.id, p.item_id, gen_random_uuid(), %(office)s, %(person)s, now(), now(), now(),"
    "  'done', 'done', 2, false, 'office_review', 'office_staff'"
    " FROM process_instance p, generate_series(1, %(steps)s) WHERE p.ended_at IS NOT NULL",
)


def leave_history(owner: str, *, list_id: object, office: object, person: object) -> None:
    """`INSTANCES` closed instances of `STEPS` steps each for every contestant, with fresh statistics."""
    values = {"instances": INSTANCES, "steps": STEPS, "list": list_id, "office": office, "person": person}
    with psycopg.connect(owner, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        for statement in _HISTORY:
            connection.execute(statement, values)
        connection.execute("VACUUM ANALYZE")
