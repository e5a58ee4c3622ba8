"""Reading a centre's own file: table, mapping, check, commit.

    layout      where the header stands in the file
    table       a CSV or .xlsx file as named columns and numbered rows
    mapping     the centre's own columns, each given a field once
    fields      what each field accepts, and where it stands in a record
    checking    rows to records, or a list of wrong cells
    commit      records into the store, in one transaction
    proposal    a first mapping, proposed from the headers

Nothing here imports the network or knows of rounds. Raw rows stay in memory only.
"""
