"""Alembic's environment: the connection, and its transaction, are the caller's."""

from __future__ import annotations

from alembic import context

from aggregator.storage.noticetables import notices

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=notices.metadata,  # which has the tables of both modules
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
