"""Files that a person names: read up to a size, and written whole or not at all."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryFile

from chassis.errors import WrongInput
from chassis.files import write_whole
from schemas.message import MOST_BYTES

"""Of a document: no roster, programme or release comes near."""


class TooLarge(WrongInput):
    """No file of the kind that is asked for is so large."""

    code = "too-large"


def read_up_to(path: Path, most: int = MOST_BYTES) -> bytes:
    """Return all of a file. Raises OSError, or TooLarge before more than `most` bytes are held."""
    with path.open("rb") as source:
        body = source.read(most + 1)
    if len(body) > most:
        raise TooLarge("{file} is larger than {most} MB", file=path, most=most // 2**20)
    return body


def read_file(path: Path) -> bytes:
    """Read a document. Raises WrongInput."""
    try:
        return read_up_to(path)
    except OSError:
        raise WrongInput("{file} cannot be read", file=path) from None


def check_target(path: Path) -> None:
    """Refuse a place that can hold no file, before any work is done for it. Raises WrongInput."""
    try:
        if path.is_dir():
            raise IsADirectoryError
        if not path.exists() or path.is_file():
            above = next(one for one in path.absolute().parents if one.exists())
            with TemporaryFile(dir=above):
                pass
    except OSError:
        raise WrongInput("{file} cannot be written", file=path) from None


def write_file(path: Path, body: bytes, *, private: bool = False) -> None:
    """Write a file, whole or not at all. Raises WrongInput.

    `private`: at no moment can anybody else on this machine read it. A pipe or a device, such as
    /dev/stdout, is written to and stays what it is.
    """
    write_pieces(path, [body], private=private)


def write_pieces(path: Path, pieces: Iterable[bytes], *, private: bool = False) -> int:
    """The same of a file that comes in pieces. Returns its bytes."""
    check_target(path)
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as target:
                return sum(target.write(piece) for piece in pieces)
        return write_whole(path, pieces, private=private)
    except OSError:
        raise WrongInput("{file} cannot be written", file=path) from None
