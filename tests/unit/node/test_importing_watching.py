"""A watched folder: what is put there is imported once it is whole, and told beside it."""

import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from threading import Event, Thread

import pytest
from importing_files import FOUR, mapping, run, stored

from chassis.texts import Texts
from node.importing.watching import Watcher, keep_looking
from node.store import NodeStore

HEADER = "Klant;Dossier;Start;Status\n"
NOW = datetime.fromisoformat("2026-11-24T10:00:00+01:00")
ENGLISH = Texts("en", {})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A centre's store that watches the folder `in` beside it."""
    monkeypatch.setenv("WEGWIJS_LANG", "en")
    where = tmp_path / "centre"
    assert run(where, "init").exit_code == 0
    (tmp_path / "in").mkdir()
    described = mapping(tmp_path / "m.json", FOUR)
    done = run(where, "watch", tmp_path / "in", "--mapping", described)
    assert done.exit_code == 0, done.stderr
    described.unlink()  # the store remembers it
    return where


def watcher(folder: Path) -> Watcher:
    return Watcher(NodeStore.open(folder), ENGLISH, lambda: NOW, os.urandom)


def test_a_whole_file_is_imported_and_moves_to_done_with_a_sentence(folder: Path) -> None:
    place = folder.parent / "in"
    (place / "a.csv").write_text(HEADER + "1;a;1/9/2024;lopend\n", encoding="utf-8")
    look = watcher(folder).look
    assert look() == []  # seen once: it may still be growing
    assert [(one.file, one.where) for one in look()] == [("a.csv", "done")]
    assert [one.started_on for one in stored(folder)] == [date(2024, 9, 1)]
    assert not (place / "a.csv").exists()
    beside = (place / "done" / "a.csv.txt").read_text(encoding="utf-8")
    assert "1 new, 0 changed" in beside
    assert look() == []


def test_a_file_that_grows_is_left_until_it_is_whole(folder: Path) -> None:
    file = folder.parent / "in" / "a.csv"
    look = watcher(folder).look
    for row in range(3):
        with file.open("a", encoding="utf-8") as sink:
            sink.write(HEADER if row == 0 else f"{row};d{row};{row}/9/2024;lopend\n")
        assert look() == []
    assert [one.where for one in look()] == ["done"]
    assert len(stored(folder)) == 2


def test_a_refused_file_moves_to_refused_and_the_sentence_names_cells_not_values(
    folder: Path,
) -> None:
    place = folder.parent / "in"
    (place / "a.csv").write_text(HEADER + "1;a;GEHEIM;lopend\n", encoding="utf-8")
    look = watcher(folder).look
    look()
    assert [one.where for one in look()] == ["refused"]
    beside = (place / "refused" / "a.csv.txt").read_text(encoding="utf-8")
    assert "row 2, Start; expected: a date" in beside
    assert "GEHEIM" not in beside
    assert stored(folder) == []


def test_an_earlier_file_of_the_same_name_stays(folder: Path) -> None:
    place = folder.parent / "in"
    look = watcher(folder).look
    for row in (1, 2):
        (place / "a.csv").write_text(f"{HEADER}{row};d{row};1/9/2024;lopend\n", encoding="utf-8")
        look()
        look()
    assert sorted(one.name for one in (place / "done").glob("*.csv")) == ["a (2).csv", "a.csv"]


@pytest.mark.parametrize("name", [".a.csv", "~$a.xlsx", "a.csv.part", "a.xlsx.crdownload"])
def test_what_a_program_is_still_writing_is_no_file_to_import(folder: Path, name: str) -> None:
    (folder.parent / "in" / name).write_text(HEADER, encoding="utf-8")
    look = watcher(folder).look
    look()
    assert look() == []


def test_a_link_is_not_followed(folder: Path) -> None:
    real = folder.parent / "elsewhere.csv"
    real.write_text(HEADER + "1;a;1/9/2024;lopend\n", encoding="utf-8")
    (folder.parent / "in" / "a.csv").symlink_to(real)
    look = watcher(folder).look
    look()
    assert look() == []
    assert stored(folder) == []


def test_the_command_looks_and_says_what_became_of_each_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder.parent / "in" / "a.csv").write_text(HEADER + "1;a;1/9/2024;x\n", encoding="utf-8")
    monkeypatch.setattr("time.sleep", lambda _: None)
    done = run(folder, "import-watched")
    assert "a.csv -> refused" in done.stdout
    assert "Nothing new" in run(folder, "import-watched").stdout


def test_a_folder_can_be_left_again(folder: Path) -> None:
    place = folder.parent / "in"
    assert run(folder, "unwatch", place).exit_code == 0
    assert "No folder is watched" in run(folder, "watched").stdout
    assert run(folder, "unwatch", place).exit_code == 4


def test_a_folder_that_is_gone_stops_nothing(folder: Path) -> None:
    place = folder.parent / "in"
    place.rename(folder.parent / "away")
    look = watcher(folder).look
    assert (look(), look()) == ([], [])


def test_the_service_looks_again_after_a_look_that_failed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.importing.watching._LOOK_EVERY", 0.01)
    looks, stop = [], Event()

    def failing(look: Callable[[], object]) -> Callable[[], object]:
        def one() -> object:
            looks.append(1)
            if len(looks) == 1:
                raise OSError("a drive that is away")
            stop.set()
            return look()

        return one

    one = watcher(folder)
    monkeypatch.setattr(one, "look", failing(one.look))
    thread = Thread(target=keep_looking, args=(one, stop))
    thread.start()
    thread.join(10)
    assert (thread.is_alive(), len(looks)) == (False, 2)
