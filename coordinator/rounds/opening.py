"""From announcement to descriptor: relaying cards and links, gathering prekeys, opening."""

from coordinator.rounds.papers import Papers, of_round
from coordinator.rounds.refusal import WrongStep
from coordinator.rounds.relaying import own_headers, rosters_between
from coordinator.store import centres, rounds
from coordinator.store.database import Connection
from coordinator.store.rounds import StoredRound
from privacy.encode.layout import make_layout
from privacy.secure_sum.keys import Identity
from privacy.secure_sum.parameters import active_list
from privacy.secure_sum.view import RoundView, open_prekeys, prekeys_digest, view
from schemas.message import Frame, Kind, MalformedFrame, pack
from schemas.round import Descriptor, KeyCard, Link, Prekey
from schemas.signed import BadSignature, Signed
from schemas.units import UnixSeconds

_NOTHING = pack([])


def papers_for(connection: Connection, stored: StoredRound) -> Papers:
    """The papers a round was announced under."""
    return of_round(connection, stored.announced.roster, stored.announced.programme)


def announce_requests(
    connection: Connection, stored: StoredRound, online: frozenset[int]
) -> dict[int, bytes]:
    """ANNOUNCE for every centre that is online and has sent no prekey yet."""
    here = papers_for(connection, stored)
    on_roster = set(here.roster.ids)
    waiting = on_roster & online - set(rounds.who_answered(connection, stored.number, "prekey"))
    cards = pack([c.card.encode() for c in centres.enrolled(connection) if c.id in on_roster])
    papers = (here.signed_roster, here.signed_programme, stored.announcement)
    head = [paper.canonical() for paper in papers]
    if not waiting:
        return {}
    headers, rosters = own_headers(connection, stored), rosters_between(connection, stored)

    def request(node: int) -> bytes:
        links = pack(centres.links_to(connection, node))
        own = (headers.get(node, _NOTHING), rosters.get(node, _NOTHING))
        return Frame(Kind.ANNOUNCE, (*head, cards, links, *own)).to_bytes()

    return {node: request(node) for node in sorted(waiting)}


def take_ready(
    connection: Connection, stored: StoredRound, node: int, frame: Frame, now: int
) -> None:
    """Keep a node's card, links and prekey, each only if its own signature holds.

    Raises BadSignature, BadPrekeys, MalformedDocument or MalformedFrame; then nothing of the
    answer is kept.
    """
    if len(frame.parts) < 2:
        raise MalformedFrame("a centre that is ready sends its card and its prekey, or none yet")
    roster = papers_for(connection, stored).roster
    key = roster.centre(node).key
    card, prekey, *links = frame.parts
    _take_card(connection, node, Signed.from_canonical(card), key)
    for raw in links:
        signed = Signed.from_canonical(raw)
        link = signed.open(Link, key)
        if link.lo == node:
            centres.keep_link(connection, node, link.hi, signed)
    if prekey:
        digest = stored.announced.digest()
        open_prekeys([Signed.from_canonical(prekey)], roster, digest, stored.number)
        rounds.keep_answer(connection, stored.number, "prekey", {node: prekey}, now)


def _take_card(connection: Connection, node: int, signed: Signed, key: str) -> None:
    card = signed.open(KeyCard, key)
    if card.id != node:
        raise BadSignature("a key card under another centre's id")
    held = centres.card_of(connection, node)
    if held is None or card.generation > held.peek(KeyCard).generation:
        centres.keep_card(connection, node, signed.canonical().decode())


def prekeys_of(connection: Connection, number: int) -> list[Signed]:
    """All prekeys of a round, by id."""
    found = rounds.answers(connection, number, "prekey")
    return [Signed.from_canonical(found[node]) for node in sorted(found)]


def describe(connection: Connection, stored: StoredRound, identity: Identity, now: int) -> None:
    """Sign the descriptor and open the round, in this transaction. Raises a SumRefusal."""
    here, announcement = papers_for(connection, stored), stored.announced
    layout = make_layout(here.programme, announcement.asks)
    prekeys = prekeys_of(connection, stored.number)
    active = active_list({p.id: p for p in (signed.peek(Prekey) for signed in prekeys)})
    window = announcement.deadline_latest - announcement.announced_at
    descriptor = Descriptor(
        announcement=announcement,
        prekeys=prekeys_digest(prekeys),
        active=active,
        parameters=here.limits(len(active)),
        noise=layout.family,
        noise_variance=layout.noise_variance,
        specification=layout.digest(),
        deadline=UnixSeconds(min(now + window // 2, announcement.deadline_latest)),
    )
    signed = Signed.seal(descriptor, identity.private)
    view(signed, prekeys, here.roster)  # what every node would refuse is refused here first
    rounds.move(connection, stored.number, ("ANNOUNCED", "OPEN"), now, descriptor=signed)


def view_of(connection: Connection, stored: StoredRound) -> RoundView:
    """The round as everybody sees it."""
    descriptor, prekeys = described(connection, stored)
    return view(descriptor, prekeys, papers_for(connection, stored).roster)


def described(connection: Connection, stored: StoredRound) -> tuple[Signed, list[Signed]]:
    """(descriptor, prekeys). Raises WrongStep before the round is open."""
    if stored.descriptor is None:
        raise WrongStep("round {number} has no descriptor", number=stored.number)
    return stored.descriptor, prekeys_of(connection, stored.number)
