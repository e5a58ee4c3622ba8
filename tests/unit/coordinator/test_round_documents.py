"""Public documents are made once, stay as long as requests name them, and survive a restart."""

from collections.abc import Iterator

import pytest
from small_region import Small

from coordinator.rounds.closing import contribute_request
from coordinator.rounds.public_documents import Standing, publish
from coordinator.store import public_documents, rounds
from coordinator.store.database import Connection
from schemas.message import Kind
from schemas.request import Mention, Request

DAY = 86_400


class Making:
    """Makes the request to contribute to round 1, and counts how often."""

    def __init__(self, small: Small) -> None:
        self.small, self.times, self.now = small, 0, small.region.clock.now

    def __call__(self, connection: Connection) -> Request:
        self.times += 1
        stored = rounds.of(connection, 1)
        assert stored is not None
        return contribute_request(connection, stored, self.now)


@pytest.fixture
def making(opened: Small) -> Iterator[Making]:
    return Making(opened)


def held(small: Small, mention: bytes | Mention) -> bytes | None:
    assert isinstance(mention, Mention)
    with small.region.store.begin() as connection:
        return public_documents.body_of(connection, mention.digest)


def test_a_request_for_all_is_made_once_a_day_and_after_a_restart_it_is_the_same(
    making: Making,
) -> None:
    store = making.small.region.store
    standing = Standing(store)
    first = standing.of(1, Kind.CONTRIBUTE, making.now, making)
    for later in (1, 3_600, DAY - 1):
        assert standing.of(1, Kind.CONTRIBUTE, making.now + later, making) == first
    assert making.times == 1
    assert standing.of(1, Kind.CONTRIBUTE, making.now + DAY, making) == first
    assert Standing(store).of(1, Kind.CONTRIBUTE, making.now + DAY, making) == first
    assert making.times == 3


def test_what_requests_name_stays_and_what_none_named_for_a_week_goes(making: Making) -> None:
    store, standing = making.small.region.store, Standing(making.small.region.store)
    with store.begin() as connection:
        old = publish(connection, b"of an earlier round", making.now)
    for day in range(9):
        making.now += DAY
        body = standing.of(1, Kind.CONTRIBUTE, making.now, making)
        assert (held(making.small, old) is None) == (day >= 7)
    for mention in Request.from_bytes(body).parts:
        found = held(making.small, mention)
        assert found is not None
        assert Mention.of(found) == mention


def test_a_request_whose_documents_were_not_kept_is_not_sent_later(making: Making) -> None:
    standing = Standing(making.small.region.store)

    def failing(connection: Connection) -> Request:
        making(connection)
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk"):
        standing.of(1, Kind.CONTRIBUTE, making.now, failing)
    standing.of(1, Kind.CONTRIBUTE, making.now, making)
    assert making.times == 2
