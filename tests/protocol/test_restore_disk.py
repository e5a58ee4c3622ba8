"""A disk that was put back, or copied, says nothing; its owner is told what to do."""

from pathlib import Path

import pytest
from click.testing import Result
from lives import NEXT_YEAR, SECOND, Lives, make_lives
from typer.testing import CliRunner

from chassis.store import settings
from coordinator.rounds import announcing
from node.cli import app
from schemas.message import Frame, Kind, pack, unpack
from schemas.round import Descriptor, SignedHeader
from schemas.signed import Signed

NODE = 5


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEGWIJS_LANG", "en")


@pytest.fixture
def lives(tmp_path: Path) -> Lives:
    return make_lives(tmp_path)


def last_announcement(lives: Lives, node: int) -> Frame:
    return next(
        frame
        for to, raw, _ in reversed(lives.carrier.heard)
        if to == node and (frame := Frame.from_bytes(raw)).kind is Kind.ANNOUNCE
    )


def status(lives: Lives) -> Result:
    folder = str(lives.region.nodes[NODE].folder)
    return CliRunner().invoke(app, ["status", "--dir", folder])


def test_a_disk_that_was_put_back_stops_until_it_is_restored_as_a_backup(lives: Lives) -> None:
    old = lives.snapshot(NODE, "snapshot")
    number = lives.published()
    lives.install(NODE, old)
    lives.region.ticks(1)  # the round is over: this store knows nothing of it
    assert "Stopped" not in status(lives).stdout
    lives.announced((SECOND,))
    assert lives.region.status(number + 1)["refusals"] == {"rolled-back": 1}
    assert lives.region.status(number + 1)["prekeys"] == 6
    for kind in (Kind.CONTRIBUTE, Kind.CERTIFY, Kind.UNMASK, Kind.ABANDON):
        assert lives.ask(NODE, kind, b"x", b"y") == Frame(Kind.REFUSED, (b"rolled-back",))
    said = status(lives).stdout
    assert "its disk was put back or copied. It answers nothing any more." in said
    assert "Restore the newest backup into a new folder" in said
    lives.region.ask("abandon", number + 1)
    lives.region.ticks(1)
    lives.install(NODE, lives.restored(lives.backup(NODE, "halted"), "again"))
    lives.region.clock.now = NEXT_YEAR + 10
    lives.announced(period=1)
    assert lives.region.status(number + 2)["refusals"] == {}
    assert "Restored from a backup on" in status(lives).stdout
    assert "zeros and noise only" in status(lives).stdout


def test_a_second_copy_of_a_restored_store_stops(lives: Lives) -> None:
    """Two machines that answer for one centre: whose key card is older, says no more."""
    saved = lives.backup(NODE, "saved")
    lives.published()
    lives.install(NODE, lives.restored(saved, "again"))
    lives.region.clock.now = NEXT_YEAR + 10
    lives.announced(period=1)
    lives.region.ticks(2)
    with lives.region.store.begin() as connection:
        connection.exec_driver_sql("DELETE FROM answer WHERE kind = 'header'")
        connection.exec_driver_sql("DELETE FROM answer WHERE kind = 'prekey' AND centre = 5")
    from node.store import NodeStore

    lives.install(NODE, NodeStore.open(lives.region.folder / f"node-{NODE}"))
    lives.region.ticks(1)
    assert lives.region.status(2)["refusals"] == {"rolled-back": 1}


def test_what_is_relayed_is_the_centre_s_own_header_of_its_latest_round(lives: Lives) -> None:
    number = lives.published()
    lives.announced((SECOND,))
    for node in (1, NODE):
        descriptor, header = unpack(last_announcement(lives, node).parts[5])
        assert Signed.from_canonical(descriptor).peek(Descriptor).announcement.round == number
        assert SignedHeader.from_canonical(header).id == node
        assert lives.region.nodes[node] is not None
    assert lives.region.status(number + 1)["refusals"] == {}


def test_a_header_that_another_centre_signed_is_refused_and_stops_nobody(lives: Lives) -> None:
    """Otherwise whoever sits between could stop a centre for good."""
    lives.published()
    lives.announced((SECOND,))
    mine, theirs = last_announcement(lives, NODE), last_announcement(lives, 1)
    answer = lives.ask(NODE, Kind.ANNOUNCE, *mine.parts[:5], theirs.parts[5], *mine.parts[6:])
    assert answer == Frame(Kind.REFUSED, (b"bad-signature",))
    with lives.region.nodes[NODE].begin() as connection:
        assert settings.get(connection, "halted") is None


@pytest.mark.parametrize("relayed", ["nothing", "an older header"])
def test_a_coordinator_that_lies_leaves_a_disk_that_was_put_back_unnoticed(
    lives: Lives, monkeypatch: pytest.MonkeyPatch, relayed: str
) -> None:
    """The limit of the check: it is as good as the coordinator is truthful.

    With a coordinator that relays nothing, or an older header, a centre whose disk was put back
    is ready to answer again what it paid for after the snapshot: its clients' budget would be
    spent twice on that statistic, with fresh noise. It gives nobody's vector away, for the round
    has its own keys; and the centres that kept their disks refuse, so that a second sum exists
    only if as many disks were put back as a round needs centres.
    """
    first = lives.published()
    old = lives.snapshot(NODE, "snapshot")
    before = unpack(last_header(lives, first))
    lives.published((SECOND,))
    spent = lives.charges(NODE)
    lives.install(NODE, old)
    lie = pack(before) if relayed == "an older header" else pack([])
    monkeypatch.setattr(announcing, "own_headers", lambda _c, _s: {NODE: lie})
    third = lives.announced((SECOND,))
    lives.region.clock.now += 1900
    lives.region.ticks(1)
    assert lives.region.status(third)["refusals"] == {"already-charged": 6}
    assert lives.region.status(third)["prekeys"] == 1
    assert lives.charges(NODE).keys() < spent.keys()
    with old.begin() as connection:
        assert settings.get(connection, "halted") is None


def last_header(lives: Lives, number: int) -> bytes:
    """What the coordinator relays to the centre of that round."""
    from coordinator.rounds.relaying import own_headers
    from coordinator.store import rounds

    with lives.region.store.begin() as connection:
        stored = rounds.of(connection, number)
        assert stored is not None
        found = rounds.last_headers(connection, number + 1)
        assert own_headers(connection, stored) == {}
    return pack(list(found[NODE]))
