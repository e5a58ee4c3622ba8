"""CONTRIBUTE: one message for a round, ever; nothing leaves before the ledger has paid."""

from collections.abc import Mapping

import numpy as np
import pytest
from cast import tape
from region import DAY
from small_region import Small

from chassis.store import settings
from coordinator.rounds.opening import view_of
from coordinator.store import rounds as coordinator_rounds
from node.rounds import contribution
from node.rounds.answer import Participant
from node.rounds.context import Context
from node.store import NodeStore, budget, egress_log, rounds
from privacy.accounting.ledger import Charge, ChargeKey
from privacy.secure_sum.wire import Contribution
from schemas.message import Frame, Kind
from schemas.round import Descriptor
from schemas.signed import Signed


@pytest.fixture
def asked(opened: Small) -> Small:
    """The request to contribute is on its way; only centre 2 has seen it."""
    for node in (1, 3, 4, 5, 6, 7):
        opened.carrier.kill(node)
    opened.region.ticks(1)
    return opened


def request_of(small: Small, **changes: object) -> tuple[bytes, ...]:
    """The parts of CONTRIBUTE; `changes` to the descriptor are signed by the coordinator."""
    descriptor, prekeys = small.parts(Kind.CONTRIBUTE, 2)
    if changes:
        body = Signed.from_canonical(descriptor).peek(Descriptor).model_copy(update=changes)
        descriptor = Signed.seal(body, small.region.coordinator.private).canonical()
    return (descriptor, prekeys)


def sent(small: Small, node: int = 1) -> list[str]:
    with small.region.nodes[node].begin() as connection:
        return [one.kind for one in egress_log.departures(connection)]


def contributions(small: Small, node: int = 1) -> set[bytes]:
    """The distinct contributions that left."""
    with small.region.nodes[node].begin() as connection:
        return {one.body for one in egress_log.departures(connection) if one.kind == "contribution"}


def charged(small: Small, node: int = 1) -> Mapping[ChargeKey, object]:
    with small.region.nodes[node].begin() as connection:
        return budget.ledger(connection, small.region.programme.budget).charges


def test_a_contribution_is_charged_registered_and_noted(asked: Small) -> None:
    answer = asked.ask(1, Frame(Kind.CONTRIBUTE, request_of(asked)).to_bytes())
    assert answer.kind is Kind.CONTRIBUTION
    assert {key.cohort for key in charged(asked)} == set(asked.region.programme.periods[0].cohorts)
    with asked.region.nodes[1].begin() as connection:
        assert len(budget.register(connection)) == 6
        assert rounds.all_rounds(connection)[0].outcome == "sent"
        own = rounds.own_prekey(connection, 1)
    assert own is not None
    assert own.secret is None


def test_the_same_request_again_gives_the_same_bytes_and_no_second_charge(asked: Small) -> None:
    raw = Frame(Kind.CONTRIBUTE, request_of(asked)).to_bytes()
    first = asked.nodes[1].answer(raw)
    before = charged(asked)
    assert asked.nodes[1].answer(raw) == first
    assert charged(asked) == before
    assert len(contributions(asked)) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"noise_variance": 2**31}, "outside-programme"),
        ({"noise_variance": 2**40}, "outside-programme"),
        ({"specification": "00" * 32}, "outside-programme"),
        ({"active": (1, 2, 3, 4, 5, 6)}, "bad-descriptor"),
        ({"prekeys": "00" * 32}, "bad-prekeys"),
    ],
    ids=str,
)
def test_a_descriptor_that_differs_from_the_programme_sends_and_charges_nothing(
    asked: Small, changes: dict[str, object], code: str
) -> None:
    assert asked.refusal(1, Kind.CONTRIBUTE, *request_of(asked, **changes)) == code
    assert "contribution" not in sent(asked)
    assert charged(asked) == {}


def test_a_second_distinct_message_of_one_round_number_never_leaves(asked: Small) -> None:
    first = asked.ask(1, Frame(Kind.CONTRIBUTE, request_of(asked)).to_bytes())
    latest = asked.region.clock.now + 100
    other = request_of(asked, deadline=latest)
    assert asked.refusal(1, Kind.CONTRIBUTE, *other) == "not-active"
    assert asked.ask(1, Frame(Kind.CONTRIBUTE, request_of(asked)).to_bytes()) == first
    assert contributions(asked) == {first.to_bytes()}


