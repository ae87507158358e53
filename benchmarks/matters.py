"""The other mechanisms beside 100,000 tasks: cases with who takes them up, bulletins, conferences, an evaluation, KPI.

What people look at is filled by SQL as the mechanisms would have left it; the evaluation is opened by its command.
"""

from datetime import UTC, date, datetime, timedelta
from typing import LiteralString
from uuid import UUID

from app.container import Container
from bpmn.bundle import Bundle
from domain.kpi import KpiKind
from domain.permissions import Actor
from services.evaluations import OpenEvaluation
from services.kpi import RecordKpiReading, SetKpiTarget
from services.process_library import publish

CASE, DRAFT, BULLETIN, CONFERENCE = (UUID(int=number) for number in (3_000_010, 3_000_210, 3_200_000, 3_300_005))
"""A case that forty units take up, one that departments are asked about, the newest bulletin, a conference."""
TARGETS, READINGS = 40, 12
_MODELS = ("replication", "unit_evaluation", "unit_score")

FILLED: tuple[LiteralString, ...] = (
    "INSERT INTO task_list (id, office_unit_id, origin, title, kind, found_count, status, warnings, created_at,"
    " version)"
    " VALUES (int_uuid(4), int_uuid(1), 'matters', 'matters', 'matters', 0, 'approved', '[]', now(), 1)",
    # 300 cases, 4,000 adoptions, 60 bulletins, 20 conferences with 200 resolutions, which are tasks of the list.
    "INSERT INTO item (id, root_id, parent_id, list_id, office_unit_id, position, number, text, text_printed, measures,"
    " joint_lead, by_duty, open_list, status, created_at, issued_at, version, kind)"
    " SELECT int_uuid(id), int_uuid(root), int_uuid(parent), int_uuid(4), int_uuid(1), nextval('matter_position'),"
    "  kind || n, 'matter ' || n, '', '[]', false, false, false, 'under_way',"
    "  now() - n * interval '1 hour', now(), 1, kind FROM ("
    "  SELECT 3000000 + n AS id, 3000000 + n AS root, NULL::int AS parent, n, 'replication_case' AS kind"
    "   FROM generate_series(0, 299) n"
    "  UNION ALL SELECT 3100000 + n, 3000000 + n / 40, 3000000 + n / 40, n, 'adoption' FROM generate_series(0, 3999) n"
    "  UNION ALL SELECT 3200000 + n, 3200000 + n, NULL, n, 'bulletin' FROM generate_series(0, 59) n"
    "  UNION ALL SELECT 3300000 + n, 3300000 + n, NULL, n, 'conference' FROM generate_series(0, 19) n) every",
    "INSERT INTO replication_case (item_id, applicant_unit_id, source_kind, clue, state, dossier, range, range_units,"
    " responsible)"
    " SELECT int_uuid(3000000 + n), int_uuid(1000 + n % 100), 'call', 'clue',"
    "  CASE WHEN n < 100 THEN 'implementing' WHEN n < 110 THEN 'approved' ELSE 'consultation' END,"
    "  jsonb_build_object('background', repeat('before ', 60), 'practices', repeat('what was done ', 80),"
    "   'results', repeat('what came of it ', 40), 'indicators', jsonb_build_array(jsonb_build_object("
    "   'name', 'time', 'measure', 'hours', 'before', '72', 'after', '11', 'period', 'half a year'))),"
    "  'city', '[]', '[]' FROM generate_series(0, 299) n",
    "INSERT INTO responsibility (id, item_id, unit_id, role, printed, position, weight, collects, valid_from)"
    " SELECT gen_random_uuid(), int_uuid(3000000 + n), int_uuid(1000 + n % 100), 'applicant', 'u', 0, 1, false, now()"
    " FROM generate_series(0, 299) n UNION ALL"
    " SELECT gen_random_uuid(), int_uuid(3100000 + n), int_uuid(1000 + n % 40), 'adopter', 'u', 0, 1, false, now()"
    " FROM generate_series(0, 3999) n UNION ALL"
    " SELECT gen_random_uuid(), int_uuid(3300000 + n / 30), int_uuid(1000 + n % 30), 'member', 'u', n % 30, 1, false,"
    "  now() FROM generate_series(0, 599) n",
    "INSERT INTO process_instance (id, item_id, root_item_id, version_id, key, rev, started_at)"
    " SELECT int_uuid(3400000 + n), int_uuid(3000000 + n), int_uuid(3000000 + n),"
    "  (SELECT id FROM process_version WHERE key = 'replication'), 'replication', 0, now()"
    " FROM generate_series(0, 299) n",
    "INSERT INTO work_item (id, instance_id, item_id, task_id, unit_id, office_unit_id, opened_at, due_at, version,"
    " provisional, bpmn_id, role)"
    " SELECT gen_random_uuid(), int_uuid(3400000 + n), int_uuid(3000000 + n), gen_random_uuid(),"
    "  int_uuid(1001 + unit), int_uuid(1), now(), now() + interval '9 days', 1, false, 'consult', 'liaison'"
    " FROM generate_series(110, 299) n, generate_series(0, 2) unit",
    "INSERT INTO replication_opinion (id, item_id, unit_id, letter, answer, opinion, recorded_at)"
    " SELECT gen_random_uuid(), int_uuid(3000000 + n), int_uuid(1000 + unit), 1, 'agree', repeat('said ', 20), now()"
    " FROM generate_series(0, 299) n, generate_series(1, 5) unit",
    "INSERT INTO replication_score (id, item_id, unit_id, person_id, work_item_id, innovation, effect, replicability,"
    " risk, recused, opinion, scored_at)"
    " SELECT gen_random_uuid(), int_uuid(3000000 + n), int_uuid(1000 + unit), int_uuid(11), gen_random_uuid(), 80, 82,"
    "  79, 90, false, repeat('said ', 20), now() FROM generate_series(0, 109) n, generate_series(1, 3) unit",
    "INSERT INTO adoption (item_id, case_item_id, unit_id, state, answer, said, planned_on, answered_at, settled_at)"
    " SELECT int_uuid(3100000 + n), int_uuid(3000000 + n / 40), int_uuid(1000 + n % 40),"
    "  (ARRAY['asked', 'carrying_out', 'adopted', 'not_applicable'])[1 + n % 4], 'plan', repeat('said ', 10),"
    "  current_date + n % 90, now(), CASE WHEN n % 4 > 1 THEN now() END FROM generate_series(0, 3999) n",
    "INSERT INTO bulletin (item_id, office_unit_id, kind, secrecy, from_on, as_of, text_version, opened_at)"
    " SELECT int_uuid(3200000 + n), int_uuid(1), 'brief', 'public', current_date - 30 * (n + 1),"
    "  current_date - 30 * n, 1, now() - n * interval '30 days' FROM generate_series(0, 59) n",
    "INSERT INTO bulletin_text (item_id, version, title, note, sections, saved_at)"
    " SELECT int_uuid(3200000 + n), 1, 'brief ' || n, '', jsonb_build_array(jsonb_build_object('heading', 'section',"
    "  'paragraphs', jsonb_build_array(repeat('words ', 200)))), now() FROM generate_series(0, 59) n",
    "INSERT INTO bulletin_recipient (id, item_id, position, manner, unit_id, name)"
    " SELECT gen_random_uuid(), int_uuid(3200000 + n), unit, 'issued', int_uuid(1000 + unit), 'u' || unit"
    " FROM generate_series(0, 59) n, generate_series(0, 39) unit",
    "INSERT INTO conference (item_id, office_unit_id, kind, title, meets_on, place, held_on, minutes_version,"
    " opened_at)"
    " SELECT int_uuid(3300000 + n), int_uuid(1), 'joint', 'conference ' || n, current_date, 'hall', current_date, 1,"
    "  now() - n * interval '30 days' FROM generate_series(0, 19) n",
    "INSERT INTO conference_topic (id, office_unit_id, unit_id, title, proposal, wanted, proposed_at, conference_id,"
    " position, result)"
    " SELECT gen_random_uuid(), int_uuid(1), int_uuid(1000 + n % 30), 'topic ' || n, repeat('why ', 40), 'joint',"
    "  now(), int_uuid(3300000 + n / 10), n % 10, repeat('decided ', 20) FROM generate_series(0, 199) n",
    "INSERT INTO conference_minutes (conference_id, version, paragraphs, resolutions, saved_at)"
    " SELECT int_uuid(3300000 + n), 1, jsonb_build_array(repeat('said ', 200)), '[]', now()"
    " FROM generate_series(0, 19) n",
    "INSERT INTO conference_attendance (conference_id, unit_id, premeeting, present, person, note, recorded_at)"
    " SELECT int_uuid(3300000 + n), int_uuid(1000 + unit), false, true, 'somebody', '', now()"
    " FROM generate_series(0, 19) n, generate_series(0, 29) unit",
    "INSERT INTO conference_resolution (id, conference_id, position, text, item_id, registered_at)"
    " SELECT gen_random_uuid(), int_uuid(3300000 + n / 10), n % 10, 'bench item', int_uuid(1000000 + n), now()"
    " FROM generate_series(0, 199) n",
)


