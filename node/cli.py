"""`wegwijs-node`: the commands of a centre's server. Each family of commands has its module."""

import typer

from node import (
    commands_account,
    commands_backup,
    commands_clients,
    commands_committee,
    commands_intake,
    commands_join,
    commands_run,
    commands_store,
)
from node.console import Commands

app = typer.Typer(
    cls=Commands,
    help="A career centre's server: raw records stay here, encrypted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for family in (
    commands_store, commands_intake, commands_join, commands_run, commands_account, commands_backup,
    commands_committee, commands_clients,
):  # fmt: skip
    family.register(app)

main = app
