"""`wegwijs-node`: the commands of a centre's server. Each family of commands has its module."""

from chassis.commands import program
from node import (
    commands_account,
    commands_backup,
    commands_clients,
    commands_committee,
    commands_intake,
    commands_join,
    commands_run,
    commands_store,
    commands_undo,
)
from node.console import texts

app = program("A career centre's server: raw records stay here, encrypted.", texts)
for family in (
    commands_store, commands_intake, commands_join, commands_run, commands_account, commands_backup,
    commands_committee, commands_clients, commands_undo,
):  # fmt: skip
    family.register(app)

main = app
