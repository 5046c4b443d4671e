"""A shop has an address and opening hours; how far an owner has come with the set-up."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _json() -> sa.JSON:
    return sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    # Without batches: they would rebuild the table of shops on SQLite, and lose its triggers.
    op.add_column("shop", sa.Column("address", sa.String(length=300), nullable=True))
    op.add_column("shop", sa.Column("opening_hours", _json(), nullable=True))
    op.create_table(
        "setup",
        sa.Column("partner_id", sa.String(length=40), nullable=False),
        sa.Column("draft", _json(), nullable=True),
        sa.Column("shop_id", sa.String(length=40), nullable=True),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_setup_partner_id_partner")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_setup_shop_id_shop")),
        sa.PrimaryKeyConstraint("partner_id", name=op.f("pk_setup")),
    )


def downgrade() -> None:
    op.drop_table("setup")
    op.drop_column("shop", "opening_hours")
    op.drop_column("shop", "address")
