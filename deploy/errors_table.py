"""The expected errors of a programme as a table, and what its budget means."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from math import log10
from typing import Any

from deploy.errors import CLIENTS_OF_A_CENTRE, Deployment, Error, Foreseen
from privacy.accounting.conversion import epsilon
from privacy.accounting.degraded import if_counted_twice
from privacy.measures.split import Use, uses_of
from schemas.programme import Ask, Programme
from schemas.units import MicroRho

_YEARS = (2, 3, 5)
_PERCENT, _BARE = ("share", "survival"), ("alpha", "item_rest", "coefficient", "r2")
_HEAD = """\
# Expected errors

The programme `{plan}`, before any budget is spent. Made by
`{command}`; a test keeps it so.

- ± is half of the 95% interval **of the noise alone**. The letter is the band of the figure as it
  would be published: counts by their error at its lower end, money by its error; all else by the
  95% interval, sampling included, against the smallest difference that matters. A, B, C, D as
  statistical offices have them; F is too uncertain to show, and has no ± where noise hides even
  how many people stand behind it.
- A province or sector is the median one of those that hold people; behind it stands how many of
  them are not F. *Other* are groups, and cells of two-way tables. Of six dimensions or several
  options the one that is told worst. pp: percentage points.
- The people are the demo's synthetic clients, {people} a centre and year, who answer and stay as
  its sources say; what the demo does not ask (training, fit, wages afterwards, wanted sector) is
  drawn by simple chances. All centres are present, each an organisation of its own; the floor and
  the honest shares of noise are those of the default policy. Another size:
  `wegwijs errors --centres 40`.
"""


def markdown(made: Foreseen, deployments: Sequence[Deployment], plan: str, command: str) -> str:
    """The whole document."""
    head = _HEAD.format(plan=plan, command=command, people=CLIENTS_OF_A_CENTRE)
    parts = [*_promises(made.programme), "", *_uses(made), "", *_errors(made, deployments)]
    return "\n".join([head, *parts, ""])


def facts(made: Foreseen, deployments: Sequence[Deployment]) -> str:
    """The same for machines, JSON."""
    found = {
        "privacy": [asdict(promise) for promise in promises(made.programme)],
        "uses": {ask.key: _of_price(made, ask) for ask in made.layout.asks},
        "deployments": [_of_one(made, deployment) for deployment in deployments],
    }
    return json.dumps(found, indent=1) + "\n"


def _of_one(made: Foreseen, deployment: Deployment) -> dict[str, Any]:
    limits = deployment.limits
    return {
        "centres": deployment.centres,
        "clients": deployment.clients,
        "floor": limits.floor,
        "honest": deployment.honest,
        "errors": [asdict(error) for error in made.errors(deployment)],
    }


@dataclass(frozen=True, slots=True)
class Promise:
    """What so much budget means for one client; `twice`: for one whom two centres count."""

    what: str
    micro_rho: int
    epsilon: float
    twice: float


def promises(programme: Programme) -> tuple[Promise, ...]:
    """Of the statistics, with each reserve added, of the whole budget, and over several years."""
    spent = programme.price_of_all
    found = [("the statistics", spent)]
    for reserve in programme.reserves:
        spent = MicroRho(spent + reserve.price)
        found.append((f"and the reserve for {reserve.purpose}", spent))
    found.append(("the whole budget of a year", programme.budget))
    found += [(f"{years} years", MicroRho(programme.budget * years)) for years in _YEARS]
    delta = 10.0**-programme.delta_exponent
    return tuple(
        Promise(what, rho, epsilon(rho, delta), if_counted_twice(rho, delta)) for what, rho in found
    )


def _promises(programme: Programme) -> Iterator[str]:
    yield f"## What it means for one client, at δ = 10^-{programme.delta_exponent}"
    yield ""
    yield "| budget | micro-rho | ε | ε if two centres count her |"
    yield "|---|---:|---:|---:|"
    for one in promises(programme):
        yield f"| {one.what} | {one.micro_rho:,} | {one.epsilon:.1f} | {one.twice:.1f} |"


def _of_price(made: Foreseen, ask: Ask) -> dict[Use, float]:
    """Percentages, largest first."""
    found = uses_of(block.part for block in made.layout.blocks_of(ask))
    return {use: round(100 * float(share), 1) for use, share in found.items()}


def _uses(made: Foreseen) -> Iterator[str]:
    yield "## What a price is spent on"
    yield ""
    yield "Asks that take more than counts; the split follows from what the figures are for."
    yield ""
    yield "| ask | micro-rho | for |"
    yield "|---|---:|---|"
    for ask in made.layout.asks:
        uses = _of_price(made, ask)
        if list(uses) != ["counts"]:
            told = ", ".join(f"{use} {share:g}%" for use, share in uses.items())
            yield f"| {ask.key} | {ask.price:,} | {told} |"


def _errors(made: Foreseen, deployments: Sequence[Deployment]) -> Iterator[str]:
    names = [f"{one.centres} centres, {one.clients:,} clients" for one in deployments]
    yield "## Errors"
    yield ""
    for name, one in zip(names, deployments, strict=True):
        limits = one.limits
        yield (
            f"{name}: {limits.floor} have to answer; all there, "
            f"{one.honest} honest shares are the noise.  "
        )
    yield ""
    yield f"| # | statistic | figure | where | {' | '.join(names)} |"
    yield f"|---:|---|---|---|{'---:|' * len(names)}"
    rows: dict[tuple[str, str, str, str], dict[int, Error]] = {}
    for column, one in enumerate(deployments):
        for error in made.errors(one):
            key = error.ask, error.measure, error.variable, error.place
            rows.setdefault(key, {})[column] = error
    statistics = made.programme.by_id
    for (ask, measure, variable, place), found in sorted(
        rows.items(), key=lambda row: statistics[row[0][0].partition("@")[0]].number
    ):
        statistic = statistics[ask.partition("@")[0]]
        unit = _unit(measure, statistic.unit)
        cells = [_shown(found[c], unit) if c in found else "" for c in range(len(deployments))]
        figure = f"{measure} {variable}".strip().replace("_", " ")
        yield f"| {statistic.number} | {ask} | {figure} | {place} | {' | '.join(cells)} |"


def _unit(measure: str, unit: str) -> str:
    if measure == "count":
        return "people"
    if measure in _BARE:
        return ""
    return "pp" if measure in _PERCENT or unit == "share" else unit


def _shown(error: Error, unit: str) -> str:
    readable = f" ({error.readable}/{error.cells})" if error.cells > 1 else ""
    if error.half_width is None:
        return f"{error.band}{readable}"
    width = _two_digits(error.half_width * (100 if unit == "pp" else 1))
    return f"±{width}{' ' if unit else ''}{unit} {error.band}{readable}"


def _two_digits(number: float) -> str:
    """Two significant digits, and never an exponent."""
    digits = max(0, 1 - int(log10(number) // 1)) if number > 0 else 0
    return f"{number:,.{digits}f}"
