"""The number by which staff make themselves known, in place of the log-in name. Who has none yet is given the next."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None
FIRST = 1001
"""A number is given in the order in which users were created."""


def upgrade() -> None:
    op.add_column("users", sa.Column("staff_no", sa.String(length=20), nullable=False, server_default=""))
    op.add_column("calls", sa.Column("caller_no", sa.String(length=20), nullable=True))
    users = sa.table("users", sa.column("id", sa.Integer), sa.column("name", sa.String), sa.column("staff_no"))
    bind = op.get_bind()
    for number, user_id in enumerate(bind.scalars(sa.select(users.c.id).order_by(users.c.id)).all(), FIRST):
        bind.execute(users.update().where(users.c.id == user_id).values(staff_no=str(number)))
    calls = sa.table("calls", sa.column("collector", sa.String), sa.column("caller_no", sa.String))
    theirs = sa.select(users.c.staff_no).where(users.c.name == calls.c.collector).scalar_subquery()
    bind.execute(calls.update().values(caller_no=theirs))
    op.create_index("uq_users_staff_no", "users", ["staff_no"], unique=True)


def downgrade() -> None:
    op.drop_column("calls", "caller_no")
    op.drop_index("uq_users_staff_no", table_name="users")
    op.drop_column("users", "staff_no")
