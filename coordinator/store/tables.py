"""Tables of a coordinator. Wire types and forms are other classes."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)

metadata = MetaData()

invitation = Table(
    "invitation", metadata,
    Column("centre", Integer, primary_key=True, autoincrement=False),
    Column("token_digest", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("recognised_number", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Column("revoked_at", BigInteger),
)  # fmt: skip
centre = Table(
    "centre", metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("recognised_number", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("flower_key", LargeBinary, nullable=False),
    Column("card", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("enrolled_at", BigInteger, nullable=False),
    Column("last_seen", BigInteger),
)  # fmt: skip
signed_document = Table(
    "signed_document", metadata,
    Column("kind", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("kind", "version"),
)  # fmt: skip
document = Table(
    "document", metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("named_at", BigInteger, nullable=False),
)  # fmt: skip
link = Table(
    "link", metadata,
    Column("lo", Integer, nullable=False),
    Column("hi", Integer, nullable=False),
    Column("tag", LargeBinary, nullable=False),
    Column("base", BigInteger, nullable=False),
    Column("taken", Boolean, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("lo", "hi"),
    Index("link_hi", "hi", "taken"),
)  # fmt: skip
round_ = Table(
    "round", metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("announcement", Text, nullable=False),
    Column("descriptor", Text),
    Column("rid", LargeBinary, unique=True),
    Column("wanted", Text),
    Column("set_ids", Text),
    Column("total", LargeBinary),
    Column("certificate", Text),
    Column("outcome", Text),
    Column("updated_at", BigInteger, nullable=False),
)  # fmt: skip
answer = Table(
    "answer", metadata,
    Column("round", BigInteger, ForeignKey("round.number"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("centre", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("round", "kind", "centre"),
)  # fmt: skip
draft = Table(
    "draft", metadata,
    Column("round", BigInteger, ForeignKey("round.number"), primary_key=True),
    Column("body", Text, nullable=False),
)  # fmt: skip
withheld = Table(
    "withheld", metadata,
    Column("round", BigInteger, ForeignKey("round.number"), primary_key=True),
    Column("body", Text, nullable=False),
)  # fmt: skip
transcript = Table(
    "transcript", metadata,
    Column("round", BigInteger, ForeignKey("round.number"), primary_key=True),
    Column("until", BigInteger, nullable=False),
)  # fmt: skip
prekey_key = Table(
    "prekey_key", metadata,
    Column("round", BigInteger, ForeignKey("round.number"), nullable=False),
    Column("key", Text, nullable=False),
    Column("centre", Integer, nullable=False),
    PrimaryKeyConstraint("round", "key"),
)  # fmt: skip
fault = Table(
    "fault", metadata,
    Column("round", BigInteger, ForeignKey("round.number"), nullable=False),
    Column("centre", Integer, nullable=False),
    Column("phase", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("peer", Integer, nullable=False),
    Column("times", Integer, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("round", "centre", "phase", "reason", "peer"),
)  # fmt: skip
release = Table(
    "release", metadata,
    Column("id", Text, primary_key=True),
    Column("round", BigInteger, ForeignKey("round.number"), nullable=False, unique=True),
    Column("line", Text, nullable=False),
    Column("body", Text, nullable=False),
)  # fmt: skip
