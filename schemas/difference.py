"""Every difference between two versions of a document, by its path.

>>> differences(before, after)[0]
Change(path='asks[wellbeing@6m].price', old=15000, new=20000)

Nothing is left out: whatever is in one version and not, or otherwise, in the other stands in some
change. Entries of a list are told apart by what names them (id, ask, purpose), so that one more
entry is one change; that they stand in another order is a change too.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.document import Document

Plain = Any
"""What JSON can hold."""


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()
"""Stands for a value that one of the versions does not have."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs. `old` is MISSING when it is new, `new` when it is gone."""

    path: str
    old: Plain
    new: Plain

    @property
    def facts(self) -> dict[str, Plain]:
        """As JSON; a side that is missing is left out."""
        sides = {"old": self.old, "new": self.new}
        return {"path": self.path, **{k: v for k, v in sides.items() if v is not MISSING}}


def differences(
    before: Document | None, after: Document, *, without: frozenset[str] = frozenset()
) -> tuple[Change, ...]:
    """All changes, in the order of the newer version; `without`: fields of the document itself.

    Without a version before, every field is new, and every entry of a list of its own.
    """
    new = after.model_dump(mode="json")
    old: dict[str, Plain]
    if before is None:
        old = {name: [] for name, value in new.items() if isinstance(value, list)}
    else:
        old = before.model_dump(mode="json")
    for name in without:
        old.pop(name, None)
        new.pop(name, None)
    return tuple(_of_objects("", old, new))


def _of(path: str, old: Plain, new: Plain) -> Iterator[Change]:
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _of_objects(path, old, new)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _of_lists(path, old, new)
    elif type(old) is not type(new) or old != new:  # 1 and True are equal, and differ here
        yield Change(path, old, new)


def _of_objects(path: str, old: Mapping[str, Plain], new: Mapping[str, Plain]) -> Iterator[Change]:
    for name in (*new, *(name for name in old if name not in new)):
        where = f"{path}.{name}" if path else name
        yield from _of(where, old.get(name, MISSING), new.get(name, MISSING))


def _of_lists(path: str, old: Sequence[Plain], new: Sequence[Plain]) -> Iterator[Change]:
    then, now = _named(old), _named(new)
    if then is None or now is None:
        if json.dumps(old) != json.dumps(new):
            yield Change(path, old, new)
        return
    for name in (*now, *(name for name in then if name not in now)):
        yield from _of(f"{path}[{name}]", then.get(name, MISSING), now.get(name, MISSING))
    stayed = [name for name in then if name in now]
    if stayed != [name for name in now if name in then]:
        yield Change(f"{path}.order", list(then), list(now))


def _named(entries: Sequence[Plain]) -> dict[str, Plain] | None:
    """The entries by what names them, or None when something has no name or one has it twice."""
    found = {name: entry for entry in entries if (name := _name(entry)) is not None}
    return found if len(found) == len(entries) else None


def _name(entry: Plain) -> str | None:
    if not isinstance(entry, dict):
        return None
    if "id" in entry:
        return str(entry["id"])
    if "statistic" in entry and "horizon" in entry:
        return f"{entry['statistic']}@{entry['horizon']}"
    return str(entry["purpose"]) if "purpose" in entry else None
