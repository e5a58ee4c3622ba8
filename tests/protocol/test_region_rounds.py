"""Ten nodes with real stores, one round: two killed, and the sum is exact to the bit."""

import base64
from pathlib import Path

import numpy as np
import pytest
from region import Region, make_region, sample_records

from chassis.store import audit_log
from coordinator.rounds.refusal import TooFew
from node.store import budget, egress_log, rounds
from privacy.encode.layout import make_layout
from privacy.encode.vector import encode
from privacy.noise.excess import remove
from privacy.noise.skellam import Skellam
from privacy.secure_sum.contribute import excess_key
from privacy.secure_sum.masks import keystream
from privacy.secure_sum.parameters import Policy
from privacy.verify import ReleaseRefused, verify_release
from schemas.units import MicroRho

ASKS = ("trajectories@start", "durable_match@6m")


def spent(region: Region, node: int) -> dict[str, int]:
    with region.nodes[node].begin() as connection:
        ledger = budget.ledger(connection, MicroRho(185_055))
    return {cohort: ledger.spent(cohort) for cohort in region.programme.periods[0].cohorts}


@pytest.fixture
def region(tmp_path: Path) -> Region:
    return make_region(tmp_path, {n: sample_records(n, 8 + n) for n in range(1, 11)})


def run_to_release(region: Region, kill: tuple[int, ...] = ()) -> int:
    number = region.announce(ASKS)
    region.ticks()
    assert region.status(number)["prekeys"] == 10
    for node in kill:
        region.carrier.kill(node)
    region.ask("open", number)
    region.ticks()
    region.ask("close", number)
    region.ticks(6)
    return number


@pytest.mark.parametrize(("killed", "honest"), [((3, 7), 6), ((3,), 7), ((), 8)])
def test_a_round_with_some_killed_sums_the_same_noisy_vectors_exactly(
    region: Region, monkeypatch: pytest.MonkeyPatch, killed: tuple[int, ...], honest: int
) -> None:
    """The reference taps what is masked, adds it in plain and takes off what the set spares."""
    from node.rounds import contribution

    contributors = 10 - len(killed)
    tapped: dict[int, np.ndarray] = {}  # type: ignore[type-arg]
    real = contribution.contribute

    def tap(view, identity, keys, links, noisy, random):  # type: ignore[no-untyped-def]
        node = next(c.id for c in view.roster.centres if c.key == identity.public_hex)
        noise = Skellam(view.descriptor.noise_variance, view.parameters.honest)
        spared = view.parameters.reached(contributors)
        streams = {
            k: [keystream(excess_key(view, seed))] for k, seed in enumerate(noisy.spare[:spared])
        }
        tapped[node] = remove(noisy.values, noise, view.parameters.honest_at, streams)
        return real(view, identity, keys, links, noisy, random)

    monkeypatch.setattr(contribution, "contribute", tap)
    number = run_to_release(region, kill=killed)
    assert region.status(number)["state"] == "PUBLISHED"
    release = region.release()
    assert release.in_sum == tuple(n for n in range(1, 11) if n not in killed)
    assert release.honest == honest
    total = np.frombuffer(base64.b64decode(release.sum), dtype="<i8")
    assert np.array_equal(total, np.sum([tapped[node] for node in release.in_sum], axis=0))


def test_the_noise_of_the_sum_is_what_the_descriptor_promises(region: Region) -> None:
    run_to_release(region)
    release = region.release()
    layout = make_layout(region.programme, ASKS)
    exact = np.sum(
        [encode(sample_records(n, 8 + n), layout, region.programme) for n in range(1, 11)], axis=0
    )
    noise = np.frombuffer(base64.b64decode(release.sum), dtype="<i8") - exact
    promised = float(Skellam(release.noise_variance, release.honest).variance_of_sum(10))
    assert 0.9 < noise.var() / promised < 1.1


def test_everybody_in_the_sum_is_charged_once_and_nobody_else(region: Region) -> None:
    run_to_release(region, kill=(3, 7))
    for node in region.nodes:
        expected = 0 if node in (3, 7) else 20_000 + 17_000
        assert set(spent(region, node).values()) == {expected}
    region.carrier.revive(3)
    region.carrier.revive(7)
    region.ticks()
    assert set(spent(region, 3).values()) == {0}


