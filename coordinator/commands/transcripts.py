"""`transcript`: hand the transcript of a round to an auditor, and say how long it is kept."""

from typing import Annotated

import typer

from chassis.clock import unix_seconds
from chassis.commands import AsJson, tell
from chassis.named_files import check_target, write_pieces
from coordinator.commands.reply import Folder, Number, Out, texts

transcript_app = typer.Typer(
    help="What an auditor needs to make the sum of a round again (wegwijs audit).",
    no_args_is_help=True,
)


@transcript_app.command()
def export(
    number: Number,
    folder: Folder,
    out: Out,
    as_json: AsJson = False,
) -> None:
    """Write masked vectors, opened shares, certificate and signed documents into one file.

    It reveals nothing beyond the sum: sealed shares and what centres outside the sum sent are
    deleted the moment a round is summed. Give it to whoever may check your work.
    """
    from coordinator.rounds.transcripts import export as pieces
    from coordinator.store import CoordinatorStore

    check_target(out)
    with CoordinatorStore.open(folder).read() as connection:
        size = write_pieces(out, pieces(connection, number))
    sentences = [
        texts()("The transcript of round {number} is in {file}.", number=number, file=out),
        texts()("Next: wegwijs audit {file} --release RELEASE --authority KEY.", file=out),
    ]
    tell({"round": number, "file": str(out), "bytes": size}, *sentences, as_json=as_json)


@transcript_app.command()
def keep(
    days: Annotated[int, typer.Argument(min=1, max=3650, help="days after the sum")],
    folder: Folder,
    as_json: AsJson = False,
) -> None:
    """Set how long the transcripts of rounds summed from now on are kept (365 days if unset)."""
    from coordinator.rounds.transcripts import set_days
    from coordinator.store import CoordinatorStore

    with CoordinatorStore.open(folder).begin() as connection:
        set_days(connection, days, unix_seconds())
    sentence = texts()(
        "Transcripts of rounds summed from now on are deleted {days} days after the sum.", days=days
    )
    tell({"transcript_days": days}, sentence, as_json=as_json)
