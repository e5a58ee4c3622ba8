"""What the exports in fixtures/intake/exports say of each client, as a person reads them."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

FIRST = date(2024, 9, 1)
DONE = {"status": "completed"}


@dataclass(frozen=True)
class Export:
    """A file, what it looks like, what its owner adds, and what it says of each client."""

    name: str
    records: list[dict[str, Any]]
    tool: str | None = None
    constants: dict[str, str] = field(default_factory=dict)


def answers(*scores: int | None) -> dict[str, Any]:
    """The first two items of meaning and the first of autonomy, at intake."""
    meaning, more, autonomy = scores
    found = {}
    if meaning is not None or more is not None:
        found["meaning"] = (meaning, more, None)
    if autonomy is not None:
        found["autonomy"] = (autonomy, None, None)
    return {"intake": found}


SECOND = date(2024, 9, 2)
THIRTEENTH = date(2024, 9, 13)
READ = [
    Export(
        "google-nl.csv",
        [
            {"started_on": FIRST, "wellbeing": answers(5, 4, 3), "counts": True},
            {"started_on": SECOND, "wellbeing": answers(2, 1, None), "counts": False},
        ],
        "Google Forms",
        DONE,
    ),
    Export(
        "google-en.csv",
        [
            {"started_on": FIRST, "wellbeing": answers(4, 3, 2), "counts": False},
            {"started_on": THIRTEENTH, "wellbeing": answers(5, 4, 3), "counts": True},
        ],
        "Google Forms",
        DONE,
    ),
    Export(
        "google-fr.csv",
        [
            {"started_on": FIRST, "wellbeing": answers(5, 4, 2), "counts": True},
            {"started_on": THIRTEENTH, "wellbeing": answers(1, None, 3), "counts": False},
        ],
        "Google Forms",
        DONE,
    ),
    Export(
        "microsoft-nl.csv",
        [
            {"started_on": FIRST, "wellbeing": answers(5, None, 4), "counts": True},
            {"started_on": THIRTEENTH, "wellbeing": answers(2, None, None), "counts": False},
        ],
        "Microsoft Forms",
        DONE,
    ),
    Export(
        "microsoft-fr.csv",
        [{"started_on": FIRST, "wellbeing": answers(5, None, None), "counts": True}],
        "Microsoft Forms",
        DONE,
    ),
    Export(
        "limesurvey-codes.csv",
        [
            {"started_on": FIRST, "wellbeing": answers(5, None, 4), "counts": True},
            {"started_on": SECOND, "wellbeing": answers(None, None, 2), "counts": False},
        ],
        "LimeSurvey",
        DONE,
    ),
    Export(
        "limesurvey-nl.csv",
        [{"started_on": FIRST, "wellbeing": answers(5, 3, 4), "counts": True}],
        "LimeSurvey",
        DONE,
    ),
    Export(
        "qualtrics.csv",
        [{"started_on": FIRST, "wellbeing": answers(5, None, 4), "counts": True}],
        "Qualtrics",
        DONE,
    ),
    Export(
        "typeform.csv",
        [{"started_on": FIRST, "wellbeing": answers(5, None, 4), "counts": True}],
        "Typeform",
        DONE,
    ),
    Export(
        "crm-fr.csv",
        [
            {"started_on": FIRST, "ended_on": date(2025, 2, 3), "status": "completed",
             "residence": "BE352", "birth_year": 1984, "gender": "f", "education": "high",
             "wage_before": 2761, "sector_before": "Q", "counts": True},
            {"started_on": SECOND, "ended_on": None, "status": "running", "residence": "BE332",
             "birth_year": 1990, "gender": "m", "education": "medium", "wage_before": 3100,
             "sector_before": "R", "division_before": "86", "counts": False},
        ],
    ),
    Export(
        "crm-en.csv",
        [
            {"started_on": FIRST, "ended_on": None, "status": "running", "residence": "BE211",
             "birth_year": 1990, "gender": "m", "wage_before": 3100, "counts": False},
            {"started_on": THIRTEENTH, "ended_on": date(2025, 1, 12), "status": "completed",
             "residence": "BE234", "birth_year": 1984, "gender": "f", "wage_before": 2760,
             "counts": True},
        ],
    ),
    Export(
        "long-items.csv",
        [{"started_on": FIRST, "counts": True, "wellbeing": {
            "intake": {"meaning": (4, None, None)},
            "end": {"meaning": (5, None, None), "autonomy": (2, None, None)}}}],
    ),
    Export(
        "long-waves.csv",
        [{"started_on": FIRST, "counts": True, "wellbeing": {
            "intake": {"meaning": (3, None, None), "autonomy": (2, None, None)},
            "6m": {"meaning": (4, None, None)}}}],
    ),
    Export(
        "ages.csv",
        [
            {"started_on": date(2024, 3, 1), "birth_year": 1983, "residence": "BE236",
             "counts": False},
            {"started_on": FIRST, "birth_year": 1982, "residence": "BE234", "counts": True},
        ],
    ),
    Export(
        "consents.csv",
        [
            {"started_on": FIRST, "counts": False},
            {"started_on": FIRST, "counts": False},
        ],
    ),
    Export(
        "slips.csv",
        [{"started_on": FIRST, "gender": "f", "sector_6m": "R", "sector_12m": "Q",
          "counts": True}],
    ),
]  # fmt: skip
