"""Tables that every store has."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

setting = Table(
    "setting", metadata,
    Column("key", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)  # fmt: skip
audit = Table(
    "audit", metadata,
    Column("id", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("event", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
)  # fmt: skip
