"""Can somebody who knows everybody else tell who was counted? Attacks on the code that runs.

    python -m benchmarks.audit [--quick] [--json FILE] [--svg FILE]

A round: real shares, masks and dropouts; each of 100,000 entries is a trial, and all collude but
those whose noise is counted on. A year: one client in everything that the full plan releases,
guessed by likelihood ratio. What is proven must not exceed what is claimed; planted bugs must be
found.
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks import audit_round, audit_year
from benchmarks.audit_round import Case, Row
from benchmarks.audit_year import Audited
from benchmarks.bars import Bar, Legend, write_bars

Rounds = Sequence[tuple[Case, Sequence[Row]]]


def play_rounds(length: int) -> Rounds:
    """Audit rounds, and print what is found."""
    print(
        f"one round of {audit_round.NODES} centres, {length:,} trials; {audit_round.HONEST} honest "
        f"at the floor\n{'':26} {'dropped':>7} {'claim':>6} {'proven':>7} "
        f"{'variance':>9} {'mean':>6} {'nodes':>6} {'rounds':>7} finding"
    )
    done = []
    for case in audit_round.cases():
        rows = audit_round.audit(case, length)
        done.append((case, rows))
        for row in rows:
            print(
                f"{row.name:26} {row.dropped:7} {row.claim:6.2f} {row.proven:7.3f} "
                f"{row.variance:9.1f} {row.mean:6.1f} {row.nodes_alike:6.1f} "
                f"{row.rounds_alike:7.1f} {row.why or 'none'}",
                flush=True,
            )
    return done


def play_year(trials: int) -> Sequence[Audited]:
    """Audit a year, and print what is found."""
    print(
        f"\na year of releases, {trials:,} trials\n{'':30} {'claim':>6} {'proven':>7} "
        f"{'reached':>8} {'guessed right':>20} finding"
    )
    done = audit_year.audits(trials)
    for audited in done:
        row = audited.row
        right = f"{row.right:.1f}% (at most {row.right_claimed:.1f}%)"
        print(
            f"{row.name:30} {row.claim:6.3f} {row.proven:7.3f} {row.separation:8.3f} {right:>20} "
            f"{row.why or 'none'}"
        )
    return done


def draw(path: Path, rounds: Rounds, year: Sequence[Audited]) -> None:
    """The picture for docs: what each attack proves beside what is claimed."""
    bars = []
    for case, rows in rounds:
        row = max(rows, key=lambda row: (row.why != "", row.proven))
        name = row.name if case.planted else f"{row.name} noise, worst of {len(rows)} rounds"
        bars.append(Bar(name, row.proven, case.claim, case.planted, _found(row.why)))
    for one in year:
        bars.append(
            Bar(one.row.name, one.row.proven, one.row.claim, one.planted, _found(one.row.why))
        )
    legend = Legend("honest", "planted bug", "claimed at most (mu, or epsilon for polya)")
    write_bars(path, "Privacy loss that attacks prove (95% sure)", bars, legend=legend)


def _found(why: str) -> str:
    return "" if not why else "found" if why == "bound" else f"found: {why.partition(' of ')[0]}"


def main() -> None:
    """Print tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="40,000 trials a case, 4,000 years")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--svg", type=Path, default=Path("docs/audit.svg"))
    chosen = parser.parse_args()
    started = time.perf_counter()
    length, years = (40_000, 4_000) if chosen.quick else (100_000, 100_000)
    rounds, year = play_rounds(length), play_year(years)
    wrong = [c.name for c, rows in rounds if any(row.why for row in rows) != c.planted]
    wrong += [one.row.name for one in year if bool(one.row.why) != one.planted]
    worst = year[0].row
    facts = {
        "trials": length,
        "rows": [asdict(row) for _, rows in rounds for row in rows],
        "year_trials": years,
        "year": [asdict(one.row) | {"why": one.row.why} for one in year],
        "year_reached": worst.separation / worst.claim,
        "judged_wrong": wrong,
        "seconds": time.perf_counter() - started,
    }
    print("every bug is found and honest noise is not accused" if not wrong else f"WRONG: {wrong}")
    print(f"the worst client reaches {facts['year_reached']:.3f} of what a year may give away")
    if chosen.json:
        chosen.json.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    draw(chosen.svg, rounds, year)


if __name__ == "__main__":
    main()
