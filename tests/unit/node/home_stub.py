"""The region's side of joining, without a network."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest
from click.testing import Result
from region import NOW
from typer.testing import CliRunner

from node.cli import app
from node.enrolment.coordinator_client import Unreachable
from schemas.enrolment import EnrolStatus
from schemas.signed import Signed

PEM = "-----BEGIN CERTIFICATE-----\n"


@dataclass
class Home:
    """The region's side of the four calls."""

    state: str = "pending"
    roster_paper: Signed | None = None
    programme_paper: Signed | None = None
    away: bool = False
    requests: tuple[Signed, ...] = ()

    def __call__(self, url: str, ca_pem: str) -> Self:
        assert (url, ca_pem) == ("https://wegwijs.example:8443", PEM)
        if self.away:
            raise Unreachable("{url} does not answer. Nothing was lost: try again later.", url=url)
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def enrol(self, request: Signed) -> EnrolStatus:
        self.requests += (request,)
        return EnrolStatus(centre=4, name="Centrum A", state=self.state)  # type: ignore[arg-type]

    def roster(self) -> Signed:
        assert self.roster_paper is not None
        return self.roster_paper

    def programme(self) -> Signed:
        assert self.programme_paper is not None
        return self.programme_paper


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Home:
    made = Home()
    monkeypatch.setenv("WEGWIJS_LANG", "en")
    monkeypatch.setattr("node.enrolment.coordinator_client.EnrolClient", made)
    monkeypatch.setattr("time.time", lambda: float(NOW))
    return made


def run(folder: Path, *words: object) -> Result:
    return CliRunner().invoke(app, [*map(str, words), "--dir", str(folder)])
