"""The signed documents under which rounds run."""

from dataclasses import dataclass
from functools import cached_property

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


def newest(connection: Connection) -> SignedDocuments | None:
    """Return the newest documents, or None before both are installed."""
    roster = centres.latest(connection, "roster")
    programme = centres.latest(connection, "programme")
    return None if roster is None or programme is None else SignedDocuments(roster, programme)


def of_round(connection: Connection, roster: str, programme: str) -> SignedDocuments:
    """Return the documents a round was announced under, by digest. Raises LookupError."""
    return SignedDocuments(
        centres.document_of(connection, "roster", roster),
        centres.document_of(connection, "programme", programme),
    )
