"""A creditor keeps since when each of its outside agencies has worked for it.

Of those that are there already it is the day of the first outreach on their accounts, or else that of the upgrade:
whoever knows better says so by ``agency engaged``.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("creditors", sa.Column("agencies_engaged", sa.Text(), nullable=False, server_default=""))
    connection = op.get_bind()
    creditors = sa.table("creditors", sa.column("id", sa.Integer), sa.column("agencies_engaged", sa.Text))
    accounts = sa.table("accounts", sa.column("id"), sa.column("creditor_id"), sa.column("agency", sa.String))
    outreach = sa.table("outreach", sa.column("account_id"), sa.column("created_at"))
    first = (
        sa.select(accounts.c.creditor_id, accounts.c.agency, sa.func.min(outreach.c.created_at))
        .select_from(accounts.outerjoin(outreach, outreach.c.account_id == accounts.c.id))
        .where(accounts.c.agency.is_not(None))
        .group_by(accounts.c.creditor_id, accounts.c.agency)
        .order_by(accounts.c.creditor_id, accounts.c.agency)
    )
    today = connection.scalar(sa.select(sa.func.current_date()))
    engaged: dict[int, list[str]] = {}
    for creditor, agency, at in connection.execute(first):
        engaged.setdefault(creditor, []).append(f"{str(at or today)[:10]} {agency}")
    for creditor, lines in engaged.items():
        connection.execute(
            creditors.update().where(creditors.c.id == creditor).values(agencies_engaged="\n".join(lines))
        )


def downgrade() -> None:
    with op.batch_alter_table("creditors") as table:
        table.drop_column("agencies_engaged")
