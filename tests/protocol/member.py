"""A committee member with a real store, placed in a round of the cast; no coordinator."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cast import Play, tape

from chassis.store import settings
from node.rounds import committee
from node.rounds.context import Context
from node.store import NodeStore, rounds, signed_documents
from node.store.database import Connection
from node.store.rounds import OwnPrekey, StoredRound
from privacy.secure_sum.close import ClosedSet, unmask_request
from privacy.secure_sum.wire import Mark
from schemas.message import Kind, pack
from schemas.signed import Signed


@dataclass(repr=False)
class Member:
    """One node's store and what it is asked."""

    round: Play
    node: int
    store: NodeStore
    folder: Path

    @property
    def around(self) -> Context:
        """A clock at 40 and the cast's policy."""
        return Context(lambda: 40, tape(f"member {self.node}"), self.round.cast.policy)

    def ask(self, connection: Connection, request: tuple[Kind, Sequence[bytes]]) -> bytes:
        """Answer one request inside a transaction; refuses by raising."""
        kind, parts = request
        handlers: dict[Kind, Callable] = {  # type: ignore[type-arg]
            Kind.CERTIFY: committee.certify,
            Kind.UNMASK: committee.unmask,
            Kind.ABANDON: committee.abandon,
            Kind.REFUND: committee.refund,
        }
        reply = handlers[kind](connection, self.around, parts)
        return b"".join(reply.frame.parts) if reply else b""

    def once(self, request: tuple[Kind, Sequence[bytes]]) -> bytes:
        """The same in a transaction of its own."""
        with self.store.begin() as connection:
            return self.ask(connection, request)

    def stored(self) -> StoredRound:
        """The round as the node remembers it."""
        with self.store.begin() as connection:
            found = rounds.by_rid(connection, self.round.view.rid)
        assert found is not None
        return found

    def restart(self) -> None:
        """Open the same file again."""
        self.store = NodeStore.open(self.folder)

    def certify(self, closed: ClosedSet) -> tuple[Kind, Sequence[bytes]]:
        """A request to sign this set."""
        headers = [header.to_schema().canonical() for header in self.round.headers(closed)]
        return Kind.CERTIFY, (*self._papers(), pack(headers))

    def unmask(self, closed: ClosedSet, marks: Sequence[Mark]) -> tuple[Kind, Sequence[bytes]]:
        """A request for this member's shares."""
        request = unmask_request(self.round.view, closed, marks, self.node)
        return Kind.UNMASK, (self.round.view.rid, request.to_bytes())

    def abandon(self) -> tuple[Kind, Sequence[bytes]]:
        """A request to state that it will never certify the round."""
        return Kind.ABANDON, self._papers()

    def _papers(self) -> tuple[bytes, bytes]:
        prekeys = [prekey.canonical() for prekey in self.round.prekeys]
        return self.round.descriptor.canonical(), pack(prekeys)


def make_member(
    folder: Path, round_: Play, node: int, *, contributed: bool = True, restored: bool = False
) -> Member:
    """A node that has sent its prekey and, unless told otherwise, contributed.

    `restored`: from a backup, which holds identity and documents and nothing of any round.
    """
    player = round_.cast.players[node]
    assert player.prekey is not None
    store = NodeStore.create(folder)
    roster = Signed.seal(round_.cast.roster, player.identity.private)  # who signed it is not asked
    with store.begin() as connection:
        settings.put(connection, "node", str(node).encode())
        settings.put(connection, "identity", player.identity.seed)
        digest = round_.cast.roster.digest()
        signed_documents.keep(
            connection, signed_documents.SignedDocument("roster", 1, digest, roster, None)
        )
        if restored:
            return Member(round_, node, store, folder)
        witness = node in round_.cast.witnesses
        secret = player.keys.to_bytes() if witness and player.keys else None
        own = OwnPrekey(round_.view.descriptor.announcement.digest(), player.prekey, secret)
        number = round_.view.descriptor.announcement.round
        rounds.keep_prekey(connection, number, own)
        if witness:
            rounds.keep_links(connection, [(state, None) for state in player.links.values()])
        if witness:
            rounds.open_round(
                connection, round_.view.rid, number, round_.descriptor, round_.prekeys
            )
        elif contributed:
            sent = round_.sent[node]
            rounds.open_round(
                connection, round_.view.rid, number, round_.descriptor, round_.prekeys
            )
            rounds.change(
                connection, round_.view.rid, message=sent.message,
                channel=sent.channel.to_bytes(), outcome="sent",
            )  # fmt: skip
    return Member(round_, node, store, folder)
