"""A region on one machine: authority, coordinator and centres, through the commands users have."""

import csv
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from coordinator.carrier.superlink import free_port
from deploy.demo.commands import StepFailed, command, command_json
from deploy.demo.files import CentreFiles
from deploy.demo.processes import Service, wait_until
from schemas.programme import Programme

Say = Callable[[str], None]
_SLOW = 240.0
"""Seconds that a step may take on a machine that is busy with other work."""


@dataclass
class Stopwatch:
    """Seconds of each step, printed as they end."""

    say: Say
    seconds: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)

    @contextmanager
    def step(self, name: str, sentence: str) -> Iterator[None]:
        """Time what happens inside."""
        begin = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - begin, 2)
        self.say(f"{self.seconds[name]:6.1f} s  {sentence}")

    def total(self) -> None:
        """Note the time since the start."""
        self.seconds["total"] = round(time.monotonic() - self.started, 2)


@dataclass
class Node:
    """One node's folder and process: of a centre, or of a witness."""

    folder: Path
    service: Service

    @classmethod
    def below(cls, root: Path, name: str) -> Self:
        """A node of this name that does not run yet."""
        folder = root / name
        words = ["wegwijs-node", "run", "--dir", str(folder), "--poll", "0.8", "--unhurried", "1"]
        return cls(folder, Service(words, root / "logs" / f"{name}.log"))

    def run(self, *words: str) -> Any:
        """Run `wegwijs-node` for this node; returns its JSON."""
        return command_json("wegwijs-node", *words, "--dir", str(self.folder))


@dataclass
class Centre(Node):
    """One centre; `files`: what it imports."""

    files: CentreFiles = field(init=False)


