"""Run by Alembic. The connection comes from ``compliance.migrations.upgrade``; there is no ini file."""

from __future__ import annotations

from alembic import context

from compliance.database import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,  # SQLite can roll back DDL too, once the driver leaves transactions to us
)
with context.begin_transaction():
    context.run_migrations()
