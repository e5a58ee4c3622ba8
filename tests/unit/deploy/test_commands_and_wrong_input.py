"""Every command, with every parameter given wrong: a sentence and a stable code, never data.

The commands and their parameters are read from the programs themselves. A parameter that takes a
value nobody described here fails, so that a new one is given wrong things too.
"""

import io
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
import spoken
import typer
from region import Region, make_region, sample_records
from wrong_things import DATA, lay_wrong_things

from coordinator.authority.signing_history import SigningHistory
from node.store import NodeStore

FIXTURES = next((Path(__file__).parents[2] / "fixtures").glob("*/klanten.csv")).parent
LASTING = {("wegwijs", "demo"), ("wegwijs-node", "run"), ("wegwijs-coordinator", "serve")}
"""Commands that go on until stopped, once all they were given is right."""

READ = {"release", "transcript", "document", "invitation", "--mapping", "--release"}
WRITTEN = {"--out", "--save", "--json", "--markdown"}
FILE = {
    "import": "read", "suggest-mapping": "read", "restore": "read", "invite-all": "read",
    "backup": "written",
}  # fmt: skip
"""What becomes of the argument `file`, by command."""
TEXTS = ("", " ", "\x1b[31m", "\udcff", "x\ny", "a" * 3_000)
WHOLE = ("x", "", "-1", "99999999999999999999", "1.5", "9223372036854775808")
FRACTION = ("nan", "inf", "-1", "x", "1e999")
DATABASES = ("mysql://u:geheim@127.0.0.1/x", "postgresql+psycopg://u:geheim@127.0.0.1:1/x", " ")


@dataclass(frozen=True)
class World:
    """Where everything right and everything wrong lies."""

    root: Path
    region: Region

    def right(self, words: Sequence[str], name: str) -> str:
        """A value that the command can use. Raises KeyError where nobody described one."""
        if name == "--dir":
            return str(self.root / self._folder(words))
        if name == "file":
            held = {"invite-all": self.root / "guests.csv", "backup": self.root / "new.backup"}
            return str(held.get(words[1], FIXTURES / "klanten.csv"))
        key = self.region.authority.public_hex
        return {
            "--mapping": str(FIXTURES / "klanten.mapping.json"), "--out": str(self.root / "out"),
            "--authority": key, "--authority-key": key, "release": str(self.root / "release.json"),
            "transcript": str(self.root / "release.json"), "invitation": "wegwijs1:none",
            "--name": "N", "--organisation": "O", "--number": "9", "centre": "1", "number": "1",
            "document": str(self.root / "release.json"),
            "place": str(self.root / "watched"), "what": "clients",
            "address": f"sqlite:///{self.root / 'clients.db'}",
            "--period": "2024", "days": "5", "--until": "state=PUBLISHED", "percent": "10",
            "--reason": "a reason of one line", "--seconds": "0.01",
        }[name]  # fmt: skip

    def _folder(self, words: Sequence[str]) -> str:
        if words[-1] in ("init", "restore", "demo"):
            return "fresh"
        if words[0] == "wegwijs-node":
            return "region/node-1"
        return "authority" if words[1] == "authority" else "region/coordinator"

    def wrong_files(self) -> list[str]:
        inside = self.root / "wrong"
        names = ("empty", "binary", "another", "truncated", "listed", "typed", "huge", "folder")
        return [
            *(str(inside / name) for name in names), str(inside / "not there"), "/proc/self/mem",
            str(inside / ("x" * 300)), str(inside / "a\x1b[2Jb"), str(inside / "\udcff"), "",
        ]  # fmt: skip

    def wrong_targets(self) -> list[str]:
        inside = self.root / "wrong"
        return [
            str(inside / "empty" / "below"), str(inside / "folder"), str(inside / ("x" * 300)),
            "/proc/nothing/here", "",
        ]  # fmt: skip

    def wrong_folders(self) -> list[str]:
        inside = self.root / "wrong"
        return [
            str(inside / "empty"), str(inside / "empty" / "below"), str(inside / "junk"),
            str(inside / ("x" * 300)), "/proc/nothing",
        ]  # fmt: skip

    def wrong(self, words: Sequence[str], one: click.Parameter) -> Sequence[str]:
        """Values that nobody means."""
        name = name_of(one)
        if name in READ or isinstance(one.type, typer.models.TyperPath):
            return self._wrong_path(words, name)
        if isinstance(one.type, click.types.FloatParamType):
            return FRACTION
        if isinstance(one.type, click.types.IntParamType):
            return WHOLE
        return DATABASES if name in ("--database", "address") else TEXTS

    def _wrong_path(self, words: Sequence[str], name: str) -> Sequence[str]:
        if name == "--dir":
            return self.wrong_folders()
        if name == "place":
            return self.wrong_folders() if words[1] == "watch" else ["/proc/nothing", ""]
        if name in READ or (name == "file" and FILE[words[1]] == "read"):
            read = self.wrong_files()
            if words[1] == "suggest-mapping":  # any text is a table, of one column perhaps
                read = [path for path in read if not path.endswith("/typed")]
            return read
        assert name in WRITTEN or name == "file", f"is {name} of {words} read or written?"
        return self.wrong_targets()


