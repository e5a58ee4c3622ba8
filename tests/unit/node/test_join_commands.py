"""`join`: what is sent, what comes next, and that a wrong invitation leaves nothing behind."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from home_stub import PEM, Home, home, run
from region import DAY, NOW

from chassis.store import settings
from node.enrolment.own_keys import identity
from node.store import NodeStore, records
from schemas.enrolment import Invitation
from schemas.key_words import key_words

__all__ = ["home"]

FIXTURES = Path(__file__).parents[2] / "fixtures" / "intake"
CLIENTS, MAPPING = FIXTURES / "klanten.csv", FIXTURES / "klanten.mapping.json"


def invitation(**changes: Any) -> Invitation:
    fields = {
        "url": "https://wegwijs.example:8443", "ca_pem": PEM, "authority": "ab" * 32, "centre": 4,
        "name": "Centrum A", "token": "t" * 43, "expires_at": NOW + DAY,
    }  # fmt: skip
    return Invitation(**{**fields, **changes})


@pytest.mark.parametrize(
    ("state", "next_step"),
    [
        ("pending", "The region has to approve this centre now."),
        ("approved", "The authority has to put this centre on the roster now."),
        ("on_roster", "This centre is on the roster. Next: approve."),
    ],
)
def test_joining_says_what_was_sent_and_what_comes_next(
    tmp_path: Path, home: Home, state: str, next_step: str
) -> None:
    NodeStore.create(tmp_path / "new")
    home.state = state
    result = run(tmp_path / "new", "join", invitation().to_text())
    assert result.exit_code == 0, result.stderr
    assert "has joined https://wegwijs.example:8443 as centre 4" in result.stdout
    assert "Only keys were sent, no records." in result.stdout
    assert next_step in result.stdout
    assert len(home.requests) == 1


@pytest.mark.parametrize(
    ("state", "next_step"),
    [
        ("pending", "The region has to approve this witness now."),
        ("approved", "The authority has to put this witness on the roster now."),
        ("on_roster", "This witness is on the roster. Next: approve."),
    ],
)
def test_a_witness_is_called_a_witness_when_it_joins(
    tmp_path: Path, home: Home, state: str, next_step: str
) -> None:
    NodeStore.create(tmp_path / "new")
    home.state = state
    result = run(tmp_path / "new", "join", invitation(role="witness").to_text())
    assert result.exit_code == 0, result.stderr
    assert "as witness 4. Only keys were sent." in result.stdout
    assert "The six words of this witness's key:" in result.stdout
    assert next_step in result.stdout
    assert "this centre" not in result.stdout


def test_a_witness_takes_no_file_of_clients(tmp_path: Path, home: Home) -> None:
    NodeStore.create(tmp_path / "new")
    run(tmp_path / "new", "join", invitation(role="witness").to_text())
    for more in ((), ("--dry-run",)):
        words = ("import", tmp_path / "unread.csv", "--mapping", MAPPING, *more)
        result = run(tmp_path / "new", *words)
        assert (result.exit_code, result.stdout) == (3, "")
        assert "belongs to a witness, which holds no clients" in result.stderr
        assert "Name the centre's own store with --dir." in result.stderr
    with NodeStore.open(tmp_path / "new").begin() as connection:
        assert records.count(connection) == 0


def test_a_store_with_clients_does_not_become_a_witness(tmp_path: Path, home: Home) -> None:
    NodeStore.create(tmp_path / "new")
    assert run(tmp_path / "new", "import", CLIENTS, "--mapping", MAPPING).exit_code == 0
    result = run(tmp_path / "new", "join", invitation(role="witness").to_text())
    assert result.exit_code == 3
    assert "holds clients, and the invitation is a witness's" in result.stderr
    assert home.requests == ()
    with NodeStore.open(tmp_path / "new").begin() as connection:
        assert settings.get(connection, "identity") is None
    assert run(tmp_path / "new", "join", invitation().to_text()).exit_code == 0


def test_an_invitation_can_be_a_file_and_the_answer_json(tmp_path: Path, home: Home) -> None:
    NodeStore.create(tmp_path / "new")
    (tmp_path / "invitation.txt").write_text(invitation().to_text() + "\n")
    result = run(tmp_path / "new", "join", tmp_path / "invitation.txt", "--json")
    facts = json.loads(result.stdout)
    words = facts.pop("key_words")
    assert facts == {
        "centre": 4, "name": "Centrum A", "state": "pending",
        "url": "https://wegwijs.example:8443",
    }  # fmt: skip
    assert home.requests
    with NodeStore.open(tmp_path / "new").begin() as connection:
        assert words == key_words(identity(connection).public_hex)
    again = run(tmp_path / "new", "join", tmp_path / "invitation.txt").stdout
    assert f"The six words of this centre's key: {words}." in again
    assert "The region asks for them by telephone" in again


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (lambda: "nowhere.txt", "neither an invitation nor a file"),
        (lambda: invitation().to_text()[:-3], "not a whole invitation"),
        (lambda: "wegwijs1:", "not a whole invitation"),
        (lambda: invitation(expires_at=NOW - 1).to_text(), "has expired"),
    ],
)
def test_a_wrong_invitation_is_refused_and_leaves_nothing_behind(
    tmp_path: Path, home: Home, words: Callable[[], str], sentence: str
) -> None:
    store = NodeStore.create(tmp_path / "new")
    result = run(tmp_path / "new", "join", words())
    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr
    assert home.requests == ()
    with store.begin() as connection:
        assert settings.get(connection, "identity") is None


def test_a_file_that_is_no_invitation_is_refused(tmp_path: Path, home: Home) -> None:
    NodeStore.create(tmp_path / "new")
    (tmp_path / "x.bin").write_bytes(bytes(range(256)) * 10)
    result = run(tmp_path / "new", "join", tmp_path / "x.bin")
    assert (result.exit_code, home.requests) == (2, ())


def test_a_store_of_one_centre_does_not_become_another(tmp_path: Path, home: Home) -> None:
    NodeStore.create(tmp_path / "new")
    run(tmp_path / "new", "join", invitation().to_text())
    for changes in ({"centre": 5}, {"authority": "cd" * 32}):
        result = run(tmp_path / "new", "join", invitation(**changes).to_text())
        assert result.exit_code == 4
        assert "belongs to another centre or region already" in result.stderr
    assert len(home.requests) == 1


def test_a_region_that_does_not_answer_is_exit_code_4(tmp_path: Path, home: Home) -> None:
    NodeStore.create(tmp_path / "new")
    home.away = True
    result = run(tmp_path / "new", "join", invitation().to_text())
    assert result.exit_code == 4
    assert "does not answer" in result.stderr
