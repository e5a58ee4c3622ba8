"""The region's time from its answers: within minutes it is followed, beyond that it is not."""

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from node.rounds.region_clock import MOST, RegionClock

TRUE = datetime(2026, 11, 30, 12, 0, 0, tzinfo=UTC).timestamp()


def date(at: float) -> str:
    """As RFC 9110 spells it: whole seconds."""
    return format_datetime(datetime.fromtimestamp(int(at), UTC), usegmt=True)


def heard(ahead: float, took: float = 0.05) -> RegionClock:
    """A clock that is so much ahead and heard one answer."""
    moments = iter([TRUE + ahead + took, *[TRUE + ahead + took] * 9])
    clock = RegionClock(own=lambda: next(moments))
    clock.hear(date(TRUE + took / 2), TRUE + ahead)
    return clock


@pytest.mark.parametrize("ahead", [-290, -240, -6.4, 6.0, 7.7, 60, 240, 295])
def test_a_clock_that_is_minutes_off_stamps_with_the_regions_time(ahead: float) -> None:
    age = TRUE - heard(ahead).stamp().timestamp()
    assert -1 < age < 5  # Flower takes from 5 s ahead to 305 s behind
    assert abs(heard(ahead).ahead - ahead) <= 2
    assert abs(heard(ahead).now() - TRUE) < 2


@pytest.mark.parametrize("ahead", [-1.5, -0.4, 0.0, 0.9])
def test_a_clock_that_is_right_is_said_to_be(ahead: float) -> None:
    clock = heard(ahead)
    assert clock.ahead == 0
    assert not clock.off


@pytest.mark.parametrize("ahead", [-4000, -303, 304, 86_400])
def test_a_clock_that_is_far_off_is_not_followed(ahead: float) -> None:
    clock = heard(ahead)
    assert clock.off
    assert abs(clock.ahead) > MOST
    assert abs(clock.stamp().timestamp() - (TRUE + ahead)) < 3


@pytest.mark.parametrize("word", [None, "", "yesterday", "Mon, 99 Nov 2026 12:00:00 GMT", "\x00"])
def test_an_answer_that_tells_no_time_changes_nothing(word: str | None) -> None:
    clock = RegionClock(own=lambda: TRUE)
    assert clock.hear(word, TRUE) is False
    assert clock.ahead == 0


def test_an_answer_that_took_long_says_too_little() -> None:
    assert heard(240, took=11).ahead == 0


def test_answers_of_one_clock_do_not_make_it_waver() -> None:
    now = [TRUE + 100.0]
    clock = RegionClock(own=lambda: now[0])
    said = set()
    for step in range(200):
        now[0] = TRUE + 100.0 + step * 0.37
        clock.hear(date(now[0] - 100.0), now[0] - 0.02)
        said.add(clock.ahead)
    assert said <= {99, 100, 101}
    assert len(said) == 1


def test_a_clock_that_was_put_right_is_seen_to_be() -> None:
    now = [TRUE + 200.0]
    clock = RegionClock(own=lambda: now[0])
    clock.hear(date(TRUE), now[0])
    assert clock.ahead >= 199
    now[0] = TRUE + 60.0
    assert clock.hear(date(TRUE + 60), now[0]) is True
    assert clock.ahead == 0