@pytest.mark.heavy
def test_who_spoke_in_a_round_does_not_contribute_to_another_of_its_number(asked: Small) -> None:
    """A statement about one descriptor; then a contribution to a second one is asked."""
    descriptor, prekeys = request_of(asked)
    statement = asked.ask(1, Frame(Kind.ABANDON, (descriptor, prekeys)).to_bytes())
    assert statement.kind is Kind.STATEMENT
    other = request_of(asked, deadline=asked.region.clock.now + 100)
    assert asked.refusal(1, Kind.CONTRIBUTE, *other) == "round-burnt"
    assert asked.refusal(1, Kind.CONTRIBUTE, descriptor, prekeys) == "round-burnt"
    assert "contribution" not in sent(asked)
    assert charged(asked) == {}


def test_a_ledger_that_cannot_pay_refuses_before_anything_is_computed(
    asked: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    with asked.region.nodes[1].begin() as connection:
        spent = {ChargeKey("x", "start", "2024Q2"): Charge("before", asked.region.programme.budget)}
        budget.add_charges(connection, spent)

    def never(*_: object) -> None:
        raise AssertionError("nothing may be masked")

    monkeypatch.setattr(contribution, "contribute", never)
    assert asked.refusal(1, Kind.CONTRIBUTE, *request_of(asked)) == "budget-exceeded"
    assert len(charged(asked)) == 1
    with asked.region.nodes[1].begin() as connection:
        assert budget.register(connection) == []
        assert rounds.all_rounds(connection) == []


def test_a_failure_after_the_charge_takes_the_charge_back(
    asked: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(contribution, "contribute", broken)
    with pytest.raises(MemoryError):
        asked.nodes[1].answer(Frame(Kind.CONTRIBUTE, request_of(asked)).to_bytes())
    assert charged(asked) == {}
    monkeypatch.undo()
    assert asked.ask(1, Frame(Kind.CONTRIBUTE, request_of(asked)).to_bytes()).kind is (
        Kind.CONTRIBUTION
    )


def test_a_centre_without_clients_sends_as_much_as_any_other(
    asked: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = {}
    real = contribution.contribute

    def tap(view, identity, keys, links, noisy, random):  # type: ignore[no-untyped-def]
        vectors["plain"] = noisy.values
        return real(view, identity, keys, links, noisy, random)

    monkeypatch.setattr(contribution, "contribute", tap)
    assert asked.region.status(1)["contributions"] == 1
    small, empty = (len(asked.nodes[n].answer(fresh(asked))) for n in (1, 7))
    assert small == empty
    spread = float(np.std(vectors["plain"]))
    # Zeros and noise: sigma of one share of five is 29,309; 13 entries of it lie in here in 999 of
    # 1,000 cases.
    assert 12_600 < spread < 48_600


def fresh(small: Small) -> bytes:
    return Frame(Kind.CONTRIBUTE, request_of(small)).to_bytes()


def test_nothing_is_contributed_after_the_latest_deadline(asked: Small) -> None:
    asked.region.clock.now += DAY + 1
    assert asked.refusal(1, Kind.CONTRIBUTE, *request_of(asked)) == "too-late"
    assert charged(asked) == {}


def test_who_sent_no_prekey_contributes_nothing(asked: Small) -> None:
    with asked.region.nodes[1].begin() as connection:
        connection.exec_driver_sql("DELETE FROM prekey")
    assert asked.refusal(1, Kind.CONTRIBUTE, *request_of(asked)) == "not-active"


def test_a_round_that_was_opened_while_the_owner_paused_is_refused(asked: Small) -> None:
    with asked.region.nodes[1].begin() as connection:
        settings.put(connection, "paused", b"1")
    assert asked.refusal(1, Kind.CONTRIBUTE, *request_of(asked)) == "paused"
    assert charged(asked) == {}


def test_a_restored_node_without_round_keys_repeats_only_what_it_stored(
    asked: Small,
) -> None:
    raw = Frame(Kind.CONTRIBUTE, request_of(asked)).to_bytes()
    first = asked.nodes[1].answer(raw)
    reopened = NodeStore.open(asked.region.nodes[1].folder)
    again = Participant(reopened, Context(asked.region.clock, tape("other noise")))
    assert again.answer(raw) == first


def test_the_bytes_that_leave_are_a_masked_vector_of_the_announced_length(asked: Small) -> None:
    answer = asked.ask(1, Frame(Kind.CONTRIBUTE, request_of(asked)).to_bytes())
    with asked.region.store.begin() as connection:
        stored = coordinator_rounds.of(connection, 1)
        assert stored is not None
        view = view_of(connection, stored)
    body = Contribution.from_bytes(answer.parts[0], view)
    assert len(body.vector) == view.descriptor.announcement.length
