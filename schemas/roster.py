"""The roster: which centres take part, signed offline by the authority."""

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.document import Document
from schemas.names import Name, look
from schemas.units import CentreId, Digest, Moment, PublicKeyHex

Organisation = Annotated[Name, Field(max_length=80)]
RecognisedNumber = Annotated[Name, Field(max_length=40)]


class Centre(Document):
    """One recognised centre. Organisation: who runs it; one firm may run several."""

    id: CentreId
    name: Name
    key: PublicKeyHex = Field(description="Ed25519 identity, made on the centre's own server")
    organisation: Organisation
    recognised_number: RecognisedNumber


def sizes_of(centres: Iterable[Centre]) -> tuple[int, ...]:
    """How many centres each organisation runs, most first; names that look alike are one."""
    run_by = Counter(look(centre.organisation) for centre in centres)
    return tuple(sorted(run_by.values(), reverse=True))


class Roster(Document):
    """All centres of one epoch, sorted by id. Rosters form a hash chain."""

    epoch: int = Field(ge=1, lt=2**63)
    previous: Digest | None = Field(description="digest of the roster of the epoch before")
    seed: Digest = Field(description="32 random bytes that draw committees")
    coordinator: PublicKeyHex = Field(description="Ed25519 key that signs rounds")
    valid_from: Moment
    valid_until: Moment
    centres: tuple[Centre, ...] = Field(min_length=1, max_length=2**16)

    @model_validator(mode="after")
    def _one_centre_one_key(self) -> Self:
        ids = [centre.id for centre in self.centres]
        if ids != sorted(set(ids)):
            raise ValueError("centres are sorted by id, each id once")
        if len({centre.key for centre in self.centres}) != len(ids):
            raise ValueError("two centres have the same key")
        if (self.epoch == 1) != (self.previous is None):
            raise ValueError("every roster but the first names the one before")
        return self

    def centre(self, node: int) -> Centre:
        """Return the centre with this id. Raises KeyError."""
        return {centre.id: centre for centre in self.centres}[node]

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many centres each organisation runs, most first; names that look alike are one."""
        return sizes_of(self.centres)

    @property
    def ids(self) -> tuple[int, ...]:
        """Ids of all centres, ascending."""
        return tuple(centre.id for centre in self.centres)
