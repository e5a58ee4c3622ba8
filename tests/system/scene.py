"""A region of ten centres on real processes, whose nodes are tapped."""

import os
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from relay import Relay
from sentinels import Sentinels, plant_notes, plant_references

from chassis.store import settings
from deploy.demo.clients import generate
from deploy.demo.commands import command
from deploy.demo.files import write_files
from deploy.demo.processes import Service, wait_until
from deploy.demo.region import Centre, Region, Stopwatch
from node.store import NodeStore
from schemas.release import Release
from schemas.signed import Signed

HERE = Path(__file__).parent
YEAR, PLANTED, RELAYED = 2024, 1, 2


@dataclass
class Said:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


def run(*words: str | Path, seconds: float = 120) -> Said:
    """Run one of our commands, in English, to whatever end."""
    done = subprocess.run(
        [Path(sys.executable).parent / words[0], *map(str, words[1:])],
        capture_output=True, text=True, timeout=seconds, check=False,
        env={**os.environ, "WEGWIJS_LANG": "en"},
    )  # fmt: skip
    return Said(done.returncode, done.stdout, done.stderr)


def sentence_of(said: Said, code: int) -> str:
    """Assert a refusal: this code, plain words on stderr, no traceback; return the words."""
    assert said.code == code, said
    assert said.err.strip()
    assert "Traceback" not in said.err + said.out
    assert len(said.err.strip().splitlines()) <= 3
    return said.err.strip()


@dataclass
class Scene:
    """The region, what was planted at its first centre, and where its second is overheard."""

    region: Region
    planted: Sentinels
    relay: Relay
    saved: dict[str, Any] = field(default_factory=dict)

    def centre(self, number: int) -> Centre:
        return self.region.centres[number - 1]

    def store(self, number: int) -> NodeStore:
        return NodeStore.open(self.centre(number).folder)

    def tap(self, number: int) -> Path:
        return self.region.root / "taps" / f"{number:02d}"

    def sent(self, number: int) -> list[bytes]:
        """Every byte this node handed to a socket, by connection."""
        return [path.read_bytes() for path in sorted(self.tap(number).glob("sent-*.bin"))]

    def signal(self, number: int, what: signal.Signals) -> None:
        process = self.centre(number).service._process
        assert process is not None
        process.send_signal(what)

    def hold(self, number: int, step: str) -> None:
        (self.tap(number) / f"hold-{step}").touch()

    def wait_at(self, number: int, step: str, seconds: float = 120) -> None:
        mark = self.tap(number) / f"at-{step}"
        wait_until(f"centre {number} at {step}", mark.exists, seconds=seconds)

    def let_go(self, number: int, step: str) -> None:
        (self.tap(number) / f"hold-{step}").unlink()

    def announce(self) -> int:
        words = ("round", "announce", "--prekeys", "600", "--latest", "3600")
        return int(self.region.coordinate(*words)["round"])

    def fetch(self, name: str) -> Path:
        """Download a release as anyone would."""
        context = ssl.create_default_context(cafile=str(self.region.ca))
        url = f"{self.region.url}/api/v1/releases/{name}"
        answer = httpx.get(url, verify=context, trust_env=False, timeout=60).raise_for_status()
        path = self.region.root / f"{name}.json"
        path.write_bytes(answer.content)
        Signed.from_canonical(answer.content).peek(Release)
        return path

    def ledgers(self) -> dict[int, Any]:
        """Budget and charges of each centre."""
        found = self.region.ledgers()
        return {
            n: {k: one[k] for k in ("budget", "cohorts", "charges")} for n, one in found.items()
        }

    def egress(self, numbers: Iterable[int]) -> dict[int, list[tuple[str, int | None, bytes]]]:
        """(kind, round, bytes) of all that left each of these centres, as its owner saves it."""

        def one(number: int) -> list[tuple[str, int | None, bytes]]:
            folder = self.region.root / f"left-{number}-{threading.get_ident()}"
            listed = self.centre(number).run("egress", "--save", str(folder))["messages"]
            bodies = [path.read_bytes() for path in sorted(folder.glob("*.bin"))]
            return [(m["kind"], m["round"], b) for m, b in zip(listed, bodies, strict=True)]

        wanted = list(numbers)
        with ThreadPoolExecutor(3) as pool:
            return dict(zip(wanted, pool.map(one, wanted), strict=True))


def make_scene(root: Path) -> Scene:
    """Found, enrol, read files and agree; the nodes are started."""
    frame = generate(YEAR, 600)
    planted = dict(plant_references(frame, PLANTED - 1))
    files = write_files(frame, root / "files")
    planted |= plant_notes(files[PLANTED - 1])
    region = Region(root, files, Stopwatch(lambda _: None))
    scene = Scene(region, planted, Relay(region.port))
    for number, centre in enumerate(region.centres, 1):
        scene.tap(number).mkdir(parents=True)
        words = ["python", str(HERE / "tapped_node.py"), str(centre.folder),
                 str(scene.tap(number)), "0.5", "0"]  # fmt: skip
        centre.service = Service(words, root / "logs" / f"node-{number:02d}.log")
    try:
        _populate(scene)
    except BaseException:
        region.stop()
        raise
    return scene


def _populate(scene: Scene) -> None:
    region = scene.region
    region.prepare()
    region.found()
    region.enrol()
    draft = region.root / "programme.json"
    command("wegwijs-coordinator", "programme", "draft", "--out", str(draft), "--period",
            str(YEAR))  # fmt: skip
    region.recognise(draft)
    with scene.store(RELAYED).begin() as connection:
        settings.put(connection, "url", f"https://127.0.0.1:{scene.relay.port}".encode())
    region.start_centres()
