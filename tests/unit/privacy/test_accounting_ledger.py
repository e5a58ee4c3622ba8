"""The ledger: integers that no order of charges and refunds can overspend."""

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import opendp.prelude as dp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.accounting.event import Event
from privacy.accounting.ledger import (
    AlreadyCharged,
    BudgetExceeded,
    Charge,
    ChargeKey,
    Ledger,
    LedgerRefusal,
)
from privacy.noise.family import Sensitivity
from privacy.noise.polya import Polya
from privacy.noise.skellam import Skellam
from schemas.units import MicroRho

BUDGET = MicroRho(100)
COHORTS = ("2024Q1", "2024Q2", "2024Q3")
Prices = dict[ChargeKey, MicroRho]

KEYS = st.builds(
    ChargeKey, st.sampled_from("abc"), st.sampled_from(["6m", "12m"]), st.sampled_from(COHORTS)
)
ROUNDS = st.dictionaries(KEYS, st.integers(0, 60).map(MicroRho), min_size=1, max_size=6)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("charge"), st.integers(0, 9), ROUNDS),
        st.tuples(st.just("refund"), st.integers(0, 9), st.just({})),
    ),
    max_size=25,
)


def charged(prices: Mapping[ChargeKey, MicroRho], number: int | str) -> dict[ChargeKey, Charge]:
    return {k: Charge(str(number), price) for k, price in prices.items()}


def key(statistic: str = "a", cohort: str = "2024Q1", horizon: str = "12m") -> ChargeKey:
    return ChargeKey(statistic, horizon, cohort)


@pytest.mark.heavy
@given(steps=STEPS)
def test_no_charges_and_refunds_overspend_a_cohort_or_pay_for_a_key_twice(
    steps: list[tuple[str, int, Prices]],
) -> None:
    ledger, paid = Ledger(BUDGET), defaultdict[int, list[Prices]](list)
    for action, number, prices in steps:
        if action == "refund":
            ledger = ledger.refund(str(number))
            paid.pop(number, None)
            continue
        try:
            ledger = ledger.charge(charged(prices, number))
        except LedgerRefusal:
            continue  # nothing may have changed: the sums below would show it
        paid[number].append(prices)
        taken = [k for rounds in paid.values() for one in rounds for k in one]
        assert len(taken) == len(set(taken))
    for cohort in COHORTS:
        spent = sum(
            price for rounds in paid.values() for one in rounds
            for k, price in one.items() if k.cohort == cohort
        )  # fmt: skip
        assert ledger.spent(cohort) == spent <= BUDGET
        assert ledger.left(cohort) == BUDGET - spent


@pytest.mark.heavy
@given(rounds=st.lists(ROUNDS, max_size=12))
def test_a_refusal_has_its_reason(rounds: list[Prices]) -> None:
    """A key that stands already, or else a cohort that cannot pay; nothing else is refused."""
    ledger = Ledger(BUDGET)
    for number, prices in enumerate(rounds):
        asked = {c: sum(p for k, p in prices.items() if k.cohort == c) for c in COHORTS}
        if prices.keys() & ledger.charges.keys():
            with pytest.raises(AlreadyCharged) as again:
                ledger.charge(charged(prices, number))
            assert again.value.key in prices.keys() & ledger.charges.keys()
        elif any(asked[c] > ledger.left(c) for c in COHORTS):
            with pytest.raises(BudgetExceeded) as short:
                ledger.charge(charged(prices, number))
            assert short.value.asked == asked[short.value.cohort]
            assert short.value.asked > short.value.left == ledger.left(short.value.cohort)
        else:
            ledger = ledger.charge(charged(prices, number))


def opendp_measurement(price: MicroRho) -> Any:
    return dp.m.make_user_measurement(
        dp.atom_domain(T=int), dp.absolute_distance(T=int),
        output_measure=dp.zero_concentrated_divergence(),
        function=lambda _: 0, privacy_map=lambda d: price / 1_000_000 * d * d,
    )  # fmt: skip


