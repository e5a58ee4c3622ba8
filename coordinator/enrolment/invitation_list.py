"""A list of centres to invite at once: a CSV file with name, organisation and number."""

import csv
import io

from chassis.errors import WrongInput
from coordinator.enrolment.invitations import Guest

_COLUMNS = ("name", "organisation", "number")
_MOST_BYTES = 1_000_000


def read_guests(raw: bytes, days: int) -> list[Guest]:
    """Read the list; comma or semicolon, UTF-8. Raises WrongInput with the row that is wrong."""
    if len(raw) > _MOST_BYTES:
        raise WrongInput("the list is longer than a million bytes; split it")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WrongInput("the list is not UTF-8 text") from None
    separator = ";" if text.count(";") > text.count(",") else ","
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:
        raise WrongInput("the list is not a CSV file: is a quotation mark not closed?") from None
    header = [name.strip().lower() for name in (rows[0] if rows else [])]
    if tuple(header) != _COLUMNS:
        raise WrongInput("the first line of the list has to be name,organisation,number")
    found = [_guest(place, row, days) for place, row in enumerate(rows[1:], 2) if any(row)]
    if not found:
        raise WrongInput("the list names no centre")
    return found


def _guest(place: int, row: list[str], days: int) -> Guest:
    if len(row) != len(_COLUMNS):
        raise WrongInput("row {row} of the list has {found} cells and not {wanted}",
                         row=place, found=len(row), wanted=len(_COLUMNS))  # fmt: skip
    name, organisation, number = (cell.strip() for cell in row)
    guest = Guest(name, organisation, number, days)
    try:
        guest.check()
    except WrongInput as refusal:
        raise WrongInput("row {row} of the list: {why}", row=place, why=str(refusal)) from None
    return guest
