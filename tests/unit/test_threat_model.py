"""docs/threat-model.md and docs/privacy.md name tests that are there, and own up where none is."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
THREATS = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
ROWS = [
    line for line in THREATS.splitlines() if line.startswith("| ") and not line.startswith("| kind")
    and not line.startswith("| threat")
]  # fmt: skip


@pytest.mark.parametrize("page", ["threat-model.md", "privacy.md"])
def test_every_test_that_a_page_names_is_there(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", text))
    assert len(named) > 20
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2:60])
def test_a_threat_has_a_test_or_is_said_not_to_be_stopped(row: str) -> None:
    *_, answer, test = (cell.strip() for cell in row.strip("|").split("|"))
    assert "`tests/" in test or answer.startswith("not stopped"), row


def test_every_kind_of_threat_is_looked_at() -> None:
    kinds = {kind.strip() for row in ROWS for kind in row.split("|")[1].split(",")}
    assert set("STRIDE") <= kinds
    assert {"Linking", "Identifying", "Non-repudiation", "Detecting", "Data disclosure",
            "Unawareness", "Non-compliance"} <= kinds  # fmt: skip
