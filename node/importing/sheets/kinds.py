"""What kind of file it is, by its first bytes: names mislead."""

import zipfile
from enum import Enum
from pathlib import Path

from node.importing.refusal import NothingToImport, UnreadableFile

_START = 4096
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_WORKBOOK_NAMES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


class Kind(Enum):
    """The readers there are."""

    TEXT = "text"
    XLSX = "xlsx"
    OTHER_WORKBOOK = "workbook"
    SPSS = "spss"


def kind_of(path: Path) -> Kind:
    """Say which reader a file needs. Raises UnreadableFile for what is no table."""
    with path.open("rb") as source:
        start = source.read(_START)
    if not start:
        raise NothingToImport(
            "{file} is empty. Nothing was stored. Export it again and retry.", file=path.name
        )
    if start.startswith(b"PK\x03\x04"):
        return _zipped(path)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return _compound(path)
    if start.startswith((b"$FL2", b"$FL3")):
        return Kind.SPSS
    _refuse_foreign(path, start)
    _refuse_markup(path, start)
    if path.suffix.lower() in _WORKBOOK_NAMES:
        raise _text_or_damaged(path, start)
    return Kind.TEXT


def _text_or_damaged(path: Path, start: bytes) -> UnreadableFile:
    if b"\0" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return damaged(path)
    return UnreadableFile(
        "{file} is text and not a workbook, whatever its name says. Nothing was stored. Change the "
        "end of its name to .csv and retry.",
        file=path.name,
    )


def damaged(path: Path) -> UnreadableFile:
    """The refusal of a file that its own reader does not understand."""
    return UnreadableFile(
        "{file} is damaged or was not copied to its end. Nothing was stored. Copy or export "
        "it again and retry.",
        file=path.name,
    )


def _zipped(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            with archive.open("mimetype") if "mimetype" in names else path.open("rb") as source:
                said = source.read(100)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, OSError, RuntimeError):
        raise damaged(path) from None
    if "xl/workbook.xml" in names:
        return Kind.XLSX
    if "xl/workbook.bin" in names or b"opendocument.spreadsheet" in said:
        return Kind.OTHER_WORKBOOK
    if any(name.endswith(".iwa") for name in names):
        raise _export_first(path, "Apple Numbers")
    if "word/document.xml" in names or b"opendocument.text" in said:
        raise _no_table(path, "Word")
    raise UnreadableFile(
        "{file} is an archive with other files in it. Nothing was stored. Unpack it and read the "
        "table itself.",
        file=path.name,
    )


def _compound(path: Path) -> Kind:
    with path.open("rb") as source:
        content = source.read(2**20)
    if _ENCRYPTED in content:
        raise locked(path)
    return Kind.OTHER_WORKBOOK


def locked(path: Path) -> UnreadableFile:
    """The refusal of a workbook behind a password."""
    return UnreadableFile(
        "{file} has a password. Nothing was stored. Open it in your program, save it without a "
        "password and retry.",
        file=path.name,
    )


def _export_first(path: Path, program: str) -> UnreadableFile:
    return UnreadableFile(
        "{file} is a file of {program}, which only that program reads. Nothing was stored. Open it "
        "there, save the table as .xlsx or .csv and retry.",
        file=path.name,
        program=program,
    )


def _no_table(path: Path, program: str) -> UnreadableFile:
    return UnreadableFile(
        "{file} is a document of {program} and no table. Nothing was stored. Copy the table into a "
        "spreadsheet, save it as .xlsx and retry.",
        file=path.name,
        program=program,
    )


def _refuse_foreign(path: Path, start: bytes) -> None:
    if start.startswith(b"%PDF"):
        raise _no_table(path, "PDF")
    if start.startswith(b"{\\rtf"):
        raise _no_table(path, "Word")
    if start.startswith((b"<stata_dta>", b"\x72\x02", b"\x73\x02")):
        raise _export_first(path, "Stata")
    if start.startswith(b"SQLite format 3\0"):
        raise UnreadableFile(
            "{file} is a database of SQLite. Nothing was stored. Read a table of it with "
            "import-database sqlite:///{file} TABLE.",
            file=path.name,
        )
    if start.startswith((b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ")):
        raise UnreadableFile(
            "{file} is an archive with other files in it. Nothing was stored. Unpack it and read "
            "the table itself.",
            file=path.name,
        )


def _refuse_markup(path: Path, start: bytes) -> None:
    """Web pages and XML by another name: older systems export them as .xls."""
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not text.startswith(b"<"):
        return
    if b"urn:schemas-microsoft-com:office:spreadsheet" in text:
        raise UnreadableFile(
            "{file} is a table in the XML of Excel 2003. Nothing was stored. Open it in Excel, "
            "save it as an ordinary .xlsx and retry.",
            file=path.name,
        )
    if any(mark in text for mark in (b"<html", b"<table", b"<!doctype html", b"<body", b"<meta")):
        raise UnreadableFile(
            "{file} is a web page, whatever its name says. Nothing was stored. Open it in Excel, "
            "save it as .xlsx and retry.",
            file=path.name,
        )
    raise UnreadableFile(
        "{file} is XML and no table. Nothing was stored. Save the table as .xlsx or .csv and "
        "retry.",
        file=path.name,
    )
