"""Generations of key cards have 32 bits: after a restore they are moments."""

import struct

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_OLD, _NEW = struct.Struct(">HHHQ32s"), struct.Struct(">HIIQ32s")


def upgrade() -> None:
    """Rewrite the state of every link."""
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT peer, state FROM link")).all()
    for peer, state in rows:
        if len(state) == _OLD.size:
            connection.execute(
                sa.text("UPDATE link SET state = :state WHERE peer = :peer"),
                {"state": _NEW.pack(*_OLD.unpack(state)), "peer": peer},
            )
