"""`wegwijs`: the demo, and checking a release as anyone can."""

import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from chassis.commands import AsJson, program, tell
from chassis.errors import NotAllowed, Refusal, WrongInput
from chassis.named_files import check_target, read_up_to, write_file
from chassis.texts import SHARED, Texts
from schemas.roster import FEWEST_WITNESSES

if TYPE_CHECKING:
    from deploy.demo.sources import Source

app = program(
    "Wegwijs on one machine: a demo, and the check of a release.",
    lambda: Texts.load(SHARED, "en"),
)

Once = Annotated[bool, typer.Option("--once", help="end when the release is checked")]
Facts = Annotated[Path | None, typer.Option("--json", help="file for the results")]
Kill = Annotated[int, typer.Option(min=0, max=10, help="centres to kill before they contribute")]
Witnesses = Annotated[
    int, typer.Option(min=0, max=25, help="witnesses on the committee: none, or 7 to 25")
]
Folder = Annotated[Path | None, typer.Option("--dir", help="folder to keep; else a temporary one")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="port of the pages; 0: any free one")]
AuthorityKey = Annotated[str, typer.Option("--authority", help="the authority's public key")]


class DemoStopped(Refusal):
    """A step of the demo did not end as it should."""

    code = "demo-stopped"
    exit_code = 1


class NotTrue(NotAllowed):
    """A release or a transcript is not what it says it is."""

    code = "not-true"


@app.command()
def demo(  # noqa: PLR0913, PLR0917 - each is an option of the command
    once: Once = False,
    facts: Facts = None,
    kill: Kill = 0,
    witnesses: Witnesses = 0,
    source: Annotated[str | None, typer.Option(help="wagepan or nsw: public data instead")] = None,
    folder: Folder = None,
    port: Port = 8080,
) -> None:
    """Ten centres, one round, one release: real processes on this machine."""
    from deploy.demo.commands import StepFailed
    from deploy.demo.region import Stopwatch
    from deploy.demo.sources import ASKED
    from deploy.demo.story import Wish, told, wait_for_ever, write_facts

    if source is not None and source not in ASKED:
        raise WrongInput("There is no source {source}; there are {known}.", source=source,
                         known=" and ".join(ASKED))  # fmt: skip
    if 0 < witnesses < FEWEST_WITNESSES:
        raise WrongInput("A committee of witnesses has at least {n} of them.", n=FEWEST_WITNESSES)
    if folder is not None and folder.exists() and any(folder.iterdir()):
        raise WrongInput("{folder} is not empty; choose another folder. Nothing was changed.",
                         folder=folder)  # fmt: skip
    _check(facts)
    with _folder(folder, keep=once and facts is not None) as root:
        wish = Wish(root, cast("Source | None", source), kill,
                    pages_port=None if once else port, witnesses=witnesses)  # fmt: skip
        _end_as_ctrl_c_does()
        try:
            with told(wish, Stopwatch(typer.echo)) as outcome:
                if facts is not None:
                    write_facts(outcome, facts)
                _report(outcome.facts())
                if not once:
                    typer.echo(f"Check the release yourself: wegwijs verify {outcome.release} "
                               f"--authority {outcome.authority}")  # fmt: skip
                    typer.echo(f"Pages: {outcome.pages}   (Ctrl-C ends all)")
                    wait_for_ever()
        except StepFailed as failure:
            raise DemoStopped("The demo stopped: {why}. The logs are in {folder}.", why=failure,
                              folder=_keep_logs(root)) from None  # fmt: skip
        except KeyboardInterrupt:
            typer.echo("Ended.")


def _end_as_ctrl_c_does() -> None:
    """A closed terminal, or a `make` that is stopped, leaves no process of the demo behind."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)


@contextmanager
def _folder(wanted: Path | None, *, keep: bool) -> Iterator[Path]:
    """The demo's folder; a temporary one is removed unless a file of it was asked for."""
    root = wanted or Path(tempfile.mkdtemp(prefix="wegwijs-demo-"))
    try:
        yield root
    finally:
        if wanted is None and not keep:
            shutil.rmtree(root, ignore_errors=True)


def _keep_logs(root: Path) -> Path:
    kept = Path(tempfile.mkdtemp(prefix="wegwijs-demo-logs-"))
    if (root / "logs").exists():
        shutil.copytree(root / "logs", kept, dirs_exist_ok=True)
    return kept


