"""What a node takes from outside: time, randomness, public documents, and its owner's policy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from node.rounds.public_documents import nothing_to_fetch
from node.store.database import Connection
from privacy.secure_sum.parameters import Policy
from privacy.secure_sum.shamir import RandomBytes
from schemas.message import Frame
from schemas.request import Fetch

Clock = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Context:
    """`clock` gives Unix seconds; `random_bytes` is the operating system's; `fetch` gets what a
    request names."""

    clock: Clock
    random_bytes: RandomBytes = field(repr=False)
    policy: Policy = field(default_factory=Policy)
    fetch: Fetch = nothing_to_fetch


@dataclass(frozen=True, slots=True)
class Reply:
    """A frame to send and the round number it belongs to."""

    frame: Frame
    number: int | None


Answer = Callable[[Connection, Context, Sequence[bytes]], Reply]
