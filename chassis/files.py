"""Files of which nobody ever sees a half, and secrets that nobody else ever reads."""

import os
from collections.abc import Iterable
from pathlib import Path


def write_whole(path: Path, pieces: Iterable[bytes], *, private: bool = False) -> int:
    """Write a file whole, on disk before it has its name, or not at all. Returns its bytes.

    `private`: at no moment can anybody else on this machine read it. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(path.name + ".half")
    half.unlink(missing_ok=True)
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
    try:
        with os.fdopen(handle, "wb") as target:
            size = sum(target.write(piece) for piece in pieces)
            target.flush()
            os.fsync(target.fileno())
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    return size


def write_secret(path: Path, body: bytes) -> None:
    """Write a new file that its owner alone can read. Raises FileExistsError."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as target:
        target.write(body)


def private_folder(path: Path) -> None:
    """Make a folder, and have it be its owner's alone. Raises OSError."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
