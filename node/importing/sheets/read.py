"""A file becomes sheets."""

from pathlib import Path

from node.importing.layout import FileLayout
from node.importing.sheets.child import Job
from node.importing.sheets.sandbox import Progress, read_apart
from node.importing.sheets.sheet import Sheets


def read_sheets(
    path: Path, layout: FileLayout | None = None, progress: Progress | None = None
) -> Sheets:
    """Read the sheets that a mapping's layout asks for, or all.

    Raises FileNotFoundError, OSError or an IntakeRefusal.
    """
    path.open("rb").close()  # what cannot be opened is said here, and not by another process
    layout = layout or FileLayout()
    wanted = (layout.sheet,) if layout.sheet is not None else layout.sheets
    job = Job(str(path.resolve()), wanted, layout.encoding, layout.delimiter, layout.codes)
    return read_apart(job, path.name, progress or (lambda part: None))
