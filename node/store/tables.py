"""Tables of a node. Wire types and forms are other classes."""

from sqlalchemy import (
    Column,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

signed_document = Table(
    "signed_document", metadata,
    Column("kind", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("approved_at", Integer),
    PrimaryKeyConstraint("kind", "version"),
)  # fmt: skip
batch = Table(
    "batch", metadata,
    Column("id", Integer, primary_key=True),
    Column("file", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("imported_at", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
)  # fmt: skip
record = Table(
    "record", metadata,
    Column("trajectory", Text, primary_key=True),
    Column("client", Text, nullable=False, index=True),
    Column("cohort", Integer, nullable=False, index=True),
    Column("body", Text, nullable=False),
    Column("batch", Integer, nullable=False),
    Column("place", Text),
)  # fmt: skip
withdrawal = Table(
    "withdrawal", metadata,
    Column("client", Text, primary_key=True),
    Column("withdrawn_on", Text),
    Column("erased_on", Text),
)  # fmt: skip
number = Table(
    "number", metadata,
    Column("id", Integer, primary_key=True),
    Column("client", Text, nullable=False, unique=True),
    Column("spelling", Text, index=True),
    Column("same_as", Text, index=True),
)  # fmt: skip
lookalike = Table(
    "lookalike", metadata,
    Column("id", Integer, primary_key=True),
    Column("one", Text, nullable=False),
    Column("other", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("different", Integer, nullable=False),
    UniqueConstraint("one", "other"),
)  # fmt: skip
restriction = Table(
    "restriction", metadata,
    Column("client", Text, primary_key=True),
    Column("since", Text, nullable=False),
)  # fmt: skip
earlier = Table(
    "earlier", metadata,
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("batch", Integer, nullable=False),
    Column("client", Text, index=True),
    Column("before", Text),
    Column("after", Text),
    PrimaryKeyConstraint("kind", "key"),
)  # fmt: skip
charge = Table(
    "charge", metadata,
    Column("statistic", Text, nullable=False),
    Column("horizon", Text, nullable=False),
    Column("cohort", Text, nullable=False),
    Column("split", Text, nullable=False),
    Column("price", Integer, nullable=False),
    Column("round_id", Text, nullable=False, index=True),
    Column("event", Text),
    PrimaryKeyConstraint("statistic", "horizon", "cohort", "split"),
)  # fmt: skip
counted = Table(
    "counted", metadata,
    Column("client", Text, nullable=False),
    Column("cohort", Integer, nullable=False, index=True),
    Column("trajectory", Text, nullable=False),
    PrimaryKeyConstraint("client", "cohort"),
)  # fmt: skip
link = Table(
    "link", metadata,
    Column("peer", Integer, primary_key=True),
    Column("state", LargeBinary, nullable=False),
    Column("made", Text),
)  # fmt: skip
prekey = Table(
    "prekey", metadata,
    Column("number", Integer, primary_key=True),
    Column("announcement", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("secret", LargeBinary),
)  # fmt: skip
round_ = Table(
    "round", metadata,
    Column("number", Integer, primary_key=True),
    Column("rid", LargeBinary, nullable=False, unique=True),
    Column("descriptor", Text, nullable=False),
    Column("prekeys", Text, nullable=False),
    Column("message", LargeBinary),
    Column("channel", LargeBinary),
    Column("committee", Text, nullable=False),
    Column("mark", LargeBinary),
    Column("set_digest", LargeBinary),
    Column("set_ids", Text),
    Column("answer", LargeBinary),
    Column("outcome", Text, nullable=False),
    Column("updated_at", Integer, nullable=False),
)  # fmt: skip
egress = Table(
    "egress", metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("number", Integer),
    Column("size", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
)  # fmt: skip
