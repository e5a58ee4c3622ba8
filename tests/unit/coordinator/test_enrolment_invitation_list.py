"""Inviting a whole list: all of it, or nothing, with the row that is wrong."""

import json
import sys
from pathlib import Path

import pytest
from region_home import FakeClock, Region

from chassis.errors import WrongInput
from chassis.store import audit_log
from coordinator import cli
from coordinator.enrolment.invitation_list import read_guests
from coordinator.enrolment.invitations import Guest
from coordinator.store import centres
from schemas.enrolment import Invitation

HEADER = "name,organisation,number"
TWO = f"{HEADER}\nCentrum A,Org A,001\nCentrum B,Org B,002\n"


@pytest.mark.parametrize(
    "text",
    [
        TWO,
        TWO.replace(",", ";"),
        TWO.replace("\n", "\r\n"),
        "\ufeff" + TWO,
        TWO.replace(HEADER, "Name , Organisation,NUMBER"),
        TWO.replace("Centrum A,", " Centrum A ,"),
        TWO + "\n\n",
        TWO.replace("Centrum A", '"Centrum A"'),
    ],
    ids=["comma", "semicolon", "windows", "mark", "capitals", "spaces", "empty lines", "quotes"],
)
def test_a_list_in_any_usual_spelling_is_read(text: str) -> None:
    assert read_guests(text.encode(), 30) == [
        Guest("Centrum A", "Org A", "001", 30),
        Guest("Centrum B", "Org B", "002", 30),
    ]


def test_a_comma_within_quotation_marks_belongs_to_the_name() -> None:
    (guest,) = read_guests(f'{HEADER}\n"Loopbaan, en meer",Org,1\n'.encode(), 1)
    assert guest.name == "Loopbaan, en meer"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "first line"),
        (b"naam,organisatie,nummer\nA,B,1\n", "first line"),
        (b"name,organisation\nA,B\n", "first line"),
        (HEADER.encode(), "names no centre"),
        (f"{HEADER}\n\n".encode(), "names no centre"),
        (f"{HEADER}\nA,B\n".encode(), "row 2 of the list has 2 cells and not 3"),
        (f"{HEADER}\nA,B,1\nA,B,1,x\n".encode(), "row 3 of the list has 4 cells"),
        (f"{HEADER}\nA,B,1\n ,B,2\n".encode(), "row 3 of the list: name, organisation"),
        (f"{HEADER}\n{'A' * 121},B,1\n".encode(), "row 2 of the list: name, organisation"),
        (TWO.encode("utf-16"), "not UTF-8"),
        (f"{HEADER}\nCentrum é,B,1\n".encode("latin-1"), "not UTF-8"),
        (b"x" * 1_000_001, "longer than a million bytes"),
        (f'{HEADER}\n"A,B,1\n{"C,D,2" * 30_000}'.encode(), "not a CSV file"),
    ],
    ids=str,
)
def test_a_wrong_list_names_what_is_wrong(raw: bytes, said: str) -> None:
    with pytest.raises(WrongInput, match=said):
        read_guests(raw, 14)


@pytest.mark.parametrize("days", [0, 366])
def test_invitations_hold_for_a_day_to_a_year(days: int) -> None:
    with pytest.raises(WrongInput, match="1 to 365 days"):
        read_guests(TWO.encode(), days)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Region:
    monkeypatch.setenv("WEGWIJS_LANG", "en")
    return Region(tmp_path / "coordinator", FakeClock(1_760_000_000))


def run(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["wegwijs-coordinator", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_every_centre_of_a_list_gets_a_file_that_only_the_operator_reads(
    home: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (tmp_path / "list.csv").write_text(TWO)
    words = ("invite-all", tmp_path / "list.csv", "--dir", home.folder, "--out", tmp_path / "out")
    assert run(monkeypatch, *words, "--json") == 0
    shown = capsys.readouterr().out
    invited = json.loads(shown)["invited"]
    assert [(one["centre"], one["name"]) for one in invited] == [(1, "Centrum A"), (2, "Centrum B")]
    files = [Path(one["file"]) for one in invited]
    assert files == sorted((tmp_path / "out").iterdir())
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)
    read = [Invitation.from_text(path.read_text()) for path in files]
    assert [one.name for one in read] == ["Centrum A", "Centrum B"]
    assert all(one.token not in shown for one in read)
    with home.store.begin() as connection:
        assert [one.centre for one in centres.open_invitations(connection)] == [1, 2]
        audit_log.check(connection)


def test_one_wrong_row_invites_nobody(
    home: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (tmp_path / "list.csv").write_text(TWO + "Centrum C,,003\n")
    words = ("invite-all", tmp_path / "list.csv", "--dir", home.folder, "--out", tmp_path / "out")
    assert run(monkeypatch, *words) == 2
    assert "Row 4 of the list" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    with home.store.begin() as connection:
        assert centres.open_invitations(connection) == []


def test_a_folder_that_cannot_be_written_invites_nobody(
    home: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (tmp_path / "list.csv").write_text(TWO)
    (tmp_path / "file").touch()
    words = ("invite-all", tmp_path / "list.csv", "--dir", home.folder, "--out",
             tmp_path / "file" / "out")  # fmt: skip
    assert run(monkeypatch, *words) == 2
    assert "cannot be written" in capsys.readouterr().err
    with home.store.begin() as connection:
        assert centres.open_invitations(connection) == []


def test_a_second_list_goes_on_with_the_next_ids(
    home: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "list.csv").write_text(TWO)
    for out in ("first", "second"):
        words = ("invite-all", tmp_path / "list.csv", "--dir", home.folder)
        assert run(monkeypatch, *words, "--out", tmp_path / out) == 0
    assert sorted(path.name for path in (tmp_path / "second").iterdir()) == [
        "centre-003.invitation.txt",
        "centre-004.invitation.txt",
    ]
