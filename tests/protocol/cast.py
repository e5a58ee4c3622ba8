"""A cast of nodes in memory: keys, links, prekeys, one round; no store, no network."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from privacy.secure_sum.certify import set_digest, sign_set
from privacy.secure_sum.close import (
    ClosedSet,
    accept,
    accept_response,
    close_set,
    sum_up,
    unmask_request,
)
from privacy.secure_sum.contribute import (
    ChannelKeys,
    Contributed,
    NoisyVector,
    contribute,
    fresh_seed,
)
from privacy.secure_sum.keys import Identity, KemKey, RoundKeys
from privacy.secure_sum.links import HigherEnd, LinkState, accept_link, make_link
from privacy.secure_sum.parameters import Policy, parameters_of, present
from privacy.secure_sum.prepare import Own, prepare
from privacy.secure_sum.unmask import open_shares, wanted
from privacy.secure_sum.view import RoundView, prekeys_digest, view
from privacy.secure_sum.wire import Contribution, Mark, UnmaskRequest
from privacy.secure_sum.witness import Witnessing, witness
from schemas.roster import Centre, Roster, Witness
from schemas.round import Announcement, Descriptor, KeyCard, Prekey
from schemas.signed import Signed


def tape(name: str) -> Callable[[int], bytes]:
    """A repeatable stream of bytes in place of the operating system's."""
    state = {"at": 0}

    def read(size: int) -> bytes:
        state["at"] += 1
        return hashlib.shake_256(f"{name}/{state['at']}".encode()).digest(size)

    return read


SMALL = Policy(colluding=Fraction(0), floor=Fraction(3, 4), least_honest=1)


@dataclass(repr=False)
class Player:
    """One node of the cast."""

    id: int
    identity: Identity
    kem: KemKey
    random: Callable[[int], bytes]
    card: KeyCard
    links: dict[int, LinkState] = field(default_factory=dict)
    keys: RoundKeys | None = None
    prekey: Signed | None = None


@dataclass(repr=False)
class Cast:
    """Everybody of one region; `witnesses`: those of the players that are no centres."""

    players: dict[int, Player]
    coordinator: Identity
    roster: Roster
    policy: Policy
    remove_excess: bool = True
    witnesses: tuple[int, ...] = ()
    signed_links: dict[tuple[int, int], Signed] = field(default_factory=dict)

    def link(self) -> None:
        """Every lower id links to every higher one, but for two witnesses."""
        for i, lo in self.players.items():
            for j, hi in self.players.items():
                if i < j and not {i, j} <= set(self.witnesses):
                    signed, state = make_link(lo.identity, lo.card, hi.card, 1)
                    self.signed_links[i, j] = signed
                    lo.links[j] = state
                    end = HigherEnd(hi.kem, hi.card, 0, 1)
                    hi.links[i] = accept_link(signed, lo.identity.public_hex, 1, end)

    def announce(self, number: int, length: int, width: int = 32) -> Announcement:
        """An announcement of a round."""
        return Announcement(
            round=number, roster=self.roster.digest(), programme="00" * 32, period="year",
            cohorts=("2024Q1",), asks=("trajectories@start",), length=length, width=width,  # type: ignore[arg-type]
            announced_at=10, prekeys_until=20, deadline_latest=100,
        )  # fmt: skip

    def prekeys(self, announcement: Announcement) -> list[Signed]:
        """Fresh prekeys of everybody."""
        signed = []
        for player in self.players.values():
            player.keys = RoundKeys.new(player.random)
            mask, channel = player.keys.public
            body = Prekey(
                id=player.id, round=announcement.round, announcement=announcement.digest(),
                mask_public=None if player.id in self.witnesses else mask,
                channel_public=channel, links=tuple(sorted(player.links)),
            )  # fmt: skip
            player.prekey = Signed.seal(body, player.identity.private)
            signed.append(player.prekey)
        return signed

    def describe(
        self, announcement: Announcement, prekeys: Sequence[Signed], **changes: object
    ) -> Signed:
        """A signed descriptor; `changes` makes it a wrong one."""
        opened = {p.id: p for p in (s.peek(Prekey) for s in prekeys)}
        here = present(opened, self.roster, announcement.round)
        fields: dict[str, object] = {
            "announcement": announcement,
            "prekeys": prekeys_digest(prekeys),
            "active": here.centres,
            "witnesses": here.witnesses,
            "parameters": parameters_of(
                self.roster, len(here.centres), self.policy, remove_excess=self.remove_excess
            ),
            "noise": "skellam",
            "noise_variance": 4,
            "specification": "11" * 32,
            "deadline": 100,
        }
        return Signed.seal(Descriptor(**{**fields, **changes}), self.coordinator.private)  # type: ignore[arg-type]

    def own(self, node: int, last_burnt: int = 0) -> Own:
        """What a node knows of itself."""
        return Own(node, self.players[node].prekey, last_burnt, self.policy)

    def prepare(
        self, node: int, descriptor: Signed, prekeys: Sequence[Signed], bound: int = 1000
    ) -> RoundView:
        """P0 of one node."""
        return prepare(descriptor, prekeys, self.roster, self.own(node), now=30, bound=bound)

    def contribute(self, seen: RoundView, node: int, vector: NDArray[np.int64]) -> Contributed:
        """P1 of one node."""
        player = self.players[node]
        assert player.keys is not None
        noisy = NoisyVector(vector, [fresh_seed(player.random) for _ in seen.parameters.levels])
        return contribute(seen, player.identity, player.keys, player.links, noisy, player.random)


