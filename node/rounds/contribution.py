"""CONTRIBUTE: one durable transaction writes the charge, who counted, the burnt round and the
exact bytes; only then does a byte leave. A second request gets the same bytes."""

from collections.abc import Sequence

from chassis.store import audit_log
from node.admission import charging
from node.admission.check import Standing, charges_of, check_announcement, standing
from node.admission.committee_demands import demanded
from node.admission.refusal import NotApproved, OutsideProgramme
from node.enrolment.own_keys import identity
from node.rounds.context import Context, Reply
from node.store import rounds
from node.store.database import Connection
from privacy.encode.layout import Layout
from privacy.noise.excess import share_in_parts
from privacy.secure_sum.contribute import (
    Contributed,
    NoisyVector,
    contribute,
    excess_key,
    fresh_seed,
)
from privacy.secure_sum.keys import RoundKeys
from privacy.secure_sum.masks import keystream
from privacy.secure_sum.prepare import Own, prepare
from privacy.secure_sum.refusal import AlreadyBurnt, NotActive
from privacy.secure_sum.view import RoundView, round_id
from schemas.message import Frame, Kind, MalformedFrame, unpack
from schemas.round import Descriptor
from schemas.signed import Signed


def answer(connection: Connection, around: Context, parts: Sequence[bytes]) -> Reply:
    """Parts: descriptor, prekeys. Refuses by raising; then nothing was written."""
    if len(parts) != 2:
        raise MalformedFrame("a descriptor comes with its prekeys")
    signed = Signed.from_canonical(parts[0])
    descriptor = signed.document(Descriptor)
    number = descriptor.announcement.round
    known = rounds.by_rid(connection, round_id(descriptor))
    if known is not None and known.message is not None:
        return Reply(Frame(Kind.CONTRIBUTION, (known.message,)), number)
    if known is not None and known.committee != "NONE":
        raise AlreadyBurnt("this centre has signed about the round already")
    prekeys = [Signed.from_canonical(raw) for raw in unpack(parts[1])]
    here = standing(connection)
    layout = check_announcement(here, descriptor.announcement, around.clock())
    view = _prepare(connection, around, here, layout, (signed, prekeys))
    done = _contribute(connection, around, here, layout, view)
    _keep(connection, around, view, known is not None, (signed, prekeys), done)
    return Reply(Frame(Kind.CONTRIBUTION, (done.message,)), number)


SignedDocuments = tuple[Signed, Sequence[Signed]]


def _prepare(
    connection: Connection,
    around: Context,
    here: Standing,
    layout: Layout,
    signed_documents: SignedDocuments,
) -> RoundView:
    number = signed_documents[0].document(Descriptor).announcement.round
    own = rounds.own_prekey(connection, number)
    if own is None or own.secret is None:
        raise NotActive("this centre sent no prekey for the round")
    policy = demanded(connection, around.policy)
    mine = Own(here.node, own.signed, rounds.last_burnt(connection), policy)
    cohorts = len(signed_documents[0].document(Descriptor).announcement.cohorts)
    view = prepare(
        signed_documents[0],
        signed_documents[1],
        here.roster,
        mine,
        now=around.clock(),
        bound=layout.bound(cohorts),
    )
    if own.announcement != view.descriptor.announcement.digest():
        raise NotActive("this centre's prekey was for another announcement")
    if view.descriptor.specification != layout.digest():
        raise OutsideProgramme("the layout of the vector is not the one the programme gives")
    noise = (view.descriptor.noise, view.descriptor.noise_variance)
    if noise != (layout.family, layout.noise_variance):
        raise OutsideProgramme("the noise of the round is not the one the programme gives")
    if layout.cost > layout.declared:
        raise NotApproved("the vector would cost more than its declared prices")
    return view


def _contribute(
    connection: Connection, around: Context, here: Standing, layout: Layout, view: RoundView
) -> Contributed:
    cohorts = view.descriptor.announcement.cohorts
    honest = view.parameters.honest
    charging.charge(connection, here, charges_of(layout, cohorts, view.rid, honest))
    vector = charging.count(connection, here, layout, cohorts, around.random_bytes)
    spare = [fresh_seed(around.random_bytes) for _ in view.parameters.levels]
    noise = share_in_parts(
        layout.noise(honest),
        view.parameters.honest_at,
        layout.length,
        around.random_bytes,
        [keystream(excess_key(view, seed)) for seed in spare],
    )
    own = rounds.own_prekey(connection, view.descriptor.announcement.round)
    if own is None or own.secret is None:
        raise NotActive("this centre sent no prekey for the round")
    return contribute(
        view,
        identity(connection),
        RoundKeys.from_bytes(own.secret),
        rounds.links(connection),
        NoisyVector(vector + noise, spare),
        around.random_bytes,
    )


def _keep(
    connection: Connection,
    around: Context,
    view: RoundView,
    exists: bool,
    signed_documents: SignedDocuments,
    done: Contributed,
) -> None:
    number, now = view.descriptor.announcement.round, around.clock()
    if not exists:
        rounds.open_round(connection, view.rid, number, signed_documents[0], signed_documents[1])
    rounds.change(
        connection, view.rid, message=done.message, channel=done.channel.to_bytes(),
        outcome="sent", updated_at=now,
    )  # fmt: skip
    rounds.advance_links(connection, done.links)
    rounds.forget_prekeys(connection, number)
    audit_log.note(connection, now, "contributed", round=number, rid=view.rid.hex())
