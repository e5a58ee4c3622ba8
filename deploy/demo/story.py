"""The demo, step by step: ten centres, one round, one release; each step through real commands."""

import json
import ssl
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pandas as pd

from chassis.named_files import write_file
from deploy.demo.check import charged, compare, truth_of
from deploy.demo.clients import generate
from deploy.demo.commands import StepFailed, command, command_json
from deploy.demo.files import write_files
from deploy.demo.region import Centre, Region, Stopwatch
from deploy.demo.sources import ASKED, Source, load
from schemas.release import Release
from schemas.signed import Signed

SEED, YEAR = 2024, 2024
_PREKEYS, _LATEST = 240, 1_800
_BACK = 85.0
"""Seconds for a killed centre to come back: the region refuses it for up to a minute."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to show. `source`: public data instead of synthetic clients; `kill`: centres to kill;
    `witnesses`: how many certify and open in place of the centres.
    """

    root: Path
    source: Source | None = None
    kill: int = 0
    clients: int = 15_000
    pages_port: int | None = None
    witnesses: int = 0


@dataclass
class Outcome:
    """What the demo's JSON file says; see the README."""

    centres: int
    witnesses: int = 0
    in_sum: int = 0
    figures: int = 0
    cells: int = 0
    cells_covered: int = 0
    by_statistic: dict[str, tuple[int, int]] = field(default_factory=dict)
    charged_twice: int = 0
    charged_not_in_sum: int = 0
    killed: list[int] = field(default_factory=list)
    abandoned: bool = False
    release: str | None = None
    authority: str | None = None
    pages: str | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@contextmanager
def told(wish: Wish, watch: Stopwatch) -> Iterator[Outcome]:
    """Run the demo; its processes live inside the block. Raises StepFailed."""
    story = _Story(wish, watch)
    try:
        yield story.tell()
    finally:
        story.region.stop()


