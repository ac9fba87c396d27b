"""Scripts are searched in one text of their own, filled here from each script's newest version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("scripts", sa.Column("search_text", sa.Text(), nullable=False, server_default=""))
    line = "char(10)" if op.get_bind().dialect.name == "sqlite" else "chr(10)"
    parts = ("s.title", "s.scene", "s.key", "v.say", "v.must_say", "v.why", "v.avoid", "v.article")
    words = f" || {line} || ".join(parts)
    op.execute(
        f"""UPDATE scripts SET search_text = (
            SELECT lower({words}) FROM scripts s JOIN script_versions v ON v.script_id = s.id
            WHERE s.id = scripts.id ORDER BY v.number DESC LIMIT 1
        ) WHERE EXISTS (SELECT 1 FROM script_versions WHERE script_id = scripts.id)"""  # noqa: S608 - constants above
    )


def downgrade() -> None:
    op.drop_column("scripts", "search_text")
