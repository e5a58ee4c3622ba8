"""`release`: drafts that wait for a person, because their sum can hardly be true."""

from typing import Annotated

import typer

from chassis.clock import unix_seconds
from chassis.commands import AsJson, tell
from coordinator.commands.reply import Folder, Number, texts
from schemas.release import Finding

release_app = typer.Typer(
    help="Drafts that wait for a person: their views contradict each other, their values are out "
    "of bounds, or they changed too much since the period before.",
    no_args_is_help=True,
)

Why = Annotated[str, typer.Option("--reason", help="why, in one line that every reader will see")]


@release_app.command()
def drafts(folder: Folder, as_json: AsJson = False) -> None:
    """List the drafts that wait, and what was found in each."""
    from coordinator.home import Home
    from coordinator.releases.desk import draft_of
    from coordinator.store import CoordinatorStore
    from coordinator.store.drafts import waiting

    identity, t = Home(folder).identity(), texts()
    with CoordinatorStore.open(folder).read() as connection:
        found = [draft_of(connection, number, identity) for number in waiting(connection)]
    sentences = [t("No draft waits.")] if not found else []
    for one in found:
        sentences.append(t.count("Round {number} is not published: {count} doubt.",
                                 "Round {number} is not published: {count} doubts.",
                                 len(one.findings), number=one.round,
                                 count=len(one.findings)))  # fmt: skip
        sentences += [_spelled(finding) for finding in one.findings]
        sentences.append(
            t('Next: release publish {number} --reason "...", or release reject {number} '
              '--reason "...".', number=one.round)
        )  # fmt: skip
    facts = [
        {"round": one.round, "findings": [f.model_dump(mode="json") for f in one.findings]}
        for one in found
    ]
    tell({"drafts": facts}, *sentences, as_json=as_json)


@release_app.command()
def publish(number: Number, folder: Folder, reason: Why, as_json: AsJson = False) -> None:
    """Publish a draft in spite of what was found; that and the reason stand in the release."""
    from coordinator.home import Home
    from coordinator.releases.desk import publish as make
    from coordinator.store import CoordinatorStore

    with CoordinatorStore.open(folder).begin() as connection:
        release = make(connection, number, reason, Home(folder).identity(), unix_seconds())
    sentence = texts()("Published as {release}.", release=release.id)
    tell({"round": number, "release": release.id}, sentence, as_json=as_json)


@release_app.command()
def reject(number: Number, folder: Folder, reason: Why, as_json: AsJson = False) -> None:
    """Never publish a draft. The round is listed as withheld, with the reason."""
    from coordinator.home import Home
    from coordinator.releases.desk import reject as make
    from coordinator.store import CoordinatorStore

    with CoordinatorStore.open(folder).begin() as connection:
        make(connection, number, reason, Home(folder).identity(), unix_seconds())
    sentence = texts()("Round {number} is withheld; the reason is public.", number=number)
    tell({"round": number, "state": "WITHHELD"}, sentence, as_json=as_json)


@release_app.command()
def tolerance(
    percent: Annotated[int, typer.Argument(min=1, max=1000, help="50 if unset")],
    folder: Folder,
    as_json: AsJson = False,
) -> None:
    """Set by how much a count may change since the period before without a person looking.

    Shares and means may change by half as many percent of the range that they can take.
    """
    from coordinator.releases.plausibility import set_tolerance
    from coordinator.store import CoordinatorStore

    with CoordinatorStore.open(folder).begin() as connection:
        set_tolerance(connection, percent, unix_seconds())
    sentence = texts()("Counts may change by {percent}% from now on.", percent=percent)
    tell({"tolerance_percent": percent}, sentence, as_json=as_json)


def _spelled(one: Finding) -> str:
    """What was found, for a person."""
    t = texts()
    where = " ".join(code for _, code in one.cell) or t("the whole region")
    facts: dict[str, object] = {
        "statistic": one.statistic, "part": one.part, "where": where,
        "view": ", ".join(one.view) or t("total"),
        "other": ", ".join(one.other or ()) or t("total"),
        "stated": f"{one.stated:,.0f}", "expected": f"{one.expected:,.0f}",
        "allowed": f"{one.allowed:,.0f}",
    }  # fmt: skip
    if one.kind == "contradiction":
        return t("{statistic} {part} ({where}): by {view} it is {stated}, by {other} {expected}; "
                 "noise can make them differ by {allowed}.", **facts)  # fmt: skip
    if one.kind == "change":
        return t("{statistic} {part} ({where}): {stated}, and {expected} in the period before; it "
                 "may change by {allowed}.", **facts)  # fmt: skip
    return t("{statistic} {part} by {view} ({where}): {stated}, and it cannot pass {expected} by "
             "more than noise, {allowed}.", **facts)  # fmt: skip
