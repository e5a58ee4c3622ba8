"""How a command of any program ends when something goes wrong, and how it speaks."""

from pathlib import Path

import click
import pytest
import typer
from typer.testing import CliRunner

from chassis.commands import Command, complain, program, tell
from chassis.errors import NotYet, Refusal, WrongInput
from chassis.texts import SHARED, Language, Texts
from schemas.document import MalformedDocument
from schemas.signed import BadSignature


@pytest.fixture(autouse=True)
def _no_debug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEGWIJS_DEBUG", raising=False)


def words(language: Language = "en") -> Texts:
    return Texts.load(SHARED, language)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (FileNotFoundError(2, "No such file", "klanten.csv"), 4, "klanten.csv is not there"),
        (PermissionError(13, "Permission denied", "x.csv"), 4, "cannot be used: Permission denied"),
        (MalformedDocument("not a document"), 2, "Not a document. Nothing was changed."),
        (BadSignature("signed by another"), 3, "Signed by another. Nothing was changed."),
        (NotYet("no centre is there"), 4, "No centre is there. Nothing was changed."),
        (WrongInput("{file} is empty", file="a.csv"), 2, "a.csv is empty. Nothing was changed."),
        (Refusal("The key is wrong. Ask for it."), 3, "The key is wrong. Ask for it."),
        (KeyError("client 00412"), 1, "Something went wrong that should not (KeyError)"),
    ],
)
def test_whatever_goes_wrong_is_one_sentence_and_a_stable_exit_code(
    capsys: pytest.CaptureFixture[str], error: Exception, code: int, said: str
) -> None:
    assert complain(error, words()) == code
    shown = capsys.readouterr()
    assert shown.err.startswith(said) or said in shown.err
    assert shown.out == ""
    assert "00412" not in shown.err
    assert len(shown.err.splitlines()) == 1


@pytest.mark.parametrize(("number", "dutch"), [(1, "1 centrum"), (2, "2 centra"), (0, "0 centra")])
def test_a_refusal_that_goes_with_a_number_takes_its_form(
    capsys: pytest.CaptureFixture[str], number: int, dutch: str
) -> None:
    refusal = NotYet("{n} centre", n=number).counted("{n} centres", number)
    assert complain(refusal, words("nl")) == 4
    assert capsys.readouterr().err == f"{dutch}\n"
    assert str(refusal) == ("1 centre" if number == 1 else f"{number} centres")


def test_a_clause_is_a_sentence_in_dutch_too(capsys: pytest.CaptureFixture[str]) -> None:
    complain(NotYet("no centre is there"), words("nl"))
    assert capsys.readouterr().err == "No centre is there. Er is niets veranderd.\n"


def _failing() -> typer.Typer:
    made = program("A program that fails.", words)

    @made.command("fail", cls=Command, help="Print one JSON object.")
    def fail() -> None:
        raise KeyError("client 00412")

    @made.command("stop")
    def stop() -> None:
        raise click.Abort

    @made.command("refuse")
    def refuse() -> None:
        raise WrongInput("nothing fits")

    inner = typer.Typer(help="More of it.")
    inner.command("fail")(fail)
    inner.command("refuse")(refuse)
    made.add_typer(inner, name="inner")
    return made


@pytest.mark.parametrize("command", [["fail"], ["inner", "fail"]])
def test_our_own_mistake_shows_neither_a_traceback_nor_its_words(command: list[str]) -> None:
    result = CliRunner().invoke(_failing(), command)
    assert result.exit_code == 1
    assert "00412" not in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("command", "code"),
    [(["refuse"], 2), (["inner", "refuse"], 2), (["stop"], 130), (["nonsense"], 2)],
)
def test_a_program_ends_with_the_code_of_its_refusal(command: list[str], code: int) -> None:
    assert CliRunner().invoke(_failing(), command).exit_code == code


def test_who_looks_for_a_mistake_sees_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEGWIJS_DEBUG", "1")
    assert isinstance(CliRunner().invoke(_failing(), ["fail"]).exception, KeyError)


def test_facts_are_printed_on_one_line_whatever_they_hold(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tell({"name": "Café\n\x1b[2J"}, "not said", as_json=True)
    assert capsys.readouterr().out == '{"name": "Café\\n\\u001b[2J"}\n'


def test_a_closed_pipe_is_nobodys_mistake() -> None:
    made = program("Writes.", words)

    @made.command("write")
    def write() -> None:
        raise BrokenPipeError(32, "Broken pipe")

    @made.command("other")
    def other() -> None:
        """One more, so that the first has a name."""

    result = CliRunner().invoke(made, ["write"])
    assert result.exit_code == 1
    assert "cannot be used" not in result.output


def test_a_domain_without_catalogue_still_knows_the_shared_words(tmp_path: Path) -> None:
    assert Texts.load(tmp_path, "nl")("Nothing was changed.") == "Er is niets veranderd."
