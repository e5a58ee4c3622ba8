"""Sentences that say what a figure says, and no more. Every one is true of its interval.

English is the key; Dutch stands in the catalogue beside this package.
"""

import math
from collections.abc import Sequence

from chassis.present.estimates import Estimate, read
from chassis.present.numbers import number, place_of
from chassis.present.ranks import rank_ranges
from chassis.texts import Texts
from privacy.inference.reach import Z95

_FINEST = -4  # ten-thousandths of a point, or of a percentage point


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


def changed(estimate: Estimate, resolution: float, t: Texts) -> str:
    """Say whether a score rose or fell; `resolution` is the smallest change that matters."""
    if estimate.lo <= 0 <= estimate.hi:
        between = read(estimate, t.language, signed=True).between
        if -resolution <= estimate.lo and estimate.hi <= resolution:
            return t("At most a small difference ({between}).", between=between)
        return t("We cannot say whether it rose or fell ({between}).", between=between)
    return _clear(estimate, resolution, t)


def verdict(estimate: Estimate, resolution: float, t: Texts) -> str:
    """The same in a word or two, for small tables."""
    small = -resolution <= estimate.lo and estimate.hi <= resolution
    if estimate.lo <= 0 <= estimate.hi:
        return t("at most a small difference") if small else t("cannot be said")
    if estimate.value > 0:
        return t("a little higher") if small else t("higher")
    return t("a little lower") if small else t("lower")


def _clear(estimate: Estimate, resolution: float, t: Texts) -> str:
    words = {"size": _size(estimate, t), "between": _apart(estimate, t)}
    small = max(abs(estimate.lo), abs(estimate.hi)) < resolution
    if estimate.value > 0:
        if small:
            return t(
                "{size} points higher than at the start ({between}): a small difference.", **words
            )
        return t("{size} points higher than at the start ({between}).", **words)
    if small:
        return t("{size} points lower than at the start ({between}): a small difference.", **words)
    return t("{size} points lower than at the start ({between}).", **words)


def _size(estimate: Estimate, t: Texts) -> str:
    size = number(abs(estimate.value), place_of(estimate.half_width), t.language)
    return t("roughly {size}", size=size) if estimate.band == "D" else size


def _apart(estimate: Estimate, t: Texts) -> str:
    """An interval that lies on one side of nought, without sign and never as if it touched it."""
    least, most = sorted((abs(estimate.lo), abs(estimate.hi)))
    place = place_of(estimate.half_width)
    while 0 < least < 10.0**place / 2 and place > _FINEST:
        place -= 1
    return t(
        "{lo} to {hi}", lo=number(least, place, t.language), hi=number(most, place, t.language)
    )


def compared(
    names: tuple[str, str], two: tuple[Estimate, Estimate], resolution: float, t: Texts
) -> str:
    """Compare two shares by the interval of their difference; overlap is not the test.

    `resolution`: the smallest difference that matters, as a share.
    """
    first, second = two
    reach = 100 * Z95 * math.hypot(first.se, second.se)
    value = 100 * (first.value - second.value)
    gap = Estimate(value, value - reach, value + reach, (0, 0), "A", "points", reach)
    words = {
        "first": names[0],
        "second": names[1],
        "one": read(first, t.language).value,
        "other": read(second, t.language).value,
    }
    if abs(value) > reach:
        words["between"] = _apart(gap, t)
        if value > 0:
            return t("{first} {one}, {second} {other}: {first} is {between} percentage points "
                     "higher.", **words)  # fmt: skip
        return t("{first} {one}, {second} {other}: {first} is {between} percentage points lower.",
                 **words)  # fmt: skip
    words["between"] = read(gap, t.language, signed=True).between
    if max(-gap.lo, gap.hi) <= 100 * resolution:
        return t("{first} {one}, {second} {other}: at most a small difference ({between} "
                 "percentage points).", **words)  # fmt: skip
    return t("{first} {one}, {second} {other}: the difference ({between} percentage points) may "
             "be chance or privacy noise.", **words)  # fmt: skip


def reached(found: Sequence[Estimate | None], resolution: float, t: Texts) -> str:
    """Say in how many of these the change surely, perhaps or not is as large as what matters."""
    higher = [one for one in found if one is not None and one.lo > 0]
    sure = sum(one.lo >= resolution for one in higher)
    small = sum(one.hi < resolution for one in higher)
    return t(
        "The smallest difference that matters, {m} points, is surely reached on {sure} of those, "
        "perhaps on {perhaps} and not on {small}.",
        m=number(resolution, -2, t.language), sure=sure, perhaps=len(higher) - sure - small,
        small=small,
    )  # fmt: skip


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
    said = t.count("{m} of {n} centre.", "{m} of {n} centres.", on_roster, n=on_roster, m=in_sum)
    if in_sum == on_roster:
        return said
    rest = t.count(
        "This says nothing about the other.", "This says nothing about the others.",
        on_roster - in_sum,
    )  # fmt: skip
    return f"{said} {rest}"
