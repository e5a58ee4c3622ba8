"""ANNOUNCE to every centre and READY back: relaying cards and links, gathering prekeys."""

from coordinator.rounds.opening import papers_for
from coordinator.rounds.relaying import own_headers, rosters_between
from coordinator.store import centres, rounds
from coordinator.store.database import Connection
from coordinator.store.rounds import StoredRound
from privacy.secure_sum.keys import check_kem
from privacy.secure_sum.links import check_base
from privacy.secure_sum.prekeys import usable_prekeys
from privacy.secure_sum.refusal import BadPrekeys
from privacy.secure_sum.view import public_keys
from schemas.message import Frame, Kind, MalformedFrame, pack, pack_ids, unpack_ids
from schemas.round import KeyCard, Link, Prekey
from schemas.signed import BadSignature, Signed

_NOTHING = pack([])


class CopiedKey(BadPrekeys):
    """A prekey holds a key that another centre sent before."""

    code = "copied-key"


def announce_requests(
    connection: Connection, stored: StoredRound, online: frozenset[int]
) -> dict[int, bytes]:
    """ANNOUNCE for every centre that is online and has sent no prekey yet."""
    here = papers_for(connection, stored)
    on_roster = set(here.roster.identities)
    asked = _asked_for_links(connection, stored.number)
    ready = set(rounds.who_answered(connection, stored.number, "prekey"))
    waiting = on_roster & online - (ready - asked.keys())
    if not waiting:
        return {}
    cards = pack([c.card.encode() for c in centres.enrolled(connection) if c.id in on_roster])
    papers = (here.signed_roster, here.signed_programme, stored.announcement)
    head = [paper.canonical() for paper in papers]
    headers, rosters = own_headers(connection, stored), rosters_between(connection, stored)

    def request(node: int) -> bytes:
        links = pack(centres.links_to(connection, node))
        own = (headers.get(node, _NOTHING), rosters.get(node, _NOTHING))
        asking = pack_ids(sorted(asked.get(node, ())))
        return Frame(Kind.ANNOUNCE, (*head, cards, links, *own, asking)).to_bytes()

    return {node: request(node) for node in sorted(waiting)}


def _asked_for_links(connection: Connection, number: int) -> dict[int, set[int]]:
    """Lower ids with the higher ones that wait for a link of theirs, made for this round."""
    asked: dict[int, set[int]] = {}
    ready = rounds.who_answered(connection, number, "prekey")
    for hi, raw in rounds.answers(connection, number, "lacking").items():
        for lo in unpack_ids(raw) if hi not in ready else ():
            made = centres.link_of(connection, lo, hi)
            if made is None or made.peek(Link).base < number:
                asked.setdefault(lo, set()).add(hi)
    return asked


def take_ready(
    connection: Connection, stored: StoredRound, node: int, frame: Frame, now: int
) -> None:
    """Keep a node's card, links and prekey, if each is sound and signed by it.

    Raises BadSignature, BadCard, BadLink, BadPrekeys, MalformedDocument or MalformedFrame; then
    nothing of the answer is kept.
    """
    if len(frame.parts) < 3:
        raise MalformedFrame("a centre that is ready sends its card, a prekey and what it lacks")
    here = papers_for(connection, stored)
    keys = here.roster.identities
    key = keys[node]
    card, prekey, lacking, *links = frame.parts
    _take_card(connection, node, Signed.from_canonical(card), key)
    on_roster = set(keys)
    for raw in links:
        signed = Signed.from_canonical(raw)
        link = signed.open(Link, key)
        check_base(link, stored.number)
        if link.lo == node < link.hi and link.hi in on_roster:
            centres.keep_link(connection, node, link.hi, signed)
    lower = [peer for peer in sorted(set(unpack_ids(lacking)) & on_roster) if peer < node]
    rounds.replace_answer(connection, stored.number, "lacking", (node, pack_ids(lower)), now)
    if prekey:
        _take_prekey(connection, stored, node, Signed.from_canonical(prekey), now)


def _take_prekey(
    connection: Connection, stored: StoredRound, node: int, signed: Signed, now: int
) -> None:
    """Keep a prekey that the round can use; the first stands, and who sends a key that another
    centre sent before comes too late with it."""
    roster, number = papers_for(connection, stored).roster, stored.number
    held = rounds.answer_of(connection, number, "prekey", node)
    if held == signed.canonical():
        return
    if held is not None:
        raise BadPrekeys("a second prekey for one round")
    if signed.signer != roster.identities[node]:
        raise BadPrekeys("a prekey that another centre signed")
    if not usable_prekeys([signed], roster, stored.announced):
        raise BadPrekeys("a prekey that no round can use")
    if not rounds.claim_keys(connection, number, node, public_keys(signed.peek(Prekey))):
        raise CopiedKey("a prekey with a key of another centre")
    rounds.keep_answer(connection, number, "prekey", {node: signed.canonical()}, now)


def _take_card(connection: Connection, node: int, signed: Signed, key: str) -> None:
    card = signed.open(KeyCard, key)
    if card.id != node:
        raise BadSignature("a key card under another centre's id")
    held = centres.card_of(connection, node)
    if held is None or card.generation > held.peek(KeyCard).generation:
        check_kem(card)
        centres.keep_card(connection, node, signed.canonical().decode())
