"""From prekeys to descriptor: who can take part, and the round as everybody sees it."""

from collections.abc import Mapping, Set

from coordinator.rounds.contributions import Damaged
from coordinator.rounds.public_documents import publish
from coordinator.rounds.refusal import WrongStep
from coordinator.store import faults, rounds
from coordinator.store.database import Connection
from coordinator.store.rounds import StoredRound
from coordinator.store.signed_documents import SignedDocuments, of_round
from privacy.encode.layout import make_layout
from privacy.secure_sum.keys import Identity
from privacy.secure_sum.parameters import missing_links, present
from privacy.secure_sum.prekeys import usable_prekeys
from privacy.secure_sum.view import RoundView, prekeys_digest, view
from schemas.document import MalformedDocument
from schemas.message import pack
from schemas.request import Mention
from schemas.roster import Roster
from schemas.round import Announcement, Descriptor, Prekey
from schemas.signed import Signed


def documents_for(connection: Connection, stored: StoredRound) -> SignedDocuments:
    """The documents a round was announced under."""
    return of_round(connection, stored.announced.roster, stored.announced.programme)


def prekeys_of(connection: Connection, number: int) -> list[Signed]:
    """All prekeys of a round, by id. Raises Damaged."""
    found = rounds.answers(connection, number, "prekey")
    return [_prekey(node, found[node]) for node in sorted(found)]


def _prekey(node: int, raw: bytes) -> Signed:
    try:
        return Signed.from_canonical(raw)
    except MalformedDocument:
        raise Damaged(node, "prekey") from None


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
    here, announcement = documents_for(connection, stored), stored.announced
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
    seen = view(signed, prekeys, here.roster)  # what every node would refuse is refused here first
    unused = set(rounds.who_answered(connection, stored.number, "prekey")) - opened.keys()
    rounds.set_aside(connection, stored.number, unused)
    named = [faults.Fault(node, "announce", "bad-prekeys") for node in sorted(unused)]
    named += _without_link(missing_links(opened, here.roster))
    faults.note(connection, stored.number, named, now)
    opened_as = {"descriptor": signed, "rid": seen.rid}
    rounds.move(connection, stored.number, ("ANNOUNCED", "OPEN"), now, **opened_as)


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
    return view(descriptor, prekeys, documents_for(connection, stored).roster)


def described(connection: Connection, stored: StoredRound) -> tuple[Signed, list[Signed]]:
    """(descriptor, prekeys). Raises WrongStep before the round is open."""
    if stored.descriptor is None:
        raise WrongStep("round {number} has no descriptor", number=stored.number)
    return stored.descriptor, prekeys_of(connection, stored.number)


def named(connection: Connection, stored: StoredRound, now: int) -> tuple[Mention, Mention]:
    """Descriptor and prekeys as requests name them. Raises WrongStep before the round is open."""
    descriptor, prekeys = described(connection, stored)
    packed = pack([prekey.canonical() for prekey in prekeys])
    return publish(connection, descriptor.canonical(), now), publish(connection, packed, now)
