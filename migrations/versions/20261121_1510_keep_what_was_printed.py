"""keep what was printed.

Must run while the previous version of the program is up: add first, remove one release later. Backfills of
more than a few thousand rows are batched commands, not migrations.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "7d1be0a3c9f2"
down_revision: str | None = "4cd06c2f1853"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# The rules hold for whoever writes, also for a repair by hand: the source text is never changed, and the original
# deadline of an issued item is immutable.
_KEEP_PRINTED = """
CREATE FUNCTION keep_printed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was printed is never changed (%)', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
_KEEP_DEADLINE = """
CREATE FUNCTION keep_original_deadline() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM item WHERE id = OLD.item_id AND issued_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the original deadline of an issued item stands'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.execute(_KEEP_PRINTED)
    op.execute(_KEEP_DEADLINE)
    op.execute(
        "CREATE TRIGGER keep_printed BEFORE UPDATE OF text_printed ON item FOR EACH ROW"
        " WHEN (OLD.text_printed IS DISTINCT FROM NEW.text_printed) EXECUTE FUNCTION keep_printed()"
    )
    op.execute(
        "CREATE TRIGGER keep_printed BEFORE UPDATE ON item_deadline FOR EACH ROW WHEN ("
        " (OLD.item_id, OLD.phrase, OLD.kind, OLD.on_date, OLD.rule, OLD.anchor, OLD.strength, OLD.applies_to)"
        " IS DISTINCT FROM"
        " (NEW.item_id, NEW.phrase, NEW.kind, NEW.on_date, NEW.rule, NEW.anchor, NEW.strength, NEW.applies_to))"
        " EXECUTE FUNCTION keep_printed()"
    )
    op.execute(
        "CREATE TRIGGER keep_printed_row BEFORE DELETE ON item_deadline FOR EACH ROW EXECUTE FUNCTION keep_printed()"
    )
    op.execute(
        "CREATE TRIGGER keep_original_deadline BEFORE UPDATE OF replaced_at ON item_deadline FOR EACH ROW"
        " WHEN (OLD.replaced_at IS DISTINCT FROM NEW.replaced_at) EXECUTE FUNCTION keep_original_deadline()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER keep_original_deadline ON item_deadline")
    op.execute("DROP TRIGGER keep_printed_row ON item_deadline")
    op.execute("DROP TRIGGER keep_printed ON item_deadline")
    op.execute("DROP TRIGGER keep_printed ON item")
    op.execute("DROP FUNCTION keep_original_deadline")
    op.execute("DROP FUNCTION keep_printed")
