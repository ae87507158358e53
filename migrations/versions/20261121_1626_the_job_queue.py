"""the job queue: procrastinate's own schema.

Must run while the previous version of the program is up: add first, remove one release later. Backfills of
more than a few thousand rows are batched commands, not migrations.
"""

from collections.abc import Sequence

from alembic import op

from db.queue_schema import scripts

revision: str = "b70b5c0de626"
down_revision: str | None = "ac8006e762af"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Everything it owns carries its name: tables first, they hold on to its types.
_DROP = """
DO $$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        SELECT format('DROP TABLE %I CASCADE', relname) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname LIKE 'procrastinate\\_%'
    LOOP
        EXECUTE statement;
    END LOOP;
    FOR statement IN
        SELECT format('DROP FUNCTION %s CASCADE', oid::regprocedure) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'procrastinate\\_%'
    LOOP
        EXECUTE statement;
    END LOOP;
    FOR statement IN
        SELECT format('DROP TYPE %I', typname) FROM pg_type
        WHERE typnamespace = 'public'::regnamespace AND typname LIKE 'procrastinate\\_%' AND typcategory IN ('E', 'C')
    LOOP
        EXECUTE statement;
    END LOOP;
END $$
"""


def upgrade() -> None:
    # Each script commits, as procrastinate's own way of migrating has it: PostgreSQL before 17 lets no value of an
    # enumeration be used in the transaction that added it, once the type was renamed there.
    with op.get_context().autocommit_block():
        for script in scripts(after="", up_to="03.04.00_50"):
            # Past SQLAlchemy, which would look for parameters: each script holds many statements.
            op.get_bind().connection.driver_connection.execute(script)  # type: ignore[union-attr]


def downgrade() -> None:
    op.get_bind().connection.driver_connection.execute(_DROP)  # type: ignore[union-attr]
