"""Files that a person names: read up to a size, and written whole or not at all."""

from pathlib import Path
from tempfile import TemporaryFile

from chassis.errors import WrongInput

MOST_BYTES = 64 * 2**20
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
    check_target(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            path.write_bytes(body)
        else:
            _replace(path, body, 0o600 if private else 0o666)
    except OSError:
        raise WrongInput("{file} cannot be written", file=path) from None


def _replace(path: Path, body: bytes, mode: int) -> None:
    half = path.with_name(path.name + ".half")
    half.unlink(missing_ok=True)
    half.touch(mode=mode, exist_ok=False)
    try:
        half.write_bytes(body)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
