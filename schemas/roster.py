"""The roster: which centres take part, and who witnesses; signed offline by the authority.

A witness is an organisation without client data. It never contributes: it certifies sets and
opens shares. With enough of them they are the committee, in place of the centres themselves.
"""

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


class Witness(Document):
    """One witness. Its id is of the same row as those of centres, and never reused."""

    id: CentreId
    name: Name
    key: PublicKeyHex = Field(description="Ed25519 identity, made on the witness's own server")
    organisation: Organisation


FEWEST_WITNESSES, MOST_WITNESSES = 7, 25
Witnesses = Annotated[tuple[Witness, ...], Field(max_length=MOST_WITNESSES)]
Operator = Annotated[
    Organisation | None, Field(description="who runs the coordinator; none of the witnesses")
]


def check_witnesses(
    centres: Iterable[Centre], witnesses: Iterable[Witness], operator: str | None
) -> None:
    """Raise ValueError unless each witness is of an organisation of its own, which runs neither
    a centre nor the coordinator. Names that look alike are one."""
    taken = {look(centre.organisation) for centre in centres} | {look(operator or "")}
    for count, witness in enumerate(witnesses):
        if operator is None and count == 0:
            raise ValueError("a roster with witnesses says who runs the coordinator")
        if look(witness.organisation) in taken:
            raise ValueError(
                f"witness {witness.id} is of an organisation that runs a centre or the "
                "coordinator, or that has another witness"
            )
        taken.add(look(witness.organisation))


def sizes_of(centres: Iterable[Centre]) -> tuple[int, ...]:
    """How many centres each organisation runs, most first; names that look alike are one."""
    run_by = Counter(look(centre.organisation) for centre in centres)
    return tuple(sorted(run_by.values(), reverse=True))


def sitting_of(witnesses: tuple[Witness, ...]) -> tuple[Witness, ...]:
    """The witnesses that are the committee: all, or none while there are fewer than 7."""
    return witnesses if len(witnesses) >= FEWEST_WITNESSES else ()


class Roster(Document):
    """All centres of one epoch, sorted by id. Rosters form a hash chain."""

    epoch: int = Field(ge=1, lt=2**63)
    previous: Digest | None = Field(description="digest of the roster of the epoch before")
    seed: Digest = Field(description="32 random bytes that draw committees")
    coordinator: PublicKeyHex = Field(description="Ed25519 key that signs rounds")
    valid_from: Moment
    valid_until: Moment
    centres: tuple[Centre, ...] = Field(min_length=1, max_length=2**16)
    operator: Operator = None
    witnesses: Witnesses = ()

    @model_validator(mode="after")
    def _one_id_one_key(self) -> Self:
        ids, witness_ids = list(self.ids), [witness.id for witness in self.witnesses]
        for listed in (ids, witness_ids):
            if listed != sorted(set(listed)):
                raise ValueError("centres, and witnesses, are sorted by id, each id once")
        if set(ids) & set(witness_ids):
            raise ValueError("a centre and a witness have the same id")
        keys = [centre.key for centre in self.centres]
        keys += [witness.key for witness in self.witnesses]
        if len(set(keys)) != len(keys):
            raise ValueError("two centres have the same key, or a witness has that of another")
        if self.coordinator in keys[len(ids) :]:
            raise ValueError("a witness has the coordinator's key")
        check_witnesses(self.centres, self.witnesses, self.operator)
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

    @property
    def listed(self) -> dict[int, str]:
        """Identity keys by id, of all centres and all witnesses, sitting or not."""
        witnesses = {witness.id: witness.key for witness in self.witnesses}
        return {centre.id: centre.key for centre in self.centres} | witnesses

    @property
    def sitting(self) -> tuple[Witness, ...]:
        """The witnesses that are the committee; none while there are fewer than 7 of them."""
        return sitting_of(self.witnesses)

    @property
    def witness_ids(self) -> tuple[int, ...]:
        """Ids of the witnesses that are the committee, ascending."""
        return tuple(witness.id for witness in self.sitting)

    @property
    def identities(self) -> dict[int, str]:
        """Identity keys by id, of everybody who speaks in a round."""
        listed = self.listed
        return {node: listed[node] for node in (*self.ids, *self.witness_ids)}
