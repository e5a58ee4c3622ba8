"""How a round ended, for whoever contributed: a public document under the round's id.

Of a summed round: the headers of its set and the members' signatures, with which a centre, that
holds the rest of the certificate, sees whether it is in the sum. Of a round that was given up: the
statements, for which it takes its charge back. All of it is signed, and nobody is asked who reads.
"""

from coordinator.store import rounds
from coordinator.store.database import Connection
from coordinator.store.rounds import StoredRound
from schemas.message import Frame, Kind, pack


def ending(connection: Connection, rid: bytes, stored: StoredRound) -> Frame | None:
    """Return how the round ended; None while it may still end either way."""
    if stored.state == "ABANDONED":
        statements = rounds.answers(connection, stored.number, "abandonment").values()
        return Frame(Kind.REFUND, (rid, *statements))
    certificate = stored.certificate
    if certificate is None:
        return None
    headers = pack([header.canonical() for header in certificate.headers])
    signatures = pack([signature.canonical() for signature in certificate.signatures])
    return Frame(Kind.RESULT, (rid, headers, signatures))
