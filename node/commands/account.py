"""`ledger` and `egress`: what was spent, and what left this centre."""

import json
import math
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chassis.clock import unix_seconds
from chassis.commands import AsJson, Command, tell
from node.console import DEFAULT_FOLDER, Folder, texts

if TYPE_CHECKING:
    from chassis.texts import Texts
    from node.store.egress_log import Departure
    from privacy.accounting.ledger import Ledger
    from schemas.programme import Programme

Save = Annotated[Path | None, typer.Option("--save", help="Folder for the exact bytes.")]

_FORGOTTEN = -1
_WHAT = {
    "ready": "keys for round {number}",
    "contribution": "masked numbers for round {number}; outside this centre they read as chance",
    "set_signature": "a signature on which centres are in the sum of round {number}",
    "shares": "shares that open the sum of round {number}, of no single centre",
    "statement": "a statement that round {number} is given up",
    "done": "an acknowledgement",
}


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("ledger", cls=Command, help="Say what privacy budget was spent on.")(ledger)
    app.command("egress", cls=Command, help="Say what left this centre, byte for byte.")(egress)


def ledger(folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False) -> None:
    """Show each unit of budget: what it bought and what is left."""
    from node.commands.store import stuck_sentence
    from node.store import NodeStore, budget, rounds, signed_documents, stuck_rounds
    from schemas.programme import Programme
    from schemas.units import MicroRho

    with NodeStore.open(folder).begin() as connection:
        stuck = stuck_rounds.stuck(connection, unix_seconds())
        agreed = signed_documents.last_approved(connection, "programme")
        document = agreed or signed_documents.latest(connection, "programme")
        programme = document.signed.peek(Programme) if document else None
        held = budget.ledger(connection, programme.budget if programme else MicroRho(0))
        numbers = {found.rid.hex(): found.number for found in rounds.all_rounds(connection)}
        numbers |= rounds.contributed(connection)  # rounds that a restored store has no row of
        clients = len({entry.client for entry in budget.register(connection)})
    facts, say = {**_facts(held, numbers, clients), "stuck": list(stuck)}, texts()
    late = [stuck_sentence(say, number) for number in stuck]
    tell(facts, *_sentences(say, held, numbers, programme), *late, as_json=as_json)


def _facts(held: "Ledger", numbers: dict[str, int], clients: int) -> dict[str, Any]:
    cohorts = sorted({key.cohort for key in held.charges})
    return {
        "budget": held.budget,
        "cohorts": {c: {"spent": held.spent(c), "left": held.left(c)} for c in cohorts},
        "charges": [
            {
                "statistic": key.statistic,
                "horizon": key.horizon,
                "cohort": key.cohort,
                "price": charge.price,
                "round": numbers.get(charge.round_id),
                "round_id": charge.round_id,
                "event": charge.event and json.loads(charge.event.text),
            }
            for key, charge in sorted(held.charges.items())
        ],
        "clients_counted": clients,
    }


def _sentences(
    say: "Texts", held: "Ledger", numbers: dict[str, int], programme: "Programme | None"
) -> Iterator[str]:
    from node.admission.restored import FORGOTTEN

    if programme is None or not held.charges:
        yield say("No privacy budget was spent yet.")
        return
    bought: dict[tuple[int, str, str], list[str]] = defaultdict(list)
    prices: dict[tuple[int, str, str], int] = {}
    for key, charge in sorted(held.charges.items()):
        number = _FORGOTTEN if charge.round_id == FORGOTTEN else numbers.get(charge.round_id, 0)
        what = (number, key.statistic, key.horizon)
        bought[what].append(key.cohort)
        prices[what] = charge.price
    for (number, statistic, horizon), cohorts in sorted(bought.items()):
        declared = programme.by_id.get(statistic)
        name = declared.name.of(say.language) if declared else statistic
        share = _percent(prices[number, statistic, horizon], held.budget)
        if number == _FORGOTTEN:
            yield say("Not known since the restore, so taken for paid: {name} ({horizon}) of "
                      "{first} to {last}, {share}%.", name=name, horizon=say(horizon),
                      first=cohorts[0], last=cohorts[-1],
                      share=_percent(prices[number, statistic, horizon], held.budget))  # fmt: skip
            continue
        yield say("Round {number}: {name} ({horizon}) of {first} to {last}, {share}% of the "
                  "yearly budget of each client.", number=number, name=name,
                  horizon=say(horizon), first=cohorts[0], last=cohorts[-1],
                  share=share)  # fmt: skip
    for cohort in sorted({key.cohort for key in held.charges}):
        yield say("{cohort}: {used}% used, {left}% left.", cohort=cohort,
                  used=_percent(held.spent(cohort), held.budget),
                  left=_percent(held.left(cohort), held.budget))  # fmt: skip
    yield _odds(say, held)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "0"


def _odds(say: "Texts", held: "Ledger") -> str:
    from privacy.accounting.conversion import guess_odds

    most = max(held.spent(key.cohort) for key in held.charges)
    return say(
        "Even who knows everything about everybody else guesses one thing about one client right "
        "in at most {odds} in 100 cases (a blind guess: 50).",
        odds=math.ceil(guess_odds(most)),
    )


def egress(folder: Folder = DEFAULT_FOLDER, save: Save = None, as_json: AsJson = False) -> None:
    """List every message that left, oldest first."""
    from chassis.store import audit_log
    from node.store import NodeStore, egress_log

    with NodeStore.open(folder).begin() as connection:
        left = egress_log.departures(connection)
        entries = audit_log.check(connection)
    if save is not None:
        save.mkdir(parents=True, exist_ok=True)
        for place, one in enumerate(left, 1):
            if not one.body:
                continue  # it left before this store was restored; its digest is all there is
            (save / f"{place:04d}-{one.kind.replace(': ', '-')}.bin").write_bytes(one.body)
    facts = {
        "messages": [
            {"at": d.at, "kind": d.kind, "round": d.number, "bytes": d.size, "sha256": d.digest}
            for d in left
        ],
        "bytes": sum(d.size for d in left),
        "audit_entries": entries,
        "saved": str(save) if save else None,
    }
    tell(facts, *_left(texts(), left, save), as_json=as_json)


def _left(say: "Texts", left: "list[Departure]", save: Path | None) -> Iterator[str]:
    if not left:
        yield say("Nothing has left this centre.")
        return
    kilobytes = f"{sum(d.size for d in left) / 1000:.0f}"
    yield say.count("{count} message left this centre, {kilobytes} kB. No names, no rows.",
                    "{count} messages left this centre, {kilobytes} kB. No names, no rows.",
                    len(left), count=len(left), kilobytes=kilobytes)  # fmt: skip
    for one in left:
        when = datetime.fromtimestamp(one.at).astimezone().strftime("%d/%m/%Y %H:%M:%S")
        what = _what(say, one)
        yield say("{when}  {bytes} bytes  {what}", when=when, bytes=one.size, what=what)
    yield say("Beside these it asked for work, and fetched what the region tells all centres "
              "alike; such a call holds nothing of your clients.")  # fmt: skip
    if save is not None:
        yield say("The exact bytes are in {folder}.", folder=str(save))


def _what(say: "Texts", one: "Departure") -> str:
    if one.kind.startswith("refused: "):
        return say("a refusal ({reason}); no numbers were sent",
                   reason=one.kind.removeprefix("refused: "))  # fmt: skip
    return say(_WHAT.get(one.kind, one.kind), number=one.number if one.number else "-")
