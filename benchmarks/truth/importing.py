"""Twenty centres, each with its own file, mapping and encrypted store, by the product's import."""

import contextlib
import io
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.truth.questions import Counts, Query, declared
from benchmarks.truth.sources import CENTRES, YEAR, Source
from node.admission import charging
from node.admission.check import Standing
from node.commands.importing import import_file
from node.store import NodeStore, budget, records, signed_documents
from privacy.encode.layout import Layout, make_layout
from privacy.encode.vector import encode
from privacy.secure_sum.keys import Identity
from schemas.catalogue.default import NOISE_VARIANCE
from schemas.cohort import Cohort
from schemas.programme import Ask, Period, Programme
from schemas.questionnaire import built_in
from schemas.record import Trajectory
from schemas.roster import Centre, Roster
from schemas.signed import Signed
from schemas.units import MicroRho, UnixSeconds

COHORTS = tuple(str(Cohort(YEAR * 4 + quarter)) for quarter in range(4))
_ALWAYS = UnixSeconds(0), UnixSeconds(2**39)


def programme(source: Source, query: Query, price: int) -> Programme:
    """A programme that spends all of its budget on one question."""
    asked = ((query.statistic, query.horizon), *query.beside)
    each = MicroRho(price // len(asked))
    return Programme(
        id="truth", version=1, region="Vlaanderen", valid_from=_ALWAYS[0], valid_until=_ALWAYS[1],
        budget=MicroRho(price), noise_variance=NOISE_VARIANCE,
        questionnaires=(source.questionnaire or built_in(),),
        statistics=tuple(statistic for statistic, _ in asked),
        asks=tuple(Ask(statistic=s.id, horizon=h, price=each) for s, h in asked),
        periods=(Period(id="year", cohorts=COHORTS, not_before=_ALWAYS[0]),),
    )  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """A centre after its import: its store, and the records that count, as the store gives them."""

    store: NodeStore
    counted: tuple[Sequence[Trajectory], ...] = field(repr=False)

    def vector(self, layout: Layout, asked: Programme) -> NDArray[np.int64]:
        """Its vector before noise, cohort by cohort as a node adds them."""
        found = [encode(cohort, layout, asked) for cohort in self.counted]
        return sum(found, start=np.zeros(layout.length, dtype=np.int64))


def import_all(source: Source, folder: Path) -> list[Kept]:
    """Write the file and the mapping of each centre, and import them with the node's command."""
    return [_centre(source, node, folder / f"{node:02d}") for node in range(CENTRES)]


def _centre(source: Source, node: int, folder: Path) -> Kept:
    folder.mkdir(parents=True)
    file, mapping = folder / "clients.csv", folder / "clients.mapping.json"
    rows = source.clients[source.clients["centre"] == node].drop(columns="centre")
    table = rows.loc[:, rows.notna().any()]
    table.to_csv(file, sep=";", index=False, date_format="%d/%m/%Y", decimal=",")
    document: dict[str, Any] = {
        "version": 1,
        "file": {"nace_revision": "2.1"},
        "columns": {name: {"field": name} for name in table.columns},
    }
    if source.questionnaire is not None:
        document["file"] |= {"questionnaire": source.questionnaire.id}
    mapping.write_text(json.dumps(document), encoding="utf-8")
    store = NodeStore.create(folder / "store")
    here = _join(store, source, node)
    with contextlib.redirect_stdout(io.StringIO()):
        import_file(file, mapping, folder=folder / "store")
    return Kept(store, _counted(store, here))


def _join(store: NodeStore, source: Source, node: int) -> Standing:
    """A roster and a programme whose questionnaire the import reads."""
    key = Identity.new(os.urandom)
    asked = programme(source, Query(declared("coverage", ()), "start", Counts()), 1_000_000)
    listed = Centre(
        id=node, name=f"c{node}", key=key.public_hex, organisation=f"o{node}",
        recognised_number=str(node),
    )  # fmt: skip
    roster = Roster(
        epoch=1, previous=None, seed="00" * 32, coordinator=key.public_hex,
        valid_from=_ALWAYS[0], valid_until=_ALWAYS[1], centres=(listed,),
    )  # fmt: skip
    with store.begin() as connection:
        signed = Signed.seal(asked, key.private)
        signed_documents.keep(
            connection, signed_documents.SignedDocument("programme", 1, asked.digest(), signed, 0)
        )
    return Standing(node, roster, asked)


def _counted(store: NodeStore, here: Standing) -> tuple[Sequence[Trajectory], ...]:
    """Let the node decide who counts, as in a round; then read them as it does, once for all.

    Raises RuntimeError should what is read give another vector than the node's own.
    """
    layout = make_layout(here.programme, [ask.key for ask in here.programme.asks])
    with store.begin() as connection:
        vector = charging.count(connection, here, layout, COHORTS, os.urandom)
        register = budget.register(connection)
        found = tuple(
            [
                record
                for record in records.of_trajectories(
                    connection, [e.trajectory for e in register if e.cohort == cohort]
                )
                if record.consent.counts
            ]
            for cohort in map(Cohort.parse, COHORTS)
        )
    again = Kept(store, found).vector(layout, here.programme)
    if not np.array_equal(vector, again):
        raise RuntimeError("the store gives others than the node counts")
    return found
