"""Alembic's entry point; the connection is handed in by the store."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