def test_asking_the_same_statistic_again_is_refused_by_every_node(region: Region) -> None:
    run_to_release(region)
    number = region.announce(ASKS)
    region.ticks()
    assert region.status(number)["refusals"] == {"already-charged": 10}


def test_a_round_below_its_floor_cannot_be_closed_and_abandoning_gives_all_budget_back(
    region: Region,
) -> None:
    number = region.announce(ASKS)
    region.ticks()
    for node in (2, 5, 9):
        region.carrier.kill(node)
    region.ask("open", number)
    region.ticks()
    with pytest.raises(TooFew):
        region.ask("close", number)
    assert set(spent(region, 1).values()) == {37_000}
    region.ask("abandon", number)
    region.ticks(6)
    assert region.status(number)["state"] == "ABANDONED"
    for node in region.nodes:
        assert set(spent(region, node).values()) == {0}
    for node in (2, 5, 9):
        region.carrier.revive(node)
    again = run_to_release(region)
    assert region.status(again)["state"] == "PUBLISHED"


@pytest.mark.parametrize("crash_after", ["announce", "open", "contributions", "close", "marks"])
def test_a_coordinator_that_restarts_in_mid_round_finishes_it(
    region: Region, crash_after: str
) -> None:
    number = region.announce(ASKS)
    if crash_after == "announce":
        region.ticks(1)
        region.restart_coordinator()
    region.ticks()
    region.ask("open", number)
    region.ticks(1)
    if crash_after == "open":
        region.restart_coordinator()
    region.ticks()
    if crash_after == "contributions":
        region.restart_coordinator()
    region.ask("close", number)
    region.ticks(1)
    if crash_after == "close":
        region.restart_coordinator()
    region.ticks(1)
    if crash_after == "marks":
        region.restart_coordinator()
    region.ticks(5)
    assert region.status(number)["state"] == "PUBLISHED"
    assert len(region.release().in_sum) == 10


def test_a_resend_is_the_identical_stored_bytes(region: Region) -> None:
    number = region.announce(ASKS)
    region.ticks()
    region.ask("open", number)
    region.ticks(1)
    from coordinator.rounds import closing
    from coordinator.store import rounds as coordinator_rounds

    with region.store.begin() as connection:
        stored = coordinator_rounds.of(connection, number)
        assert stored is not None
        request = closing.contribute_request(connection, stored, region.clock()).to_bytes()
    answers = {
        body for _ in range(3) for _, body in region.carrier.exchange({4: request}, seconds=1)
    }
    assert len(answers) == 1
    with region.nodes[4].begin() as connection:
        assert rounds.all_rounds(connection)[0].message in next(iter(answers))
        assert sum(d.kind == "contribution" for d in egress_log.departures(connection)) == 1


def test_every_node_learns_whether_it_is_in_the_sum(region: Region) -> None:
    run_to_release(region, kill=(3,))
    region.ticks(2)
    with region.nodes[4].begin() as connection:
        assert rounds.all_rounds(connection)[0].outcome == "in_sum"
        assert audit_log.check(connection) >= 3


def test_a_release_verifies_and_any_changed_figure_is_found_out(region: Region) -> None:
    run_to_release(region)
    release = region.release()
    found = verify_release(region.signed_release(), region.authority.public_hex, Policy())
    assert (found.centres, found.on_roster, found.figures) == (10, 10, len(release.figures))
    first = release.figures[0]
    better = first.model_copy(update={"estimate": (first.estimate or 0) + 5})
    with pytest.raises(ReleaseRefused, match="does not follow"):
        verify_release(
            region.sealed(release.model_copy(update={"figures": (better, *release.figures[1:])})),
            region.authority.public_hex,
        )
    with pytest.raises(ReleaseRefused, match="document"):
        verify_release(region.signed_release(), region.coordinator.public_hex)


def test_secrets_of_a_round_are_gone_when_it_is_over(region: Region) -> None:
    number = run_to_release(region)
    with region.nodes[1].begin() as connection:
        own = rounds.own_prekey(connection, number)
        stored = rounds.all_rounds(connection)[0]
        assert own is not None
        assert own.secret is None
        assert stored.channel is None or stored.committee == "SIGNED"
        assert all(state.round == number + 1 for state in rounds.links(connection).values())