def name_of(one: click.Parameter) -> str:
    return one.opts[0] if isinstance(one, click.Option) else str(one.name)


def commands() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for program, called in spoken.programs().items():
        assert isinstance(called, typer.Typer)
        yield from _below((program,), typer.main.get_command(called))


def _below(
    words: tuple[str, ...], found: click.Command
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if isinstance(found, click.Group):
        for name, inner in found.commands.items():
            yield from _below((*words, name), inner)
    else:
        yield words, found


ALL = list(commands())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A region with a release and a round under way, and a folder of wrong things."""
    root = tmp_path_factory.mktemp("world")
    region = make_region(root / "region", {n: sample_records(n, 6) for n in range(1, 8)})
    number = region.announce()
    region.ticks(3)
    region.ask("open", number)
    region.ticks(2)
    region.ask("close", number)
    region.ticks(5)
    assert region.status(number)["state"] == "PUBLISHED"
    region.announce(("durable_match@6m",))
    region.ticks(2)
    SigningHistory.create(root / "authority", os.urandom)
    (root / "release.json").write_bytes(region.signed_release().canonical())
    (root / "watched").mkdir()
    with sqlite3.connect(root / "clients.db") as database:
        database.execute("CREATE TABLE clients (Klant, Dossier)")
        database.execute("INSERT INTO clients VALUES (?, ?)", (DATA, DATA))
    (root / "guests.csv").write_text("name;organisation;number\nA;Org A;77\n")
    lay_wrong_things(root / "wrong", (root / "release.json").read_bytes())
    return World(root, region)


@pytest.fixture(autouse=True)
def elsewhere(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is written to no name lands nowhere that matters."""
    monkeypatch.chdir(tmp_path)
    yield
    shutil.rmtree(world.root / "fresh", ignore_errors=True)


def spell(words: Sequence[str], given: Mapping[str, str]) -> list[str]:
    """The line as a shell hands it over: options, then arguments."""
    options = [text for name, value in given.items() if name.startswith("--")
               for text in (name, value)]  # fmt: skip
    arguments = [value for name, value in given.items() if not name.startswith("--")]
    return [*words, *options, *(["--", *arguments] if arguments else [])]


def faults(said: spoken.Said) -> list[str]:
    """What is wrong with how a command ended; nothing if it did what was asked."""
    everything = said.out + said.err
    found = [
        "an unstable code" * (said.code not in (0, 2, 3, 4)),
        "a traceback" * ("Traceback" in everything),
        "data" * any(part in everything for part in ("Grietje", "Geheim", "85.07.30", "geheim")),
        "a control character" * ("\x1b" in everything),
        "no sentence" * (said.code != 0 and not said.err.strip().endswith((".", "?", "!"))),
        "an answer" * (said.code != 0 and said.out != ""),
        "a page" * (len(said.err.splitlines()) > 8),
    ]
    return [one for one in found if one]


def held(world: World) -> Any:
    """What the servers know, to see that a refusal changed nothing."""
    with world.region.store.read() as connection:
        coordinator = [
            tuple(row)
            for table in ("setting", "audit", "round", "centre", "invitation", "release")
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}").fetchall()  # noqa: S608
            if connection.exec_driver_sql(
                "SELECT 1 FROM sqlite_master WHERE name = ?", (table,)
            ).first()
        ]
    with NodeStore.open(world.root / "region" / "node-1").begin() as connection:
        node = [tuple(row) for row in connection.exec_driver_sql("SELECT * FROM audit").fetchall()]
    return coordinator, node


