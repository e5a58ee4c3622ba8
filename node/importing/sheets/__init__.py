"""A file of any kind as sheets of cells, each row with the number that its program shows.

    read        a file becomes sheets: the one door for the rest
    sheet       rows of cells, packed; read as often as wanted, a block at a time
    sandbox     a process of its own reads the file, within limits of memory and time
    child       what runs there: which kind of file it is, and its reader
    kinds       the kind, by the first bytes and not by the name
    text        CSV in any usual encoding; `encodings` finds out which
    workbook    xlsx, xlsb, xls and ods; `xlsx_parts` looks into an xlsx itself
    spss        sav and zsav

Nothing here knows of fields or records.
"""
