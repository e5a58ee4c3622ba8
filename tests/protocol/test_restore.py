"""What a restored centre says, whatever it had said after its backup was made.

One region lives through a round that is published and a round that is abandoned; a backup of one
centre is made at every step of both. Each is then restored and asked again everything that was
ever asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from lives import FIRST, LATER, NEXT_YEAR, SECOND, Lives, make_lives
from region import sample_records

from chassis.store import audit_log, settings
from coordinator.store import rounds as coordinator_rounds
from node.admission import restored
from node.rounds import contribution
from node.store import budget, egress_log, records, rounds
from node.store.backup import KEPT_SETTINGS, LEFT_SETTINGS
from privacy.secure_sum.view import round_id
from schemas.message import Frame, Kind, unpack
from schemas.record import Trajectory
from schemas.round import Announcement, KeyCard
from schemas.signed import Signed

NODE = 3
SPEAKING = {Kind.CONTRIBUTION, Kind.SET_SIGNATURE, Kind.SHARES, Kind.STATEMENT}


@dataclass
class History:
    """Backups by the moment they were made; all that was asked of the centre and answered."""

    lives: Lives
    backups: Mapping[str, Path]
    asked: list[tuple[bytes, bytes]]
    charges: Mapping[tuple[str, str], str]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    lives = make_lives(tmp_path_factory.mktemp("lives"))
    region, made = lives.region, {}

    def keep(moment: str) -> None:
        made[moment] = lives.backup(NODE, moment.replace(" ", "-"))

    keep("before the prekey")
    number = lives.announced()
    keep("after the prekey")
    region.ask("open", number)
    region.ticks(2)
    keep("contributed")
    region.ask("close", number)
    region.ticks(2)
    keep("signed")
    region.ticks(2)
    keep("answered")
    region.ticks(3)
    assert region.status(number)["state"] == "PUBLISHED"
    keep("published")
    number = lives.opened((SECOND,))
    keep("contributed to another")
    region.ask("abandon", number)
    region.ticks(1)
    keep("abandoned")
    region.ticks(4)
    assert region.status(number)["state"] == "ABANDONED"
    keep("refunded")
    lives.published((SECOND,))
    asked = [(request, answer) for node, request, answer in lives.carrier.heard if node == NODE]
    return History(lives, made, asked, lives.charges(NODE))


MOMENTS = (
    "before the prekey", "after the prekey", "contributed", "signed", "answered", "published",
    "contributed to another", "abandoned", "refunded",
)  # fmt: skip


@pytest.fixture(params=MOMENTS)
def back(request: pytest.FixtureRequest, history: History, tmp_path: Path) -> History:
    """The centre as restored from a backup of that moment."""
    source = history.backups[request.param]
    history.lives.install(NODE, history.lives.restored(source, tmp_path.name))
    return history


def test_nothing_that_was_forgotten_is_said_a_second_time_or_otherwise(back: History) -> None:
    """No second distinct message under one round id, no second signature, no shares again."""
    said = {answer for _, answer in back.asked}
    for request, _ in back.asked:
        frame = Frame.from_bytes(request)
        answer = back.lives.ask(NODE, frame.kind, *frame.parts)
        assert answer.kind not in SPEAKING or answer.to_bytes() in said
        if answer.kind is Kind.READY:  # nothing of a round that was described before
            assert answer.parts[1] == b""


def test_no_budget_comes_back(back: History) -> None:
    """Every key that was ever charged stays charged, whatever was refunded before or is now."""
    region = back.lives.region
    with region.store.read() as connection:
        given_up = coordinator_rounds.in_states(connection, ("ABANDONED",))
    refunds = [round_id(one.described) for one in given_up if one.described is not None]
    assert refunds
    for rid in refunds:
        said = Frame.from_bytes(region.documents.ending(rid) or b"")
        region.hear(NODE, said.kind, *said.parts)
    assert back.lives.charges(NODE).keys() >= back.charges.keys()


def test_the_backup_holds_no_secret_that_a_round_must_forget(back: History) -> None:
    with back.lives.region.nodes[NODE].begin() as connection:
        assert settings.get(connection, "kem") is None
        assert settings.get(connection, "card") is None
        assert rounds.links(connection) == {}
        kept = rounds.all_rounds(connection)
        assert all((r.message, r.channel, r.answer, r.prekeys) == (None, None, None, ())
                   for r in kept)  # fmt: skip
        assert {r.outcome for r in kept} <= {"in_sum", "not_in_sum", "abandoned"}
        assert rounds.own_prekey(connection, 1) is None
        assert {d.body for d in egress_log.departures(connection)} <= {b""}
        assert audit_log.check(connection) >= 0
        assert budget.ledger(connection, back.lives.region.programme.budget).left("2024Q1") >= 0


def test_every_setting_of_a_centre_is_either_kept_or_left_on_purpose() -> None:
    """A new setting has to be put on one of the two lists."""
    node = Path(__file__).parents[2] / "node"
    found = set()
    for source in node.rglob("*.py"):
        for piece in source.read_text().split("settings.put(connection, ")[1:]:
            found.add(piece.split(",")[0])
    named = {name.strip('"') for name in found if name.startswith('"')}
    assert named
    assert named <= {*KEPT_SETTINGS, *LEFT_SETTINGS}
    assert found - {f'"{name}"' for name in named} <= {
        "REFERENCE_KEY", "key", "HALTED", "RESTORED_AT", "FORGOTTEN_UNTIL", "_FORGOTTEN", "_FOUND",
        "_SETTING",
    }  # fmt: skip


@pytest.fixture
def fresh(tmp_path: Path) -> Lives:
    return make_lives(tmp_path)


def test_a_restored_centre_makes_a_new_card_and_takes_part_with_zeros_and_noise(
    fresh: Lives, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its register may have gaps; nobody else is re-keyed.

    The first round after the restore tells the others its new card, so they link with it in the
    second.
    """
    for node, store in fresh.region.nodes.items():
        with store.begin() as connection:
            records.keep(connection, clients_of_2025(node), 2)
    saved = fresh.backup(NODE, "old")
    fresh.published()
    fresh.region.clock.now += 3600
    others = [pair for pair in fresh_links(fresh) if NODE not in pair]
    fresh.install(NODE, fresh.restored(saved, "again"))
    assert set(fresh.charges(NODE).values()) == {restored.FORGOTTEN}
    fresh.region.clock.now = NEXT_YEAR + 10
    vectors = {}

    def count(connection, here, *rest):  # type: ignore[no-untyped-def]
        vectors[here.node] = real(connection, here, *rest)
        return vectors[here.node]

    from node.admission import charging

    real = charging.count
    monkeypatch.setattr(contribution.charging, "count", count)
    before = {pair: fresh_links(fresh)[pair][:2] for pair in others}
    fresh.published(period=1)
    assert NODE not in fresh.region.release().in_sum
    number = fresh.published((SECOND,), period=1)
    assert NODE in fresh.region.release().in_sum
    assert not vectors[NODE].any()
    assert fresh.card(NODE).generation > 1_700_000_000
    assert {pair: fresh_links(fresh)[pair][:2] for pair in others} == before
    assert fresh.charges(NODE)["durable_match", "2025Q1"] != restored.FORGOTTEN
    assert vectors[NODE + 1].any()
    assert fresh.region.status(number)["refusals"] == {}


