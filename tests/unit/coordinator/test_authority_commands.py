"""The authority signs nothing that it was not shown: every change, then a question or a digest."""

import json
import os
import pty
import subprocess
from pathlib import Path
from typing import Any

import pytest
from test_enrolment_commands import COMMAND, Said, run, run_json

from coordinator.authority.signing_history import SigningHistory
from schemas.enrolment import RosterCandidate
from schemas.roster import Centre

NOW = 1_760_000_000


def centre(number: int, **changes: Any) -> Centre:
    plain: dict[str, Any] = {
        "id": number, "name": f"Huis {number}", "key": f"{number:064x}",
        "organisation": "Groot vzw" if number <= 8 else f"Klein {number}",
        "recognised_number": f"E-{100 + number}",
    }  # fmt: skip
    return Centre(**{**plain, **changes})


def candidate(folder: Path, centres: list[Centre], **changes: Any) -> Path:
    plain: dict[str, Any] = {
        "epoch": 1, "previous": None, "coordinator": "aa" * 32, "valid_from": NOW,
        "valid_until": NOW + 1_000, "centres": tuple(centres),
    }  # fmt: skip
    made = RosterCandidate(**{**plain, **changes})
    path = folder / f"candidate-{made.epoch}.json"
    path.write_text(made.model_dump_json(indent=2))
    return path


def digest(path: Path) -> str:
    return RosterCandidate.model_validate_json(path.read_bytes()).digest()


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    SigningHistory.create(tmp_path / "authority", os.urandom)
    return tmp_path / "authority"


def sign(authority: Path, document: Path, *words: str) -> Said:
    out = authority.parent / "signed.json"
    return run("authority", "sign-roster", document, "--dir", authority, "--out", out, *words)


FIFTEEN = [centre(k) for k in range(1, 16)]


def signed_once(authority: Path) -> str:
    """The digest of the first roster, after it was signed."""
    first = candidate(authority.parent, FIFTEEN)
    out = authority.parent / "first.json"
    words = ("--dir", authority, "--out", out, "--digest", digest(first))
    return str(run_json("authority", "sign-roster", first, *words)["digest"])


def test_a_first_roster_is_listed_whole_and_not_signed_without_consent(authority: Path) -> None:
    said = sign(authority, candidate(authority.parent, FIFTEEN))
    assert said.code == 3
    assert not (authority.parent / "signed.json").exists()
    assert "Nothing was signed before. All that is in this document:" in said.out
    for one in FIFTEEN:
        line = (
            f"  new centre {one.id}: {one.name}, organisation {one.organisation}, number "
            f"{one.recognised_number}, key {one.key}"
        )
        assert line in said.out.splitlines()
    assert "15 centres of 8 organisations; the largest runs 8" in said.out
    assert "give --digest " in said.err


def test_eight_centres_of_one_firm_renamed_into_eight_firms_are_eight_lines_and_a_count(
    authority: Path,
) -> None:
    previous = signed_once(authority)
    renamed = [centre(k, organisation=f"Nieuw {k}") if k <= 8 else centre(k) for k in range(1, 16)]
    said = sign(authority, candidate(authority.parent, renamed, epoch=2, previous=previous))
    for k in range(1, 9):
        line = f"  centre {k}: organisation from “Groot vzw” to “Nieuw {k}”"
        assert line in said.out.splitlines()
    assert "organisations: from 8 to 15; the largest runs 8, and now 1" in said.out
    assert said.code == 3


def test_names_that_look_alike_are_pointed_at_and_counted_as_one(authority: Path) -> None:
    spelled = [centre(1, organisation="Groot v.z.w."), *FIFTEEN[1:]]
    said = sign(authority, candidate(authority.parent, spelled))
    assert "15 centres of 8 organisations; the largest runs 8" in said.out
    assert "Look twice: “Groot v.z.w.”, “Groot vzw” look alike." in said.out


