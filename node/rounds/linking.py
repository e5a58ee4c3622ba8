"""Links of this centre: take those of lower ids, make those to higher ones, ask for what lacks.

A link that cannot serve the announced round counts as missing. The lower end then makes it anew
by itself, or because the higher end, which may have slept, asks for it: once for each pair and
round, so that nobody can keep a centre busy with it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from node.admission.check import Standing
from node.enrolment.own_keys import identity, kem_key, own_card
from node.store import rounds
from node.store.database import Connection
from privacy.secure_sum.keys import check_kem
from privacy.secure_sum.links import HigherEnd, LinkState, accept_link, make_link
from privacy.secure_sum.refusal import BadCard, SumRefusal
from schemas.document import MalformedDocument
from schemas.round import KeyCard, Link
from schemas.signed import BadSignature, Signed


def cards_of(here: Standing, signed: Sequence[Signed]) -> Mapping[int, KeyCard]:
    """Cards of this node and its peers that these signed and that hold a key; others cost their
    centre its pairs."""
    listed, ours = here.roster.listed, (*here.peers, here.node)
    owners = {listed[node]: node for node in ours}
    found = {}
    for envelope in signed:
        if envelope.signer not in owners:
            continue
        try:
            card = envelope.open(KeyCard, envelope.signer)
            check_kem(card)
        except (BadSignature, BadCard, MalformedDocument):
            continue
        if card.id == owners[envelope.signer]:
            found[card.id] = card
    return found


@dataclass(frozen=True, slots=True)
class Linking:
    """The pairs of this centre in one announced round. `cards`: of every centre that has one."""

    here: Standing
    cards: Mapping[int, KeyCard]
    number: int

    def take(self, connection: Connection, links: Sequence[bytes]) -> frozenset[int]:
        """Keep what lower ids made. Returns those whose newest link could not be taken.

        A bad link costs its pair, not this centre's part in the round. One that is newer than
        what is held and cannot be used says that its maker holds another key now.
        """
        held, owners = rounds.links(connection), self.here.roster.identities
        taken: dict[int, LinkState] = {}
        outdated: set[int] = set()
        me = HigherEnd(
            kem_key(connection), self._mine(connection), rounds.last_burnt(connection), self.number
        )
        for raw in links:
            try:
                signed = Signed.from_canonical(raw)
                link = signed.peek(Link)
                state = held.get(link.lo)
                if signed.signer != owners.get(link.lo) or not self._newer(link, state, me.card):
                    continue
                newest = self._newest(link.lo, state)
                taken[link.lo] = accept_link(signed, signed.signer, newest, me)
            except (BadSignature, MalformedDocument):
                continue
            except SumRefusal:
                outdated.add(link.lo)
        rounds.keep_links(connection, [(state, None) for state in taken.values()])
        return frozenset(outdated)

    def needless(self, connection: Connection, links: Sequence[bytes]) -> tuple[int, ...]:
        """Lower ids of links that need not be relayed again: what is held is as new."""
        held, mine = rounds.links(connection), self._mine(connection)
        found = set()
        for raw in links:
            try:
                link = Signed.from_canonical(raw).peek(Link)
            except MalformedDocument:
                continue
            known = link.lo in held and link.lo in self.cards
            if known and not self._newer(link, held[link.lo], mine):
                found.add(link.lo)
        return tuple(sorted(found))

    def _newer(self, link: Link, state: LinkState | None, mine: KeyCard) -> bool:
        if link.hi != mine.id or link.lo not in self.cards:
            return False
        return state is None or not self._fits(state, mine) or link.base > state.base

    def make(self, connection: Connection, peers: Collection[int], asking: Collection[int]) -> None:
        """Make what lacks with these peers, and what `asking` peers lack, once a round."""
        mine, held = self._mine(connection), rounds.links(connection)
        me, made = identity(connection), list[tuple[LinkState, Signed | None]]()
        for peer in sorted(set(peers) & self.cards.keys()):
            state, card = held.get(peer), self.cards[peer]
            asked = peer in asking and (state is None or state.base < self.number)
            if peer <= self.here.node or card.generation < self._newest(peer, state):
                continue
            if asked or not self._serves(state, mine):
                signed, new = make_link(me, mine, card, self.number)
                made.append((new, signed))
        rounds.keep_links(connection, made)

    def linked(self, connection: Connection, outdated: Collection[int]) -> tuple[int, ...]:
        """Peers with which this round can be masked, ascending."""
        mine, held = self._mine(connection), rounds.links(connection)
        peers = self.cards.keys() - {self.here.node} - set(outdated)
        return tuple(sorted(peer for peer in peers if self._serves(held.get(peer), mine)))

    def lacking(self, linked: Collection[int]) -> tuple[int, ...]:
        """Lower ids that have to make a link for this centre, ascending."""
        lower = (peer for peer in self.cards if peer < self.here.node)
        return tuple(sorted(peer for peer in lower if peer not in linked))

    def _mine(self, connection: Connection) -> KeyCard:
        return own_card(connection).peek(KeyCard)

    def _fits(self, state: LinkState, mine: KeyCard) -> bool:
        card = self.cards.get(state.peer)
        return (
            card is not None
            and state.generation_mine == mine.generation
            and state.generation_peer >= card.generation
        )

    def _serves(self, state: LinkState | None, mine: KeyCard) -> bool:
        return state is not None and self._fits(state, mine) and state.usable(self.number)

    def _newest(self, peer: int, state: LinkState | None) -> int:
        """An older card of a peer never comes back, whoever relays it."""
        return max(self.cards[peer].generation, state.generation_peer if state else 0)