@dataclass(repr=False)
class Play:
    """One round as far as it has gone."""

    cast: Cast
    view: RoundView
    descriptor: Signed
    prekeys: list[Signed]
    vectors: Mapping[int, NDArray[np.int64]]
    sent: dict[int, Contributed]
    bodies: dict[int, Contribution]
    witnessed: dict[int, Witnessing] = field(default_factory=dict)

    def channel(self, member: int) -> ChannelKeys:
        """The keys that a member keeps until it has answered, a centre or a witness."""
        kept = self.witnessed[member] if member in self.witnessed else self.sent[member]
        return kept.channel

    def plain(self, nodes: Iterable[int]) -> NDArray[np.int64]:
        """The plain sum of the same vectors."""
        return np.sum([self.vectors[node] for node in nodes], axis=0)  # type: ignore[no-any-return]

    def close(self, nodes: Iterable[int]) -> ClosedSet:
        """Fix the set from these nodes' contributions."""
        return close_set(self.view, {node: self.bodies[node] for node in nodes})

    def headers(self, closed: ClosedSet) -> list:  # type: ignore[type-arg]
        """Headers of the set, by id."""
        return [closed.contributions[node].header for node in closed.ids]

    def sign(self, closed: ClosedSet, members: Iterable[int]) -> tuple[bytes, list[Mark]]:
        """The members' signatures on the set."""
        headers = self.headers(closed)
        marks = [sign_set(self.view, self.cast.players[m].identity, m, headers) for m in members]
        return set_digest(self.view, headers), marks

    def respond(self, closed: ClosedSet, dg: bytes, marks: Sequence[Mark], member: int):  # type: ignore[no-untyped-def]
        """One member's shares, through the wire."""
        raw = unmask_request(self.view, closed, marks, member).to_bytes()
        request = UnmaskRequest.from_bytes(raw, len(wanted(self.view, closed.ids)))
        channel = ChannelKeys.from_bytes(self.channel(member).to_bytes())
        answer = open_shares(
            self.view, self.cast.players[member].identity, member, channel,
            (dg, closed.ids), request,
        )  # fmt: skip
        return accept_response(self.view, closed.ids, answer.to_bytes(), member)

    def total(
        self, survivors: Iterable[int], signers: Iterable[int], responders: Iterable[int]
    ) -> NDArray[np.int64]:
        """The whole of P2 to P4."""
        closed = self.close(survivors)
        dg, marks = self.sign(closed, signers)
        answers = [self.respond(closed, dg, marks, member) for member in responders]
        return sum_up(self.view, closed, dg, marks, answers).total


def make_cast(
    n: int, policy: Policy = SMALL, organisations: int | None = None, witnesses: int = 0
) -> Cast:
    """A region of n centres with ids 1..n; witnesses have the lowest id, 0, and ids from 1001."""
    players, ids = {}, (0, *range(1001, 1000 + witnesses))[:witnesses]
    for node in (*range(1, n + 1), *ids):
        random = tape(f"node {node}")
        identity, kem = Identity.new(random), KemKey.new(random)
        card = kem.card(identity, node).open(KeyCard, identity.public_hex)
        players[node] = Player(node, identity, kem, random, card)
    coordinator = Identity.new(tape("coordinator"))
    roster = Roster(
        epoch=1, previous=None, seed="22" * 32, coordinator=coordinator.public_hex,
        valid_from=0, valid_until=1000,
        centres=tuple(
            Centre(
                id=p.id, name=f"Centre {p.id}", key=p.identity.public_hex,
                organisation=f"org {p.id % (organisations or n)}", recognised_number=str(p.id),
            )
            for p in players.values()
            if p.id not in ids
        ),
        operator="region" if ids else None,
        witnesses=tuple(
            Witness(
                id=node, name=f"Witness {node}", key=players[node].identity.public_hex,
                organisation=f"witness of its own {node}",
            )
            for node in ids
        ),
    )  # fmt: skip
    cast = Cast(dict(sorted(players.items())), coordinator, roster, policy, witnesses=ids)
    cast.link()
    return cast


def play(
    cast: Cast,
    *,
    number: int = 1,
    length: int = 9,
    width: int = 32,
    awake: Iterable[int] | None = None,
    vectors: Mapping[int, NDArray[np.int64]] | None = None,
) -> Play:
    """Run P0 and P1 of a round in which everybody who is awake is active and contributes."""
    announcement = cast.announce(number, length, width)
    up = set(cast.players if awake is None else awake)
    prekeys = [p for p in cast.prekeys(announcement) if p.peek(Prekey).id in up]
    descriptor = cast.describe(announcement, prekeys)
    seen = view(descriptor, prekeys, cast.roster)
    plain, sent, bodies = {}, {}, {}
    for node in sorted(up - set(cast.witnesses)):
        own_view = cast.prepare(node, descriptor, prekeys)
        plain[node] = (
            vectors[node] if vectors else np.arange(length, dtype=np.int64) * node - 3 * node
        )
        sent[node] = cast.contribute(own_view, node, plain[node])
        bodies[node] = accept(seen, sent[node].message, node)
    return Play(cast, seen, descriptor, prekeys, plain, sent, bodies, _witnessed(seen, cast))


def _witnessed(seen: RoundView, cast: Cast) -> dict[int, Witnessing]:
    """What each active witness makes of the round when it is asked to certify it."""
    made = {}
    for node in seen.descriptor.witnesses:
        player = cast.players[node]
        assert player.keys is not None
        made[node] = witness(seen, node, player.keys, player.links)
    return made
