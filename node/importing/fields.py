"""The fields that a column may be given: what each accepts and where it stands in a record.

A field's parser turns one cell into (slot, value) pairs; a slot is a path in `Trajectory`, for
instance `("wellbeing", "intake", "meaning", 0)` for the first item of that dimension.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import get_args

from node.importing import amounts, choices, dates, places, sectors
from node.importing.notation import USUAL, Notation
from node.importing.refusal import WrongMapping, WrongValue
from node.importing.writing import NO_ANSWER, key_of, text_of
from schemas import record
from schemas.questionnaire import Questionnaire

Slot = tuple[str | int, ...]
Found = tuple[tuple[Slot, object], ...]
Parse = Callable[[object], object]
DAYS = ("started_on", "ended_on", "job_started_on", "job_ended_on", "last_seen_on")
AGE: Slot = ("age",)
"""Stands in no record: with the day on which it was true it gives a year of birth."""
ROW_MOMENT = "moment"
"""In place of a moment: the one that another column of the same row says."""
REQUIRED = ("client_ref", "trajectory_ref", "started_on", "status")
_WHENS = (*record.WHENS, ROW_MOMENT)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the check depends on besides the file: today, code revision, questionnaire, basis.

    `last_seen_on`: until when the file looks at everybody of whom it says nothing else;
    `notation`: of the one column that is read.
    """

    today: date
    revision: sectors.Revision | None
    questionnaire: Questionnaire
    special_category: bool = False
    last_seen_on: date | None = None
    notation: Notation = USUAL


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `code` reads what a mapping's `values` lead to, which is never a Dutch word.

    `slots`: where it may write, and what an explicit empty takes away.
    """

    name: str
    parse: Callable[[object], Found]
    code: Callable[[str], Found]
    codes: frozenset[str] = frozenset()
    slots: frozenset[Slot] = frozenset()


def field_named(name: str, rules: Rules) -> Field:
    """Return a field. Raises WrongMapping for a name that does not exist or is not allowed."""
    start = name.partition(".")[0]
    if start == "wellbeing":
        return _item(name, rules)
    if start == "context_fit":
        return _fit(name, rules.notation)
    if name == "target_group" and not rules.special_category:
        raise WrongMapping(
            "target_group is special personal data (GDPR, article 9). Nothing was stored. Record "
            "your centre's legal basis first, or ignore the column."
        )
    for known in (_choices(), _measured(rules), _placed(rules)):
        if name in known:
            return known[name]
    raise WrongMapping(
        "The mapping file names a field that does not exist: {name}. Nothing was stored. Correct "
        "it; docs/import.md lists the fields.",
        name=name,
    )


def age_at() -> Field:
    """The field birth_year of a column that holds ages."""
    return replace(_single("birth_year", AGE, dates.age), slots=frozenset({("birth_year",)}))


def _single(name: str, slot: Slot, parse: Parse, codes: frozenset[str] = frozenset()) -> Field:
    def read(cell: object) -> Found:
        if key_of(text_of(cell)) in NO_ANSWER:
            return ()
        return ((slot, parse(cell)),)

    def read_code(code: str) -> Found:
        if code and codes and code not in codes:
            raise WrongValue("one of {codes}", codes=", ".join(sorted(codes)))
        return read(code)

    return Field(name, read, read_code, codes, frozenset({slot}))


def _choice(name: str, words: str, kind: object, slot: Slot | None = None) -> Field:
    codes = frozenset(get_args(kind))
    parse = partial(choices.choice, name=words, allowed=codes)
    return _single(name, slot or (name,), parse, codes)


def _choices() -> Mapping[str, Field]:
    yes_no = (
        "employer_changed_6m", "employer_changed_12m", "role_changed_6m", "role_changed_12m",
        "training_started", "training_completed", "employer_involved",
    )  # fmt: skip
    found = [
        _choice("status", "status", record.Status),
        _choice("gender", "gender", record.Gender),
        _choice("education", "education", record.Education),
        _choice("funding", "funding", record.Funding),
        _choice("consent_basis", "basis", _BASES, ("consent", "basis")),
        *(_choice(name, "yes_no", record.YesNo) for name in yes_no),
        *(
            _choice(f"labour_status_{when}", "labour_status", record.LabourStatus)
            for when in ("before", "6m", "12m")
        ),
        _several("drivers", "drivers", "driver", record.Driver, choices.MOST_DRIVERS),
        _several("target_group", "target_groups", "target_group", record.TargetGroup, 4),
    ]
    return {field.name: field for field in found}


_BASES = record.Consent.model_fields["basis"].annotation


def _several(name: str, slot: str, words: str, kind: object, most: int) -> Field:
    codes = frozenset(get_args(kind))
    parse = partial(choices.several, name=words, allowed=codes, most=most)
    return _single(name, (slot,), parse, codes)


def _measured(rules: Rules) -> Mapping[str, Field]:
    noted = rules.notation
    day = partial(dates.past_date, today=rules.today, notation=noted)
    simple: dict[str, tuple[Slot, Parse]] = {
        "client_ref": (("client_ref",), choices.reference),
        "trajectory_ref": (("trajectory_ref",), choices.reference),
        "birth_year": (
            ("birth_year",),
            partial(dates.birth_year, today=rules.today, notation=noted),
        ),
        "guidance_hours": (("guidance_quarters",), amounts.quarters_of_hour),
        "wage_before": (("wage_before",), partial(amounts.monthly_wage, notation=noted)),
        "wage_12m": (("wage_12m",), partial(amounts.monthly_wage, notation=noted)),
        "consent_given_on": (("consent", "given_on"), day),
        "consent_withdrawn_on": (("consent", "withdrawn_on"), day),
        "notice_version": (("consent", "notice_version"), text_of),
    }
    for name in DAYS:
        simple[name] = ((name,), day)
    for name in ("price_client", "price_public", "price_employer"):
        simple[name] = ((name,), partial(amounts.cents, notation=noted))
    fields = {name: _single(name, slot, parse) for name, (slot, parse) in simple.items()}
    for kind in ("statistics", "training"):
        fields[f"consent_{kind}"] = _consent(kind, rules)
    fields["ended_on"] = _end(fields["ended_on"])
    return fields


def _end(field: Field) -> Field:
    """Centres write `lopend` in the column of the end: no end yet."""
    running = frozenset({"lopend", "loopt", "loopt nog", "bezig"})

    def read(cell: object) -> Found:
        return () if key_of(text_of(cell)) in running else field.parse(cell)

    return Field(field.name, read, field.code, slots=field.slots)


def _consent(kind: str, rules: Rules) -> Field:
    """Yes, no, or the date on which the client signed; nothing filled in is no."""
    codes = frozenset(get_args(record.YesNo))

    def read(cell: object) -> Found:
        if key_of(text_of(cell)) in NO_ANSWER:
            return ()
        try:
            answer = choices.choice(cell, "yes_no", codes)
        except WrongValue:
            if dates.read_date(cell, latest_year=rules.today.year + 5) is None:
                raise WrongValue("ja, neen or the date of the client's consent") from None
            signed = dates.past_date(cell, rules.today, rules.notation)
            return ((("consent", kind), True), (("consent", "given_on"), signed))
        return ((("consent", kind), answer == "yes"),)

    def read_code(code: str) -> Found:
        if code and code not in codes:
            raise WrongValue("one of {codes}", codes="no, yes")
        return read(code)

    return Field(f"consent_{kind}", read, read_code, codes, frozenset({("consent", kind)}))


def _placed(rules: Rules) -> Mapping[str, Field]:
    found: dict[str, Field] = {}
    for name in ("residence", "workplace_before", "workplace_desired", "workplace_12m"):
        found[name] = _single(name, (name,), partial(places.nuts3, notation=rules.notation))
    for name in ("occupation_before", "occupation_desired", "occupation_12m"):
        found[name] = _single(name, (name,), sectors.occupation)
    found["training_field"] = _single("training_field", ("training_field",), sectors.training_field)
    for name in ("sector_before", "sector_desired", "sector_6m", "sector_12m"):
        found[name] = _sector(name, rules.revision)
    return found


def _sector(name: str, revision: sectors.Revision | None) -> Field:
    parse = sectors.first_section if name == "sector_desired" else sectors.section

    def pairs(section: str, division: str | None) -> Found:
        if name == "sector_before" and division is not None:
            return (((name,), section), (("division_before",), division))
        return (((name,), section),)

    def read(cell: object) -> Found:
        if key_of(text_of(cell)) in NO_ANSWER:
            return ()
        return pairs(*parse(cell, revision))

    def read_code(code: str) -> Found:  # a mapping speaks of Rev. 2.1, whatever the file uses
        return pairs(*sectors.section(code, "2.1")) if code else ()

    slots: set[Slot] = {(name,), ("division_before",)} if name == "sector_before" else {(name,)}
    return Field(name, read, read_code, slots=frozenset(slots))


def _item(name: str, rules: Rules) -> Field:
    parts = name.split(".")
    asked = rules.questionnaire
    if len(parts) == 4 and parts[1] in _WHENS and parts[2] in record.DIMENSIONS:
        dimension = record.DIMENSIONS[record.DIMENSIONS.index(parts[2])]
        most = len(asked.items_of(dimension))
        if parts[3].isdecimal() and 1 <= int(parts[3]) <= most:
            scale = (asked.lowest, asked.highest)
            rest: Slot = (dimension, int(parts[3]) - 1)
            return _scored(name, ("wellbeing", parts[1], *rest), scale, rules.notation)
    raise WrongMapping(
        "The mapping file names {name}, which is no item of questionnaire {questionnaire}. Nothing "
        "was stored. Write it as wellbeing.intake.meaning.1.",
        name=name,
        questionnaire=asked.id,
    )


def _scored(name: str, slot: Slot, scale: tuple[int, int], notation: Notation) -> Field:
    """A score; a mapping leads to one of the questionnaire's own, whatever the file's scale."""
    lowest, highest = scale
    own = partial(amounts.score, lowest=lowest, highest=highest)
    field = _single(name, slot, partial(own, notation=notation))
    whens = record.WHENS if slot[1] == ROW_MOMENT else (str(slot[1]),)
    slots = frozenset((slot[0], when, *slot[2:]) for when in whens)
    return replace(field, code=_single(name, slot, own).parse, slots=slots)


def _fit(name: str, notation: Notation) -> Field:
    parts = name.split(".")
    aspects = get_args(record.FitAspect)
    if len(parts) == 3 and parts[1] in _WHENS and parts[2] in aspects:
        return _scored(name, tuple(parts), (1, 5), notation)
    raise WrongMapping(
        "The mapping file names a field that does not exist: {name}. Nothing was stored. Correct "
        "it; docs/import.md lists the fields.",
        name=name,
    )
