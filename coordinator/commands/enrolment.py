"""`invite`, `invite-all`, `revoke`, `pending`, `approve`: who takes part."""

import os
from pathlib import Path
from typing import Annotated

import typer

from chassis.clock import unix_seconds
from chassis.commands import AsJson, tell
from chassis.errors import WrongInput
from chassis.named_files import read_file, write_file
from coordinator.commands.reply import LARGEST, CentreNumber, Folder, date_of, texts
from schemas.key_words import key_words

Ids = Annotated[
    list[int] | None,
    typer.Argument(min=1, max=LARGEST, help="ids of centres, as `pending` shows them"),
]


def invite(  # noqa: PLR0913, PLR0917 - each is an option of the command
    folder: Folder,
    name: Annotated[str, typer.Option(help="the centre's name")],
    organisation: Annotated[str, typer.Option(help="who runs the centre")],
    number: Annotated[str, typer.Option(help="its recognition number")],
    days: Annotated[int, typer.Option(help="how long the invitation holds")] = 14,
    out: Annotated[Path | None, typer.Option(help="file for the invitation")] = None,
    as_json: AsJson = False,
) -> None:
    """Invite a centre. The invitation is a secret: give it to that centre only."""
    from coordinator.enrolment.invitations import Guest
    from coordinator.enrolment.invitations import invite as make
    from coordinator.store import CoordinatorStore

    t, guest = texts(), Guest(name, organisation, number, days)
    with CoordinatorStore.open(folder).begin() as connection:
        made = make(connection, folder, guest, os.urandom, unix_seconds())
        if out is not None:
            write_file(out, made.to_text().encode() + b"\n", private=True)
    facts: dict[str, object] = {
        "centre": made.centre, "name": name, "expires_at": made.expires_at,
        "file": str(out) if out else None, "invitation": None if out else made.to_text(),
    }  # fmt: skip
    where = t("It is in {file}.", file=out) if out else made.to_text()
    sentences = [
        t("{name} is invited as centre {id}, until {day}.", name=name, id=made.centre,
          day=date_of(made.expires_at)),
        where,
        t("There: wegwijs-node join INVITATION"),
    ]  # fmt: skip
    tell(facts, *sentences, as_json=as_json)


def invite_witness(
    folder: Folder,
    name: Annotated[str, typer.Option(help="the witness's name")],
    organisation: Annotated[str, typer.Option(help="whose witness it is")],
    days: Annotated[int, typer.Option(help="how long the invitation holds")] = 14,
    out: Annotated[Path | None, typer.Option(help="file for the invitation")] = None,
    as_json: AsJson = False,
) -> None:
    """Invite a witness: an organisation without client data that certifies and opens sums."""
    from coordinator.enrolment.invitations import Guest
    from coordinator.enrolment.invitations import invite as make
    from coordinator.store import CoordinatorStore

    t, guest = texts(), Guest(name, organisation, "", days, role="witness")
    with CoordinatorStore.open(folder).begin() as connection:
        made = make(connection, folder, guest, os.urandom, unix_seconds())
        if out is not None:
            write_file(out, made.to_text().encode() + b"\n", private=True)
    facts: dict[str, object] = {
        "witness": made.centre, "name": name, "expires_at": made.expires_at,
        "file": str(out) if out else None, "invitation": None if out else made.to_text(),
    }  # fmt: skip
    sentences = [
        t("{name} is invited as witness {id}, until {day}.", name=name, id=made.centre,
          day=date_of(made.expires_at)),
        t("It is in {file}.", file=out) if out else made.to_text(),
        t("There: wegwijs-node init, wegwijs-node join INVITATION"),
        t("From seven witnesses on, of as many organisations, they are the committee."),
    ]  # fmt: skip
    tell(facts, *sentences, as_json=as_json)


