"""The statements by which the facts of an evaluation are read: each gives all units at once.

Everything is asked as of the cut-off and as known at the lock, of rows whose times do not change afterwards, so that
the same question has the same answer years later.
"""
# ruff: noqa: S608  every part of a statement is a literal of this module; values are parameters

from typing import LiteralString

# A group's parent asks nothing of its leads: its members do.
_TASK: LiteralString = (
    " i.office_unit_id = %(office)s AND i.kind = 'task' AND i.issued_at < %(as_of)s"
    " AND (i.ended_at IS NULL OR i.ended_at > %(since)s)"
    " AND NOT EXISTS (SELECT FROM item c WHERE c.parent_id = i.id AND c.kind = 'task')"
)
_LEADS_THEN: LiteralString = (
    " JOIN responsibility r ON r.item_id = i.id AND r.role = 'lead' AND r.unit_id = ANY(%(units)s)"
    " AND r.valid_from <= {at} AND (r.valid_to IS NULL OR r.valid_to > {at})"
)

PARTIES: LiteralString = (
    "SELECT r.item_id, r.unit_id, r.role, r.valid_from, r.valid_to FROM responsibility r"
    " JOIN item i ON i.id = r.item_id WHERE r.unit_id IS NOT NULL AND r.role IN ('lead', 'co_unit')"
    " AND r.valid_from <= %(as_of)s AND (r.valid_to IS NULL OR r.valid_to > greatest(i.issued_at, %(since)s)) AND"
    + _TASK
)

ITEMS: LiteralString = (
    "SELECT i.id, d.strength, i.issued_at, CASE WHEN i.ended_at <= %(as_of)s THEN i.ended_at END,"
    " CASE WHEN i.ended_at <= %(as_of)s THEN i.outcome END, i.historical, coalesce(d.kinds, '{}'),"
    " s.item_id IS NOT NULL, t.item_id IS NOT NULL, c.claimed_at, y.done"
    " FROM item i"
    # Not the item's own strength: a trigger changes it. What was printed stays; a condition counts before any date.
    " LEFT JOIN (SELECT item_id, array_agg(DISTINCT kind ORDER BY kind) AS kinds,"
    "  (array_agg(strength ORDER BY (strength = 'conditional_on_higher_level') DESC, on_date DESC NULLS LAST, position)"
    "   FILTER (WHERE strength IS NOT NULL))[1] AS strength FROM item_deadline"
    "  WHERE replaced_at IS NULL OR replaced_at > %(known_on)s GROUP BY item_id) d ON d.item_id = i.id"
    " LEFT JOIN (SELECT DISTINCT item_id FROM suspension WHERE started_at <= %(as_of)s"
    "  AND (resumed_at IS NULL OR resumed_at > %(as_of)s)) s ON s.item_id = i.id"
    " LEFT JOIN (SELECT DISTINCT item_id FROM trigger_event WHERE recorded_at <= %(known_on)s"
    "  AND happened_on <= %(last_day)s) t ON t.item_id = i.id"
    # The claim that was accepted in the end: what was handed in by the date was in time, however long it was looked at.
    " LEFT JOIN (SELECT item_id, max(closed_at) AS claimed_at FROM work_item WHERE bpmn_id = 'claim_completion'"
    "  AND closed_as = 'done' AND closed_at <= %(as_of)s GROUP BY item_id) c ON c.item_id = i.id"
    " LEFT JOIN (SELECT item_id, bool_or(coalesce(ended_at <= %(as_of)s, false)) AS done FROM process_instance"
    "  WHERE key = 'yearly_check' AND started_at <= %(as_of)s AND (ended_at IS NULL OR ended_at > %(since)s)"
    "  AND outcome IS DISTINCT FROM 'cancelled' GROUP BY item_id) y ON y.item_id = i.id"
    " WHERE" + _TASK
)

DEADLINES: LiteralString = (
    "SELECT d.item_id, d.kind, d.due_at, i.due_strength = 'strive' OR coalesce(s.form->>'cause', 'own') IN"
    " ('policy_change', 'higher_level', 'force_majeure')"
    " FROM deadline_change d JOIN item i ON i.id = d.item_id"
    " LEFT JOIN LATERAL (SELECT p.form FROM work_item w JOIN submission p ON p.work_item_id = w.id"
    "  WHERE d.kind = 'extension' AND w.instance_id = d.instance_id AND w.bpmn_id = 'apply_extension'"
    "  AND w.closed_as = 'done' ORDER BY w.closed_at DESC, w.opened_at DESC, w.id LIMIT 1) s ON true"
    " WHERE d.recorded_at <= %(known_on)s AND" + _TASK + " ORDER BY d.item_id, d.id"
)

