"""A later file adds to what earlier ones said: what it does not say keeps its value.

A value goes only where the mapping declares that an empty cell of that column clears it. What a
record says is looked at slot by slot (`node.importing.fields`), so that one answered item replaces
one item.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from pydantic import ValidationError

from node.importing.fields import Slot
from node.importing.refusal import WrongValue
from schemas.record import Answers, Consent, Trajectory

_APART = frozenset({"consent", "wellbeing", "context_fit", "questionnaire", "division_before"})
_MAPPED = {"guidance_quarters": "guidance_hours", "target_groups": "target_group"}
_SIMPLE = tuple(name for name in Trajectory.model_fields if name not in _APART)


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of a file speak of: the slots they fill, and those among them that an
    empty cell clears."""

    given: frozenset[Slot] = frozenset()
    cleared: frozenset[Slot] = frozenset()


def added(old: Trajectory, new: Trajectory, columns: Columns) -> Trajectory:
    """The record after a file said `new`. Raises WrongValue when the two contradict each other.

    Whether the client withdrew is taken from `new` alone: an old record cannot say it for her.
    """
    if new == old:
        return old
    if new.wellbeing and old.wellbeing and new.questionnaire != old.questionnaire:
        raise WrongValue("answers to the questionnaire of the earlier ones")
    found: dict[str, Any] = {name: _kept(old, new, (name,), columns) for name in _SIMPLE}
    found["division_before"] = _division(old, new, columns)
    found["consent"] = Consent(
        **{name: _kept(old.consent, new.consent, ("consent", name), columns)
           for name in Consent.model_fields if name != "withdrawn_on"},
        withdrawn_on=new.consent.withdrawn_on,
    )  # fmt: skip
    found["wellbeing"] = _answers(old, new, columns)
    found["context_fit"] = _marks(old, new, columns)
    found["questionnaire"] = new.questionnaire if new.wellbeing else old.questionnaire
    try:
        return Trajectory.model_validate(found)
    except ValidationError:
        raise WrongValue("dates that follow each other with those given before") from None


def _kept(old: Any, new: Any, slot: Slot, columns: Columns) -> Any:
    name = str(slot[-1])
    said = getattr(new, name)
    if name in new.model_fields_set and said not in (None, ()):
        return said
    if slot in columns.cleared:
        return type(old).model_fields[name].get_default(call_default_factory=True)
    return getattr(old, name)


def _division(old: Trajectory, new: Trajectory, columns: Columns) -> str | None:
    """It belongs to the sector that was told with it."""
    if new.sector_before is not None and new.sector_before != old.sector_before:
        return new.division_before
    kept: str | None = _kept(old, new, ("division_before",), columns)
    return kept


def _answers(old: Trajectory, new: Trajectory, columns: Columns) -> Mapping[str, Any]:
    whens = [*old.wellbeing, *(when for when in new.wellbeing if when not in old.wellbeing)]
    found: dict[str, dict[str, Answers]] = {}
    for when in whens:
        before, after = old.wellbeing.get(when, {}), new.wellbeing.get(when, {})
        for dimension in (*before, *(one for one in after if one not in before)):
            pairs = zip_longest(before.get(dimension, ()), after.get(dimension, ()))
            items = tuple(
                _one(first, second, ("wellbeing", when, dimension, place), columns)
                for place, (first, second) in enumerate(pairs)
            )
            if any(item is not None for item in items):
                found.setdefault(when, {})[dimension] = items
    return found


def _marks(old: Trajectory, new: Trajectory, columns: Columns) -> Mapping[str, Any]:
    found: dict[str, dict[str, int]] = {}
    for when in (*old.context_fit, *(w for w in new.context_fit if w not in old.context_fit)):
        before, after = old.context_fit.get(when, {}), new.context_fit.get(when, {})
        for aspect in (*before, *(one for one in after if one not in before)):
            slot = ("context_fit", when, aspect)
            mark = _one(before.get(aspect), after.get(aspect), slot, columns)
            if mark is not None:
                found.setdefault(when, {})[aspect] = mark
    return found


def _one(old: int | None, new: int | None, slot: Slot, columns: Columns) -> int | None:
    if new is not None:
        return new
    return None if slot in columns.cleared else old


@dataclass(frozen=True, slots=True)
class Changes:
    """How many values of records that stood here were filled in, replaced or emptied, by field."""

    filled: Mapping[str, int] = field(default_factory=dict)
    replaced: Mapping[str, int] = field(default_factory=dict)
    emptied: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def between(cls, pairs: Iterable[tuple[Trajectory, Trajectory]]) -> "Changes":
        """Compare each record before with the same record after."""
        filled, replaced, emptied = Counter[str](), Counter[str](), Counter[str]()
        for before, after in pairs:
            old, new = dict(_said(before)), dict(_said(after))
            filled.update(_name(slot) for slot in new.keys() - old.keys())
            emptied.update(_name(slot) for slot in old.keys() - new.keys())
            both = old.keys() & new.keys()
            replaced.update(_name(slot) for slot in both if old[slot] != new[slot])
        return cls(dict(filled), dict(replaced), dict(emptied))


def _said(one: Trajectory) -> Iterator[tuple[Slot, object]]:
    """All that a record says, slot by slot; a consent that is not given says nothing."""
    for name in (*_SIMPLE, "division_before"):
        if getattr(one, name) not in (None, ()):
            yield (name,), getattr(one, name)
    for name in Consent.model_fields:
        if getattr(one.consent, name) not in (None, False):
            yield ("consent", name), getattr(one.consent, name)
    yield from _scores(one)


def _scores(one: Trajectory) -> Iterator[tuple[Slot, object]]:
    for when, dimensions in one.wellbeing.items():
        for dimension, items in dimensions.items():
            answered = ((place, item) for place, item in enumerate(items) if item is not None)
            yield from ((("wellbeing", when, dimension, place), item) for place, item in answered)
    for when, marks in one.context_fit.items():
        yield from ((("context_fit", when, aspect), mark) for aspect, mark in marks.items())


def _name(slot: Slot) -> str:
    """The field as a mapping names it; answers of one moment count together."""
    if slot[0] == "consent":
        part = str(slot[1])
        return part if part == "notice_version" else f"consent_{part}"
    name = ".".join(map(str, slot[:2]))
    return _MAPPED.get(name, name)
