"""From announcement to descriptor: relaying cards and links, gathering prekeys, opening."""

from collections.abc import Mapping, Set

from coordinator.rounds.papers import Papers, of_round
from coordinator.rounds.refusal import WrongStep
from coordinator.rounds.relaying import own_headers, rosters_between
from coordinator.store import centres, faults, rounds
from coordinator.store.database import Connection
from coordinator.store.rounds import StoredRound
from privacy.encode.layout import make_layout
from privacy.secure_sum.keys import Identity, check_kem
from privacy.secure_sum.links import check_base
from privacy.secure_sum.parameters import missing_links, present
from privacy.secure_sum.prekeys import usable_prekeys
from privacy.secure_sum.refusal import BadPrekeys
from privacy.secure_sum.view import RoundView, prekeys_digest, public_keys, view
from schemas.message import Frame, Kind, MalformedFrame, pack, pack_ids, unpack_ids
from schemas.roster import Roster
from schemas.round import Announcement, Descriptor, KeyCard, Link, Prekey
from schemas.signed import BadSignature, Signed

_NOTHING = pack([])


class CopiedKey(BadPrekeys):
    """A prekey holds a key that another centre sent before."""

    code = "copied-key"


def papers_for(connection: Connection, stored: StoredRound) -> Papers:
    """The papers a round was announced under."""
    return of_round(connection, stored.announced.roster, stored.announced.programme)


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


def prekeys_of(connection: Connection, number: int) -> list[Signed]:
    """All prekeys of a round, by id."""
    found = rounds.answers(connection, number, "prekey")
    return [Signed.from_canonical(found[node]) for node in sorted(found)]


def usable(connection: Connection, roster: Roster, announced: Announcement) -> list[Signed]:
    """The prekeys of which a round can be described now, by id.

    Without what no node would accept, and without centres whose shares stopped a round before.
    """
    sound = usable_prekeys(prekeys_of(connection, announced.round), roster, announced)
    out = faults.left_out(connection)
    return [signed for signed in sound if signed.peek(Prekey).id not in out]


def describe(connection: Connection, stored: StoredRound, identity: Identity, now: int) -> None:
    """Sign the descriptor and open the round, in this transaction. Raises a SumRefusal.

    Of prekeys that cannot be used the centres are named, and the round goes on without them.
    """
    here, announcement = papers_for(connection, stored), stored.announced
    layout = make_layout(here.programme, announcement.asks)
    prekeys = usable(connection, here.roster, announcement)
    opened = {p.id: p for p in (signed.peek(Prekey) for signed in prekeys)}
    active = present(opened, here.roster, stored.number)
    descriptor = Descriptor(
        announcement=announcement,
        prekeys=prekeys_digest(prekeys),
        active=active.centres,
        witnesses=active.witnesses,
        parameters=here.limits(len(active.centres)),
        noise=layout.family,
        noise_variance=layout.noise_variance,
        specification=layout.digest(),
        deadline=announcement.deadline_latest,
    )
    signed = Signed.seal(descriptor, identity.private)
    view(signed, prekeys, here.roster)  # what every node would refuse is refused here first
    unused = set(rounds.who_answered(connection, stored.number, "prekey")) - opened.keys()
    rounds.set_aside(connection, stored.number, unused)
    named = [faults.Fault(node, "announce", "bad-prekeys") for node in sorted(unused)]
    named += _without_link(missing_links(opened, here.roster))
    faults.note(connection, stored.number, named, now)
    rounds.move(connection, stored.number, ("ANNOUNCED", "OPEN"), now, descriptor=signed)


def _without_link(missing: Mapping[int, Set[int]]) -> list[faults.Fault]:
    """Each pair once, under its lower id: nobody can tell which of the two withheld the link."""
    return [
        faults.Fault(i, "announce", "pair-without-link", j)
        for i in sorted(missing)
        for j in sorted(missing[i])
        if i < j
    ]


def view_of(connection: Connection, stored: StoredRound) -> RoundView:
    """The round as everybody sees it."""
    descriptor, prekeys = described(connection, stored)
    return view(descriptor, prekeys, papers_for(connection, stored).roster)


def described(connection: Connection, stored: StoredRound) -> tuple[Signed, list[Signed]]:
    """(descriptor, prekeys). Raises WrongStep before the round is open."""
    if stored.descriptor is None:
        raise WrongStep("round {number} has no descriptor", number=stored.number)
    return stored.descriptor, prekeys_of(connection, stored.number)