@settings(max_examples=25)
@given(rounds=st.lists(ROUNDS, max_size=8))
def test_opendp_adds_up_the_same_losses(rounds: list[Prices]) -> None:
    """A second opinion: one odometer of OpenDP's for each cohort, asked adaptively."""
    dp.enable_features("contrib", "honest-but-curious")
    composed = dp.c.make_fully_adaptive_composition(
        dp.atom_domain(T=int), dp.absolute_distance(T=int), dp.zero_concentrated_divergence()
    )
    odometers = {cohort: composed(0) for cohort in COHORTS}
    ledger = Ledger(BUDGET)
    for number, prices in enumerate(rounds):
        try:
            ledger = ledger.charge(charged(prices, number))
        except LedgerRefusal:
            continue
        for k, price in prices.items():
            odometers[k.cohort](opendp_measurement(price))
    for cohort, odometer in odometers.items():
        assert odometer.privacy_loss(1) == pytest.approx(ledger.spent(cohort) / 1e6, abs=1e-12)


def test_opendp_refuses_the_charge_that_we_refuse() -> None:
    dp.enable_features("contrib", "honest-but-curious")
    composed = dp.c.make_fully_adaptive_composition(
        dp.atom_domain(T=int), dp.absolute_distance(T=int), dp.zero_concentrated_divergence()
    )
    theirs = dp.c.make_privacy_filter(composed, d_in=1, d_out=1.001e-4)(0)
    ours = Ledger(BUDGET).charge(charged({key("a"): MicroRho(60), key("b"): MicroRho(40)}, 1))
    theirs(opendp_measurement(MicroRho(60)))
    theirs(opendp_measurement(MicroRho(40)))
    with pytest.raises(BudgetExceeded):
        ours.charge(charged({key("c"): MicroRho(1)}, 2))
    with pytest.raises(dp.OpenDPException):
        theirs(opendp_measurement(MicroRho(1)))


def test_a_round_that_one_cohort_cannot_pay_is_refused_as_a_whole() -> None:
    ledger = Ledger(BUDGET).charge(charged({key("a", "2024Q2"): MicroRho(80)}, 1))
    prices = {key("b", "2024Q1"): MicroRho(30), key("b", "2024Q2"): MicroRho(30)}
    with pytest.raises(BudgetExceeded, match="cohort 2024Q2: the round costs 30 micro-rho, 20"):
        ledger.charge(charged(prices, 2))
    assert ledger.spent("2024Q1") == 0


def test_the_last_micro_rho_can_be_spent() -> None:
    full = Ledger(BUDGET).charge(charged({key("a"): MicroRho(99), key("b"): MicroRho(1)}, 1))
    assert full.left("2024Q1") == 0
    assert full.charge(charged({key("c"): MicroRho(0)}, 2)).left("2024Q1") == 0


def test_the_same_statistic_is_measured_once_unless_the_round_was_abandoned() -> None:
    prices: Mapping[ChargeKey, MicroRho] = {key(): MicroRho(10)}
    once = Ledger(BUDGET).charge(charged(prices, 1))
    with pytest.raises(AlreadyCharged, match="a at 12m of 2024Q1"):
        once.charge(charged(prices, 2))
    assert once.refund("1").charge(charged(prices, 2)).spent("2024Q1") == 10
    assert once.refund("another") == once


def test_another_horizon_cohort_or_half_is_another_key() -> None:
    ledger = Ledger(BUDGET).charge(charged({key(): MicroRho(10)}, 1))
    half = ChargeKey("a", "12m", "2024Q1", split="evaluation")
    for other in (key(horizon="6m"), key(cohort="2024Q2"), key("b"), half):
        assert other in ledger.charge(charged({other: MicroRho(1)}, 2)).charges


def test_a_negative_price_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        Ledger(BUDGET).charge(charged({key(): MicroRho(-1)}, 1))


EVENT = Event(Skellam(1_000, 5), Sensitivity(Fraction(10), Fraction(100)))
"""It costs 50,058 micro-rho; see the tests of what noise costs."""


def test_a_charge_covers_what_its_event_costs() -> None:
    assert Charge("1", MicroRho(50_058), EVENT).event == EVENT
    with pytest.raises(ValueError, match="covers what its event costs"):
        Charge("1", MicroRho(50_057), EVENT)


@pytest.mark.parametrize(
    "event",
    [
        EVENT,
        Event(Polya(Fraction(1, 5), Fraction(7, 3), 12), Sensitivity(Fraction(7, 3), Fraction(4))),
    ],
    ids=["skellam", "polya"],
)
def test_an_event_is_kept_as_text_to_the_last_fraction(event: Event) -> None:
    assert Event.from_text(event.text) == event


def test_refusals_have_codes_that_clients_can_switch_on() -> None:
    assert (AlreadyCharged.code, BudgetExceeded.code) == ("already-charged", "budget-exceeded")
