"""Whether a round may be answered: inside a signed and approved programme, and payable."""

from collections.abc import Mapping
from dataclasses import dataclass

from chassis.store import settings
from node.admission.refusal import AskedBefore, NotApproved, NotEnrolled, OutsideProgramme, Paused
from node.store import budget, signed_documents
from node.store.database import Connection
from privacy.accounting.ledger import Charge, ChargeKey
from privacy.encode.layout import Layout, make_layout
from schemas.programme import Programme
from schemas.roster import Roster
from schemas.round import Announcement


@dataclass(frozen=True, slots=True)
class Standing:
    """Who this node is and under which documents it takes part."""

    node: int
    roster: Roster
    programme: Programme

    @property
    def witness(self) -> bool:
        """Whether this node is one of the witnesses that are the committee."""
        return self.node in self.roster.witness_ids

    @property
    def peers(self) -> frozenset[int]:
        """With whom it holds a link: centres; and the witnesses, unless it is one."""
        ids = self.roster.ids if self.witness else tuple(self.roster.identities)
        return frozenset(ids) - {self.node}


def standing(connection: Connection) -> Standing:
    """Read the newest documents. Raises NotEnrolled or NotApproved."""
    roster, programme = (
        signed_documents.latest(connection, "roster"),
        signed_documents.latest(connection, "programme"),
    )
    node = settings.get(connection, "node")
    if roster is None or node is None:
        raise NotEnrolled("this centre is not on a roster yet")
    listed = roster.signed.document(Roster)
    if int(node) not in listed.listed:
        raise NotEnrolled("this centre is no longer on the roster")
    if programme is None or programme.approved_at is None:
        raise NotApproved("the owner has not agreed to a programme yet")
    if settings.get(connection, "paused"):
        raise Paused("the owner paused participation")
    return Standing(int(node), listed, programme.signed.document(Programme))


def check_announcement(here: Standing, announcement: Announcement, now: int) -> Layout:
    """Return the layout of a round that the programme allows. Raises OutsideProgramme."""
    programme = here.programme
    if announcement.programme != programme.digest():
        raise NotApproved("the round belongs to a programme that the owner did not agree to")
    if announcement.roster != here.roster.digest():
        raise OutsideProgramme("the round is for another roster than this centre holds")
    if not programme.valid_from <= now <= programme.valid_until:
        raise OutsideProgramme("the programme is not valid today")
    try:
        period = programme.period(announcement.period)
        layout = make_layout(programme, announcement.asks)
    except (KeyError, ValueError):
        raise OutsideProgramme("the round asks something outside the programme") from None
    if announcement.cohorts != period.cohorts or now < period.not_before:
        raise OutsideProgramme("the period of the round is not, or not yet, in the programme")
    if (announcement.length, announcement.width) != (layout.length, programme.width):
        raise OutsideProgramme("the vector of the round is not the one the programme gives")
    return layout


def charges_of(
    layout: Layout, cohorts: tuple[str, ...], rid: bytes = b"", honest: int | None = None
) -> Mapping[ChargeKey, Charge]:
    """What a round charges: each ask's full declared price to each of its cohorts.

    `honest`: shares that are the whole noise, once the round is described; without them what
    is paid for is not known to the last number, only its price.
    """
    found: dict[ChargeKey, Charge] = {}
    for ask in layout.asks:
        event = None if honest is None else layout.event(ask, honest)
        for cohort in cohorts:
            key = ChargeKey(ask.statistic, ask.horizon, cohort)
            found[key] = Charge(rid.hex(), ask.price, event)
    return found


def check_ledger(connection: Connection, here: Standing, new: Mapping[ChargeKey, Charge]) -> None:
    """Raise unless a round may be charged.

    Raises a LedgerRefusal when a cohort cannot pay, or was asked the same before; AskedBefore
    when it was asked something else in another round and the programme does not spread its
    questions: of two rounds with and without one centre, the difference is about that centre.
    A round that was given up charged nothing, and stands in nobody's way.
    """
    ledger = budget.ledger(connection, here.programme.budget)
    ledger.charge(new)
    cohorts = {key.cohort for key in new}
    if not here.programme.spread and any(key.cohort in cohorts for key in ledger.charges):
        raise AskedBefore("the people of this round were asked about in another round before")
