"""Numbers of one person, who looks like another, and what the last import found."""

import sqlalchemy as sa
from alembic import op

from node.store.tables import metadata

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables that are new, and the column that says where a record stood."""
    connection = op.get_bind()
    metadata.create_all(connection)
    if "place" not in {column["name"] for column in sa.inspect(connection).get_columns("record")}:
        op.add_column("record", sa.Column("place", sa.Text))
