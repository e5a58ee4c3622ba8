"""What an operator asks of a round: announce, open, close, abandon, status.

The desk writes what is wanted into the database; the engine, in the service, does it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from chassis.errors import WrongInput
from chassis.store import audit_log
from coordinator.rounds.committee import awaited
from coordinator.rounds.in_force import in_force
from coordinator.rounds.mending import drop_damaged_prekeys
from coordinator.rounds.opening import usable
from coordinator.rounds.refusal import AskedBefore, NotReady, TooFew, WrongStep
from coordinator.store import faults, releases, rounds
from coordinator.store.database import Connection
from coordinator.store.signed_documents import SignedDocuments, of_round
from privacy.encode.layout import NotAlone, make_layout
from privacy.secure_sum.keys import Identity
from privacy.secure_sum.parameters import present
from schemas.programme import Period, Programme
from schemas.round import Announcement, Parameters, Prekey
from schemas.signed import Signed
from schemas.units import UnixSeconds


@dataclass(frozen=True, slots=True)
class Order:
    """What to ask, and how long nodes have for prekeys and at most for the round; seconds."""

    period: str
    asks: tuple[str, ...]
    prekeys: int
    latest: int


def announce(connection: Connection, identity: Identity, order: Order, now: int) -> Announcement:
    """Announce a round. Raises NotReady, AskedBefore, or WrongInput on what is not in it."""
    if rounds.in_states(connection, ("ANNOUNCED", "OPEN", "CLOSING", "CERTIFIED")):
        raise NotReady("another round is still open: close it or give it up first")
    here = in_force(connection)
    try:
        layout = make_layout(here.programme, order.asks)
        period = here.programme.period(order.period)
    except KeyError as missing:
        raise WrongInput("the programme does not hold {what}", what=missing.args[0]) from None
    except NotAlone:
        raise WrongInput("an ask under Polya noise is asked in a round of its own") from None
    except ValueError:
        raise WrongInput("a round asks something, and nothing twice") from None
    _check_asked_once(connection, here.programme, period)
    if order.latest < order.prekeys:
        raise WrongInput("a round ends after its time for prekeys, not before")
    announcement = Announcement(
        round=rounds.next_number(connection),
        roster=here.roster.digest(),
        programme=here.programme.digest(),
        period=period.id,
        cohorts=period.cohorts,
        asks=order.asks,
        length=layout.length,
        width=here.programme.width,
        announced_at=UnixSeconds(now),
        prekeys_until=UnixSeconds(now + order.prekeys),
        deadline_latest=UnixSeconds(now + order.latest),
    )
    rounds.announce(connection, Signed.seal(announcement, identity.private), now)
    audit_log.note(connection, now, "announced", round=announcement.round, asks=len(order.asks))
    return announcement


_ASKED: Sequence[rounds.State] = ("DRAFT", "PUBLISHED", "WITHHELD", "STUCK")
"""Over, and not given up: the centres in it were charged, and their sum may be known."""


def _check_asked_once(connection: Connection, programme: Programme, period: Period) -> None:
    """One population is asked in one round; every node would refuse the second one.

    Raises AskedBefore, unless the programme declares that it spreads its questions.
    """
    if programme.spread:
        return
    for stored in rounds.in_states(connection, _ASKED):
        common = sorted(set(stored.announced.cohorts) & set(period.cohorts))
        if common:
            raise AskedBefore(
                "round {number} asked about who started in {cohorts}; more questions about the "
                "same people need a programme that declares it (spread), or stand in one round",
                number=stored.number, cohorts=", ".join(common),
            )  # fmt: skip


def left_out_of(programme: Programme, asks: Sequence[str]) -> list[str]:
    """The asks of the programme that are not among these."""
    return [ask.key for ask in programme.asks if ask.key not in asks]


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who would be active if the round were opened now, and how many it needs."""

    active: tuple[int, ...]
    parameters: Parameters
    witnesses: tuple[int, ...] | None = None


def attendance(connection: Connection, here: SignedDocuments, number: int) -> Attendance:
    """Compute it from the prekeys so far."""
    stored = rounds.of(connection, number)
    sound = usable(connection, here.roster, stored.announced) if stored else []
    prekeys = {prekey.id: prekey for prekey in (signed.peek(Prekey) for signed in sound)}
    found = present(prekeys, here.roster, number)
    witnesses = found.witnesses if here.roster.sitting else None
    return Attendance(found.centres, here.limits(len(found.centres)), witnesses)


def _at(connection: Connection, number: int, *states: rounds.State) -> rounds.StoredRound:
    stored = rounds.of(connection, number)
    if stored is None:
        raise WrongStep("there is no round {number}", number=number)
    if stored.state not in states:
        raise WrongStep("round {number} is {state}", number=number, state=stored.state.lower())
    return stored


