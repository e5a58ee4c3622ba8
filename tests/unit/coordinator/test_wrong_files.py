"""Every command that reads a file refuses a wrong one with a sentence, and never by accident."""

import os
import sys
from pathlib import Path

import pytest

from coordinator import cli
from coordinator.authority.signing_history import SigningHistory
from coordinator.home import Address, Founding, found
from coordinator.store import CoordinatorStore, centres
from schemas.catalogue.default import programme_of_year
from schemas.roster import Centre, Roster
from schemas.signed import Signed
from schemas.units import UnixSeconds

NOW = 1_760_000_000
FILES: dict[str, bytes] = {
    "empty": b"",
    "truncated": b'{"id":"werkgeluk-en-loopbaan","version":1,"reg',
    "binary": bytes(range(256)) * 20,
    "foreign": b'{"body":"[]","signer":"x"}',
    "another shape": b"[1, 2]",
    "a number without end": b'{"a": ' + b"9" * 100_000 + b"}",
    "nested without end": b"[" * 100_000,
    "an escape": b'{"\x1b[2J": "\x1b]0;x"}',
    "a name of another file": "klanten;naam;nummer\nJan;1;2\n".encode("utf-16"),
}
COMMANDS = (
    ("authority", "sign-roster", "{file}", "--dir", "{authority}", "--out", "{out}"),
    ("authority", "sign-programme", "{file}", "--dir", "{authority}", "--out", "{out}"),
    ("roster", "install", "{file}", "--dir", "{coordinator}"),
    ("programme", "install", "{file}", "--dir", "{coordinator}"),
    ("invite-all", "{file}", "--dir", "{coordinator}", "--out", "{out}"),
)


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    monkeypatch.setenv("WEGWIJS_LANG", "en")
    key = SigningHistory.create(tmp_path / "authority", os.urandom).key().public_hex
    founding = Founding("Vlaanderen", key, Address("127.0.0.1", 8443))
    found(tmp_path / "coordinator", founding, os.urandom, NOW)
    return {name: tmp_path / name for name in ("authority", "coordinator", "file", "out")}


def run(monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> int:
    monkeypatch.setattr(sys, "argv", ["wegwijs-coordinator", *words])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return int(end.value.code or 0)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("name", FILES)
def test_a_wrong_file_is_refused_in_a_sentence(
    places: dict[str, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...], name: str,
) -> None:  # fmt: skip
    places["file"].write_bytes(FILES[name])
    code = run(monkeypatch, tuple(word.format(**places) for word in words))
    said = capsys.readouterr()
    assert (code, said.out) == (2, "")
    assert said.err.endswith("Nothing was changed.\n")
    assert said.err.removesuffix("\n").isprintable()
    assert not places["out"].exists()


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_folder_is_not_a_file(
    places: dict[str, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
) -> None:  # fmt: skip
    places["file"].mkdir()
    assert run(monkeypatch, tuple(word.format(**places) for word in words)) == 2
    assert f"{places['file']} cannot be read" in capsys.readouterr().err


def test_a_damaged_database_is_said_to_be_damaged(
    places: dict[str, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in places["coordinator"].glob("coordinator.db*"):
        path.unlink()
    (places["coordinator"] / "coordinator.db").write_bytes(b"junk" * 5_000)
    assert run(monkeypatch, ("status", "--dir", str(places["coordinator"]))) == 4
    assert "cannot be read: it is damaged" in capsys.readouterr().err


def test_a_roster_that_carries_no_round_is_a_sentence_when_a_round_is_announced(
    places: dict[str, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Eight of twelve centres are one firm's: nobody could outvote it."""
    folder = places["coordinator"]
    key = SigningHistory(places["authority"]).key()
    roster = Roster(
        epoch=1, previous=None, seed="00" * 32, coordinator="aa" * 32,
        valid_from=UnixSeconds(0), valid_until=UnixSeconds(2**33),
        centres=tuple(
            Centre(id=k, name=f"Huis {k}", key=f"{k:064x}",
                   organisation="Groot vzw" if k <= 8 else f"Klein {k}",
                   recognised_number=str(k))
            for k in range(1, 13)
        ),
    )  # fmt: skip
    programme = programme_of_year(2024, "Vlaanderen", UnixSeconds(0), UnixSeconds(2**33))
    with CoordinatorStore.open(folder).begin() as connection:
        for kind, version, document in (("roster", 1, roster), ("programme", 1, programme)):
            signed = Signed.seal(document, key.private)
            centres.keep_paper(connection, kind, version, document.digest(), signed)  # type: ignore[arg-type]
    assert run(monkeypatch, ("round", "announce", "--dir", str(folder))) == 3
    said = capsys.readouterr().err
    assert "So few centres, or so few organisations, cannot outvote colluders." in said
    assert "should not" not in said
