"""What the last import found, so that it can be undone."""

from alembic import op

from node.store.tables import metadata

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables that are new."""
    metadata.create_all(op.get_bind())
