"""The first tables."""

from alembic import op

from chassis.store import tables as shared
from node.store.tables import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    for tables in (shared.metadata, metadata):
        tables.create_all(op.get_bind())
