"""Which revision of NACE the sectors of a file are written in."""

from collections.abc import Iterable

from node.importing.column_proposal import Counts
from node.importing.refusal import WrongValue
from node.importing.sectors import REVISIONS, Revision, first_section
from node.importing.writing import text_of


def revision_of(columns: Iterable[Counts]) -> Revision | None:
    """Return the revision that explains more of the sectors; None when both explain as many."""
    words = {text_of(cell) for cells in columns for cell in cells} - {""}
    old, new = (sum(_is_read(word, revision) for word in words) for revision in REVISIONS)
    if old == new:
        return None
    return "2" if old > new else "2.1"


def _is_read(word: str, revision: Revision) -> bool:
    try:
        first_section(word, revision)
    except WrongValue:
        return False
    return True