def clients_of_2025(node: int) -> list[Trajectory]:
    return [
        one.model_copy(
            update={
                "client_ref": one.client_ref[::-1], "trajectory_ref": one.trajectory_ref[::-1],
                "started_on": one.started_on.replace(year=2025),
                "ended_on": one.ended_on.replace(year=2025) if one.ended_on else None,
            }
        )
        for one in sample_records(node, 4)
    ]  # fmt: skip


def fresh_links(lives: Lives) -> dict[tuple[int, int], tuple[int, int, int]]:
    """(mine, theirs, round) of every link that a centre holds."""
    found = {}
    for node, store in lives.region.nodes.items():
        with store.begin() as connection:
            for peer, state in rounds.links(connection).items():
                found[node, peer] = (state.generation_mine, state.generation_peer, state.round)
    return found


def test_a_round_that_was_announced_before_the_restore_does_not_take_the_old_prekey(
    fresh: Lives,
) -> None:
    """The descriptor names the prekey of before; the restored centre takes no part in it."""
    fresh.region.clock.now = NEXT_YEAR + 10
    saved = fresh.backup(NODE, "old")
    number = fresh.announced(period=1)
    fresh.install(NODE, fresh.restored(saved, "again"))
    fresh.region.ask("open", number)
    fresh.region.ticks(2)
    assert fresh.region.status(number)["contributions"] == 6
    assert fresh.region.status(number)["refusals"] == {"not-active": 1}


