"""A set-up belongs to a shop, no longer to its partner: an owner may set up several."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import SchemaItem

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _json() -> sa.JSON:
    return sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def _columns() -> list[SchemaItem]:
    return [
        sa.Column("partner_id", sa.String(length=40), nullable=False),
        sa.Column("draft", _json(), nullable=True),
        sa.Column("shop_id", sa.String(length=40), nullable=True),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_setup_partner_id_partner")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_setup_shop_id_shop")),
    ]


_KEPT = "partner_id, draft, shop_id, printed_at, version, updated_at"


def upgrade() -> None:
    # Made anew and filled: SQLite cannot change a primary key.
    _set_old_aside()
    op.create_table(
        "setup",
        sa.Column("id", sa.String(length=40), nullable=False),
        *_columns(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setup")),
        sa.UniqueConstraint("shop_id", name=op.f("uq_setup_shop_id")),
    )
    op.create_index(
        "uq_setup_partner_draft",
        "setup",
        ["partner_id"],
        unique=True,
        sqlite_where=sa.text("shop_id IS NULL"),
        postgresql_where=sa.text("shop_id IS NULL"),
    )
    # There was one for each partner, so the partner's identifier names it.
    op.execute(
        f"INSERT INTO setup (id, {_KEPT}) "  # noqa: S608 (constants)
        f"SELECT 'set_' || substr(partner_id, 5), {_KEPT} FROM setup_before"
    )
    op.drop_table("setup_before")


def downgrade() -> None:
    _set_old_aside()
    op.create_table("setup", *_columns(), sa.PrimaryKeyConstraint("partner_id", name=op.f("pk_setup")))
    op.execute(
        f"INSERT INTO setup ({_KEPT}) SELECT {_KEPT} FROM setup_before "  # noqa: S608 (constants)
        "WHERE id IN (SELECT min(id) FROM setup_before GROUP BY partner_id)"
    )
    op.drop_table("setup_before")


def _set_old_aside() -> None:
    if op.get_bind().dialect.name == "postgresql":  # constraint names are the schema's, not the table's
        for name in ("pk_setup", "fk_setup_partner_id_partner", "fk_setup_shop_id_shop"):
            op.execute(f"ALTER TABLE setup RENAME CONSTRAINT {name} TO {name}_before")
        if op.get_bind().scalar(sa.text("SELECT to_regclass('uq_setup_shop_id')")) is not None:
            op.execute("ALTER TABLE setup RENAME CONSTRAINT uq_setup_shop_id TO uq_setup_shop_id_before")
    op.execute("DROP INDEX IF EXISTS uq_setup_partner_draft")
    op.rename_table("setup", "setup_before")
