"""`wegwijs-node`: the commands of a centre's server. Each family of commands has its module."""

from chassis.commands import program
from node.commands import (
    account,
    backup,
    clients,
    committee,
    database,
    duplicates,
    enrolment,
    importing,
    run,
    store,
    suggesting,
    undoing,
    watching,
)
from node.console import texts

app = program("A career centre's server: raw records stay here, encrypted.", texts)
for family in (
    store, importing, suggesting, enrolment, run, account, backup,
    committee, clients, undoing, duplicates, database, watching,
):  # fmt: skip
    family.register(app)

main = app