REPORTS: LiteralString = (
    "SELECT r.item_id, r.unit_id, count(*), count(*) FILTER (WHERE w.reported <= r.due_at),"
    " array_agg(ARRAY[r.id::text, r.period, CASE WHEN w.reported <= %(as_of)s THEN 'late' ELSE 'missing' END]"
    "  ORDER BY r.due_at, r.id) FILTER (WHERE w.reported IS NULL OR w.reported > r.due_at)"
    " FROM progress_round r JOIN item i ON i.id = r.item_id JOIN process_instance p ON p.id = r.instance_id"
    " LEFT JOIN (SELECT instance_id, min(opened_at) AS reported FROM work_item WHERE bpmn_id = 'review_report'"
    "  GROUP BY instance_id) w ON w.instance_id = r.instance_id"
    " WHERE r.due_at > %(since)s AND r.due_at <= %(as_of)s AND r.unit_id = ANY(%(units)s)"
    " AND NOT (p.outcome IS NOT DISTINCT FROM 'cancelled' AND p.ended_at <= %(known_on)s) AND"
    + _TASK
    + " GROUP BY r.item_id, r.unit_id"
)

# By co-unit: its first answer counts, and a party that is no longer asked owes none.
PARTS: LiteralString = (
    "SELECT r.item_id, w.unit_id, count(*), count(*) FILTER (WHERE w.reported <= r.co_due_at),"
    " array_agg(ARRAY[r.id::text, r.period, CASE WHEN w.reported <= %(as_of)s THEN 'late' ELSE 'missing' END]"
    "  ORDER BY r.co_due_at, r.id) FILTER (WHERE w.reported IS NULL OR w.reported > r.co_due_at)"
    " FROM progress_round r JOIN item i ON i.id = r.item_id"
    " JOIN (SELECT instance_id, unit_id, min(closed_at) FILTER (WHERE closed_as = 'done') AS reported,"
    "   bool_or(closed_as IS NULL OR closed_as = 'done' OR closed_at > %(known_on)s) AS asked"
    "  FROM work_item WHERE bpmn_id = 'contribute' GROUP BY instance_id, unit_id) w"
    " ON w.instance_id = r.instance_id AND w.asked"
    " WHERE r.co_due_at > %(since)s AND r.co_due_at <= %(as_of)s AND w.unit_id = ANY(%(units)s) AND"
    + _TASK
    + " GROUP BY r.item_id, w.unit_id"
)

RETURNS: LiteralString = (
    "SELECT i.id, r.unit_id, count(*), array_agg(ARRAY[w.id::text, w.bpmn_id, "
    " to_char(w.closed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')]"
    "  ORDER BY w.closed_at, w.id) FILTER (WHERE w.decision = 'return')"
    " FROM work_item w JOIN item i ON i.id = w.item_id"
    + _LEADS_THEN.replace("{at}", "w.closed_at")
    + " WHERE w.bpmn_id IN ('check_plan', 'review_report', 'review_completion') AND w.closed_as = 'done'"
    " AND w.closed_at > %(since)s AND w.closed_at <= %(as_of)s AND" + _TASK + " GROUP BY i.id, r.unit_id"
)

LIGHTS: LiteralString = (
    "SELECT i.id, r.unit_id, array_agg(l.period ORDER BY l.as_of, l.period), array_agg(l.light"
    "  ORDER BY l.as_of, l.period)"
    " FROM light l JOIN item i ON i.id = l.item_id"
    + _LEADS_THEN.replace("{at}", "l.as_of")
    + " WHERE l.as_of > %(since)s AND l.as_of <= %(as_of)s AND l.known_on <= %(known_on)s AND"
    + _TASK
    + " GROUP BY i.id, r.unit_id"
)

# A case that was merged into another shares its fate.
CASES: LiteralString = (
    "SELECT c.item_id, c.applicant_unit_id, w.submitted, b.issued_at > %(since)s AND b.issued_at <= %(as_of)s,"
    " EXISTS (SELECT FROM national_report n WHERE n.case_item_id = coalesce(c.merged_into_id, c.item_id)"
    "  AND n.sent_on BETWEEN %(first_day)s AND %(last_day)s)"
    " FROM replication_case c JOIN item i ON i.id = c.item_id"
    " LEFT JOIN (SELECT item_id, min(opened_at) > %(since)s AND min(opened_at) <= %(as_of)s AS submitted FROM work_item"
    "  WHERE bpmn_id = 'check_form' GROUP BY item_id) w ON w.item_id = c.item_id"
    " LEFT JOIN replication_batch_entry e ON e.item_id = coalesce(c.merged_into_id, c.item_id)"
    " LEFT JOIN replication_batch b ON b.id = e.batch_id"
    " WHERE i.office_unit_id = %(office)s AND c.applicant_unit_id = ANY(%(units)s)"
)
