"""The signed documents under which rounds run."""

from dataclasses import dataclass
from functools import cached_property

from coordinator.rounds.refusal import NotReady
from coordinator.store import centres
from coordinator.store.database import Connection
from privacy.secure_sum.parameters import Policy, parameters_of
from schemas.programme import Programme
from schemas.roster import Roster
from schemas.round import Parameters
from schemas.signed import Signed


@dataclass(frozen=True)
class SignedDocuments:
    """The roster and programme in force, with their signatures."""

    signed_roster: Signed
    signed_programme: Signed

    @cached_property
    def roster(self) -> Roster:
        """The roster."""
        return self.signed_roster.document(Roster)

    @cached_property
    def programme(self) -> Programme:
        """The programme."""
        return self.signed_programme.document(Programme)

    def limits(self, active: int) -> Parameters:
        """Committee, thresholds, floor and levels of a round of so many. Raises BadRoster."""
        removing = self.programme.remove_excess
        return parameters_of(self.roster, active, Policy(), remove_excess=removing)


def in_force(connection: Connection) -> SignedDocuments:
    """Return the newest documents, checked at their installation. Raises NotReady."""
    roster, programme = (
        centres.latest(connection, "roster"),
        centres.latest(connection, "programme"),
    )
    if roster is None or programme is None:
        raise NotReady("a signed roster and a signed programme must be installed first")
    return SignedDocuments(roster, programme)


def of_round(connection: Connection, roster: str, programme: str) -> SignedDocuments:
    """Return the documents a round was announced under, by digest. Raises LookupError."""
    return SignedDocuments(
        centres.paper_of(connection, "roster", roster),
        centres.paper_of(connection, "programme", programme),
    )
