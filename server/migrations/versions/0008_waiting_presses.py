"""Held presses that wait are listed often, and are few among millions: an index of nothing else."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_press_waiting",
        "press",
        ["partner_id", "id"],
        sqlite_where=sa.text("verdict = 'held'"),
        postgresql_where=sa.text("verdict = 'held'"),
    )


def downgrade() -> None:
    op.drop_index("ix_press_waiting", table_name="press")
