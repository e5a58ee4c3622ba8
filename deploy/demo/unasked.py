"""What the demo's files leave out and the full programme asks: drawn by simple chances.

For tables of expected errors only, where the number of people behind a figure matters and not
what they answer. Whoever answered 12 months after the end also answers these.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

from schemas import codes
from schemas.record import Trajectory

_ASPECTS = ("culture", "team", "leadership")
_Any = TypeVar("_Any")


def filled(records: Sequence[Trajectory], seed: int) -> list[Trajectory]:
    """Return the records with the fields that are empty in all of them."""
    rng = np.random.default_rng(seed)
    return [_with(record, _always(rng, record) | _afterwards(rng, record)) for record in records]


def _with(record: Trajectory, drawn: dict[str, Any]) -> Trajectory:
    return record.model_copy(
        update={name: value for name, value in drawn.items() if not getattr(record, name)}
    )


def _always(rng: np.random.Generator, record: Trajectory) -> dict[str, Any]:
    stays = rng.random() < 0.5
    return {
        "sector_desired": record.sector_before if stays else _one(rng, codes.sectors()),
        "employer_involved": "yes" if record.price_employer or rng.random() < 0.05 else "no",
    }


def _afterwards(rng: np.random.Generator, record: Trajectory) -> dict[str, Any]:
    if record.labour_status_12m is None:
        return {}
    started = rng.random() < 0.35
    wage = record.wage_before and round(record.wage_before * np.exp(rng.normal(0.03, 0.12)))
    marks = np.clip(np.rint(rng.normal(3.5, 1.0, len(_ASPECTS))), 1, 5)
    near = rng.random() < 0.7
    return {
        "employer_changed_12m": _yes(rng, 0.3),
        "role_changed_12m": _yes(rng, 0.4),
        "training_started": "yes" if started else "no",
        "training_completed": _yes(rng, 0.6) if started else "no",
        "training_field": _one(rng, codes.isced_fields()) if started else None,
        "wage_12m": None if wage is None else min(20_000, int(wage)),
        "workplace_12m": record.residence if near else _one(rng, codes.nuts(3)),
        "context_fit": {
            "12m": {name: int(mark) for name, mark in zip(_ASPECTS, marks, strict=True)}
        },
    }


def _yes(rng: np.random.Generator, chance: float) -> str:
    return "yes" if rng.random() < chance else "no"


def _one(rng: np.random.Generator, choices: Sequence[_Any]) -> _Any:
    return choices[int(rng.integers(len(choices)))]
