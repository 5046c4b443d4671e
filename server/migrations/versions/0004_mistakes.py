"""Mistakes put right: void coupons, stamps by hand, decisions about held presses, staff codes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_VOID = "(status = 'void') = (voided_at IS NOT NULL)"


def upgrade() -> None:
    _change_coupons()
    op.create_table(
        "hand_stamp",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("partner_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=40), nullable=False),
        sa.Column("second_id", sa.String(length=40), nullable=True),
        sa.Column("customer_id", sa.String(length=40), nullable=False),
        sa.Column("shop_id", sa.String(length=40), nullable=False),
        sa.Column("stamps", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("stamps BETWEEN 1 AND 100", name=op.f("ck_hand_stamp_stamps")),
        sa.CheckConstraint("second_id <> member_id", name=op.f("ck_hand_stamp_two_people")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_hand_stamp_customer_id_customer")
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_hand_stamp_partner_id_partner")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_hand_stamp_shop_id_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_stamp")),
        sa.UniqueConstraint("partner_id", "key", name=op.f("uq_hand_stamp_partner_id_key")),
    )
    op.create_index("ix_hand_stamp_shop", "hand_stamp", ["shop_id", "id"], unique=False)
    op.create_table(
        "press_decision",
        sa.Column("press_id", sa.String(length=40), nullable=False),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.Column("held_for", sa.String(length=32), nullable=False),
        sa.Column("member_id", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_body", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "released OR reason IS NOT NULL", name=op.f("ck_press_decision_refused_with_a_reason")
        ),
        sa.ForeignKeyConstraint(["press_id"], ["press.id"], name=op.f("fk_press_decision_press_id_press")),
        sa.PrimaryKeyConstraint("press_id", name=op.f("pk_press_decision")),
    )
    op.create_table(
        "staff_code",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("shop_id", sa.String(length=40), nullable=False),
        sa.Column("member_id", sa.String(length=40), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("device_id", sa.String(length=40), nullable=True),
        sa.Column("customer_id", sa.String(length=40), nullable=True),
        sa.Column("visit_id", sa.String(length=40), nullable=True),
        sa.Column("answer_body", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(used_at IS NULL) = (device_id IS NULL) AND (used_at IS NULL) = (customer_id IS NULL)",
            name=op.f("ck_staff_code_used_by_a_device"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_staff_code_customer_id_customer")
        ),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_staff_code_device_id_device")),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_staff_code_shop_id_shop")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_staff_code_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_code")),
    )
    op.create_index("ix_staff_code_open", "staff_code", ["shop_id", "code_hash", "expires_at"], unique=False)
    op.create_index("ix_staff_code_used", "staff_code", ["shop_id", "used_at"], unique=False)
    op.create_table(
        "tally",
        sa.Column("bucket", sa.String(length=200), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_tally")),
    )
    op.create_index(op.f("ix_tally_begun_at"), "tally", ["begun_at"], unique=False)


def _change_coupons() -> None:
    with op.batch_alter_table("coupon") as batch_op:
        batch_op.drop_constraint(op.f("ck_coupon_status"), type_="check")
        batch_op.add_column(
            sa.Column("redemptions_undone", sa.Integer(), nullable=False, server_default=sa.text("0"))
        )
        batch_op.add_column(sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_check_constraint(op.f("ck_coupon_status"), "status IN ('issued', 'redeemed', 'void')")
        batch_op.create_check_constraint(op.f("ck_coupon_void_since"), _VOID)
    with op.batch_alter_table("coupon") as batch_op:
        # The rows that were there have their number now; new ones bring theirs.
        batch_op.alter_column("redemptions_undone", server_default=None)


def downgrade() -> None:
    op.drop_table("tally")
    op.drop_table("staff_code")
    op.drop_table("press_decision")
    op.drop_table("hand_stamp")
    # Void coupons have no place in the tables of before: this fails where there are any.
    with op.batch_alter_table("coupon") as batch_op:
        batch_op.drop_constraint(op.f("ck_coupon_void_since"), type_="check")
        batch_op.drop_constraint(op.f("ck_coupon_status"), type_="check")
        batch_op.create_check_constraint(op.f("ck_coupon_status"), "status IN ('issued', 'redeemed')")
        batch_op.drop_column("voided_at")
        batch_op.drop_column("redemptions_undone")
