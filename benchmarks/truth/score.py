"""How far off each side is, who tells what, and whether intervals hold the exact truth."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.truth.exact import Exact
from benchmarks.truth.questions import Key, Query
from privacy.inference.intervals import band_of_count, band_of_variation, band_of_width
from privacy.inference.reach import Z95
from schemas.release import Figure

SLACK = 1.5
"""An error so many times the curator's is still one that serves the same use."""

_COUNTED = ("count", "answered")


@dataclass(frozen=True)
class Question:
    """One figure that a curator could tell, at one epsilon: root mean square errors.

    `told`: the share of repeats in which we gave a number; `clear`: whether the curator could
    tell it with `SLACK` times its error; `alone`: whether one table was asked, and no other.
    """

    name: str
    ours: float
    curators: float
    told: float
    clear: bool
    alone: bool = False

    @property
    def ratio(self) -> float:
        """Our error over the curator's; infinite when we mostly say nothing."""
        return self.ours / self.curators if self.told >= 0.5 else math.inf


@dataclass(frozen=True)
class Held:
    """One published interval with the truth it should hold."""

    measure: str
    shown: bool
    noise: bool
    wide: bool | None


@dataclass(frozen=True)
class Asked:
    """Whatever was found out about one question of many figures."""

    statistic: str
    questions: Sequence[Question]
    held: Sequence[Held]


def compare(
    name: str,
    query: Query,
    truth: Mapping[Key, Exact],
    curator: Mapping[Key, NDArray[np.float64]],
    repeats: Sequence[Sequence[Figure]],
) -> Asked:
    """Compare what was published in every repeat with the truth and with the curator."""
    published = [_named(figures) for figures in repeats]
    questions = [
        _question(f"{name} {_label(key)}", query, (key, truth[key]), draws, published)
        for key, draws in curator.items()
        if key in truth and truth[key].asked
    ]
    held = [one for figures in published for one in _held(truth, figures)]
    return Asked(query.statistic.id, [q for q in questions if q is not None], held)


def _named(figures: Sequence[Figure]) -> dict[Key, Figure]:
    return {(f.measure, f.variable, f.cell): f for f in figures}


def _label(key: Key) -> str:
    cell = " ".join(code for _, code in key[2])
    return " ".join(filter(None, (key[0], key[1], f"({cell})" if cell else "")))


def _question(
    name: str,
    query: Query,
    asked: tuple[Key, Exact],
    draws: NDArray[np.float64],
    published: Sequence[Mapping[Key, Figure]],
) -> Question | None:
    """None when a curator could not tell it either."""
    key, exact = asked
    error = _rms([float(draw) - exact.value for draw in draws if not math.isnan(draw)])
    if error is None or np.isnan(draws).mean() > 0.05 or not _tells(query, asked, error):
        return None
    found = [figures.get(key) for figures in published]
    told = [f for f in found if f is not None and f.band != "F" and f.estimate is not None]
    given = [f.estimate - exact.value for f in found if f is not None and f.estimate is not None]
    ours = _rms(given)
    return Question(
        name,
        math.inf if ours is None else ours,
        error,
        len(told) / len(found),
        _tells(query, asked, SLACK * error),
        alone=len([view for view in query.statistic.views if view]) <= 1,
    )


def _rms(errors: Sequence[float]) -> float | None:
    return math.sqrt(sum(e * e for e in errors) / len(errors)) if errors else None


def _tells(query: Query, asked: tuple[Key, Exact], error: float) -> bool:
    """By the rule that holds for releases: bands of counts and money, of width for the rest."""
    (measure, _, _), exact = asked
    if measure in _COUNTED:
        return band_of_count(exact.value, Z95 * error) != "F"
    both = math.hypot(error, exact.sampling)
    if query.statistic.unit in ("euro", "people", "months") and query.statistic.resolution is None:
        return band_of_variation(abs(exact.value), Z95 * both) != "F"
    return band_of_width(Z95 * both, query.statistic.smallest_difference) != "F"


def _held(truth: Mapping[Key, Exact], figures: Mapping[Key, Figure]) -> Iterator[Held]:
    """Of figures with a truth; a count of a cell without people is 0 in truth."""
    for key, figure in figures.items():
        exact = truth.get(key, Exact(0.0) if key[0] == "count" else None)
        if exact is None or figure.noise_lo is None or figure.noise_hi is None:
            continue
        wide = None
        if figure.lo is not None and figure.hi is not None:
            wide = figure.lo <= exact.value <= figure.hi
        inside = figure.noise_lo <= exact.value <= figure.noise_hi
        yield Held(figure.measure, figure.band != "F", inside, wide)


def summary(asked: Sequence[Asked]) -> dict[str, object]:
    """The figures of the whole benchmark."""
    questions = [question for one in asked for question in one.questions]
    held = [one for found in asked for one in found.held]
    told = sorted((q for q in questions if math.isfinite(q.ratio)), key=lambda q: -q.ratio)
    silent = [q for q in questions if q not in told]
    return {
        "questions": len(questions),
        "within": _share([q.ratio <= SLACK for q in questions]),
        "ratio": _geometric(told),
        "ratio_alone": _geometric([q for q in told if q.alone]),
        "covered": _share([h.noise for h in held]),
        **_coverage(held),
        "covered_wide": _share([h.wide for h in held if h.wide is not None]),
        "withheld_wrongly": sum(q.clear for q in silent),
        "withheld_at_the_edge": sum(not q.clear for q in silent),
        "withheld": [q.name for q in silent if q.clear][:20],
        "worst": {q.name: round(q.ratio, 2) for q in told[:5]},
    }


def by_statistic(asked: Sequence[Asked]) -> dict[str, float]:
    """The geometric mean of the ratios of each statistic, of what we tell."""
    found: dict[str, list[Question]] = {}
    for one in asked:
        told = [question for question in one.questions if math.isfinite(question.ratio)]
        found.setdefault(one.statistic, []).extend(told)
    return {name: _geometric(questions) for name, questions in found.items() if questions}


def _geometric(questions: Sequence[Question]) -> float:
    logs = [math.log(q.ratio) for q in questions if q.ratio > 0]
    return math.exp(sum(logs) / len(logs)) if logs else math.nan


def _coverage(held: Sequence[Held]) -> dict[str, object]:
    counts = [h for h in held if h.measure in _COUNTED]
    means = [h for h in held if h.measure not in _COUNTED]
    by_measure = {
        name: _share([h.noise for h in means if h.measure == name])
        for name in sorted({h.measure for h in means})
    }
    return {
        "covered_counts": _share([h.noise for h in counts]),
        "covered_counts_shown": _share([h.noise for h in counts if h.shown]),
        "covered_means": _share([h.noise for h in means]),
        "covered_by_measure": by_measure,
    }


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else math.nan
