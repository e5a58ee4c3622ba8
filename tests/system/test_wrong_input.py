"""Mistakes that people make, given to the real `wegwijs-node`: a sentence, and nothing changes."""

import json
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from scene import Scene, run, sentence_of
from sqlalchemy import select

from chassis.store import audit_log, settings
from node.store import NodeStore, records, signed_documents
from node.store.tables import batch
from schemas.cohort import Cohort
from schemas.enrolment import Invitation
from schemas.programme import Programme

pytestmark = pytest.mark.system

FIXTURES = Path(__file__).parents[1] / "fixtures" / "intake"
CLIENTS, MAPPING = FIXTURES / "klanten.csv", FIXTURES / "klanten.mapping.json"
HEADER, FIRST, SECOND = CLIENTS.read_text(encoding="utf-8").splitlines()
SETTINGS = ("node", "authority", "url", "ca", "token", "card", "name")


@dataclass
class Store:
    """One centre's folder, and all that it says."""

    folder: Path

    def content(self) -> tuple[Any, ...]:
        with NodeStore.open(self.folder).begin() as connection:
            held = [
                record
                for quarter in (1, 2, 3, 4)
                for record in records.of_cohort(connection, Cohort.parse(f"2025Q{quarter}"))
            ]
            pinned = [settings.get(connection, name) for name in SETTINGS]
            programme = signed_documents.latest(connection, "programme")
            return (
                held,
                connection.execute(select(batch)).all(),
                audit_log.check(connection),
                pinned,
                programme,
            )

    def files(self) -> set[str]:
        """What lies in the folder; SQLite's own files beside the database come and go."""
        return {path.name for path in self.folder.iterdir()} - {"node.db-wal", "node.db-shm"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with two clients in it, which no mistake may touch."""
    folder = tmp_path_factory.mktemp("centre") / "store"
    assert run("wegwijs-node", "init", "--dir", folder).code == 0
    done = run("wegwijs-node", "import", CLIENTS, "--mapping", MAPPING, "--dir", folder)
    assert done.code == 0, done.err
    made = Store(folder)
    assert len(made.content()[0]) == 2
    return made


def _csv(folder: Path, *lines: str) -> Path:
    path = folder / "klanten.csv"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def _half_a_workbook(folder: Path) -> Path:
    book, path = Workbook(write_only=True), folder / "half.xlsx"
    sheet = book.create_sheet("A")
    for line in (HEADER, FIRST, SECOND):
        sheet.append(line.split(";"))
    book.save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def _later(days: int) -> str:
    return (date.today() + timedelta(days=days)).strftime("%d/%m/%Y")  # noqa: DTZ011 - as typed


MISTAKES = {
    "a column that no mapping mentions": (
        lambda folder: _csv(folder, HEADER + ";Schoenmaat", FIRST + ";39"), "Schoenmaat",
    ),
    "a date in the future": (
        lambda folder: _csv(folder, HEADER, FIRST, SECOND.replace("4/11/25", _later(9))),
        "not in the future",
    ),
    "a score of 8 on a scale from 1 to 5": (
        lambda folder: _csv(folder, HEADER, FIRST.replace(";4;ja", ";8;ja")),
        "a score from 1 to 5",
    ),
    "an empty file": (_csv, "is empty"),
    "half a workbook": (_half_a_workbook, "damaged"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_wrong_file_is_refused_in_one_sentence_and_nothing_is_stored(
    store: Store, tmp_path: Path, mistake: str
) -> None:
    make, word = MISTAKES[mistake]
    before, files = store.content(), store.files()
    said = run("wegwijs-node", "import", make(tmp_path), "--mapping", MAPPING,
               "--dir", store.folder)  # fmt: skip
    words = sentence_of(said, 2)
    assert word in words
    assert "Nothing was stored" in words
    assert said.out == ""
    assert (store.content(), store.files()) == (before, files)


def _invitation(scene: Scene, folder: Path, name: str) -> Path:
    path = folder / "invitation.txt"
    scene.region.coordinate(
        "invite", "--name", name, "--organisation", f"{name} vzw", "--number", name,
        "--out", str(path),
    )  # fmt: skip
    return path


def _refused_joining(store: Store, invitation: Path) -> str:
    before, files = store.content(), store.files()
    words = sentence_of(run("wegwijs-node", "join", invitation, "--dir", store.folder), 2)
    assert "Nothing was changed" in words
    assert (store.content(), store.files()) == (before, files)
    return words


def test_a_mistyped_invitation_is_refused(scene: Scene, store: Store, tmp_path: Path) -> None:
    path = _invitation(scene, tmp_path, "Mistyped")
    text = path.read_text()
    path.write_text(text[:200] + ("A" if text[200] != "A" else "B") + text[201:])
    assert "not a whole invitation" in _refused_joining(store, path)


def test_an_expired_invitation_is_refused(scene: Scene, store: Store, tmp_path: Path) -> None:
    path = _invitation(scene, tmp_path, "Expired")
    fresh = Invitation.from_text(path.read_text())
    path.write_text(fresh.model_copy(update={"expires_at": int(time.time()) - 60}).to_text())
    assert "has expired" in _refused_joining(store, path)


def test_a_withdrawn_invitation_is_refused_by_the_region(
    scene: Scene, store: Store, tmp_path: Path
) -> None:
    path = _invitation(scene, tmp_path, "Withdrawn")
    number = Invitation.from_text(path.read_text()).centre
    scene.region.coordinate("revoke", str(number))
    assert "withdrew it" in _refused_joining(store, path)


def test_a_right_invitation_is_taken_by_the_same_store_so_the_refusals_mean_something(
    scene: Scene, store: Store, tmp_path: Path
) -> None:
    path = _invitation(scene, tmp_path, "Right")
    done = run("wegwijs-node", "join", path, "--dir", store.folder)
    assert done.code == 0, done.err


def test_an_expired_programme_is_not_approved_and_the_one_before_stays(
    scene: Scene, tmp_path: Path
) -> None:
    region, centre = scene.region, Store(scene.centre(9).folder)
    before = centre.content()[-1]
    assert before.approved_at is not None
    ends = int(time.time()) + 25
    draft = json.loads((region.root / "programme.json").read_bytes())
    draft |= {"version": 2, "valid_until": ends}
    (tmp_path / "draft.json").write_text(json.dumps(draft))
    signed = tmp_path / "signed.json"
    made = run("wegwijs-coordinator", "authority", "sign-programme", tmp_path / "draft.json",
               "--dir", region.authority, "--out", signed, "--digest",
               Programme.model_validate_json(json.dumps(draft)).digest())  # fmt: skip
    assert made.code == 0, made.err
    region.coordinate("programme", "install", str(signed))
    time.sleep(max(0, ends - time.time()) + 1)
    said = run("wegwijs-node", "approve", "--yes", "--dir", centre.folder)
    words = sentence_of(said, 3)
    assert "The programme has expired. Nothing was approved." in words
    assert centre.content()[-1] == before
