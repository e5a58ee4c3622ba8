"""Where in a file the table stands."""

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.document import Document
from schemas.units import Slug


class FileLayout(Document):
    """The `file` part of a mapping file. Rows count from 1, as a spreadsheet shows them."""

    sheet: str | None = Field(default=None, description="the one sheet to read")
    sheets: tuple[str, ...] | None = Field(
        default=None,
        min_length=1,
        description="sheets with the same columns, or patterns of their names: 20* for each year",
    )
    encoding: str | None = Field(
        default=None, max_length=40, description="of a text file; else it is found out"
    )
    delimiter: str | None = Field(
        default=None, min_length=1, max_length=1, description="between cells; else it is found out"
    )
    codes: tuple[str, ...] = Field(
        default=(), description="SPSS variables, or patterns, whose codes count and not the labels"
    )
    header_row: int = Field(
        default=1, ge=0, le=100, description="0: no header; columns are `kolom 1`, `kolom 2`"
    )
    header_rows: Literal[1, 2] = Field(
        default=1, description="2: a row of groups above the names; `Start` over `WG1`: `Start WG1`"
    )
    skip_rows_below_header: int = Field(
        default=0, ge=0, le=20, description="question texts and the like, on each sheet"
    )
    skip_last_rows: int = Field(default=0, ge=0, le=20, description="totals below each sheet")
    join_rows: bool = Field(
        default=False, description="rows of one trajectory together are one record"
    )
    nace_revision: Literal["2", "2.1"] | None = Field(
        default=None, description="of letters; without it those that moved in 2025 are refused"
    )
    questionnaire: Slug = "werkgeluk-1"
    last_seen_on: date | None = Field(
        default=None, description="until when the whole file looks: the day of the export"
    )

    @model_validator(mode="after")
    def _one_way_to_name_sheets(self) -> Self:
        if self.sheet is not None and self.sheets is not None:
            raise ValueError("give sheet or sheets, not both")
        return self

    @property
    def first_row(self) -> int:
        """The first row that holds data."""
        header = self.header_row - 1 + self.header_rows if self.header_row else 0
        return header + self.skip_rows_below_header + 1
