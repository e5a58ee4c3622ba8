"""Links: one ML-KEM encapsulation for each pair, then a ratchet, one step a round.

k(base) = HKDF(KEM secret, salt = digest of the link, "ratchet"); k(r+1) = HKDF(k(r), "ratchet",
r+1). No round id enters, so rounds that a node missed are skipped over. A node stores k(r+1)
and forgets k(r) in the transaction that burns round r: forward secrecy.
"""

import struct
from dataclasses import dataclass, field, replace

from privacy.secure_sum.keys import Identity, KemKey, encapsulate
from privacy.secure_sum.labels import derive, digest, u64
from privacy.secure_sum.refusal import AlreadyBurnt, BadLink, LinkTooOld, Malformed
from schemas.round import KeyCard, Link
from schemas.signed import Signed

MOST_STEPS = 64
_LAYOUT = struct.Struct(">HIIQQ32s")


@dataclass(frozen=True, slots=True)
class LinkState:
    """What one end keeps of a pair: the key for `round` and later ones.

    `base`: of the link that it comes from. The higher end goes over to a link with a later one.
    """

    peer: int
    generation_mine: int
    generation_peer: int
    base: int
    round: int
    key: bytes = field(repr=False)

    def at(self, round_number: int) -> "LinkState":
        """Return the state for a round. Raises AlreadyBurnt (past) or LinkTooOld (over 64)."""
        steps = round_number - self.round
        if steps < 0:
            raise AlreadyBurnt("the key of this round was forgotten when the round was used")
        if steps > MOST_STEPS:
            raise LinkTooOld("the pair is more than 64 rounds behind; it needs a new link")
        key = self.key
        for number in range(self.round + 1, round_number + 1):
            key = derive(key, "ratchet", u64(number), salt=b"")
        return replace(self, round=round_number, key=key)

    def usable(self, round_number: int) -> bool:
        """Whether the link serves this round. Else the pair needs a new one.

        It follows from the base, which both ends know, and not from how far each has come: the
        two must never differ about it, or each would mask with another key.
        """
        return self.round <= round_number <= self.base + MOST_STEPS

    def to_bytes(self) -> bytes:
        """58 bytes, for the node's own encrypted store."""
        return _LAYOUT.pack(
            self.peer, self.generation_mine, self.generation_peer, self.base, self.round, self.key
        )

    @classmethod
    def from_bytes(cls, raw: bytes) -> "LinkState":
        """The inverse. Raises Malformed."""
        if len(raw) != _LAYOUT.size:
            raise Malformed("a link state of the wrong size")
        return cls(*_LAYOUT.unpack(raw))


def _first_key(secret: bytes, link: Link) -> bytes:
    return derive(secret, "ratchet", salt=digest("link", link.canonical()))


def make_link(
    identity: Identity, mine: KeyCard, theirs: KeyCard, base: int
) -> tuple[Signed, LinkState]:
    """Make the link of a pair; only the lower id does. `base`: the announced round."""
    if mine.id >= theirs.id:
        raise BadLink("the lower id makes the link")
    secret, ciphertext = encapsulate(theirs)
    link = Link(
        lo=mine.id,
        hi=theirs.id,
        generation_lo=mine.generation,
        generation_hi=theirs.generation,
        base=base,
        ciphertext=ciphertext.hex(),
    )
    key = _first_key(secret, link)
    state = LinkState(theirs.id, mine.generation, theirs.generation, base, base, key)
    return Signed.seal(link, identity.private), state


@dataclass(frozen=True, slots=True)
class HigherEnd:
    """Who opens a link: its key and card, its last burnt round and the announced one."""

    kem: KemKey
    card: KeyCard
    last_burnt: int
    announced: int


def check_base(link: Link, announced: int) -> None:
    """Raise BadLink on a link that starts after the announced round: it would serve none."""
    if link.base > announced:
        raise BadLink("a link that starts after the announced round")


def accept_link(signed: Signed, lo_key: str, generation_lo: int, me: HigherEnd) -> LinkState:
    """Open a link at the higher end. Raises BadLink, BadSignature.

    `lo_key`: the maker's identity on the roster; `generation_lo`: of the maker's latest card;
    a base below this node's last burnt round is refused, or old keys would come back. For the
    same reason a base at that round is stepped past it.
    """
    link = signed.open(Link, lo_key)
    if link.hi != me.card.id or link.lo >= link.hi:
        raise BadLink("a link for another pair")
    if link.generation_hi != me.card.generation or link.generation_lo != generation_lo:
        raise BadLink("a link between key cards that are not the latest")
    if link.base < me.last_burnt:
        raise BadLink("a link that starts before a round that is already burnt")
    check_base(link, me.announced)
    secret = me.kem.open(bytes.fromhex(link.ciphertext))
    base, key = link.base, _first_key(secret, link)
    state = LinkState(link.lo, link.generation_hi, link.generation_lo, base, base, key)
    return state.at(max(base, me.last_burnt + 1))
