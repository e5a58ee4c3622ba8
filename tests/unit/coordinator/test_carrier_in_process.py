"""The carrier of tests: handlers called directly, centres that can be killed."""

from coordinator.carrier.seam import Carrier, InProcessCarrier


def carrier() -> InProcessCarrier:
    return InProcessCarrier({1: lambda raw: raw + b"1", 2: lambda raw: raw + b"2"})


def test_each_living_node_answers_with_its_own_handler() -> None:
    made: Carrier = carrier()
    assert made.online() == {1, 2}
    assert dict(made.exchange({1: b"a", 2: b"b"}, seconds=1)) == {1: b"a1", 2: b"b2"}


def test_a_killed_node_is_not_online_and_does_not_answer_until_it_is_revived() -> None:
    made = carrier()
    made.kill(2)
    assert made.online() == {1}
    assert dict(made.exchange({1: b"a", 2: b"b"}, seconds=1)) == {1: b"a1"}
    made.revive(2)
    assert dict(made.exchange({2: b"b"}, seconds=1)) == {2: b"b2"}


def test_a_node_killed_in_mid_exchange_does_not_answer_any_more() -> None:
    made = carrier()
    answers = made.exchange({1: b"a", 2: b"b"}, seconds=1)
    assert next(answers) == (1, b"a1")
    made.kill(2)
    assert list(answers) == []


def test_a_node_that_nobody_knows_is_not_asked() -> None:
    assert list(carrier().exchange({7: b"a"}, seconds=1)) == []
