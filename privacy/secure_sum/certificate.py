"""The certificate of a round, for anyone to check: roster, descriptor, set, signatures."""

from collections.abc import Sequence
from dataclasses import dataclass

from privacy.secure_sum.certify import check_quorum, check_set, set_digest
from privacy.secure_sum.close import ClosedSet
from privacy.secure_sum.parameters import Policy, check_parameters
from privacy.secure_sum.view import RoundView, view
from privacy.secure_sum.wire import Header, Mark
from schemas.roster import Roster
from schemas.round import Certificate, SetSignature, SignedHeader
from schemas.signed import Signed


def make_certificate(
    seen: RoundView,
    descriptor: Signed,
    prekeys: Sequence[Signed],
    closed: ClosedSet,
    marks: Sequence[Mark],
) -> Certificate:
    """Put together what `check_certificate` needs."""
    return Certificate(
        descriptor=descriptor,
        prekeys=tuple(prekeys),
        headers=tuple(closed.contributions[node].header.to_schema() for node in closed.ids),
        signatures=tuple(
            SetSignature(member=mark.member, signature=mark.signature.hex())
            for mark in sorted(marks, key=lambda mark: mark.member)
        ),
    )


@dataclass(frozen=True, slots=True)
class Certified:
    """A checked certificate."""

    view: RoundView
    in_sum: tuple[int, ...]
    set_digest: bytes


def check_certificate(
    certificate: Certificate, roster: Roster, policy: Policy | None = None
) -> Certified:
    """Check everything that a certificate claims; the roster's signature is the caller's.

    Raises a SumRefusal.
    """
    seen = view(certificate.descriptor, certificate.prekeys, roster)
    return check_certified(seen, certificate.headers, certificate.signatures, policy)


def check_certified(
    seen: RoundView,
    said: Sequence[SignedHeader],
    signatures: Sequence[SetSignature],
    policy: Policy | None = None,
) -> Certified:
    """Check the set of a round that one has seen, and that a quorum certified it.

    Raises a SumRefusal.
    """
    check_parameters(seen.parameters, seen.roster, policy or Policy())
    headers = [Header.from_schema(header) for header in said]
    check_set(seen, headers)
    dg = set_digest(seen, headers)
    marks = [Mark(s.member, seen.rid, bytes.fromhex(s.signature)) for s in signatures]
    check_quorum(seen, dg, marks)
    return Certified(seen, tuple(header.node for header in headers), dg)
