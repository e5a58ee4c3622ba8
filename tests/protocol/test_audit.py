"""The audit accuses every planted bug and no honest noise, on the real round."""

import pytest
from cast import tape

from benchmarks.audit import Case, audit, cases

TRIALS = 40_000
CASES = list(cases(tape("audit")))


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_an_audit_finds_planted_bugs_and_believes_honest_noise(case: Case) -> None:
    row = audit(case, TRIALS, tape(f"audit {case.name}"))
    assert row.found == case.planted, row
