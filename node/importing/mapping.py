"""The mapping file: a centre's own columns, each given a field or ignored.

{"version": 1,
 "file": {"header_row": 1, "nace_revision": "2.1"},
 "constants": {"funding": "cheque"},
 "answers": {"values": {"helemaal akkoord": "5"}},
 "columns": {"Klantnr": {"field": "client_ref"},
             "Status traject": {"field": "status", "values": {"afgerond": "completed"}},
             "Opmerking": {"ignore": true}}}
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, ValidationError, model_validator
from pydantic import Field as Described

from chassis.named_files import read_up_to
from node.importing.layout import FileLayout
from node.importing.notation import DateOrder, DecimalMark, Notation
from node.importing.refusal import WrongMapping
from schemas.document import Document, places

_MISTYPED = re.compile(r"[a-z][a-z_]{0,29}")
"""What may be a slip in a name of ours, and is no text of a client."""


def _two_ends(scale: tuple[int, int]) -> tuple[int, int]:
    if scale[0] == scale[1]:
        raise ValueError("a scale has two different ends")
    return scale


Scale = Annotated[tuple[int, int], AfterValidator(_two_ends)]


class ColumnMapping(Document):
    """What one column is: a field or several, with the centre's own words and notation, or
    ignored."""

    field: str | None = None
    fields: tuple[str, ...] = Described(default=(), description="one column, several fields")
    ignore: Literal[True] | None = None
    values: Mapping[str, str] = Described(
        default_factory=dict, description="word in the file -> code; to nothing: not answered"
    )
    empty: Literal["clears"] | None = Described(
        default=None, description="clears: an empty cell takes away what an earlier file said"
    )
    dates: DateOrder | None = Described(default=None, description="what stands first in 04/05/24")
    decimal: DecimalMark | None = Described(default=None, description="mark before the decimals")
    utc: Literal[True] | None = Described(default=None, description="times without a zone are UTC")
    scale: Scale | None = Described(
        default=None, description="lowest and highest score of the file; turned round: 5, 1"
    )
    age_on: str | None = Described(
        default=None, description="ages: on the day of this field, or on this day (2026-03-01)"
    )

    @model_validator(mode="after")
    def _field_or_ignored(self) -> Self:
        if (self.field is not None) + bool(self.fields) + (self.ignore is not None) != 1:
            raise ValueError("give field, fields or ignore")
        if self.ignore and (self.values or self.empty):
            raise ValueError("an ignored column has no values")
        if self.age_on is not None and self.field != "birth_year":
            raise ValueError("age_on belongs to birth_year")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that the column fills."""
        return self.fields or ((self.field,) if self.field else ())

    @property
    def notation(self) -> Notation:
        """How the column writes its values, as far as the mapping file says."""
        return Notation(self.dates or "day-first", self.decimal, self.utc is True, self.scale)


class Answers(Document):
    """How all items of the questionnaire are answered, said once."""

    values: Mapping[str, str] = Described(
        default_factory=dict, description="word in the file -> score; to nothing: not answered"
    )
    scale: Scale | None = Described(
        default=None, description="lowest and highest score of the file; turned round: 5, 1"
    )


class MappingFile(Document):
    """The whole mapping file of one kind of export."""

    version: Literal[1]
    file: FileLayout = FileLayout()
    constants: Mapping[str, str] = Described(
        default_factory=dict, description="field -> what it is in every row"
    )
    answers: Answers = Answers()
    columns: Mapping[str, ColumnMapping] = Described(min_length=1)


def load_mapping(path: Path) -> MappingFile:
    """Read a mapping file. Raises OSError, TooLarge or WrongMapping."""
    try:
        plain = json.loads(read_up_to(path).decode("utf-8-sig"), object_pairs_hook=_each_once)
    except WrongMapping:
        raise
    except UnicodeDecodeError:
        raise WrongMapping(
            "{file} is not a mapping file: it is not text in UTF-8. Nothing was stored. Choose "
            "the .json file that belongs to your export.",
            file=path.name,
        ) from None
    except json.JSONDecodeError as error:
        raise WrongMapping(
            "{file} is not a mapping file: the JSON stops making sense on line {line}. Nothing "
            "was stored. Correct it, or make a new one with suggest-mapping.",
            file=path.name,
            line=error.lineno,
        ) from None
    except (RecursionError, ValueError):  # nested without end, or a number of thousands of digits
        raise WrongMapping(
            "{file} is not a valid mapping file: see {where}. Nothing was stored. Correct it, or "
            "make a new one with suggest-mapping.",
            file=path.name,
            where="start",
        ) from None
    try:
        return MappingFile.model_validate_json(json.dumps(plain))
    except ValidationError as error:
        raise WrongMapping(
            "{file} is not a valid mapping file: see {where}. Nothing was stored. Correct it, or "
            "make a new one with suggest-mapping.",
            file=path.name,
            where=places(error, strange=_MISTYPED),
        ) from None


def _each_once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise WrongMapping(
                "The mapping file says {name} twice. Nothing was stored. Keep one of the two.",
                name=name,
            )
    return dict(pairs)