class Region:
    """Folders and processes of one demo, below one directory."""

    def __init__(
        self,
        root: Path,
        centres: Sequence[CentreFiles],
        watch: Stopwatch,
        *,
        pages_port: int | None = None,
        witnesses: int = 0,
    ) -> None:
        self.root, self.watch = root, watch
        self.authority = root / "authority"
        self.coordinator = root / "coordinator"
        self.port = free_port()
        self.pages_port = free_port(pages_port or 0)
        self.authority_key = ""
        (root / "logs").mkdir(parents=True, exist_ok=True)
        self.service = Service(
            ["wegwijs-coordinator", "serve", "--dir", str(self.coordinator),
             "--pages-port", str(self.pages_port)],
            root / "logs" / "coordinator.log",
        )  # fmt: skip
        self.centres = [self._centre(number, files) for number, files in enumerate(centres, 1)]
        self.witnesses = [Node.below(root, f"witness-{k:02d}") for k in range(1, witnesses + 1)]

    def _centre(self, number: int, files: CentreFiles) -> Centre:
        made = Centre.below(self.root, f"centre-{number:02d}")
        made.files = files
        return made

    @property
    def nodes(self) -> list[Node]:
        """Centres, then witnesses."""
        return [*self.centres, *self.witnesses]

    @property
    def url(self) -> str:
        """The public address."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def pages(self) -> str:
        """The pages for a browser on this machine, without TLS."""
        return f"http://127.0.0.1:{self.pages_port}/"

    def id_of(self, centre: Centre) -> int:
        """Its place on the roster: centres are invited in their order."""
        return self.centres.index(centre) + 1

    @property
    def ca(self) -> Path:
        """Certificate of the coordinator's own authority for TLS."""
        return self.coordinator / "tls" / "ca.pem"

    def coordinate(self, *words: str) -> Any:
        """Run `wegwijs-coordinator`; returns its JSON."""
        return command_json("wegwijs-coordinator", *words, "--dir", str(self.coordinator))

    def each_centre(self, act: Callable[[Centre], None]) -> None:
        """Do something for every centre, four at a time; the first failure is raised."""
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(act, self.centres))

    def each_node(self, act: Callable[[Node], None]) -> None:
        """Do something for every node, four at a time; the first failure is raised."""
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(act, self.nodes))

    def found(self) -> None:
        """Make the authority's key and the coordinator, and start its service."""
        self.authority_key = command_json(
            "wegwijs-coordinator", "authority", "init", "--dir", str(self.authority)
        )["public_key"]
        self.coordinate(
            "init", "--authority-key", self.authority_key, "--host", "127.0.0.1", "--port",
            str(self.port),
        )  # fmt: skip
        self.service.start()
        wait_until("the coordinator", self._serving, seconds=_SLOW)

    def _serving(self) -> bool:
        if not self.service.alive:
            raise StepFailed(f"the coordinator ended; see {self.service.log}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def ledgers(self) -> dict[int, Any]:
        """What each centre's ledger says, by place on the roster."""
        with ThreadPoolExecutor(4) as pool:
            found = pool.map(lambda centre: centre.run("ledger"), self.centres)
            return dict(enumerate(found, 1))

    def enrol(self) -> None:
        """Invite every centre, and the witnesses; each makes its keys and joins."""
        invitations = self.invite(
            [(c.files.name, c.files.organisation, c.files.recognised_number) for c in self.centres]
        )
        invitations += self.invite_witnesses(len(self.witnesses))
        for witness in self.witnesses:
            witness.run("init")

        def join(pair: tuple[Node, Path]) -> None:
            node, invitation = pair
            node.run("join", str(invitation))

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(join, zip(self.nodes, invitations, strict=True)))

    def invite_witnesses(self, count: int) -> list[Path]:
        """Invite witnesses, each of its own organisation; returns their invitations' files."""
        files = [self.root / "invitations" / f"witness-{k:02d}.txt" for k in range(1, count + 1)]
        for k, file in enumerate(files, 1):
            self.coordinate("invite-witness", "--name", f"Getuige {k}", "--organisation",
                            f"Getuigenhuis {k}", "--out", str(file))  # fmt: skip
        return files

    def invite(self, guests: Sequence[tuple[str, str, str]]) -> list[Path]:
        """Invite centres (name, organisation, number); returns their invitations' files."""
        listed = self.root / "centres.csv"
        with listed.open("w", encoding="utf-8", newline="") as sink:
            csv.writer(sink).writerows([("name", "organisation", "number"), *guests])
        made = self.coordinate("invite-all", str(listed), "--out", str(self.root / "invitations"))
        return [Path(one["file"]) for one in made["invited"]]

    def prepare(self) -> None:
        """Each centre makes its store and imports its own file with its own mapping."""

        def one(centre: Centre) -> None:
            centre.run("init")
            centre.run("import", str(centre.files.path), "--mapping", str(centre.files.mapping))

        self.each_centre(one)

    def recognise(self, programme: Path) -> None:
        """The coordinator approves, the authority signs, each centre agrees to the programme."""
        self.sign(programme)
        self.each_node(lambda node: node.run("approve", "--yes"))

    def sign(self, programme: Path) -> None:
        """The coordinator approves who waits; the authority signs roster and programme."""
        self.coordinate("approve", "--all")
        signed_documents = self.root / "documents"
        signed_documents.mkdir(exist_ok=True)
        candidate, roster = (
            signed_documents / "roster-candidate.json",
            signed_documents / "roster.json",
        )
        signed = signed_documents / "programme.signed.json"
        proposed = self.coordinate("roster", "candidate", "--out", str(candidate), "--operator",
                                   "Regie van de regio")["document"]  # fmt: skip
        drafted = Programme.model_validate_json(programme.read_bytes()).digest()
        self._sign("sign-roster", candidate, proposed, roster)
        self._sign("sign-programme", programme, drafted, signed)
        self.coordinate("roster", "install", str(roster))
        self.coordinate("programme", "install", str(signed))

    def _sign(self, verb: str, document: Path, digest: str, out: Path) -> None:
        """The authority signs a document that it has read: the one of this digest."""
        command("wegwijs-coordinator", "authority", verb, str(document), "--dir",
                str(self.authority), "--digest", digest, "--out", str(out))  # fmt: skip

    def start_centres(self) -> None:
        """Start the service of each centre and witness."""
        for node in self.nodes:
            node.service.start()

    def stop(self) -> None:
        """End every process this region started."""
        for node in self.nodes:
            node.service.ask_to_stop()
        for node in self.nodes:
            node.service.stop()
        self.service.stop()

    def round_status(self, number: int) -> Any:
        """What the coordinator says of a round."""
        return self.coordinate("round", "status", str(number))

    def wait_ended(
        self, centres: Sequence[Centre], *, since: float = 0.0, seconds: float = _SLOW
    ) -> None:
        """Wait until each of these has heard the end of what it contributed to, and has connected
        since this moment."""

        def heard(centre: Centre) -> bool:
            seen = centre.run("status")
            here = seen["connection"] == "connected" and seen["connection_at"] >= since
            return here and not seen["rounds"].get("sent")

        def all_heard() -> bool:
            with ThreadPoolExecutor(4) as pool:
                return all(pool.map(heard, centres))

        wait_until("the end of a round at its centres", all_heard, seconds=seconds)

    def wait_for(self, number: int, until: str, *, seconds: float = _SLOW) -> Any:
        """Wait until a round has come so far (`prekeys=10`, `state=PUBLISHED`)."""
        words = ("--until", until, "--seconds", str(seconds))
        return self.coordinate("round", "wait", str(number), *words)
