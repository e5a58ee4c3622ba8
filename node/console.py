"""What all commands of `wegwijs-node` share: options, output, and one way to fail.

A result is sentences, or one JSON object with `--json`. A failure is one sentence on stderr and
an exit code: 1 our mistake, 2 wrong input, 3 refused, 4 not there or not in that state.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import click
import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from chassis.texts import Texts, from_environment
from node.refusal import Refusal
from schemas.names import visible

Folder = Annotated[
    Path,
    typer.Option("--dir", envvar="WEGWIJS_NODE_DIR", help="Folder that holds the centre's store."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
DEFAULT_FOLDER = Path("wegwijs-node")


def texts() -> Texts:
    """Return the texts of the node in the language of WEGWIJS_LANG."""
    return Texts.load(Path(__file__).parent / "locale", from_environment())


def tell(result: Mapping[str, Any], *sentences: str, as_json: bool) -> None:
    """Print the result as JSON, or as sentences."""
    if as_json:
        typer.echo(visible(json.dumps(result, ensure_ascii=False)))
    else:
        for sentence in sentences:
            typer.echo(visible(sentence))


def complain(error: Exception) -> int:
    """Print what went wrong on stderr and return the exit code. Never a traceback."""
    sentence, code = _sentence(error)
    lines = error.lines(texts()) if isinstance(error, Refusal) else []
    for line in (sentence, *lines):
        typer.echo(visible(line), err=True)
    return code


def _sentence(error: Exception) -> tuple[str, int]:
    say = texts()
    if isinstance(error, Refusal):
        return error.said(say), error.exit_code
    if isinstance(error, FileNotFoundError):
        return say("{file} is not there. Nothing was changed.", file=error.filename or "?"), 4
    if isinstance(error, OSError):
        sentence = say(
            "{file} cannot be used: {why}. Nothing was changed.",
            file=error.filename or "?",
            why=error.strerror or type(error).__name__,
        )
        return sentence, 4
    code = getattr(error, "code", None)  # a refusal of the gate, the ledger or the secure sum
    if isinstance(code, str):
        return say(str(error)), 2 if code.startswith("malformed-") else 3
    sentence = say(
        "Something went wrong that should not ({kind}). What was stored before is still there. "
        "Run again with WEGWIJS_DEBUG=1 to see where.",
        kind=type(error).__name__,
    )
    return sentence, 1


class Commands(TyperGroup):
    """All commands; errors become sentences, help speaks the reader's language."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run one command; the one top-level handler of this process."""
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.exceptions.Abort, click.ClickException):
            raise
        except Exception as error:
            if os.environ.get("WEGWIJS_DEBUG"):
                raise
            raise click.exceptions.Exit(complain(error)) from None

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help, translated."""
        _translate(self, ctx)
        super().format_help(ctx, formatter)


class Command(TyperCommand):
    """One command, with help in the reader's language."""

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help, translated."""
        _translate(self, ctx)
        super().format_help(ctx, formatter)


def _translate(command: click.Command, ctx: click.Context) -> None:
    say = texts()
    command.help = say(command.help) if command.help else None
    for parameter in command.get_params(ctx):
        if isinstance(parameter, (TyperOption, TyperArgument)) and parameter.help:
            parameter.help = say(parameter.help)
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            inner = command.get_command(ctx, name)
            if inner is not None and inner.help:
                inner.help = say(inner.help)
