"""Alembic's migrations, run by `aggregator.storage.engine` when a database is older."""
