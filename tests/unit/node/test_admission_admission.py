"""A round is answered only inside the programme, and only when the ledger can pay."""

from collections.abc import Callable

import pytest
from cast import tape
from region import DAY, NOW
from small_region import ASK, OTHER, Small, small_programme

from chassis.store import settings
from node.admission.check import Standing, charges_of, check_announcement, check_ledger, standing
from node.admission.refusal import NotApproved, NotEnrolled, OutsideProgramme, Paused
from node.store import NodeStore, budget
from privacy.accounting.ledger import AlreadyCharged, BudgetExceeded, Charge, ChargeKey
from privacy.encode.layout import make_layout
from privacy.secure_sum.keys import Identity
from schemas.roster import Centre, Roster
from schemas.round import Announcement
from schemas.units import MicroRho

PROGRAMME = small_programme()
ROSTER = Roster(
    epoch=1, previous=None, seed="33" * 32, coordinator="44" * 32,
    valid_from=NOW - DAY, valid_until=NOW + DAY,
    centres=(
        Centre(id=1, name="A", key=Identity.new(tape("a")).public_hex, organisation="o",
               recognised_number="1"),
    ),
)  # fmt: skip
HERE = Standing(1, ROSTER, PROGRAMME)
LAYOUT = make_layout(PROGRAMME, [ASK])
RIGHT = Announcement(
    round=1, roster=ROSTER.digest(), programme=PROGRAMME.digest(), period="year-2024",
    cohorts=("2024Q1", "2024Q2", "2024Q3", "2024Q4"), asks=(ASK,), length=LAYOUT.length,
    width=PROGRAMME.width, announced_at=NOW, prekeys_until=NOW + 60, deadline_latest=NOW + 600,
)  # fmt: skip


def test_a_round_as_the_programme_gives_it_is_admitted() -> None:
    assert check_announcement(HERE, RIGHT, NOW) == LAYOUT


@pytest.mark.parametrize(
    "change",
    [
        {"length": LAYOUT.length + 1},
        {"length": LAYOUT.length - 1},
        {"width": 32 if PROGRAMME.width == 64 else 64},
        {"roster": "00" * 32},
        {"cohorts": ("2024Q1", "2024Q2", "2024Q3")},
        {"cohorts": ("2024Q1",)},
        {"cohorts": ("2025Q1", "2025Q2", "2025Q3", "2025Q4")},
        {"period": "year-2025"},
        {"asks": (ASK, ASK)},
        {"asks": ("wellbeing@12m",)},
        {"asks": ("trajectories@12m",)},
        {"asks": ("nothing",)},
        {"asks": (ASK, OTHER)},
    ],
    ids=str,
)
def test_a_round_that_differs_from_the_programme_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(OutsideProgramme):
        check_announcement(HERE, RIGHT.model_copy(update=change), NOW)


def test_a_round_of_another_programme_was_never_agreed_to() -> None:
    other = small_programme(version=2)
    with pytest.raises(NotApproved):
        check_announcement(HERE, RIGHT.model_copy(update={"programme": other.digest()}), NOW)


@pytest.mark.parametrize("moment", [PROGRAMME.valid_from - 1, PROGRAMME.valid_until + 1])
def test_a_programme_counts_only_between_its_two_dates(moment: int) -> None:
    with pytest.raises(OutsideProgramme, match="not valid today"):
        check_announcement(HERE, RIGHT, moment)


def test_a_period_is_not_measured_before_its_date() -> None:
    (period,) = PROGRAMME.periods
    later = period.model_copy(update={"not_before": NOW + 1})
    programme = PROGRAMME.model_copy(update={"periods": (later,)})
    here = Standing(1, ROSTER, programme)
    announcement = RIGHT.model_copy(update={"programme": programme.digest()})
    with pytest.raises(OutsideProgramme, match="not yet"):
        check_announcement(here, announcement, NOW)
    assert check_announcement(here, announcement, NOW + 1) == LAYOUT


def _without_roster(store: NodeStore) -> None:
    with store.begin() as connection:
        connection.exec_driver_sql("DELETE FROM signed_document WHERE kind = 'roster'")


def _without_number(store: NodeStore) -> None:
    with store.begin() as connection:
        connection.exec_driver_sql("DELETE FROM setting WHERE key = 'node'")


def _without_programme(store: NodeStore) -> None:
    with store.begin() as connection:
        connection.exec_driver_sql("DELETE FROM signed_document WHERE kind = 'programme'")


def _without_approval(store: NodeStore) -> None:
    with store.begin() as connection:
        connection.exec_driver_sql("UPDATE signed_document SET approved_at = NULL")


def _paused(store: NodeStore) -> None:
    with store.begin() as connection:
        settings.put(connection, "paused", b"1")


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (_without_roster, NotEnrolled),
        (_without_number, NotEnrolled),
        (_without_programme, NotApproved),
        (_without_approval, NotApproved),
        (_paused, Paused),
    ],
)
def test_a_centre_without_roster_approval_or_with_a_pause_takes_part_in_nothing(
    opened: Small, change: Callable[[NodeStore], None], refusal: type[Exception]
) -> None:
    node = opened.nodes[1]
    assert node.ready()
    change(opened.region.nodes[1])
    with opened.region.nodes[1].begin() as connection, pytest.raises(refusal):
        standing(connection)
    assert not node.ready()


def test_a_round_charges_every_cohort_the_full_declared_price() -> None:
    new = charges_of(make_layout(PROGRAMME, [ASK, OTHER]), ("2024Q1", "2024Q2"))
    assert {key: one.price for key, one in new.items()} == {
        ChargeKey("trajectories", "start", "2024Q1"): 20_000,
        ChargeKey("trajectories", "start", "2024Q2"): 20_000,
        ChargeKey("durable_match", "6m", "2024Q1"): 17_000,
        ChargeKey("durable_match", "6m", "2024Q2"): 17_000,
    }


def test_what_was_charged_before_is_refused_for_every_cohort_it_touches(opened: Small) -> None:
    with opened.region.nodes[1].begin() as connection:
        here = standing(connection)
        check_ledger(connection, here, charges_of(LAYOUT, ("2024Q1", "2024Q2")))
        paid = {ChargeKey("trajectories", "start", "2024Q2"): Charge("ab", MicroRho(20_000))}
        budget.add_charges(connection, paid)
        check_ledger(connection, here, charges_of(LAYOUT, ("2024Q1",)))
        with pytest.raises(AlreadyCharged):
            check_ledger(connection, here, charges_of(LAYOUT, ("2024Q1", "2024Q2")))


def test_a_cohort_that_cannot_pay_stops_the_whole_round(opened: Small) -> None:
    with opened.region.nodes[1].begin() as connection:
        here = standing(connection)
        left = MicroRho(here.programme.budget - 19_999)
        budget.add_charges(connection, {ChargeKey("x", "start", "2024Q3"): Charge("ab", left)})
        with pytest.raises(BudgetExceeded) as refused:
            check_ledger(connection, here, charges_of(LAYOUT, ("2024Q1", "2024Q3")))
    assert (refused.value.cohort, refused.value.left) == ("2024Q3", 19_999)
