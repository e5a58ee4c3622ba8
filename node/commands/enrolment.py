"""`join` and `approve`: enter a region, and agree to what it asks."""

import math
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chassis.clock import unix_seconds
from chassis.commands import AsJson, Command, tell
from node.commands.committee import committee_sentence
from node.commands.store import key_sentence
from node.console import DEFAULT_FOLDER, Folder, texts
from schemas.difference import differences

if TYPE_CHECKING:
    from chassis.texts import Texts
    from node.enrolment.joining import Proposal
    from schemas.document import Document
    from schemas.enrolment import EnrolState, EnrolStatus
    from schemas.programme import Programme

InvitationText = Annotated[str, typer.Argument(help="The invitation, or a file that holds it.")]
Yes = Annotated[bool, typer.Option("--yes", help="Agree without being asked.")]
Whole = Annotated[bool, typer.Option("--whole", help="Show both documents field by field.")]

_MOST_INVITATION = 100_000
_WHEN = {
    "start": "at the start",
    "intake": "at the intake",
    "end": "at the end of guidance",
    "6m": "6 months later",
    "12m": "12 months later",
}
_READERS = {
    "policymaker": "policymakers",
    "sector_fund": "sector funds",
    "province": "provinces",
    "researcher": "researchers",
}


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("join", cls=Command, help="Join a region with its invitation.")(join)
    app.command("approve", cls=Command, help="Read what the region asks, and agree.")(approve)


def join(
    invitation: InvitationText, folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False
) -> None:
    """Make this centre's keys, send the public halves, and remember the region."""
    from node.enrolment import joining
    from node.enrolment.coordinator_client import EnrolClient
    from node.store import NodeStore

    now = unix_seconds()
    read = joining.read_invitation(_text_of(invitation), now)
    store = NodeStore.open(folder)
    status = joining.join(store, read, EnrolClient, os.urandom, now)
    say, words = texts(), joining.words_of(store)
    witness = read.role == "witness"
    tell(
        {"centre": status.centre, "name": status.name, "state": status.state, "url": read.url,
         "key_words": words},
        *_joined(say, status, read.url, witness=witness),
        key_sentence(say, words, witness=witness),
        *_next(say, status.state, witness=witness),
        as_json=as_json,
    )  # fmt: skip


def _joined(say: "Texts", status: "EnrolStatus", url: str, *, witness: bool) -> Iterator[str]:
    if witness:
        yield say("{name} has joined {url} as witness {id}. Only keys were sent.",
                  name=status.name, url=url, id=status.centre)  # fmt: skip
    else:
        yield say("{name} has joined {url} as centre {id}. Only keys were sent, no records.",
                  name=status.name, url=url, id=status.centre)  # fmt: skip


def _next(say: "Texts", state: "EnrolState", *, witness: bool) -> Iterator[str]:
    if state == "pending":
        yield (
            say("The region asks for them by telephone before it approves this witness.")
            if witness
            else say("The region asks for them by telephone before it approves this centre.")
        )
    yield {
        ("pending", False): say("The region has to approve this centre now."),
        ("approved", False): say("The authority has to put this centre on the roster now."),
        ("on_roster", False): say("This centre is on the roster. Next: approve."),
        ("pending", True): say("The region has to approve this witness now."),
        ("approved", True): say("The authority has to put this witness on the roster now."),
        ("on_roster", True): say("This witness is on the roster. Next: approve."),
    }[state, witness]


def _text_of(invitation: str) -> str:
    """An invitation itself, or what a file of that name holds."""
    from node.enrolment.joining import WrongInvitation

    if invitation.lstrip().startswith("wegwijs1:"):
        return invitation
    try:
        with Path(invitation).open("rb") as source:
            return source.read(_MOST_INVITATION).decode("utf-8", errors="replace")
    except OSError:
        raise WrongInvitation(
            "This is neither an invitation nor a file that holds one. Nothing was changed."
        ) from None


def approve(
    folder: Folder = DEFAULT_FOLDER, yes: Yes = False, whole: Whole = False, as_json: AsJson = False
) -> None:
    """Show what is asked, of whom and at what price; store the owner's agreement."""
    from node.enrolment import joining
    from node.enrolment.coordinator_client import EnrolClient
    from node.store import NodeStore

    store, now, say = NodeStore.open(folder), unix_seconds(), texts()
    proposal = joining.fetch(store, EnrolClient, now)
    if not as_json:
        tell({}, *_sentences(say, proposal), as_json=False)
        tell({}, *(_everything(say, proposal) if whole else ()), as_json=False)
    settled = proposal.approved and proposal.roster == proposal.roster_before
    if not (yes or settled or _asked(say)):
        refused = say("Not approved. Nothing was changed; nothing is sent.")
        tell(_facts(proposal, approved=False), refused, as_json=as_json)
        raise typer.Exit(3)
    joining.agree(store, proposal, now)
    tell(
        _facts(proposal, approved=True),
        say("Approved. This witness certifies from the next round on.")
        if proposal.witness
        else say("Approved. This centre takes part from the next round on."),
        as_json=as_json,
    )


def _asked(say: "Texts") -> bool:
    if not sys.stdin.isatty():
        return False
    return typer.confirm(say("Do you agree?"), default=False)


