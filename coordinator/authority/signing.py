"""Signing a roster or a programme: check against all that was signed before, then sign.

OutOfChain      the epoch or version does not follow the last one signed
ReusedId        a centre's id stood for another key before
WorthlessPaper  it has expired, or asks what its prices cannot pay
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import ValidationError

from chassis.errors import NotAllowed, WrongInput
from coordinator.authority.signing_history import SigningHistory
from privacy.secure_sum.keys import Identity
from privacy.secure_sum.shamir import RandomBytes
from schemas.difference import Change, differences
from schemas.enrolment import RosterCandidate
from schemas.programme import Programme
from schemas.roster import Centre, Roster, Witness
from schemas.signed import Signed

_SEED = frozenset({"seed"})
"""The authority draws it itself when it signs."""


class OutOfChain(NotAllowed):
    """It does not follow the last one that was signed. Nothing was signed."""

    code = "out-of-chain"


class ReusedId(NotAllowed):
    """A centre's id stood for another key before. Nothing was signed."""

    code = "reused-id"


class WorthlessDocument(NotAllowed):
    """It has expired, or asks what its prices cannot pay. Nothing was signed."""

    code = "worthless-document"


@dataclass(frozen=True, slots=True)
class Review:
    """What a document changes since the last one that was signed.

    `digest`: of exactly this document; `signed`: it was signed before, and nothing is asked.
    """

    digest: str
    changes: tuple[Change, ...]
    before: Roster | Programme | None
    signed: Signed | None


@dataclass(frozen=True, slots=True)
class SignedRoster:
    """A signed roster and how it differs from the one before."""

    signed: Signed
    roster: Roster
    new: tuple[Centre | Witness, ...]
    left: tuple[Centre | Witness, ...]
    other_coordinator: bool


def read_candidate(raw: bytes) -> RosterCandidate:
    """Read a candidate in any spelling. Raises WrongInput."""
    try:
        return RosterCandidate.model_validate_json(raw)
    except ValidationError as error:
        raise WrongInput(
            "this is not a roster candidate: see {where}", where=_where(error)
        ) from None


def read_programme(raw: bytes) -> Programme:
    """Read a programme in any spelling. Raises WrongInput."""
    try:
        return Programme.model_validate_json(raw)
    except ValidationError as error:
        raise WrongInput("this is not a programme: see {where}", where=_where(error)) from None


def _where(error: ValidationError) -> str:
    first = error.errors()[0]
    return ".".join(map(str, first["loc"])) or str(first["msg"])


def review_roster(memory: SigningHistory, key: Identity, candidate: RosterCandidate) -> Review:
    """Every difference between the last roster that was signed and the one that would be.

    Raises OutOfChain, ReusedId or WrongInput.
    """
    chain = memory.rosters(key)
    last = chain[-1] if chain else None
    before = chain[-2] if len(chain) > 1 else None
    if last is not None and _same(last, candidate):
        changes = differences(before, last, without=_SEED)
        return Review(candidate.digest(), changes, before, memory.signed_roster(last.epoch))
    _check_chain(last, candidate)
    _check_ids(chain, (*candidate.centres, *candidate.witnesses))
    proposed = _roster(candidate, seed="00" * 32)
    changes = differences(last, proposed, without=_SEED)
    return Review(candidate.digest(), changes, last, None)


def _roster(candidate: RosterCandidate, seed: str) -> Roster:
    fields = {name: getattr(candidate, name) for name in RosterCandidate.model_fields}
    try:
        return Roster(**fields, seed=seed)
    except ValidationError as error:
        raise WrongInput(
            "this is not a roster candidate: see {where}", where=_where(error)
        ) from None


