"""Calibration: national moments from which a figure is weighted to all who were asked.

Answering depends on who one is. What is known of everybody since intake (age, gender,
education, region, wellbeing) is counted for all who were asked, and for those who answered also
pairwise and times the outcome, which is what a regression estimator needs.
Source: Särndal, Swensson, Wretman 1992, chapter 6 (GREG).
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from typing import Final

import numpy as np

from privacy.measures.parts import Floats, Part, Role, Whole
from privacy.measures.split import Bounds
from privacy.people.dimensions import categories, place
from privacy.people.population import Asked
from privacy.people.values import level
from schemas.record import Trajectory
from schemas.statistic import TableDimension

RHO_SHARE: Final = Fraction(1, 3)
"""The part of an ask's price that its calibration takes."""

MIDDLE: Final = 3.2
"""Public: about the mean score at intake."""

REACH: Final = 1.0
"""Public: nineteen in twenty scores lie within this of the middle; what is beyond is clipped."""

_BANDS: Final[tuple[tuple[TableDimension, tuple[str, ...]], ...]] = (
    ("age_band", ("<25 25-34", "45-54", "55+")),
    ("gender", ("m",)),
    ("education", ("low", "high")),
    ("nuts1", ("BE1", "BE3")),
)
"""One term for each code, or for two; who has another, or none, is in the reference group."""

TERMS: Final = (
    "constant",
    *(f"{dimension} {code}" for dimension, codes in _BANDS for code in codes),
    "baseline",
)
"""The names of the intake covariates: flags, each 0 or 1, and the mean score between -1 and 1.

Who feels worse at the start gains more, all along the scale: flags for a low and a high score
would leave what happens within them.
"""

BASELINE: Final = len(TERMS) - 1
"""The one term that is no flag."""

GROUPS: Final = (0, *(k for k, (_, codes) in enumerate(_BANDS, 1) for _ in codes), 5)
"""The group of each term; terms of one group exclude each other."""

NEEDED: Final = frozenset({1, 2, 3, 5})
"""Groups without which nothing is weighted: all but region, which may be one for everybody."""

MOST: Final = 1 + len(_BANDS) + 1
"""Terms that one person can have: the constant and one of each group."""

PAIRS: Final = (
    (0, 0),
    *((i, j) for i, j in combinations(range(len(TERMS)), 2) if GROUPS[i] != GROUPS[j]),
    (BASELINE, BASELINE),
)
"""Products that are kept: a flag times itself is the flag, and two of one group give 0."""


def beside(parts: Sequence[Part], outcome: Bounds) -> list[Part]:
    """Return an ask's parts at the rest of its price, and those of its calibration.

    A person has at most 6 terms, none beyond 1: 6 in the margins; 1 + 5 + 10 products and the
    square of the score; and each term repeats her outcome.
    """
    rest = [replace(part, rho_share=part.rho_share * (1 - RHO_SHARE)) for part in parts]
    flags, products = Fraction(MOST), Fraction(2 + MOST * (MOST - 1) // 2)
    one = Fraction(1)
    return [
        *rest,
        Part("margin", (), len(TERMS), RHO_SHARE / 6, flags, flags, one, MOST),
        Part("moment", (), len(PAIRS), RHO_SHARE / 2, products, products, one, int(products)),
        Part(
            "cross", (), len(TERMS) * outcome.lanes, RHO_SHARE / 3,
            flags * outcome.longest, flags * outcome.d2_squared, outcome.entry,
            MOST * outcome.lanes,
        ),
    ]  # fmt: skip


def rows(asked: Asked, answered: Floats, outcome: Floats) -> dict[Role, Floats]:
    """Margins of everyone; products of terms, and terms x outcome, of those who answered.

    `answered`: 0 or 1, shape (people,); `outcome`: shape (people, lanes), 0 where silent.
    """
    flags = covariates(asked)
    first, second = np.array(PAIRS).T
    there = flags * answered[:, None]
    cross = there[:, :, None] * outcome[:, None, :]
    return {
        "margin": flags,
        "moment": there[:, first] * there[:, second],
        "cross": cross.reshape(len(flags), len(TERMS) * outcome.shape[1]),
    }


def covariates(asked: Asked) -> Floats:
    """Return the terms of each person, shape (people, terms)."""
    columns = [np.ones(len(asked.records))]
    for dimension, codes in _BANDS:
        here = _places(asked.records, dimension)
        names = categories(dimension)
        for code in codes:
            there = np.isin(here, [names.index(c) for c in code.split()])
            columns.append(there.astype(np.float64))
    scores = np.array([_baseline(record, asked) for record in asked.records], dtype=np.float64)
    return np.stack([*columns, np.clip((scores - MIDDLE) / REACH, -1, 1)], axis=1)


def _places(records: Sequence[Trajectory], dimension: TableDimension) -> Whole:
    return np.array([place(record, dimension) for record in records], dtype=np.int64)


def _baseline(record: Trajectory, asked: Asked) -> float:
    """The mean of the scores at intake; without any, the middle."""
    found = level(record, "intake", asked.questionnaires.get(record.questionnaire))
    return float(sum(found.values()) / len(found)) if found else MIDDLE
