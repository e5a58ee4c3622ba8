"""A node on the committee: sign one set, open its shares, or abandon; and hear the result."""

from collections.abc import Sequence

from chassis.store import audit_log, settings
from node.admission.committee_demands import demanded
from node.admission.refusal import NotEnrolled, OutsideProgramme
from node.enrolment.own_keys import identity
from node.rounds.context import Context, Reply
from node.store import budget, rounds, signed_documents
from node.store.database import Connection
from node.store.rounds import StoredRound
from privacy.secure_sum.abandon import (
    check_abandonment,
    check_may_abandon,
    sign_abandonment,
)
from privacy.secure_sum.certificate import check_certified
from privacy.secure_sum.certify import set_digest, sign_set
from privacy.secure_sum.contribute import ChannelKeys
from privacy.secure_sum.keys import RoundKeys
from privacy.secure_sum.parameters import check_parameters
from privacy.secure_sum.refusal import AlreadySigned, NotActive, NotCertified
from privacy.secure_sum.unmask import open_shares, wanted
from privacy.secure_sum.view import RoundView, view
from privacy.secure_sum.wire import Header, Mark, UnmaskRequest
from privacy.secure_sum.witness import witness
from schemas.message import Frame, Kind, MalformedFrame, unpack
from schemas.roster import Roster
from schemas.round import Descriptor, SetSignature, SignedHeader
from schemas.signed import Signed


def _me(connection: Connection) -> int:
    node = settings.get(connection, "node")
    if node is None:
        raise NotEnrolled("this centre is not on a roster yet")
    return int(node)


def _roster_of(connection: Connection, descriptor: Signed) -> Roster:
    digest = descriptor.document(Descriptor).announcement.roster
    signed = signed_documents.signed_of(connection, "roster", digest)
    if signed is None:
        raise OutsideProgramme("the round is for a roster that this centre does not hold")
    return signed.document(Roster)


def _view(connection: Connection, known: StoredRound) -> RoundView:
    return view(known.descriptor, known.prekeys, _roster_of(connection, known.descriptor))


def _known(connection: Connection, rid: bytes) -> StoredRound:
    known = rounds.by_rid(connection, rid)
    if known is None:
        raise NotActive("this centre said nothing in that round")
    return known


def _known_or_new(connection: Connection, parts: Sequence[bytes]) -> tuple[StoredRound, RoundView]:
    """The round of a (descriptor, prekeys) request, checked, and remembered from now on."""
    if len(parts) < 2:
        raise MalformedFrame("a descriptor comes with its prekeys")
    descriptor = Signed.from_canonical(parts[0])
    prekeys = [Signed.from_canonical(raw) for raw in unpack(parts[1])]
    seen = view(descriptor, prekeys, _roster_of(connection, descriptor))
    if rounds.by_rid(connection, seen.rid) is None:
        number = seen.descriptor.announcement.round
        rounds.open_round(connection, seen.rid, number, descriptor, prekeys)
    return _known(connection, seen.rid), seen


def certify(connection: Connection, around: Context, parts: Sequence[bytes]) -> Reply:
    """Parts: descriptor, prekeys, headers of the set."""
    if len(parts) != 3:
        raise MalformedFrame("a set comes with its descriptor and prekeys")
    known, seen = _known_or_new(connection, parts)
    me = _me(connection)
    if known.committee == "ABANDONED":
        raise AlreadySigned("this centre has stated that it will never certify the round")
    own = rounds.own_prekey(connection, known.number)
    if own is None or own.signed not in known.prekeys:
        raise NotActive("a member without a prekey in the round signs no set")
    headers = [Header.from_schema(SignedHeader.from_canonical(raw)) for raw in unpack(parts[2])]
    digest = set_digest(seen, headers)
    if known.mark is not None and known.set_digest != digest:
        raise AlreadySigned("this centre signed another set of the round")
    if known.mark is None:
        mark = sign_set(seen, identity(connection), me, headers)
        if me in seen.descriptor.witnesses:
            policy = demanded(connection, around.policy)
            check_parameters(seen.parameters, seen.roster, policy)
            rounds.change(connection, known.rid, channel=_use_keys(connection, seen, me))
        ids = [header.node for header in headers]
        rounds.change(
            connection, known.rid, committee="SIGNED", mark=mark.to_bytes(), set_digest=digest,
            set_ids=ids, updated_at=around.clock(),
        )  # fmt: skip
        audit_log.note(
            connection, around.clock(), "signed-set", round=known.number, centres=len(ids)
        )
        known = _known(connection, known.rid)
    return Reply(Frame(Kind.SET_SIGNATURE, (known.mark or b"",)), known.number)


