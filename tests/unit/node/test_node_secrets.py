"""What is secret at a node is in no repr, no log line and no error: a sentinel is looked for."""

import logging
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from cast import tape
from region import sample_records
from small_region import Small
from sqlalchemy.exc import IntegrityError

from chassis.store import settings
from node.admission.charging import _candidates
from node.enrolment.flower_key import new_key
from node.importing.commit import Source
from node.rounds.answer import Participant
from node.rounds.context import Context
from node.rounds.flower import Line
from node.store import NodeStore, budget, egress_log, records, rounds
from node.store.keys import write_key
from privacy.accounting.register import Candidate, Entry
from privacy.secure_sum.contribute import ChannelKeys
from privacy.secure_sum.keys import Identity, KemKey, RoundKeys
from schemas.cohort import Cohort
from schemas.enrolment import Invitation
from schemas.record import Trajectory
from schemas.round import Link

SECRET = b"SENTINEL"
SPELLINGS = ("SENTINEL", SECRET.hex(), repr(SECRET)[2:-1])


def silent(value: object) -> None:
    """Neither repr nor str of a value holds the sentinel."""
    for shown in (repr(value), str(value)):
        assert not any(spelling in shown for spelling in SPELLINGS), type(value).__name__


def filled(size: int) -> bytes:
    return (SECRET * (size // len(SECRET) + 1))[:size]


def things() -> Iterator[object]:
    """One of each class of a node that holds a key, a seed, a share or a row."""
    yield Identity(filled(32))
    yield KemKey(filled(64))
    yield RoundKeys(filled(32), filled(32))
    yield ChannelKeys({1: filled(32)})
    yield Entry(Cohort.parse("2024Q1"), "SENTINEL", "SENTINEL")
    yield Candidate("SENTINEL", "SENTINEL", date(2024, 1, 1))
    yield Context(lambda: 0, lambda _: SECRET)
    yield egress_log.Departure(1, "contribution", 1, 8, "d", SECRET)
    yield Line("host:1", b"", new_key())
    yield sample_records(1, 1)[0].model_copy(
        update={"client_ref": "SENTINEL", "trajectory_ref": "SENTINEL"}
    )
    yield Invitation(
        url="https://a", ca_pem="", authority="ab" * 32, centre=1, name="A",
        token="SENTINEL" + "t" * 35, expires_at=1,
    )  # fmt: skip


@pytest.mark.parametrize("thing", list(things()), ids=lambda thing: type(thing).__name__)
def test_a_class_with_a_secret_does_not_print_it(thing: object) -> None:
    silent(thing)


def test_a_stored_round_prints_neither_its_message_nor_its_keys(contributed: Small) -> None:
    with contributed.region.nodes[1].begin() as connection:
        rid = rounds.all_rounds(connection)[0].rid
        rounds.change(connection, rid, message=SECRET, channel=SECRET, answer=SECRET)
        (stored,) = rounds.all_rounds(connection)
        own = rounds.own_prekey(connection, 1)
    assert (stored.message, stored.channel, stored.answer) == (SECRET,) * 3
    silent(stored)
    assert own is not None
    silent(rounds.OwnPrekey(own.announcement, own.signed, SECRET))


def test_the_state_of_a_pair_does_not_print_its_key(given: Small) -> None:
    with given.region.nodes[1].begin() as connection:
        states = rounds.links(connection)
        made = rounds.made_links(connection)
    assert states
    for state in states.values():
        assert state.key.hex() not in repr(state)
        assert repr(state.key)[2:-1] not in repr(state)
    assert Link in {type(link.peek(Link)) for link in made}


def test_an_error_of_the_database_does_not_quote_what_was_stored(tmp_path: Path) -> None:
    store = NodeStore.create(tmp_path / "centre")
    entry = Entry(Cohort.parse("2024Q1"), "SENTINEL", "SENTINEL")
    with pytest.raises(IntegrityError) as error, store.begin() as connection:
        budget.enter(connection, [entry, entry])
    silent(error.value)


def test_candidates_of_a_cohort_are_printed_without_the_client(tmp_path: Path) -> None:
    store = NodeStore.create(tmp_path / "centre")
    row = sample_records(1, 1)[0].model_copy(update={"client_ref": "SENTINEL"})
    with store.begin() as connection:
        records.keep(connection, [row], 1)
        found = _candidates(connection, Cohort.of(row.started_on), frozenset())
        held = _candidates(connection, Cohort.of(row.started_on), frozenset({"SENTINEL"}))
    assert ([one.client for one in found], held) == (["SENTINEL"], [])
    silent(found)


@pytest.mark.heavy
def test_whole_rounds_write_no_secret_to_the_log(
    opened: Small, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with opened.region.nodes[1].begin() as connection:
        own = rounds.own_prekey(connection, 1)
        seeds = [settings.get(connection, name) or b"" for name in ("identity", "kem")]
        keys = [state.key for state in rounds.links(connection).values()]
    assert own is not None
    secrets = [*seeds, *keys, own.secret or b""]
    people: list[Trajectory] = sample_records(1, 6)
    opened.region.ticks(1)
    opened.region.ask("close", 1)
    opened.region.ticks(5)
    assert opened.region.status(1)["state"] == "PUBLISHED"
    text = caplog.text
    assert all(secret and secret.hex() not in text for secret in secrets)
    assert not any(one.client_ref in text or one.trajectory_ref in text for one in people)


def test_a_node_and_its_store_print_no_key(tmp_path: Path) -> None:
    store = NodeStore.create(tmp_path / "centre")
    (tmp_path / "centre" / "node.key").unlink()
    write_key(tmp_path / "centre" / "node.key", filled(32), None)
    silent(store)
    silent(store._engine)
    silent(Participant(store, Context(lambda: 0, tape("x"))))
    silent(Source("klanten.csv", "ab"))