def test_a_name_that_moves_the_cursor_is_refused_and_reaches_no_terminal(authority: Path) -> None:
    document = candidate(authority.parent, FIFTEEN)
    plain = json.loads(document.read_text())
    plain["centres"][0]["name"] = "Huis\x1b[2A\x1b[2KHuis 1"
    plain["centres"][0]["\x1b[2J"] = 1
    document.write_text(json.dumps(plain))
    said = sign(authority, document)
    assert (said.code, said.out) == (2, "")
    assert "\x1b" not in said.err
    assert "not a roster candidate" in said.err


def test_the_digest_of_another_paper_signs_nothing(authority: Path) -> None:
    document = candidate(authority.parent, FIFTEEN)
    said = sign(authority, document, "--digest", "00" * 32)
    assert said.code == 2
    assert digest(document) in said.err
    assert SigningHistory(authority).rosters(SigningHistory(authority).key()) == []


def test_with_the_digest_all_is_printed_as_well_and_it_is_signed(authority: Path) -> None:
    document = candidate(authority.parent, FIFTEEN)
    said = sign(authority, document, "--digest", digest(document))
    assert said.code == 0
    assert "  new centre 8: " in said.out
    assert "Signed: roster 1, valid until" in said.out
    again = sign(authority, document)
    assert again.code == 0
    assert "It was signed before." in again.out


def test_as_json_every_change_is_a_fact_and_nothing_is_signed_unasked(authority: Path) -> None:
    previous = signed_once(authority)
    moved = [centre(1, name="Elders"), *FIFTEEN[1:]]
    document = candidate(
        authority.parent, moved, epoch=2, previous=previous, valid_until=NOW + 9_999
    )
    said = sign(authority, document, "--json")
    facts = json.loads(said.out)
    assert (said.code, facts["signed"], facts["document"]) == (3, False, digest(document))
    assert facts["changes"] == [
        {"path": "epoch", "old": 1, "new": 2},
        {"path": "previous", "old": None, "new": previous},
        {"path": "valid_until", "old": NOW + 1_000, "new": NOW + 9_999},
        {"path": "centres[1].name", "old": "Huis 1", "new": "Elders"},
    ]


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 3), ("", 3)])
def test_somebody_at_a_terminal_is_asked_and_decides(
    authority: Path, answer: str, code: int
) -> None:
    document, out = candidate(authority.parent, FIFTEEN), authority.parent / "signed.json"
    ours, theirs = pty.openpty()
    words = ("authority", "sign-roster", document, "--dir", authority, "--out", out)
    started = subprocess.Popen(
        [COMMAND, *map(str, words)], stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "WEGWIJS_LANG": "en"},
    )  # fmt: skip
    os.write(ours, f"{answer}\n".encode())
    said, _ = started.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert started.returncode == code
    assert b"Do you sign this?" in said
    assert out.exists() is (code == 0)


def test_a_programme_under_another_id_is_compared_with_the_last_one(authority: Path) -> None:
    folder = authority.parent
    draft, out = folder / "draft.json", folder / "programme.json"
    document = run_json("programme", "draft", "--out", draft, "--period", "2024")["document"]
    words = ("--dir", authority, "--out", out)
    run_json("authority", "sign-programme", draft, *words, "--digest", document)
    plain = json.loads(draft.read_text())
    plain["id"], plain["delta_exponent"] = "iets-anders", 4
    plain["statistics"][0]["population"] = "completed"
    draft.write_text(json.dumps(plain))
    said = run("authority", "sign-programme", draft, *words)
    assert said.code == 3
    assert '  id: from "werkgeluk-en-loopbaan" to "iets-anders"' in said.out
    assert "  delta: from 10^-6 to 10^-4" in said.out
    assert ': of which people, from "all" to "completed"' in said.out


def test_a_rehearsal_says_in_its_programme_whose_records_it_is_about(tmp_path: Path) -> None:
    for words, whose in (((), "clients"), (("--people", "made-up"), "made-up")):
        draft = tmp_path / f"{whose}.json"
        run_json("programme", "draft", "--out", draft, "--period", "2024", *words)
        assert json.loads(draft.read_bytes())["people"] == whose
