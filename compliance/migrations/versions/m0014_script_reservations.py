"""What a script is reserved for, said by the script rather than guessed from its words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SHIPPED = {
    "own_staff": ("any.identity.prove_own", "initial.first_contact.own"),
    "own_staff machine": ("initial.ai_voice.opening",),
    "own_staff settled": ("final.survey.close",),
    "supervisor": ("any.self_harm.follow",),
    "looked_up": ("middle.plan.decline", "middle.waiver.approved", "middle.promise.kept", "middle.promise.broken"),
    "settled": ("final.closed.call", "final.closed.sms", "final.closed.certificate", "final.closed.credit"),
}
"""The scripts that ship, by key."""


def upgrade() -> None:
    op.add_column("scripts", sa.Column("only", sa.String(length=100), nullable=False, server_default=""))
    scripts = sa.table("scripts", sa.column("key", sa.String), sa.column("only", sa.String))
    for only, keys in SHIPPED.items():
        op.execute(scripts.update().where(scripts.c.key.in_(keys)).values(only=only))


def downgrade() -> None:
    with op.batch_alter_table("scripts") as batch:
        batch.drop_column("only")
