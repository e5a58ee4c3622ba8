"""The signed papers under which rounds run."""

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
class Papers:
    """The roster and programme in force, with their signatures."""

    signed_roster: Signed
    signed_programme: Signed

    @cached_property
    def roster(self) -> Roster:
        """The roster."""
        return self.signed_roster.paper(Roster)

    @cached_property
    def programme(self) -> Programme:
        """The programme."""
        return self.signed_programme.paper(Programme)

    def limits(self, active: int) -> Parameters:
        """Committee, thresholds, floor and levels of a round of so many. Raises BadRoster."""
        removing = self.programme.remove_excess
        return parameters_of(self.roster, active, Policy(), remove_excess=removing)


def in_force(connection: Connection) -> Papers:
    """Return the newest papers; their signatures were checked at installation. Raises NotReady."""
    roster, programme = (
        centres.latest(connection, "roster"),
        centres.latest(connection, "programme"),
    )
    if roster is None or programme is None:
        raise NotReady("a signed roster and a signed programme must be installed first")
    return Papers(roster, programme)


def of_round(connection: Connection, roster: str, programme: str) -> Papers:
    """Return the papers a round was announced under, by digest. Raises LookupError."""
    return Papers(
        centres.paper_of(connection, "roster", roster),
        centres.paper_of(connection, "programme", programme),
    )