def invite_all(
    file: Annotated[Path, typer.Argument(help="CSV with name, organisation and number")],
    folder: Folder,
    out: Annotated[Path, typer.Option(help="folder for the invitations")],
    days: Annotated[int, typer.Option(help="how long the invitations hold")] = 14,
    as_json: AsJson = False,
) -> None:
    """Invite every centre of a list, or none if a row is wrong."""
    from coordinator.enrolment.invitation_list import read_guests
    from coordinator.enrolment.invitations import invite as make
    from coordinator.store import CoordinatorStore

    t, guests, now = texts(), read_guests(read_file(file), days), unix_seconds()
    with CoordinatorStore.open(folder).begin() as connection:
        made = [make(connection, folder, guest, os.urandom, now) for guest in guests]
        files = [out / f"centre-{one.centre:03d}.invitation.txt" for one in made]
        for one, path in zip(made, files, strict=True):
            write_file(path, one.to_text().encode() + b"\n", private=True)
    facts = {
        "invited": [
            {"centre": one.centre, "name": one.name, "file": str(path)}
            for one, path in zip(made, files, strict=True)
        ]
    }
    sentence = t.count("One centre is invited; give it its own file of {folder}.",
                       "{count} centres are invited; give each its own file of {folder}.",
                       len(made), count=len(made), folder=out)  # fmt: skip
    tell(facts, sentence, as_json=as_json)


def revoke(
    folder: Folder,
    centre: CentreNumber,
    as_json: AsJson = False,
) -> None:
    """Make an invitation that was not used yet worthless."""
    from coordinator.enrolment.invitations import revoke as make
    from coordinator.store import CoordinatorStore

    with CoordinatorStore.open(folder).begin() as connection:
        make(connection, centre, unix_seconds())
    tell({"revoked": centre}, texts()("The invitation of centre {id} is worthless now.",
                                      id=centre), as_json=as_json)  # fmt: skip


def pending(folder: Folder, as_json: AsJson = False) -> None:
    """List the centres that wait for approval, and open invitations."""
    from coordinator.store import CoordinatorStore, centres

    t = texts()
    with CoordinatorStore.open(folder).begin() as connection:
        waiting = [c for c in centres.enrolled(connection) if c.state == "pending"]
        invited = centres.open_invitations(connection)
    facts = {
        "pending": [
            {"id": c.id, "name": c.name, "organisation": c.organisation,
             "number": c.recognised_number, "key": c.key, "key_words": key_words(c.key)}
            for c in waiting
        ],
        "invited": [{"id": i.centre, "name": i.name, "expires_at": i.expires_at} for i in invited],
    }  # fmt: skip
    sentences = [
        t("{id}  {name}, {organisation}, number {number}; its key in six words: {words}", id=c.id,
          name=c.name, organisation=c.organisation, number=c.recognised_number,
          words=key_words(c.key))
        for c in waiting
    ] or [t("No centre waits for approval.")]  # fmt: skip
    sentences += [
        t("{id}  {name} is invited, until {day}", id=i.centre, name=i.name,
          day=date_of(i.expires_at))
        for i in invited
    ]  # fmt: skip
    tell(facts, *sentences, as_json=as_json)


def approve(
    folder: Folder,
    ids: Ids = None,
    everyone: Annotated[bool, typer.Option("--all", help="all that wait")] = False,
    as_json: AsJson = False,
) -> None:
    """Approve centres after checking, by telephone for example, that the keys are theirs."""
    from coordinator.enrolment.approval import approve as accept
    from coordinator.store import CoordinatorStore, centres

    if bool(ids) == everyone:
        raise WrongInput("name the centres to approve, or say --all")
    with CoordinatorStore.open(folder).begin() as connection:
        done = accept(connection, None if everyone else ids, unix_seconds())
        keys = {c.id: (c.name, c.key) for c in centres.enrolled(connection) if c.id in done}
    t = texts()
    sentences = [
        *(
            t(
                "{id}  {name} is approved; its key in six words: {words}",
                id=centre,
                name=name,
                words=key_words(key),
            )
            for centre, (name, key) in sorted(keys.items())
        ),
        t("Next: roster candidate, for the authority to sign."),
    ]
    tell(
        {"approved": list(done), "key_words": {c: key_words(k) for c, (_, k) in keys.items()}},
        *sentences,
        as_json=as_json,
    )
