"""Files that are whole or not there, and secrets of one owner."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.files import private_folder, write_secret, write_whole
from chassis.named_files import write_pieces


@pytest.fixture(autouse=True)
def _usual_mask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_file_of_pieces_is_written_with_the_size_it_has(tmp_path: Path) -> None:
    target = tmp_path / "new" / "release.json"
    assert write_whole(target, [b"one", b"", b"two"]) == 6
    assert target.read_bytes() == b"onetwo"
    assert [path.name for path in target.parent.iterdir()] == ["release.json"]


def test_what_fails_half_way_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "roster.json"
    target.write_bytes(b"before")

    def pieces() -> Iterator[bytes]:
        yield b"half of"
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_whole(target, pieces())
    assert target.read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["roster.json"]


def test_what_a_killed_process_left_behind_is_in_nobodys_way(tmp_path: Path) -> None:
    target = tmp_path / "roster.json"
    (tmp_path / "roster.json.half").write_bytes(b"half of")
    assert write_whole(target, [b"after"]) == 5
    assert target.read_bytes() == b"after"


@pytest.mark.parametrize(("private", "mode"), [(True, 0o600), (False, 0o644)])
def test_a_private_file_is_private_before_it_has_its_name(
    tmp_path: Path, private: bool, mode: int
) -> None:
    """Also where a half-written file of an earlier try was left behind."""
    half, modes = tmp_path / "invitation.half", []
    half.touch(mode=0o644)

    def pieces() -> Iterator[bytes]:
        modes.append(_mode(half))
        yield b"secret"

    assert write_pieces(tmp_path / "invitation", pieces(), private=private) == 6
    assert modes == [mode]
    assert _mode(tmp_path / "invitation") == mode


def test_a_secret_is_never_written_over(tmp_path: Path) -> None:
    write_secret(tmp_path / "node.key", b"first")
    with pytest.raises(FileExistsError):
        write_secret(tmp_path / "node.key", b"second")
    assert (tmp_path / "node.key").read_bytes() == b"first"
    assert _mode(tmp_path / "node.key") == 0o600


def test_a_folder_that_was_open_is_closed(tmp_path: Path) -> None:
    (tmp_path / "centre").mkdir(mode=0o755)
    private_folder(tmp_path / "centre")
    assert _mode(tmp_path / "centre") == 0o700
