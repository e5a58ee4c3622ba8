"""Is this disk as new as what the region has seen of this centre?

The coordinator relays the centre's own newest key card and its own latest signed header. Both
carry this centre's signature, so what they show was said; a store that does not know it is an
older state of the disk, or a second copy of it, and must not speak: it would pay twice for one
question, or say a second thing in one round. After a restore the forgotten rounds are known to
be forgotten, and nothing of them is answered.

The check is as good as the coordinator is truthful: one that relays nothing, or an older header,
leaves a rolled-back disk unnoticed.
"""

from collections.abc import Sequence

from chassis.store import settings
from node.admission import restored
from node.admission.refusal import AdmissionRefusal
from node.enrolment.own_keys import identity, own_card
from node.rounds.context import Context
from node.store import rounds
from node.store.database import Connection
from privacy.secure_sum.keys import KemKey
from privacy.secure_sum.view import round_id
from privacy.secure_sum.wire import Header
from schemas.message import MalformedFrame
from schemas.round import Announcement, Descriptor, KeyCard, SignedHeader
from schemas.signed import Signed, verify

HALTED = "halted"
_SECONDS = 2**32 - 1


class RolledBack(AdmissionRefusal):
    """This store is older than what its centre has said, or a copy of it. It says no more."""

    code = "rolled-back"


def check_running(connection: Connection) -> None:
    """Raise RolledBack when this store was found to be an older state before."""
    if settings.get(connection, HALTED):
        raise RolledBack("this store is older than what its centre has said")


def halt(connection: Connection, at: int) -> None:
    """From now on nothing is answered from this store."""
    if not settings.get(connection, HALTED):
        settings.put(connection, HALTED, str(at).encode())


def check_card(connection: Connection, relayed: KeyCard | None) -> None:
    """Compare the region's card of this centre with its own. Raises RolledBack."""
    if relayed is None or settings.get(connection, "card") is None:
        return
    mine = own_card(connection).peek(KeyCard)
    other = relayed.kem_public != mine.kem_public
    if relayed.generation > mine.generation or (relayed.generation == mine.generation and other):
        raise RolledBack("this centre has a newer key card elsewhere")


def check_header(connection: Connection, node: int, relayed: Sequence[bytes]) -> None:
    """Compare this centre's latest header with its rounds. Raises RolledBack, BadSignature.

    `relayed`: nothing, or the signed descriptor and the header.
    """
    if not relayed:
        return
    if len(relayed) != 2:
        raise MalformedFrame("a header comes with its descriptor")
    descriptor = Signed.from_canonical(relayed[0]).peek(Descriptor)
    header = Header.from_schema(SignedHeader.from_canonical(relayed[1]))
    rid = round_id(descriptor)
    verify(identity(connection).public_hex, header.signature.hex(), header.digest(rid))
    if header.node != node or descriptor.announcement.round <= rounds.forgotten_up_to(connection):
        return
    known = rounds.by_rid(connection, rid)
    if known is None or known.message is None:
        raise RolledBack("this centre has contributed to a round that this store does not know")


def renew_card(
    connection: Connection, around: Context, announced: Announcement, relayed: KeyCard | None
) -> None:
    """After a restore: a new key card, and no part in any round before this one.

    Its generation is above every one that this backup or the region knows, and is a moment, so
    that two restores of one backup make two generations even if neither hears of the other.
    """
    if settings.get(connection, "kem") is not None:
        return
    known = max(
        int(settings.get(connection, "generation") or 0),
        relayed.generation if relayed else 0,
    )
    generation = min(max(known + 1, around.clock()), _SECONDS)
    kem, me = KemKey.new(around.random_bytes), int(settings.get(connection, "node") or 0)
    settings.put(connection, "kem", kem.seed)
    settings.put(connection, "card", kem.card(identity(connection), me, generation).canonical())
    rounds.forget_up_to(connection, announced.round - 1)
    restored.forgot_until(connection, max(around.clock(), announced.announced_at))