def ask_open(connection: Connection, number: int, now: int) -> None:
    """Ask the engine to open a round. Raises TooFew, WrongStep."""
    stored = _at(connection, number, "ANNOUNCED")
    here = of_round(connection, stored.announced.roster, stored.announced.programme)
    drop_damaged_prekeys(connection, here.roster, stored, now)
    found = attendance(connection, here, number)
    if len(found.active) < found.parameters.floor:
        raise TooFew(
            "{ready} centres are ready and {floor} are needed; nothing was lost: wait for more",
            ready=len(found.active),
            floor=found.parameters.floor,
        )
    if found.witnesses is not None and len(found.witnesses) < found.parameters.quorum:
        raise TooFew(
            "{ready} witnesses are ready and {quorum} are needed; nothing was lost: wait for more",
            ready=len(found.witnesses),
            quorum=found.parameters.quorum,
        )
    _want(connection, number, "open", now)


def ask_close(connection: Connection, number: int, now: int) -> None:
    """Ask the engine to close a round. Raises TooFew, WrongStep."""
    stored = _at(connection, number, "OPEN")
    described = stored.described
    if described is None:
        raise WrongStep("round {number} has no descriptor", number=number)
    if stored.wanted == "abandon":  # members that stated it would sign no set any more
        raise WrongStep("round {number} is being given up already", number=number)
    answered = len(rounds.who_answered(connection, number, "header"))
    if answered < described.parameters.floor:
        raise TooFew(
            "{answered} centres answered and {floor} are needed; nothing was lost: wait for "
            "more, or give up the round",
            answered=answered,
            floor=described.parameters.floor,
        )
    _want(connection, number, "close", now)


def ask_abandon(connection: Connection, number: int, now: int) -> None:
    """Ask the engine to give up a round, so that every centre gets its budget back."""
    stored = _at(connection, number, "ANNOUNCED", "OPEN", "STUCK")
    described = stored.described
    signed = len(rounds.who_answered(connection, number, "set_signature"))
    if described is not None and signed >= described.parameters.quorum:
        raise WrongStep("round {number} was certified, so it cannot be given up", number=number)
    _want(connection, number, "abandon", now)


def _want(connection: Connection, number: int, wanted: rounds.Wanted, now: int) -> None:
    rounds.want(connection, number, wanted, now)
    audit_log.note(connection, now, f"asked-{wanted}", round=number)


def readmit(connection: Connection, centre: int, now: int) -> None:
    """Let a centre whose shares stopped a round take part again. Raises WrongInput."""
    if centre not in faults.left_out(connection):
        raise WrongInput("centre {id} is not left out of rounds", id=centre)
    faults.readmit(connection, centre, rounds.next_number(connection) - 1)
    audit_log.note(connection, now, "readmitted", centre=centre)


_COUNTED: Sequence[tuple[str, rounds.Kind]] = (
    ("prekeys", "prekey"),
    ("contributions", "header"),
    ("signatures", "set_signature"),
    ("shares", "shares"),
    ("statements", "abandonment"),
)


def status(connection: Connection, number: int) -> dict[str, Any]:
    """Counts and names for people. Raises WrongStep."""
    stored = rounds.of(connection, number)
    if stored is None:
        raise WrongStep("there is no round {number}", number=number)
    described = stored.described
    refused = rounds.answers(connection, number, "refusal")
    named = [one.id for one in releases.published(connection) if one.round == number]
    counts = {name: len(rounds.who_answered(connection, number, kind)) for name, kind in _COUNTED}
    return {
        "round": number,
        "state": stored.state,
        "wanted": stored.wanted,
        "active": len(described.active) if described else None,
        "floor": described.parameters.floor if described else None,
        **counts,
        "refusals": dict(Counter(code.decode("ascii", "replace") for code in refused.values())),
        "refused_by": {node: code.decode("ascii", "replace") for node, code in refused.items()},
        "release": named[0] if named else None,
        "outcome": stored.outcome,
        "missing": missing(connection, stored),
        "committee": None if (one := awaited(connection, stored)) is None else asdict(one),
        "faults": [asdict(one) for one in faults.of_round(connection, number)],
    }


def missing(connection: Connection, stored: rounds.StoredRound) -> list[int]:
    """Active centres, or members where these are asked, of which nothing was taken in the step at
    which the round is or ended."""
    awaited: dict[rounds.State, rounds.Kind] = {
        "OPEN": "header", "CLOSING": "set_signature", "CERTIFIED": "shares",
        "PUBLISHED": "header", "ABANDONED": "header", "STUCK": "header",
    }  # fmt: skip
    described = stored.described
    if described is None or stored.state not in awaited:
        return []
    heard = rounds.who_answered(connection, stored.number, awaited[stored.state])
    of_committee = described.witnesses if stored.state in ("CLOSING", "CERTIFIED") else ()
    return sorted(set(of_committee or described.active) - set(heard))
