"""Attacks that a node's own store and ledger stop; real nodes, a malicious coordinator."""

from collections.abc import Iterator

import pytest
from region import Region, make_region, sample_records
from sqlalchemy import text

from coordinator.rounds.announcing import Announcements
from coordinator.rounds.opening import described, documents_for
from coordinator.store import rounds as coordinator_rounds
from node.enrolment.own_keys import identity
from node.store import budget, egress_log, rounds
from privacy.secure_sum.abandon import sign_abandonment
from privacy.secure_sum.contribute import ChannelKeys
from privacy.secure_sum.keys import Identity
from privacy.secure_sum.view import prekeys_digest, round_id, view
from schemas.message import Frame, Kind, pack
from schemas.request import Request
from schemas.round import Descriptor
from schemas.signed import Signed
from schemas.units import MicroRho

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Region:
    """Seven centres, a round whose descriptor is signed and to which nobody answered yet.

    Each test attacks a centre of its own; the last one ends the round.
    """
    folder = tmp_path_factory.mktemp("region")
    region = make_region(folder, {n: sample_records(n, 5) for n in range(1, 8)})
    number = region.announce()
    assert number == 1
    region.ticks()
    region.ask("open", 1)
    region.ticks(1)
    return region


def papers_of(region: Region) -> tuple[Signed, list[Signed]]:
    with region.store.begin() as connection:
        stored = coordinator_rounds.of(connection, 1)
        assert stored is not None
        descriptor, prekeys = described(connection, stored)
    return descriptor, list(prekeys)


def changed(region: Region, descriptor: Signed, **changes: object) -> Signed:
    """The same round described otherwise, under the coordinator's true signature."""
    body = descriptor.peek(Descriptor).model_copy(update=changes)
    return Signed.seal(body, region.coordinator.private)


def say(region: Region, node: int, kind: Kind, *parts: bytes) -> Frame:
    """One request to one node."""
    request = Frame(kind, parts).to_bytes()
    (_, raw), *_ = region.carrier.exchange({node: request}, seconds=1)
    return Frame.from_bytes(raw)


def contribute(region: Region, node: int, descriptor: Signed, prekeys: list[Signed]) -> Frame:
    packed = pack([prekey.canonical() for prekey in prekeys])
    return say(region, node, Kind.CONTRIBUTE, descriptor.canonical(), packed)


def spent(region: Region, node: int) -> int:
    with region.nodes[node].begin() as connection:
        ledger = budget.ledger(connection, MicroRho(185_055))
    return max(ledger.spent(cohort) for cohort in region.programme.periods[0].cohorts)


def contributions_of(region: Region, node: int) -> int:
    """How many different ones ever left."""
    with region.nodes[node].begin() as connection:
        left = egress_log.departures(connection)
    return len({d.digest for d in left if d.kind == "contribution"})


def test_attack_mask_reuse_a_second_descriptor_of_the_round_gets_nothing(region: Region) -> None:
    victim = 2
    descriptor, prekeys = papers_of(region)
    first = contribute(region, victim, descriptor, prekeys)
    assert first.kind is Kind.CONTRIBUTION
    charged = spent(region, victim)
    deadline = descriptor.peek(Descriptor).deadline - 1
    second = contribute(region, victim, changed(region, descriptor, deadline=deadline), prekeys)
    assert second.kind is Kind.REFUSED
    assert contribute(region, victim, descriptor, prekeys) == first
    assert (spent(region, victim), contributions_of(region, victim)) == (charged, 1)


def test_attack_retry_with_fewer_prekeys_after_a_contribution_gets_nothing(region: Region) -> None:
    victim = 3
    descriptor, prekeys = papers_of(region)
    first = contribute(region, victim, descriptor, prekeys)
    fewer = prekeys[:-1]
    other = changed(region, descriptor, prekeys=prekeys_digest(fewer), active=tuple(range(1, 7)))
    assert contribute(region, victim, other, fewer).kind is Kind.REFUSED
    assert contribute(region, victim, descriptor, prekeys) == first


