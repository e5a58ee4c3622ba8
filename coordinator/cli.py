"""`wegwijs-coordinator`: the commands of a region's server and of its authority."""

from chassis.commands import program
from coordinator.commands import enrolment, region
from coordinator.commands.authority import authority_app
from coordinator.commands.releases import release_app
from coordinator.commands.reply import texts
from coordinator.commands.rounds import round_app
from coordinator.commands.signed_documents import programme_app, roster_app
from coordinator.commands.transcripts import transcript_app

app = program("A region's coordinator.", texts)
for _command in (
    region.init, region.status, region.serve,
    enrolment.invite, enrolment.invite_witness, enrolment.invite_all,
    enrolment.revoke, enrolment.pending, enrolment.approve,
):  # fmt: skip
    app.command(_command.__name__.replace("_", "-"))(_command)
app.add_typer(authority_app, name="authority")
app.add_typer(roster_app, name="roster")
app.add_typer(programme_app, name="programme")
app.add_typer(round_app, name="round")
app.add_typer(release_app, name="release")
app.add_typer(transcript_app, name="transcript")

main = app

if __name__ == "__main__":
    main()
