"""What a mapping can say of a file: constants, places, long form, words for all items."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from centre_files import CASES, column, folder, imported, refused, stored
from click.testing import Result
from openpyxl import Workbook
from typer.testing import CliRunner

from node.cli import app

__all__ = ["folder"]

WB = "long-format"


def read(
    folder: Path, lines: list[str], columns: dict[str, Any], *more: str, **rest: Any
) -> Result:
    """Import these lines with a mapping of these columns."""
    file, mapping = folder.parent / "export.csv", folder.parent / "export.json"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    mapping.write_text(json.dumps({"version": 1, "columns": columns} | rest), encoding="utf-8")
    words = ["import", str(file), "--mapping", str(mapping), "--dir", str(folder), *more]
    return CliRunner().invoke(app, words)


BASIC = {
    "nr": {"fields": ["client_ref", "trajectory_ref"]},
    "start": {"field": "started_on"},
}
DONE = {"status": "completed"}


def test_one_number_serves_two_fields_and_a_constant_every_row(folder: Path) -> None:
    lines = ["nr;start;loon", "1;1/9/2024;2760", "2;2/9/2024;2500"]
    columns = BASIC | {"loon": {"ignore": True}}
    constants = {"status": "completed", "funding": "employer", "sector_before": "R"}
    assert read(folder, lines, columns, constants=constants).exit_code == 0
    found = [(one.status, one.funding, one.sector_before) for one in stored(folder)]
    assert found == [("completed", "employer", "R")] * 2
    assert len({one.client_ref for one in stored(folder)}) == 2


@pytest.mark.parametrize(
    ("constants", "reason"),
    [
        ({}, "no column to status"),
        ({"status": "klaar"}, "status a constant that it cannot have: klaar"),
        ({"status": ""}, "status a constant that it cannot have"),
        ({**DONE, "client_ref": "1"}, "client_ref a column and a constant"),
        ({**DONE, "schoenmaat": "41"}, "does not exist: schoenmaat"),
        ({**DONE, "moment": "later"}, "moment a constant that it cannot have"),
    ],
)
def test_a_constant_that_cannot_be_is_refused(
    folder: Path, constants: dict[str, str], reason: str
) -> None:
    result = read(folder, ["nr;start", "1;1/9/2024"], BASIC, constants=constants)
    assert reason in refused(folder, result)


def test_all_rows_of_one_client_is_no_constant(folder: Path) -> None:
    columns = {"nr": {"field": "trajectory_ref"}, "start": {"field": "started_on"}}
    result = read(
        folder, ["nr;start", "1;1/9/2024"], columns, constants={**DONE, "client_ref": "1"}
    )
    assert "gives every row the same client_ref" in refused(folder, result)


def test_rows_of_one_dossier_are_put_together_by_their_moment(folder: Path) -> None:
    said = refused(folder, imported(folder, WB))
    assert "also in row 2" in said
    long = column("moment", field="moment") | column("WG1", field="wellbeing.moment.meaning.1")
    assert imported(folder, WB, columns=long).exit_code == 0
    (one,) = stored(folder)
    assert one.wellbeing == {"intake": {"meaning": (3, None, None)},
                             "end": {"meaning": (4, None, None)}}  # fmt: skip


def test_a_moment_in_the_centres_own_words(folder: Path) -> None:
    lines = ["nr;start;meting;WG1", "1;1/9/2024;eerste;3", "1;1/9/2024;tweede;5"]
    columns = BASIC | {
        "meting": {"field": "moment", "values": {"eerste": "intake", "tweede": "12m"}},
        "WG1": {"field": "wellbeing.moment.meaning.1"},
    }
    assert read(folder, lines, columns, constants=DONE).exit_code == 0
    assert [*stored(folder)[0].wellbeing] == ["intake", "12m"]


def test_rows_that_contradict_each_other_are_named_and_their_record_left_out(
    folder: Path,
) -> None:
    lines = ["nr;start;moment;WG1", "1;1/9/2024;start;3", "2;1/9/2024;start;4",
             "1;2/9/2024;einde;4", "2;1/9/2024;einde;5"]  # fmt: skip
    columns = BASIC | {
        "moment": {"field": "moment"},
        "WG1": {"field": "wellbeing.moment.meaning.1"},
    }
    said = refused(folder, read(folder, lines, columns, constants=DONE))
    assert 'row 4, start: "2024-09-02"; expected: the same as in row 2' in said
    done = read(folder, lines, columns, "--skip-wrong", "--json", constants=DONE)
    answer = json.loads(done.stdout)
    assert (answer["new"], answer["rows"], answer["skipped"]) == (1, 4, 2)
    assert [one.wellbeing["end"]["meaning"][0] for one in stored(folder)] == [5]


def test_one_row_per_answer_becomes_one_record(folder: Path) -> None:
    lines = [
        "nr;start;wanneer;vraag;antwoord",
        "1;1/9/2024;start;WG1;helemaal akkoord",
        "1;1/9/2024;start;Ik beslis mee hoe ik mijn werk aanpak.;2",
        "1;1/9/2024;einde;werkdruk;4",
        "1;1/9/2024;einde;sfeer;3",
        "1;1/9/2024;einde;Opmerking;ging goed",
        "1;1/9/2024;einde;WG2;",
    ]
    items = {"werkdruk": "wellbeing.moment.balance.1", "sfeer": "context_fit.moment.team",
             "Opmerking": ""}  # fmt: skip
    columns = BASIC | {
        "wanneer": {"field": "moment"},
        "vraag": {"field": "item", "values": items},
        "antwoord": {"field": "answer"},
    }
    words = {"values": {"helemaal akkoord": "5"}}
    assert read(folder, lines, columns, constants=DONE, answers=words).exit_code == 0
    (one,) = stored(folder)
    assert one.wellbeing == {
        "intake": {"meaning": (5, None, None), "autonomy": (2, None, None)},
        "end": {"balance": (4, None, None)},
    }
    assert one.context_fit == {"end": {"team": 3}}


@pytest.mark.parametrize(
    ("row", "where"),
    [
        ("1;1/9/2024;start;WG99;3", 'vraag: "WG99"; expected: an item of the questionnaire'),
        ("1;1/9/2024;start;;3", 'vraag: ""; expected: the item of the answer beside it'),
        ("1;1/9/2024;;WG1;3", 'wanneer: ""; expected: the moment of the answers'),
        ("1;1/9/2024;ooit;WG1;3", 'wanneer: "ooit"; expected: one of 12m, 6m, end, intake'),
        ("1;1/9/2024;start;WG1;9", 'antwoord: "9"; expected: a score from 1 to 5'),
    ],
)
def test_an_answer_without_its_item_or_moment_is_named(folder: Path, row: str, where: str) -> None:
    columns = BASIC | {
        "wanneer": {"field": "moment"},
        "vraag": {"field": "item"},
        "antwoord": {"field": "answer"},
    }
    lines = ["nr;start;wanneer;vraag;antwoord", row]
    assert where in refused(folder, read(folder, lines, columns, constants=DONE))


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"v": {"field": "item"}}, "no column to answer"),
        ({"v": {"field": "answer"}}, "no column to item"),
        ({"v": {"field": "wellbeing.moment.meaning.1"}}, "no column says that moment"),
        ({"v": {"field": "moment", "empty": "clears"}}, "does not say what"),
        ({"v": {"field": "wage_before"}, "kolom 3": {"ignore": True}, "Column 3": {"ignore": True}},
         "kolom 3 twice"),
    ],
)  # fmt: skip
def test_a_mapping_that_leaves_something_open_is_refused(
    folder: Path, columns: dict[str, Any], reason: str
) -> None:
    result = read(folder, ["nr;start;v", "1;1/9/2024;3"], BASIC | columns, constants=DONE)
    assert reason in refused(folder, result)


def test_rows_of_talks_are_put_together_when_the_mapping_says_so(folder: Path) -> None:
    lines = ["nr;start;loon", "1;1/9/2024;", "1;1/9/2024;2760"]
    columns = BASIC | {"loon": {"field": "wage_before"}}
    assert "also in row 2" in refused(folder, read(folder, lines, columns, constants=DONE))
    done = read(folder, lines, columns, constants=DONE, file={"join_rows": True})
    assert done.exit_code == 0
    assert [one.wage_before for one in stored(folder)] == [2760]


def test_words_and_scales_are_said_once_for_all_items(folder: Path) -> None:
    lines = ["nr;start;WG1;WG2;WG4;team", "1;1/9/2024;10;helemaal akkoord;7;2"]
    columns = BASIC | {
        "WG1": {"field": "wellbeing.intake.meaning.1"},
        "WG2": {"field": "wellbeing.intake.meaning.2"},
        "WG4": {"field": "wellbeing.intake.autonomy.1", "scale": [7, 1]},
        "team": {"field": "context_fit.intake.team"},
    }
    answers = {"scale": [0, 10], "values": {"helemaal akkoord": "4"}}
    assert read(folder, lines, columns, constants=DONE, answers=answers).exit_code == 0
    (one,) = stored(folder)
    assert one.wellbeing["intake"] == {"meaning": (5, 4, None), "autonomy": (1, None, None)}
    assert one.context_fit == {"intake": {"team": 2}}


@pytest.mark.parametrize(
    ("answers", "reason"),
    [({"scale": [3, 3]}, "see answers.scale"), ({"values": {"eens": "9"}}, "not have: 9")],
)
def test_answers_that_lead_to_no_score_are_refused(
    folder: Path, answers: dict[str, Any], reason: str
) -> None:
    columns = BASIC | {"WG1": {"field": "wellbeing.intake.meaning.1"}}
    lines = ["nr;start;WG1", "1;1/9/2024;eens"]
    assert reason in refused(folder, read(folder, lines, columns, constants=DONE, answers=answers))


def test_rows_below_the_header_of_qualtrics_are_skipped(folder: Path) -> None:
    case = "qualtrics-rows-below-header"
    assert "2 of 3 rows" in refused(folder, imported(folder, case))
    assert imported(folder, case, file={"skip_rows_below_header": 2}).exit_code == 0
    assert [(one.status, f"{one.started_on}") for one in stored(folder)] == [
        ("completed", "2024-09-01")
    ]


def test_columns_without_a_name_or_with_the_same_are_known_by_their_place(folder: Path) -> None:
    export = (CASES / "column-without-name-or-twice-the-same" / "export.csv").read_text()
    columns = {
        "column 1": {"ignore": True},
        "Klantnr": {"field": "client_ref"},
        "Dossiernummer": {"field": "trajectory_ref"},
        "Datum intake": {"field": "started_on"},
        "Status traject": {"field": "status"},
        "Opmerking": {"ignore": True},
        "Opmerking (2)": {"ignore": True},
    }
    assert read(folder, export.splitlines(), columns).exit_code == 0
    assert len(stored(folder)) == 1


def test_a_file_without_a_header_is_read_by_place_and_may_have_an_empty_column(
    folder: Path,
) -> None:
    columns = {
        "kolom 1": {"fields": ["client_ref", "trajectory_ref"]},
        "kolom 2": {"field": "started_on"},
        "kolom 3": {"field": "wage_before"},
    }
    file = {"header_row": 0}
    lines = ["1;1/9/2024;2760", "2;2/9/2024;"]
    assert read(folder, lines, columns, constants=DONE, file=file).exit_code == 0
    assert [one.wage_before for one in stored(folder)] == [2760, None]
    again = read(folder, ["3;3/9/2024;"], columns, constants=DONE, file=file)
    assert again.exit_code == 0
    other = read(folder, ["3;3/9/2024;;x"], columns, constants=DONE, file=file)
    assert "does not mention: kolom 4" in other.stderr


def test_dates_that_may_have_the_month_first_are_asked_where_another_column_has_it(
    folder: Path,
) -> None:
    lines = ["nr;start;einde", "1;04/13/2024;05/06/2024"]
    american = {"field": "started_on", "dates": "month-first"}
    columns = BASIC | {"start": american, "einde": {"field": "ended_on"}}
    said = refused(folder, read(folder, lines, columns, constants=DONE))
    assert "dates under einde can be read in two ways, and those under start" in said
    columns["einde"] = {"field": "ended_on", "dates": "month-first"}
    assert read(folder, lines, columns, constants=DONE).exit_code == 0
    assert [f"{one.ended_on}" for one in stored(folder)] == ["2024-05-06"]


def test_dates_that_a_spreadsheet_took_half_of_are_refused_whatever_the_mapping_says(
    folder: Path,
) -> None:
    book = Workbook()
    for row in (["nr", "start"], [1, datetime(2024, 5, 4)], [2, "04/13/2024"]):  # noqa: DTZ001
        book.worksheets[0].append(row)
    file, mapping = folder.parent / "export.xlsx", folder.parent / "export.json"
    book.save(file)
    columns = BASIC | {"start": {"field": "started_on", "dates": "month-first"}}
    whole = {"version": 1, "columns": columns, "constants": DONE}
    mapping.write_text(json.dumps(whole), encoding="utf-8")
    words = ["import", str(file), "--mapping", str(mapping), "--dir", str(folder)]
    said = refused(folder, CliRunner().invoke(app, words))
    assert "it may have swapped days and months" in said
    assert "(row Sheet 3)" in said
