"""What a hostile committee member says beside false marks and shares: two sets, shares of another
round, the keys of others; and what a second copy of its disk says."""

from dataclasses import replace
from pathlib import Path

from cast import tape
from hostile import Hostile, honest, way
from hostile_keys import _prekey
from hostile_shares import _mark

from coordinator.rounds.closing import FixedSet
from coordinator.store import rounds
from node.rounds.answer import Participant
from node.rounds.context import Context
from node.store import NodeStore
from privacy.secure_sum.certify import set_digest, set_message
from privacy.secure_sum.wire import UnmaskResponse
from schemas.message import Frame, Kind
from schemas.round import Prekey
from schemas.signed import Signed


def copy_of(store: NodeStore, folder: Path) -> NodeStore:
    """The disk as it is now, as a virtual machine's snapshot is."""
    folder.mkdir()
    for file in store.folder.iterdir():
        if file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())
    return NodeStore.open(folder)


@way("any", harmless=True)
def put_back(self: Hostile, raw: bytes) -> list[bytes]:
    """What the disk says as it was when this way was first taken: it may know nothing of the
    round, or say once more what was said. Nobody can know, and nobody has to."""
    if self.earlier_disk is None:
        folder = self.store.folder.with_name(f"{self.store.folder.name}-before")
        self.earlier_disk = copy_of(self.store, folder)
    around = Context(self.clock, tape(f"again {self.node}"))
    return [Participant(self.earlier_disk, around).answer(raw)]


@way("ready")
def copied_channel_key(self: Hostile, raw: bytes) -> list[bytes]:
    number = self.number
    with self.region.begin() as connection:
        kept = rounds.answers(connection, number, "prekey")
    others = [Signed.from_canonical(k).peek(Prekey) for n, k in kept.items() if n != self.node]
    if not others:  # nobody to copy from yet
        self.told.discard("ready: copied channel key")
        return honest(self, raw)
    return _prekey(self, raw, channel_public=others[0].channel_public)


@way("mark")
def on_two_sets(self: Hostile, raw: bytes) -> list[bytes]:
    """The set, and the same without its last centre: what would open that centre's vector."""
    if Frame.from_bytes(raw).kind is not Kind.CERTIFY:
        return _mark(self, raw, rid=bytes(32))
    number, seen = self.number, self.view
    with self.region.begin() as connection:
        stored = rounds.of(connection, number)
        assert stored is not None
        fixed = FixedSet.load(connection, stored, seen)
    fewer = set_digest(fixed.view, fixed.headers[:-1])
    other = self.identity.sign(set_message(fewer))
    return [*_mark(self, raw, signature=other), *honest(self, raw)]


@way("shares")
def of_another_round(self: Hostile, raw: bytes) -> list[bytes]:
    frame = self.own(raw)
    if frame.kind is not Kind.SHARES:
        return [frame.to_bytes()]
    said = frame.parts[0]
    unsigned = replace(UnmaskResponse.from_bytes(said, (len(said) - 98) // 33), rid=bytes(32))
    signed = replace(unsigned, signature=self.identity.sign(unsigned.digest()))
    return [Frame(Kind.SHARES, (signed.to_bytes(),)).to_bytes()]
