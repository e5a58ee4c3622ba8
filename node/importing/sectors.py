"""Sectors and jobs: NACE Rev. 2.1 sections and ISCO-08 groups, from codes, digits or words.

A letter of NACE Rev. 2 after J means something else since 2025: a file says in its mapping
which revision it uses.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Literal

from node.importing.refusal import WrongValue
from node.importing.writing import key_of, text_of
from schemas import codes

Revision = Literal["2", "2.1"]
REVISIONS: tuple[Revision, ...] = ("2", "2.1")
_JOINT_COMMITTEE = re.compile(
    r"^(?:p\.?\s?s?\.?c\.?|paritair (?:sub)?comit[eé])[\s.]*(?:nr\.?\s*)?\d{3}.*$"
    r"|^[12]\d\d$|^3[0-4]\d$"  # three bare digits: PC 100 to 349
)
_CODE = re.compile(r"^(?P<letter>[a-v])?\s*[-.:]?\s*(?P<division>\d{2})[.\s]?(?P<rest>\d{0,3})$")
_LETTER = re.compile(r"^([a-v])(?:\s*[-:.)]\s+(\S.*))?$")
_SEVERAL = re.compile(r"\s*[/,;+]\s*|\s+(?:of|en|or)\s+")
_EXPECTED = "a NACE section (A to V), a NACE code such as 86, or a known word such as zorg"


@cache
def _words(code_list: str, labels: str) -> Mapping[str, str]:
    """Synonyms and official names -> code. A word that needs a question is not in it."""
    found: dict[str, str] = {}
    for row in codes.rows(labels):
        for language in ("nl", "fr", "en"):
            if row.get(language):
                found.setdefault(key_of(row[language]), row["code"])
    for row in codes.rows("synonyms_nl.csv"):
        if row["list"] == code_list and "ask" not in row["note"]:
            for word in (row["term"], *row["term"].split("/")):
                found[key_of(word)] = row["code"]
    return found


def _divisions(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def section(cell: object, revision: Revision | None) -> tuple[str, str | None]:
    """Return the Rev. 2.1 section and, where it is known, the division. Raises WrongValue.

    A revision of None is one that nobody told: what both revisions call the same is read.
    """
    text = key_of(text_of(cell))
    if _JOINT_COMMITTEE.match(text):
        raise WrongValue(
            "a sector; a joint committee (PC) is not a sector, as PC 200 is in every sector"
        )
    if found := _LETTER.match(text):
        return _of_letter(found[1].upper(), found[2] or "", revision), None
    if found := _CODE.match(text):
        return _of_code(found, revision)
    word = _words("nace21", "nace21_sections.csv").get(text)
    if word is None:
        raise WrongValue(_EXPECTED)
    return word, None


def _of_letter(letter: str, label: str, revision: Revision | None) -> str:
    """Read a letter, and the label beside it where that is one we know."""
    labelled = _labelled(label)
    if len(labelled) > 1:
        raise _split(letter)
    meant = set[str]()
    for one in REVISIONS if revision is None else (revision,):
        sections = {letter} & set(codes.sectors()) if one == "2.1" else _moved(letter)
        meant |= sections & labelled if labelled else sections
    if len(meant) == 1:
        return meant.pop()
    if labelled and not meant:
        raise WrongValue(
            "a letter and label that belong together in NACE Rev. {revision}; the letters after J "
            "moved in 2025: see nace_revision in the mapping file",
            revision=revision or "2 or 2.1",
        )
    if revision == "2" and meant:
        raise _split(letter)
    if not meant:
        raise WrongValue(_EXPECTED)
    raise WrongValue(
        "a NACE section of a known revision: give nace_revision in the mapping file, "
        '"2" where Q is care or "2.1" where R is'
    )


def _moved(letter: str) -> set[str]:
    """The sections of Rev. 2.1 in which a section of Rev. 2 is found today."""
    rows = codes.rows("nace2_to_nace21.csv")
    moved = {row["rev21_section"] for row in rows if row["rev2_section"] == letter}
    return moved | {"T"} if letter == "G" else moved  # repair of vehicles


def _labelled(label: str) -> set[str]:
    """The sections of Rev. 2.1 that a label means, printed by whichever revision."""
    word = _words("nace21", "nace21_sections.csv").get(label)
    if word is not None:
        return {word}
    older = _old_labels().get(label)
    return _moved(older) if older else set()


@cache
def _old_labels() -> Mapping[str, str]:
    rows = codes.rows("nace2_labels.csv")
    return {key_of(row[of]): row["code"] for row in rows for of in ("nl", "fr", "en")}


def _of_code(found: re.Match[str], revision: Revision | None) -> tuple[str, str | None]:
    letter = (found["letter"] or "").upper()
    if revision == "2":
        return _from_revision_2(letter, found["division"], found["rest"]), None
    try:
        return _from_division(letter, found["division"]), found["division"]
    except WrongValue:
        if revision is None:
            return _from_revision_2(letter, found["division"], found["rest"]), None
        raise


def _from_division(letter: str, division: str) -> str:
    for row in codes.rows("nace21_sections.csv"):
        if int(division) in _divisions(row["divisions"]):
            if letter and letter != row["code"]:
                raise WrongValue(
                    "a letter and number that belong together in NACE Rev. 2.1; for the older "
                    'letters set nace_revision to "2"'
                )
            return row["code"]
    raise WrongValue(_EXPECTED)


def _from_revision_2(letter: str, division: str, rest: str) -> str:
    rows = [
        row
        for row in codes.rows("nace2_to_nace21.csv")
        if (not letter or row["rev2_section"] == letter)
        and (not division or int(division) in _divisions(row["rev2_divisions"]))
    ]
    if not rows:
        raise WrongValue(_EXPECTED)
    if division == "45":
        return _vehicles(rest)
    if len({row["rev21_section"] for row in rows}) > 1 or "part" in {row["kind"] for row in rows}:
        raise _split(letter)
    return rows[0]["rev21_section"]


def _split(letter: str) -> WrongValue:
    rows = [row for row in codes.rows("nace2_to_nace21.csv") if row["rev2_section"] == letter]
    return WrongValue(
        "a NACE code with its number, such as {example}: the letter {letter} was split in 2025",
        example=f"{letter}{rows[-1]['rev2_divisions'][:2]}",
        letter=letter,
    )


def _vehicles(rest: str) -> str:
    """Division 45 of Rev. 2: repair (45.2) went to T, sales stayed in G."""
    if rest[:1] == "2":
        return "T"
    if rest[:1] in ("1", "3"):
        return "G"
    raise WrongValue("46 or 47 for selling vehicles, 45.20 for repairing them; 45 is both")


def first_section(cell: object, revision: Revision | None) -> tuple[str, str | None]:
    """As `section`; of several wishes the first counts."""
    try:
        return section(cell, revision)
    except WrongValue:
        first = _SEVERAL.split(text_of(cell), maxsplit=1)[0]
        return section(first, revision)


def occupation(cell: object) -> str:
    """Return an ISCO-08 group of one or two digits; of two jobs the first. Raises WrongValue."""
    text = key_of(text_of(cell))
    if re.fullmatch(r"\d{1,4}", text) and text[:2] in codes.occupations(min(len(text), 2)):
        return text[:2]
    known = _words("isco08", "isco08.csv")
    for words in (text, _SEVERAL.split(text, maxsplit=1)[0]):
        if words in known:
            return known[words]
    raise WrongValue("an ISCO-08 code of 1 to 4 digits, or a known job such as verpleegkundige")


def training_field(cell: object) -> str:
    """Return an ISCED-F broad field, two digits (Excel drops the 0 of 09). Raises WrongValue."""
    text = key_of(text_of(cell))
    if re.fullmatch(r"\d{1,2}", text) and text.zfill(2) in codes.isced_fields():
        return text.zfill(2)
    for row in codes.rows("iscedf_broad.csv"):
        if text in {key_of(row["nl"]), key_of(row["fr"]), key_of(row["en"])}:
            return row["code"]
    raise WrongValue("an ISCED-F field, two digits such as 09")
