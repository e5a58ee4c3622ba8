"""Whatever a cell or a file holds, the answer is a value or a sentence."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node.importing.checking import read_file
from node.importing.fields import Rules, field_named
from node.importing.mapping import load_mapping
from node.importing.refusal import IntakeRefusal, WrongValue
from schemas.questionnaire import built_in
from schemas.record import Trajectory

FIXTURES = Path(__file__).parents[2] / "fixtures" / "intake"
RULES = Rules(date(2026, 11, 24), "2.1", built_in(), special_category=True)
OLD = Rules(date(2026, 11, 24), "2", built_in())
NAMES = [
    "client_ref", "trajectory_ref", "started_on", "ended_on", "status", "residence", "birth_year",
    "gender", "education", "funding", "guidance_hours", "price_client", "price_public",
    "price_employer", "labour_status_before", "labour_status_6m", "labour_status_12m",
    "sector_before", "sector_desired", "sector_6m", "sector_12m", "occupation_before",
    "occupation_desired", "occupation_12m", "workplace_before", "workplace_desired",
    "workplace_12m", "employer_changed_6m", "employer_changed_12m", "role_changed_6m",
    "role_changed_12m", "job_started_on", "job_ended_on", "last_seen_on", "wage_before", "wage_12m",
    "wellbeing.intake.meaning.1", "wellbeing.12m.balance.3", "context_fit.intake.team", "drivers",
    "training_started", "training_completed", "training_field", "employer_involved",
    "target_group", "consent_statistics", "consent_training", "consent_given_on",
    "consent_withdrawn_on", "consent_basis", "notice_version",
]  # fmt: skip
CELLS = st.one_of(
    st.text(max_size=30), st.from_regex(r"[0-9€., /:-]{1,14}", fullmatch=True), st.integers(),
    st.floats(allow_nan=True), st.booleans(), st.dates(), st.datetimes(), st.times(),
    st.timedeltas(),
)  # fmt: skip


@pytest.mark.heavy
@pytest.mark.parametrize("name", NAMES)
@given(cell=CELLS)
@settings(max_examples=60, deadline=None)
def test_any_cell_is_read_or_refused(
    name: str, cell: str | float | date | datetime | time | timedelta
) -> None:
    for rules in (RULES, OLD):
        if name == "target_group" and rules is OLD:
            continue
        try:
            found = field_named(name, rules).parse(cell)
        except WrongValue:
            continue
        assert all(slot[0] in Trajectory.model_fields for slot, _ in found)


@given(noise=st.binary(min_size=1, max_size=60), at=st.integers(min_value=0, max_value=400))
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_any_file_is_read_or_refused(tmp_path: Path, suffix: str, noise: bytes, at: int) -> None:
    raw = (FIXTURES / "klanten.csv").read_bytes()
    path = tmp_path / f"a{suffix}"
    path.write_bytes(raw[:at] + noise + raw[at + len(noise) :])
    try:
        reading = read_file(path, load_mapping(FIXTURES / "klanten.mapping.json"), RULES)
    except IntakeRefusal:
        return
    wrong = {(cell.sheet, cell.row) for cell in reading.wrong}
    assert len(reading.trajectories) + len(wrong) == reading.rows
