"""Which sheets a mapping file means: by name, or by a pattern such as 20* for one a year."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from node.importing.refusal import WrongMapping


def chosen(wanted: Sequence[str] | None, present: Sequence[str], path: Path) -> list[str]:
    """Return the names of the sheets to read; all when none is wanted. Raises WrongMapping."""
    if wanted is None:
        return list(present)
    found: list[str] = []
    missing: list[str] = []
    for name in wanted:
        same = [name] if name in present else [one for one in present if fnmatchcase(one, name)]
        found += [one for one in same if one not in found]
        if not same:
            missing.append(name)
    if missing:
        raise WrongMapping(
            "{file} has no sheet {missing}; it has {present}. Nothing was stored. Correct "
            "`sheet` or `sheets` in the mapping file.",
            file=path.name,
            missing=", ".join(missing),
            present=", ".join(present),
        )
    return found
