"""Synthetic answers to the questionnaire werkgeluk-1, from latent scores with known gains.

An answer array has shape (trajectories, moments, dimensions, items), whole numbers 1..5, 0 where
nothing was answered, in the order of WHENS, DIMENSIONS and the questionnaire's items.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from deploy.demo.effects import Effects
from deploy.demo.population import table
from schemas.questionnaire import built_in
from schemas.record import DIMENSIONS, WHENS, Dimension, When

Answers = NDArray[np.int8]
Flags = NDArray[np.bool_]
_ITEMS = 3
_SKIPS_ITEM, _SKIPS_DIMENSION = 0.004, 0.004


def column_names() -> list[str]:
    """Return wellbeing.<when>.<dimension>.<item>, in the order of the array's last three axes."""
    return [
        f"wellbeing.{when}.{dimension}.{item}"
        for when in WHENS
        for dimension in DIMENSIONS
        for item in range(1, _ITEMS + 1)
    ]


def _latent(rng: np.random.Generator, people: int) -> NDArray[np.float64]:
    """Draw standardised latent scores, shape (people, 4, 6), before any gain.

    Half of the variance is common to the six dimensions. Moments correlate such that observed
    scores correlate as the marginals say; the moments after intake also share what changed.
    """
    alpha = table("Cronbach's alpha per dimension", "total")["3-6 items"]
    stable = min(table("correlation of intake and end", "total")["all dimensions"] / alpha, 1.0)

    def draw(moments: int) -> NDArray[np.float64]:
        common = rng.standard_normal((people, moments, 1))
        own = rng.standard_normal((people, moments, len(DIMENSIONS)))
        return np.asarray((common + own) * 0.5**0.5)

    change = np.sqrt(0.5) * (draw(1) + draw(len(WHENS) - 1))
    first = draw(1)
    later = stable * first + np.sqrt(1 - stable**2) * change
    return np.concatenate([first, later], axis=1)


def draw(
    rng: np.random.Generator, frame: pd.DataFrame, asked: dict[When, Flags], effects: Effects
) -> Answers:
    """Draw every answer; `asked` says which trajectories answered at each moment."""
    people = len(frame)
    mean = np.array([table("score at intake (mean, 1-5)", "dimension")[d] for d in DIMENSIONS])
    spread = table("score (standard deviation, 1-5)", "dimension")[DIMENSIONS[0]]
    alpha = table("Cronbach's alpha per dimension", "total")["3-6 items"]
    lasting = np.array([effects.lasting[when] for when in WHENS])
    gain = np.array([effects.gain[dimension] for dimension in DIMENSIONS])
    latent = mean + spread * np.sqrt(alpha) * _latent(rng, people)
    latent += _factor(frame, effects)[:, None, None] * lasting[:, None] * gain
    # The mean of three items has error variance (1 - alpha) spread^2; rounding adds 1/12 to each.
    error = np.sqrt(_ITEMS * (1 - alpha) * spread**2 - 1 / 12)
    noise = error * rng.standard_normal((*latent.shape, _ITEMS), dtype=np.float32)
    answers = np.clip(np.rint(latent[..., None] + noise), 1, 5).astype(np.int8)
    answers = np.where(_reversed()[:, :], 6 - answers, answers).astype(np.int8)
    answers[rng.random(answers.shape, dtype=np.float32) < _SKIPS_ITEM] = 0
    answers[rng.random(answers.shape[:3], dtype=np.float32) < _SKIPS_DIMENSION] = 0
    for moment, when in enumerate(WHENS):
        answers[~asked[when], moment] = 0
    return np.asarray(answers)


def _factor(frame: pd.DataFrame, effects: Effects) -> NDArray[np.float64]:
    by_sector = frame["sector_before"].map(dict(effects.gains_less)).fillna(1.0)
    low = (frame["education"] == "low").to_numpy()
    return np.asarray(by_sector, dtype=float) * np.where(low, effects.low_education, 1.0)


def _reversed() -> Flags:
    """Return which items are turned round, shape (dimensions, items)."""
    form = built_in()
    return np.array([[item.reversed for item in form.items_of(d)] for d in DIMENSIONS])


def _scores(answers: Answers) -> NDArray[np.float64]:
    """Return scores of shape (trajectories, moments, dimensions); NaN below two answers."""
    given = answers > 0
    turned = np.where(_reversed(), 6.0 - answers, answers.astype(float))
    number = given.sum(axis=-1)
    total = np.where(given, turned, 0.0).sum(axis=-1)
    return np.where(number >= _ITEMS / 2, total / np.maximum(number, 1), np.nan)


def hold_still(
    rng: np.random.Generator, answers: Answers, counts: Flags, dimension: Dimension
) -> Answers:
    """Return answers whose mean paired change in one dimension is 0 among those who count.

    Moves a few single answers by one step, at random, at each moment after intake, so that what
    chance left of a change that is 0 in expectation is gone to within a third of a point in all.
    """
    moved = answers.copy()
    place = DIMENSIONS.index(dimension)
    forward = np.where(_reversed()[place], -1, 1)
    for moment in range(1, len(WHENS)):
        scores = _scores(moved)
        paired = counts & ~np.isnan(scores[:, [0, moment]]).any(axis=(1, 2))
        change = scores[paired, moment, place] - scores[paired, 0, place]
        steps = round(_ITEMS * float(change.sum()))
        item = int(rng.integers(_ITEMS))
        wanted = -int(np.sign(steps)) * int(forward[item])
        there = moved[:, moment, place, :]
        room = (there[:, item] + wanted >= 1) & (there[:, item] + wanted <= 5)
        free = np.flatnonzero(paired & (there > 0).all(axis=1) & room)
        chosen = rng.choice(free, min(abs(steps), len(free)), replace=False)
        moved[chosen, moment, place, item] += wanted
    return moved
