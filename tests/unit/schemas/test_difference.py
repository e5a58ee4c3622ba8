"""Comparing documents: whatever differs is a change, whatever is shown is whole."""

import copy
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.present import documents
from chassis.present.documents import worded
from chassis.texts import SHARED, Texts
from schemas.catalogue.default import FULL, programme_of_year
from schemas.difference import Change, differences
from schemas.units import UnixSeconds

PLAIN = programme_of_year(
    2024, "Vlaanderen", UnixSeconds(0), UnixSeconds(10), FULL
).model_dump(mode="json")  # fmt: skip


def of(plain: Any) -> Any:
    """A document with these fields, right or wrong."""
    return SimpleNamespace(model_dump=lambda mode: copy.deepcopy(plain))


def leaves(plain: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = plain.items() if isinstance(plain, dict) else enumerate(plain)
    for key, value in inner:
        if isinstance(value, dict | list):
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key)


def altered(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return 1
    return value + 1 if isinstance(value, int | float) else f"{value}x"


@pytest.mark.heavy
def test_whatever_leaf_of_a_programme_is_altered_is_shown_before_and_after() -> None:
    found = list(leaves(PLAIN))
    assert len(found) > 900
    for path in found[::3]:
        other = copy.deepcopy(PLAIN)
        at = other
        for key in path[:-1]:
            at = at[key]
        old, at[path[-1]] = at[path[-1]], altered(at[path[-1]])
        changes = differences(of(PLAIN), of(other))
        assert changes, path
        shown = json.dumps([change.facts for change in changes])
        assert json.dumps(old) in shown, path
        assert json.dumps(at[path[-1]]) in shown, path


def test_the_same_document_twice_has_no_changes() -> None:
    assert differences(of(PLAIN), of(PLAIN)) == ()


def test_one_entry_more_in_the_middle_is_one_change() -> None:
    before = {"items": [{"id": "a", "n": 1}, {"id": "c", "n": 3}]}
    after = {"items": [{"id": "a", "n": 1}, {"id": "b", "n": 2}, {"id": "c", "n": 3}]}
    (change,) = differences(of(before), of(after))
    assert change.facts == {"path": "items[b]", "new": {"id": "b", "n": 2}}
    (gone,) = differences(of(after), of(before))
    assert gone.facts == {"path": "items[b]", "old": {"id": "b", "n": 2}}


def test_another_order_is_a_change_for_answers_stand_in_it() -> None:
    before, after = ({"items": [{"id": k} for k in order]} for order in ("abc", "bac"))
    assert differences(of(before), of(after)) == (
        Change("items.order", ["a", "b", "c"], ["b", "a", "c"]),
    )


def test_entries_that_share_a_name_are_compared_as_one_list() -> None:
    before, after = ({"items": [{"id": "a", "n": n}, {"id": "a"}]} for n in (1, 2))
    (change,) = differences(of(before), of(after))
    assert change.path == "items"


def test_one_and_true_differ() -> None:
    assert differences(of({"n": 1}), of({"n": True})) == (Change("n", 1, True),)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_pattern_of_words_fills_its_sentence(language: Any) -> None:
    """A change of each path that has words; old and new stand in the sentence."""
    samples = {"moment": (0, 86_400), "quoted": ("Oud", "Nieuw"), "cohorts": (["a"], ["b"]),
               "json": (1, 2)}  # fmt: skip
    shown = {"moment": ("01/01/1970", "02/01/1970"), "quoted": ("Oud", "Nieuw"),
             "cohorts": ("a", "b"), "json": ("1", "2")}  # fmt: skip
    for pattern, (_, kind) in documents._CHANGED.items():
        path = (
            pattern.replace("(.+)", "X").replace(r"(\d+)", "7").replace(r"([^\]]+)", "X")
            .replace(r"[^\]]+", "Y").replace(r"\w+", "nl").replace("\\", "")
        )  # fmt: skip
        said = worded(Change(path, *samples[kind]), language)
        assert all(part in said for part in shown[kind]), said


@pytest.mark.parametrize(
    "sentence",
    [template for template, _ in documents._CHANGED.values()]
    + [*documents._NEW.values(), *documents._GONE.values()],
)
def test_a_difference_has_its_dutch_with_the_same_values(sentence: str) -> None:
    dutch = Texts.load(SHARED, "nl")(sentence)
    assert dutch != sentence
    fields = [sorted(part.split("}")[0] for part in t.split("{")[1:]) for t in (sentence, dutch)]
    assert fields[0] == fields[1]
