"""How a hostile centre gets ready: prekeys, key cards and links of every wrong kind."""

from collections.abc import Callable

from cast import tape
from hostile import STRANGER, Hostile, honest, way

from coordinator.store import rounds
from privacy.secure_sum.keys import KemKey, RoundKeys
from schemas.message import Frame, Kind
from schemas.round import KeyCard, Link, Prekey
from schemas.signed import Signed


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
    if not others:  # nobody to copy from yet
        self.told.discard("ready: copied key")
        return honest(self, raw)
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
        self.sent_links |= len(parts) > 4
        return [*parts[:4], *(self.resealed(one, Link, **changes) for one in parts[4:])]

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
