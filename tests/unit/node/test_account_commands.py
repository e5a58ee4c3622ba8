"""`ledger` and `egress`: what was spent, and what left this centre, for people and for machines."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from region import DAY, NOW
from small_region import Small
from typer.testing import CliRunner

from chassis.store import audit_log
from node.cli import app
from node.store import NodeStore, budget
from privacy.accounting.ledger import Charge, ChargeKey
from schemas.units import MicroRho


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEGWIJS_LANG", "en")


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    NodeStore.create(tmp_path / "empty")
    return tmp_path / "empty"


def run(folder: Path, *words: object) -> Result:
    return CliRunner().invoke(app, [*map(str, words), "--dir", str(folder)])


def run_json(folder: Path, *words: object) -> Any:
    result = run(folder, *words, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def centre(small: Small, node: int = 1) -> Path:
    return small.region.nodes[node].folder


def test_a_new_store_has_spent_nothing(empty: Path) -> None:
    assert run(empty, "ledger").stdout == "No privacy budget was spent yet.\n"
    assert run_json(empty, "ledger") == {
        "budget": 0, "cohorts": {}, "charges": [], "clients_counted": 0, "stuck": [],
    }  # fmt: skip


def test_a_new_store_has_sent_nothing(empty: Path) -> None:
    assert run(empty, "egress").stdout == "Nothing has left this centre.\n"
    assert run_json(empty, "egress") == {
        "messages": [], "bytes": 0, "audit_entries": 0, "saved": None,
    }  # fmt: skip


def test_the_ledger_tells_what_each_unit_of_budget_bought(given: Small) -> None:
    said = run(centre(given), "ledger").stdout.splitlines()
    assert said[0] == (
        "Round 1: Trajectories (start) of 2024Q1 to 2024Q4, 10.8% of the yearly budget of each "
        "client."
    )
    assert said[1:5] == [f"2024Q{q}: 10.8% used, 89.2% left." for q in (1, 2, 3, 4)]
    assert "guesses one thing about one client right in at most" in said[5]
    assert said[6].startswith("Round 1 never ended here")
    assert len(said) == 7


def test_the_ledger_speaks_dutch_too(given: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEGWIJS_LANG")
    said = run(centre(given), "ledger").stdout
    assert "Ronde 1: Trajecten" in said
    assert "Round" not in said


def test_the_ledger_gives_the_same_to_machines(given: Small) -> None:
    found = run_json(centre(given), "ledger")
    cohorts = [f"2024Q{q}" for q in (1, 2, 3, 4)]
    assert found["budget"] == given.region.programme.budget
    assert found["cohorts"] == {
        c: {"spent": 20_000, "left": found["budget"] - 20_000} for c in cohorts
    }
    assert [(one["cohort"], one["round"], one["price"]) for one in found["charges"]] == [
        (c, 1, 20_000) for c in cohorts
    ]
    noise = {one["event"]["noise"]["family"] for one in found["charges"]}
    assert noise == {"skellam"}
    (variance,) = {one["event"]["noise"]["mu"] for one in found["charges"]}
    assert variance == given.region.programme.noise_variance
    assert found["clients_counted"] == 6


def test_a_charge_of_an_unknown_statistic_is_shown_by_its_id(given: Small) -> None:
    with given.region.nodes[1].begin() as connection:
        budget.add_charges(
            connection, {ChargeKey("old", "6m", "2023Q4"): Charge("ff", MicroRho(5))}
        )
    assert "Round 0: old (6m) of 2023Q4 to 2023Q4" in run(centre(given), "ledger").stdout


def test_every_message_that_left_is_listed_with_its_size_and_purpose(contributed: Small) -> None:
    said = run(centre(contributed), "egress").stdout
    found = run_json(centre(contributed), "egress")
    kinds = [one["kind"] for one in found["messages"]]
    assert kinds[-2:] == ["contribution", "set_signature"]
    assert said.startswith(f"{len(kinds)} messages left this centre, ")
    assert "No names, no rows." in said.splitlines()[0]
    assert "masked numbers for round 1; outside this centre they read as chance" in said
    assert "a signature on which centres are in the sum of round 1" in said
    assert f"{found['messages'][-1]['bytes']} bytes" in said
    assert found["bytes"] == sum(one["bytes"] for one in found["messages"])


def test_what_left_is_told_in_dutch(contributed: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEGWIJS_LANG", "nl")
    said = run(centre(contributed), "egress").stdout
    assert "berichten" in said
    assert "messages" not in said
    assert "masked" not in said


def test_the_exact_bytes_are_saved_and_have_the_digest_of_the_log(
    contributed: Small, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "bytes"
    found = run_json(centre(contributed), "egress", "--save", out)
    files = sorted(out.iterdir())
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    assert digests == [one["sha256"] for one in found["messages"]]
    assert files[-1].name == f"{len(files):04d}-set_signature.bin"
    assert found["saved"] == str(out)
    assert f"The exact bytes are in {out}." in run(
        centre(contributed), "egress", "--save", out
    ).stdout  # fmt: skip


def test_a_refusal_is_listed_with_its_reason(opened: Small, tmp_path: Path) -> None:
    opened.nodes[1].answer(b"nonsense")
    said = run(centre(opened), "egress", "--save", tmp_path).stdout
    assert "a refusal (malformed-frame); no numbers were sent" in said
    assert any(path.name.endswith("refused-malformed-frame.bin") for path in tmp_path.iterdir())


def test_no_client_is_in_any_message_of_the_list(contributed: Small, tmp_path: Path) -> None:
    run(centre(contributed), "egress", "--save", tmp_path / "out")
    everything = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir())
    with contributed.region.nodes[1].begin() as connection:
        clients = {entry.client for entry in budget.register(connection)}
    assert clients
    assert not any(client.encode() in everything for client in clients)


def test_an_audit_log_that_was_changed_is_told_of(given: Small) -> None:
    with given.region.nodes[1].begin() as connection:
        connection.exec_driver_sql("UPDATE audit SET at = at + 1 WHERE id = 1")
    result = run(centre(given), "egress")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "The audit log was changed after it was written: entry 1 does not" in result.stderr


@pytest.mark.parametrize("command", ["ledger", "egress"])
def test_an_account_needs_a_store(tmp_path: Path, command: str) -> None:
    result = run(tmp_path / "none", command)
    assert (result.exit_code, result.stdout) == (4, "")
    assert "holds no centre's store" in result.stderr


def test_a_refund_shows_in_the_ledger(given: Small) -> None:
    with given.region.nodes[1].begin() as connection:
        (rid,) = {
            c.round_id
            for c in budget.ledger(connection, given.region.programme.budget).charges.values()
        }
        budget.refund(connection, rid)
        audit_log.note(connection, NOW + DAY, "refunded")
    assert run_json(centre(given), "ledger")["charges"] == []
    assert run_json(centre(given), "ledger")["clients_counted"] == 6
