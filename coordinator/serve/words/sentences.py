"""Sentences that say what a figure says, and no more. Every one is true of its interval.

English is the key; Dutch stands in the catalogue beside this package.
"""

import math
from collections.abc import Sequence
from pathlib import Path

from coordinator.serve.words.numerals import number, place_of
from coordinator.serve.words.ranks import rank_ranges
from coordinator.serve.words.reading import Estimate, read
from schemas.language import Language, Texts

_LOCALE = Path(__file__).parent.parent / "locale"


def texts(language: Language) -> Texts:
    """The texts of the public pages."""
    return Texts.load(_LOCALE, language)


def estimated(estimate: Estimate | None, t: Texts) -> str:
    """Say what a level is: an estimate, an order of magnitude, or nothing."""
    if estimate is None:
        return t("Too uncertain to show. Choose a larger area or a longer period.")
    said = read(estimate, t.language)
    if said.rough:
        return t(
            "Roughly {value} ({between}): order of magnitude only.",
            value=said.value.removeprefix("~"),
            between=said.between,
        )
    return t(
        "An estimated {value}, likely between {lo} and {hi} (95% interval).",
        value=said.value,
        lo=said.lo.removesuffix("%"),
        hi=said.hi,
    )


def changed(estimate: Estimate | None, resolution: float, t: Texts) -> str:
    """Say whether a score rose or fell; `resolution` is the smallest change that matters."""
    if estimate is None:
        return t("Too uncertain to show. Choose a larger area or a longer period.")
    if estimate.lo <= 0 <= estimate.hi:
        between = read(estimate, t.language, signed=True).between
        if -resolution <= estimate.lo and estimate.hi <= resolution:
            return t("At most a small difference ({between}).", between=between)
        return t("We cannot say whether it rose or fell ({between}).", between=between)
    return _clear(estimate, t)


def _clear(estimate: Estimate, t: Texts) -> str:
    place = place_of(estimate.half_width)
    least, most = sorted((abs(estimate.lo), abs(estimate.hi)))
    to = t("{lo} to {hi}", lo=number(least, place, t.language), hi=number(most, place, t.language))
    size = number(abs(estimate.value), place, t.language)
    if estimate.band == "D":
        size = t("roughly {size}", size=size)
    if estimate.value > 0:
        return t("{size} points higher than at the start ({between}).", size=size, between=to)
    return t("{size} points lower than at the start ({between}).", size=size, between=to)


def compared(names: tuple[str, str], two: tuple[Estimate, Estimate], t: Texts) -> str:
    """Compare two areas by the interval of their difference; overlap is not the test."""
    first, second = two
    reach = 1.959964 * math.hypot(first.se, second.se)
    gap = first.value - second.value
    gap_of = Estimate(
        100 * gap, 100 * (gap - reach), 100 * (gap + reach), (0, 0), "A", "points", reach
    )
    words = {
        "first": names[0],
        "second": names[1],
        "one": read(first, t.language).value,
        "other": read(second, t.language).value,
        "between": read(gap_of, t.language, signed=True).between,
    }
    if abs(gap) <= reach:
        return t(
            "{first} {one}, {second} {other}: the difference ({between} percentage points) may "
            "be chance or privacy noise.",
            **words,
        )
    return t(
        "{first} {one}, {second} {other}: the difference is {between} percentage points.", **words
    )


def most_of_all(named: Sequence[tuple[str, str, Estimate | None]], t: Texts) -> str:
    """Name what counts the most, of (code, name, count); or say that none certainly does."""
    known = [(name, one) for _, name, one in named if one is not None]
    if not known:
        return t("Too uncertain to show. Choose a larger area or a longer period.")
    place = max(range(len(known)), key=lambda k: known[k][1].value)
    name, one = known[place]
    said = read(one, t.language)
    words = {"name": name, "value": said.value, "between": said.between}
    if rank_ranges([one for _, one in known])[place] == (1, 1):
        return t("{name} counts the most trajectories: {value} ({between}).", **words)
    return t("What counts the most cannot be said; {name} counts {value} ({between}).", **words)


def placed(rank: tuple[int, int], t: Texts) -> str:
    """Say between which places an area stands."""
    return str(rank[0]) if rank[0] == rank[1] else t("{lo} to {hi}", lo=rank[0], hi=rank[1])


def covered(in_sum: int, on_roster: int, t: Texts) -> str:
    """Say how many centres stand in the figures."""
    if in_sum == on_roster:
        return t("{n} of {of} centres.", n=in_sum, of=on_roster)
    return t("{n} of {of} centres. This says nothing about the others.", n=in_sum, of=on_roster)
