"""`authority`: the offline desk. Needs no network and no coordinator."""

import os
import time
from pathlib import Path
from typing import Annotated

import typer

from coordinator.commands_reply import (
    AsJson,
    AuthorityFolder,
    Out,
    date_of,
    read_file,
    say,
    texts,
    write_file,
)

authority_app = typer.Typer(help="Sign rosters and programmes, offline.", no_args_is_help=True)

Paper = Annotated[Path, typer.Argument(help="file that the coordinator wrote")]


@authority_app.command()
def init(folder: AuthorityFolder, as_json: AsJson = False) -> None:
    """Make the authority's key; WEGWIJS_AUTHORITY_PASSPHRASE seals it."""
    from coordinator.authority.memory import PASSPHRASE, AuthorityMemory

    passphrase, t = os.environ.get(PASSPHRASE), texts()
    key = AuthorityMemory.create(folder, os.urandom, passphrase).key(passphrase).public_hex
    sentences = [
        t("The authority's key is made in {folder}. Keep it offline, with a copy.", folder=folder),
        t("Public key, for the coordinator: {key}", key=key),
    ]
    if not passphrase:
        sentences.append(
            t("It is not sealed by a passphrase: set {name} to do so.", name=PASSPHRASE)
        )
    say({"public_key": key, "sealed": bool(passphrase)}, sentences, as_json=as_json)


@authority_app.command("show-key")
def show_key(folder: AuthorityFolder, as_json: AsJson = False) -> None:
    """Show the public key."""
    from coordinator.authority.memory import PASSPHRASE, AuthorityMemory

    key = AuthorityMemory(folder).key(os.environ.get(PASSPHRASE)).public_hex
    say({"public_key": key}, [key], as_json=as_json)


@authority_app.command("sign-roster")
def sign_roster(paper: Paper, folder: AuthorityFolder, out: Out, as_json: AsJson = False) -> None:
    """Sign a roster candidate, after checking it against every roster signed before."""
    from coordinator.authority import signing
    from coordinator.authority.memory import PASSPHRASE, AuthorityMemory

    t, memory = texts(), AuthorityMemory(folder)
    candidate = signing.read_candidate(read_file(paper))
    done = signing.sign_roster(
        memory, memory.key(os.environ.get(PASSPHRASE)), candidate, os.urandom
    )
    write_file(out, done.signed.canonical())
    roster = done.roster
    organisations = len({centre.organisation for centre in roster.centres})
    sentences = [
        t("Signed: roster {epoch}, {centres} centres of {organisations} organisations, "
          "valid until {day}.", epoch=roster.epoch, centres=len(roster.ids),
          organisations=organisations, day=date_of(roster.valid_until)),
        *(t("New: {id} {name} ({number})", id=c.id, name=c.name, number=c.recognised_number)
          for c in done.new),
        *(t("No longer on it: {id} {name}", id=c.id, name=c.name) for c in done.left),
    ]  # fmt: skip
    if done.other_coordinator:
        sentences.append(t("Note: another coordinator key than on the roster before."))
    facts = {
        "epoch": roster.epoch, "digest": roster.digest(), "centres": len(roster.ids),
        "new": [c.id for c in done.new], "left": [c.id for c in done.left],
        "other_coordinator": done.other_coordinator, "file": str(out),
    }  # fmt: skip
    say(facts, sentences, as_json=as_json)


@authority_app.command("sign-programme")
def sign_programme(
    paper: Paper, folder: AuthorityFolder, out: Out, as_json: AsJson = False
) -> None:
    """Sign a programme: what may be asked, of whom, at what price."""
    from coordinator.authority import signing
    from coordinator.authority.memory import PASSPHRASE, AuthorityMemory
    from privacy.accounting.conversion import guess_odds

    t, memory = texts(), AuthorityMemory(folder)
    programme = signing.read_programme(read_file(paper))
    key = memory.key(os.environ.get(PASSPHRASE))
    signed = signing.sign_programme(memory, key, programme, int(time.time()))
    write_file(out, signed.canonical())
    odds = int(-(-guess_odds(programme.budget) // 1))
    sentences = [
        t("Signed: programme {name} version {version} for {region}, valid until {day}.",
          name=programme.id, version=programme.version, region=programme.region,
          day=date_of(programme.valid_until)),
        t("Asked: {asks}", asks=", ".join(ask.key for ask in programme.asks)),
        t("At most {odds} in 100: how often a guess about one client can be right "
          "(a blind guess: 50).", odds=odds),
    ]  # fmt: skip
    facts = {
        "id": programme.id, "version": programme.version, "digest": programme.digest(),
        "asks": [ask.key for ask in programme.asks], "budget": programme.budget,
        "odds": odds, "file": str(out),
    }  # fmt: skip
    say(facts, sentences, as_json=as_json)
