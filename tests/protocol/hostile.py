"""What a hostile centre says: everything from noise to well-signed nonsense, in every phase.

A hostile centre has a store, keys and software of its own, and answers as it likes. Each way
takes the request and returns the bytes that it sends, in their order; none is silence.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch

import numpy as np
from cast import tape
from numpy.typing import NDArray

from coordinator.rounds.opening import view_of
from coordinator.store import CoordinatorStore, rounds
from node.participate.own_keys import identity
from node.store import NodeStore
from privacy.secure_sum import contribute as p1
from privacy.secure_sum.keys import Identity, KemKey, RoundKeys
from privacy.secure_sum.shamir import PRIME
from privacy.secure_sum.view import RoundView
from privacy.secure_sum.wire import SLOT, Contribution, Mark, UnmaskResponse
from schemas.document import Document
from schemas.message import Frame, Kind
from schemas.round import KeyCard, Link, Prekey
from schemas.signed import Signed

ANSWER = {
    Kind.ANNOUNCE: Kind.READY, Kind.CONTRIBUTE: Kind.CONTRIBUTION, Kind.UNMASK: Kind.SHARES,
    Kind.CERTIFY: Kind.SET_SIGNATURE, Kind.ABANDON: Kind.STATEMENT, Kind.REFUND: Kind.DONE,
    Kind.RESULT: Kind.DONE,
}  # fmt: skip
STRANGER = Identity(b"\x77" * 32)


@dataclass
class Hostile:
    """One centre; `plan`: how it answers each kind of request. `shift`: by how much the vector
    that it masked differs from the one that its software made."""

    node: int
    store: NodeStore
    honest: Callable[[bytes], bytes]
    region: CoordinatorStore
    plan: dict[Kind, str] = field(default_factory=dict)
    seed: bytes = b""
    shift: NDArray[np.int64] | None = None
    said: list[bytes] = field(default_factory=list)
    later: list[bytes] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    turns: int = 0

    def answers(self, raw: bytes) -> list[bytes]:
        """What it sends now, with what it kept for later first."""
        kind = Frame.from_bytes(raw).kind
        way = self.plan.get(kind, "honest")
        self.told.add(way)
        self.turns += 1
        due, self.later = self.later, []
        return [*due, *WAYS[way](self, raw)]

    def own(self, raw: bytes) -> Frame:
        """What its software answers."""
        answer = self.honest(raw)
        self.said.append(answer)
        return Frame.from_bytes(answer)

    def drawn(self, size: int) -> bytes:
        """Bytes that depend on the seed and the turn."""
        return hashlib.shake_256(self.seed + bytes([self.turns % 256])).digest(size)

    @property
    def identity(self) -> Identity:
        """Its own key."""
        with self.store.begin() as connection:
            return identity(connection)

    def seal(self, document: Document) -> bytes:
        """Sign anything."""
        return Signed.seal(document, self.identity.private).canonical()

    def resealed(self, raw: bytes, kind: type[Document], **changes: object) -> bytes:
        """A document of its own, changed and signed again."""
        return self.seal(Signed.from_canonical(raw).peek(kind).model_copy(update=changes))

    @property
    def number(self) -> int:
        """The latest round."""
        with self.region.begin() as connection:
            return rounds.next_number(connection) - 1

    @property
    def view(self) -> RoundView:
        """The round as everybody sees it."""
        number = self.number
        with self.region.begin() as connection:
            stored = rounds.of(connection, number)
            assert stored is not None
            return view_of(connection, stored)


Way = Callable[[Hostile, bytes], list[bytes]]
WAYS: dict[str, Way] = {}
HARMLESS = {"honest", "late", "twice"}
"""Ways of which nobody has to be told: the answer is the right one."""


def way(phase: str, *, harmless: bool = False) -> Callable[[Way], Way]:
    """Register a way under `phase: name`."""

    def register(found: Way) -> Way:
        name = found.__name__.strip("_").replace("_", " ")
        name = name if phase == "any" else f"{phase}: {name}"
        WAYS[name] = found
        if harmless:
            HARMLESS.add(name)
        return found

    return register


# -- in any phase


@way("any")
def honest(self: Hostile, raw: bytes) -> list[bytes]:
    return [self.own(raw).to_bytes()]


@way("any")
def nothing(_: Hostile, __: bytes) -> list[bytes]:
    return []


@way("any")
def noise(self: Hostile, _: bytes) -> list[bytes]:
    return [self.drawn(500), b"", b"WGW1", b"WGW1" + self.drawn(60)]


@way("any")
def cut(self: Hostile, raw: bytes) -> list[bytes]:
    return [self.own(raw).to_bytes()[:-1]]


@way("any")
def lengthened(self: Hostile, raw: bytes) -> list[bytes]:
    return [self.own(raw).to_bytes() + b"x"]


@way("any")
def other_kind(self: Hostile, raw: bytes) -> list[bytes]:
    mine = ANSWER[Frame.from_bytes(raw).kind]
    return [Frame(kind, (b"x" * 98,)).to_bytes() for kind in Kind if kind is not mine]


@way("any")
def refusal(_: Hostile, __: bytes) -> list[bytes]:
    return [Frame(Kind.REFUSED, (b"paused",)).to_bytes()]


@way("any")
def painted_refusal(_: Hostile, __: bytes) -> list[bytes]:
    return [Frame(Kind.REFUSED, (b"\x1b[2J",)).to_bytes()]


@way("any")
def odd_documents(_: Hostile, raw: bytes) -> list[bytes]:
    kind = ANSWER[Frame.from_bytes(raw).kind]
    if kind is Kind.DONE:
        kind = Kind.READY
    texts = (
        b'{"body":"\\ud800","signature":"' + b"0" * 128 + b'","signer":"' + b"0" * 64 + b'"}',
        b"[" * 20_000, b'{"id":' + b"9" * 5_000 + b"}", b"\xff" * 40, b"\0" * 98, b"null",
    )  # fmt: skip
    return [Frame(kind, (text, text, text, text)).to_bytes() for text in texts]


@way("any")
def earlier(self: Hostile, _: bytes) -> list[bytes]:
    """An answer to another question: the first that it ever gave."""
    return self.said[:1]


@way("any")
def late(self: Hostile, raw: bytes) -> list[bytes]:
    """The right answer, when it is asked the next time, whatever it is asked then."""
    self.later.append(self.own(raw).to_bytes())
    return []


@way("any")
def twice(self: Hostile, raw: bytes) -> list[bytes]:
    return [self.own(raw).to_bytes()] * 2


# -- getting ready


def _ready(self: Hostile, raw: bytes, change: Callable[[list[bytes]], list[bytes]]) -> list[bytes]:
    frame = self.own(raw)
    if frame.kind is not Kind.READY:
        return [frame.to_bytes()]
    return [Frame(Kind.READY, tuple(change(list(frame.parts)))).to_bytes()]


def _prekey(self: Hostile, raw: bytes, **changes: object) -> list[bytes]:
    def change(parts: list[bytes]) -> list[bytes]:
        if parts[1]:
            parts[1] = self.resealed(parts[1], Prekey, **changes)
        return parts

    return _ready(self, raw, change)


@way("ready")
def low_order_mask(self: Hostile, raw: bytes) -> list[bytes]:
    return _prekey(self, raw, mask_public="00" * 32)


@way("ready")
def low_order_channel(self: Hostile, raw: bytes) -> list[bytes]:
    return _prekey(self, raw, channel_public="01" + "00" * 31)


@way("ready")
def second_spelling(self: Hostile, raw: bytes) -> list[bytes]:
    return _prekey(self, raw, mask_public=(2**255 - 19 + 9).to_bytes(32, "little").hex())


@way("ready")
def one_key_twice(self: Hostile, raw: bytes) -> list[bytes]:
    same = RoundKeys.new(tape("same")).public[0]
    return _prekey(self, raw, mask_public=same, channel_public=same)


@way("ready")
def copied_key(self: Hostile, raw: bytes) -> list[bytes]:
    number = self.number
    with self.region.begin() as connection:
        kept = rounds.answers(connection, number, "prekey")
    others = [Signed.from_canonical(k).peek(Prekey) for n, k in kept.items() if n != self.node]
    if not others:
        return []
    return _prekey(self, raw, mask_public=others[0].mask_public)


@way("ready")
def other_round(self: Hostile, raw: bytes) -> list[bytes]:
    return _prekey(self, raw, round=self.number + 1)


@way("ready")
def no_links(self: Hostile, raw: bytes) -> list[bytes]:
    return _prekey(self, raw, links=())


@way("ready")
def one_link_withheld(self: Hostile, raw: bytes) -> list[bytes]:
    others = [node for node in range(1, 8) if node != self.node]
    out = others[self.seed[0] % len(others)] if self.seed else others[0]
    return _prekey(self, raw, links=tuple(node for node in others if node != out))


@way("ready")
def links_to_nobody(self: Hostile, raw: bytes) -> list[bytes]:
    return _prekey(self, raw, links=(1, 2, 3, 999))


@way("ready")
def signed_by_another(self: Hostile, raw: bytes) -> list[bytes]:
    def change(parts: list[bytes]) -> list[bytes]:
        body = Signed.from_canonical(parts[1]).peek(Prekey) if parts[1] else None
        sealed = Signed.seal(body, STRANGER.private).canonical() if body else b"{}"
        return [parts[0], sealed, *parts[2:]]

    return _ready(self, raw, change)


@way("ready")
def two_prekeys(self: Hostile, raw: bytes) -> list[bytes]:
    mask, channel = RoundKeys.new(tape(f"other {self.turns}")).public
    other = _prekey(self, raw, mask_public=mask, channel_public=channel)
    return [*honest(self, raw), *other]


def _card(self: Hostile, raw: bytes, **changes: object) -> list[bytes]:
    def change(parts: list[bytes]) -> list[bytes]:
        return [self.resealed(parts[0], KeyCard, **changes), *parts[1:]]

    return _ready(self, raw, change)


@way("ready")
def card_without_a_key(self: Hostile, raw: bytes) -> list[bytes]:
    return _card(self, raw, generation=7, kem_public="ff" * 1184)


@way("ready")
def card_of_another(self: Hostile, raw: bytes) -> list[bytes]:
    return _card(self, raw, id=(self.node % 7) + 1)


@way("ready", harmless=True)
def a_new_card_each_time(self: Hostile, raw: bytes) -> list[bytes]:
    """Which it may; whether anybody still links with it is its own affair."""
    public = KemKey.new(tape(f"kem {self.turns}")).card(self.identity, self.node).peek(KeyCard)
    return _card(self, raw, generation=9 + self.turns, kem_public=public.kem_public)


def _links(self: Hostile, raw: bytes, **changes: object) -> list[bytes]:
    def change(parts: list[bytes]) -> list[bytes]:
        return [*parts[:3], *(self.resealed(one, Link, **changes) for one in parts[3:])]

    return _ready(self, raw, change)


@way("ready")
def links_for_rounds_to_come(self: Hostile, raw: bytes) -> list[bytes]:
    return _links(self, raw, base=2**40)


@way("ready")
def links_for_the_last_round(self: Hostile, raw: bytes) -> list[bytes]:
    return _links(self, raw, base=2**63 - 1)


@way("ready")
def links_that_open_to_another_key(self: Hostile, raw: bytes) -> list[bytes]:
    """ML-KEM rejects in silence: the two ends hold different keys."""
    return _links(self, raw, base=self.number, ciphertext=self.drawn(1088).hex())


@way("ready", harmless=True)
def links_of_the_first_round(self: Hostile, raw: bytes) -> list[bytes]:
    return _links(self, raw, base=1)


@way("ready", harmless=True)
def asking_for_every_link(self: Hostile, raw: bytes) -> list[bytes]:
    every = b"".join(bytes([0, node]) for node in range(8))
    return _ready(self, raw, lambda parts: [*parts[:2], every, *parts[3:]])


@way("ready")
def half_an_id(self: Hostile, raw: bytes) -> list[bytes]:
    return _ready(self, raw, lambda parts: [*parts[:2], b"\0", *parts[3:]])


# -- contributing


def _contribution(
    self: Hostile, raw: bytes, change: Callable[[RoundView, Contribution], dict[str, Any]]
) -> list[bytes]:
    frame = self.own(raw)
    if frame.kind is not Kind.CONTRIBUTION:
        return [frame.to_bytes()]
    seen = self.view
    body = Contribution.from_bytes(frame.parts[0], seen)
    changed = replace(body, **change(seen, body))
    signature = self.identity.sign(changed.header.digest(changed.rid))
    return [
        Frame(Kind.CONTRIBUTION, (replace(changed, signature=signature).to_bytes(),)).to_bytes()
    ]


def _flip(raw: bytes, at: int) -> bytes:
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


@way("contribute", harmless=True)
def any_vector(self: Hostile, raw: bytes) -> list[bytes]:
    """It may say what it likes about itself: nobody can know."""

    def change(seen: RoundView, body: Contribution) -> dict[str, Any]:
        said = np.frombuffer(hashlib.shake_256(b"v").digest(body.vector.nbytes), body.vector.dtype)
        self.shift = (said - body.vector).view(np.int64)
        return {"vector": said}

    return _contribution(self, raw, change)


@way("contribute")
def two_vectors(self: Hostile, raw: bytes) -> list[bytes]:
    other = _contribution(self, raw, lambda _, body: {"vector": body.vector + 1})
    return [*honest(self, raw), *other]


@way("contribute")
def unsigned(self: Hostile, raw: bytes) -> list[bytes]:
    said = honest(self, raw)[0]
    return [_flip(said, len(said) - 1)]


@way("contribute")
def other_round_id(self: Hostile, raw: bytes) -> list[bytes]:
    return _contribution(self, raw, lambda *_: {"rid": self.drawn(32)})


@way("contribute")
def another_name(self: Hostile, raw: bytes) -> list[bytes]:
    return _contribution(self, raw, lambda seen, _: {"node": (self.node % 7) + 1})


def _commitments(self: Hostile, raw: bytes, others: Sequence[int]) -> list[bytes]:
    def change(seen: RoundView, body: Contribution) -> dict[str, Any]:
        said = body.commitments
        for other in others or seen.secrets:
            if other in seen.secrets:
                said = _flip(said, 32 * seen.secrets[other])
        return {"commitments": said}

    return _contribution(self, raw, change)


@way("contribute")
def false_commitment_to_itself(self: Hostile, raw: bytes) -> list[bytes]:
    return _commitments(self, raw, [self.node])


@way("contribute")
def false_commitment_to_one(self: Hostile, raw: bytes) -> list[bytes]:
    others = [node for node in self.view.active if node != self.node]
    return _commitments(self, raw, others[:1])


@way("contribute")
def false_commitments(self: Hostile, raw: bytes) -> list[bytes]:
    return _commitments(self, raw, [])


@way("contribute", harmless=True)
def slots_that_one_member_cannot_open(self: Hostile, raw: bytes) -> list[bytes]:
    """One member that says so may be lying."""

    def change(seen: RoundView, body: Contribution) -> dict[str, Any]:
        size = SLOT * len(seen.secrets)
        return {"slots": self.drawn(size) + body.slots[size:]}

    return _contribution(self, raw, change)


@way("contribute")
def a_false_share_for_one(self: Hostile, raw: bytes) -> list[bytes]:
    """Dealt under the right key to the first member other than itself."""
    real = p1.split

    def lying(*given: Any) -> dict[int, list[int]]:
        shares = real(*given)
        victim = next(x for x in shares if x != self.node)
        return {**shares, victim: [(share + 1) % PRIME for share in shares[victim]]}

    with patch.object(p1, "split", lying):
        return honest(self, raw)


# -- signing the set, opening shares, giving up


def _mark(self: Hostile, raw: bytes, **changes: object) -> list[bytes]:
    frame = self.own(raw)
    if frame.kind not in (Kind.SET_SIGNATURE, Kind.STATEMENT):
        return [frame.to_bytes()]
    mark = replace(Mark.from_bytes(frame.parts[0]), **changes)  # type: ignore[arg-type]
    return [Frame(frame.kind, (mark.to_bytes(),)).to_bytes()]


@way("mark")
def on_another_set(self: Hostile, raw: bytes) -> list[bytes]:
    return _mark(self, raw, signature=self.identity.sign(b"wegwijs-sum/1 set " + bytes(32)))


@way("mark")
def in_another_name(self: Hostile, raw: bytes) -> list[bytes]:
    return _mark(self, raw, member=(self.node % 7) + 1)


@way("mark")
def about_another_round(self: Hostile, raw: bytes) -> list[bytes]:
    return _mark(self, raw, rid=bytes(32))


def _shares(
    self: Hostile, raw: bytes, change: Callable[[Sequence[int | None]], Sequence[int | None]]
) -> list[bytes]:
    frame = self.own(raw)
    if frame.kind is not Kind.SHARES:
        return [frame.to_bytes()]
    said = frame.parts[0]
    response = UnmaskResponse.from_bytes(said, (len(said) - 98) // 33)
    unsigned = replace(response, shares=tuple(change(response.shares)))
    signed = replace(unsigned, signature=self.identity.sign(unsigned.digest()))
    return [Frame(Kind.SHARES, (signed.to_bytes(),)).to_bytes()]


@way("shares")
def false_shares(self: Hostile, raw: bytes) -> list[bytes]:
    return _shares(self, raw, lambda shares: [7 + k**3 for k, _ in enumerate(shares)])


@way("shares")
def one_false_share(self: Hostile, raw: bytes) -> list[bytes]:
    return _shares(self, raw, lambda shares: [5, *shares[1:]])


@way("shares", harmless=True)
def no_shares(self: Hostile, raw: bytes) -> list[bytes]:
    """A slot that does not open may be its dealer's fault."""
    return _shares(self, raw, lambda shares: [None] * len(shares))


@way("shares")
def too_few_shares(self: Hostile, raw: bytes) -> list[bytes]:
    return _shares(self, raw, lambda shares: shares[1:])


@way("shares")
def shares_unsigned(self: Hostile, raw: bytes) -> list[bytes]:
    said = honest(self, raw)[0]
    return [_flip(said, len(said) - 1)]


PHASES = {
    Kind.ANNOUNCE: "ready", Kind.CONTRIBUTE: "contribute", Kind.CERTIFY: "mark",
    Kind.UNMASK: "shares", Kind.ABANDON: "mark", Kind.RESULT: "-", Kind.REFUND: "-",
}  # fmt: skip


def ways(kind: Kind) -> list[str]:
    """How a request of this kind may be answered."""
    return [name for name in WAYS if ":" not in name or name.startswith(PHASES[kind] + ":")]
