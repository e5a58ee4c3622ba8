"""Names: what may stand in one, which look alike, and what a terminal is given to see."""

import json
import typing
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from schemas.enrolment import EnrolRequest, EnrolStatus, Invitation, RosterCandidate
from schemas.names import Line, Name, alike, look, visible
from schemas.programme import Programme
from schemas.release import Release
from schemas.roster import Centre, Roster
from schemas.round import Announcement, Descriptor, KeyCard, Link, Prekey
from schemas.signed import Signed

UNSEEN = [
    "\x1b[2J", "\x00", "\x07", "\b", "\x7f", "\x9b2J", "\n", "\r", "\t", "\u2028", "\u2029",
    "\u202e", "\u2066", "\u200b", "\u200d", "\u200f", "\u2060", "\ufeff", "\u00ad", "\u3164",
    "\u115f", "\ufe0f", "\u034f", "\u2800", "\U000e0041", "\ue000", "\ud800", "\u0378",
]  # fmt: skip


@pytest.mark.parametrize("text", UNSEEN, ids=ascii)
@pytest.mark.parametrize("kind", [Name, Line], ids=["name", "line"])
def test_a_name_with_a_character_that_is_not_seen_is_refused(kind: Any, text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(f"Huis {text} Werk")


@pytest.mark.parametrize(
    "text", ["", " Huis", "Huis ", "-- & --", "Hu\u0456s", "a\u0301\u0302\u0303"]
)
def test_a_name_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Name).validate_python(text)


@pytest.mark.parametrize("text", ["Huis-aan-'t-Werk (2)", "Zoë & Noël vzw", "№ 5", "Ωμέγα", "7"])
def test_an_ordinary_name_is_taken_as_it_is(text: str) -> None:
    assert TypeAdapter(Name).validate_python(text) == text


@pytest.mark.parametrize(
    "other",
    [
        "WERK & LEVEN VZW", "Werk  &  Leven vzw", "Werk\u00a0& Leven vzw",
        "Ｗｅｒｋ & Ｌｅｖｅｎ ｖｚｗ",
        "Werk & Léven, v.z.w.", "Werk-&-Leven vzw", "W\u0435rk & L\u0435v\u0435n vzw",
        "Werk & \u04c0even vzw", "Werk & 1even vzw", "Werk & |even vzw",
    ],
)  # fmt: skip
def test_names_that_cannot_be_told_apart_look_alike(other: str) -> None:
    assert look(other) == look("Werk & Leven vzw")
    assert alike(["Werk & Leven vzw", "Anders", other]) == [
        tuple(sorted(("Werk & Leven vzw", other)))
    ]


@pytest.mark.parametrize("other", ["Werk & Leren vzw", "Werk & Leven", "Werk & Leven vzw 2"])
def test_names_that_differ_in_a_letter_do_not(other: str) -> None:
    assert look(other) != look("Werk & Leven vzw")


def test_the_same_name_twice_is_one_name() -> None:
    assert alike(["Huis", "Huis"]) == []


def roster_of(*organisations: str) -> Roster:
    return Roster(
        epoch=1, previous=None, seed="00" * 32, coordinator="aa" * 32, valid_from=0, valid_until=1,
        centres=tuple(
            Centre(id=k, name=f"Centrum {k}", key=f"{k:064x}", organisation=name,
                   recognised_number=str(k))
            for k, name in enumerate(organisations)
        ),
    )  # type: ignore[arg-type]  # fmt: skip


def test_one_firm_under_eight_spellings_is_one_organisation() -> None:
    spelled = ("Groot", "groot", "GROOT", "Gr00t", "G r o o t", "Ｇroot", "Gróót", "Groot.")
    assert roster_of(*spelled, "Klein").sizes == (8, 1)


@pytest.mark.parametrize("text", UNSEEN, ids=ascii)
def test_what_is_printed_spells_out_what_is_not_seen(text: str) -> None:
    shown = visible(f"a{text}b")
    assert shown.isprintable()
    assert text not in shown
    assert json.loads(f'"{shown}"') == f"a{text}b"


def test_what_is_seen_is_printed_as_it_is() -> None:
    assert visible("Zoë zei: € 5 — één") == "Zoë zei: € 5 — één"


CROSSING: tuple[type[BaseModel], ...] = (
    Roster, RosterCandidate, Programme, KeyCard, Link, Announcement, Prekey, Descriptor, Release,
    Invitation, EnrolRequest, EnrolStatus,
)  # fmt: skip


def _models(kind: Any, seen: set[type[BaseModel]]) -> None:
    if isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in seen:
        seen.add(kind)
        for field in kind.model_fields.values():
            _models(field.annotation, seen)
    for inner in typing.get_args(kind):
        _models(inner, seen)


def _bare(kind: Any) -> bool:
    """Whether a text without a pattern or a check stands in this type."""
    if kind is str:
        return True
    if typing.get_origin(kind) is typing.Annotated:
        return False
    if typing.get_origin(kind) is typing.Literal:
        return False
    return any(_bare(inner) for inner in typing.get_args(kind))


def _constrained(field: FieldInfo) -> bool:
    return any(
        getattr(one, "pattern", None) is not None or hasattr(one, "func") for one in field.metadata
    )


def _texts() -> Iterator[str]:
    seen: set[type[BaseModel]] = set()
    for kind in CROSSING:
        _models(kind, seen)
    for kind in seen:
        for name, field in kind.model_fields.items():
            if _bare(field.annotation) and not _constrained(field):
                yield f"{kind.__name__}.{name}"


def test_every_text_that_crosses_a_boundary_has_a_pattern_or_is_a_name() -> None:
    """The body of a signed document is read as a document, which has its own checks."""
    assert set(_texts()) == {"Signed.body"}
    assert Signed.model_fields["body"].annotation is str