class _Story:
    """One demo."""

    def __init__(self, wish: Wish, watch: Stopwatch) -> None:
        self._wish, self._watch = wish, watch
        with watch.step("files", "ten centres have their own files"):
            self._frame = _frame(wish)
            files = write_files(self._frame, wish.root / "files")
        self.region = Region(
            wish.root, files, watch, pages_port=wish.pages_port, witnesses=wish.witnesses
        )
        self.outcome = Outcome(len(files), wish.witnesses, pages=self.region.pages)

    def tell(self) -> Outcome:
        """Run all steps. Raises StepFailed."""
        region, step = self.region, self._watch.step
        with ThreadPoolExecutor(1) as aside:  # a centre's own file needs no region yet
            prepared = aside.submit(region.prepare)
            with step("found", "authority and coordinator founded, coordinator serving"):
                region.found()
            with step("import", "every centre has read its own file meanwhile"):
                prepared.result()
        with step("enrol", "every centre made its keys, joined and waits to be recognised"):
            region.enrol()
            region.start_centres()
        with step("recognise", "roster and programme signed, every centre agreed"):
            region.recognise(self._programme())
        with step("connect", "every centre is connected, a round is announced"):
            number = self._announce()
            region.wait_for(number, f"prekeys={len(region.nodes)}", seconds=_PREKEYS)
        killed = self._kill()
        with step("contribute", f"{len(region.centres) - len(killed)} centres contributed"):
            region.coordinate("round", "open", str(number))
            region.wait_for(number, f"contributions={len(region.centres) - len(killed)}")
        if self._close(number):
            self._check(number, killed)
        else:
            self._give_up(number, killed)
        self.outcome.seconds = dict(self._watch.seconds)
        return self.outcome

    def _programme(self) -> Path:
        draft = self._wish.root / "programme.json"
        people = "public-data" if self._wish.source else "made-up"
        command("wegwijs-coordinator", "programme", "draft", "--out", str(draft), "--period",
                str(YEAR), "--people", people)  # fmt: skip
        return draft

    def _announce(self) -> int:
        asks: Sequence[str] = ASKED[self._wish.source] if self._wish.source else ()
        chosen = [word for ask in asks for word in ("--ask", ask)]
        announced = self.region.coordinate(
            "round", "announce", "--prekeys", str(_PREKEYS), "--latest", str(_LATEST), *chosen
        )
        return int(announced["round"])

    def _kill(self) -> list[Centre]:
        killed = self.region.centres[2::4][: self._wish.kill]
        killed += [c for c in self.region.centres if c not in killed][
            : self._wish.kill - len(killed)
        ]
        for centre in killed:
            centre.service.kill()
        self.outcome.killed = [self.region.id_of(centre) for centre in killed]
        return killed

    def _close(self, number: int) -> bool:
        """Close the round; False when it is refused below its floor."""
        try:
            with self._watch.step("release", "the sum is opened and the release published"):
                self.region.coordinate("round", "close", str(number))
                self.region.wait_for(number, "state=PUBLISHED")
        except StepFailed as refused:
            if self.region.round_status(number)["state"] != "OPEN":
                raise
            self._watch.say(f"         {refused.sentence}")
            return False
        self._watch.total()
        return True

    def _check(self, number: int, killed: list[Centre]) -> None:
        outcome, region = self.outcome, self.region
        with self._watch.step(
            "verify", "anyone can check the release: roster, certificate, figures"
        ):
            path = self._fetch(region.round_status(number)["release"])
            command_json("wegwijs", "verify", str(path), "--authority", region.authority_key)
        release = Signed.from_canonical(path.read_bytes()).peek(Release)
        outcome.release, outcome.in_sum = str(path), len(release.in_sum)
        outcome.authority = region.authority_key
        found = compare(release, truth_of(self._frame, release.in_sum))
        outcome.figures, outcome.cells = found.figures, found.cells
        outcome.cells_covered, outcome.by_statistic = found.cells_covered, dict(found.by_statistic)
        if killed:
            with self._watch.step("after", "the killed centres are back"):
                self._bring_back(killed)
        self._judge(release.in_sum)

    def _judge(self, in_sum: Sequence[int]) -> None:
        found = charged(self.region.ledgers(), in_sum)
        self.outcome.charged_twice, self.outcome.charged_not_in_sum = found.twice, found.not_in_sum

    def _fetch(self, name: str) -> Path:
        """Download the release as anyone would, over the public port."""
        context = ssl.create_default_context(cafile=str(self.region.ca))
        url = f"{self.region.url}/api/v1/releases/{name}"
        answer = httpx.get(url, verify=context, trust_env=False, timeout=30).raise_for_status()
        path = self._wish.root / f"{name}.json"
        path.write_bytes(answer.content)
        return path

    def _bring_back(self, killed: list[Centre]) -> None:
        since = int(time.time())
        for centre in killed:
            centre.service.start()
        self.region.wait_ended(killed, since=since, seconds=_BACK)

    def _give_up(self, number: int, killed: list[Centre]) -> None:
        """Abandon, and see that every ledger is as it was before the round."""
        with self._watch.step("abandon", "the round is given up, every ledger is as before"):
            self.region.coordinate("round", "abandon", str(number))
            self.region.wait_for(number, "state=ABANDONED")
            others = [centre for centre in self.region.centres if centre not in killed]
            self.region.wait_ended(others)
        judged = charged(self.region.ledgers(), ())
        self.outcome.charged_twice, self.outcome.charged_not_in_sum = (
            judged.twice,
            judged.not_in_sum,
        )
        self.outcome.abandoned = True
        self._watch.total()


def _frame(wish: Wish) -> pd.DataFrame:
    return load(wish.source) if wish.source else generate(SEED, wish.clients)


def write_facts(outcome: Outcome, path: Path) -> None:
    """Write the demo's JSON file."""
    write_file(path, (json.dumps(outcome.facts(), indent=1) + "\n").encode())


def wait_for_ever() -> None:
    """Keep the pages up until Ctrl-C."""
    while True:
        time.sleep(3600)
