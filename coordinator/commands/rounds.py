"""`round`: announce, open, close, abandon, and see how a round stands.

These commands write what is wanted into the database; the running service carries it out.
"""

from typing import Annotated, Any

import typer

from chassis.clock import unix_seconds
from chassis.commands import AsJson, finite, tell
from coordinator.commands.reply import CentreNumber, Folder, Number, texts

round_app = typer.Typer(help="Aggregation rounds.", no_args_is_help=True)

Asks = Annotated[
    list[str] | None, typer.Option("--ask", help="statistic@horizon; all of the programme if none")
]


@round_app.command()
def announce(
    folder: Folder,
    period: Annotated[str | None, typer.Option(help="period of the programme")] = None,
    asks: Asks = None,
    prekeys: Annotated[int, typer.Option(min=5, help="seconds for centres to get ready")] = 3_600,
    latest: Annotated[int, typer.Option(min=30, help="seconds until nothing is taken")] = 172_800,
    as_json: AsJson = False,
) -> None:
    """Say what will be asked, and what can be known by it, before anything is spent."""
    from coordinator.home import Home
    from coordinator.rounds.forecast import forecast
    from coordinator.rounds.in_force import in_force
    from coordinator.rounds.operator_actions import Order, left_out_of
    from coordinator.rounds.operator_actions import announce as make
    from coordinator.store import CoordinatorStore

    with CoordinatorStore.open(folder).begin() as connection:
        programme = in_force(connection).programme
        order = Order(
            period or programme.periods[-1].id,
            tuple(asks or (ask.key for ask in programme.asks)),
            prekeys,
            latest,
        )
        now = unix_seconds()
        made = make(connection, Home(folder).identity(), order, now)
        left_out = [] if programme.spread else left_out_of(programme, made.asks)
        expected = forecast(connection, made)
    t = texts()
    sentences = [
        t("Round {number} is announced: {asks}.", number=made.round, asks=", ".join(made.asks)),
        t("It costs {share}% of the yearly budget of each client.", share=expected.share),
        *(t("{ask}: a national cell can be {national} off, a cell by region {region}, in 95 of "
            "100 cases (noise alone).", ask=row.ask, national=row.national, region=row.region)
          for row in expected.rows),
        *(t("{ask}: of its price {sums}% is for sums, {counts}% for counts of people and "
            "{squares}% for their spread.", ask=row.ask, sums=row.uses["sums"],
            counts=row.uses.get("counts", 0), squares=row.uses.get("squares", 0))
          for row in expected.rows if "sums" in row.uses),
        t("At least {floor} centres have to answer. If 3 in 100 of the ready ones fail, the chance "
          "that too few are left is {abort}%; then nothing is published and nobody is charged.",
          floor=expected.floor, abort=expected.abort),
        *([t("These are left out, and cannot be asked about the same people later: {asks}.",
             asks=", ".join(left_out))] if left_out else ()),
        t("Next: round open {number}, once enough centres are ready.", number=made.round),
    ]  # fmt: skip
    facts: dict[str, Any] = {
        "left_out": left_out, "round": made.round, "period": made.period, "asks": list(made.asks),
        "prekeys_until": made.prekeys_until, "latest": made.deadline_latest,
        "expected": [row.facts for row in expected.rows], "cost": expected.cost,
        "floor": expected.floor, "chance_of_abort": float(expected.abort) / 100,
    }  # fmt: skip
    tell(facts, *sentences, as_json=as_json)


@round_app.command("open")
def open_(number: Number, folder: Folder, as_json: AsJson = False) -> None:
    """Sign the descriptor; centres that are ready then contribute."""
    from coordinator.rounds.operator_actions import ask_open
    from coordinator.store import CoordinatorStore

    with CoordinatorStore.open(folder).begin() as connection:
        ask_open(connection, number, unix_seconds())
    sentence = texts()("Round {number} is being opened; the service carries it out.", number=number)
    tell({"round": number, "wanted": "open"}, sentence, as_json=as_json)


@round_app.command()
def close(number: Number, folder: Folder, as_json: AsJson = False) -> None:
    """Take the centres that answered and sum; refused below the floor of the round."""
    from coordinator.rounds.operator_actions import ask_close
    from coordinator.store import CoordinatorStore

    with CoordinatorStore.open(folder).begin() as connection:
        ask_close(connection, number, unix_seconds())
    sentence = texts()("Round {number} is being closed; the service carries it out.", number=number)
    tell({"round": number, "wanted": "close"}, sentence, as_json=as_json)


@round_app.command()
def abandon(number: Number, folder: Folder, as_json: AsJson = False) -> None:
    """Give the round up, so that every centre gets its budget back."""
    from coordinator.rounds.operator_actions import ask_abandon
    from coordinator.store import CoordinatorStore

    with CoordinatorStore.open(folder).begin() as connection:
        ask_abandon(connection, number, unix_seconds())
    sentence = texts()(
        "Round {number} is being given up; every centre gets its budget back.", number=number
    )
    tell({"round": number, "wanted": "abandon"}, sentence, as_json=as_json)


