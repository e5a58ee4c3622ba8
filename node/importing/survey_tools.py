"""Which survey tool made a file, and what the tool's own columns are."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from node.importing.headers import letters

_FILE = Path(__file__).parent / "survey_tools.csv"
_SIGNS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "Qualtrics": (("ResponseId", "RecordedDate"), ("Response ID", "Recorded Date"),
                  ("ResponseId", "StartDate"), ("Antwoord-ID", "Startdatum")),
    "Typeform": (("#", "Submit Date (UTC)"), ("Submit Date (UTC)", "Network ID")),
    "LimeSurvey": (("id", "submitdate"), ("Response ID", "Date submitted"),
                   ("Antwoord-ID", "Datum ingestuurd"), ("ID de la réponse", "Date de soumission"),
                   ("id", "lastpage")),
    "Microsoft Forms": (("Start time", "Completion time"), ("Begintijd", "Tijd van voltooien"),
                        ("Heure de début", "Heure de fin")),
    "Google Forms": (("Timestamp",), ("Tijdstempel",), ("Horodateur",)),
}  # fmt: skip
IMPORT_ID = '{"ImportId":'
"""Begins the cells of Qualtrics' third row."""


@dataclass(frozen=True, slots=True)
class SurveyTool:
    """A tool, and what its own columns are: header -> field, or None for what is not ours."""

    name: str
    columns: Mapping[str, str | None]

    def knows(self, header: str) -> bool:
        """Whether the tool adds this column itself."""
        return _key(header) in self.columns

    def field_of(self, header: str) -> str | None:
        """Return the field that one of its own columns may serve for."""
        return self.columns.get(_key(header))


def _key(header: str) -> str:
    return "#" if header.strip() == "#" else letters(header)


def tool_of(headers: Sequence[str]) -> SurveyTool | None:
    """Return the tool whose own columns stand among these headers."""
    keys = {_key(header) for header in headers}
    for name, signs in _SIGNS.items():
        if any({_key(one) for one in together} <= keys for together in signs):
            return SurveyTool(name, _columns()[name])
    return None


@cache
def _columns() -> Mapping[str, Mapping[str, str | None]]:
    found: dict[str, dict[str, str | None]] = {}
    with _FILE.open(encoding="utf-8", newline="") as source:
        for row in csv.DictReader(source):
            found.setdefault(row["tool"], {})[_key(row["header"])] = row["field"] or None
    return found


def is_known(header: str) -> bool:
    """Whether some tool adds a column of this name itself."""
    return any(_key(header) in columns for columns in _columns().values())
