"""Centres and witnesses of a benchmark, many in one process: real answers, made from keys alone."""

import hashlib
import os
import time
from collections.abc import Callable, Mapping, Sequence

from privacy.encode.layout import make_layout
from privacy.noise.excess import share_in_parts
from privacy.secure_sum.certify import set_digest, sign_set
from privacy.secure_sum.contribute import NoisyVector, contribute, excess_key, fresh_seed
from privacy.secure_sum.keys import Identity, KemKey, RoundKeys
from privacy.secure_sum.links import LinkState
from privacy.secure_sum.masks import keystream
from privacy.secure_sum.unmask import open_shares, wanted
from privacy.secure_sum.view import RoundView
from privacy.secure_sum.wire import Header, UnmaskRequest
from privacy.secure_sum.witness import witness
from schemas.catalogue.default import programme_of_year
from schemas.message import Frame, Kind, pack_ids
from schemas.programme import Programme
from schemas.request import Mention, Request
from schemas.round import Announcement, Prekey
from schemas.signed import Signed
from schemas.units import UnixSeconds

NOW, DAY = 1_760_000_000, 86_400


def programme() -> Programme:
    """The starter programme."""
    return programme_of_year(
        2024, "Vlaanderen", UnixSeconds(NOW - DAY), UnixSeconds(NOW + 365 * DAY)
    )


class Centres:
    """All centres and witnesses of a region; each answers as a node does, from keys alone."""

    def __init__(self, n: int, witnesses: int) -> None:
        self.ids, self.aside = range(1, n + 1), range(n + 1, n + witnesses + 1)
        everybody = (*self.ids, *self.aside)
        self.identities = {node: Identity.new(os.urandom) for node in everybody}
        self.cards = {
            node: KemKey.new(os.urandom).card(identity, node)
            for node, identity in self.identities.items()
        }
        self.seconds = 0.0
        self._keys = {node: RoundKeys.new(os.urandom) for node in everybody}
        self._signed: dict[int, tuple[bytes, tuple[int, ...]]] = {}
        self._seen: RoundView | None = None
        self.announced: Announcement | None = None
        self.headers: Callable[[], list[Header]] = list

    def handler(self, node: int) -> Callable[[bytes], bytes]:
        """What the carrier calls for one of them."""
        answers = {
            Kind.ANNOUNCE: self._ready, Kind.CONTRIBUTE: self._contribution,
            Kind.CERTIFY: self._mark, Kind.UNMASK: self._shares,
        }  # fmt: skip

        def answer(raw: bytes) -> bytes:
            begun = time.process_time()
            request = Request.from_bytes(raw)
            said = answers[request.kind](node, request.parts).to_bytes()
            self.seconds += time.process_time() - begun
            return said

        return answer

    def see(self, view: RoundView) -> None:
        """The open round, checked."""
        self._seen = view

    @property
    def _view(self) -> RoundView:
        if self._seen is None:
            raise SystemExit("the round is not open")
        return self._seen

    def _ready(self, node: int, _: Sequence[bytes | Mention]) -> Frame:
        if self.announced is None:
            raise SystemExit("nothing is announced")
        mask, channel = self._keys[node].public
        peers = self.ids if node in self.aside else (*self.ids, *self.aside)
        prekey = Prekey(
            id=node, round=self.announced.round, announcement=self.announced.digest(),
            mask_public=None if node in self.aside else mask, channel_public=channel,
            links=tuple(peer for peer in peers if peer != node),
        )  # fmt: skip
        signed = Signed.seal(prekey, self.identities[node].private).canonical()
        return Frame(Kind.READY, (self.cards[node].canonical(), signed, pack_ids([]), pack_ids([])))

    def _links(self, node: int) -> Mapping[int, LinkState]:
        number = self._view.descriptor.announcement.round
        return {
            peer: LinkState(
                peer, 1, 1, number, number,
                hashlib.sha256(f"{min(node, peer)}|{max(node, peer)}".encode()).digest(),
            )
            for peer in self._view.everybody
            if peer != node
        }  # fmt: skip

    def _contribution(self, node: int, _: Sequence[bytes | Mention]) -> Frame:
        view = self._view
        made = contribute(
            view, self.identities[node], self._keys[node], self._links(node), self.noisy(view),
            os.urandom,
        )  # fmt: skip
        return Frame(Kind.CONTRIBUTION, (made.message,))

    @staticmethod
    def noisy(view: RoundView) -> NoisyVector:
        """The vector of a centre without clients: its share of noise, as a node draws it."""
        limits = view.parameters
        spare = [fresh_seed(os.urandom) for _ in limits.levels]
        noise = share_in_parts(
            make_layout(programme(), view.descriptor.announcement.asks).noise(limits.honest),
            limits.honest_at, view.length, os.urandom,
            [keystream(excess_key(view, seed)) for seed in spare],
        )  # fmt: skip
        return NoisyVector(noise, spare)

    def _mark(self, node: int, _: Sequence[bytes | Mention]) -> Frame:
        view, headers = self._view, self.headers()
        mark = sign_set(view, self.identities[node], node, headers)
        ids = tuple(header.node for header in headers)
        self._signed[node] = (set_digest(view, headers), ids)
        return Frame(Kind.SET_SIGNATURE, (mark.to_bytes(),))

    def _shares(self, node: int, parts: Sequence[bytes | Mention]) -> Frame:
        view, signed = self._view, self._signed[node]
        channel = witness(view, node, self._keys[node], self._links(node)).channel
        request = UnmaskRequest.from_bytes(_sent(parts[1]), len(wanted(view, signed[1])))
        opened = open_shares(view, self.identities[node], node, channel, signed, request)
        return Frame(Kind.SHARES, (opened.to_bytes(),))


def _sent(part: bytes | Mention) -> bytes:
    """A part that is this member's own, and so never a public document."""
    if isinstance(part, Mention):
        raise SystemExit("slots came as a document")
    return part