def sign_roster(
    memory: SigningHistory, key: Identity, candidate: RosterCandidate, random_bytes: RandomBytes
) -> SignedRoster:
    """Sign a candidate with a fresh seed; the same candidate again gives the same document.

    Raises OutOfChain, ReusedId or WrongInput.
    """
    review = review_roster(memory, key, candidate)
    before = review.before if isinstance(review.before, Roster) else None
    if review.signed is not None:
        return _compared(review.signed, review.signed.open(Roster, key.public_hex), before)
    roster = _roster(candidate, random_bytes(32).hex())
    signed = Signed.seal(roster, key.private)
    memory.keep_roster(roster, signed)
    return _compared(signed, roster, before)


def _same(last: Roster, candidate: RosterCandidate) -> bool:
    return all(
        getattr(last, name) == getattr(candidate, name) for name in RosterCandidate.model_fields
    )


def _check_chain(last: Roster | None, candidate: RosterCandidate) -> None:
    epoch = last.epoch + 1 if last else 1
    if candidate.epoch != epoch:
        raise OutOfChain(
            "the next roster to sign is number {epoch}, not {given}",
            epoch=epoch, given=candidate.epoch,
        )  # fmt: skip
    if candidate.previous != (last.digest() if last else None):
        raise OutOfChain("the roster does not name the last one that was signed as its previous")


def _check_ids(chain: Sequence[Roster], listed: Sequence[Centre | Witness]) -> None:
    known = {node: key for roster in chain for node, key in roster.listed.items()}
    for centre in listed:
        if known.get(centre.id, centre.key) != centre.key:
            raise ReusedId("id {id} stood for another centre's key before", id=centre.id)


def _compared(signed: Signed, roster: Roster, before: Roster | None) -> SignedRoster:
    then = _by_id(before) if before else {}
    now = _by_id(roster)
    return SignedRoster(
        signed=signed,
        roster=roster,
        new=tuple(now[k] for k in sorted(now.keys() - then.keys())),
        left=tuple(then[k] for k in sorted(then.keys() - now.keys())),
        other_coordinator=before is not None and before.coordinator != roster.coordinator,
    )


def _by_id(roster: Roster) -> dict[int, Centre | Witness]:
    everybody: tuple[Centre | Witness, ...] = (*roster.centres, *roster.witnesses)
    return {one.id: one for one in everybody}


def review_programme(
    memory: SigningHistory, key: Identity, programme: Programme, now: int
) -> Review:
    """Every difference from the last programme that was signed, under this id or another.

    Raises OutOfChain or WorthlessPaper.
    """
    signed = memory.programmes(key)
    versions = {p.version: p for p in signed if p.id == programme.id}
    before = _before(signed, programme)
    review = Review(programme.digest(), differences(before, programme), before, None)
    if versions.get(programme.version) == programme:
        return replace(review, signed=memory.signed_programme(programme.id, programme.version))
    last = max(versions, default=0)
    if programme.version <= last:
        raise OutOfChain(
            "version {last} of this programme was signed; a change needs a higher one", last=last
        )
    if programme.valid_until <= now:
        raise WorthlessDocument("the programme has expired already")
    _check_prices(programme)
    return review


def _before(signed: Sequence[Programme], programme: Programme) -> Programme | None:
    others = [p for p in signed if p != programme]
    same = [p for p in others if p.id == programme.id and p.version < programme.version]
    return max(same or others, key=lambda p: (p.version, p.valid_from, p.id), default=None)


def sign_programme(memory: SigningHistory, key: Identity, programme: Programme, now: int) -> Signed:
    """Sign a programme; the same one again gives the same document.

    Raises OutOfChain or WorthlessPaper.
    """
    review = review_programme(memory, key, programme, now)
    if review.signed is not None:
        return review.signed
    signed = Signed.seal(programme, key.private)
    memory.keep_programme(programme, signed)
    return signed


def _check_prices(programme: Programme) -> None:
    """Every node would refuse a round that these prices cannot pay."""
    from privacy.encode.layout import make_layout

    try:
        layout = make_layout(programme, [ask.key for ask in programme.asks])
    except (KeyError, ValueError):
        raise WorthlessDocument("a price in the programme is too low for its noise") from None
    if layout.cost > layout.declared:
        raise WorthlessDocument("the asks together cost more than their prices say")