@pytest.mark.parametrize(("words", "command"), ALL, ids=[" ".join(words) for words, _ in ALL])
def test_whatever_is_given_wrong_a_command_ends_in_a_sentence(
    world: World, words: tuple[str, ...], command: click.Command
) -> None:
    taken = [one for one in command.params if one.name != "help"]
    given = {
        name_of(one): world.right(words, name_of(one))
        for one in taken
        if one.required or name_of(one) in ("--dir", "--seconds")
    }
    wrong: dict[str, list[str]] = {}
    for one in taken:
        if getattr(one, "is_flag", False):
            continue
        for value in world.wrong(words, one):
            name, before = name_of(one), held(world)
            line = spell(words, {**given, name: value})
            if words in LASTING and name not in ("--dir",) and value in TEXTS:
                continue  # it might be right, and then never end
            said = spoken.run(*line)
            found = faults(said)
            if name in READ | {"file"} and said.code == 0:
                found.append("it was taken for right")
            if said.code != 0 and held(world) != before:
                found.append("something was changed")
            if found:
                wrong[f"{name} {value[-60:]!r}"] = [*found, said.err[-200:]]
    assert wrong == {}


@pytest.mark.parametrize(("words", "command"), ALL, ids=[" ".join(words) for words, _ in ALL])
def test_a_command_without_what_it_needs_says_so(
    world: World, words: tuple[str, ...], command: click.Command
) -> None:
    if any(one.required for one in command.params):
        said = spoken.run(*words)
        assert said.code == 2
        assert faults(said) == []
        assert "Missing" in said.err


@pytest.mark.parametrize("name", ["withdraw", "erase", "approve", "restore"])
def test_bytes_that_are_no_text_are_no_answer(world: World, name: str) -> None:
    folder = world.root / ("fresh" if name == "restore" else "region/node-1")
    words = ["wegwijs-node", name, "--dir", folder]
    words += [FIXTURES / "klanten.csv"] if name == "restore" else []
    said = spoken.run(*words, stdin=b"\xff\xfe" + DATA.encode() + b"\n")
    assert said.code in (2, 3, 4), said
    assert faults(said) == []


def test_every_command_is_there_and_some_read_files_write_files_or_take_numbers() -> None:
    assert len(ALL) > 45
    names = {name_of(one) for _, command in ALL for one in command.params}
    assert {"--dir", "file", "number", "--out", "--mapping", "release", "--seconds"} <= names


def test_what_is_written_to_a_device_leaves_it_a_device(world: World, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    said = spoken.run(
        "wegwijs-coordinator", "programme", "draft", "--period", "2024", "--out", pipe
    )
    body = b"".join(iter(lambda: _read(reader), b""))
    os.close(reader)
    assert said.code == 0, said.err
    assert pipe.is_fifo()
    assert json.loads(body)["version"] == 1


def _read(reader: int) -> bytes:
    return os.read(reader, io.DEFAULT_BUFFER_SIZE)
