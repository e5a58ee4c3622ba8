"""Units as types: an integer that means one thing only."""

from typing import Annotated, NewType

from pydantic import Field, StringConstraints

MicroRho = NewType("MicroRho", int)
"""1e-6 of a zCDP rho; an integer, so that a ledger adds up exactly."""

UnixSeconds = NewType("UnixSeconds", int)
"""UTC."""

NodeId = int
"""A centre's place on the roster, 0..65535; never reused."""

DAY = 86_400
"""Seconds."""

Price = Annotated[MicroRho, Field(ge=0, le=10_000_000)]
Moment = Annotated[UnixSeconds, Field(ge=0, lt=2**40)]
CentreId = Annotated[int, Field(ge=0, lt=2**16)]
Generation = Annotated[int, Field(ge=1, lt=2**32)]
"""Of a key card: 1, and after a restore the moment of it in Unix seconds; never goes back."""

RoundNumber = Annotated[int, Field(ge=1, lt=2**63)]
Milli = Annotated[int, Field(ge=-(10**9), le=10**9, description="1/1000 of the unit")]

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256, lower-case hexadecimal."""

PublicKeyHex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""32 raw bytes of an Ed25519 or X25519 public key, lower-case hexadecimal."""

SignatureHex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{128}$")]
HexBytes = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{2})*$", max_length=2**24)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
AskKey = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,62}@(start|intake|end|6m|12m)$")
]
"""`statistic@horizon`."""

CohortText = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}Q[1-4]$")]