def test_attack_inconsistent_noise_or_layout_is_refused_before_anything_is_charged(
    region: Region,
) -> None:
    victim = 4
    descriptor, prekeys = papers_of(region)
    noise = descriptor.peek(Descriptor).noise_variance
    for changes in ({"noise_variance": noise // 2}, {"specification": "00" * 32}):
        answer = contribute(region, victim, changed(region, descriptor, **changes), prekeys)
        assert answer.kind is Kind.REFUSED
    assert (spent(region, victim), contributions_of(region, victim)) == (0, 0)


def test_attack_differencing_a_second_announcement_of_a_round_number_is_refused(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = 5
    descriptor, prekeys = papers_of(region)
    contribute(region, victim, descriptor, prekeys)
    announcement = descriptor.peek(Descriptor).announcement
    other = announcement.model_copy(update={"asks": ("durable_match@6m",)})
    signed = Signed.seal(other, region.coordinator.private)
    with region.store.begin() as connection:
        stored = coordinator_rounds.of(connection, 1)
        assert stored is not None
        monkeypatch.setattr(coordinator_rounds, "who_answered", lambda *_: ())
        invitations = Announcements(documents_for(connection, stored), stored)
        requests = invitations.requests(connection, frozenset({victim}), region.clock())
    honest = stored.announcement.canonical()
    said = Request.from_bytes(requests[victim]).filled(region.documents.fetch).parts
    assert honest in said
    parts = [signed.canonical() if part == honest else part for part in said]
    with region.nodes[victim].begin() as connection:
        prekey_before = rounds.own_prekey(connection, 1)
    assert say(region, victim, Kind.ANNOUNCE, *parts) == Frame(Kind.REFUSED, (b"round-burnt",))
    with region.nodes[victim].begin() as connection:
        assert rounds.own_prekey(connection, 1) == prekey_before


def test_attack_a_charge_comes_back_only_when_a_quorum_really_abandoned(region: Region) -> None:
    victim = 6
    descriptor, prekeys = papers_of(region)
    contribute(region, victim, descriptor, prekeys)
    charged = spent(region, victim)
    assert charged > 0
    seen = view(descriptor, prekeys, region.roster)
    assert seen.rid == round_id(descriptor.peek(Descriptor))
    friends = [
        sign_abandonment(seen, identity_of(region, member), member).to_bytes()
        for member in (1, 3, 4, 5)
    ]
    forged = sign_abandonment(seen, identity_of(region, 1), 6).to_bytes()
    for marks in (friends, [*friends, friends[0]], [*friends, forged]):
        assert region.hear(victim, Kind.REFUND, seen.rid, *marks) == "bad-abandonment"
        assert spent(region, victim) == charged
    fifth = sign_abandonment(seen, identity_of(region, 6), 6).to_bytes()
    assert region.hear(victim, Kind.REFUND, seen.rid, *friends, fifth) == ""
    assert spent(region, victim) == 0
    assert (
        contribute(region, victim, descriptor, prekeys).kind is Kind.CONTRIBUTION
    )  # the same bytes
    assert contributions_of(region, victim) == 1


def identity_of(region: Region, node: int) -> Identity:
    with region.nodes[node].begin() as connection:
        return identity(connection)


def everything_stored(region: Region, victim: int) -> Iterator[bytes]:
    """Every value of every table of the victim's database."""
    with region.nodes[victim].begin() as connection:
        names = connection.execute(text("select name from sqlite_master where type = 'table'"))
        for (name,) in names.all():
            for row in connection.execute(text(f'select * from "{name}"')):  # noqa: S608
                for value in row:
                    yield value if isinstance(value, bytes) else str(value).encode()


def test_attack_key_theft_later_the_whole_store_holds_no_key_of_the_round(region: Region) -> None:
    victim = 7
    with region.nodes[victim].begin() as connection:
        own = rounds.own_prekey(connection, 1)
        assert own is not None
        assert own.secret is not None
        secrets = {own.secret[:32], own.secret[32:]}
        secrets |= {state.key for state in rounds.links(connection).values()}
    before = b"\n".join(everything_stored(region, victim))
    assert all(secret in before for secret in secrets)

    region.ticks(1)  # everybody contributes
    with region.nodes[victim].begin() as connection:
        channel = rounds.all_rounds(connection)[0].channel
    assert channel is not None
    secrets |= set(ChannelKeys.from_bytes(channel).keys.values())
    region.ask("close", 1)
    region.ticks(4)  # closed, signed, certified, opened
    with region.nodes[victim].begin() as connection:
        assert rounds.all_rounds(connection)[0].committee == "ANSWERED"
    after = b"\n".join(everything_stored(region, victim))
    assert not any(secret in after or secret.hex().encode() in after for secret in secrets)
