"""READY: a centre's card, links and prekey, each checked before it is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coordinator.store import centres, links, rounds
from coordinator.store.database import Connection
from coordinator.store.rounds import StoredRound
from coordinator.store.signed_documents import SignedDocuments
from privacy.secure_sum.keys import check_kem
from privacy.secure_sum.links import check_base
from privacy.secure_sum.prekeys import usable_prekeys
from privacy.secure_sum.refusal import BadPrekeys
from privacy.secure_sum.view import public_keys
from schemas.message import Frame, MalformedFrame, pack_ids, unpack_ids
from schemas.round import KeyCard, Link, Prekey
from schemas.signed import BadSignature, Signed


class CopiedKey(BadPrekeys):
    """A prekey holds a key that another centre sent before."""

    code = "copied-key"


@dataclass(frozen=True, slots=True)
class Asked:
    """The round a centre answers, its documents, and the tags of the links it was sent."""

    here: SignedDocuments
    stored: StoredRound
    relayed: Mapping[int, bytes]


def take_ready(connection: Connection, asked: Asked, node: int, frame: Frame, now: int) -> bool:
    """Keep a node's card, links and prekey, if each is sound and signed by it. Returns whether the
    card is another than before.

    Raises BadSignature, BadCard, BadLink, BadPrekeys, MalformedDocument or MalformedFrame; then
    nothing of the answer is kept.
    """
    if len(frame.parts) < 4:
        raise MalformedFrame("a centre that is ready sends card, prekey and two lists")
    roster, number = asked.here.roster, asked.stored.number
    card, prekey, lacking, needless, *made = frame.parts
    new_card = _take_card(connection, node, Signed.from_canonical(card), roster.identities[node])
    _take_links(connection, asked, node, made)
    needed_no_more = asked.relayed.keys() & set(unpack_ids(needless))
    links.took(connection, node, {lo: asked.relayed[lo] for lo in needed_no_more})
    lower = [
        peer for peer in sorted(set(unpack_ids(lacking)) & roster.identities.keys()) if peer < node
    ]
    rounds.replace_answer(connection, number, "lacking", (node, pack_ids(lower)), now)
    if prekey:
        _take_prekey(connection, asked, node, Signed.from_canonical(prekey), now)
    return new_card


def _take_links(connection: Connection, asked: Asked, node: int, made: Sequence[bytes]) -> None:
    identities = asked.here.roster.identities
    sound: dict[int, Signed] = {}
    for raw in made:
        signed = Signed.from_canonical(raw)
        link = signed.open(Link, identities[node])
        check_base(link, asked.stored.number)
        if link.lo == node < link.hi and link.hi in identities:
            sound[link.hi] = signed
    links.keep(connection, node, sound)


def _take_prekey(connection: Connection, asked: Asked, node: int, signed: Signed, now: int) -> None:
    """Keep a prekey that the round can use; the first stands, and who sends a key that another
    centre sent before comes too late with it."""
    roster, number = asked.here.roster, asked.stored.number
    held = rounds.answer_of(connection, number, "prekey", node)
    if held == signed.canonical():
        return
    if held is not None:
        raise BadPrekeys("a second prekey for one round")
    if signed.signer != roster.identities[node]:
        raise BadPrekeys("a prekey that another centre signed")
    if not usable_prekeys([signed], roster, asked.stored.announced):
        raise BadPrekeys("a prekey that no round can use")
    if not rounds.claim_keys(connection, number, node, public_keys(signed.peek(Prekey))):
        raise CopiedKey("a prekey with a key of another centre")
    rounds.keep_answer(connection, number, "prekey", {node: signed.canonical()}, now)


def _take_card(connection: Connection, node: int, signed: Signed, key: str) -> bool:
    card = signed.open(KeyCard, key)
    if card.id != node:
        raise BadSignature("a key card under another centre's id")
    held = centres.card_of(connection, node)
    if held is None or card.generation > held.peek(KeyCard).generation:
        check_kem(card)
        centres.keep_card(connection, node, signed.canonical().decode())
        return True
    return False