def test_two_restores_of_one_backup_on_one_day_make_two_generations_and_one_goes_on(
    fresh: Lives,
) -> None:
    """The second never heard of the first; the first stops when it sees that it was replaced."""
    saved = fresh.backup(NODE, "old")
    fresh.region.clock.now = NEXT_YEAR - 100
    first, second = fresh.restored(saved, "first"), fresh.restored(saved, "second")
    fresh.region.clock.now = NEXT_YEAR + 10
    fresh.install(NODE, first)
    fresh.published(period=1)
    cards = [fresh.card(NODE)]
    fresh.install(NODE, second)
    fresh.region.clock.now += 1
    fresh.announced((SECOND,), period=1)
    cards.append(fresh.card(NODE))
    assert cards[1].generation > cards[0].generation
    assert cards[1].kem_public != cards[0].kem_public
    with second.begin() as connection:
        assert settings.get(connection, restored.FORGOTTEN_UNTIL) == b"%d" % fresh.region.clock.now
    fresh.install(NODE, first)
    fresh.region.ticks(1)
    announce = next(r for n, r, _ in reversed(fresh.carrier.heard) if n == NODE)
    assert fresh.ask(NODE, Kind.ANNOUNCE, *Frame.from_bytes(announce).parts).parts == (
        b"rolled-back",
    )


def test_a_clock_that_stood_back_at_the_restore_is_put_right_by_the_first_round(
    fresh: Lives,
) -> None:
    """Otherwise what was counted in the years between would count again."""
    saved = fresh.backup(NODE, "old")
    fresh.region.clock.now -= 700 * 86_400
    store = fresh.restored(saved, "again")
    with store.begin() as connection:
        assert restored.restored_at(connection) == 1_760_000_000  # the backup's own moment
        for key in (restored.RESTORED_AT, restored.FORGOTTEN_UNTIL):
            settings.put(connection, key, b"1600000000")
    fresh.region.clock.now = NEXT_YEAR + 10
    fresh.install(NODE, store)
    fresh.announced(period=1)
    with store.begin() as connection:
        assert str(restored.last_gap(connection)) == "2026Q4"
    announced = Frame.from_bytes(fresh.carrier.heard[-1][1])
    assert announced.kind is Kind.ANNOUNCE
    assert Signed.from_canonical(announced.parts[2]).peek(Announcement).period == LATER


def test_a_relayed_older_card_of_a_restored_peer_never_brings_its_old_link_back(
    fresh: Lives,
) -> None:
    """Not even when the pair needs a new link."""
    saved = fresh.backup(NODE, "old")
    old = fresh.card(NODE)
    fresh.install(NODE, fresh.restored(saved, "again"))
    fresh.region.clock.now = NEXT_YEAR + 10
    fresh.announced(period=1)
    new = fresh.card(NODE).generation
    fresh.region.ask("abandon", 1)
    fresh.region.ticks(1)
    fresh.announced((SECOND,), period=1)
    assert fresh_links(fresh)[1, NODE][1] == new
    announce = next(
        Frame.from_bytes(r) for n, r, _ in fresh.carrier.heard if n == 1 and FIRST.encode() in r
    )
    cards = unpack(announce.parts[3])
    assert old in [Signed.from_canonical(raw).peek(KeyCard) for raw in cards]
    with fresh.region.nodes[1].begin() as connection:
        connection.exec_driver_sql("DELETE FROM prekey")
    fresh.ask(1, Kind.ANNOUNCE, *announce.parts)
    assert fresh_links(fresh)[1, NODE][1] == new
