"""Two roles: the owner migrates, the application works, and neither rewrites what happened.

Applied after every migration, idempotently, so that a table added later is covered too.
"""

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from db.embedded.cluster import APP_ROLE
from domain.operation_errors import DatabaseRoleMissing

APPEND_ONLY = (
    "audit_entry",
    "audit_seal",
    "activity_log",
    "bulletin_snapshot",
    "bulletin_text",
    "conference_minutes",
    "conference_resolution",
    "assessment_meeting",
    "assessment_pool",
    "assessment_recusal",
    "item_grade",
    "kpi_base",
    "kpi_reading",
    "minority_opinion",
    "submission",
    "deadline_change",
    "document_recipient",
    "document_rendering",
    "document_withdrawal",
    "escalation",
    "escalation_order",
    "escalation_policy",
    "escalation_rung",
    "evaluation_entry",
    "evaluation_facts",
    "evaluation_result",
    "issued_document",
    "light",
    "light_period",
    "light_rule_set",
    "list_change_entry",
    "preliminary_report",
    "printed_row",
    "progress_fact",
    "replication_opinion",
    "replication_score",
    "sending_attempt",
    "trigger_event",
)
"""Tables that prove: the application may add rows and read them. A trigger refuses changes to the owner as well."""

NEVER_DELETED = (
    "adoption",
    "blob",
    "bulletin",
    "calendar_change",
    "document_counter",
    "document_series",
    "evidence",
    "expunge_request",
    "known_replication",
    "kpi_request",
    "message",
    "national_report",
    "replication_case",
    "replication_letter",
    "sending",
    "sending_message",
)
"""Tables that grow and change, and from which the application removes nothing: content goes, its record stays."""

_NO_ROLE = {"42501", "42710", "23505"}
"""insufficient_privilege, duplicate_object and unique_violation (two migrations of one server at once)."""

_REFUSE_CHANGES = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""


def prepare_application_role(connection: Connection) -> None:
    """Create the application's role if it is missing, and let every table made from now on be usable by it.

    The role is a group without a login. Who connects with one URL for everything becomes a member and works
    as the role; see `db.access`.

    Raises:
        DatabaseRoleMissing: the role does not exist and this user may not create it.
    """
    if not _exists(connection):
        try:
            with connection.begin_nested():
                connection.execute(text(f"CREATE ROLE {APP_ROLE} NOLOGIN"))
                connection.execute(text(f"GRANT {APP_ROLE} TO CURRENT_USER"))
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _NO_ROLE or not _exists(connection):
                user = connection.execute(text("SELECT current_user")).scalar_one()
                raise DatabaseRoleMissing(str(error.orig), role=APP_ROLE, user=user) from error
    for statement in (
        f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP_ROLE}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {APP_ROLE}",
    ):
        connection.execute(text(statement))


def protect_records(connection: Connection) -> None:
    """Take from the application what it must not do, and from everybody what nobody must do."""
    present = {
        row.relname: row.protected
        for row in connection.execute(
            text(
                "SELECT c.relname, EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid "
                "AND t.tgname = 'refuse_change') AS protected "
                "FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
            )
        )
    }
    if "alembic_version" in present:
        connection.execute(text(f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {APP_ROLE}"))
    for table in NEVER_DELETED:
        if table in present:
            connection.execute(text(f"REVOKE DELETE, TRUNCATE ON {table} FROM {APP_ROLE}"))
    for table in APPEND_ONLY:
        if table not in present:
            continue
        connection.execute(text(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {APP_ROLE}"))
        # Only when it is missing: creating a trigger locks out writers.
        if not present[table]:
            connection.execute(text(_REFUSE_CHANGES))
            connection.execute(
                text(
                    f"CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
                )
            )


def _exists(connection: Connection) -> bool:
    found = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": APP_ROLE})
    return found.first() is not None
