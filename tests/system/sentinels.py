"""Unmistakable values planted at one centre, and looking for them in every spelling."""

import base64
import csv
import io
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pandas as pd

from chassis.store import settings
from deploy.demo.files import CentreFiles
from node.enrolment.flower_key import load_key
from node.store import NodeStore, rounds
from node.store.records import of_cohort
from schemas.cohort import Cohort

Sentinels = Mapping[str, bytes]
"""name -> value of at least eight bytes"""


def plant_references(frame: pd.DataFrame, centre: int) -> Sentinels:
    """Give every client and trajectory of a centre a reference of twelve characters."""
    here = frame["centre"] == centre
    planted: dict[str, bytes] = {}
    for column in ("client_ref", "trajectory_ref"):
        new = {old: "K" + secrets.token_hex(6)[1:] for old in frame.loc[here, column].unique()}
        frame.loc[here, column] = frame.loc[here, column].map(new)
        planted |= {f"{column} {old}": value.encode() for old, value in new.items()}
    return planted


def plant_notes(files: CentreFiles) -> Sentinels:
    """Write a note beside every client, in the column that the mapping leaves out."""
    means = json.loads(files.mapping.read_text(encoding="utf-8"))["columns"]
    encoding, separator = "cp1252", ";"
    header, *rows = csv.reader(io.StringIO(files.path.read_text(encoding)), delimiter=separator)
    place = next(header.index(name) for name, what in means.items() if what == {"ignore": True})
    for row in rows:
        row[place] = "moeilijk gesprek " + secrets.token_hex(8)
    with files.path.open("w", encoding=encoding, newline="") as sink:
        csv.writer(sink, delimiter=separator).writerows([header, *rows])
    return {f"note {number}": row[place].encode() for number, row in enumerate(rows)}


def secrets_of(folder: Path) -> Sentinels:
    """What a centre's store holds and nobody may hear: keys, token, link keys, pseudonyms."""
    found = {"store key": (folder / "node.key").read_bytes()}
    with NodeStore.open(folder).begin() as connection:
        for name in ("identity", "kem", "token", "reference_key", "flower"):
            found[name] = settings.get(connection, name) or b""
        links = rounds.links(connection)
        held = [t for q in (1, 2, 3, 4) for t in of_cohort(connection, Cohort.parse(f"2024Q{q}"))]
    number = load_key(found["flower"]).private_numbers().private_value
    found["flower number"] = number.to_bytes(48, "big")
    found |= {f"link {peer}": state.key for peer, state in links.items()}
    for place, one in enumerate(held):
        found |= {f"client {place}": bytes.fromhex(one.client_ref),
                  f"trajectory {place}": bytes.fromhex(one.trajectory_ref)}  # fmt: skip
    assert all(len(value) >= 8 for value in found.values()), [k for k, v in found.items() if not v]
    return found


def spellings(value: bytes) -> Iterator[bytes]:
    """Raw, hexadecimal, and base64 wherever it begins in a longer text."""
    yield value
    yield value.hex().encode()
    yield value.hex().upper().encode()
    for before in range(3):
        text = base64.b64encode(b"\0" * before + value)
        inner = text[-(-8 * before // 6) : 8 * (before + len(value)) // 6]
        yield inner
        yield inner.translate(bytes.maketrans(b"+/", b"-_"))


def found_in(haystack: bytes, sentinels: Sentinels) -> list[str]:
    """Names of the sentinels that stand in these bytes."""
    return [
        name
        for name, value in sentinels.items()
        if any(spelling in haystack for spelling in spellings(value))
    ]


def joined(parts: Iterable[bytes]) -> bytes:
    return b"\0\0\0\0".join(parts)
