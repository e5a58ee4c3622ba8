"""The whole flow through the commands that a user has, as far as it needs no network."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import spoken
from region_home import request_of
from spoken import Said

from coordinator.authority.signing_history import SigningHistory
from coordinator.enrolment.invitations import enrol, read_request
from coordinator.home import Address, Founding, found
from coordinator.store import CoordinatorStore, centres
from schemas.enrolment import Invitation
from schemas.programme import Programme
from schemas.roster import Roster

COMMAND = Path(sys.executable).parent / "wegwijs-coordinator"


def run(*words: object, language: str = "en", **environment: str) -> Said:
    return spoken.run("wegwijs-coordinator", *words, language=language, **environment)


def run_json(*words: object, **environment: str) -> Any:
    said = run(*words, "--json", **environment)
    assert said.code == 0, said.err
    return json.loads(said.out)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """An authority and a coordinator, made without starting processes."""
    authority, coordinator = tmp_path / "authority", tmp_path / "coordinator"
    key = SigningHistory.create(authority, os.urandom).key().public_hex
    founding = Founding("Vlaanderen", key, Address("127.0.0.1", 8443))
    found(coordinator, founding, os.urandom, int(time.time()))
    return authority, coordinator


def test_from_init_to_an_installed_roster_and_programme(tmp_path: Path) -> None:
    authority, coordinator = tmp_path / "authority", tmp_path / "coordinator"
    key = run_json("authority", "init", "--dir", authority)["public_key"]
    run_json("init", "--dir", coordinator, "--authority-key", key)
    here = {"WEGWIJS_COORDINATOR_DIR": str(coordinator)}
    for number in (1, 2):
        file = tmp_path / f"{number}.txt"
        made = run_json(
            "invite", "--name", f"Centrum {number}", "--organisation", f"Org {number}",
            "--number", number, "--out", file, **here,
        )  # fmt: skip
        assert made["centre"] == number
        assert file.stat().st_mode & 0o077 == 0
        invitation = Invitation.from_text(file.read_text())
        with CoordinatorStore.open(coordinator).begin() as connection:
            request = read_request(request_of(invitation, number).canonical())
            enrol(connection, request, int(time.time()))
    assert [c["id"] for c in run_json("pending", **here)["pending"]] == [1, 2]
    assert run_json("approve", "--all", **here)["approved"] == [1, 2]

    candidate, roster = tmp_path / "candidate.json", tmp_path / "roster.json"
    document = run_json("roster", "candidate", "--out", candidate, **here)["document"]
    signed = run_json(
        "authority", "sign-roster", candidate, "--dir", authority, "--out", roster,
        "--digest", document,
    )  # fmt: skip
    assert (signed["epoch"], signed["centres"], signed["new"]) == (1, 2, [1, 2])
    assert run_json("roster", "install", roster, **here)["digest"] == signed["digest"]

    draft, programme = tmp_path / "draft.json", tmp_path / "programme.json"
    document = run_json("programme", "draft", "--out", draft, "--period", "2024")["document"]
    run_json(
        "authority", "sign-programme", draft, "--dir", authority, "--out", programme,
        "--digest", document,
    )  # fmt: skip
    assert run_json("programme", "install", programme, **here)["version"] == 1

    status = run_json("status", **here)
    assert (status["on_roster"], status["epoch"], status["programme"]) == (2, 1, 1)
    with CoordinatorStore.open(coordinator).begin() as connection:
        held = [centres.latest(connection, kind) for kind in ("roster", "programme")]
    assert [h.peek(k).digest() for h, k in zip(held, (Roster, Programme), strict=True) if h] == [
        signed["digest"], Programme.model_validate_json(draft.read_bytes()).digest(),
    ]  # fmt: skip


def test_the_authority_says_in_dutch_what_it_signed(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    draft, out = tmp_path / "draft.json", tmp_path / "out.json"
    document = run_json("programme", "draft", "--out", draft, "--period", "2024")["document"]
    said = run(
        "authority", "sign-programme", draft, "--dir", folders[0], "--out", out,
        "--digest", document, language="nl",
    )  # fmt: skip
    assert "Hoogstens 67 op 100" in said.out
    assert "Ondertekend: programma werkgeluk-en-loopbaan versie 1 voor Vlaanderen" in said.out


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("pending", "--dir", "{nowhere}"), 4, "holds no coordinator"),
        (("approve", "--all", "--dir", "{here}"), 4, "No centre waits for approval"),
        (("approve", "--dir", "{here}"), 2, "Name the centres to approve"),
        (("approve", "9", "--dir", "{here}"), 2, "Centre 9 does not wait"),
        (("roster", "candidate", "--dir", "{here}", "--out", "{nowhere}"), 4, "No centre is appr"),
        (("roster", "install", "{nowhere}", "--dir", "{here}"), 2, "cannot be read"),
        (("roster", "install", "/etc/hostname", "--dir", "{here}"), 2, "not a document"),
        (("init", "--dir", "{here}", "--authority-key", "ab" * 32), 4, "already holds a coord"),
        (("authority", "init", "--dir", "{authority}"), 3, "nothing was replaced"),
        (("authority", "show-key", "--dir", "{nowhere}"), 2, "no key in"),
        (("programme", "draft", "--out", "{nowhere}", "--period", "soon"), 2, "is a year"),
        (
            ("programme", "draft", "--out", "{nowhere}", "--period", "2024", "--people", "ghosts"),
            2,
            "is one of clients, made-up, public-data",
        ),
        (("frobnicate",), 2, "No such command"),
    ],
)
def test_what_goes_wrong_is_a_sentence_and_a_stable_exit_code(
    folders: tuple[Path, Path], tmp_path: Path, words: tuple[str, ...], code: int, sentence: str
) -> None:
    places = {"nowhere": tmp_path / "nowhere", "here": folders[1], "authority": folders[0]}
    said = run(*(word.format(**places) for word in words))
    assert said.code == code, said.err
    assert sentence in said.err
    assert "Traceback" not in said.err
    assert said.out == ""
    assert not (tmp_path / "nowhere").exists()


def test_a_sealed_authority_key_signs_with_its_passphrase_only(tmp_path: Path) -> None:
    sealed = {"WEGWIJS_AUTHORITY_PASSPHRASE": "correct horse"}
    key = run_json("authority", "init", "--dir", tmp_path / "a", **sealed)["public_key"]
    assert run_json("authority", "show-key", "--dir", tmp_path / "a", **sealed)["public_key"] == key
    assert run("authority", "show-key", "--dir", tmp_path / "a").code == 2


def test_the_service_says_in_its_own_process_that_there_is_nothing_to_serve(tmp_path: Path) -> None:
    said = subprocess.run(
        [COMMAND, "serve", "--dir", tmp_path / "nowhere"], capture_output=True, text=True,
        env={**os.environ, "WEGWIJS_LANG": "en"}, check=False, timeout=60,
    )  # fmt: skip
    assert (said.returncode, said.stdout) == (4, "")
    assert "holds no coordinator" in said.stderr
    assert "Traceback" not in said.stderr
    assert not (tmp_path / "nowhere").exists()
