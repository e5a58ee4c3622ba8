"""Who will be counted and why the others will not: said before a round, and true in it."""

import json
from datetime import date
from pathlib import Path

import pytest
from cast import tape
from click.testing import Result
from small_region import ASK, small_programme
from typer.testing import CliRunner

from chassis.store import audit_log
from chassis.texts import Texts
from node.admission import charging, restored
from node.admission.check import Standing, charges_of
from node.admission.eligibility import Eligibility, eligibility, remembered, sentences
from node.cli import app
from node.store import NodeStore, budget, records, signed_documents
from privacy.encode.layout import make_layout
from privacy.secure_sum.keys import Identity
from schemas.programme import Programme
from schemas.record import Consent, Trajectory
from schemas.signed import Signed

CASES = Path(__file__).parents[2] / "fixtures" / "intake"
PROGRAMME = small_programme()
LAYOUT = make_layout(PROGRAMME, [ASK])
YEAR = ("2024Q1", "2024Q2", "2024Q3", "2024Q4")
TODAY = date(2025, 3, 1)
FOLLOWED = "Of these also in what is asked 6 and 12 months after the end:"
YES = Consent(statistics=True)


def one(name: str, started: date = date(2024, 2, 1), **fields: object) -> Trajectory:
    given = {"status": "running", "consent": YES, "client_ref": name, **fields}
    return Trajectory(trajectory_ref=f"t-{name}", started_on=started, **given)  # type: ignore[arg-type]


PEOPLE = (
    one("running"),
    one("stopped", status="stopped", ended_on=date(2024, 5, 1)),
    one("no end", status="completed"),
    one("too recent", status="completed", ended_on=date(2024, 9, 2)),
    one("just long enough ago", status="completed", ended_on=date(2024, 9, 1)),
    one("asked", status="completed", ended_on=date(2024, 5, 1), labour_status_6m="inactive"),
    one("no", consent=Consent()),
    one("silent no", consent=Consent(training=True)),
    one("withdrew", consent=Consent(statistics=True, withdrawn_on=date(2024, 6, 1))),
    one("year before", date(2023, 12, 31)),
    one("year after", date(2025, 1, 1)),
)


@pytest.fixture
def store(tmp_path: Path) -> NodeStore:
    made = NodeStore.create(tmp_path / "centre")
    with made.begin() as connection:
        records.keep(connection, PEOPLE, 1)
    return made


def take(store: NodeStore, programme: Programme = PROGRAMME) -> None:
    signed = Signed.seal(programme, Identity.new(tape("authority")).private)
    with store.begin() as connection:
        signed_documents.keep(
            connection,
            signed_documents.SignedDocument("programme", 1, programme.digest(), signed, None),
        )


def found(store: NodeStore, today: date = TODAY) -> Eligibility:
    with store.begin() as connection:
        return eligibility(connection, today)


def hold_round(store: NodeStore, programme: Programme = PROGRAMME) -> int:
    """A round over the year. Returns how many clients count in it."""
    here = Standing(1, None, programme)  # type: ignore[arg-type] # the programme alone is looked at
    with store.begin() as connection:
        charging.charge(connection, here, charges_of(LAYOUT, YEAR, b"\1", 5))
        charging.count(connection, here, LAYOUT, YEAR, bytes)
        return len(budget.register(connection))


def test_each_client_stands_under_one_reason_and_the_counts_add_up(store: NodeStore) -> None:
    take(store)
    said = found(store)
    assert (said.clients, said.counted) == (11, 6)
    assert said.why_not == {"no_consent": 2, "withdrawn": 1, "outside_periods": 2}
    assert said.followed == 1
    assert said.not_followed == {"running": 2, "no_end": 1, "too_recent": 1, "no_answer": 1}


def test_whoever_is_said_to_count_counts_in_the_next_round_and_nobody_else(
    store: NodeStore,
) -> None:
    take(store)
    assert hold_round(store) == found(store).counted == 6


def test_saying_who_counts_enters_nobody(store: NodeStore) -> None:
    take(store)
    found(store)
    with store.begin() as connection:
        assert budget.register(connection) == []


def test_without_a_programme_whoever_agreed_is_said_to_count(store: NodeStore) -> None:
    said = found(store)
    assert (said.counted, said.followed, said.programme) == (8, None, False)
    assert said.why_not == {"no_consent": 2, "withdrawn": 1}


def test_a_client_with_two_trajectories_is_one_client(store: NodeStore) -> None:
    take(store)
    with store.begin() as connection:
        again = one("running", date(2024, 11, 1))
        records.keep(connection, [again.model_copy(update={"trajectory_ref": "second"})], 2)
        agrees = one("no").model_copy(update={"trajectory_ref": "third"})
        records.keep(connection, [agrees], 2)
    assert (found(store).clients, found(store).counted) == (11, 7)


