"""What centres sent is kept in parts: each is read where it is needed, and is what was sent."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from region import Region
from test_transcripts import region_of

from coordinator.rounds.closing import without_excess
from coordinator.rounds.opening import view_of
from coordinator.store import rounds
from privacy.secure_sum.certify import set_digest
from privacy.secure_sum.close import ClosedSet, accept_response, sum_up
from privacy.secure_sum.unmask import wanted
from privacy.secure_sum.view import RoundView
from privacy.secure_sum.wire import Contribution, Mark, UnmaskRequest
from schemas.message import Frame, Kind
from schemas.request import Request

Handler = Callable[[bytes], bytes]


class Tap:
    """Listens to what passes between coordinator and centres."""

    def __init__(self, region: Region) -> None:
        self.sent: dict[int, bytes] = {}
        self.asked: dict[int, bytes] = {}
        for node, handler in dict(region.carrier._handlers).items():
            region.carrier._handlers[node] = self._tapped(node, handler)  # type: ignore[index]

    def _tapped(self, node: int, handler: Handler) -> Handler:
        def answered(raw: bytes) -> bytes:
            request, reply = Request.from_bytes(raw), handler(raw)
            if request.kind is Kind.CONTRIBUTE:
                self.sent[node] = Frame.from_bytes(reply).parts[0]
            if request.kind is Kind.UNMASK:
                assert isinstance(request.parts[1], bytes)
                self.asked[node] = request.parts[1]
            return reply

        return answered


def opened(region: Region) -> int:
    """A round of nine: centre 3 got ready and is gone."""
    number = region.announce()
    region.ticks(3)
    region.carrier.kill(3)
    region.ask("open", number)
    region.ticks(3)
    return number


def view_in(region: Region, number: int) -> RoundView:
    with region.store.begin() as connection:
        stored = rounds.of(connection, number)
        assert stored is not None
        return view_of(connection, stored)


def summed(folder: Path) -> tuple[Region, Tap, RoundView]:
    """A region whose first round was closed and summed, with all that was said in it."""
    region = region_of(folder)
    tap = Tap(region)
    number = opened(region)
    region.ask("close", number)
    region.ticks(6)
    return region, tap, view_in(region, number)


def test_a_member_is_given_exactly_its_own_slots(tmp_path: Path) -> None:
    region, tap, view = summed(tmp_path / "region")
    in_sum = region.release().in_sum
    secrets = [*view.active, *range(-1, -1 - len(view.parameters.levels), -1)]
    # version, proof, id, rid; the vector; commitments of 32 bytes: the slots stand after these
    before = 37 + view.length * view.width // 8 + 32 * len(secrets)
    assert len(tap.asked) >= view.parameters.threshold
    for member, raw in tap.asked.items():
        pairs = wanted(view, in_sum)
        request = UnmaskRequest.from_bytes(raw, len(pairs))
        for (sender, other), slot in zip(pairs, request.slots, strict=True):
            place = view.members.index(member) * len(secrets) + secrets.index(other)
            start = before + 48 * place
            assert slot == tap.sent[sender][start : start + 48]


def test_the_sum_of_parts_is_that_of_the_whole_messages(tmp_path: Path) -> None:
    region, tap, view = summed(tmp_path / "region")
    inside = {node: Contribution.from_bytes(raw, view) for node, raw in tap.sent.items()}
    number = view.descriptor.announcement.round
    with region.store.begin() as connection:
        marks = rounds.answers(connection, number, "set_signature").values()
        heard = rounds.answers(connection, number, "shares")
        stored = rounds.of(connection, number)
    shares = [accept_response(view, sorted(inside), raw, m) for m, raw in heard.items()]
    dg = set_digest(view, [inside[node].header for node in sorted(inside)])
    whole = sum_up(view, ClosedSet(inside, ()), dg, [*map(Mark.from_bytes, marks)], shares)
    assert stored is not None
    assert stored.total is not None
    assert sorted(inside) == [1, 2, 4, 5, 6, 7, 8, 9, 10]
    total = without_excess(view, whole, region.programme)
    assert np.frombuffer(stored.total, "<i8").tolist() == total.tolist()


def test_every_part_is_kept_and_who_sent_nothing_is_missing(tmp_path: Path) -> None:
    region = region_of(tmp_path / "region")
    number = opened(region)
    with region.store.begin() as connection:
        for kind in ("header", "commitments", "slots", "vector"):
            assert rounds.who_answered(connection, number, kind) == (1, 2, 4, 5, 6, 7, 8, 9, 10)  # type: ignore[arg-type]
    region.ask("close", number)
    region.ticks(6)
    assert region.status(number)["state"] == "PUBLISHED"
    assert region.status(number)["missing"] == [3]
