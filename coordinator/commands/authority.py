"""`authority`: the offline desk. Needs no network and no coordinator."""

import math
import os
from pathlib import Path
from typing import Annotated

import typer

from chassis.clock import unix_seconds
from chassis.commands import AsJson, tell
from chassis.named_files import check_target, read_file, write_file
from coordinator.commands.consent import OfDigest, consent, facts_of
from coordinator.commands.reply import AuthorityFolder, Out, date_of, texts

authority_app = typer.Typer(help="Sign rosters and programmes, offline.", no_args_is_help=True)

SignedDocument = Annotated[Path, typer.Argument(help="file that the coordinator wrote")]


@authority_app.command()
def init(folder: AuthorityFolder, as_json: AsJson = False) -> None:
    """Make the authority's key; WEGWIJS_AUTHORITY_PASSPHRASE seals it."""
    from coordinator.authority.signing_history import PASSPHRASE, SigningHistory

    passphrase, t = os.environ.get(PASSPHRASE), texts()
    key = SigningHistory.create(folder, os.urandom, passphrase).key(passphrase).public_hex
    sentences = [
        t("The authority's key is made in {folder}. Keep it offline, with a copy.", folder=folder),
        t("Public key, for the coordinator: {key}", key=key),
    ]
    if not passphrase:
        sentences.append(
            t("It is not sealed by a passphrase: set {name} to do so.", name=PASSPHRASE)
        )
    tell({"public_key": key, "sealed": bool(passphrase)}, *sentences, as_json=as_json)


@authority_app.command("show-key")
def show_key(folder: AuthorityFolder, as_json: AsJson = False) -> None:
    """Show the public key."""
    from coordinator.authority.signing_history import PASSPHRASE, SigningHistory

    key = SigningHistory(folder).key(os.environ.get(PASSPHRASE)).public_hex
    tell({"public_key": key}, key, as_json=as_json)


@authority_app.command("sign-roster")
def sign_roster(
    document: SignedDocument,
    folder: AuthorityFolder,
    out: Out,
    digest: OfDigest = None,
    as_json: AsJson = False,
) -> None:
    """Show all that a roster changes, ask, and sign it."""
    from chassis.present import documents
    from coordinator.authority import signing
    from coordinator.authority.signing_history import PASSPHRASE, SigningHistory
    from privacy.secure_sum.parameters import opening
    from schemas.roster import Roster

    t, memory = texts(), SigningHistory(folder)
    candidate = signing.read_candidate(read_file(document))
    key = memory.key(os.environ.get(PASSPHRASE))
    review = signing.review_roster(memory, key, candidate)
    before = review.before if isinstance(review.before, Roster) else None
    remarks = [documents.sizes(before, candidate, t.language),
               documents.trusted(candidate, opening(candidate), t.language),
               *documents.concerns(candidate, t.language)]  # fmt: skip
    check_target(out)
    consent(review, remarks, digest, as_json=as_json)
    done = signing.sign_roster(memory, key, candidate, os.urandom)
    write_file(out, done.signed.canonical())
    roster = done.roster
    facts = {
        **facts_of(review, remarks), "signed": True, "epoch": roster.epoch,
        "digest": roster.digest(), "centres": len(roster.ids),
        "witnesses": len(roster.witnesses),
        "organisations": len(roster.sizes), "new": [c.id for c in done.new],
        "left": [c.id for c in done.left], "other_coordinator": done.other_coordinator,
        "file": str(out),
    }  # fmt: skip
    sentence = t("Signed: roster {epoch}, valid until {day}.", epoch=roster.epoch,
                 day=date_of(roster.valid_until))  # fmt: skip
    tell(facts, sentence, as_json=as_json)


@authority_app.command("sign-programme")
def sign_programme(
    document: SignedDocument,
    folder: AuthorityFolder,
    out: Out,
    digest: OfDigest = None,
    as_json: AsJson = False,
) -> None:
    """Show all that a programme changes, ask, and sign it."""
    from chassis.present import documents
    from coordinator.authority import signing
    from coordinator.authority.signing_history import PASSPHRASE, SigningHistory
    from privacy.accounting.conversion import guess_odds

    t, memory, now = texts(), SigningHistory(folder), unix_seconds()
    programme = signing.read_programme(read_file(document))
    key = memory.key(os.environ.get(PASSPHRASE))
    review = signing.review_programme(memory, key, programme, now)
    odds = math.ceil(guess_odds(programme.budget))
    remarks = [
        t("At most {odds} in 100: how often a guess about one client can be right "
          "(a blind guess: 50).", odds=odds),
        *documents.concerns(programme, t.language),
    ]  # fmt: skip
    check_target(out)
    consent(review, remarks, digest, as_json=as_json)
    signed = signing.sign_programme(memory, key, programme, now)
    write_file(out, signed.canonical())
    facts = {
        **facts_of(review, remarks), "signed": True, "id": programme.id,
        "version": programme.version, "digest": programme.digest(),
        "asks": [ask.key for ask in programme.asks], "budget": programme.budget,
        "odds": odds, "file": str(out),
    }  # fmt: skip
    sentence = t(
        "Signed: programme {name} version {version} for {region}, valid until {day}.",
        name=programme.id, version=programme.version, region=programme.region,
        day=date_of(programme.valid_until),
    )  # fmt: skip
    tell(facts, sentence, as_json=as_json)
