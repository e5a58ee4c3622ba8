"""What the commands of all programs share: options, output, and one way to fail.

A result is sentences, or one JSON object with `--json`. A failure is one sentence on stderr and
an exit code: 1 our mistake, 2 wrong input, 3 refused, 4 not there or not in that state, 130
ended by the user. WEGWIJS_DEBUG=1 shows where a mistake of ours came from.
"""

import json
import math
import os
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import click
import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from chassis.errors import Refusal, sentence
from chassis.texts import Texts
from schemas.names import visible

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def program(about: str, texts: Callable[[], Texts]) -> typer.Typer:
    """A program without commands yet; `texts`: its words in the reader's language."""
    return typer.Typer(
        cls=Commands, help=about, no_args_is_help=True, add_completion=False,
        pretty_exceptions_enable=False, rich_markup_mode=None, context_settings={"obj": texts},
    )  # fmt: skip


def finite(value: float) -> float:
    """For a typer option: bounds alone let pass what is no number at all."""
    if not math.isfinite(value):
        raise typer.BadParameter("not a number.")
    return value


def tell(facts: Mapping[str, Any], *sentences: str, as_json: bool) -> None:
    """Print the facts as JSON, or the sentences."""
    if as_json:
        typer.echo(visible(json.dumps(facts, ensure_ascii=False)))
        return
    for one in sentences:
        typer.echo(visible(one))


def complain(error: Exception, texts: Texts) -> int:
    """Print what went wrong on stderr and return the exit code. Never a traceback."""
    said, code = _said(error, texts)
    lines = error.lines(texts) if isinstance(error, Refusal) else []
    for line in (said, *lines):
        typer.echo(visible(line), err=True)
    return code


def _said(error: Exception, t: Texts) -> tuple[str, int]:
    if isinstance(error, Refusal):
        return error.said(t), error.exit_code
    if isinstance(error, FileNotFoundError):
        return t("{file} is not there. Nothing was changed.", file=error.filename or "?"), 4
    if isinstance(error, OSError):
        why = error.strerror or type(error).__name__
        message = "{file} cannot be used: {why}. Nothing was changed."
        return t(message, file=error.filename or "?", why=why), 4
    code = getattr(error, "code", None)  # a refusal of the core or of a document
    if isinstance(code, str):
        return sentence(t, str(error)), 2 if code.startswith("malformed-") else 3
    return t("Something went wrong that should not ({kind}). What was stored before is still "
             "there. Run again with WEGWIJS_DEBUG=1 to see where.",
             kind=type(error).__name__), 1  # fmt: skip


class Commands(TyperGroup):
    """All commands; errors become sentences, help speaks the reader's language."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run one command; the one top-level handler of this process."""
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.ClickException, BrokenPipeError):
            raise
        except click.Abort:
            raise click.exceptions.Exit(130) from None
        except Exception as error:
            if os.environ.get("WEGWIJS_DEBUG"):
                raise
            raise click.exceptions.Exit(complain(error, _texts(ctx))) from None

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


def _texts(ctx: click.Context) -> Texts:
    texts: Texts = ctx.find_root().obj()
    return texts


def _translate(command: click.Command, ctx: click.Context) -> None:
    t = _texts(ctx)
    command.help = t(command.help) if command.help else None
    for parameter in command.get_params(ctx):
        if isinstance(parameter, (TyperOption, TyperArgument)) and parameter.help:
            parameter.help = t(parameter.help)
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            inner = command.get_command(ctx, name)
            if inner is not None and inner.help:
                inner.help = t(inner.help)
