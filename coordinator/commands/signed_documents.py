"""`roster` and `programme`: what the authority is asked to sign, and what it signed."""

from pathlib import Path
from typing import Annotated, get_args

import typer

from chassis.clock import unix_seconds
from chassis.commands import AsJson, tell
from chassis.errors import WrongInput
from chassis.named_files import check_target, read_file, write_file
from coordinator.commands.reply import LARGEST, Folder, Out, date_of, texts

roster_app = typer.Typer(help="The roster of centres.", no_args_is_help=True)
programme_app = typer.Typer(help="The programme of statistics.", no_args_is_help=True)

SignedFile = Annotated[Path, typer.Argument(help="file that the authority signed")]
SMALLEST_ROSTER = 7
"""Below it no node's own policy admits a round."""


@roster_app.command("candidate")
def roster_candidate(
    folder: Folder,
    out: Out,
    days: Annotated[int, typer.Option(min=1, max=1200, help="how long it is to be valid")] = 400,
    without: Annotated[
        list[int] | None, typer.Option(min=1, max=LARGEST, help="centre or witness that leaves")
    ] = None,
    operator: Annotated[
        str | None, typer.Option(help="organisation that runs this coordinator; is remembered")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the roster that the authority is asked to sign."""
    from coordinator.enrolment.approval import candidate, name_operator
    from coordinator.store import CoordinatorStore

    check_target(out)
    with CoordinatorStore.open(folder).begin() as connection:
        if operator is not None:
            name_operator(connection, operator)
        made = candidate(connection, unix_seconds(), days=days, without=frozenset(without or ()))
    write_file(out, made.model_dump_json(indent=2).encode() + b"\n")
    t, centres = texts(), len(made.centres)
    sentences = [
        t.count("Roster {epoch} with one centre is in {file}.",
                "Roster {epoch} with {centres} centres is in {file}.", centres,
                epoch=made.epoch, centres=centres, file=out),
        t("Digest of this document: {digest}", digest=made.digest()),
        t("Next, at the authority: authority sign-roster"),
    ]  # fmt: skip
    if made.witnesses:
        sentences.insert(1, t("Witnesses on it: {count}.", count=len(made.witnesses)))
    if centres < SMALLEST_ROSTER:
        sentences.insert(1, t("Rounds need at least {least} centres.", least=SMALLEST_ROSTER))
    facts = {
        "epoch": made.epoch, "centres": centres, "witnesses": len(made.witnesses),
        "file": str(out), "document": made.digest(),
    }  # fmt: skip
    tell(facts, *sentences, as_json=as_json)


@roster_app.command("install")
def roster_install(document: SignedFile, folder: Folder, as_json: AsJson = False) -> None:
    """Install the roster that the authority signed."""
    from coordinator.enrolment.approval import install_roster, read_signed
    from coordinator.store import CoordinatorStore

    signed = read_signed(read_file(document))
    with CoordinatorStore.open(folder).begin() as connection:
        roster = install_roster(connection, signed, unix_seconds())
    facts = {"epoch": roster.epoch, "centres": len(roster.ids), "digest": roster.digest()}
    t, many = texts(), len(roster.ids)
    sentence = t.count(
        "Roster {epoch} with one centre is installed.",
        "Roster {epoch} with {centres} centres is installed.",
        many, epoch=roster.epoch, centres=many,
    )  # fmt: skip
    tell(facts, sentence, as_json=as_json)


@programme_app.command("install")
def programme_install(document: SignedFile, folder: Folder, as_json: AsJson = False) -> None:
    """Install the programme that the authority signed."""
    from coordinator.enrolment.approval import install_programme, read_signed
    from coordinator.store import CoordinatorStore

    signed = read_signed(read_file(document))
    with CoordinatorStore.open(folder).begin() as connection:
        programme = install_programme(connection, signed, unix_seconds())
    facts = {"id": programme.id, "version": programme.version, "digest": programme.digest()}
    sentences = [
        texts()("Programme {name} version {version} is installed, valid until {day}.",
                name=programme.id, version=programme.version, day=date_of(programme.valid_until)),
        texts()("Next: every centre reads and approves it (wegwijs-node approve)."),
    ]  # fmt: skip
    tell(facts, *sentences, as_json=as_json)


@programme_app.command("draft")
def programme_draft(  # noqa: PLR0913, PLR0917 - each is an option of the command
    out: Out,
    period: Annotated[str, typer.Option(help="calendar year of the cohorts")],
    plan: Annotated[str, typer.Option(help="starter: six statistics; full: all")] = "starter",
    region: Annotated[str, typer.Option(help="name of the region")] = "Vlaanderen",
    people: Annotated[
        str,
        typer.Option(help="clients; made-up or public-data for a rehearsal: every page says so"),
    ] = "clients",
    days: Annotated[int, typer.Option(min=1, max=3650, help="how long it is valid")] = 730,
    spread: Annotated[
        bool, typer.Option("--spread", help="questions about the same people over several rounds")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write the default programme of a year, to be changed or signed as it is."""
    from coordinator.home import check_region
    from schemas.catalogue.default import PLANS, programme_of_year
    from schemas.programme import People
    from schemas.units import DAY, UnixSeconds

    if not (period.isdigit() and len(period) == 4):
        raise WrongInput("the period is a year, such as 2024")
    if plan not in PLANS:
        raise WrongInput("the plan is one of {plans}", plans=", ".join(PLANS))
    if people not in get_args(People):
        raise WrongInput("people is one of {people}", people=", ".join(get_args(People)))
    check_region(region)
    now = unix_seconds()
    made = programme_of_year(
        int(period), region, UnixSeconds(now), UnixSeconds(now + days * DAY), PLANS[plan]
    ).model_copy(update={"spread": spread, "people": people})
    write_file(out, made.model_dump_json(indent=2).encode() + b"\n")
    facts = {"id": made.id, "version": made.version, "asks": [a.key for a in made.asks],
             "file": str(out), "document": made.digest()}  # fmt: skip
    sentences = [
        texts()("The programme of {year} is in {file}.", year=period, file=out),
        texts()("Digest of this document: {digest}", digest=made.digest()),
        texts()("Next, at the authority: authority sign-programme"),
    ]
    tell(facts, *sentences, as_json=as_json)