def _use_keys(connection: Connection, seen: RoundView, me: int) -> bytes | None:
    """A witness's channel keys of a round, made once: its links step past the round, and its keys
    of it are gone. None when they were gone before; then it signs, and opens nothing."""
    number = seen.descriptor.announcement.round
    own = rounds.own_prekey(connection, number)
    if me not in seen.descriptor.witnesses or own is None or own.secret is None:
        return None
    kept = witness(seen, me, RoundKeys.from_bytes(own.secret), rounds.links(connection))
    rounds.advance_links(connection, kept.links)
    rounds.forget_prekeys(connection, number)
    return kept.channel.to_bytes()


def unmask(connection: Connection, around: Context, parts: Sequence[bytes]) -> Reply:
    """Parts: round id, request. The same answer again, or one answer, ever."""
    if len(parts) != 2:
        raise MalformedFrame("an unmask request has two parts")
    known = _known(connection, parts[0])
    if known.answer is None:
        if known.committee != "SIGNED" or known.set_digest is None or known.channel is None:
            raise NotCertified("this centre signed no set of the round, or holds no keys for it")
        seen = _view(connection, known)
        request = UnmaskRequest.from_bytes(parts[1], len(wanted(seen, known.set_ids)))
        response = open_shares(
            seen, identity(connection), _me(connection), ChannelKeys.from_bytes(known.channel),
            (known.set_digest, known.set_ids), request,
        )  # fmt: skip
        rounds.change(
            connection, known.rid, committee="ANSWERED", answer=response.to_bytes(), channel=None,
            updated_at=around.clock(),
        )  # fmt: skip
        audit_log.note(connection, around.clock(), "opened-shares", round=known.number)
        known = _known(connection, known.rid)
    return Reply(Frame(Kind.SHARES, (known.answer or b"",)), known.number)


def abandon(connection: Connection, around: Context, parts: Sequence[bytes]) -> Reply:
    """Parts: descriptor, prekeys. Excludes certifying, for ever."""
    known, seen = _known_or_new(connection, parts)
    if known.committee in ("SIGNED", "ANSWERED"):
        raise AlreadySigned("this centre has signed a set of the round")
    if known.committee == "NONE":
        me = _me(connection)
        own = rounds.own_prekey(connection, known.number)
        check_may_abandon(seen, me, own.signed if own else None)
        mark = sign_abandonment(seen, identity(connection), me)
        rounds.change(
            connection, known.rid, committee="ABANDONED", mark=mark.to_bytes(), channel=None,
            updated_at=around.clock(),
        )  # fmt: skip
        _use_keys(connection, seen, me)  # and forget them
        audit_log.note(connection, around.clock(), "abandoned", round=known.number)
        known = _known(connection, known.rid)
    return Reply(Frame(Kind.STATEMENT, (known.mark or b"",)), known.number)


def refund(connection: Connection, around: Context, parts: Sequence[bytes]) -> None:
    """Parts: round id, then statements. The charge comes back; the register stays."""
    known = rounds.by_rid(connection, parts[0]) if parts else None
    if known is None:
        return
    seen = _view(connection, known)
    check_abandonment(seen, [Mark.from_bytes(raw) for raw in parts[1:]])
    if known.outcome != "abandoned":
        _use_keys(connection, seen, _me(connection))  # and forget them
        charges = budget.refund(connection, known.rid.hex())
        rounds.change(
            connection, known.rid, outcome="abandoned", channel=None, updated_at=around.clock()
        )
        audit_log.note(connection, around.clock(), "refunded", round=known.number, charges=charges)


def result(connection: Connection, around: Context, parts: Sequence[bytes]) -> None:
    """Parts: round id, headers of the set, members' signatures on it. Notes whether this centre
    is in the sum."""
    if len(parts) != 3:
        raise MalformedFrame("a result has three parts")
    known = rounds.by_rid(connection, parts[0])
    if known is None:
        return
    headers = [SignedHeader.from_canonical(raw) for raw in unpack(parts[1])]
    signatures = [SetSignature.from_canonical(raw) for raw in unpack(parts[2])]
    checked = check_certified(_view(connection, known), headers, signatures, around.policy)
    inside = _me(connection) in checked.in_sum
    if known.outcome == "sent":
        rounds.change(
            connection, known.rid, outcome="in_sum" if inside else "not_in_sum",
            updated_at=around.clock(),
        )  # fmt: skip
        audit_log.note(
            connection, around.clock(), "result", round=known.number,
            centres=len(checked.in_sum), inside=int(inside),
        )  # fmt: skip
