"""`wegwijs-coordinator`. Exit codes: 0 done, 2 wrong input, 3 refused, 4 not now, 1 our mistake.

Whatever goes wrong is one sentence on stderr; WEGWIJS_DEBUG=1 shows where it came from.
"""

import os
import sys
from typing import NoReturn

import click
import typer

from coordinator import commands_enrol, commands_region
from coordinator.commands_authority import authority_app
from coordinator.commands_papers import programme_app, roster_app
from coordinator.commands_release import release_app
from coordinator.commands_reply import texts
from coordinator.commands_round import round_app
from coordinator.commands_transcript import transcript_app
from coordinator.refusal import Refusal
from privacy.secure_sum.refusal import SumRefusal
from schemas.document import MalformedDocument
from schemas.names import visible
from schemas.signed import BadSignature

app = typer.Typer(
    help="A region's coordinator.", no_args_is_help=True, add_completion=False,
    pretty_exceptions_enable=False, rich_markup_mode=None,
)  # fmt: skip
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


def _fail(sentence: str, code: int) -> NoReturn:
    typer.echo(visible(sentence), err=True)
    sys.exit(code)


def _capital(template: str, **values: object) -> str:
    """The sentence with a capital, unless a value comes first: a path or name stays as it is."""
    sentence = template.format(**values) if values else template
    return sentence if template.startswith("{") else sentence[0].upper() + sentence[1:]


def _explain(error: Exception) -> NoReturn:
    """One sentence and an exit code for everything that a command may refuse."""
    t = texts()
    if isinstance(error, Refusal):
        sentence = _capital(t(error.message), **error.values)
        _fail(f"{sentence}. {t('Nothing was changed.')}", error.exit_code)
    if isinstance(error, MalformedDocument | BadSignature | SumRefusal):
        code = 2 if isinstance(error, MalformedDocument) else 3
        _fail(f"{_capital(t(str(error)))}. {t('Nothing was changed.')}", code)
    _fail(t("Something went wrong that should not ({kind}); nothing was published. Run again with "
            "WEGWIJS_DEBUG=1 to see where.", kind=type(error).__name__), 1)  # fmt: skip


def main() -> None:
    """Run one command."""
    try:
        done = app(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except Exception as error:  # the one handler of this process
        if os.environ.get("WEGWIJS_DEBUG"):
            raise
        _explain(error)
    sys.exit(done if isinstance(done, int) else 0)


if __name__ == "__main__":
    main()