def _facts(proposal: "Proposal", *, approved: bool) -> dict[str, Any]:
    from privacy.secure_sum.parameters import opening

    programme = proposal.programme
    return {
        "approved": approved,
        "programme": programme.id,
        "version": programme.version,
        "asks": [ask.key for ask in programme.asks],
        "budget": programme.budget,
        "odds": _odds(programme),
        "valid_until": programme.valid_until,
        "changes": _changed(proposal.before, programme),
        "roster_changes": _changed(proposal.roster_before, proposal.roster),
        "epoch": proposal.roster.epoch,
        "centres": len(proposal.roster.ids),
        "committee": "witnesses" if proposal.roster.sitting else "centres",
        "opening": opening(proposal.roster)[0],
        "witnesses": [one.name for one in proposal.roster.sitting],
    }


def _changed(before: "Document | None", after: "Document") -> list[Any]:
    return [change.facts for change in differences(before, after)] if before else []


def _odds(programme: "Programme") -> int:
    from privacy.accounting.conversion import guess_odds

    return math.ceil(guess_odds(programme.budget))


def _sentences(say: "Texts", proposal: "Proposal") -> Iterator[str]:
    programme, roster = proposal.programme, proposal.roster
    organisations = len(roster.sizes)
    until = datetime.fromtimestamp(programme.valid_until, UTC).strftime("%d/%m/%Y")
    yield say("Programme {name}, version {version}, for {region}, valid until {day}.",
              name=programme.id, version=programme.version, region=programme.region,
              day=until)  # fmt: skip
    yield say("Asked of {centres} centres of {organisations} organisations (roster {epoch}):",
              centres=len(roster.ids), organisations=organisations, epoch=roster.epoch)  # fmt: skip
    for ask in programme.asks:
        statistic = programme.by_id[ask.statistic]
        readers = ", ".join(say(_READERS[one]) for one in statistic.audience)
        yield say("  {name} ({when}), for {readers}", name=statistic.name.of(say.language),
                  when=say(_WHEN[ask.horizon]), readers=readers)  # fmt: skip
    for questionnaire in programme.questionnaires:
        yield say("Questionnaire {title}, {count} items, licence {licence}.",
                  title=questionnaire.title.of(say.language), count=len(questionnaire.items),
                  licence=questionnaire.licence)  # fmt: skip
    for period in programme.periods:
        yield say("Of clients who started in {first} to {last}.",
                  first=period.cohorts[0], last=period.cohorts[-1])  # fmt: skip
    yield say(
        "Only noisy sums over many centres can be read; the sum of one round tells "
        "no single centre's numbers."
    )
    if programme.spread:
        yield say("Questions about the same people may be spread over rounds. If your centre is in "
                  "one round and not in another, the difference tells roughly how many clients you "
                  "have.")  # fmt: skip
    spent = round(100 * programme.price_of_all / programme.budget)
    yield say("All this uses {spent}% of the yearly budget of each client.", spent=spent)
    yield say("Even who knows everything about everybody else then guesses one thing about one "
              "client right in at most {odds} in 100 cases (a blind guess: 50).",
              odds=_odds(programme))  # fmt: skip
    yield from _trust(say, proposal)
    yield from _changes(say, proposal)
    if proposal.approved:
        yield say("You agreed to this version before.")


def _trust(say: "Texts", proposal: "Proposal") -> Iterator[str]:
    """Whom the owner trusts, and whether that is whom this node's policy takes."""
    from chassis.present.documents import trusted
    from privacy.secure_sum.parameters import check_committee, opening
    from privacy.secure_sum.refusal import BelowPolicy

    roster, policy = proposal.roster, proposal.policy
    yield trusted(roster, opening(roster), say.language)
    yield committee_sentence(say, policy)
    try:
        check_committee(roster, policy)
    except BelowPolicy:
        yield say("With this roster this computer takes part in no round: that is what you set "
                  "with committee.")  # fmt: skip
    if proposal.witness:
        yield say("This computer is a witness: it gives no numbers of its own, certifies who is in "
                  "a sum, and helps to open that sum and nothing else.")  # fmt: skip


def _changes(say: "Texts", proposal: "Proposal") -> Iterator[str]:
    """Everything that differs from what the owner agreed to last, in roster and programme."""
    from chassis.present.documents import concerns, sizes, worded

    if proposal.before is not None and not proposal.approved:
        yield say("Changed since version {version}:", version=proposal.before.version)
        for change in differences(proposal.before, proposal.programme):
            yield f"  {worded(change, say.language)}"
    listed = proposal.roster_before
    if listed is not None and listed != proposal.roster:
        yield say("Changed since roster {epoch}:", epoch=listed.epoch)
        for change in differences(listed, proposal.roster):
            yield f"  {worded(change, say.language)}"
        yield f"  {sizes(listed, proposal.roster, say.language)}"
    yield from concerns(proposal.roster, say.language)
    yield from concerns(proposal.programme, say.language)


def _everything(say: "Texts", proposal: "Proposal") -> Iterator[str]:
    """Both documents field by field."""
    from chassis.present.documents import worded

    for document in (proposal.programme, proposal.roster):
        for change in differences(None, document):
            yield f"  {worded(change, say.language)}"