def publish_matters(container: Container) -> None:
    """Publish the processes that the matters are instances of."""
    with container.sessions() as session:
        for key in _MODELS:
            publish(session, Bundle.shipped(key), published_at=datetime.now(UTC), published_by=None)
        session.commit()


def judged(container: Container, clerk: Actor, office: UUID) -> dict[str, UUID]:
    """Targets with two years of readings, and an evaluation of the year: the id of one of each."""
    today = datetime.now(UTC).date()
    begun = date(today.year - 1, 1, 1)
    for number in range(TARGETS):
        target = SetKpiTarget(
            office_unit_id=office,
            name=f"target {number}",
            kind=KpiKind.CUMULATIVE_COUNT,
            target=1000.0,
            unit="x",
            base_on=begun,
            target_on=date(today.year + 1, 12, 31),
            source="bench",
        )
        target_id: UUID = container.executor.execute(target, actor=clerk)
        for month in range(READINGS if number < 2 else 2):
            on = begun + timedelta(days=28 * (month + 1))
            reading = RecordKpiReading(target_id=target_id, as_of=on, value=10.0 * month, source="bench")
            container.executor.execute(reading, actor=clerk)
    opened = container.executor.execute(
        OpenEvaluation(office_unit_id=office, first_day=date(today.year, 1, 1), last_day=date(today.year, 12, 31)),
        actor=clerk,
    )
    return {"target": target_id, "evaluation": opened.item_id}