def _report(found: dict[str, Any]) -> None:
    if found["abandoned"]:
        typer.echo("Too few centres: the round was abandoned and nobody was charged.")
        return
    typer.echo(f"{found['in_sum']} of {found['centres']} centres are in the sum; "
               f"{found['figures']} figures.")  # fmt: skip
    if found["witnesses"]:
        typer.echo(f"Certified and opened by {found['witnesses']} witnesses, in place of the "
                   "centres.")  # fmt: skip
    for name, (cells, covered) in found["by_statistic"].items():
        typer.echo(f"  {name}: {covered} of {cells} noise intervals hold the exact figure "
                   f"({100 * covered / cells:.1f}%; 95 is meant)")  # fmt: skip
    typer.echo(f"Charged twice: {found['charged_twice']}; charged without being in the sum: "
               f"{found['charged_not_in_sum']}.")  # fmt: skip
    typer.echo(f"{found['seconds']['total']:.0f} s to the release.")


def _check(*targets: Path | None) -> None:
    """Refuse a file that cannot be written before any work is done for it."""
    for target in targets:
        if target is not None:
            check_target(target)


@app.command()
def verify(
    release: Annotated[Path, typer.Argument(help="release file")],
    authority: AuthorityKey,
    as_json: AsJson = False,
) -> None:
    """Check who signed a release, its roster and certificate, and every figure against its sum."""
    from privacy.verify import ReleaseRefused, verify_release
    from schemas.document import MalformedDocument
    from schemas.signed import Signed

    try:
        found = verify_release(Signed.from_canonical(read_up_to(release)), authority)
    except OSError:
        raise WrongInput("{file} cannot be read.", file=release) from None
    except (MalformedDocument, ReleaseRefused) as refused:
        raise NotTrue("Refused: {why}. Do not use the figures of {file}.", why=refused,
                      file=release) from None  # fmt: skip
    by = f"{found.witnesses} witnesses" if found.witnesses else "them"
    facts = {
        "centres": found.centres, "on_roster": found.on_roster, "figures": found.figures,
        "signatures": found.signatures, "witnesses": found.witnesses,
        "roster": found.roster_digest,
    }  # fmt: skip
    tell(
        facts,
        f"True: {found.centres} of {found.on_roster} centres are in the sum, certified by "
        f"{found.signatures} of {by}, and all {found.figures} figures follow from it. The "
        "coordinator on the roster signed the release.",
        f"Roster: {found.roster_digest}",
        as_json=as_json,
    )


@app.command()
def audit(
    transcript: Annotated[Path, typer.Argument(help="transcript of a round")],
    authority: AuthorityKey,
    release: Annotated[
        Path | None, typer.Option(help="release whose sum must be that of the transcript")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a round's sum again from masked vectors and opened seeds, and hold a release to it."""
    from deploy.auditing import audited
    from privacy.transcript import TranscriptRefused
    from privacy.verify import ReleaseRefused
    from schemas.document import MalformedDocument

    try:
        found = audited(transcript, release, authority)
    except OSError as error:
        raise WrongInput("{file} cannot be read.", file=error.filename) from None
    except TranscriptRefused as refused:
        raise NotTrue("Refused: {why}. The transcript {file} proves nothing.", why=refused,
                      file=transcript) from None  # fmt: skip
    except (MalformedDocument, ReleaseRefused) as refused:
        raise NotTrue("Refused: {why}. Do not use the figures of {file}.", why=refused,
                      file=release) from None  # fmt: skip
    tell(found.facts, *found.sentences, as_json=as_json)


@app.command()
def errors(
    plan: Annotated[str, typer.Option(help="starter or full")] = "full",
    centres: Annotated[
        list[int] | None, typer.Option(min=7, max=2_000, help="250, 60 and 20 if none")
    ] = None,
    facts: Facts = None,
    markdown: Annotated[Path | None, typer.Option(help="file for the table")] = None,
) -> None:
    """How far off the figures of a programme will be, before any budget is spent."""
    from deploy import errors_table
    from deploy.errors import CLIENTS_OF_A_CENTRE, Deployment, Foreseen
    from schemas.catalogue.default import PLANS, programme_of_year
    from schemas.units import UnixSeconds

    if plan not in PLANS:
        raise WrongInput("There is no plan {plan}; there are {known}.", plan=plan,
                         known=" and ".join(PLANS))  # fmt: skip
    _check(facts, markdown)
    made = Foreseen.of(
        programme_of_year(2024, "Vlaanderen", UnixSeconds(0), UnixSeconds(2**33), PLANS[plan])
    )
    sizes = [Deployment(n, n * CLIENTS_OF_A_CENTRE) for n in centres or (250, 60, 20)]
    asked = "".join(f" --centres {n}" for n in centres or ())
    command = f"wegwijs errors --plan {plan}{asked} --markdown FILE"
    table = errors_table.markdown(made, sizes, plan, command)
    if facts is not None:
        write_file(facts, errors_table.facts(made, sizes).encode())
    if markdown is not None:
        write_file(markdown, table.encode())
    if facts is None and markdown is None:
        typer.echo(table)


main = app

if __name__ == "__main__":
    main()
