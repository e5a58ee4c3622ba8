"""`init`, `status`, `serve`: the coordinator itself."""

import os
from typing import Annotated

import typer

from chassis.clock import unix_seconds
from chassis.commands import AsJson, tell
from coordinator.commands.reply import Folder, texts


def init(  # noqa: PLR0913, PLR0917 - each is an option of the command
    folder: Folder,
    authority_key: Annotated[str, typer.Option(help="the authority's public key, hexadecimal")],
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8443,
    public_name: Annotated[
        list[str] | None, typer.Option(help="name centres reach it by; the first is in invitations")
    ] = None,
    forwarded_by: Annotated[
        list[str] | None,
        typer.Option(help="address of a reverse proxy that is believed about whom it forwards"),
    ] = None,
    name: Annotated[str, typer.Option(help="name of the region")] = "Wegwijs",
    database: Annotated[
        str | None,
        typer.Option(envvar="WEGWIJS_DATABASE_URL", help="postgresql+psycopg://..., else SQLite"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a coordinator: its database, keys and certificates."""
    from coordinator.home import Address, Founding, found

    address = Address(host, port, tuple(public_name or ()), tuple(forwarded_by or ()))
    founding = Founding(name, authority_key, address, database)
    identity = found(folder, founding, os.urandom, unix_seconds())
    t = texts()
    sentences = [
        t("The coordinator is made in {folder}; centres reach it at {url}.", folder=folder,
          url=address.url),
        t("Next: serve, and invite the centres."),
    ]  # fmt: skip
    facts = {"coordinator_key": identity.public_hex, "url": address.url,
             "ca": str(folder / "tls" / "ca.pem")}  # fmt: skip
    tell(facts, *sentences, as_json=as_json)


def status(folder: Folder, as_json: AsJson = False) -> None:
    """Say how many centres there are, which documents are installed, and check the audit log."""
    from chassis.store import audit_log
    from coordinator.home import address_of
    from coordinator.store import CoordinatorStore, centres
    from schemas.programme import Programme
    from schemas.roster import Roster

    with CoordinatorStore.open(folder).read() as connection:
        url = address_of(connection).url
        states = [c.state for c in centres.enrolled(connection)]
        invited = len(centres.open_invitations(connection))
        roster, programme = (
            centres.latest(connection, "roster"),
            centres.latest(connection, "programme"),
        )
        entries = audit_log.check(connection)
    on_roster = len(roster.peek(Roster).ids) if roster else 0
    version = programme.peek(Programme).version if programme else None
    facts = {
        "url": url, "invited": invited, "pending": states.count("pending"),
        "approved": states.count("approved"), "on_roster": on_roster,
        "epoch": roster.peek(Roster).epoch if roster else None, "programme": version,
        "audit_entries": entries,
    }  # fmt: skip
    t = texts()
    sentences = [
        t("Centres reach this coordinator at {url}.", url=url),
        t("{invited} invited, {pending} waiting for approval, {approved} approved, {on_roster} on "
          "the roster.", **{k: facts[k] for k in ("invited", "pending", "approved", "on_roster")}),
        t("Programme version {version} is installed.", version=version) if programme
        else t("No programme is installed yet."),
        t.count("The audit log holds {entries} entry and its chain is whole.",
                "The audit log holds {entries} entries and its chain is whole.", entries,
                entries=entries),
    ]  # fmt: skip
    tell(facts, *sentences, as_json=as_json)


def serve(
    folder: Folder,
    pages_port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="serve the pages on loopback too, without TLS"),
    ] = None,
) -> None:
    """Run the coordinator until it is asked to stop."""
    from coordinator.service import serve as run

    run(folder, pages_port)
