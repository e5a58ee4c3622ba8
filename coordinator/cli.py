"""`wegwijs-coordinator`: the commands of a region's server and of its authority."""

from chassis.commands import program
from coordinator import commands_enrol, commands_region
from coordinator.commands_authority import authority_app
from coordinator.commands_papers import programme_app, roster_app
from coordinator.commands_release import release_app
from coordinator.commands_reply import texts
from coordinator.commands_round import round_app
from coordinator.commands_transcript import transcript_app

app = program("A region's coordinator.", texts)
for _command in (
    commands_region.init, commands_region.status, commands_region.serve,
    commands_enrol.invite, commands_enrol.invite_witness, commands_enrol.invite_all,
    commands_enrol.revoke, commands_enrol.pending, commands_enrol.approve,
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