@round_app.command()
def status(number: Number, folder: Folder, as_json: AsJson = False) -> None:
    """Say how a round stands and whether it will reach its floor."""
    from coordinator.rounds.operator_actions import status as look
    from coordinator.store import CoordinatorStore

    with CoordinatorStore.open(folder).read() as connection:
        facts = look(connection, number)
    tell(facts, *_sentences(facts), as_json=as_json)


@round_app.command("stuck-after")
def stuck_after(
    days: Annotated[int, typer.Argument(min=1, max=365, help="days after the announcement")],
    folder: Folder,
    as_json: AsJson = False,
) -> None:
    """Set after how many days a round that did not end no longer stands in the way of others."""
    from coordinator.rounds.stuck import set_days
    from coordinator.store import CoordinatorStore

    with CoordinatorStore.open(folder).begin() as connection:
        set_days(connection, days, unix_seconds())
    sentence = texts()(
        "A round that has neither ended nor been given up {days} days after its announcement is "
        "stuck; others may then be announced.",
        days=days,
    )
    tell({"stuck_days": days}, sentence, as_json=as_json)


@round_app.command()
def readmit(
    centre: CentreNumber,
    folder: Folder,
    as_json: AsJson = False,
) -> None:
    """Let a centre whose shares stopped a round take part again, once its cause is mended."""
    from coordinator.rounds.operator_actions import readmit as take_back
    from coordinator.store import CoordinatorStore

    with CoordinatorStore.open(folder).begin() as connection:
        take_back(connection, centre, unix_seconds())
    sentence = texts()("Centre {id} takes part again from the next round on.", id=centre)
    tell({"readmitted": centre}, sentence, as_json=as_json)


@round_app.command()
def wait(
    number: Number,
    folder: Folder,
    until: Annotated[str, typer.Option(help="state=PUBLISHED, prekeys=10, contributions=8 ...")],
    seconds: Annotated[
        float, typer.Option(min=0, max=86_400 * 365, help="how long at most", callback=finite)
    ] = 600,
    as_json: AsJson = False,
) -> None:
    """Wait until a round has come so far, for scripts."""
    from coordinator.rounds.waiting import Goal, wait_for
    from coordinator.store import CoordinatorStore

    facts = wait_for(CoordinatorStore.open(folder), number, Goal.parse(until), seconds)
    tell(facts, *_sentences(facts), as_json=as_json)


def _sentences(facts: dict[str, Any]) -> list[str]:
    from coordinator.rounds.committee import Awaited
    from coordinator.rounds.committee import sentences as of_committee
    from coordinator.rounds.fault_sentences import sentence
    from coordinator.store.faults import Fault

    t = texts()
    found = [t("Round {number}: {state}.", number=facts["round"], state=t(facts["state"].lower()))]
    if facts["floor"] is None:
        found.append(t.count("One centre is ready.", "{ready} centres are ready.",
                             facts["prekeys"], ready=facts["prekeys"]))  # fmt: skip
    else:
        found.append(
            t("{answered} of at least {floor} centres answered; {active} were ready.",
              answered=facts["contributions"], floor=facts["floor"], active=facts["active"])
        )  # fmt: skip
    found += [
        t.count(
            "One centre refused: {reason}.",
            "{count} centres refused: {reason}.",
            count,
            count=count,
            reason=reason,
        )
        for reason, count in facts["refusals"].items()
    ]
    if facts["committee"]:
        found += of_committee(t, Awaited(**facts["committee"]))
    elif facts["missing"]:
        ids = ", ".join(map(str, facts["missing"]))
        found.append(t.count("Nothing was taken yet of centre {ids}.",
                             "Nothing was taken yet of centres {ids}.",
                             len(facts["missing"]), ids=ids))  # fmt: skip
    found += [sentence(t, Fault(**one)) for one in facts["faults"]]
    if facts["outcome"] == "unreadable" and facts["state"] in ("ANNOUNCED", "OPEN", "CLOSING",
                                                               "CERTIFIED"):  # fmt: skip
        found.append(
            t(
                "What this coordinator's database holds of the round is damaged, so it goes "
                "no further. Nothing more is asked and nothing is published. Stop the "
                "service and put the newest sound copy of the database back: the round then "
                "goes on. Without one it is stuck after its days: round stuck-after."
            )
        )
    if facts["state"] == "STUCK":
        found.append(t("What it cost stays spent at every centre, unless it can still be given up: "
                       "round abandon {number}.", number=facts["round"]))  # fmt: skip
    if facts["release"]:
        found.append(t("Published as {release}.", release=facts["release"]))
    return found