def test_who_comes_after_her_quarter_was_answered_is_not_counted_any_more(
    store: NodeStore,
) -> None:
    closed = Programme(**{**dict(PROGRAMME), "spread": False})
    take(store, closed)
    hold_round(store, closed)
    with store.begin() as connection:
        records.keep(connection, [one("late")], 2)
    assert (found(store).counted, found(store).why_not["answered"]) == (6, 1)


def test_who_counted_less_than_a_year_before_is_not_counted_again(store: NodeStore) -> None:
    with store.begin() as connection:
        records.keep(connection, [one("near", date(2024, 11, 1))], 2)
    hold_round(store)
    period = PROGRAMME.periods[0].model_copy(update={"cohorts": ("2025Q1", "2025Q2")})
    take(store, Programme(**{**dict(PROGRAMME), "periods": (period,)}))
    again = (one("near", date(2025, 2, 1)), one("asked", date(2025, 1, 15)))
    with store.begin() as connection:
        second = [t.model_copy(update={"trajectory_ref": f"2 {t.client_ref}"}) for t in again]
        records.keep(connection, second, 3)
    said = found(store)
    assert said.counted == 2  # "asked", four quarters later, and "year after"
    assert said.why_not["counted_near"] == 1


def test_quarters_that_a_restore_leaves_uncertain_are_named(store: NodeStore) -> None:
    take(store)
    with store.begin() as connection:
        restored.forgot_until(connection, 1_700_000_000)  # November 2023, so up to 2024Q4
    assert found(store).why_not["after_restore"] == 6
    assert found(store).counted == 0


def test_what_was_found_is_kept_until_something_happens_or_a_day_passes(store: NodeStore) -> None:
    take(store)
    with store.begin() as connection:
        first = remembered(connection, TODAY)
        records.keep(connection, [one("unnoticed")], 2)
        assert remembered(connection, TODAY) == first
        assert remembered(connection, date(2025, 3, 2)).clients == 12
        records.keep(connection, [one("noted")], 3)
        audit_log.note(connection, 1, "imported")
        assert remembered(connection, date(2025, 3, 2)).clients == 13


def test_it_is_spelled_in_one_line_with_every_reason() -> None:
    said = Eligibility(120, 80, {"no_consent": 30, "withdrawn": 10}, 52, {"no_end": 28})
    assert list(sentences(Texts("en", {}), said)) == [
        "Clients who will be counted: 80 of 120. Not counted: 30 without consent, 10 withdrew.",
        FOLLOWED + " 52 of 80. Not: 28 without an end date.",
    ]
    assert list(sentences(Texts("en", {}), Eligibility(2, 2))) == [
        "Clients who will be counted: 2 of 2."
    ]


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--dir", str(folder)])


def test_a_file_without_a_column_for_consent_says_that_nobody_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEGWIJS_LANG", "en")
    case, folder = CASES / "no-consent-column-no-warning", tmp_path / "centre"
    NodeStore.create(folder)
    files = (str(case / "klanten.csv"), "--mapping", str(case / "mapping.json"))
    for more in (("--dry-run",), ()):
        said = run(folder, "import", *files, *more).stdout
        assert "Before this file: 0 of 0." in said
        assert "Clients who will be counted: 0 of 2. Not counted: 2 without consent." in said
        assert "No column of this file is consent_statistics" in said
    assert "0 of 2. Not counted: 2 without consent." in run(folder, "status").stdout
    facts = json.loads(run(folder, "status", "--json").stdout)["eligibility"]
    assert (facts["clients"], facts["counted"], facts["why_not"]) == (2, 0, {"no_consent": 2})
    monkeypatch.setenv("WEGWIJS_LANG", "nl")
    dutch = run(folder, "status").stdout
    assert "Cliënten die zullen meetellen: 0 van 2. Niet: 2 zonder toestemming." in dutch


def test_a_client_who_withdraws_is_said_so_in_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEGWIJS_LANG", "en")
    case, folder = CASES / "survey-file-wipes-record", tmp_path / "centre"
    NodeStore.create(folder)
    run(folder, "import", str(case / "klanten.csv"), "--mapping", str(case / "mapping.json"))
    assert "Clients who will be counted: 1 of 1." in run(folder, "status").stdout
    CliRunner().invoke(app, ["withdraw", "--dir", str(folder)], input="1\n")
    assert "0 of 1. Not counted: 1 withdrew." in run(folder, "status").stdout
